//! What is painted: the feed, its tiles, the controls, the performance overlay. Reads the model, returns
//! events; changes nothing by itself.

mod bidi;
#[cfg(test)]
mod black_tests;
mod captions;
mod chrome;
#[cfg(test)]
mod contrast_tests;
mod echo;
mod feed_view;
mod focus;
mod handed;
mod heart;
mod icons;
mod input;
mod keymap;
mod marks;
mod news;
mod overlay;
mod previews;
mod sheets;
mod spoken;
mod surface;
mod text;
pub mod theme;
mod tile;
mod way_back;
mod wheel;
mod widgets;

pub use echo::Echo;
pub use feed_view::{FeedView, Pictures, Shown};
pub use focus::show_focus;
pub use handed::{drop_veil, handed_events};
pub use input::{key_and_wheel_events, pointer_events};
pub use overlay::{Facts, Overlay};
pub use sheets::show as show_sheet;
pub use surface::{OnDone, Surfaces, frame_done_shape};
