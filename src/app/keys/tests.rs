//! Keys as people bind and press them.

use super::*;
use crate::app::{Event, Options, OverlayPage, Sheet, update};

fn chord(text: &str) -> Chord {
    Chord::parse(text).unwrap()
}

fn words(words: &[(&str, &[&str])]) -> KeyWords {
    words.iter().map(|(name, chords)| ((*name).to_owned(), chords.iter().map(|&chord| chord.to_owned()).collect())).collect()
}

fn printed(keymap: &Keymap, key: Key) -> Vec<String> {
    keymap.chords(key).map(|chord| chord.to_string()).collect()
}

#[test]
fn the_presets_differ_where_feeds_and_mpv_do() {
    let keymaps = Keymaps::default();
    let (feed, mpv) = (keymaps.of(KeyPreset::Feed), keymaps.of(KeyPreset::Mpv));
    assert_eq!((feed.meaning(chord("L")), mpv.meaning(chord("L"))), (Some(Key::Like), Some(Key::AtEnd)));
    assert_eq!((feed.meaning(chord("9")), mpv.meaning(chord("9"))), (Some(Key::Tenth(9)), Some(Key::VolumeDown)));
    assert_eq!((feed.meaning(chord("J")), mpv.meaning(chord("J"))), (Some(Key::Next), Some(Key::CaptionLanguage)));
    assert_eq!((feed.meaning(chord("V")), mpv.meaning(chord("V"))), (None, Some(Key::Captions)));
}

#[test]
fn shift_and_alt_matter_only_where_something_is_bound_with_them() {
    let keymaps = Keymaps::default();
    let keymap = keymaps.of(KeyPreset::Feed);
    assert_eq!(keymap.meaning(chord("Shift+J")), Some(Key::Next));
    assert_eq!(keymap.meaning(chord("Shift+C")), Some(Key::CaptionLanguage));
    assert_eq!(keymap.meaning(chord("Shift+Left")), Some(Key::FrameBack));
    assert_eq!(keymap.meaning(chord("Shift+?")), Some(Key::Help), "a keyboard that needs Shift for it");
    assert_eq!(keymap.meaning(chord("Alt+[")), Some(Key::Slower), "a keyboard that needs Alt for it");
    assert_eq!(keymap.meaning(chord("Alt+Shift+J")), Some(Key::Next));
}

#[test]
fn ctrl_takes_the_meaning_from_a_key_where_nothing_is_bound_with_it() {
    let keymaps = Keymaps::default();
    let keymap = keymaps.of(KeyPreset::Feed);
    assert_eq!(keymap.meaning(chord("Ctrl+Q")), Some(Key::Quit));
    assert_eq!(keymap.meaning(chord("Ctrl+M")), None);
    assert_eq!(keymap.meaning(chord("Ctrl+5")), Some(Key::Page(OverlayPage::Item)));
    assert_eq!(keymap.meaning(chord("Ctrl+6")), None);
}

#[test]
fn what_a_viewer_binds_holds_in_both_presets_and_takes_its_chords_from_them() {
    let (keymaps, warnings) = Keymaps::new(&words(&[("like", &["J", "Ctrl+L"]), ("pause", &[])]));
    assert_eq!(warnings, Vec::<String>::new());
    for preset in [KeyPreset::Feed, KeyPreset::Mpv] {
        let keymap = keymaps.of(preset);
        assert_eq!(printed(keymap, Key::Like), ["J", "Ctrl+L"]);
        assert_eq!(keymap.meaning(chord("J")), Some(Key::Like));
        assert_eq!(printed(keymap, Key::Pause), Vec::<String>::new());
        assert_eq!(keymap.meaning(chord("Space")), None);
    }
    assert_eq!(printed(keymaps.of(KeyPreset::Feed), Key::Next), ["Down", "PageDown"]);
    assert_eq!(keymaps.of(KeyPreset::Feed).meaning(chord("L")), None, "the old key of like");
}

#[test]
fn what_makes_no_sense_is_told_and_the_rest_holds() {
    let (keymaps, warnings) = Keymaps::new(&words(&[("nxt", &["N"]), ("mute", &["N", "PageDwn"]), ("still", &["Sx"]), ("fly", &["W"])]));
    assert_eq!(
        warnings,
        [
            "'keys.fly' means nothing here and is ignored.",
            "keys.mute: nothing called 'PageDwn' is a key; did you mean 'PageDown'?",
            "'keys.nxt' means nothing here and is ignored; did you mean 'next'?",
            "keys.still: nothing called 'Sx' is a key; did you mean 'S'?",
        ]
    );
    let keymap = keymaps.of(KeyPreset::Feed);
    assert_eq!(printed(keymap, Key::Mute), ["N"]);
    assert_eq!(printed(keymap, Key::Still), ["S"], "of words without a sense nothing holds, not even that there is no key");
}

#[test]
fn two_actions_on_one_chord_are_told_and_the_first_keeps_it() {
    let (keymaps, warnings) = Keymaps::new(&words(&[("like", &["X"]), ("mute", &["x", "N"])]));
    assert_eq!(warnings, ["keys.mute: 'X' means 'like' already, and goes on to."]);
    let keymap = keymaps.of(KeyPreset::Feed);
    assert_eq!(keymap.meaning(chord("X")), Some(Key::Like));
    assert_eq!(printed(keymap, Key::Mute), ["N"]);
}

#[test]
fn an_action_that_lost_its_only_key_is_told_and_one_that_was_given_none_is_not() {
    let words = words(&[("like", &["M"]), ("still", &[])]);
    let (keymaps, warnings) = Keymaps::new(&words);
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(keymaps.losses(KeyPreset::Feed, &words), ["keys: no key is left for 'mute'."]);
    assert_eq!(Keymaps::default().losses(KeyPreset::Mpv, &KeyWords::new()), Vec::<String>::new());
}

#[test]
fn a_preset_is_known_by_its_name() {
    assert_eq!(preset_named("MPV"), Ok(KeyPreset::Mpv));
    assert_eq!(preset_named("vi").unwrap_err(), "keys.preset: nothing is called 'vi'; there are 'feed' and 'mpv'.");
}

#[test]
fn while_a_sheet_is_open_its_keys_move_nothing_under_it() {
    let mut model = crate::app::tests::watching(3);
    let press = crate::app::tests::press;
    let at = crate::app::tests::ms;
    press(&mut model, Key::Open, at(1000));
    assert_eq!(model.sheet(), Some(Sheet::Open));
    for key in [Key::Next, Key::Newest, Key::Pause] {
        press(&mut model, key, at(1100));
    }
    update(&mut model, Event::Wheel(crate::gesture::WheelDelta::Lines(1.0)), at(1200));
    assert_eq!(model.feed().index(), 0);
    assert!(model.plays());
    press(&mut model, Key::Help, at(1300));
    assert_eq!(model.sheet(), Some(Sheet::Keys), "one sheet takes the place of another");
    press(&mut model, Key::Escape, at(1400));
    press(&mut model, Key::Next, at(1500));
    assert_eq!((model.sheet(), model.feed().index()), (None, 1));
}

#[test]
fn the_keys_are_those_of_the_preset_that_the_viewer_prefers() {
    let preferences = crate::app::Preferences { keys: KeyPreset::Mpv, ..Default::default() };
    let model = Model::new(&Options { preferences, ..Options::default() });
    assert_eq!(model.keymap().meaning(chord("V")), Some(Key::Captions));
}
