//! What is painted: the feed, its tiles, the controls, the performance overlay. Reads the model, returns
//! events; changes nothing by itself.

#[cfg(test)]
mod black_tests;
mod chrome;
mod echo;
mod feed_view;
mod icons;
mod input;
mod keymap;
mod marks;
mod overlay;
mod sheets;
mod surface;
mod text;
pub mod theme;
mod tile;

pub use echo::Echo;
pub use feed_view::{FeedView, Pictures, Shown};
pub use input::{key_and_wheel_events, pointer_events};
pub use overlay::{Facts, Overlay};
pub use sheets::show as show_sheet;
pub use surface::{OnDone, Surfaces, frame_done_shape};
