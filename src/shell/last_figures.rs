//! The last figures of a session: written each minute and at its end, for a report to testers afterwards.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::app::Model;
use crate::metrics::Snapshot;
use crate::metrics::health::Told;

/// Health is judged this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Figures are written this often.
const WRITE_EVERY: Duration = Duration::from_mins(1);

/// Tells when it is time to look, and to write. It asks for no frame of its own: what rests needs no look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pulse {
    looked: Duration,
    written: Duration,
}

impl Pulse {
    /// Whether figures are to be taken at `now`, and whether these are to be written, too.
    pub fn beats(&mut self, now: Duration) -> Option<bool> {
        if now < self.looked + LOOK_EVERY {
            return None;
        }
        self.looked = now;
        let write = now >= self.written + WRITE_EVERY;
        if write {
            self.written = now;
        }
        Some(write)
    }
}

/// The last figures, as they are written. No address and no title is in them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LastFigures {
    /// The version of the program.
    flickreel: &'static str,
    /// The renderer and its adapter.
    renderer: String,
    health: Told,
    /// Why it is not healthy.
    reasons: Vec<String>,
    /// Kinds of failures of items, with how many items had them.
    failures: std::collections::BTreeMap<&'static str, usize>,
    figures: Snapshot,
}

impl LastFigures {
    /// What these figures and the model say at the end of the wall clock's `now`.
    pub fn of(model: &Model, figures: &Snapshot, renderer: &str, now: SystemTime) -> Self {
        let timestamp = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut failures = std::collections::BTreeMap::new();
        for (_, kind) in model.failures() {
            *failures.entry(*kind).or_default() += 1;
        }
        Self {
            flickreel: env!("CARGO_PKG_VERSION"),
            renderer: renderer.to_owned(),
            health: Told::of(figures, timestamp),
            reasons: model.health().reasons().iter().map(|reason| reason.sentence.clone()).collect(),
            failures,
            figures: *figures,
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// None that is known; serialising may have some.
    pub fn to_json(&self) -> io::Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Options;
    use crate::metrics::snapshot::Process;

    #[test]
    fn one_looks_each_second_and_writes_each_minute() {
        let mut pulse = Pulse::default();
        let beats: Vec<_> = (0..1250).filter_map(|tenth| pulse.beats(Duration::from_millis(100 * tenth))).collect();
        assert_eq!((beats.len(), beats.iter().filter(|write| **write).count()), (124, 2));
        assert!(!beats[58] && beats[59], "the first after a minute");
    }

    #[test]
    fn the_last_figures_say_how_the_program_was() {
        let figures = Snapshot { process: Process { rss_mb: Some(212.5), ..Process::default() }, ..Snapshot::default() };
        let model = Model::new(&Options::default());
        let last = LastFigures::of(&model, &figures, "a renderer", UNIX_EPOCH + Duration::from_secs(1_800_000_007));
        let json: serde_json::Value = serde_json::from_slice(&last.to_json().unwrap()).unwrap();
        let health = serde_json::json!({
            "status": "healthy", "memory_mb": 212.5, "controllers": 0, "ready_videos": 0, "timestamp": 1_800_000_007
        });
        assert_eq!(json["health"], health);
        assert_eq!((&json["figures"]["process"]["rss_mb"], &json["renderer"]), (&212.5.into(), &"a renderer".into()));
    }
}
