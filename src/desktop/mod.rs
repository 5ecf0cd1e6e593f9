//! What the desktop tells of power, the network, memory, who may look and how it wants to look: D-Bus services and
//! `/proc`, watched from the `io` threads. And the one thing that it is told: that a screen is to stay bright.
//!
//! Nothing is decided here: [`crate::preload::plan`] and [`crate::app`] do that. Who is not there, or says what makes no sense, has
//! told nothing, and what nobody tells forbids nothing.

mod bright;
mod bus;
mod memory;
mod network;
mod places;
mod power;
mod session;
mod settings;
mod told;
mod watch;

pub use bright::keep_bright;
pub use bus::look;
pub use memory::memory;
pub use places::Buses;
pub use told::{Properties, Teller, Told, Value};
pub use watch::{News, spawn};
