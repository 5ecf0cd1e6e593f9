//! What a replay measured, written as JSON for programs.

use std::io::{self, Write};
use std::path::Path;

use serde::{Serialize, Serializer};

use super::process::ProcessFigures;
use super::thresholds::Thresholds;
use crate::metrics::Quantiles;

/// The version of the names in the report. More names may be added without a new one.
pub const REPORT_VERSION: u32 = 1;

/// A distribution in the report; without a single value it is `{"n":0}`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Class(pub Option<Quantiles>);

impl Class {
    /// The figures, when there are any.
    #[must_use]
    pub fn figures(&self) -> Option<Quantiles> {
        self.0.filter(|figures| figures.n > 0)
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.figures().map_or(0, |figures| figures.n)
    }
}

impl From<Option<Quantiles>> for Class {
    fn from(figures: Option<Quantiles>) -> Self {
        Self(figures)
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Empty {
            n: u64,
        }
        match self.figures() {
            Some(figures) => figures.serialize(output),
            None => Empty { n: 0 }.serialize(output),
        }
    }
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
    };
    // A section of figures that are measured or left out.
    ($(#[$doc:meta])* $name:ident measured { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$kind>,)*
        }
    };
}

section! {
    /// A whole report.
    Report {
        /// [`REPORT_VERSION`].
        version: u32,
        /// The script's name.
        script: String,
        /// What was shown, in words, without a query string.
        source: String,
        /// The adapter and the API that painted.
        renderer: String,
        /// Size of the window's content in logical pixels.
        window: [u32; 2],
        /// The version of the program.
        flickreel: String,
        /// Since the start of the process.
        startup_ms: Startup,
        /// Swipe committed to first frame.
        latency_ms: LatencyClasses,
        /// What became of the swipes.
        swipes: Swipes,
        /// Display frames.
        display: Display,
        /// Video frames.
        video: Video,
        /// Sound.
        audio: Audio,
        /// Pipelines.
        pipelines: Pipelines,
        /// The disk cache.
        cache: Cache,
        /// Preloading.
        preload: Preload,
        /// The network.
        network: Network,
        /// The process as the system sees it.
        process: ProcessFigures,
        /// Items that failed, a sentence each.
        failures: Vec<String>,
        /// Thresholds that did not hold, a sentence each.
        violations: Vec<String>,
    }
}
section! {
    /// Since the start of the process, in milliseconds.
    Startup measured {
        /// To the first display frame of any kind.
        process_to_window: f64,
        /// To the first frame of the first item.
        process_to_first_frame: f64,
    }
}
section! {
    /// Swipe committed to first frame, in milliseconds, by what was ready.
    LatencyClasses {
        /// The item was prerolled.
        warm: Class,
        /// Not prerolled, all bytes that were needed on disk.
        cached: Class,
        /// Neither.
        cold: Class,
        /// Warm, until the second distinct picture.
        warm_moving: Class,
        /// Every class together.
        all: Class,
        /// Every class, forward only.
        next: Class,
        /// Every class, backward only.
        prev: Class,
    }
}
section! {
    /// What became of the swipes.
    Swipes {
        /// Swipes that were committed.
        committed: u64,
        /// Swipes whose item had its first frame.
        painted: u64,
        /// Swipes that were followed by another before their first frame.
        abandoned: u64,
        /// 1 when the item that was shown at the end still had no picture.
        waiting: u64,
    }
}
section! {
    /// Display frames.
    Display measured {
        /// Frames a second while anything moved.
        fps: f64,
        /// Share of frames beyond 1.5 × the display period, in percent.
        jank_pct: f64,
        /// 95th percentile of the time between frames.
        frame_ms_p95: f64,
        /// The longest time between two frames while anything moved.
        frame_ms_max: f64,
        /// Frames with a visible tile that showed nothing of its own.
        black_frames: u64,
    }
}
section! {
    /// Video frames.
    Video measured {
        /// Distinct pictures painted.
        painted: u64,
        /// Decoded and not painted in time.
        late: u64,
        /// Thrown away by the sink.
        dropped: u64,
        /// Waiting / (playing + waiting) after the first frame.
        rebuffer_ratio: f64,
        /// How often playback waited.
        rebuffers: u64,
        /// The longest time for which the picture of an item stood that was playing and did not wait.
        standing_ms_max: f64,
    }
}
section! {
    /// Sound.
    Audio {
        /// Time in which two items could be heard; `null` where nobody listened.
        overlap_ms: Option<f64>,
        /// Offset of sound and picture, 95th percentile.
        #[serde(skip_serializing_if = "Option::is_none")]
        av_offset_ms_p95: Option<f64>,
    }
}
section! {
    /// Pipelines.
    Pipelines {
        /// The most that may exist.
        budget: u64,
        /// The most that existed at once.
        peak: u64,
        /// Hung in teardown and abandoned.
        stuck: u64,
    }
}
section! {
    /// The disk cache.
    Cache measured {
        /// Media bytes that were there when asked for.
        hits: u64,
        /// Media bytes that were not.
        misses: u64,
        /// hits / (hits + misses).
        hit_rate: f64,
        /// Entries evicted.
        evictions: u64,
        /// The most bytes on disk.
        disk_peak_bytes: u64,
        /// The bound.
        cap_bytes: u64,
    }
}
section! {
    /// Preloading.
    Preload measured {
        /// The most items that waited to be readied.
        queue_peak: u64,
        /// Items that reached their target stage.
        completed: u64,
        /// Items that failed to.
        failed: u64,
        /// Bytes of items that were never shown.
        wasted_bytes: u64,
        /// The same as a share of all bytes received.
        waste_ratio: f64,
    }
}
section! {
    /// The network.
    Network measured {
        /// Bytes received.
        bytes: u64,
        /// Requests sent.
        requests: u64,
    }
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

    fn report() -> Report {
        Report {
            version: REPORT_VERSION,
            script: "browse".into(),
            source: "clips".into(),
            window: [450, 800],
            latency_ms: LatencyClasses {
                warm: Class(Some(Quantiles { n: 16, p50: 5.0, p95: 12.5, p99: 14.0, max: 15.0 })),
                ..LatencyClasses::default()
            },
            display: Display { black_frames: Some(0), ..Display::default() },
            pipelines: Pipelines { budget: 6, peak: 6, stuck: 0 },
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
        assert_eq!(json["pipelines"], serde_json::json!({ "budget": 6, "peak": 6, "stuck": 0 }));
        for name in ["startup_ms", "display", "video", "cache", "preload", "network", "process"] {
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
        report.pipelines.peak = 8;
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
