//! What the disk cache promises, measured from outside on the real program: how much it takes on disk while it
//! is used and while it is killed, that no wrong byte comes out of it, and that nothing is fetched twice.
//!
//! Each promise has a small test that always runs and one of full size for a person to start: see
//! `docs/PERFORMANCE.md`. All of them fail as well when what they measure did not happen.

mod again;
mod bytes;
pub mod corpus;
mod disk;
mod kills;
mod soak;

use std::path::Path;

use crate::support::desktop::text;

/// The bound of the disk cache that nothing may pass, in bytes.
const CAP: u64 = 104_857_600;
const MIB: u64 = 1024 * 1024;

/// The arguments of a replay in a window of the usual size.
fn replay<'a>(script: &'a str, feed: &'a str, cache: &'a Path, size: &'a str) -> Vec<&'a str> {
    vec!["replay", script, feed, "--window", "450x800", "--mute", "--cache-dir", text(cache), "--cache-size", size]
}

/// A report that a replay has written.
fn report(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A number in a report.
fn number(report: &serde_json::Value, section: &str, name: &str) -> u64 {
    report[section][name].as_u64().unwrap_or_else(|| panic!("{section}.{name} in {report:#}"))
}
