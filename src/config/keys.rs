//! What the config file says about keys, in `[keys]`. Which actions and which keys there are is told where they are known.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// `[keys]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysSection {
    /// The name of a preset; `None`: as it was left.
    pub preset: Option<String>,
    /// Chords by the name of their action; an empty list: no key.
    pub bound: BTreeMap<String, Vec<String>>,
}

impl<'de> Deserialize<'de> for KeysSection {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "keys are text such as \"Ctrl+N\", or a list of such texts")]
        enum Written {
            One(String),
            Several(Vec<String>),
        }
        let mut section = Self::default();
        for (name, written) in BTreeMap::<String, Written>::deserialize(input)? {
            match written {
                Written::One(preset) if name == "preset" => section.preset = Some(preset),
                Written::Several(_) if name == "preset" => return Err(serde::de::Error::custom("the preset is one name")),
                Written::One(chord) => _ = section.bound.insert(name, vec![chord]),
                Written::Several(chords) => _ = section.bound.insert(name, chords),
            }
        }
        Ok(section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_several_and_none_are_told_apart_from_the_preset() {
        let section: KeysSection = toml::from_str("preset = \"mpv\"\nnext = [\"Down\", \"J\"]\nmute = \"N\"\nlike = []\n").unwrap();
        assert_eq!(section.preset.as_deref(), Some("mpv"));
        let bound: Vec<_> = section.bound.iter().map(|(name, chords)| (name.as_str(), chords.len())).collect();
        assert_eq!(bound, [("like", 0), ("mute", 1), ("next", 2)]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for text in ["next = 5", "next = [5]", "next = true", "preset = [\"mpv\"]"] {
            assert!(toml::from_str::<KeysSection>(text).is_err(), "{text}");
        }
    }
}
