//! What one connection may cost. Times are passed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Largest message that is answered, in bytes. What is larger than [`FRAME_BYTES_MAX`] is not even read.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 << 10;
/// Largest message that is read, in bytes: one that is only a little too large costs an answer and not the connection.
pub(super) const FRAME_BYTES_MAX: usize = 2 * MESSAGE_BYTES_MAX;
/// Longest name of a stream, a product or a room, in bytes.
pub(super) const ID_BYTES_MAX: usize = 128;
/// Rooms that a connection may be in.
pub(super) const ROOMS_MAX: usize = 64;
/// Messages of a connection that are answered within a second.
const MESSAGES_A_SECOND: u32 = 30;
/// So many messages that were wrong…
const WRONG_MAX: usize = 20;
/// … within this time end a connection.
const WRONG_WITHIN: Duration = Duration::from_mins(1);

/// Counts the messages of one connection.
pub(super) struct Meter {
    second: Instant,
    in_second: u32,
    wrong: VecDeque<Instant>,
}

impl Meter {
    pub fn new(now: Instant) -> Self {
        Self { second: now, in_second: 0, wrong: VecDeque::new() }
    }

    /// Whether one more message is answered at `now`.
    pub fn admits(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.second) >= Duration::from_secs(1) {
            (self.second, self.in_second) = (now, 0);
        }
        self.in_second = self.in_second.saturating_add(1);
        self.in_second <= MESSAGES_A_SECOND
    }

    /// Notes a message that was wrong; whether it was one too many.
    pub fn is_too_often_wrong(&mut self, now: Instant) -> bool {
        self.wrong.retain(|at| now.saturating_duration_since(*at) < WRONG_WITHIN);
        self.wrong.push_back(now);
        self.wrong.len() >= WRONG_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_messages_a_second_are_answered_and_the_next_second_begins_anew() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        assert!((0..30).all(|_| meter.admits(start)));
        assert!(!meter.admits(start + Duration::from_millis(999)));
        assert!(meter.admits(start + Duration::from_secs(1)));
    }

    #[test]
    fn twenty_wrong_messages_are_too_many_within_a_minute_and_not_beyond() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        assert!(!(0..19).any(|nth| meter.is_too_often_wrong(start + Duration::from_secs(nth))));
        assert!(!meter.is_too_often_wrong(start + Duration::from_mins(1)), "the first is forgotten");
        assert!(meter.is_too_often_wrong(start + Duration::from_millis(60_500)), "this is the twentieth of a minute");
    }
}
