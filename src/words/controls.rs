//! The controls over the picture: the rail, its menu, the scrubber, the top line, the words of an item.

/// Likes the item.
pub const LIKE: &str = "Like";
/// Takes a like back.
pub const UNLIKE: &str = "Take the like back";
/// Silences what plays.
pub const SOUND_OFF: &str = "Sound off";
/// Lets it be heard again.
pub const SOUND_ON: &str = "Sound on";
/// The slider beside the loudspeaker.
pub const VOLUME: &str = "Volume";
/// Shows captions.
pub const SHOW_CAPTIONS: &str = "Show captions";
/// Hides them.
pub const HIDE_CAPTIONS: &str = "Hide captions";
/// Puts the address onto the clipboard.
pub const COPY_LINK: &str = "Copy link";
/// The same, below its icon.
pub const COPY: &str = "Copy";
/// The address is on the clipboard.
pub const LINK_COPIED: &str = "The link is on the clipboard.";
/// The path is on the clipboard.
pub const PATH_COPIED: &str = "The path is on the clipboard.";
/// A clip of the sample reel lies nowhere.
pub const NO_LINK: &str = "This clip is part of Flickreel and has no link.";
/// Opens the menu.
pub const MORE: &str = "More";
/// Shows the whole of a picture.
pub const SHOW_WHOLE: &str = "Fit whole picture";
/// Fills the window with it.
pub const FILL: &str = "Fill the window";
/// The whole picture is shown from now on.
pub const WHOLE: &str = "The whole picture is shown.";
/// The window is filled from now on.
pub const FILLS: &str = "The picture fills the window.";
/// At the end an item begins again.
pub const REPEAT: &str = "At the end: repeat";
/// At the end it stops.
pub const STOP: &str = "At the end: stop";
/// At the end the next one follows.
pub const ADVANCE: &str = "At the end: next video";
/// Keeps the picture as a file.
pub const SAVE_STILL: &str = "Save a still";
/// Opens another source.
pub const OPEN: &str = "Open…";
/// Opens the settings.
pub const SETTINGS: &str = "Settings…";
/// Opens the sheet of keys.
pub const KEYS: &str = "Keys";
/// Opens the performance overlay.
pub const OVERLAY: &str = "Performance overlay";
/// Shows all words of an item.
pub const UNFOLD: &str = "Show all of the description";
/// Shows the first lines again.
pub const FOLD: &str = "Show less of the description";
/// Below words that go on.
pub const GOES_ON: &str = "… more";
/// The scrubber.
pub const POSITION: &str = "Position in seconds";
/// The name of the source, which opens another one.
pub const CHANGE_SOURCE: &str = "Open another source";
/// The badge of what goes on now.
pub const LIVE: &str = "LIVE";
/// The badge of what has not begun.
pub const SCHEDULED: &str = "SOON";
/// The badge of what is over.
pub const ENDED: &str = "ENDED";

/// What a control does, with the key that does the same as it is bound now; empty where there is none.
#[must_use]
pub fn with_key(name: &str, key: &str) -> String {
    if key.is_empty() { name.to_owned() } else { format!("{name} ({key})") }
}

/// A speed, below its icon: `1.25×`.
#[must_use]
pub fn speed(speed: f64) -> String {
    format!("{speed}×")
}

/// The button that changes the speed.
#[must_use]
pub fn speed_now(now: f64) -> String {
    format!("Speed, now {}", speed(now))
}

/// How many watch.
#[must_use]
pub fn watching(viewers: u64) -> String {
    format!("{} watching", count(viewers))
}

/// A count as short as it is read: `987`, `1.2K`, `12.3K`, `123K`, `4.5M`. It is never more than there are.
#[must_use]
pub fn count(count: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")];
    let Some((step, sign)) = STEPS.into_iter().find(|(step, _)| count >= *step) else { return count.to_string() };
    let tenths = count / (step / 10);
    match (tenths / 10, tenths % 10) {
        (whole, rest) if whole < 100 && rest > 0 => format!("{whole}.{rest}{sign}"),
        (whole, _) => format!("{whole}{sign}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short_and_never_more_than_there_are() {
        let told = [0, 987, 1_000, 1_284, 12_349, 99_999, 123_456, 999_999, 4_560_000, 2_000_000_000].map(count);
        assert_eq!(told, ["0", "987", "1K", "1.2K", "12.3K", "99.9K", "123K", "999K", "4.5M", "2B"]);
    }

    #[test]
    fn a_speed_has_no_more_digits_than_it_needs() {
        assert_eq!([1.0, 1.25, 0.5].map(speed), ["1×", "1.25×", "0.5×"]);
    }
}
