//! The whole state of the client and the one function that changes it. Pure: no display, no clock, no I/O.

mod event;
mod figures;
mod input;
mod model;
mod tile;
mod update;

#[cfg(test)]
mod tests;

pub use event::{Effect, Event, Intent, Key, Painted};
pub use figures::{Class, Figures, FrameShape};
pub use model::{Model, Options, Sound, Toast};
pub use tile::{Phase, Tile, TileState};
pub use update::update;
