//! What has to be looked at in every display frame to be known at all: peaks, and pictures that stand still.

use std::time::Duration;

use super::model::Model;
use super::standing::Standing;
use super::tile::TileState;
use crate::metrics::CountersSnapshot;

/// Looks on at every display frame.
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    pub(super) queue_peak: u64,
    pub(super) pipelines_peak: u64,
    pub(super) standing: Standing,
}

impl Monitor {
    /// Takes a look, once in each display frame.
    pub fn look(&mut self, model: &Model, counters: &CountersSnapshot, now: Duration) {
        self.queue_peak = self.queue_peak.max(model.preload_queue(counters));
        self.pipelines_peak = self.pipelines_peak.max(model.pool().peak as u64);
        let plays = matches!(model.tile_state(model.feed().index(), now), TileState::Playing);
        let moves = model.current_generation().filter(|_| plays).map(|generation| (generation, model.figures().painted));
        self.standing.look(moves, now);
    }
}
