//! The sheet of keys: its groups, and what each key, touch and turn of the wheel does.

/// Over what moves through the feed.
pub const MOVING: &str = "Moving";
/// Over what plays and seeks.
pub const PLAYING: &str = "Playing";
/// Over sound and captions.
pub const HEARING: &str = "Sound and captions";
/// Over what concerns the window.
pub const WINDOW: &str = "Window";
/// Over the rest.
pub const MORE: &str = "More";
/// Over what is done without keys.
pub const MOUSE: &str = "Mouse and touch";
/// Between the first and the last of a row of keys.
pub const TO: &str = "–";
/// At the end of the sheet.
pub const REBIND: &str = "Keys can be bound otherwise in config.toml, under [keys].";

/// On to the next item.
pub const NEXT: &str = "Next video";
/// Back to the previous item.
pub const PREVIOUS: &str = "Previous video";
/// To the first item.
pub const FIRST: &str = "First video";
/// To the newest loaded item.
pub const NEWEST: &str = "Newest loaded video";
/// Pause or play.
pub const PAUSE: &str = "Pause, play";
/// Like.
pub const LIKE: &str = "Like";
/// 5 s back or forward.
pub const SEEK: &str = "5 seconds back, forward";
/// A frame back.
pub const FRAME_BACK: &str = "One frame back, paused";
/// A frame forward.
pub const FRAME_FORWARD: &str = "One frame forward, paused";
/// To a tenth of the item.
pub const TENTHS: &str = "To 0 % … 90 % of the video";
/// Slower or faster.
pub const SPEED: &str = "Slower, faster";
/// Normal speed.
pub const NORMAL_SPEED: &str = "Normal speed";
/// What happens at the end.
pub const LOOP: &str = "At the end: repeat, stop, next";
/// Sound off or on.
pub const MUTE: &str = "Sound off, on";
/// Softer or louder.
pub const VOLUME: &str = "Softer, louder";
/// Captions on or off.
pub const CAPTIONS: &str = "Captions";
/// Other captions.
pub const NEXT_CAPTIONS: &str = "Other captions";
/// A still picture.
pub const STILL: &str = "Save the picture";
/// The link of the item.
pub const COPY_LINK: &str = "Copy the link";
/// Full screen.
pub const FULLSCREEN: &str = "Full screen";
/// Always on top.
pub const ON_TOP: &str = "Always on top";
/// Close.
pub const CLOSE: &str = "Close, leave full screen";
/// Quit.
pub const QUIT: &str = "Quit";
/// Open a source.
pub const OPEN: &str = "Open a folder or a feed";
/// Settings.
pub const SETTINGS: &str = "Settings";
/// The sheet itself.
pub const HELP: &str = "This list";
/// New items.
pub const REFRESH: &str = "Look for new videos";
/// The overlay.
pub const OVERLAY: &str = "Performance";
/// Its pages.
pub const PAGES: &str = "Performance, page 1 … 5";

/// A preset of another name than there is.
#[must_use]
pub fn no_preset(name: &str) -> String {
    format!("keys.preset: nothing is called '{name}'; there are 'feed' and 'mpv'.")
}

/// What is written as a key is none, or as one that is held; `is` says which, and `meant` is what is near.
#[must_use]
pub fn unknown_key(word: &str, is: &str, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("nothing called '{word}' {is}; did you mean '{meant}'?"),
        None => format!("nothing called '{word}' {is}."),
    }
}

/// An action that there is not.
#[must_use]
pub fn unknown_action(name: &str, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("'keys.{name}' means nothing here and is ignored; did you mean '{meant}'?"),
        None => format!("'keys.{name}' means nothing here and is ignored."),
    }
}

/// Two actions want the same key.
#[must_use]
pub fn taken(name: &str, chord: &str, other: &str) -> String {
    format!("keys.{name}: '{chord}' means '{other}' already, and goes on to.")
}

/// An action lost its last key to another one.
#[must_use]
pub fn no_key_left(name: &str) -> String {
    format!("keys: no key is left for '{name}'.")
}

/// What a mouse, a finger or a touchpad does: the movement, and what comes of it.
pub const GESTURES: [(&str, &str); 8] = [
    ("Drag or swipe up, down", "Next, previous video"),
    ("One notch of the wheel", "One video"),
    ("Click or tap", "Pause, play"),
    ("Double click", "Like"),
    ("Long press", "Performance"),
    ("Long press at the right", "Twice the speed while it lasts"),
    ("Drag the line at the bottom", "Go to another moment"),
    ("Drop on the window", "Open"),
];
