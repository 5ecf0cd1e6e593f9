//! `[export]` of the config file: who gets figures and usage events. Nobody, unless it is written here.

use serde::{Deserialize, Deserializer};

use super::checked;
use crate::cli::CommonOptions;
use crate::export::options::{Collector, Endpoint, ExportOptions, SegmentTarget, WriteKey};

/// The keys of the section.
pub(super) const KEYS: &[&str] = &["dogstatsd", "prometheus", "segment_endpoint", "segment_write_key"];

/// `[export]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ExportSection {
    /// A DogStatsD collector: `"127.0.0.1:8125"` or `"unix:/run/datadog/dsd.socket"`.
    #[serde(deserialize_with = "collector")]
    pub dogstatsd: Option<Collector>,
    /// The port of this machine at which Prometheus may read figures; 0: any that is free, which the log names.
    pub prometheus: Option<u16>,
    /// The batch API that gets usage events, such as `"https://api.segment.io/v1/batch"`.
    #[serde(deserialize_with = "endpoint")]
    pub segment_endpoint: Option<Endpoint>,
    /// What lets events in there.
    #[serde(deserialize_with = "write_key")]
    pub segment_write_key: Option<WriteKey>,
}

impl ExportSection {
    /// What is odd about it.
    pub(super) fn warning(&self) -> Option<String> {
        let (missing, there) = match (&self.segment_endpoint, &self.segment_write_key) {
            (None, Some(_)) => ("segment_endpoint", "segment_write_key"),
            (Some(_), None) => ("segment_write_key", "segment_endpoint"),
            _ => return None,
        };
        Some(format!("export.{there} is of no use without export.{missing}, so no usage events are sent."))
    }

    /// Who is told in this run: the command line wins.
    pub(super) fn merge(self, cli: &CommonOptions) -> ExportOptions {
        let segment = self.segment_endpoint.zip(self.segment_write_key);
        ExportOptions {
            dogstatsd: cli.dogstatsd.clone().or(self.dogstatsd),
            prometheus: cli.prometheus.or(self.prometheus),
            segment: segment.map(|(endpoint, write_key)| SegmentTarget { endpoint, write_key }),
        }
    }
}

fn collector<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Collector>, D::Error> {
    checked(input, |text: String| Collector::parse(&text))
}

fn endpoint<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Endpoint>, D::Error> {
    checked(input, |text: String| Endpoint::parse(&text))
}

fn write_key<'de, D: Deserializer<'de>>(input: D) -> Result<Option<WriteKey>, D::Error> {
    checked(input, |text: String| WriteKey::parse(&text))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Settings};

    fn parse(text: &str) -> (Config, Vec<String>) {
        Config::parse(text, Path::new("config.toml")).unwrap()
    }

    fn options(text: &str, cli: &CommonOptions) -> ExportOptions {
        Settings::merge(cli, parse(text).0).export
    }

    #[test]
    fn nobody_is_told_anything_that_was_not_asked_for() {
        assert_eq!(options("", &CommonOptions::default()), ExportOptions::default());
        assert_eq!(options("[export]\n", &CommonOptions::default()), ExportOptions::default());
    }

    #[test]
    fn every_exporter_is_switched_on_by_its_keys() {
        let text = "[export]\ndogstatsd = \"unix:/run/dsd\"\nprometheus = 0\nsegment_endpoint = \"https://h\"\nsegment_write_key = \"k\"\n";
        assert_eq!(parse(text).1, Vec::<String>::new());
        let options = options(text, &CommonOptions::default());
        assert_eq!(options.dogstatsd, Some(Collector::Unix("/run/dsd".into())));
        assert_eq!(options.prometheus, Some(0));
        let segment = options.segment.unwrap();
        assert_eq!((segment.endpoint.url().as_str(), segment.write_key.secret()), ("https://h/v1/batch", "k"));
    }

    #[test]
    fn the_command_line_wins_over_the_file_here_too() {
        let cli = CommonOptions { dogstatsd: Some(Collector::Udp("h:1".into())), prometheus: Some(7), ..CommonOptions::default() };
        let options = options("[export]\ndogstatsd = \"127.0.0.1:8125\"\nprometheus = 9464\n", &cli);
        assert_eq!((options.dogstatsd, options.prometheus), (Some(Collector::Udp("h:1".into())), Some(7)));
    }

    #[test]
    fn half_of_a_target_is_warned_about_and_sends_nothing() {
        for (text, missing) in
            [("segment_endpoint = \"https://h\"", "export.segment_write_key"), ("segment_write_key = \"k\"", "export.segment_endpoint")]
        {
            let (config, warnings) = parse(&format!("[export]\n{text}\n"));
            assert!(warnings.len() == 1 && warnings[0].contains(missing), "{warnings:?}");
            assert_eq!(Settings::merge(&CommonOptions::default(), config).export.segment, None);
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line_and_a_key_is_never_repeated() {
        for (text, part) in [
            ("dogstatsd = \"8125\"", "HOST:PORT"),
            ("prometheus = 70000", ""),
            ("segment_endpoint = \"http://h.example\"", "https://"),
            ("segment_write_key = \"my secret\"", "a write key is a word"),
        ] {
            let sentence = Config::parse(&format!("[export]\n{text}\n"), Path::new("config.toml")).unwrap_err().to_string();
            assert!(sentence.starts_with("config.toml, line 2: ") && sentence.contains(part), "{sentence}");
            assert!(!sentence.contains("my secret"), "{sentence}");
        }
        assert!(parse("[export]\nstatsd = \"h:1\"\n").1[0].contains("'export.statsd'"));
    }
}
