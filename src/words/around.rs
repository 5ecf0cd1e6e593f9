//! The desktop around the window.

use std::fmt::Display;

/// Somebody asked for a small window above all others, and the desktop has no such thing.
pub const NOT_ON_TOP: &str = "This desktop does not let a window stay above the others.";

/// Where the archive for testers lies.
pub fn report_saved(path: impl Display) -> String {
    format!("The report for testers is in {path}.")
}

/// Why there is no archive for testers.
pub fn report_failed(err: impl Display) -> String {
    format!("The report for testers could not be saved: {err}.")
}

/// Why the screen is kept bright, as the desktop may show it.
pub const PLAYS_FULL_SCREEN: &str = "A video plays in full screen";
