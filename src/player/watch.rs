//! When a pipeline is taken for dead. Pure: it is told what a pipeline shows, and how long that has been so.
//!
//! Three things can go wrong without anybody saying so: no first picture comes, the picture stands while the
//! clock runs, and a pipeline does not end. Waiting for bytes is never held against a decoder.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::feed::Generation;

/// How often what was lost is made again by itself: once in this time.
pub const RESTART_EVERY: Duration = Duration::from_mins(1);

/// How patient the watchdogs are. Tests are less so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the first picture, and for a seek: time from building the pipeline (from the seek) in which the source
    /// did not wait for bytes. Decoding takes tens of milliseconds; this leaves room for a machine that is busy.
    pub first_picture: Duration,
    /// For the next picture while the clock runs.
    pub frozen: Duration,
    /// For a pipeline that is taken to NULL, which takes 10 to 20 ms.
    pub teardown: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { first_picture: seconds(15), frozen: seconds(5), teardown: seconds(5) }
    }
}

/// Times the load timeout that a first picture may wait for bytes in all, when they trickle in.
const TRICKLE_FACTOR: u32 = 3;

/// Times the patience that a clip whose pictures are over may take for the sound that is queued behind them.
const ENDED_FACTOR: u32 = 4;

/// What a pipeline without its first picture has done so far.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// Since it was built.
    pub age: Duration,
    /// Since the last byte came, while the source waits for one; zero while it does not.
    pub without_bytes: Duration,
    /// In which the source waited for bytes, in all.
    pub waited: Duration,
}

/// Why there will be no first picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBeginning {
    /// Not a byte came for as long as loading may take.
    NoBytes,
    /// Bytes came, for three times as long as that, and not enough of them.
    TooSlow,
    /// The bytes were there, and no picture came of them.
    NoPicture,
}

impl Beginning {
    /// Whether the pipeline is given up. `load` is the load timeout of the profile.
    #[must_use]
    pub fn verdict(&self, load: Duration, patience: &Patience) -> Option<NoBeginning> {
        if self.without_bytes >= load {
            return Some(NoBeginning::NoBytes);
        }
        if self.waited >= load * TRICKLE_FACTOR {
            return Some(NoBeginning::TooSlow);
        }
        (self.age.saturating_sub(self.waited) >= patience.first_picture).then_some(NoBeginning::NoPicture)
    }

    /// The soonest that [`Beginning::verdict`] can be another one.
    #[must_use]
    pub fn next_look(&self, load: Duration, patience: &Patience) -> Duration {
        let bytes = load.saturating_sub(self.without_bytes);
        let trickle = (load * TRICKLE_FACTOR).saturating_sub(self.waited);
        let picture = patience.first_picture.saturating_sub(self.age.saturating_sub(self.waited));
        bytes.min(trickle).min(picture)
    }
}

/// What a pipeline shows that is told to play.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// How far the clock is past all that reached the sink, and for how long nothing did: the shorter of the two.
    /// A picture that waits for its time, however far off, makes it zero.
    pub idle: Duration,
    /// The stream of pictures is over; what follows is sound, or the start.
    pub ended: bool,
    /// Something coded went into the decoder, and nothing came out since.
    pub decoding: bool,
    /// Since anything at all left the demuxer.
    pub demuxer_silent: Duration,
    /// Since when a state change or a seek is under way; `None` when none is.
    pub unsettled: Option<Duration>,
    /// The source waits for bytes.
    pub starving: bool,
}

impl Sight {
    /// Whether the picture is frozen for another reason than a want of bytes.
    ///
    /// A demuxer that goes on without giving the decoder anything is believed: the pictures of a clip may end
    /// before its sound does.
    #[must_use]
    pub fn is_frozen(&self, patience: &Patience) -> bool {
        if self.starving {
            return false;
        }
        if let Some(unsettled) = self.unsettled {
            return unsettled >= patience.first_picture;
        }
        let silence = if self.ended { patience.frozen * ENDED_FACTOR } else { patience.frozen };
        self.idle >= patience.frozen && ((self.decoding && !self.ended) || self.demuxer_silent >= silence)
    }
}

/// Which assignments were made again by themselves, and when.
#[derive(Debug, Default)]
pub struct Restarts(HashMap<Generation, Instant>);

impl Restarts {
    /// Whether an assignment that lost its decoder may be made again; counts it as done if so.
    pub fn allow(&mut self, generation: Generation, now: Instant) -> bool {
        let again = self.0.get(&generation).is_some_and(|last| now.saturating_duration_since(*last) < RESTART_EVERY);
        if !again {
            self.0.insert(generation, now);
        }
        !again
    }

    /// Forgets all but these.
    pub fn keep(&mut self, is_wanted: impl Fn(Generation) -> bool) {
        self.0.retain(|generation, _| is_wanted(*generation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LOAD: Duration = Duration::from_secs(10);

    fn patience() -> Patience {
        Patience::default()
    }

    fn playing() -> Sight {
        Sight { idle: Duration::ZERO, ended: false, decoding: false, demuxer_silent: Duration::ZERO, unsettled: None, starving: false }
    }

    #[test]
    fn a_beginning_is_given_up_for_what_holds_it_up() {
        let beginning = |age: u32, without_bytes: u32, waited: u32| {
            let beginning = Beginning { age: SECOND * age, without_bytes: SECOND * without_bytes, waited: SECOND * waited };
            beginning.verdict(LOAD, &patience())
        };
        assert_eq!(beginning(14, 0, 0), None);
        assert_eq!(beginning(15, 0, 0), Some(NoBeginning::NoPicture));
        assert_eq!(beginning(10, 10, 10), Some(NoBeginning::NoBytes));
        // A line that is slow and steady has time, and what it takes is not held against the decoder.
        assert_eq!(beginning(30, 1, 29), None);
        assert_eq!(beginning(31, 1, 30), Some(NoBeginning::TooSlow));
        assert_eq!(beginning(40, 0, 25), Some(NoBeginning::NoPicture));
    }

    #[test]
    fn a_shorter_load_timeout_counts_from_the_moment_it_is_known() {
        let beginning = Beginning { age: SECOND * 3, without_bytes: SECOND * 3, waited: SECOND * 3 };
        assert_eq!(beginning.verdict(LOAD, &patience()), None);
        assert_eq!(beginning.verdict(Duration::from_millis(500), &patience()), Some(NoBeginning::NoBytes));
    }

    #[test]
    fn no_look_comes_later_than_the_next_verdict() {
        for (age, without_bytes, waited) in [(0, 0, 0), (14, 0, 0), (9, 9, 9), (30, 1, 29), (20, 0, 10)] {
            let beginning = Beginning { age: SECOND * age, without_bytes: SECOND * without_bytes, waited: SECOND * waited };
            assert_eq!(beginning.verdict(LOAD, &patience()), None);
            let wait = beginning.next_look(LOAD, &patience());
            // Either the wait for bytes went on all that time, or none of it was a wait.
            let starved =
                Beginning { age: beginning.age + wait, without_bytes: beginning.without_bytes + wait, waited: beginning.waited + wait };
            let worked = Beginning { age: beginning.age + wait, without_bytes: Duration::ZERO, ..beginning };
            assert!(starved.verdict(LOAD, &patience()).is_some() || worked.verdict(LOAD, &patience()).is_some(), "{beginning:?}");
        }
    }

    #[test]
    fn a_decoder_that_gives_nothing_back_is_frozen() {
        let stuck = Sight { idle: SECOND * 5, decoding: true, ..playing() };
        assert!(stuck.is_frozen(&patience()));
        assert!(!Sight { idle: SECOND * 4, ..stuck }.is_frozen(&patience()));
    }

    #[test]
    fn a_demuxer_that_stands_still_is_frozen_and_one_that_goes_on_is_not() {
        let silent = Sight { idle: SECOND * 60, demuxer_silent: SECOND * 60, ..playing() };
        assert!(silent.is_frozen(&patience()));
        // Sound goes on behind the last picture.
        assert!(!Sight { demuxer_silent: SECOND, ..silent }.is_frozen(&patience()));
    }

    #[test]
    fn stills_ends_and_waits_for_bytes_are_not_frozen() {
        let dead = Sight { idle: SECOND * 60, decoding: true, demuxer_silent: SECOND * 60, ..playing() };
        assert!(dead.is_frozen(&patience()));
        assert!(!Sight { idle: Duration::ZERO, ..dead }.is_frozen(&patience()), "a still: the next picture waits for its time");
        assert!(!Sight { ended: true, demuxer_silent: SECOND * 19, ..dead }.is_frozen(&patience()), "sound is queued behind it");
        assert!(Sight { ended: true, demuxer_silent: SECOND * 20, ..dead }.is_frozen(&patience()), "nothing follows the end");
        assert!(!Sight { starving: true, ..dead }.is_frozen(&patience()));
    }

    #[test]
    fn a_seek_that_does_not_arrive_is_frozen_unless_it_waits_for_bytes() {
        let seeking = Sight { unsettled: Some(SECOND * 15), ..playing() };
        assert!(seeking.is_frozen(&patience()));
        assert!(!Sight { unsettled: Some(SECOND * 14), ..seeking }.is_frozen(&patience()));
        assert!(!Sight { starving: true, ..seeking }.is_frozen(&patience()));
    }

    #[test]
    fn what_is_lost_twice_within_a_minute_is_not_made_again() {
        let (mut restarts, begun) = (Restarts::default(), Instant::now());
        assert!(restarts.allow(Generation(1), begun));
        assert!(!restarts.allow(Generation(1), begun + SECOND * 59));
        assert!(restarts.allow(Generation(2), begun + SECOND * 59));
        assert!(restarts.allow(Generation(1), begun + SECOND * 60));
        restarts.keep(|generation| generation == Generation(2));
        assert!(restarts.allow(Generation(1), begun + SECOND * 61));
        assert!(!restarts.allow(Generation(2), begun + SECOND * 61));
    }
}
