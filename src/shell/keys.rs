//! What the config file says about keys, as the window has it.

use std::sync::Arc;

use crate::app::{KeyPreset, Keymaps, preset_named};
use crate::config::KeysSection;

/// Both presets with what the config file binds otherwise, and the preset that it names. What makes no sense in it is
/// logged. A run that is measured has the usual keys: its script was written for them.
pub(super) fn keymaps(section: &KeysSection, kept: KeyPreset, is_measured: bool) -> (Arc<Keymaps>, KeyPreset) {
    if is_measured {
        return (Arc::default(), KeyPreset::default());
    }
    let mut warnings = Vec::new();
    let preset =
        section.preset.as_deref().and_then(|name| preset_named(name).map_err(|sentence| warnings.push(sentence)).ok()).unwrap_or(kept);
    let (keymaps, senseless) = Keymaps::new(&section.bound);
    warnings.extend(senseless);
    warnings.extend(keymaps.losses(preset, &section.bound));
    for warning in warnings {
        tracing::warn!("the config file: {warning}");
    }
    (Arc::new(keymaps), preset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Key;

    fn section(text: &str) -> KeysSection {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_file_names_the_preset_or_else_the_one_that_was_kept_holds() {
        for (text, preset) in [("preset = \"mpv\"", KeyPreset::Mpv), ("", KeyPreset::Feed), ("preset = \"vi\"", KeyPreset::Feed)] {
            assert_eq!(keymaps(&section(text), KeyPreset::Feed, false).1, preset, "{text}");
        }
        assert_eq!(keymaps(&section(""), KeyPreset::Mpv, false).1, KeyPreset::Mpv);
    }

    #[test]
    fn a_run_that_is_measured_has_the_usual_keys() {
        let (keymaps, preset) = keymaps(&section("preset = \"mpv\"\nnext = \"N\""), KeyPreset::Mpv, true);
        assert_eq!((keymaps, preset), (Arc::default(), KeyPreset::Feed));
    }

    #[test]
    fn what_the_file_binds_holds() {
        let (keymaps, _) = keymaps(&section("next = \"N\""), KeyPreset::Feed, false);
        let chords: Vec<_> = keymaps.of(KeyPreset::Feed).chords(Key::Next).map(|chord| chord.to_string()).collect();
        assert_eq!(chords, ["N"]);
    }
}
