//! Which key means what: two presets, and what a viewer bound otherwise in the config file.

mod actions;
mod chord;
mod nearest;

use std::collections::BTreeMap;

pub use chord::Chord;
pub use nearest::nearest;

use super::{Key, KeyPreset, Model};
use crate::words::keys as words;
use actions::{ACTIONS, PRESETS, chords_of};

/// Chords for actions by name, as the config file has them; an empty list: no key at all.
pub type KeyWords = BTreeMap<String, Vec<String>>;

/// The preset of that name, in any case.
///
/// # Errors
/// A sentence that says which there are.
pub fn preset_named(name: &str) -> Result<KeyPreset, String> {
    let found = PRESETS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, preset)| *preset).ok_or_else(|| words::no_preset(name))
}

/// Which chord means what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bound: Vec<(Chord, Key)>,
}

impl Keymap {
    /// What a chord means. Shift and Alt are told apart only where something is bound with them: a capital letter means
    /// what the small one does, and some keyboards need Shift or Alt for a sign.
    #[must_use]
    pub fn meaning(&self, chord: Chord) -> Option<Key> {
        chord.and_looser().into_iter().find_map(|chord| self.exactly(chord))
    }

    fn exactly(&self, chord: Chord) -> Option<Key> {
        self.bound.iter().find(|(bound, _)| *bound == chord).map(|(_, key)| *key)
    }

    /// The chords that have a meaning, the usual one first.
    pub fn chords(&self, key: Key) -> impl Iterator<Item = Chord> {
        self.bound.iter().filter(move |(_, bound)| *bound == key).map(|(chord, _)| *chord)
    }

    /// The key that a control names beside what it does: the usual one, as it is drawn, such as `Ctrl+C`. Empty where
    /// nothing is bound.
    #[must_use]
    pub fn told(&self, key: Key) -> String {
        self.chords(key).next().map(|chord| chord.caps().join("+")).unwrap_or_default()
    }

    /// What a viewer bound holds first; a preset gives the rest of its chords to the rest of the actions.
    fn new(preset: KeyPreset, rebound: &[(Key, Vec<Chord>)]) -> Self {
        let mut bound = Vec::new();
        for action in ACTIONS {
            if let Some((key, chords)) = rebound.iter().find(|(key, _)| *key == action.0) {
                bound.extend(chords.iter().map(|chord| (*chord, *key)));
            } else {
                let is_taken = |chord: &Chord| rebound.iter().any(|(_, chords)| chords.contains(chord));
                let chords = chords_of(action, preset).iter().filter_map(|text| Chord::parse(text).ok());
                bound.extend(chords.filter(|chord| !is_taken(chord)).map(|chord| (chord, action.0)));
            }
        }
        Self { bound }
    }
}

/// Both presets, with what a viewer bound otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymaps {
    feed: Keymap,
    mpv: Keymap,
}

impl Default for Keymaps {
    fn default() -> Self {
        Self::new(&KeyWords::new()).0
    }
}

impl Keymaps {
    /// Binds what is `written`, and the rest as the presets do. Beside it come sentences about what makes no sense, which is
    /// left out.
    #[must_use]
    pub fn new(written: &KeyWords) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        let mut rebound: Vec<(Key, Vec<Chord>)> = Vec::new();
        for (name, chords) in written {
            let Some((key, ..)) = ACTIONS.iter().find(|(_, known, ..)| known == name) else {
                let meant = nearest(name, ACTIONS.iter().map(|(_, known, ..)| *known));
                warnings.push(words::unknown_action(name, meant));
                continue;
            };
            let mut own: Vec<Chord> = Vec::new();
            for chord in chords {
                match Chord::parse(chord) {
                    Ok(chord) => match holder(&rebound, chord) {
                        Some(other) => warnings.push(words::taken(name, &chord.to_string(), other)),
                        None if own.contains(&chord) => {}
                        None => own.push(chord),
                    },
                    Err(sentence) => warnings.push(format!("keys.{name}: {sentence}")),
                }
            }
            // Of words that all make no sense nothing is left to hold; no words at all mean no key.
            if !own.is_empty() || chords.is_empty() {
                rebound.push((*key, own));
            }
        }
        (Self { feed: Keymap::new(KeyPreset::Feed, &rebound), mpv: Keymap::new(KeyPreset::Mpv, &rebound) }, warnings)
    }

    /// The one of a preset.
    #[must_use]
    pub fn of(&self, preset: KeyPreset) -> &Keymap {
        match preset {
            KeyPreset::Feed => &self.feed,
            KeyPreset::Mpv => &self.mpv,
        }
    }

    /// Sentences about actions that have keys in the preset and lost all of them to others.
    #[must_use]
    pub fn losses(&self, preset: KeyPreset, written: &KeyWords) -> Vec<String> {
        let keymap = self.of(preset);
        let lost = |action: &&actions::Action| {
            let (key, name, ..) = action;
            !written.contains_key(*name) && !chords_of(action, preset).is_empty() && keymap.chords(*key).next().is_none()
        };
        ACTIONS.iter().filter(lost).map(|(_, name, ..)| words::no_key_left(name)).collect()
    }
}

/// The name of the action that has a chord already.
fn holder(rebound: &[(Key, Vec<Chord>)], chord: Chord) -> Option<&'static str> {
    let (holder, _) = rebound.iter().find(|(_, chords)| chords.contains(&chord))?;
    ACTIONS.iter().find(|(key, ..)| key == holder).map(|(_, name, ..)| *name)
}

impl Model {
    /// Which key means what now.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        self.keymaps.of(self.preferences.keys)
    }
}

impl Key {
    /// Every meaning that a key can have.
    pub fn all() -> impl Iterator<Item = Self> {
        ACTIONS.iter().map(|(key, ..)| *key)
    }

    /// Whether it goes on to mean something while a sheet is open: what moves or changes the feed under it rests, because
    /// its keys work on the sheet.
    #[must_use]
    pub(super) fn works_over_sheets(self) -> bool {
        matches!(
            self,
            Self::Escape
                | Self::Quit
                | Self::Help
                | Self::Open
                | Self::Settings
                | Self::Mute
                | Self::VolumeUp
                | Self::VolumeDown
                | Self::Fullscreen
        )
    }
}

#[cfg(test)]
mod tests;
