//! The whole state of the client and the one function that changes it. Pure: no display, no clock, no I/O.

mod care;
mod event;
mod figures;
mod flags;
mod input;
mod look;
mod mark;
mod model;
mod monitor;
mod offline;
mod overlay;
mod preferences;
mod readying;
mod retry;
mod sheet;
mod snapshot;
mod standing;
mod tile;
mod times;
mod update;
mod usage;

#[cfg(test)]
mod care_tests;
#[cfg(test)]
mod offline_tests;
#[cfg(test)]
mod overlay_tests;
#[cfg(test)]
mod readying_tests;
#[cfg(test)]
mod retrying_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod usage_tests;

pub use event::{Effect, Event, Intent, Key, Painted};
pub use figures::{Class, Figures, FrameShape, Loads, SwipeShape};
pub use flags::{Decision, Flag, Flags, Rollout, Served, Session, Teller, Why, is_in, keeps_crashing};
pub use mark::Mark;
pub use model::{Model, Options, Toast};
pub use monitor::Monitor;
pub use overlay::OverlayPage;
pub use preferences::{AtEnd, Fit, KeyPreset, Preferences, Sound};
pub use readying::Preloading;
pub use sheet::Sheet;
pub use snapshot::Outside;
pub use tile::{Phase, Tile, TileState};
pub use times::Times;
pub use update::update;
