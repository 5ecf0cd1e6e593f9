//! A replay in the window: hands the script's gestures to egui as input, watches, and makes the report.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eframe::egui;

use crate::app::Model;
use crate::metrics::{CpuOver, ProcessSampler, Snapshot};
use crate::replay::report::REPORT_VERSION;
use crate::replay::{Act, Driver, KeyName, Report, Script};

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
    outcome: OutcomePlace,
}

impl Replay {
    pub fn new(script: Script, source: String, seed: Option<u64>, outcome: OutcomePlace) -> Self {
        Self { seed, script, source, driver: None, sampler: None, outcome }
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
    pub fn watch(&mut self, model: &Model, window: (f32, f32), now: Duration) -> bool {
        if self.driver.is_none() && model.figures().first_frame_at.is_some() {
            let mut driver = Driver::new(&self.script, window);
            driver.start(now);
            self.driver = Some(driver);
            self.sampler = Some(ProcessSampler::start(CpuOver::WholeRun));
        }
        match &self.driver {
            Some(driver) => driver.finished(now),
            None => now > FIRST_PICTURE_WITHIN,
        }
    }

    /// Makes the report from the last figures and leaves it where the end of the program finds it.
    pub fn finish(&mut self, model: &Model, mut figures: Snapshot, renderer: &str, window: (f32, f32, f32)) {
        figures.process = self.sampler.take().map(ProcessSampler::finish).unwrap_or_default();
        let outcome = if self.driver.is_none() {
            Outcome::NothingShown
        } else {
            Outcome::Measured(Box::new(self.report(model, &figures, renderer, window)))
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    fn report(&self, model: &Model, figures: &Snapshot, renderer: &str, window: (f32, f32, f32)) -> Report {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window's size in points")]
        let window = [window.0.round() as u32, window.1.round() as u32];
        let mut report = Report {
            version: REPORT_VERSION,
            script: self.script.name.clone(),
            source: self.source.clone(),
            renderer: renderer.to_owned(),
            window,
            flickreel: env!("CARGO_PKG_VERSION").to_owned(),
            figures: *figures,
            failures: model.failures().iter().map(|(id, kind)| format!("{id}: {kind}")).collect(),
            violations: Vec::new(),
        };
        report.violations = report.check(&self.script.thresholds);
        report
    }
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
        Act::Key(name) => [key(&name, true), key(&name, false)].into_iter().flatten().collect(),
        Act::KeyDown(name) => key(&name, true).into_iter().collect(),
        Act::KeyUp(name) => key(&name, false).into_iter().collect(),
        Act::PointerDown(x, y) => vec![egui::Event::PointerMoved(egui::pos2(x, y)), button(x, y, true)],
        Act::PointerMove(x, y) => vec![egui::Event::PointerMoved(egui::pos2(x, y))],
        Act::PointerUp(x, y) => vec![button(x, y, false), egui::Event::PointerGone],
        Act::Wheel(lines) => {
            let forward = if lines > 0 { -1.0 } else { 1.0 };
            vec![wheel(egui::MouseWheelUnit::Line, egui::MouseWheelSource::Wheel, forward); lines.unsigned_abs() as usize]
        }
        Act::Scroll(by) => vec![wheel(egui::MouseWheelUnit::Point, egui::MouseWheelSource::Trackpad, -by)],
    }
}

/// A key going down or up; `None` for one that egui does not know. Whether a press repeats, egui finds out.
fn key(name: &KeyName, pressed: bool) -> Option<egui::Event> {
    let modifiers = egui::Modifiers { shift: name.shift, ctrl: name.ctrl, command: name.ctrl, ..egui::Modifiers::NONE };
    let key = egui::Key::from_name(&name.name)?;
    Some(egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
}

fn wheel(unit: egui::MouseWheelUnit, source: egui::MouseWheelSource, down: f32) -> egui::Event {
    let (delta, phase) = (egui::vec2(0.0, down), egui::TouchPhase::Move);
    egui::Event::MouseWheel { unit, delta, phase, source, modifiers: egui::Modifiers::NONE }
}
