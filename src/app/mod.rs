//! The whole state of the client and the one function that changes it. Pure: no display, no clock, no I/O.

mod ahead;
mod appearance;
mod around;
mod captions;
mod care;
mod controls;
mod desk;
mod event;
mod figures;
mod flags;
mod heart;
mod input;
mod kept;
mod keys;
mod language;
mod look;
mod mark;
mod model;
mod monitor;
mod news;
mod offline;
mod opening;
mod overlay;
mod playing;
mod preferences;
mod readying;
mod resume;
mod retry;
mod settings;
mod sheet;
mod slow;
mod snapshot;
mod standing;
mod tile;
mod times;
mod update;
mod usage;
mod warned;
mod watched;

#[cfg(test)]
mod ahead_tests;
#[cfg(test)]
mod around_tests;
#[cfg(test)]
mod captions_tests;
#[cfg(test)]
mod care_tests;
#[cfg(test)]
mod controls_tests;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod offline_tests;
#[cfg(test)]
mod opening_tests;
#[cfg(test)]
mod overlay_tests;
#[cfg(test)]
mod playing_tests;
#[cfg(test)]
mod readying_tests;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod retrying_tests;
#[cfg(test)]
mod slow_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod usage_tests;

pub use around::{DesktopSettings, Presence};
pub use desk::{Answer, CacheFacts, Clearing, Desk, Page, Question, Surroundings, Wish};
pub use event::{Effect, Event, Intent, Key, Painted};
pub use figures::{Class, Figures, FrameShape, Loads, SwipeShape};
pub use flags::{Decision, Flag, Flags, Rollout, Served, Session, Teller, Why, is_in, keeps_crashing};
pub use heart::Heart;
pub use kept::{Fact, Keep, Place, Remembered};
pub use keys::{Chord, KeyWords, Keymap, Keymaps, nearest, preset_named};
pub use mark::Mark;
pub use model::{Model, Options, Toast};
pub use monitor::Monitor;
pub use news::News;
pub use opening::SourceName;
pub use overlay::OverlayPage;
pub use preferences::{AtEnd, FilterList, FilterWords, Fit, KeyPreset, Preferences, Sound};
pub use readying::Preloading;
pub use settings::{Fixer, Knob, Setting, TEXT_SCALES};
pub use sheet::Sheet;
pub use slow::{Cause, why_slow};
pub use snapshot::Outside;
pub use tile::{Phase, Tile, TileState};
pub use times::Times;
pub use update::update;
