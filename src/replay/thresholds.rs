//! The figures a script may bound, by name, and whether a report keeps the bounds.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::report::Report;

/// Which side of a bound is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Good {
    AtMost,
    AtLeast,
}

/// A figure that can be bounded.
struct Figure {
    name: &'static str,
    good: Good,
    /// What it is called in a sentence.
    words: &'static str,
    unit: &'static str,
    read: fn(&Report) -> Option<f64>,
}

const fn most(name: &'static str, words: &'static str, unit: &'static str, read: fn(&Report) -> Option<f64>) -> Figure {
    Figure { name, good: Good::AtMost, words, unit, read }
}

const fn least(name: &'static str, words: &'static str, unit: &'static str, read: fn(&Report) -> Option<f64>) -> Figure {
    Figure { name, good: Good::AtLeast, words, unit, read }
}

#[expect(clippy::cast_precision_loss, reason = "counts of one run are far below 2^52")]
#[expect(clippy::unnecessary_wraps, reason = "the shape of a figure that is read")]
const fn count(value: u64) -> Option<f64> {
    Some(value as f64)
}

const FIGURES: [Figure; 34] = [
    most("startup_ms", "first frame after the start of the process", " ms", |r| r.figures.startup_ms.process_to_first_frame),
    most("warm_p50_ms", "warm swipes, median", " ms", |r| r.figures.latency_ms.warm.figures().map(|q| q.p50)),
    most("warm_p95_ms", "warm swipes, p95", " ms", |r| r.figures.latency_ms.warm.figures().map(|q| q.p95)),
    most("warm_max_ms", "warm swipes, slowest", " ms", |r| r.figures.latency_ms.warm.figures().map(|q| q.max)),
    least("warm_min", "warm swipes", "", |r| count(r.figures.latency_ms.warm.n())),
    most("cached_p95_ms", "cached swipes, p95", " ms", |r| r.figures.latency_ms.cached.figures().map(|q| q.p95)),
    most("cold_p95_ms", "cold swipes, p95", " ms", |r| r.figures.latency_ms.cold.figures().map(|q| q.p95)),
    most("cold_max", "cold swipes", "", |r| count(r.figures.latency_ms.cold.n())),
    most("all_p95_ms", "all swipes, p95", " ms", |r| r.figures.latency_ms.all.figures().map(|q| q.p95)),
    most("all_max_ms", "all swipes, slowest", " ms", |r| r.figures.latency_ms.all.figures().map(|q| q.max)),
    most("warm_moving_p95_ms", "warm swipes until the picture moves, p95", " ms", |r| {
        r.figures.latency_ms.warm_moving.figures().map(|q| q.p95)
    }),
    least("swipes_min", "swipes", "", |r| count(r.figures.swipes.committed)),
    most("waiting", "items without a picture at the end", "", |r| count(r.figures.swipes.waiting)),
    most("abandoned", "swipes that were left before their first frame", "", |r| count(r.figures.swipes.abandoned)),
    most("black_frames", "black frames", "", |r| r.figures.display.black_frames.and_then(count)),
    most("jank_pct", "jank", " %", |r| r.figures.display.jank_pct),
    least("fps_min", "display rate", " fps", |r| r.figures.display.fps),
    most("frame_p95_ms", "display frames, p95", " ms", |r| r.figures.display.frame_ms_p95),
    most("frame_max_ms", "display frames, slowest", " ms", |r| r.figures.display.frame_ms_max),
    most("late", "late frames", "", |r| r.figures.video.late.and_then(count)),
    most("dropped", "dropped frames", "", |r| r.figures.video.dropped.and_then(count)),
    most("rebuffer_ratio", "share of time waiting for bytes", "", |r| r.figures.video.rebuffer_ratio),
    most("standing_max_ms", "a picture that stood while its item played, longest", " ms", |r| r.figures.video.standing_ms_max),
    most("overlap_ms", "time in which two items were heard", " ms", |r| r.figures.audio.overlap_ms),
    most("av_offset_p95_ms", "offset of sound and picture, p95", " ms", |r| r.figures.audio.av_offset_ms_p95),
    most("pipelines_over_budget", "pipelines beyond the budget", "", |r| {
        count(r.figures.pipelines.peak.saturating_sub(r.figures.pipelines.budget))
    }),
    most("stuck", "pipelines that hung in teardown", "", |r| count(r.figures.pipelines.stuck)),
    most("failures", "items that failed", "", |r| count(r.failures.len() as u64)),
    least("hit_rate_min", "hit rate of the cache", "", |r| r.figures.cache.hit_rate),
    most("disk_over_cap_bytes", "disk beyond the bound of the cache", " bytes", |r| {
        r.figures.cache.disk_peak_bytes.zip(r.figures.cache.cap_bytes).and_then(|(peak, cap)| count(peak.saturating_sub(cap)))
    }),
    most("waste_ratio", "share of bytes for items that were never shown", "", |r| r.figures.preload.waste_ratio),
    most("cpu_cores", "CPU", " cores", |r| r.figures.process.cpu_cores),
    most("peak_pss_mb", "peak memory (PSS)", " MB", |r| r.figures.process.peak_pss_mb),
    most("peak_rss_mb", "peak memory (RSS)", " MB", |r| r.figures.process.peak_rss_mb),
];

/// Bounds on figures, each figure by its place in `FIGURES`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds(Vec<(usize, f64)>);

impl Thresholds {
    /// How many bounds there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A sentence for each bound that `report` does not keep. A figure that was not measured keeps no bound.
    pub(super) fn broken(&self, report: &Report) -> Vec<String> {
        let broken = |&(at, bound): &(usize, f64)| {
            let Figure { name, good, words, unit, read } = FIGURES.get(at)?;
            let (kept, side) = match (read(report), good) {
                (None, _) => return Some(format!("{name}: {words} was not measured")),
                (Some(value), Good::AtMost) if value <= bound => return None,
                (Some(value), Good::AtLeast) if value >= bound => return None,
                (Some(value), Good::AtMost) => (value, "at most"),
                (Some(value), Good::AtLeast) => (value, "at least"),
            };
            Some(format!("{name}: {words}: {}{unit}, {side} {}{unit} is asked for", tidy(kept), tidy(bound)))
        };
        self.0.iter().filter_map(broken).collect()
    }
}

/// A number with no more digits than it needs, three decimals at most.
fn tidy(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl<'de> Deserialize<'de> for Thresholds {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Bounds;

        impl<'de> Visitor<'de> for Bounds {
            type Value = Thresholds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bounds by the name of a figure, such as warm_p95_ms = 17")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Thresholds, A::Error> {
                let mut bounds = Vec::new();
                while let Some(FigureAt(at)) = map.next_key()? {
                    bounds.push((at, map.next_value::<Bound>()?.0));
                }
                // The order of the report, whatever order the file has.
                bounds.sort_unstable_by_key(|&(at, _)| at);
                Ok(Thresholds(bounds))
            }
        }

        input.deserialize_map(Bounds)
    }
}

/// A figure by its name. Refused as a key, so that the sentence comes with the line of the key.
struct FigureAt(usize);

impl<'de> Deserialize<'de> for FigureAt {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let name = String::deserialize(input)?;
        FIGURES.iter().position(|figure| figure.name == name).map(Self).ok_or_else(|| {
            let names: Vec<_> = FIGURES.iter().map(|figure| figure.name).collect();
            D::Error::custom(format!("there is no figure '{name}'; figures are {}", names.join(", ")))
        })
    }
}

/// A bound: a number that is not NaN and not negative.
struct Bound(f64);

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let bound = f64::deserialize(input)?;
        if bound >= 0.0 { Ok(Self(bound)) } else { Err(D::Error::custom("a bound is a number from 0 on")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_figures_share_a_name() {
        let mut names: Vec<_> = FIGURES.iter().map(|figure| figure.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIGURES.len());
    }

    #[test]
    fn bounds_are_numbers_from_zero_on() {
        assert_eq!(toml::from_str::<Thresholds>("stuck = 0\njank_pct = 0.5\n").unwrap().len(), 2);
        for wrong in ["stuck = -1", "stuck = nan", "stuck = \"none\""] {
            assert!(toml::from_str::<Thresholds>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_in_sentences_carry_no_needless_digits() {
        assert_eq!([0.0, 17.0, 0.25, 1.0 / 3.0, 1500.0].map(tidy), ["0", "17", "0.25", "0.333", "1500"]);
    }
}
