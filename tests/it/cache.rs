//! The byte cache: real files in a temporary folder, a server on loopback.

mod disk;
mod kill;
mod reading;
mod rig;
mod servers;
mod worker;
