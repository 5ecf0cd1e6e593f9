//! What each item near the current one should be ready for, and the workers that fetch ahead.

pub mod plan;

#[cfg(feature = "net")]
pub mod captions;
#[cfg(feature = "net")]
mod decode;
#[cfg(feature = "net")]
pub mod posters;
#[cfg(feature = "net")]
mod small;
#[cfg(feature = "net")]
pub mod stock;
#[cfg(feature = "net")]
pub mod worker;

#[cfg(feature = "net")]
pub use decode::Poster;
