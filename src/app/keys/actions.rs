//! Every meaning that a key can have, with its name in the config file and its keys in both presets.

use crate::app::{Key, KeyPreset, OverlayPage};

/// A meaning, its name, and the chords that have it in the preset `feed` and in the preset `mpv`.
pub(super) type Action = (Key, &'static str, &'static [&'static str], &'static [&'static str]);

/// All of them. The mpv preset follows mpv where it can; where a feed is moved, the arrows up and down move it, because a
/// jump of a minute means nothing in a short video.
pub(super) const ACTIONS: &[Action] = &[
    (Key::Next, "next", &["Down", "J", "PageDown"], &["Down", "PageDown", "Enter", "Shift+."]),
    (Key::Previous, "previous", &["Up", "K", "PageUp"], &["Up", "PageUp", "Shift+,"]),
    (Key::First, "first", &["Home"], &["Home"]),
    (Key::Newest, "newest", &["End"], &["End"]),
    (Key::Pause, "pause", &["Space"], &["Space", "P"]),
    (Key::Like, "like", &["L"], &["H"]),
    (Key::Back, "seek-back", &["Left"], &["Left"]),
    (Key::Forward, "seek-forward", &["Right"], &["Right"]),
    (Key::FrameBack, "frame-back", &[",", "Shift+Left"], &[",", "Shift+Left"]),
    (Key::FrameForward, "frame-forward", &[".", "Shift+Right"], &[".", "Shift+Right"]),
    (Key::Tenth(0), "tenth-0", &["0"], &[]),
    (Key::Tenth(1), "tenth-1", &["1"], &[]),
    (Key::Tenth(2), "tenth-2", &["2"], &[]),
    (Key::Tenth(3), "tenth-3", &["3"], &[]),
    (Key::Tenth(4), "tenth-4", &["4"], &[]),
    (Key::Tenth(5), "tenth-5", &["5"], &[]),
    (Key::Tenth(6), "tenth-6", &["6"], &[]),
    (Key::Tenth(7), "tenth-7", &["7"], &[]),
    (Key::Tenth(8), "tenth-8", &["8"], &[]),
    (Key::Tenth(9), "tenth-9", &["9"], &[]),
    (Key::Slower, "slower", &["["], &["["]),
    (Key::Faster, "faster", &["]"], &["]"]),
    (Key::OwnSpeed, "normal-speed", &["Backspace"], &["Backspace"]),
    (Key::Mute, "mute", &["M"], &["M"]),
    (Key::VolumeUp, "volume-up", &["+", "="], &["0", "+", "="]),
    (Key::VolumeDown, "volume-down", &["-"], &["9", "-"]),
    (Key::AtEnd, "loop", &["R"], &["L"]),
    (Key::Captions, "captions", &["C"], &["V"]),
    (Key::CaptionLanguage, "next-captions", &["Shift+C"], &["J"]),
    (Key::Still, "still", &["S"], &["S"]),
    (Key::CopyLink, "copy-link", &["Ctrl+C"], &["Ctrl+C"]),
    (Key::Fullscreen, "full-screen", &["F", "F11"], &["F", "F11"]),
    (Key::OnTop, "on-top", &["T"], &["T"]),
    (Key::Overlay, "overlay", &["I", "F3"], &["I", "F3"]),
    (Key::Page(OverlayPage::Feed), "overlay-feed", &["Ctrl+1"], &["Ctrl+1"]),
    (Key::Page(OverlayPage::Pipelines), "overlay-pipelines", &["Ctrl+2"], &["Ctrl+2"]),
    (Key::Page(OverlayPage::Cache), "overlay-cache", &["Ctrl+3"], &["Ctrl+3"]),
    (Key::Page(OverlayPage::Network), "overlay-network", &["Ctrl+4"], &["Ctrl+4"]),
    (Key::Page(OverlayPage::Item), "overlay-item", &["Ctrl+5"], &["Ctrl+5"]),
    (Key::Open, "open", &["O", "Ctrl+O"], &["O", "Ctrl+O"]),
    (Key::Settings, "settings", &["Ctrl+,"], &["Ctrl+,"]),
    (Key::Help, "help", &["?", "F1"], &["?", "F1"]),
    (Key::Refresh, "refresh", &["F5"], &["F5"]),
    (Key::Escape, "close", &["Escape"], &["Escape"]),
    (Key::Quit, "quit", &["Q", "Ctrl+Q"], &["Q", "Ctrl+Q"]),
];

/// The names of both presets.
pub(super) const PRESETS: [(&str, KeyPreset); 2] = [("feed", KeyPreset::Feed), ("mpv", KeyPreset::Mpv)];

/// The chords of an action in a preset.
pub(super) fn chords_of(action: &Action, preset: KeyPreset) -> &'static [&'static str] {
    match preset {
        KeyPreset::Feed => action.2,
        KeyPreset::Mpv => action.3,
    }
}

#[cfg(test)]
mod tests {
    use super::super::chord::Chord;
    use super::*;

    #[test]
    fn in_a_preset_every_chord_is_one_and_has_one_meaning() {
        for (_, preset) in PRESETS {
            let mut chords: Vec<_> =
                ACTIONS.iter().flat_map(|action| chords_of(action, preset)).map(|text| Chord::parse(text).unwrap()).collect();
            let all = chords.len();
            chords.sort_by_key(ToString::to_string);
            chords.dedup();
            assert_eq!(chords.len(), all);
        }
    }

    #[test]
    fn names_and_meanings_stand_once() {
        for (at, (key, name, ..)) in ACTIONS.iter().enumerate() {
            assert!(!ACTIONS[..at].iter().any(|(other, known, ..)| other == key || known == name), "{name}");
            assert!(name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-'), "{name}");
        }
    }

    #[test]
    fn the_page_about_keys_has_a_line_for_every_action() {
        let page = include_str!("../../../docs/KEYS.md");
        let cell = |chords: &[&str]| chords.iter().map(|chord| format!("`{}`", chord.replace('|', "\\|"))).collect::<Vec<_>>().join(" ");
        for (_, name, feed, mpv) in ACTIONS {
            let line = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
            let line = line.unwrap_or_else(|| panic!("{name} is missing"));
            assert!(line.ends_with(&format!("| {} | {} |", cell(feed), cell(mpv))), "{line}");
        }
    }
}
