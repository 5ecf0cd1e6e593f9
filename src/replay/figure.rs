//! The figures of a report by name: where each stands in the JSON, in which unit, and which side of it is good. Bounds in
//! scripts, comparisons and tables all read them here.

use serde_json::Value;

/// Which side is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Good {
    AtMost,
    AtLeast,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Ms,
    Percent,
    /// Display frames a second.
    Fps,
    /// Part of a whole, 0 to 1.
    Share,
    /// What there is a number of in any run.
    Count,
    /// What there should be none of.
    Fault,
    Bytes,
    Cores,
    Mb,
}

impl Unit {
    /// The unit behind a number in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ms => " ms",
            Self::Percent => " %",
            Self::Fps => " fps",
            Self::Share | Self::Count | Self::Fault => "",
            Self::Bytes => " bytes",
            Self::Cores => " cores",
            Self::Mb => " MB",
        }
    }

    /// Two runs of the same program differ by as much: a change that is no larger is none.
    pub fn floor(self) -> f64 {
        match self {
            Self::Ms | Self::Count => 2.0,
            Self::Percent => 0.5,
            Self::Fps => 1.0,
            Self::Share => 0.01,
            Self::Fault => 0.0,
            Self::Bytes => 65_536.0,
            Self::Cores => 0.02,
            Self::Mb => 5.0,
        }
    }
}

/// Where a figure stands in the JSON of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A number.
    At(&'static str),
    /// A number, as far as it is beyond another one.
    Beyond(&'static str, &'static str),
    /// The length of a list.
    Length(&'static str),
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub name: &'static str,
    pub good: Good,
    /// What it is called in a sentence.
    pub words: &'static str,
    pub unit: Unit,
    place: Place,
}

impl Figure {
    /// Its value in a report; `None` where it was not measured.
    pub fn read(&self, report: &Value) -> Option<f64> {
        let number = |at: &str| report.pointer(at)?.as_f64();
        #[expect(clippy::cast_precision_loss, reason = "the length of a list of one run")]
        match self.place {
            Place::At(at) => number(at),
            Place::Beyond(value, bound) => Some((number(value)? - number(bound)?).max(0.0)),
            Place::Length(at) => Some(report.pointer(at)?.as_array()?.len() as f64),
        }
    }
}

const fn most(name: &'static str, words: &'static str, unit: Unit, at: &'static str) -> Figure {
    Figure { name, good: Good::AtMost, words, unit, place: Place::At(at) }
}

const fn least(name: &'static str, words: &'static str, unit: Unit, at: &'static str) -> Figure {
    Figure { name, good: Good::AtLeast, words, unit, place: Place::At(at) }
}

const fn derived(name: &'static str, words: &'static str, unit: Unit, place: Place) -> Figure {
    Figure { name, good: Good::AtMost, words, unit, place }
}

/// All figures, in the order of the report.
pub(super) const FIGURES: [Figure; 34] = [
    most("startup_ms", "first frame after the start of the process", Unit::Ms, "/startup_ms/process_to_first_frame"),
    most("warm_p50_ms", "warm swipes, median", Unit::Ms, "/latency_ms/warm/p50"),
    most("warm_p95_ms", "warm swipes, p95", Unit::Ms, "/latency_ms/warm/p95"),
    most("warm_max_ms", "warm swipes, slowest", Unit::Ms, "/latency_ms/warm/max"),
    least("warm_min", "warm swipes", Unit::Count, "/latency_ms/warm/n"),
    most("cached_p95_ms", "cached swipes, p95", Unit::Ms, "/latency_ms/cached/p95"),
    most("cold_p95_ms", "cold swipes, p95", Unit::Ms, "/latency_ms/cold/p95"),
    most("cold_max", "cold swipes", Unit::Count, "/latency_ms/cold/n"),
    most("all_p95_ms", "all swipes, p95", Unit::Ms, "/latency_ms/all/p95"),
    most("all_max_ms", "all swipes, slowest", Unit::Ms, "/latency_ms/all/max"),
    most("warm_moving_p95_ms", "warm swipes until the picture moves, p95", Unit::Ms, "/latency_ms/warm_moving/p95"),
    least("swipes_min", "swipes", Unit::Count, "/swipes/committed"),
    most("waiting", "items without a picture at the end", Unit::Fault, "/swipes/waiting"),
    most("abandoned", "swipes that were left before their first frame", Unit::Count, "/swipes/abandoned"),
    most("black_frames", "black frames", Unit::Fault, "/display/black_frames"),
    most("jank_pct", "jank", Unit::Percent, "/display/jank_pct"),
    least("fps_min", "display rate", Unit::Fps, "/display/fps"),
    most("frame_p95_ms", "display frames, p95", Unit::Ms, "/display/frame_ms_p95"),
    most("frame_max_ms", "display frames, slowest", Unit::Ms, "/display/frame_ms_max"),
    most("late", "late frames", Unit::Count, "/video/late"),
    most("dropped", "dropped frames", Unit::Count, "/video/dropped"),
    most("rebuffer_ratio", "share of time waiting for bytes", Unit::Share, "/video/rebuffer_ratio"),
    most("standing_max_ms", "a picture that stood while its item played, longest", Unit::Ms, "/video/standing_ms_max"),
    most("overlap_ms", "time in which two items were heard", Unit::Fault, "/audio/overlap_ms"),
    most("av_offset_p95_ms", "offset of sound and picture, p95", Unit::Ms, "/audio/av_offset_ms_p95"),
    derived("pipelines_over_budget", "pipelines beyond the budget", Unit::Fault, Place::Beyond("/pipelines/peak", "/pipelines/budget")),
    most("stuck", "pipelines that hung in teardown", Unit::Fault, "/pipelines/stuck"),
    derived("failures", "items that failed", Unit::Fault, Place::Length("/failures")),
    least("hit_rate_min", "hit rate of the cache", Unit::Share, "/cache/hit_rate"),
    derived(
        "disk_over_cap_bytes",
        "disk beyond the bound of the cache",
        Unit::Bytes,
        Place::Beyond("/cache/disk_peak_bytes", "/cache/cap_bytes"),
    ),
    most("waste_ratio", "share of bytes for items that were never shown", Unit::Share, "/preload/waste_ratio"),
    most("cpu_cores", "CPU", Unit::Cores, "/process/cpu_cores"),
    most("peak_pss_mb", "peak memory (PSS)", Unit::Mb, "/process/peak_pss_mb"),
    most("peak_rss_mb", "peak memory (RSS)", Unit::Mb, "/process/peak_rss_mb"),
];

/// A number with no more digits than it needs, three decimals at most.
pub(super) fn tidy(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::metrics::snapshot::{Audio, Cache, Class, Display, LatencyClasses, Preload, Process, Startup, Video};
    use crate::metrics::{Quantiles, Snapshot};
    use crate::replay::Report;
    use crate::replay::report::REPORT_VERSION;

    /// A report in which every figure was measured.
    pub fn full() -> Report {
        let class = Class(Some(Quantiles { n: 10, p50: 8.0, p95: 12.0, p99: 14.0, max: 15.0 }));
        let figures = Snapshot {
            startup_ms: Startup { process_to_first_frame: Some(500.0), ..Startup::default() },
            latency_ms: LatencyClasses {
                warm: class,
                cached: class,
                cold: class,
                warm_moving: class,
                all: class,
                ..LatencyClasses::default()
            },
            display: Display {
                black_frames: Some(0),
                jank_pct: Some(0.5),
                fps: Some(60.0),
                frame_ms_p95: Some(17.0),
                frame_ms_max: Some(33.0),
                ..Display::default()
            },
            video: Video { late: Some(1), dropped: Some(2), rebuffer_ratio: Some(0.0), standing_ms_max: Some(40.0), ..Video::default() },
            audio: Audio { overlap_ms: Some(0.0), av_offset_ms_p95: Some(5.0) },
            cache: Cache { hit_rate: Some(0.9), disk_peak_bytes: Some(10), cap_bytes: Some(100), ..Cache::default() },
            preload: Preload { waste_ratio: Some(0.1), ..Preload::default() },
            process: Process { cpu_cores: Some(0.4), peak_pss_mb: Some(200.0), peak_rss_mb: Some(250.0), ..Process::default() },
            ..Snapshot::default()
        };
        Report { version: REPORT_VERSION, script: "browse".into(), figures, ..Report::default() }
    }

    #[test]
    fn every_figure_is_found_in_a_report_that_has_it() {
        let report = serde_json::to_value(full()).unwrap();
        for figure in &FIGURES {
            assert!(figure.read(&report).is_some(), "{}", figure.name);
        }
    }

    #[test]
    fn what_is_derived_counts_only_what_is_beyond() {
        let mut report = full();
        (report.figures.pipelines.peak, report.figures.pipelines.budget) = (8, 6);
        report.failures = vec!["one".into(), "two".into()];
        let report = serde_json::to_value(report).unwrap();
        let read = |name| FIGURES.iter().find(|figure| figure.name == name).unwrap().read(&report);
        assert_eq!(read("pipelines_over_budget"), Some(2.0));
        assert_eq!(read("disk_over_cap_bytes"), Some(0.0));
        assert_eq!(read("failures"), Some(2.0));
    }

    #[test]
    fn no_two_figures_share_a_name() {
        let mut names: Vec<_> = FIGURES.iter().map(|figure| figure.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIGURES.len());
    }

    #[test]
    fn numbers_in_sentences_carry_no_needless_digits() {
        assert_eq!([0.0, 17.0, 0.25, 1.0 / 3.0, 1500.0].map(tidy), ["0", "17", "0.25", "0.333", "1500"]);
    }
}
