//! The byte cache: real files in a temporary folder, a server on loopback.

mod captions;
#[cfg(feature = "client")]
mod command;
mod control;
mod disk;
#[cfg(target_os = "linux")]
mod faults;
mod maps;
mod posters;
mod reading;
pub mod rig;
mod servers;
mod stock;
mod turns;
mod worker;
