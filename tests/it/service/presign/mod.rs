//! Signed addresses: with a bucket that checks them, with Redis, with a signer and a clock of the tests' own.

mod cache;
mod cloudfront;
mod programs;
#[cfg(feature = "net")]
mod renewal;
mod rig;
mod s3;
mod shared;
