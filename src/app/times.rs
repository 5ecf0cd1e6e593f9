//! How an item came to the screen: when each step was done, and how long it took.

use std::time::Duration;

/// The steps of one assignment of an item, as times since the program started. `None`: not yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// It was given to the player.
    pub assigned: Option<Duration>,
    /// Its length and first bytes were there.
    pub opened: Option<Duration>,
    /// Whether these bytes were on this machine already.
    pub from_cache: bool,
    /// Its first picture was there.
    pub pictured: Option<Duration>,
    /// A swipe to it was committed.
    pub wanted: Option<Duration>,
    /// It was on the screen with its own picture.
    pub painted: Option<Duration>,
}

impl Times {
    /// The steps of an assignment that begins at `now`.
    #[must_use]
    pub fn begin(now: Duration) -> Self {
        Self { assigned: Some(now), ..Self::default() }
    }

    /// From being given to the player until length and first bytes were there.
    #[must_use]
    pub fn opening(&self) -> Option<Duration> {
        Some(self.opened?.saturating_sub(self.assigned?))
    }

    /// From the first bytes to the first picture.
    #[must_use]
    pub fn prerolling(&self) -> Option<Duration> {
        Some(self.pictured?.saturating_sub(self.opened?))
    }

    /// From the moment there was a picture and somebody wanted to see it until it was seen: what is left of the way
    /// when everything before was done ahead.
    #[must_use]
    pub fn painting(&self) -> Option<Duration> {
        let from = self.pictured?.max(self.wanted.or(self.assigned)?);
        Some(self.painted?.saturating_sub(from))
    }

    /// How long its picture had been there when it was wanted; `None` when it was not there yet, or is not wanted.
    #[must_use]
    pub fn stood_ready(&self) -> Option<Duration> {
        self.wanted?.checked_sub(self.pictured?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Steps that were all taken: assigned, opened, pictured, wanted, painted.
    fn taken([assigned, opened, pictured, wanted, painted]: [u64; 5]) -> Times {
        Times {
            assigned: Some(ms(assigned)),
            opened: Some(ms(opened)),
            from_cache: true,
            pictured: Some(ms(pictured)),
            wanted: Some(ms(wanted)),
            painted: Some(ms(painted)),
        }
    }

    #[test]
    fn the_wait_of_an_item_that_stands_ready_is_no_part_of_its_way() {
        let times = taken([100, 140, 200, 5200, 5208]);
        assert_eq!((times.opening(), times.prerolling(), times.painting()), (Some(ms(40)), Some(ms(60)), Some(ms(8))));
        assert_eq!(times.stood_ready(), Some(ms(5000)));
    }

    #[test]
    fn a_cold_item_is_painted_from_the_moment_of_its_picture() {
        let times = taken([1000, 1090, 1160, 1000, 1170]);
        assert_eq!((times.opening(), times.prerolling(), times.painting()), (Some(ms(90)), Some(ms(70)), Some(ms(10))));
        assert_eq!(times.stood_ready(), None);
    }

    #[test]
    fn a_step_that_was_not_reached_has_no_length() {
        let times = Times { opened: Some(ms(30)), ..Times::begin(ms(20)) };
        assert_eq!((times.opening(), times.prerolling(), times.painting()), (Some(ms(10)), None, None));
    }
}
