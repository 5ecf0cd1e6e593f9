//! Integration tests, one binary; each module is a theme.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[cfg(feature = "net")]
mod cache;
#[cfg(all(feature = "client", feature = "server"))]
mod captions;
#[cfg(feature = "client")]
mod cli;
#[cfg(all(feature = "desktop", target_os = "linux"))]
mod desktop;
#[cfg(all(feature = "client", feature = "server", target_os = "linux"))]
mod endurance;
#[cfg(all(feature = "export", feature = "net", target_os = "linux"))]
mod export;
#[cfg(all(feature = "net", feature = "server"))]
mod faults;
#[cfg(all(feature = "client", feature = "server", target_os = "linux"))]
mod flags;
#[cfg(feature = "ui")]
mod gestures;
#[cfg(all(feature = "client", feature = "server"))]
mod hands;
#[cfg(all(feature = "client", feature = "server", target_os = "linux"))]
mod hardship;
#[cfg(all(feature = "client", feature = "server", target_os = "linux"))]
mod kept;
#[cfg(feature = "net")]
mod live;
#[cfg(feature = "client")]
mod opening;
#[cfg(target_os = "linux")]
mod packaging;
#[cfg(feature = "player")]
mod player;
#[cfg(feature = "net")]
mod policy;
#[cfg(all(feature = "client", feature = "server"))]
mod report;
#[cfg(all(feature = "net", feature = "server"))]
mod server;
#[cfg(feature = "server")]
mod service;
#[cfg(feature = "net")]
mod shelf;
#[cfg(all(feature = "net", feature = "server"))]
mod source;
#[cfg(feature = "net")]
mod support;
#[cfg(feature = "client")]
mod tiles;
#[cfg(all(feature = "client", feature = "server"))]
mod traces;
#[cfg(all(feature = "client", feature = "server"))]
mod window;
