//! The replay harness: a script of gestures, the driver that plays it, what was measured, and whether that holds.

pub mod compare;
pub mod driver;
mod figure;
mod recording;
pub mod report;
pub mod script;
mod step;
mod summary;
pub mod table;
pub mod thresholds;

pub use driver::{Act, Driver};
pub use recording::Recording;
pub use report::Report;
pub use script::{Script, ScriptError};
pub use step::{Direction, KeyName, Step};
pub use thresholds::Thresholds;
