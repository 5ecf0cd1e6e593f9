//! A replay in the window: hands the script's gestures to egui as input, watches, and makes the report.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eframe::egui;

use crate::app::{Model, TileState};
use crate::cache::Opener;
use crate::metrics::{Counters, CountersSnapshot, Latency};
use crate::replay::report::{Audio, Cache, Display, LatencyClasses, Network, Pipelines, Preload, REPORT_VERSION, Startup, Swipes, Video};
use crate::replay::{Act, Driver, ProcessSampler, Report, Script, Standing};

/// A script waits this long for the first picture of all before it is given up.
const FIRST_PICTURE_WITHIN: Duration = Duration::from_secs(30);

/// How a replay ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was played to its end.
    Measured(Box<Report>),
    /// Nothing was ever shown.
    NothingShown,
}

/// Where the outcome is left for the end of the program.
pub(super) type OutcomePlace = Arc<Mutex<Option<Outcome>>>;

/// A script being played.
pub(super) struct Replay {
    /// Decides everything that is drawn.
    pub seed: Option<u64>,
    script: Script,
    source: String,
    driver: Option<Driver>,
    sampler: Option<ProcessSampler>,
    queue_peak: u64,
    pipelines_peak: usize,
    standing: Standing,
    outcome: OutcomePlace,
}

impl Replay {
    pub fn new(script: Script, source: String, seed: Option<u64>, outcome: OutcomePlace) -> Self {
        Self { seed, script, source, driver: None, sampler: None, queue_peak: 0, pipelines_peak: 0, standing: Standing::default(), outcome }
    }

    /// The input that is due.
    pub fn inputs(&mut self, now: Duration) -> Vec<egui::Event> {
        self.driver.as_mut().map(|driver| driver.due(now)).unwrap_or_default().into_iter().flat_map(events_of).collect()
    }

    /// When the next input is due.
    pub fn next_at(&self, now: Duration) -> Option<Duration> {
        match &self.driver {
            Some(driver) => driver.next_at(now),
            // Nothing may ever come that wakes the window: it has to look at its watch.
            None => Some(FIRST_PICTURE_WITHIN.max(now + Duration::from_millis(100))),
        }
    }

    /// Looks at the state after a frame; true when the script is over.
    pub fn watch(&mut self, model: &Model, counters: &Counters, window: (f32, f32), now: Duration) -> bool {
        self.queue_peak = self.queue_peak.max(counters.snapshot().preload_queue + model.waiting_for_preroll() as u64);
        self.pipelines_peak = self.pipelines_peak.max(model.pool().peak);
        let plays = matches!(model.tile_state(model.feed().index(), now), TileState::Playing);
        let moves = model.current_generation().filter(|_| plays).map(|generation| (generation, model.figures().painted));
        self.standing.look(moves, now);
        if self.driver.is_none() && model.figures().first_frame_at.is_some() {
            let mut driver = Driver::new(&self.script, window);
            driver.start(now);
            self.driver = Some(driver);
            self.sampler = Some(ProcessSampler::start());
        }
        match &self.driver {
            Some(driver) => driver.finished(now),
            None => now > FIRST_PICTURE_WITHIN,
        }
    }

    /// Makes the report and leaves it where the end of the program finds it.
    pub fn finish(&mut self, model: &Model, counters: &Counters, opener: &Opener, renderer: &str, window: (f32, f32, f32)) {
        let outcome = if self.driver.is_none() {
            Outcome::NothingShown
        } else {
            Outcome::Measured(Box::new(self.report(model, &counters.snapshot(), opener, renderer, window)))
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    fn report(&mut self, model: &Model, counters: &CountersSnapshot, opener: &Opener, renderer: &str, window: (f32, f32, f32)) -> Report {
        let figures = model.figures();
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let class = |latency: &Latency| latency.quantiles().into();
        let process = self.sampler.take().map(ProcessSampler::finish).unwrap_or_default();
        let painted = figures.all.quantiles().map_or(0, |all| all.n);
        let wasted = opener.wasted_bytes();
        let has_disk = counters.cache_cap_bytes > 0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window's size in points")]
        let window = [window.0.round() as u32, window.1.round() as u32];
        let mut report = Report {
            version: REPORT_VERSION,
            script: self.script.name.clone(),
            source: self.source.clone(),
            renderer: renderer.to_owned(),
            window,
            flickreel: env!("CARGO_PKG_VERSION").to_owned(),
            startup_ms: Startup { process_to_window: figures.window_at.map(ms), process_to_first_frame: figures.first_frame_at.map(ms) },
            latency_ms: LatencyClasses {
                warm: class(&figures.warm),
                cached: class(&figures.cached),
                cold: class(&figures.cold),
                warm_moving: class(&figures.warm_moving),
                all: class(&figures.all),
                next: class(&figures.by_direction[0]),
                prev: class(&figures.by_direction[1]),
            },
            swipes: Swipes {
                committed: figures.swipes,
                painted,
                abandoned: figures.abandoned,
                waiting: u64::from(figures.awaits_first_frame()),
            },
            display: Display {
                fps: figures.moving_fps(),
                jank_pct: Some(figures.jank_pct()),
                frame_ms_p95: figures.frame_times.quantiles().map(|frames| frames.p95),
                frame_ms_max: figures.frame_times.quantiles().map(|frames| frames.max),
                black_frames: Some(figures.black_frames),
            },
            video: Video {
                painted: Some(figures.painted),
                late: Some(figures.late),
                dropped: Some(counters.video_dropped),
                rebuffer_ratio: figures.rebuffer_ratio(),
                rebuffers: Some(figures.rebuffers),
                standing_ms_max: self.standing.longest().map(ms),
            },
            // Nobody listens to the sound from inside; the test with a recorded null sink does.
            audio: Audio { overlap_ms: None, av_offset_ms_p95: None },
            pipelines: Pipelines { budget: model.pool().budget as u64, peak: self.pipelines_peak as u64, stuck: model.pool().stuck as u64 },
            cache: Cache {
                hits: Some(counters.cache_hit_bytes),
                misses: Some(counters.cache_miss_bytes),
                hit_rate: counters.hit_rate(),
                evictions: has_disk.then_some(counters.cache_evictions),
                disk_peak_bytes: has_disk.then_some(counters.cache_disk_peak_bytes),
                cap_bytes: has_disk.then_some(counters.cache_cap_bytes),
            },
            preload: Preload {
                queue_peak: Some(self.queue_peak),
                completed: Some(counters.preload_completed),
                failed: Some(counters.preload_failed),
                wasted_bytes: Some(wasted),
                waste_ratio: share(wasted, counters.network_bytes),
            },
            network: Network { bytes: Some(counters.network_bytes), requests: Some(counters.network_requests) },
            process,
            failures: model.failures().iter().map(|(id, kind)| format!("{id}: {kind}")).collect(),
            violations: Vec::new(),
        };
        report.violations = report.check(&self.script.thresholds);
        report
    }
}

/// A part of all; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

/// egui's events for one input of a script.
fn events_of(act: Act) -> Vec<egui::Event> {
    let button = |x, y, pressed| egui::Event::PointerButton {
        pos: egui::pos2(x, y),
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    match act {
        Act::Key(name) => {
            let Some(key) = egui::Key::from_name(&name.name) else { return Vec::new() };
            let modifiers = egui::Modifiers { shift: name.shift, ctrl: name.ctrl, command: name.ctrl, ..egui::Modifiers::NONE };
            let press = |pressed| egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
            vec![press(true), press(false)]
        }
        Act::PointerDown(x, y) => vec![egui::Event::PointerMoved(egui::pos2(x, y)), button(x, y, true)],
        Act::PointerMove(x, y) => vec![egui::Event::PointerMoved(egui::pos2(x, y))],
        Act::PointerUp(x, y) => vec![button(x, y, false), egui::Event::PointerGone],
        Act::Wheel(lines) => {
            let forward = if lines > 0 { -1.0 } else { 1.0 };
            let notch = egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Line,
                delta: egui::vec2(0.0, forward),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: egui::Modifiers::NONE,
            };
            vec![notch; lines.unsigned_abs() as usize]
        }
    }
}
