//! The words after `flickreel replay`.

use std::path::PathBuf;

use clap::Args;

use super::Command;

/// How much worse a figure may be, in percent, when nobody says otherwise.
const BOUND_PERCENT: u32 = 10;

/// What `flickreel replay` takes beside the common options.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplayWords {
    /// A script: browse, rush, linger, soak, stroll, cold, overlay, or a TOML file, such as one that --record wrote.
    #[arg(value_name = "SCRIPT", required_unless_present_any = ["compare", "table"])]
    script: Option<String>,
    /// A folder, files, or the address of a feed; when left out, what the script names, or the sample reel.
    #[arg(value_name = "SOURCE")]
    source_words: Vec<String>,
    /// Write the report there, as JSON; `-` writes it to standard output.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write a trace there that ui.perfetto.dev opens.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Fixes everything that is drawn, such as the jitter between retries.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Play nothing: compare two reports. Ends with 1 when a figure of the second is worse than the bound.
    #[arg(long, num_args = 2, value_names = ["A.json", "B.json"], conflicts_with_all = ["script", "table", "report", "trace", "seed"])]
    compare: Option<Vec<PathBuf>>,
    /// How much worse a figure may be with --compare, in percent.
    #[arg(long, value_name = "PERCENT", requires = "compare", conflicts_with_all = ["script", "table"], default_value_t = BOUND_PERCENT)]
    bound: u32,
    /// Play nothing: show reports beside each other.
    #[arg(long, num_args = 1.., value_name = "REPORT.json", conflicts_with_all = ["script", "report", "trace", "seed"])]
    table: Option<Vec<PathBuf>>,
}

/// A script to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayOptions {
    /// A built-in script, or a file.
    pub script: String,
    /// The words that name what is shown; empty: what the script names, or the sample reel.
    pub source_words: Vec<String>,
    /// Where the report is to be written.
    pub report: Option<PathBuf>,
    /// Where the trace is to be written.
    pub trace: Option<PathBuf>,
    /// Fixes everything that is drawn.
    pub seed: Option<u64>,
}

impl ReplayWords {
    /// What these words ask for.
    pub(super) fn command(self) -> Command {
        let Self { script, source_words, report, trace, seed, compare, bound, table } = self;
        if let Some([before, after]) = compare.as_deref() {
            return Command::Compare { before: before.clone(), after: after.clone(), bound_percent: bound };
        }
        match table {
            Some(reports) => Command::Table(reports),
            // The parser has seen to it that there is one.
            None => Command::Replay(ReplayOptions { script: script.unwrap_or_default(), source_words, report, trace, seed }),
        }
    }
}
