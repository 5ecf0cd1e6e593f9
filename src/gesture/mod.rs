//! From raw input to gestures: pointer to drag, fling and tap; wheel and touchpad to steps; the motion that
//! follows. Pure: times are passed in, lengths are in points.

mod motion;
mod pointer;
mod repeat;
mod wheel;

pub use motion::{Decision, Motion};
pub use pointer::{Pointer, PointerGesture, Position};
pub use repeat::KeyRepeat;
pub use wheel::{Wheel, WheelDelta};
