//! What is said for a moment, wherever it comes from.

use std::fmt::Display;

/// What is heard from now on.
pub const SOUND_OFF: &str = "Sound off";
/// What is heard from now on.
pub const SOUND_ON: &str = "Sound on";
/// The figures of the overlay were reset.
pub const FIGURES_RESET: &str = "The figures begin anew.";
/// The figures were copied.
pub const FIGURES_COPIED: &str = "The figures are on the clipboard.";
/// The server cannot be reached.
pub const OFFLINE: &str = "Offline: what is on this machine plays";
/// It can be again.
pub const ONLINE: &str = "Back online";
/// Somebody else holds the lock of the cache folder.
pub const CACHE_LOCKED: &str = "Another Flickreel is using the disk cache, so this one keeps videos in memory only.";
/// Nothing more can be written.
pub const DISK_FULL: &str = "The disk is full, so videos are kept in memory only.";
/// The cache folder cannot be used.
pub const NO_DISK_CACHE: &str = "The disk cache can’t be used, so videos are kept in memory only.";

/// A trace was saved.
#[must_use]
pub fn trace_saved(folder: impl Display) -> String {
    format!("The last two minutes are in {folder}.")
}

/// A trace could not be saved.
#[must_use]
pub fn trace_not_saved(err: impl Display) -> String {
    format!("The trace could not be saved: {err}.")
}

/// The volume, 0.0 to 1.0.
#[must_use]
pub fn volume(volume: f64) -> String {
    format!("Volume {:.0} %", volume * 100.0)
}

/// The figures could not be copied.
#[must_use]
pub fn figures_not_copied(err: &str) -> String {
    format!("The figures could not be copied: {err}.")
}

/// A behaviour was switched off, and why.
#[must_use]
pub fn rolled_back(behaviour: &str, why: &str) -> String {
    format!("Switched off: {behaviour}, because {why}")
}

/// A server failed too often.
#[must_use]
pub fn host_rests(host: &str) -> String {
    format!("The server {host} does not answer and is left alone for a while.")
}
