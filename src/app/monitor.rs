//! What has to be looked at in every display frame to be known at all: peaks, pictures that stand still, and what must
//! never happen.

use std::time::Duration;

use super::model::Model;
use super::standing::Standing;
use super::tile::TileState;
use crate::metrics::CountersSnapshot;
use crate::metrics::snapshot::Invariants;

/// Looks on at every display frame.
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    pub(super) queue_peak: u64,
    pub(super) pipelines_peak: u64,
    /// The most pipelines that had existed when the figures began.
    peak_before: u64,
    pub(super) standing: Standing,
    pub(super) invariants: Invariants,
}

impl Monitor {
    /// Takes a look, once in each display frame.
    pub fn look(&mut self, model: &Model, counters: &CountersSnapshot, now: Duration) {
        self.queue_peak = self.queue_peak.max(model.preload_queue(counters));
        let pool = model.pool();
        // The pool saw every moment of its own, but it has never begun anew.
        let seen = if pool.peak as u64 > self.peak_before { pool.peak } else { pool.live() };
        self.pipelines_peak = self.pipelines_peak.max(seen as u64);
        let plays = matches!(model.tile_state(model.feed().index(), now), TileState::Playing);
        let moves = model.current_generation().filter(|_| plays).map(|generation| (generation, model.figures().painted));
        self.standing.look(moves, now);

        let held = &mut self.invariants;
        let disk = counters.cache_disk_bytes.max(counters.cache_disk_peak_bytes);
        for (broke_at, is_broken) in [
            (&mut held.audible, pool.audible > 1),
            (&mut held.pipelines, pool.peak.max(pool.live()) > pool.budget),
            (&mut held.disk, counters.cache_cap_bytes > 0 && disk > counters.cache_cap_bytes),
            (&mut held.black, model.figures().black_frames > 0),
        ] {
            if is_broken {
                broke_at.get_or_insert(now.as_secs_f64());
            }
        }
    }

    /// Begins anew. What must never happen and did is not forgotten.
    pub fn reset(&mut self, model: &Model) {
        *self = Self { peak_before: model.pool().peak as u64, invariants: self.invariants, ..Self::default() };
    }
}
