//! The replay harness: a script of gestures, the driver that plays it, what was measured, and whether that holds.

pub mod driver;
pub mod process;
pub mod report;
pub mod script;
pub mod standing;
mod step;
mod summary;
pub mod thresholds;

pub use driver::{Act, Driver};
pub use process::{ProcessFigures, ProcessSampler};
pub use report::Report;
pub use script::{Script, ScriptError};
pub use standing::Standing;
pub use step::{Direction, KeyName, Step};
pub use thresholds::Thresholds;
