//! Bytes of media: the disk range cache, and the port through which a player reads.

mod bytes_port;
pub mod ledger;
#[cfg(test)]
mod ledger_tests;

#[cfg(feature = "net")]
mod blobs;
#[cfg(feature = "net")]
mod blocks;
#[cfg(feature = "net")]
mod context;
#[cfg(feature = "net")]
pub mod control;
#[cfg(feature = "net")]
mod demand;
#[cfg(feature = "net")]
mod disk;
#[cfg(feature = "net")]
mod download;
#[cfg(feature = "net")]
mod entry;
#[cfg(feature = "net")]
mod error;
#[cfg(feature = "net")]
mod gate;
#[cfg(feature = "net")]
mod held;
#[cfg(feature = "net")]
mod hot;
#[cfg(feature = "net")]
mod key;
#[cfg(feature = "net")]
mod local;
#[cfg(feature = "net")]
mod meter;
#[cfg(feature = "net")]
mod opener;
#[cfg(feature = "net")]
mod patience;
#[cfg(feature = "net")]
mod reader;
#[cfg(feature = "net")]
mod renewal;
#[cfg(feature = "net")]
mod response;
#[cfg(feature = "net")]
mod shared;
#[cfg(feature = "net")]
mod sizes;
#[cfg(feature = "net")]
mod state;
#[cfg(feature = "net")]
mod tail;
#[cfg(feature = "net")]
mod traffic;
#[cfg(feature = "net")]
mod upkeep;
#[cfg(feature = "net")]
mod usage;
#[cfg(feature = "net")]
mod validator;

#[cfg(feature = "net")]
pub use blobs::{BLOB_BYTES_MAX, BlobKind, Blobs};
pub use bytes_port::{ByteReader, Demand, MediaOpener, OpenDone, OpenTicket, Opened, ReadError};
#[cfg(feature = "net")]
pub use context::Timeouts;
#[cfg(all(fuzzing, feature = "net"))]
#[doc(hidden)]
pub use disk::fuzzing;
#[cfg(feature = "net")]
pub use disk::{Cleared, DiskCache, DiskError, DiskOptions, Reply, Request, Row, Stats, Verified};
#[cfg(feature = "net")]
pub use key::CacheKey;
#[cfg(feature = "net")]
pub use opener::{Availability, CacheOptions, DEFAULT_MAX_AGE, Opener};
#[cfg(feature = "net")]
pub use renewal::Renewer;
