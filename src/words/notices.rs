//! What is said for a moment, wherever it comes from.

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
