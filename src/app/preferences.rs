//! What a viewer set and finds again at the next start.

use serde::{Deserialize, Serialize};

use crate::feed::Filter;
use crate::preload::plan::Profile;

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

/// A list of what is not to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilterList {
    /// Makers.
    Makers,
    /// Words of titles and descriptions.
    Words,
    /// Tags.
    Tags,
}

impl FilterList {
    /// All lists.
    pub const ALL: [Self; 3] = [Self::Makers, Self::Words, Self::Tags];
}

/// What is not to be seen, as it was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterWords {
    /// Makers whose items are left out.
    pub makers: Vec<String>,
    /// Words, or several that follow one another, that no title and no description may have.
    pub words: Vec<String>,
    /// Tags that no item may have.
    pub tags: Vec<String>,
}

/// The most characters of an entry; nobody writes a longer word, and a pasted page is none.
const FILTER_CHARS_MAX: usize = 100;

impl FilterWords {
    /// The entries of a list.
    #[must_use]
    pub fn of(&self, list: FilterList) -> &[String] {
        match list {
            FilterList::Makers => &self.makers,
            FilterList::Words => &self.words,
            FilterList::Tags => &self.tags,
        }
    }

    fn of_mut(&mut self, list: FilterList) -> &mut Vec<String> {
        match list {
            FilterList::Makers => &mut self.makers,
            FilterList::Words => &mut self.words,
            FilterList::Tags => &mut self.tags,
        }
    }

    /// Adds an entry; false when it says nothing or is there already.
    pub(super) fn add(&mut self, list: FilterList, text: &str) -> bool {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(FILTER_CHARS_MAX).collect();
        let entries = self.of_mut(list);
        let adds = !text.is_empty() && !entries.contains(&text);
        if adds {
            entries.push(text);
        }
        adds
    }

    /// Takes an entry away.
    pub(super) fn remove(&mut self, list: FilterList, text: &str) {
        self.of_mut(list).retain(|entry| entry != text);
    }

    /// The filter that leaves it all out.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter::new(self.makers.clone(), self.words.clone(), self.tags.clone())
    }
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
    /// How far to ready ahead; `None`: chosen by what is known of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Items are readied ahead although electric power is short.
    pub ready_on_battery: bool,
    /// Usage events are sent where the config file names somebody to get them.
    pub usage_events: bool,
    /// What is not to be seen, beside what the config file says.
    pub filter: FilterWords,
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
            profile: None,
            ready_on_battery: false,
            usage_events: true,
            filter: FilterWords::default(),
        }
    }
}
