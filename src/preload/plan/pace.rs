//! Which way somebody swipes, and how fast.

use std::collections::VecDeque;
use std::time::Duration;

/// A swipe later than this after the one before is one of its own.
const PAUSE: Duration = Duration::from_millis(1200);
/// Swipes that are remembered.
const KEPT: usize = 4;
/// This many mean gaps without another swipe, and the swiping is over.
const GAPS_UNTIL_REST: u32 = 2;

/// Forward or backward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// To later items.
    #[default]
    Forward,
    /// To earlier ones.
    Backward,
}

/// The last swipes of one run: all the same way, none long after the one before.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    swipes: VecDeque<Duration>,
    direction: Direction,
    /// Swipes against the direction that are not yet enough to turn it.
    against: u8,
}

impl Pace {
    /// Takes in a move by one item at `now`.
    pub fn moved(&mut self, direction: Direction, now: Duration) {
        let run = self.swipes.back().is_some_and(|&last| now.saturating_sub(last) <= PAUSE);
        if direction == self.direction {
            if !run || self.against > 0 {
                self.swipes.clear();
            }
            self.against = 0;
        } else {
            self.against += 1;
            self.swipes.clear();
            // One look back is no change of mind.
            if self.against > 1 {
                (self.direction, self.against) = (direction, 0);
            }
        }
        if self.swipes.len() == KEPT {
            self.swipes.pop_front();
        }
        self.swipes.push_back(now);
    }

    /// Forgets all: the place changed by something else than a swipe.
    pub fn jumped(&mut self) {
        *self = Self::default();
    }

    /// Which way.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Time from one item to the next while somebody swipes on and on; `None` for single swipes and for none.
    #[must_use]
    pub fn gap(&self, now: Duration) -> Option<Duration> {
        let gap = self.mean_gap()?;
        (now < self.swipes.back()?.saturating_add(gap * GAPS_UNTIL_REST)).then_some(gap)
    }

    /// When the swiping is over unless another one comes.
    #[must_use]
    pub fn rests_at(&self) -> Option<Duration> {
        Some(self.swipes.back()?.saturating_add(self.mean_gap()? * GAPS_UNTIL_REST))
    }

    fn mean_gap(&self) -> Option<Duration> {
        let gaps = u32::try_from(self.swipes.len()).ok()?.checked_sub(1).filter(|&gaps| gaps > 0)?;
        Some(self.swipes.back()?.saturating_sub(*self.swipes.front()?) / gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{Backward, Forward};
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn after(swipes: &[(Direction, u64)]) -> Pace {
        let mut pace = Pace::default();
        for &(direction, at) in swipes {
            pace.moved(direction, ms(at));
        }
        pace
    }

    #[test]
    fn swipes_one_after_the_other_have_a_pace_until_they_stop() {
        assert_eq!(after(&[]).gap(ms(0)), None);
        assert_eq!(after(&[(Forward, 1000)]).gap(ms(1000)), None, "one swipe has no pace");
        let pace = after(&[(Forward, 1000), (Forward, 1250), (Forward, 1500)]);
        assert_eq!(pace.gap(ms(1600)), Some(ms(250)));
        assert_eq!(pace.rests_at(), Some(ms(2000)));
        assert_eq!(pace.gap(ms(2000)), None);
    }

    #[test]
    fn a_pause_and_a_turn_begin_a_new_run() {
        assert_eq!(after(&[(Forward, 0), (Forward, 1500)]).gap(ms(1500)), None);
        assert_eq!(after(&[(Forward, 0), (Forward, 200), (Backward, 400)]).gap(ms(400)), None);
    }

    #[test]
    fn one_look_back_does_not_turn_the_direction_and_two_do() {
        assert_eq!(after(&[(Forward, 0), (Backward, 300)]).direction(), Forward);
        assert_eq!(after(&[(Forward, 0), (Backward, 300), (Forward, 600), (Backward, 900)]).direction(), Forward);
        assert_eq!(after(&[(Forward, 0), (Backward, 300), (Backward, 600)]).direction(), Backward);
        let back = after(&[(Backward, 0), (Backward, 300), (Backward, 600)]);
        assert_eq!((back.direction(), back.gap(ms(700))), (Backward, Some(ms(300))));
    }

    #[test]
    fn only_the_newest_swipes_count() {
        let pace = after(&[(Forward, 0), (Forward, 1000), (Forward, 2000), (Forward, 2200), (Forward, 2400), (Forward, 2600)]);
        assert_eq!(pace.gap(ms(2600)), Some(ms(200)));
    }
}
