//! What a tile says of its state.

use std::time::Duration;

/// More of the feed is awaited.
pub const LOADING_PAGE: &str = "Looking for more";
/// Tries again what failed.
pub const RETRY: &str = "Retry";
/// On to the next item.
pub const SKIP: &str = "Skip";
/// Unfolds the chain of causes.
pub const DETAILS: &str = "Details";
/// Folds it again.
pub const HIDE_DETAILS: &str = "Hide details";
/// To the first item.
pub const TO_START: &str = "To the start";
/// Asks for the next page once more.
pub const LOOK_FOR_MORE: &str = "Look for more";
/// Opens the sheet of sources.
pub const OPEN_ELSE: &str = "Open something else";
/// Tries a failed item again, now.
pub const TRYING_AGAIN: &str = "Trying again";

/// An item that is not on this machine, without a connection.
pub const OFFLINE: &str = "Not on this machine";
/// What of that follows.
pub const OFFLINE_SENTENCE: &str = "There is no connection, and too little of this video is here to play it.";
/// An item that is gone.
pub const GONE: &str = "This video was removed";
/// An item whose file is gone.
pub const GONE_FILE: &str = "This file is not there any more";
/// The end of a feed.
pub const END: &str = "That was everything";
/// The end of what is kept of a feed.
pub const END_STORED: &str = "That was everything here";
/// What of that follows.
pub const END_STORED_SENTENCE: &str = "There is no connection, and no more of this feed is on this machine.";
/// A feed without items.
pub const EMPTY: &str = "Nothing to play";
/// A feed of which the filter has left nothing.
pub const ALL_FILTERED: &str = "Your filter hides everything";
/// What can be done about an empty feed.
pub const DROP_HINT: &str = "Drop a folder or a video on this window to open it";
/// A warning without words.
pub const WARNED: &str = "Some may not want to see this";
/// What is said over the words of a warning.
pub const WARNING: &str = "Content warning";
/// Shows an item that is warned of.
pub const SHOW_ANYWAY: &str = "Show anyway";
/// Shows all items that are warned of.
pub const SHOW_ALL: &str = "Show all of this feed";
/// Playback waits, and how much is missing is not known.
pub const BUFFERING: &str = "Waiting for more of the video";

/// Playback waits for so much of the clip; `None` where its rate is unknown: then for what is missing in percent.
#[must_use]
pub fn buffering(missing: Option<Duration>, percent: u8) -> String {
    match missing {
        Some(time) => format!("Waiting for {:.1} s more of the video", time.as_secs_f64()),
        None => format!("Waiting for more of the video · {percent} %"),
    }
}

/// Seconds until the next item takes the place of a failed one.
#[must_use]
pub fn skipping(seconds: f64) -> String {
    format!("On to the next in {seconds} s")
}

/// Seconds until a failed item is tried again.
#[must_use]
pub fn trying_in(seconds: f64) -> String {
    format!("Trying again in {seconds} s")
}

/// How many videos of a feed were watched.
#[must_use]
pub fn watched(count: usize) -> String {
    match count {
        0 => "You have reached the end of this feed.".to_owned(),
        1 => "You have watched one video of this feed.".to_owned(),
        more => format!("You have watched {more} videos of this feed."),
    }
}

/// What the viewer's filter has taken out; empty where nothing.
#[must_use]
pub fn filtered(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "Your filter hides one more.".to_owned(),
        more => format!("Your filter hides {more} more."),
    }
}

/// A feed of which the filter has left nothing.
#[must_use]
pub fn all_filtered(count: usize) -> String {
    match count {
        1 => "The one video here is hidden by your filter.".to_owned(),
        more => format!("All {more} videos here are hidden by your filter."),
    }
}

/// What a feed without videos holds.
#[must_use]
pub fn skipped(count: usize) -> String {
    match count {
        0 => "There are no videos here yet.".to_owned(),
        1 => "One entry is here, and it is no video.".to_owned(),
        more => format!("{more} entries are here, and none of them is a video."),
    }
}
