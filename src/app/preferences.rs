//! What a viewer set and finds again at the next start.

use serde::{Deserialize, Serialize};

/// The sound as the viewer set it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sound {
    /// Off.
    pub muted: bool,
    /// 0.0 to 1.0.
    pub volume: f64,
}

impl Default for Sound {
    fn default() -> Self {
        Self { muted: false, volume: 0.8 }
    }
}

/// What happens when an item has been played to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AtEnd {
    /// It begins again.
    #[default]
    Repeat,
    /// It stays at its last picture.
    Stop,
    /// The next item takes its place.
    Advance,
}

/// How a picture lies in its tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// All of it is seen.
    #[default]
    Contain,
    /// It fills the tile; what does not fit is cut off.
    Cover,
}

/// Which keys mean what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyPreset {
    /// As feeds have them.
    #[default]
    Feed,
    /// As mpv has them.
    Mpv,
}

/// What a viewer set by a control and finds again at the next start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Sound; stored beside the rest for older versions.
    #[serde(skip)]
    pub sound: Sound,
    /// Captions are shown where there are some.
    pub captions: bool,
    /// What happens at the end of an item.
    pub at_end: AtEnd,
    /// How a picture lies in its tile.
    pub fit: Fit,
    /// No slides; `None`: as the desktop says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduced_motion: Option<bool>,
    /// Stronger lines and grounds; `None`: as the desktop says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high_contrast: Option<bool>,
    /// Size of text, 1.0 to 2.0.
    pub text_scale: f32,
    /// Which keys mean what.
    pub keys: KeyPreset,
    /// A failed item makes room for the next one by itself; `None`: as its flag says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_failed: Option<bool>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            sound: Sound::default(),
            captions: false,
            at_end: AtEnd::default(),
            fit: Fit::default(),
            reduced_motion: None,
            high_contrast: None,
            text_scale: 1.0,
            keys: KeyPreset::default(),
            skip_failed: None,
        }
    }
}
