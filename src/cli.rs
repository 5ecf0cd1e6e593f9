//! The command line: what the words after `flickreel` mean. Parsed into plain structs; nothing is opened here.

mod cache;
mod replay;
mod start;
mod telemetry;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub use cache::{CacheQuestion, CacheWords};
pub use replay::ReplayOptions;
pub use start::StartOptions;
pub use telemetry::{TelemetryQuestion, TelemetryWords};

use replay::ReplayWords;

use crate::export::options::Collector;
use crate::preload::plan;

/// The bound of the disk cache, in bytes (100 MiB). The command line can only lower it.
pub const CACHE_CAP_BYTES: u64 = 100 * 1024 * 1024;
/// The smallest disk cache that is of use, in bytes: the heads of a preload window have to fit.
pub const CACHE_MIN_BYTES: u64 = 8 * 1024 * 1024;
/// The sides a window may be asked to have, in logical pixels.
pub const WINDOW_SIDE: std::ops::RangeInclusive<u32> = 200..=16_384;

const EXAMPLES: &str = "\
Examples:
  flickreel                              where you left off, or the sample reel
  flickreel ~/Videos                     every video in a folder and below
  flickreel one.mp4 two.webm             these files, in this order
  flickreel https://feeds.example/home   a feed from a server
  flickreel ./replay                     a folder that is called like a command
  flickreel --from-start ~/Videos        from the first video on, not from where you left
  flickreel --print-config               every setting, its meaning and what is in force
  flickreel replay browse ~/Videos --report browse.json
  flickreel --record mine.toml ~/Videos  write down what is done, and then: flickreel replay mine.toml
  flickreel cache list                   what is kept on disk
  flickreel telemetry show               what is sent of the usage, if anything
  flickreel doctor                       what is missing on this machine
  flickreel report                       an archive to attach to a bug report

Files: settings are read from flickreel/config.toml in the configuration folder (~/.config);
FLICKREEL_LOG sets what is logged, for example FLICKREEL_LOG=flickreel=debug.";

/// The command line, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Cli {
    /// What to do.
    pub command: Command,
    /// Options that every command takes.
    pub common: CommonOptions,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open the window and show a feed.
    Watch {
        /// The words that name the source; empty: the last one, or the sample reel.
        source_words: Vec<String>,
    },
    /// Open the window, play a script of gestures and write a report.
    Replay(ReplayOptions),
    /// Compare two reports.
    Compare {
        /// The report that the other one is compared with.
        before: PathBuf,
        /// The other one.
        after: PathBuf,
        /// How much worse a figure of it may be, in percent.
        bound_percent: u32,
    },
    /// Show these reports beside each other.
    Table(Vec<PathBuf>),
    /// Ask about the disk cache, or change what is in it.
    Cache(CacheWords),
    /// Ask about usage events, or begin anew with them.
    Telemetry(TelemetryWords),
    /// Say what this machine lacks.
    Doctor,
    /// Say which behaviours are switched on, and why.
    Flags,
    /// Write what testers need to know into one archive.
    Report {
        /// Where to; `None`: a file in the current folder that is named by the time.
        file: Option<PathBuf>,
    },
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonOptions {
    /// Size of the window's content, such as 450x800.
    #[arg(long, global = true, value_name = "WxH", value_parser = parse_window)]
    pub window: Option<(u32, u32)>,
    /// Keep the disk cache in this folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Bound of the disk cache, such as 64MiB or 80MB; at most 100 MiB.
    #[arg(long, global = true, value_name = "SIZE", value_parser = parse_cache_size)]
    pub cache_size: Option<u64>,
    /// Keep nothing on disk.
    #[arg(long, global = true, conflicts_with_all = ["cache_dir", "cache_size"])]
    pub no_cache: bool,
    /// How far to preload and how long to wait for a server.
    #[arg(long, global = true, value_name = "NAME", value_enum, ignore_case = true)]
    pub profile: Option<Profile>,
    /// Write what is done in the window to this file, as a script that `replay` plays again.
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Send figures to a DogStatsD collector every 15 s, at HOST:PORT or at unix: and a path.
    #[arg(long, global = true, value_name = "ADDRESS", value_parser = Collector::parse)]
    pub dogstatsd: Option<Collector>,
    /// Let Prometheus read figures at this port of 127.0.0.1, under /metrics; 0 takes a free one and logs it.
    #[arg(long, global = true, value_name = "PORT")]
    pub prometheus: Option<u16>,
    /// Start without sound.
    #[arg(long, global = true)]
    pub mute: bool,
    /// How the window comes up.
    #[command(flatten)]
    pub start: StartOptions,
    /// Print every setting with its meaning, its default and what is in force now, as a config file, and end.
    #[arg(long, global = true)]
    pub print_config: bool,
    /// Read settings from this file instead.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Say more on standard error; twice: still more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How far to preload and how long to wait for a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Chosen by what the desktop tells of the network and what is measured of it.
    #[default]
    Auto,
    /// Two items ahead, one behind; 10 s for a load.
    Wifi,
    /// One item ahead, none behind; 15 s for a load.
    Cellular,
    /// One item ahead, none behind; 20 s for a load.
    Slow,
    /// Two items ahead, one behind; 500 ms for a load.
    Testing,
}

impl Profile {
    /// The profile that is asked for; `None`: chosen by what is known of the network.
    #[must_use]
    pub fn asked(self) -> Option<plan::Profile> {
        match self {
            Self::Auto => None,
            Self::Wifi => Some(plan::Profile::Wifi),
            Self::Cellular => Some(plan::Profile::Cellular),
            Self::Slow => Some(plan::Profile::Slow),
            Self::Testing => Some(plan::Profile::Testing),
        }
    }

    /// The profile of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}

/// The words that [`Profile::named`] knows, for a sentence.
pub const PROFILE_NAMES: &str = "auto, wifi, cellular, slow or testing";

const FLAG_NOTES: &str = "\
A flag is true, false, or a share of all installations in percent. It is told, the first that says something, by [flags] in \
config.toml, by flags.toml beside it, or by the feed service at GET /feed/flags, from the next start on. What a share switched \
on is switched off again, and stays off, when memory is beyond 1 GB for five minutes, when more than 20 % of the loads fail, \
or when two sessions in a row end abruptly.";

#[derive(Parser)]
#[command(
    name = "flickreel",
    version,
    about = "A native desktop client for vertical video feeds.",
    override_usage = "flickreel [OPTIONS] [SOURCE]...\n       flickreel [OPTIONS] <COMMAND>",
    after_help = EXAMPLES,
    disable_help_subcommand = true,
)]
struct Words {
    /// A folder, one or more files, or the http(s) address of a feed.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    #[command(flatten)]
    common: CommonOptions,
    #[command(subcommand)]
    command: Option<CommandWord>,
}

#[derive(Subcommand)]
enum CommandWord {
    /// Play a script of gestures in the real window and report what was measured.
    ///
    /// Ends with status 0 when every threshold in the script holds, 1 when one does not, 2 when it could not run.
    Replay(ReplayWords),
    /// Look into the disk cache, check it, empty it, or keep something in it.
    #[command(after_help = cache::NOTES)]
    Cache(CacheWords),
    /// Show what is sent of the usage, if anything, or begin anew with it.
    #[command(after_help = telemetry::NOTES)]
    Telemetry(TelemetryWords),
    /// Check this machine for what Flickreel needs, and say what to install.
    Doctor,
    /// Say which behaviours are being tried out on this machine, and why.
    #[command(after_help = FLAG_NOTES)]
    Flags,
    /// Save a report for testers: versions, what doctor says, settings without secrets, last figures, the log.
    Report {
        /// The archive, a .tar.gz; without it a file in the current folder that is named by the time.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// Parses a whole command line, the program's own name first.
///
/// # Errors
/// The text of `--help` or `--version`, or a sentence about a wrong word; `clap::Error::exit` prints it and
/// ends with the right status (0 or 2).
pub fn parse_from<I, T>(args: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let Words { sources, common, command } = Words::try_parse_from(args)?;
    let command = match command {
        None => Command::Watch { source_words: sources },
        Some(word) => {
            let (name, command) = match word {
                CommandWord::Replay(words) => ("replay", words.command()),
                CommandWord::Cache(words) => ("cache", Command::Cache(words)),
                CommandWord::Telemetry(words) => ("telemetry", Command::Telemetry(words)),
                CommandWord::Doctor => ("doctor", Command::Doctor),
                CommandWord::Flags => ("flags", Command::Flags),
                CommandWord::Report { file } => ("report", Command::Report { file }),
            };
            if common.no_cache && matches!(command, Command::Cache(_)) {
                let sentence = "with --no-cache there is no disk cache to ask about";
                return Err(Words::command().error(ErrorKind::ArgumentConflict, sentence));
            }
            if let Some(first) = sources.first() {
                let sentence =
                    format!("'{name}' is a command and has to come before '{first}'; a folder of that name is written './{name}'");
                return Err(Words::command().error(ErrorKind::ArgumentConflict, sentence));
            }
            command
        }
    };
    Ok(Cli { command, common })
}

/// Reads a window size such as `450x800`.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn parse_window(text: &str) -> Result<(u32, u32), String> {
    let sides = text.split_once(['x', 'X', '×']).and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match sides {
        None => Err("a window size is written WxH, for example 450x800".into()),
        Some((width, height)) if WINDOW_SIDE.contains(&width) && WINDOW_SIDE.contains(&height) => Ok((width, height)),
        Some(_) => Err(format!("each side has to be from {} to {} pixels", WINDOW_SIDE.start(), WINDOW_SIDE.end())),
    }
}

/// Reads an amount of bytes such as `64MiB`, `80 MB` or `1000000`.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 8] =
        [("", 1), ("b", 1), ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30)];
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, factor)| factor);
    match (number.parse::<u64>(), factor) {
        (Ok(number), Some(factor)) => number.checked_mul(factor).ok_or_else(|| "that is more than any disk holds".into()),
        _ => Err("a size is a whole number and a unit, for example 64MiB, 80MB or 1000000".into()),
    }
}

fn parse_cache_size(text: &str) -> Result<u64, String> {
    let bytes = parse_bytes(text)?;
    if bytes > CACHE_CAP_BYTES {
        return Err("the disk cache is bounded at 100 MiB; a larger bound can be set only in the config file".into());
    }
    if bytes < CACHE_MIN_BYTES {
        return Err("a disk cache under 8 MiB is of no use; leave it out with --no-cache".into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Cli {
        parse_from(std::iter::once("flickreel").chain(line.split_whitespace())).unwrap()
    }

    fn refusal(line: &str) -> String {
        parse_from(std::iter::once("flickreel").chain(line.split_whitespace())).unwrap_err().to_string()
    }

    #[test]
    fn the_definition_has_no_contradictions() {
        Words::command().debug_assert();
    }

    #[test]
    fn words_without_a_command_name_a_source() {
        assert_eq!(parse("a.mp4 b.mp4").command, Command::Watch { source_words: vec!["a.mp4".into(), "b.mp4".into()] });
        assert_eq!(parse("").command, Command::Watch { source_words: vec![] });
    }

    #[test]
    fn a_first_word_that_is_a_command_is_one_and_a_path_of_that_name_is_not() {
        assert_eq!(parse("doctor").command, Command::Doctor);
        assert_eq!(parse("./doctor").command, Command::Watch { source_words: vec!["./doctor".into()] });
        assert_eq!(parse("-- doctor").command, Command::Watch { source_words: vec!["doctor".into()] });
        assert_eq!(parse("clips doctor").command, Command::Watch { source_words: vec!["clips".into(), "doctor".into()] });
        assert!(refusal("clips --mute doctor").contains("'doctor' is a command"), "{}", refusal("clips --mute doctor"));
    }

    #[test]
    fn common_options_are_taken_before_and_after_a_command() {
        for line in ["--window 450x800 -vv replay browse clips --seed 7", "replay browse clips --seed 7 --window 450x800 -vv"] {
            let cli = parse(line);
            assert_eq!(cli.common.window, Some((450, 800)), "{line}");
            assert_eq!(cli.common.verbose, 2, "{line}");
            let Command::Replay(replay) = cli.command else { panic!("{line}") };
            assert_eq!((replay.script.as_str(), replay.seed), ("browse", Some(7)));
            assert_eq!(replay.source_words, ["clips"]);
        }
    }

    #[test]
    fn a_replay_plays_a_script_or_looks_at_reports() {
        let compare = |bound_percent| Command::Compare { before: "a.json".into(), after: "b.json".into(), bound_percent };
        assert_eq!(parse("replay --compare a.json b.json").command, compare(10));
        assert_eq!(parse("replay --compare a.json b.json --bound 25").command, compare(25));
        assert_eq!(
            parse("replay --table a.json b.json c.json").command,
            Command::Table(["a.json", "b.json", "c.json"].map(PathBuf::from).into())
        );
        let Command::Replay(replay) = parse("replay mine.toml --trace t.json --record again.toml").command else { panic!() };
        assert_eq!((replay.script.as_str(), replay.trace), ("mine.toml", Some("t.json".into())));
        assert_eq!(parse("--record mine.toml clips").common.record, Some("mine.toml".into()));
        for wrong in [
            "replay --compare a.json",
            "replay browse --compare a.json b.json",
            "replay browse --bound 5",
            "replay --compare a b --bound x",
        ] {
            assert!(!refusal(wrong).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn a_window_has_two_sides_of_a_sensible_length() {
        assert_eq!(parse_window("450x800"), Ok((450, 800)));
        assert_eq!(parse_window("16384x200"), Ok((16_384, 200)));
        for wrong in ["450", "450x", "x800", "450x800x2", "199x800", "450x16385", "-450x800", "4.5x8", ""] {
            assert!(parse_window(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_read_with_decimal_and_binary_units() {
        assert_eq!(parse_bytes("1000"), Ok(1000));
        assert_eq!(parse_bytes("100MB"), Ok(100_000_000));
        assert_eq!(parse_bytes("64 mib"), Ok(64 << 20));
        for wrong in ["", "MB", "1.5GB", "-1", "10 bananas", "99999999999GB", "１00MB"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_line_can_only_lower_the_bound_of_the_cache() {
        assert_eq!(parse("--cache-size 100MiB").common.cache_size, Some(CACHE_CAP_BYTES));
        assert!(refusal("--cache-size 101MiB").contains("config file"));
        assert!(refusal("--cache-size 1MB").contains("--no-cache"));
        assert!(refusal("--no-cache --cache-size 64MiB").contains("--cache-size"));
    }

    #[test]
    fn profiles_are_known_by_name_and_others_are_refused() {
        assert_eq!(parse("--profile Cellular").common.profile, Some(Profile::Cellular));
        assert!(refusal("--profile fast").contains("cellular"));
    }
}
