//! Addresses of media that prove the right to read it: signed once for many, renewed before they expire, forgotten when
//! credentials are rotated.
//!
//! Pages hold addresses of this server; signed ones are put in when a page is served (`pages`).

mod cache;
mod cloudfront;
mod cookies;
mod entry;
mod keys;
mod options;
mod origins;
pub(super) mod pages;
mod s3;
mod shared;
mod signer;
mod stats;
mod upload;

pub use cache::{Presigner, Wanted};
pub use cloudfront::{CdnProblem, CloudFront};
pub use entry::{Entry, LIFETIME, Standing, ms};
pub use keys::Place;
pub use options::{CdnOptions, PresignOptions};
pub use origins::{Origins, PROBE};
pub use rusty_s3::Credentials;
pub use s3::{BucketProblem, S3, Style};
pub use signer::{Clock, Later, SignError, Signed, Signer, SystemClock};
pub use stats::{Figures, Stats};
pub use upload::{Uploaded, upload};

pub(super) use options::Presign;

use std::sync::Arc;

use super::ServerError;
use super::redis::Redis;

/// Makes all replicas that share the Redis at `address` forget their signed addresses: to be called when credentials were
/// rotated. Returns how many were forgotten.
///
/// # Errors
/// [`ServerError::Redis`] when it cannot be reached.
pub async fn flush(address: &str) -> Result<u64, ServerError> {
    let redis = Redis::start(address)?;
    let flushed = shared::Shared(redis).flush().await;
    flushed.map(|(_, cleared)| cleared).map_err(|err| ServerError::Redis(err.to_string()))
}

/// Addresses of one signer, shared with the replicas at the Redis of `address`. For tests and tools; a service shares its
/// own connection. Must be called within a runtime.
///
/// # Errors
/// [`ServerError::Redis`] when that is no address of one.
pub fn share(presigner: Presigner, address: &str) -> Result<Arc<Presigner>, ServerError> {
    Ok(presigner.shared(Redis::start(address)?))
}
