//! The disk cache itself: its folder, its index, the entries in it, and what can be asked of it from outside.

pub(in crate::cache) mod pin;
pub(in crate::cache) mod record;
pub(in crate::cache) mod store;

mod admin;
mod answers;
mod books;
mod clock;
mod folder;
#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod gauge_tests;
mod index;
mod layout;
mod open;
#[cfg(test)]
#[cfg(feature = "shuttle")]
mod shuttle_tests;
// Not where a scheduler has the locks: those work in its own tests alone.
#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod store_tests;
mod sync;

pub use admin::{Cleared, DiskCache, DiskError, Reply, Request, Row, Stats, Verified};
pub use open::DiskOptions;
