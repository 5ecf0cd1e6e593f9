//! Opening a source: the sheet, the veil, the hint, the way back.

/// The name of the field.
pub const FIELD: &str = "Folder, file or address";
/// In the field while it is empty.
pub const EXAMPLE: &str = "~/Videos or https://…";
/// Opens what is in the field.
pub const OPEN: &str = "Open";
/// Under the field: what can be opened.
pub const WHAT: &str = "A folder or a video on this machine, or the address of a feed. It can be pasted or dropped on the window, too.";
/// Over the sources that were opened before.
pub const RECENT: &str = "Recent";
/// Over what is there without anything being opened.
pub const BUILT_IN: &str = "Always here";
/// The clips that come with the program.
pub const SAMPLE_REEL: &str = "Sample reel";
/// What the sample reel is.
pub const SAMPLE_REEL_IS: &str = "A few short clips that come with Flickreel";
/// Beside the source that is shown.
pub const SHOWN: &str = "shown now";
/// While something is dragged over the window.
pub const DROP: &str = "Drop to open";
/// Under it.
pub const DROP_WHAT: &str = "A folder, or one or more videos";

/// The hint of the first launch; `key` opens the sheet, where one is bound.
#[must_use]
pub fn hint(key: &str) -> String {
    match key {
        "" => "Drop a folder here, or paste a feed’s address".to_owned(),
        key => format!("Drop a folder, or press {key} to open a feed"),
    }
}

/// The way back to a source.
#[must_use]
pub fn back_to(label: &str) -> String {
    format!("Back to {label}")
}
