//! The disk cache itself: its folder, its index, the entries in it, and what can be asked of it from outside.

pub(in crate::cache) mod pin;
pub(in crate::cache) mod record;
pub(in crate::cache) mod store;

mod admin;
mod answers;
mod books;
mod clock;
mod folder;
mod index;
mod layout;
mod open;
#[cfg(test)]
mod store_tests;

pub use admin::{Cleared, DiskCache, DiskError, Reply, Request, Row, Stats, Verified};
pub use open::DiskOptions;
