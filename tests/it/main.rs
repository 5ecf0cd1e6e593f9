//! Integration tests, one binary; each module is a theme.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[cfg(feature = "client")]
mod cli;
#[cfg(all(feature = "net", feature = "server"))]
mod server;
#[cfg(all(feature = "net", feature = "server"))]
mod source;
#[cfg(feature = "net")]
mod cache;
#[cfg(feature = "net")]
mod support;
