//! What files say about feature flags: `[flags]` in the config file, and `flags.toml` beside it, which may be handed out
//! to many machines and holds the same lines without a heading.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::line_of;

/// What a file says about a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagWord {
    /// On or off.
    Switch(bool),
    /// On for this share of all installations, in percent.
    Percent(u8),
}

/// What a file says about flags, by name.
pub type FlagWords = BTreeMap<String, FlagWord>;

impl<'de> Deserialize<'de> for FlagWord {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a flag is true, false or a share in percent")]
        enum Written {
            Switch(bool),
            Percent(i64),
        }
        match Written::deserialize(input)? {
            Written::Switch(on) => Ok(Self::Switch(on)),
            Written::Percent(percent) => match u8::try_from(percent) {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(serde::de::Error::custom("a share has to be from 0 to 100 percent")),
            },
        }
    }
}

/// Reads `flags.toml`, which need not exist. A file that cannot be used says nothing; beside it comes a sentence then.
#[must_use]
pub fn load_flags(path: &Path) -> (FlagWords, Option<String>) {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => return (FlagWords::new(), None),
        Err(err) => return (FlagWords::new(), Some(format!("{} cannot be read: {err}.", path.display()))),
    };
    match toml::from_str(&text) {
        Ok(words) => (words, None),
        Err(err) => {
            let line = err.span().map_or(1, |span| line_of(&text, span.start));
            let message = err.message().replace('\n', " ");
            (FlagWords::new(), Some(format!("{}, line {line}: {message}; the file is ignored.", path.display())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (FlagWords, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags.toml");
        std::fs::write(&path, text).unwrap();
        load_flags(&path)
    }

    #[test]
    fn a_flag_is_a_switch_or_a_share() {
        let (words, problem) = read("a = true\nb = false\nc = 25\nd = 0\ne = 100\n");
        assert_eq!(problem, None);
        let words: Vec<_> = words.into_values().collect();
        assert_eq!(
            words,
            [FlagWord::Switch(true), FlagWord::Switch(false), FlagWord::Percent(25), FlagWord::Percent(0), FlagWord::Percent(100)]
        );
    }

    #[test]
    fn a_file_that_makes_no_sense_says_nothing_and_is_told_with_its_line() {
        for (text, sentence) in [
            ("a = true\nb = 101\n", "line 2: a share has to be from 0 to 100 percent"),
            ("a = -1\n", "line 1: a share has to be from 0 to 100 percent"),
            ("a = \"yes\"\n", "line 1: a flag is true, false or a share in percent"),
            ("a = \n", "line 1: "),
        ] {
            let (words, problem) = read(text);
            assert!(words.is_empty(), "{text}");
            let problem = problem.unwrap();
            assert!(problem.contains(sentence), "{problem}");
        }
    }

    #[test]
    fn without_a_file_nothing_is_said() {
        assert_eq!(load_flags(Path::new("/no/such/flags.toml")), (FlagWords::new(), None));
    }
}
