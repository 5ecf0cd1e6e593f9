//! A held key steps four times a second, whatever the desktop's repeat rate is. Pure.

use std::time::Duration;

/// Time between two steps of a held key.
const PERIOD: Duration = Duration::from_millis(250);

/// Thins out the repeats of a held key.
#[derive(Clone, Debug, Default)]
pub struct KeyRepeat {
    last: Option<Duration>,
}

impl KeyRepeat {
    /// Whether a key event counts: a press always, a repeat when the last step was long enough ago.
    pub fn counts(&mut self, is_repeat: bool, now: Duration) -> bool {
        let due = !is_repeat || self.last.is_none_or(|last| now.saturating_sub(last) >= PERIOD);
        if due {
            self.last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_key_steps_four_times_a_second() {
        let mut repeat = KeyRepeat::default();
        // One press, then a second of repeats at 30 Hz.
        let steps = (0..=30).filter(|&i| repeat.counts(i > 0, Duration::from_millis(i * 1000 / 30))).count();
        assert_eq!(steps, 4);
    }

    #[test]
    fn quick_presses_all_count() {
        let mut repeat = KeyRepeat::default();
        assert!((0..10).all(|i| repeat.counts(false, Duration::from_millis(i * 30))));
    }
}
