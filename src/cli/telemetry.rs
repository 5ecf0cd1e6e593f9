//! The words of `flickreel telemetry`.

use clap::{Args, Subcommand};

pub(super) const NOTES: &str = "\
Usage events are off until both segment_endpoint and segment_write_key stand in [export] of the config file. A replay sends \
none.

Status: 0 when it was done, 2 when it could not be done.";

/// What `flickreel telemetry` takes beside the common options.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct TelemetryWords {
    /// What to do.
    #[command(subcommand)]
    pub question: TelemetryQuestion,
}

/// What to do with usage events.
#[derive(Subcommand, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelemetryQuestion {
    /// Whether any are sent, to whom, under which id, which ones wait, and what each kind looks like.
    Show,
    /// Draw a new id and drop the events that wait.
    Reset,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, parse_from};

    #[test]
    fn there_are_two_questions() {
        let question = |word: &str| match parse_from(["flickreel", "telemetry", word]) {
            Ok(cli) => match cli.command {
                Command::Telemetry(words) => Some(words.question),
                other => panic!("{other:?}"),
            },
            Err(_) => None,
        };
        assert_eq!(question("show"), Some(TelemetryQuestion::Show));
        assert_eq!(question("reset"), Some(TelemetryQuestion::Reset));
        assert_eq!(question("send"), None);
        assert!(parse_from(["flickreel", "telemetry"]).is_err());
    }
}
