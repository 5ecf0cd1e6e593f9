//! A chord: one key, and the keys that are held with it. How it is written, and how it is drawn.

use std::fmt;

use super::nearest::nearest;
use crate::words::keys::unknown_key;

/// Every key that can be bound: its name in egui, as it is written in the config file, and as it is drawn.
const CAPS: &[(&str, &str, &str)] = &[
    ("Down", "Down", "↓"),
    ("Up", "Up", "↑"),
    ("Left", "Left", "←"),
    ("Right", "Right", "→"),
    ("PageDown", "PageDown", "PgDn"),
    ("PageUp", "PageUp", "PgUp"),
    ("Home", "Home", "Home"),
    ("End", "End", "End"),
    ("Insert", "Insert", "Ins"),
    ("Delete", "Delete", "Del"),
    ("Backspace", "Backspace", "Backspace"),
    ("Space", "Space", "Space"),
    ("Enter", "Enter", "Enter"),
    ("Tab", "Tab", "Tab"),
    ("Escape", "Escape", "Esc"),
    ("Plus", "+", "+"),
    ("Minus", "-", "−"),
    ("Equals", "=", "="),
    ("Comma", ",", ","),
    ("Period", ".", "."),
    ("Colon", ":", ":"),
    ("Semicolon", ";", ";"),
    ("Slash", "/", "/"),
    ("Backslash", "\\", "\\"),
    ("Pipe", "|", "|"),
    ("Questionmark", "?", "?"),
    ("Exclamationmark", "!", "!"),
    ("OpenBracket", "[", "["),
    ("CloseBracket", "]", "]"),
    ("OpenCurlyBracket", "{", "{"),
    ("CloseCurlyBracket", "}", "}"),
    ("Backtick", "`", "`"),
    ("Quote", "'", "'"),
    ("0", "0", "0"),
    ("1", "1", "1"),
    ("2", "2", "2"),
    ("3", "3", "3"),
    ("4", "4", "4"),
    ("5", "5", "5"),
    ("6", "6", "6"),
    ("7", "7", "7"),
    ("8", "8", "8"),
    ("9", "9", "9"),
    ("A", "A", "A"),
    ("B", "B", "B"),
    ("C", "C", "C"),
    ("D", "D", "D"),
    ("E", "E", "E"),
    ("F", "F", "F"),
    ("G", "G", "G"),
    ("H", "H", "H"),
    ("I", "I", "I"),
    ("J", "J", "J"),
    ("K", "K", "K"),
    ("L", "L", "L"),
    ("M", "M", "M"),
    ("N", "N", "N"),
    ("O", "O", "O"),
    ("P", "P", "P"),
    ("Q", "Q", "Q"),
    ("R", "R", "R"),
    ("S", "S", "S"),
    ("T", "T", "T"),
    ("U", "U", "U"),
    ("V", "V", "V"),
    ("W", "W", "W"),
    ("X", "X", "X"),
    ("Y", "Y", "Y"),
    ("Z", "Z", "Z"),
    ("F1", "F1", "F1"),
    ("F2", "F2", "F2"),
    ("F3", "F3", "F3"),
    ("F4", "F4", "F4"),
    ("F5", "F5", "F5"),
    ("F6", "F6", "F6"),
    ("F7", "F7", "F7"),
    ("F8", "F8", "F8"),
    ("F9", "F9", "F9"),
    ("F10", "F10", "F10"),
    ("F11", "F11", "F11"),
    ("F12", "F12", "F12"),
];

/// What else a key or a modifier may be called.
const ALIASES: &[(&str, &str)] = &[
    ("ArrowDown", "Down"),
    ("ArrowUp", "Up"),
    ("ArrowLeft", "Left"),
    ("ArrowRight", "Right"),
    ("PgDn", "PageDown"),
    ("PgUp", "PageUp"),
    ("Esc", "Escape"),
    ("Return", "Enter"),
    ("Ins", "Insert"),
    ("Del", "Delete"),
];

/// One key and what is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Its place in [`CAPS`].
    cap: usize,
    /// Ctrl, or Command on a Mac, is held.
    ctrl: bool,
    shift: bool,
    alt: bool,
}

impl Chord {
    /// The chord of a key by the name that egui gives it, with nothing held; `None` for one that cannot be bound.
    #[must_use]
    pub fn of_key(name: &str) -> Option<Self> {
        let cap = CAPS.iter().position(|(egui, ..)| *egui == name)?;
        Some(Self { cap, ctrl: false, shift: false, alt: false })
    }

    /// The same key with these held, and no others.
    #[must_use]
    pub fn held_with(self, ctrl: bool, shift: bool, alt: bool) -> Self {
        Self { ctrl, shift, alt, ..self }
    }

    /// The chord itself, and what it may stand for where nothing is bound with Shift or Alt, the nearest first.
    pub(super) fn and_looser(self) -> [Self; 4] {
        let (small, bare) = (Self { shift: false, ..self }, Self { alt: false, ..self });
        [self, small, bare, Self { shift: false, ..bare }]
    }

    /// Understands `Ctrl+Shift+C`, `PageDown`, `[` or `Ctrl++`, in any case.
    ///
    /// # Errors
    /// A sentence that says what is wrong, and what may have been meant.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // The last plus may be the key itself.
        let (held, key) = match text.strip_suffix('+') {
            Some("") => ("", "+"),
            Some(before) if before.ends_with('+') => (before.trim_end_matches('+'), "+"),
            _ => text.rsplit_once('+').unwrap_or(("", text)),
        };
        let mut chord = Self { cap: cap(key.trim())?, ctrl: false, shift: false, alt: false };
        for modifier in held.split('+').map(str::trim).filter(|word| !word.is_empty()) {
            match modifier.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "cmd" | "command" => chord.ctrl = true,
                "shift" => chord.shift = true,
                "alt" | "option" => chord.alt = true,
                _ => return Err(unknown_key(modifier, "can be held with a key", nearest(modifier, ["Ctrl", "Shift", "Alt"]))),
            }
        }
        Ok(chord)
    }

    /// The chord as it is drawn: a word for each key, those that are held first.
    #[must_use]
    pub fn caps(self) -> Vec<&'static str> {
        let held = [(self.ctrl, "Ctrl"), (self.alt, "Alt"), (self.shift, "Shift")];
        let held = held.into_iter().filter_map(|(is_held, word)| is_held.then_some(word));
        held.chain([CAPS[self.cap].2]).collect()
    }
}

/// As it is written in the config file.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_held, word) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if is_held {
                f.write_str(word)?;
            }
        }
        f.write_str(CAPS[self.cap].1)
    }
}

/// The place in [`CAPS`] of a key as people write it.
fn cap(word: &str) -> Result<usize, String> {
    let meant = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(word)).map_or(word, |(_, name)| name);
    let is_meant = |(name, written, _): &(&str, &str, &str)| name.eq_ignore_ascii_case(meant) || written.eq_ignore_ascii_case(meant);
    CAPS.iter().position(is_meant).ok_or_else(|| unknown_key(word, "is a key", nearest(word, CAPS.iter().map(|(_, written, _)| *written))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chord_is_read_again_as_it_is_printed() {
        for at in 0..CAPS.len() {
            for held in 0..8 {
                let chord = Chord { cap: at, ctrl: held & 1 > 0, shift: held & 2 > 0, alt: held & 4 > 0 };
                assert_eq!(Chord::parse(&chord.to_string()), Ok(chord), "{chord}");
            }
        }
    }

    #[test]
    fn chords_are_read_as_people_write_them() {
        for (written, printed) in [
            ("ctrl + shift + c", "Ctrl+Shift+C"),
            ("shift+ctrl+C", "Ctrl+Shift+C"),
            ("Cmd+q", "Ctrl+Q"),
            ("arrowdown", "Down"),
            ("pgdn", "PageDown"),
            ("Return", "Enter"),
            ("questionmark", "?"),
            ("+", "+"),
            ("Plus", "+"),
            ("Ctrl++", "Ctrl++"),
            ("ctrl+-", "Ctrl+-"),
            (" f11 ", "F11"),
        ] {
            assert_eq!(Chord::parse(written).unwrap().to_string(), printed, "{written}");
        }
    }

    #[test]
    fn what_is_no_chord_is_told_with_what_may_have_been_meant() {
        let said = |text| Chord::parse(text).unwrap_err();
        assert_eq!(said("PageDwn"), "nothing called 'PageDwn' is a key; did you mean 'PageDown'?");
        assert_eq!(said("Hyper+C"), "nothing called 'Hyper' can be held with a key.");
        assert_eq!(said("Crtl+C"), "nothing called 'Crtl' can be held with a key; did you mean 'Ctrl'?");
        assert_eq!(said(""), "nothing called '' is a key.");
        assert_eq!(said("Ctrl+"), "nothing called '' is a key.");
        assert_eq!(said("wheelie"), "nothing called 'wheelie' is a key.");
    }

    #[test]
    fn a_chord_is_drawn_as_a_cap_for_each_key() {
        assert_eq!(Chord::parse("Shift+Ctrl+PageDown").unwrap().caps(), ["Ctrl", "Shift", "PgDn"]);
        assert_eq!(Chord::parse("Down").unwrap().caps(), ["↓"]);
    }
}
