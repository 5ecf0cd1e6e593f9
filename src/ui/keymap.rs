//! From the keys of egui to chords, and from these to what they mean.

use eframe::egui::{self, Key as Button};

use crate::app::{Chord, Key, Keymap};

/// What an event of the keyboard means, and whether a held key repeats.
pub(super) fn meaning(keymap: &Keymap, event: &egui::Event) -> Option<(Key, bool)> {
    let (key, modifiers, repeat) = match event {
        egui::Event::Key { key, pressed: true, repeat, modifiers, .. } => (*key, *modifiers, *repeat),
        // egui makes these of their usual chords and tells no key.
        egui::Event::Copy => (Button::C, egui::Modifiers::CTRL, false),
        egui::Event::Cut => (Button::X, egui::Modifiers::CTRL, false),
        _ => return None,
    };
    let chord = Chord::of_key(key.name())?.held_with(modifiers.ctrl || modifiers.command, modifiers.shift, modifiers.alt);
    keymap.meaning(chord).map(|key| (key, repeat))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{KeyPreset, Keymaps, OverlayPage};

    fn pressed(key: Button, modifiers: egui::Modifiers) -> Option<Key> {
        let event = egui::Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        meaning(Keymaps::default().of(KeyPreset::Feed), &event).map(|(key, _)| key)
    }

    #[test]
    fn the_keys_of_the_design_mean_what_it_says() {
        let (none, ctrl, shift) = (egui::Modifiers::NONE, egui::Modifiers::CTRL, egui::Modifiers::SHIFT);
        for (key, modifiers, meant) in [
            (Button::ArrowDown, none, Key::Next),
            (Button::PageUp, none, Key::Previous),
            (Button::Space, none, Key::Pause),
            (Button::ArrowLeft, none, Key::Back),
            (Button::ArrowLeft, shift, Key::FrameBack),
            (Button::Num7, none, Key::Tenth(7)),
            (Button::OpenBracket, none, Key::Slower),
            (Button::Minus, none, Key::VolumeDown),
            (Button::Plus, shift, Key::VolumeUp),
            (Button::Questionmark, shift, Key::Help),
            (Button::Q, ctrl, Key::Quit),
            (Button::Num2, ctrl, Key::Page(OverlayPage::Pipelines)),
            (Button::Escape, none, Key::Escape),
        ] {
            assert_eq!(pressed(key, modifiers), Some(meant), "{key:?}");
        }
        assert_eq!(pressed(Button::M, ctrl), None);
        assert_eq!(pressed(Button::BrowserBack, none), None, "a key that cannot be bound");
    }

    #[test]
    fn copying_is_a_chord_like_any_other() {
        assert_eq!(meaning(Keymaps::default().of(KeyPreset::Feed), &egui::Event::Copy), Some((Key::CopyLink, false)));
        assert_eq!(meaning(Keymaps::default().of(KeyPreset::Feed), &egui::Event::Cut), None);
    }

    #[test]
    fn every_key_that_can_be_bound_is_one_of_eguis() {
        for chord in Key::all().flat_map(|key| Keymaps::default().of(KeyPreset::Mpv).chords(key).collect::<Vec<_>>()) {
            let bare = chord.held_with(false, false, false);
            assert!(Button::ALL.iter().any(|button| Chord::of_key(button.name()) == Some(bare)), "{bare}");
        }
    }
}
