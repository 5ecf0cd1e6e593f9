//! All figures at one moment, from where each is kept.

use std::time::Duration;

use super::model::Model;
use super::monitor::Monitor;
use crate::metrics::snapshot::{
    Audio, Cache, Display, Health, LatencyClasses, Loads, Network, Pipelines, Preload, Process, Retries, Snapshot, Startup, Swipes, Video,
};
use crate::metrics::{CountersSnapshot, Latency};

/// Figures that are kept outside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outside {
    /// Those of other threads.
    pub counters: CountersSnapshot,
    /// Bytes received for items that were never shown.
    pub wasted_bytes: u64,
    /// The process as the system sees it.
    pub process: Process,
}

impl Model {
    /// Items planned to be readied and not yet ready: those that wait for bytes and those that wait for a pipeline.
    #[must_use]
    pub fn preload_queue(&self, counters: &CountersSnapshot) -> u64 {
        counters.preload_queue + self.waiting_for_preroll() as u64
    }

    /// All figures at `now`.
    #[must_use]
    pub fn snapshot(&self, monitor: &Monitor, outside: &Outside, now: Duration) -> Snapshot {
        let Outside { counters, wasted_bytes, process } = outside;
        let (figures, pool) = (self.figures(), self.pool());
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let class = |latency: &Latency| latency.quantiles().into();
        let all = figures.all.quantiles();
        let frame_times = figures.frame_times.quantiles();
        let (bits_per_second, round_trip) = self.measured();
        let (resting_hosts, waiting, trips) = self.retries(now);
        let (unready, unready_p95) = figures.recent_unready();
        Snapshot {
            startup_ms: Startup { process_to_window: figures.window_at.map(ms), process_to_first_frame: figures.first_frame_at.map(ms) },
            latency_ms: LatencyClasses {
                warm: class(&figures.warm),
                cached: class(&figures.cached),
                cold: class(&figures.cold),
                warm_moving: class(&figures.warm_moving),
                all: all.into(),
                next: class(&figures.by_direction[0]),
                prev: class(&figures.by_direction[1]),
            },
            swipes: Swipes {
                committed: figures.swipes,
                painted: all.map_or(0, |all| all.n),
                abandoned: figures.abandoned,
                waiting: u64::from(figures.awaits_first_frame()),
            },
            display: Display {
                frames: Some(figures.frames),
                fps_now: Some(figures.fps(now) as u64),
                fps: figures.moving_fps(),
                jank_pct: Some(figures.jank_pct()),
                frame_ms_p95: frame_times.map(|frames| frames.p95),
                frame_ms_max: frame_times.map(|frames| frames.max),
                black_frames: Some(figures.black_frames),
            },
            video: Video {
                painted: Some(figures.painted),
                late: Some(figures.late),
                dropped: Some(counters.video_dropped),
                rebuffer_ratio: figures.rebuffer_ratio(),
                rebuffers: Some(figures.rebuffers),
                standing_ms_max: monitor.standing.longest().map(ms),
            },
            // Nobody listens to the sound from inside; the test with a recorded null sink does.
            audio: Audio { overlap_ms: None, av_offset_ms_p95: None },
            pipelines: Pipelines {
                budget: pool.budget as u64,
                peak: monitor.pipelines_peak,
                stuck: pool.stuck as u64,
                live: pool.live() as u64,
                opening: pool.opening as u64,
                prerolling: pool.prerolling as u64,
                // Those that make small pictures stand, too.
                prerolled: (pool.prerolled + pool.previews) as u64,
                playing: pool.playing as u64,
                tearing_down: pool.tearing_down as u64,
            },
            cache: cache(counters),
            preload: Preload {
                queue: Some(self.preload_queue(counters)),
                queue_peak: Some(monitor.queue_peak),
                completed: Some(counters.preload_completed),
                failed: Some(counters.preload_failed),
                success_ratio: share(counters.preload_completed, counters.preload_completed + counters.preload_failed),
                wasted_bytes: Some(*wasted_bytes),
                waste_ratio: share(*wasted_bytes, counters.network_bytes),
            },
            network: Network {
                bytes: Some(counters.network_bytes),
                requests: Some(counters.network_requests),
                active: Some(counters.network_active),
                waiting: Some(counters.network_waiting),
                bits_per_second,
                round_trip_ms: round_trip.map(ms),
            },
            retries: Retries { waiting: waiting as u64, resting_hosts: resting_hosts as u64, trips },
            loads: Loads {
                ready: figures.loads.ready,
                failed: figures.loads.failed,
                timed_out: figures.loads.timed_out,
                ready_videos: self.ready_videos() as u64,
                startup_n: unready as u64,
                startup_ms_p95: unready_p95.map(ms),
            },
            health: Health {
                status: self.health().status(),
                reasons: self.health().reasons().len() as u64,
                rolled_back: self.flags().rolled_back().count() as u64,
            },
            process: *process,
            invariants: monitor.invariants,
        }
    }
}

/// The disk cache; what a machine without one does not have is left out.
fn cache(counters: &CountersSnapshot) -> Cache {
    let has_disk = counters.cache_cap_bytes > 0;
    Cache {
        hits: Some(counters.cache_hit_bytes),
        misses: Some(counters.cache_miss_bytes),
        hit_rate: counters.hit_rate(),
        evictions: has_disk.then_some(counters.cache_evictions),
        bad_blocks: has_disk.then_some(counters.cache_bad_blocks),
        disk_bytes: has_disk.then_some(counters.cache_disk_bytes),
        disk_peak_bytes: has_disk.then_some(counters.cache_disk_peak_bytes),
        cap_bytes: has_disk.then_some(counters.cache_cap_bytes),
        pinned_bytes: has_disk.then_some(counters.cache_pinned_bytes),
        reserved_bytes: has_disk.then_some(counters.cache_reserved_bytes),
    }
}

/// A part of all; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}
