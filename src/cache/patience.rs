//! Time that is allowed for bytes to come. What goes by while a media is held back for the sake of others is not counted:
//! nobody is slow then.

use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::key::CacheKey;
use super::traffic::Traffic;

/// It is looked so often, in the time allowed, whether a media is held back.
const LOOKS: u32 = 20;
/// And no more often than this.
const TURN_MIN: Duration = Duration::from_millis(1);

/// What is left of the time allowed.
pub(super) struct Patience {
    left: Duration,
    turn: Duration,
    since: Instant,
}

impl Patience {
    /// So much of it, from `now` on.
    pub fn new(allowed: Duration, now: Instant) -> Self {
        Self { left: allowed, turn: (allowed / LOOKS).max(TURN_MIN), since: now }
    }

    /// How long to wait before the next look; `None` when nothing is left. `held_back` says how it was since the last one.
    pub fn turn(&mut self, held_back: bool, now: Instant) -> Option<Duration> {
        let elapsed = now.saturating_duration_since(std::mem::replace(&mut self.since, now));
        if !held_back {
            self.left = self.left.saturating_sub(elapsed);
        }
        (self.left > Duration::ZERO).then(|| self.left.min(self.turn))
    }
}

/// What comes of `work` on the media `key` within the time allowed; `None` when that is over.
pub(super) async fn within<T>(traffic: &Traffic, key: Option<CacheKey>, allowed: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut patience = Patience::new(allowed, Instant::now());
    loop {
        let held_back = key.is_some_and(|key| traffic.holds_back(&key));
        let turn = patience.turn(held_back, Instant::now())?;
        if let Ok(done) = timeout(turn, &mut work).await {
            return Some(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_goes_by_while_a_media_is_held_back_is_not_counted() {
        let mut now = Instant::now();
        let mut patience = Patience::new(Duration::from_secs(10), now);
        let mut waited = Duration::ZERO;
        while let Some(turn) = patience.turn((5..100).contains(&waited.as_secs()), now) {
            assert!(turn <= Duration::from_millis(500));
            now += turn;
            waited += turn;
        }
        assert_eq!(waited, Duration::from_secs(105));
    }
}
