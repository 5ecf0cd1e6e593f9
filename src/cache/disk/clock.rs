//! The clock that ages are told by: it follows the wall clock forward, but not through its jumps.

use std::time::{Duration, Instant, SystemTime};

/// The index is not written for the clock alone when it lags by less than this, in seconds.
const LAG_S: u64 = 3600;

/// The cache's own clock. It runs with the machine's, and from one run to the next it goes on by what the wall
/// clock went on, never backward, and never by more than the `step` it is given. So a clock that is a year
/// ahead ends nothing at once, and one that is set back makes nothing last for ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct CacheClock {
    at_open: u64,
    wall_at_open: u64,
    opened: Instant,
}

impl CacheClock {
    /// Goes on from what an index says (`clock` and `wall`, in seconds), now that the wall clock says `now`.
    pub fn resume(clock: u64, wall: u64, now: SystemTime, step: Duration) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // An index without a time is the first one: nothing has an age yet.
        let passed = if wall == 0 { 0 } else { now.saturating_sub(wall).min(step.as_secs()) };
        Self { at_open: clock + passed, wall_at_open: now, opened: Instant::now() }
    }

    /// Whether it has gone on so far since the index was written that the index should tell.
    pub fn is_ahead_of(&self, clock: u64) -> bool {
        self.at_open > clock + LAG_S
    }

    /// Seconds on the cache's own clock.
    pub fn now(&self) -> u64 {
        self.at_open + self.opened.elapsed().as_secs()
    }

    /// What the wall clock should say by now, in seconds since 1970.
    pub fn wall(&self) -> u64 {
        self.wall_at_open + self.opened.elapsed().as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 3600;
    const YEAR: u64 = 365 * DAY;

    fn resumed(clock: u64, wall: u64, now: u64) -> u64 {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        CacheClock::resume(clock, wall, now, Duration::from_secs(3 * DAY)).at_open
    }

    #[test]
    fn it_goes_on_as_the_wall_clock_does_and_not_through_its_jumps() {
        let wall = 50 * YEAR;
        assert_eq!(resumed(100, wall, wall + DAY), 100 + DAY);
        assert_eq!(resumed(100, wall, wall + YEAR), 100 + 3 * DAY);
        assert_eq!(resumed(100, wall, wall - YEAR), 100);
        assert_eq!(resumed(0, 0, wall), 0);
    }
}
