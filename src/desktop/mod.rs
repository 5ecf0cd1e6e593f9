//! What the desktop tells of power, the network and memory: D-Bus services and `/proc`, watched from the `io` threads.
//!
//! Nothing is decided here: [`crate::preload::plan`] does that. Who is not there, or says what makes no sense, has
//! told nothing, and what nobody tells forbids nothing.

mod bus;
mod memory;
mod network;
mod places;
mod power;
mod told;
mod watch;

pub use bus::look;
pub use memory::memory;
pub use places::Buses;
pub use told::{Properties, Teller, Told, Value};
pub use watch::spawn;
