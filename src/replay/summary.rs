//! A report as one screen of text for people.

use std::fmt;

use super::report::Report;

/// One screen for a person.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [width, height] = self.window;
        writeln!(f, "{} · {} · {width}×{height} · {}", self.script, self.source, self.renderer)?;
        let startup = &self.figures.startup_ms;
        writeln!(f, "start      window {}, first frame {}", Ms(startup.process_to_window), Ms(startup.process_to_first_frame))?;
        let latency = &self.figures.latency_ms;
        let classes = [("warm", latency.warm), ("cached", latency.cached), ("cold", latency.cold), ("moving", latency.warm_moving)];
        for (name, class) in classes {
            match class.figures() {
                Some(q) => writeln!(
                    f,
                    "{name:<10} n {:<4} p50 {:>7.1}  p95 {:>7.1}  p99 {:>7.1}  max {:>7.1} ms",
                    q.n, q.p50, q.p95, q.p99, q.max
                )?,
                None => writeln!(f, "{name:<10} n 0")?,
            }
        }
        let swipes = &self.figures.swipes;
        writeln!(
            f,
            "swipes     {} ({} painted, {} left early, {} waiting)",
            swipes.committed, swipes.painted, swipes.abandoned, swipes.waiting
        )?;
        let display = &self.figures.display;
        writeln!(
            f,
            "display    {} fps, jank {} %, frame p95 {}, max {}, black frames {}",
            Figure(display.fps, 1),
            Figure(display.jank_pct, 2),
            Ms(display.frame_ms_p95),
            Ms(display.frame_ms_max),
            Count(display.black_frames)
        )?;
        let video = &self.figures.video;
        writeln!(
            f,
            "video      {} painted, {} late, {} dropped, rebuffer ratio {}, stood {} at most",
            Count(video.painted),
            Count(video.late),
            Count(video.dropped),
            Figure(video.rebuffer_ratio, 4),
            Ms(video.standing_ms_max)
        )?;
        let pipelines = &self.figures.pipelines;
        writeln!(f, "pipelines  peak {} of {}, {} stuck", pipelines.peak, pipelines.budget, pipelines.stuck)?;
        let cache = &self.figures.cache;
        writeln!(
            f,
            "cache      hit rate {}, {} evictions, disk peak {} of {} bytes",
            Figure(cache.hit_rate, 3),
            Count(cache.evictions),
            Count(cache.disk_peak_bytes),
            Count(cache.cap_bytes)
        )?;
        writeln!(
            f,
            "network    {} bytes in {} requests, waste ratio {}",
            Count(self.figures.network.bytes),
            Count(self.figures.network.requests),
            Figure(self.figures.preload.waste_ratio, 3)
        )?;
        let process = &self.figures.process;
        writeln!(
            f,
            "process    {} cores, RSS {} MB, PSS {} MB, {} threads",
            Figure(process.cpu_cores, 2),
            Figure(process.peak_rss_mb, 0),
            Figure(process.peak_pss_mb, 0),
            Count(process.threads_peak)
        )?;
        for failure in &self.failures {
            writeln!(f, "FAILED     {failure}")?;
        }
        for violation in &self.violations {
            writeln!(f, "BROKEN     {violation}")?;
        }
        Ok(())
    }
}

/// A figure or a dash, with so many decimals.
struct Figure(Option<f64>, usize);

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "{value:.*}", self.1),
            None => f.write_str("–"),
        }
    }
}

struct Ms(Option<f64>);

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "{value:.1} ms"),
            None => f.write_str("–"),
        }
    }
}

struct Count(Option<u64>);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(f, "{value}"),
            None => f.write_str("–"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::{Class, LatencyClasses};
    use crate::metrics::{Quantiles, Snapshot};

    #[test]
    fn the_summary_fits_one_screen_and_names_what_is_broken() {
        let report = Report {
            figures: Snapshot {
                latency_ms: LatencyClasses {
                    warm: Class(Some(Quantiles { n: 16, p50: 5.0, p95: 12.5, p99: 14.0, max: 15.0 })),
                    ..LatencyClasses::default()
                },
                ..Snapshot::default()
            },
            violations: vec!["warm_min: warm swipes: 16, at least 17 is asked for".into()],
            ..Report::default()
        };
        let text = report.to_string();
        assert!(text.lines().count() <= 24, "{text}");
        assert!(text.contains("BROKEN     warm_min"), "{text}");
        assert!(text.contains("warm       n 16"), "{text}");
    }
}
