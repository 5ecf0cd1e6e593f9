//! Where the picture before the one that is shown begins. Pure: it is told when coded pictures begin.
//!
//! A position that was asked for lies within a picture, and what shows it says that it begins there. When it really
//! begins, and the one before it, is told by what went into the decoder: also where no two pictures last equally long.

use std::collections::VecDeque;
use std::time::Duration;

/// What went into a decoder and is not shown yet is fewer pictures than this, twice: references and reordering allow 16.
const KEPT: usize = 32;
/// Beginnings are rounded differently by containers and by ourselves.
const ROUNDING: Duration = Duration::from_micros(1);
/// So far into a picture that the one before it is surely over: containers that count milliseconds let them overlap.
const INSIDE: Duration = Duration::from_millis(2);

/// When the last coded pictures begin, in the order in which they were decoded.
#[derive(Debug, Default)]
pub struct Beginnings(VecDeque<Duration>);

impl Beginnings {
    /// One goes into the decoder that begins at `at`.
    pub fn push(&mut self, at: Duration) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(at);
    }

    /// What comes from now on does not follow what came so far.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// A time within the picture before the one that is shown at `shown`, near its beginning where that is known; pictures
    /// last about `length`. `None`: there is none before it.
    #[must_use]
    pub fn before(&self, shown: Duration, length: Duration) -> Option<Duration> {
        let last = |bound: Duration| self.0.iter().copied().filter(|at| *at < bound).max();
        let begins = last(shown + ROUNDING);
        if begins.unwrap_or(shown) < ROUNDING {
            return None;
        }
        Some(match begins {
            // Before the keyframe at which decoding began nothing is known.
            Some(begins) => {
                let before = last(begins).map(|before| before + (begins.saturating_sub(before) / 2).min(INSIDE));
                before.unwrap_or_else(|| begins.saturating_sub(length / 2))
            }
            None => shown.saturating_sub(length.saturating_sub(ROUNDING)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_nanos(33_333_333);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn told(at: &[u64]) -> Beginnings {
        let mut told = Beginnings::default();
        for at in at {
            told.push(ms(*at));
        }
        told
    }

    #[test]
    fn the_picture_before_begins_where_it_was_said_to_in_whatever_order_they_are_decoded() {
        // Pictures of different lengths, one of them decoded before those that it follows.
        let told = told(&[0, 100, 40, 60, 200]);
        assert_eq!(told.before(ms(100), FRAME), Some(ms(62)));
        assert_eq!(told.before(ms(62), FRAME), Some(ms(42)));
        assert_eq!(told.before(ms(42), FRAME), Some(ms(2)));
        assert_eq!(told.before(ms(2), FRAME), None);
        assert_eq!(told.before(ms(0), FRAME), None, "it is the first");
    }

    #[test]
    fn a_position_within_a_picture_is_that_picture() {
        assert_eq!(told(&[0, 40, 60, 100]).before(ms(99), FRAME), Some(ms(42)));
        assert_eq!(told(&[0, 2, 4]).before(ms(4), FRAME), Some(ms(3)), "never so far as to the next one");
    }

    #[test]
    fn before_a_keyframe_the_length_of_a_picture_tells() {
        assert_eq!(told(&[500, 533]).before(ms(500), FRAME), Some(ms(500).saturating_sub(FRAME / 2)));
        assert_eq!(told(&[500, 533]).before(ms(510), FRAME), Some(ms(500).saturating_sub(FRAME / 2)));
    }

    #[test]
    fn without_a_word_from_the_decoder_each_step_is_the_length_of_a_picture() {
        let none = Beginnings::default();
        let once = none.before(ms(500), FRAME).unwrap();
        assert_eq!(once, ms(500).saturating_sub(FRAME) + ROUNDING);
        assert_eq!(none.before(ms(0), FRAME), None);
        let mut forgotten = told(&[0, 40]);
        forgotten.clear();
        assert_eq!(forgotten.before(ms(500), FRAME), Some(once));
    }

    #[test]
    fn no_more_is_kept_than_can_be_of_use() {
        let mut told = Beginnings::default();
        for at in 0..1000 {
            told.push(ms(at));
        }
        assert_eq!(told.0.len(), KEPT);
        assert_eq!(told.before(ms(999), FRAME), Some(Duration::from_micros(998_500)));
    }
}
