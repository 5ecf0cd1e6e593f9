//! What the desktop tells, by real messages over a real bus from services that are made up.

mod activation;
mod bright;
#[cfg(feature = "client")]
mod doctor;
mod network;
mod power;
mod rig;
mod services;
mod session;
mod settings;
