//! What a replay measured, written as JSON for programs.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::thresholds::Thresholds;
use crate::metrics::Snapshot;

/// The version of the names in the report. More names may be added without a new one.
pub const REPORT_VERSION: u32 = 1;

/// A whole report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// The script's name.
    pub script: String,
    /// What was shown, in words, without a query string.
    pub source: String,
    /// The adapter and the API that painted.
    pub renderer: String,
    /// Size of the window's content in logical pixels.
    pub window: [u32; 2],
    /// The version of the program.
    pub flickreel: String,
    /// What was measured.
    #[serde(flatten)]
    pub figures: Snapshot,
    /// Items that failed, a sentence each.
    pub failures: Vec<String>,
    /// Thresholds that did not hold, a sentence each.
    pub violations: Vec<String>,
}

impl Report {
    /// The thresholds that do not hold, a sentence each.
    #[must_use]
    pub fn check(&self, thresholds: &Thresholds) -> Vec<String> {
        thresholds.broken(self)
    }

    /// Writes it as JSON to a file, or to standard output for `-`.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        if path == Path::new("-") { io::stdout().lock().write_all(&json) } else { std::fs::write(path, json) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Quantiles;
    use crate::metrics::snapshot::{Class, Display, LatencyClasses, Pipelines};

    fn report() -> Report {
        Report {
            version: REPORT_VERSION,
            script: "browse".into(),
            source: "clips".into(),
            window: [450, 800],
            figures: Snapshot {
                latency_ms: LatencyClasses {
                    warm: Class(Some(Quantiles { n: 16, p50: 5.0, p95: 12.5, p99: 14.0, max: 15.0 })),
                    ..LatencyClasses::default()
                },
                display: Display { black_frames: Some(0), ..Display::default() },
                pipelines: Pipelines { budget: 6, peak: 6, ..Pipelines::default() },
                ..Snapshot::default()
            },
            ..Report::default()
        }
    }

    fn thresholds(text: &str) -> Thresholds {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_names_in_the_json_are_the_agreed_ones() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["latency_ms"]["warm"]["p95"], 12.5);
        assert_eq!(json["latency_ms"]["cold"], serde_json::json!({ "n": 0 }));
        assert_eq!(json["audio"], serde_json::json!({ "overlap_ms": null }));
        for (name, value) in [("budget", 6), ("peak", 6), ("stuck", 0)] {
            assert_eq!(json["pipelines"][name], value, "{name}");
        }
        for name in ["startup_ms", "display", "video", "cache", "preload", "network", "retries", "process", "invariants"] {
            assert!(json[name].is_object(), "{name}");
        }
        assert!(json["failures"].is_array());
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["display"], serde_json::json!({ "black_frames": 0 }));
        assert_eq!(json["process"], serde_json::json!({}));
    }

    #[test]
    fn a_report_that_keeps_every_bound_has_no_violations() {
        let bounds = "warm_p95_ms = 17\nwarm_min = 15\nblack_frames = 0\npipelines_over_budget = 0\nstuck = 0\nfailures = 0\n";
        assert_eq!(report().check(&thresholds(bounds)), Vec::<String>::new());
    }

    #[test]
    fn every_broken_bound_is_a_sentence() {
        let mut report = report();
        report.figures.pipelines.peak = 8;
        report.failures.push("clip 3: This video is damaged".into());
        let sentences = report.check(&thresholds("warm_p95_ms = 10\nwarm_min = 17\npipelines_over_budget = 0\nfailures = 0\n"));
        assert_eq!(
            sentences,
            [
                "warm_p95_ms: warm swipes, p95: 12.5 ms, at most 10 ms is asked for",
                "warm_min: warm swipes: 16, at least 17 is asked for",
                "pipelines_over_budget: pipelines beyond the budget: 2, at most 0 is asked for",
                "failures: items that failed: 1, at most 0 is asked for",
            ]
        );
    }

    #[test]
    fn a_figure_that_was_not_measured_keeps_no_bound() {
        let sentences = report().check(&thresholds("jank_pct = 1\ncold_p95_ms = 150\n"));
        assert_eq!(sentences, ["cold_p95_ms: cold swipes, p95 was not measured", "jank_pct: jank was not measured"]);
    }

    #[test]
    fn it_is_written_as_json_with_a_newline_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        report().write(&path).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["script"], "browse");
    }
}
