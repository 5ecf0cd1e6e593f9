//! The disk cache itself: its folder, its index, the entries in it, and what can be asked of it from outside.

pub(in crate::cache) mod index;
pub(in crate::cache) mod pin;
pub(in crate::cache) mod store;

mod admin;
mod folder;

pub use admin::{Cleared, DiskCache, DiskError, Reply, Request, Row, Stats, Verified};
