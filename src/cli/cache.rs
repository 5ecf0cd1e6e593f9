//! The words of `flickreel cache`.

use clap::{Args, Subcommand};

/// The digits of an id.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 1..=64;

pub(super) const NOTES: &str = "\
Works whether or not a Flickreel runs that uses the cache; one that does goes on playing. Without one, a lower --cache-size trims \
the cache as any start does.

With --json, one line of JSON goes to standard output, whatever happens. Its \"reply\" says what it is: \
\"stats\", \"list\" (with \"entries\"), \"verified\", \"cleared\", \"entry\", or \"failed\" with a \"sentence\". Sizes are in bytes.

Status: 0 when it was done; 1 when the check found something wrong, repaired or not, or when no single entry has that \
id; 2 when it could not be done.";

/// What `flickreel cache` takes beside the common options.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct CacheWords {
    /// What to do.
    #[command(subcommand)]
    pub question: CacheQuestion,
    /// Write one line of JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with the disk cache.
#[derive(Subcommand, Clone, Debug, PartialEq, Eq)]
pub enum CacheQuestion {
    /// How full it is.
    Stats,
    /// What is in it, the most recently used first.
    List,
    /// Read every stored block and compare it with its checksum.
    Verify {
        /// Remove what is damaged.
        #[arg(long)]
        repair: bool,
    },
    /// Remove everything that is not being played.
    Clear,
    /// Keep an entry whatever else has to go.
    Pin {
        /// Its id in `flickreel cache list`, or the beginning of it.
        #[arg(value_parser = parse_id)]
        id: String,
    },
    /// Let a pinned entry go again like any other.
    Unpin {
        /// Its id in `flickreel cache list`, or the beginning of it.
        #[arg(value_parser = parse_id)]
        id: String,
    },
}

fn parse_id(text: &str) -> Result<String, String> {
    if ID_DIGITS.contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("an id is made of the digits 0-9 and a-f; `flickreel cache list` shows them".into())
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{Cli, Command, parse_from};

    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        parse_from(std::iter::once("flickreel").chain(line.split_whitespace())).map_err(|err| err.to_string())
    }

    fn words(line: &str) -> (CacheQuestion, bool) {
        let Command::Cache(words) = parse(line).unwrap().command else { panic!("{line}") };
        (words.question, words.json)
    }

    #[test]
    fn each_question_to_the_cache_has_a_word_and_json_stands_anywhere_behind_it() {
        assert_eq!(words("cache stats"), (CacheQuestion::Stats, false));
        assert_eq!(words("cache --json list"), (CacheQuestion::List, true));
        assert_eq!(words("cache verify --json"), (CacheQuestion::Verify { repair: false }, true));
        assert_eq!(words("cache verify --repair"), (CacheQuestion::Verify { repair: true }, false));
        assert_eq!(words("cache clear"), (CacheQuestion::Clear, false));
        assert_eq!(words("cache pin 0AF3"), (CacheQuestion::Pin { id: "0af3".into() }, false));
        assert_eq!(words("cache unpin 0af3 --json"), (CacheQuestion::Unpin { id: "0af3".into() }, true));
    }

    #[test]
    fn the_common_options_say_which_cache_is_meant() {
        for line in ["--cache-dir here --cache-size 64MiB -v cache stats", "cache stats --cache-dir here --cache-size 64MiB -v"] {
            let common = parse(line).unwrap().common;
            assert_eq!((common.cache_dir, common.cache_size, common.verbose), (Some("here".into()), Some(64 << 20), 1), "{line}");
        }
        assert!(parse("cache stats --no-cache").unwrap_err().contains("--no-cache"));
        assert!(parse("--no-cache cache stats").unwrap_err().contains("--no-cache"));
    }

    #[test]
    fn what_is_no_id_and_a_question_that_is_incomplete_are_refused() {
        for wrong in ["cache", "cache pin", "cache pin ../etc", "cache pin xyz", "cache pin 1 2", "cache stats --repair", "cache explode"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let endless = "a".repeat(65);
        assert!(parse(&format!("cache pin {endless}")).unwrap_err().contains("cache list"));
    }

    #[test]
    fn a_folder_called_cache_is_written_as_a_path() {
        assert_eq!(parse("./cache").unwrap().command, Command::Watch { source_words: vec!["./cache".into()] });
        assert!(parse("clips --mute cache stats").unwrap_err().contains("'cache' is a command"));
    }
}
