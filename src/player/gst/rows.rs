//! What the control thread tells of its pipelines: counts when they change, and while somebody looks, every row a few
//! times a second. Nothing that is read for it waits for a streaming thread, a state change or a device.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::{Duration, Instant};

use super::branch::Branches;
use super::control::Control;
use super::slot::Live;
use crate::player::pool::Attempt;
use crate::player::{PipelineRow, PlayerEvent, PoolStats};

/// Counts are told no more often than this.
const COUNTS_EVERY: Duration = Duration::from_millis(100);
/// Rows are told this often to somebody who looks.
const ROWS_EVERY: Duration = Duration::from_millis(250);

/// A pipeline from when it is built until it is gone, also while it is torn down and not the control thread's any more.
struct Existing {
    branches: Weak<Branches>,
    built_at: Instant,
}

/// What was told last, and what there is to be told.
pub(super) struct Told {
    stats: PoolStats,
    at: Instant,
    /// Somebody looks at the rows.
    pub detailed: bool,
    existing: HashMap<Attempt, Existing>,
    /// Pipelines that can be heard, and the most of them at once since that was told.
    audible: usize,
    audible_most: usize,
}

impl Told {
    pub fn new(now: Instant) -> Self {
        Self { stats: PoolStats::default(), at: now, detailed: false, existing: HashMap::new(), audible: 0, audible_most: 0 }
    }

    /// A pipeline was built.
    pub fn built(&mut self, attempt: Attempt, live: &Live) {
        self.existing.insert(attempt, Existing { branches: live.chain.branches(), built_at: live.built_at });
    }

    /// Takes a look at what can be heard.
    pub fn listen(&mut self) {
        let mut audible = 0;
        self.existing.retain(|_, pipeline| {
            let Some(branches) = pipeline.branches.upgrade() else { return false };
            audible += usize::from(branches.is_audible());
            true
        });
        self.audible = audible;
        self.audible_most = self.audible_most.max(audible);
    }

    fn describe_leaving(&self, attempt: Attempt, row: &mut PipelineRow, now: Instant) {
        let Some(pipeline) = self.existing.get(&attempt) else {
            row.state = "null";
            return;
        };
        row.state = "changing";
        row.age = now.saturating_duration_since(pipeline.built_at);
    }
}

impl Control {
    fn stats(&self) -> PoolStats {
        PoolStats { audible: self.told.audible_most, ..self.pool.stats() }
    }

    /// When [`Control::tell_pool`] has something to tell.
    pub(super) fn telling_due(&self) -> Option<Instant> {
        let changed = self.told.stats != self.stats();
        let wait = if changed { COUNTS_EVERY } else { ROWS_EVERY };
        (changed || self.told.detailed).then(|| self.told.at + wait)
    }

    /// Tells the pool's figures when they are due; `anyway` also those that were told a moment ago.
    pub(super) fn tell_pool(&mut self, now: Instant, anyway: bool) {
        self.told.listen();
        if self.stats() == self.told.stats {
            // What was loudest so far has been told.
            self.told.audible_most = self.told.audible;
        }
        if self.telling_due().is_none_or(|due| !anyway && now < due) {
            return;
        }
        let stats = self.stats();
        (self.told.stats, self.told.at) = (stats, now);
        self.told.audible_most = self.told.audible;
        let rows = self.pool.rows().into_iter().map(|(attempt, row)| self.row(attempt, row, now)).collect();
        self.say(PlayerEvent::Pool { stats, rows });
    }

    fn row(&self, attempt: Attempt, mut row: PipelineRow, now: Instant) -> PipelineRow {
        let live = self.lives.get(&attempt);
        if let Some(live) = live {
            row.decoder = live.chain.facts().decoder;
        }
        if self.told.detailed {
            match live {
                Some(live) => live.describe(&mut row, now),
                None if self.previewer.describe(attempt, &mut row) => {}
                None => self.told.describe_leaving(attempt, &mut row, now),
            }
        }
        row
    }
}
