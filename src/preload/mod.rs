//! What each item near the current one should be ready for, and the worker that fetches ahead.

pub mod plan;

#[cfg(feature = "net")]
pub mod worker;
