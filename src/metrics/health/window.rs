//! What happened within the last while, from counts that only grow; and for how long something has lasted.

use std::collections::VecDeque;
use std::time::Duration;

/// Looks that are remembered over the whole span, more or less.
const STEPS: u32 = 60;
/// Of a longer time without a look only this much counts: nobody knows what was then.
const GAP_MOST: Duration = Duration::from_secs(5);

/// How much two counts have grown over a span of time.
#[derive(Clone, Debug)]
pub(super) struct Window {
    span: Duration,
    /// Counts at the beginning of the span and since, oldest first.
    looks: VecDeque<(Duration, u64, u64)>,
    /// The counts at the last look.
    last: (u64, u64),
}

impl Window {
    /// A window over the last `span`.
    pub fn over(span: Duration) -> Self {
        Self { span, looks: VecDeque::new(), last: (0, 0) }
    }

    /// Takes in two counts at `now`; returns how much each has grown within the span, or a sixtieth of it more. Counts
    /// begin at 0, and again when they were set back.
    pub fn look(&mut self, part: u64, all: u64, now: Duration) -> (u64, u64) {
        let set_back = part < self.last.0 || all < self.last.1;
        self.last = (part, all);
        if set_back || self.looks.is_empty() {
            self.looks.clear();
            self.looks.push_back((now, 0, 0));
        }
        if self.looks.back().is_some_and(|&(at, ..)| now.saturating_sub(at) >= self.span / STEPS) {
            self.looks.push_back((now, part, all));
        }
        while self.looks.get(1).is_some_and(|&(at, ..)| now.saturating_sub(at) >= self.span) {
            self.looks.pop_front();
        }
        let (_, part_before, all_before) = self.looks.front().copied().unwrap_or_default();
        (part.saturating_sub(part_before), all.saturating_sub(all_before))
    }
}

/// For how long something has lasted, as far as one looked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Long {
    lasted: Duration,
    last: Option<Duration>,
}

impl Long {
    /// Takes in whether it holds at `now`; returns for how long it has.
    pub fn look(&mut self, holds: bool, now: Duration) -> Duration {
        let passed = self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last).min(GAP_MOST));
        self.last = Some(now);
        self.lasted = if holds { self.lasted + passed } else { Duration::ZERO };
        self.lasted
    }
}
