//! Captions: what is said when they are switched, and why there are none.

/// They are shown from now on.
pub const ON: &str = "Captions on";
/// They are shown no more.
pub const OFF: &str = "Captions off";
/// They are shown from now on, and this video has none.
pub const NONE: &str = "No captions for this video";
/// The file is there and holds no caption.
pub const NOTHING_TO_READ: &str = "There is nothing to read in these captions.";
/// The file of this machine cannot be read.
pub const UNREADABLE: &str = "The file of these captions cannot be read.";
/// The server does not answer, or not now.
pub const NOT_FETCHED: &str = "These captions could not be fetched.";
/// The server has none.
pub const NOT_THERE: &str = "The server does not have these captions.";

/// These captions are shown from now on; what they are called.
#[must_use]
pub fn switched_to(name: &str) -> String {
    format!("Captions: {name}")
}

/// What captions are called that have neither a language nor a name, by their place in the list.
#[must_use]
pub fn nameless(number: usize) -> String {
    format!("track {number}")
}
