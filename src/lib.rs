//! Flickreel: a native desktop client for vertical video feeds.
//!
//! The rooms of the house; `docs/ARCHITECTURE.md` says who may import whom, and `tests/tidy.rs` checks it.

pub mod app;
pub mod cache;
pub mod captions;
pub mod feed;
pub mod gesture;
pub mod metrics;
pub mod player;
pub mod preload;
pub mod words;

#[cfg(feature = "desktop")]
pub mod desktop;

#[cfg(feature = "export")]
pub mod export;

#[cfg(feature = "net")]
pub mod source;

#[cfg(feature = "ui")]
pub mod ui;

#[cfg(feature = "client")]
pub mod cli;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
pub mod replay;
#[cfg(feature = "client")]
pub mod shell;

#[cfg(feature = "server")]
pub mod server;
