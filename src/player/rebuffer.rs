//! When playback stops to wait for bytes, and when it goes on. Pure: times and what is there are passed in.
//!
//! It stops only when the pictures have run out because the source waits, and it goes on only with some seconds
//! of the clip in hand, more of them after each stop that follows soon: a line that is too slow makes few long
//! stops instead of a stutter.

use std::time::{Duration, Instant};

/// No picture has come for so long, and the source has waited as long, when playback stops.
pub const STALLED_AFTER: Duration = Duration::from_millis(300);
/// Pictures that are later than this are thrown away: a line that is nearly good enough lets them all be a little late,
/// and none is seen.
const LATE: Duration = Duration::from_millis(50);
/// Length of the clip that has to be there before playback goes on after the first stop.
const RESUME_SECONDS: f64 = 2.0;
/// After each stop that follows soon it is twice as much, this many times.
const DOUBLINGS_MAX: u32 = 2;
/// A stop that comes later than this after the last one is a first one again.
const CALM_AFTER: Duration = Duration::from_mins(1);
/// What has to be there of a clip whose byte rate is unknown, doubled like the seconds.
const RESUME_BYTES: u64 = 256 << 10;
/// More is never waited for: of a clip at a very high rate the cache may not keep that much ahead.
const RESUME_BYTES_MAX: u64 = 16 << 20;
/// When nothing more has come for so long, playback goes on with what is there.
const ANYWAY_AFTER: Duration = Duration::from_secs(3);

/// What a pipeline that plays, or waits to, has in hand.
#[derive(Clone, Copy, Debug)]
pub struct Supply {
    /// How far the clock is past the last picture that reached the sink.
    pub late: Duration,
    /// Since the last picture left the sink to be seen.
    pub standing: Duration,
    /// How long the source has been waiting for bytes; `None` while it does not.
    pub starving_for: Option<Duration>,
    /// How long the source has waited for bytes so far, in all.
    pub waited: Duration,
    /// Bytes that are there from the reading position on.
    pub ahead: u64,
    /// Bytes from the reading position to the end of the clip.
    pub rest: u64,
    /// Bytes a second of the whole clip, when its length in time is known.
    pub rate: Option<f64>,
}

/// What a clip that waits has of what lets it go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InHand {
    /// Bytes that are there from the reading position on.
    pub ahead: u64,
    /// Bytes that let playback go on.
    pub enough: u64,
    /// Bytes a second of the whole clip, when its length in time is known.
    pub rate: Option<u64>,
}

/// The waits of one clip.
#[derive(Debug, Default)]
pub struct Rebuffer {
    /// Playback is stopped, since this moment.
    since: Option<Instant>,
    /// When it went on last.
    resumed: Option<Instant>,
    /// Stops that followed one another soon, the first one left out.
    repeated: u32,
    /// What the source had waited in all when pictures flowed last.
    waited_flowing: Duration,
    /// Bytes in hand when they grew last, and when that was.
    grown: Option<(u64, Instant)>,
}

impl Rebuffer {
    /// Whether playback is stopped.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.since.is_some()
    }

    /// Whether playback should stop now. To be asked a few times a second while it plays.
    pub fn should_stop(&mut self, supply: &Supply) -> bool {
        if supply.late < LATE || supply.standing < STALLED_AFTER {
            self.waited_flowing = supply.waited;
            return false;
        }
        // Many short waits do as much harm as a long one.
        supply.starving_for >= Some(STALLED_AFTER)
            || (supply.starving_for.is_some() && supply.waited.saturating_sub(self.waited_flowing) >= STALLED_AFTER)
    }

    /// Playback stopped.
    pub fn stopped(&mut self, now: Instant) {
        let soon = self.resumed.is_some_and(|resumed| now.saturating_duration_since(resumed) < CALM_AFTER);
        self.repeated = if soon { (self.repeated + 1).min(DOUBLINGS_MAX) } else { 0 };
        self.since = Some(now);
        self.grown = None;
    }

    /// Whether playback should go on now, and after how long. To be asked a few times a second while it waits.
    pub fn should_resume(&mut self, supply: &Supply, now: Instant) -> Option<Duration> {
        let since = self.since?;
        // A source that waits gets the next bytes itself: what is in hand does not tell that they come.
        if supply.starving_for.is_some() || self.grown.is_none_or(|(ahead, _)| supply.ahead > ahead) {
            self.grown = Some((supply.ahead, now));
        }
        if supply.starving_for.is_some() {
            return None;
        }
        let dry = self.grown.is_some_and(|(_, grown)| now.saturating_duration_since(grown) >= ANYWAY_AFTER);
        (supply.ahead >= self.enough(supply) || dry).then(|| now.saturating_duration_since(since))
    }

    /// Playback goes on.
    pub fn resumed(&mut self, now: Instant) {
        self.since = None;
        self.resumed = Some(now);
    }

    /// Playback was paused by somebody else: nobody waits any more.
    pub fn given_up(&mut self) {
        self.since = None;
    }

    /// What there is of what lets playback go on.
    #[must_use]
    pub fn in_hand(&self, supply: &Supply) -> InHand {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let rate = supply.rate.map(|rate| rate as u64);
        InHand { ahead: supply.ahead, enough: self.enough(supply), rate }
    }

    /// Bytes that let playback go on.
    fn enough(&self, supply: &Supply) -> u64 {
        let factor = 1_u32 << self.repeated;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is bounded below")]
        let bytes = match supply.rate {
            Some(rate) => (rate * RESUME_SECONDS * f64::from(factor)) as u64,
            None => RESUME_BYTES * u64::from(factor),
        };
        bytes.min(RESUME_BYTES_MAX).min(supply.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 100_000;
    const MS: Duration = Duration::from_millis(1);
    const SECOND: Duration = Duration::from_secs(1);

    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    fn supply(ahead: u64) -> Supply {
        Supply {
            late: SECOND,
            standing: SECOND,
            starving_for: None,
            waited: Duration::ZERO,
            ahead,
            rest: 100 * RATE,
            rate: Some(RATE as f64),
        }
    }

    /// Bytes with which it goes on, to a thousandth of a second of the clip.
    fn needed(rebuffer: &mut Rebuffer, now: Instant, supply: Supply) -> u64 {
        let step = usize::try_from(RATE / 1000).unwrap();
        (0..=64 * RATE).step_by(step).find(|ahead| rebuffer.should_resume(&Supply { ahead: *ahead, ..supply }, now).is_some()).unwrap()
    }

    fn starving(late: Duration, waiting: Duration, waited: Duration) -> Supply {
        Supply { late, standing: late, starving_for: Some(waiting), waited, ..supply(0) }
    }

    #[test]
    fn pictures_that_all_come_a_little_too_late_to_be_seen_are_no_pictures() {
        let mut rebuffer = Rebuffer::default();
        let trickle = |standing, waited| Supply { standing, ..starving(MS * 80, MS * 30, waited) };
        assert!(!rebuffer.should_stop(&trickle(MS * 200, MS * 5000)));
        assert!(!rebuffer.should_stop(&trickle(MS * 320, MS * 5120)));
        assert!(rebuffer.should_stop(&trickle(MS * 520, MS * 5320)));
    }

    #[test]
    fn it_stops_when_pictures_have_run_out_for_want_of_bytes() {
        let mut rebuffer = Rebuffer::default();
        assert!(!rebuffer.should_stop(&starving(MS * 299, SECOND, SECOND)), "pictures still flow");
        assert!(!rebuffer.should_stop(&supply(0)), "the decoder is late, not the bytes");
        assert!(rebuffer.should_stop(&starving(MS * 300, MS * 300, SECOND)));
    }

    #[test]
    fn a_clip_of_one_picture_a_second_does_not_stop_between_them() {
        let mut rebuffer = Rebuffer::default();
        // The picture on the screen is good for a second, and the source has been waiting for most of it.
        assert!(!rebuffer.should_stop(&starving(Duration::ZERO, MS * 900, MS * 900)));
    }

    #[test]
    fn short_waits_that_follow_one_another_stop_it_too() {
        let mut rebuffer = Rebuffer::default();
        assert!(!rebuffer.should_stop(&starving(MS * 100, MS * 100, MS * 5000)));
        assert!(!rebuffer.should_stop(&starving(MS * 350, MS * 100, MS * 5250)));
        assert!(rebuffer.should_stop(&starving(MS * 600, MS * 50, MS * 5300)));
    }

    #[test]
    fn it_goes_on_with_two_seconds_of_the_clip_in_hand_or_its_end() {
        let (mut rebuffer, now) = (Rebuffer::default(), Instant::now());
        rebuffer.stopped(now);
        assert_eq!(needed(&mut rebuffer, now, supply(0)), 2 * RATE);
        rebuffer.stopped(now + CALM_AFTER);
        assert_eq!(needed(&mut rebuffer, now + CALM_AFTER, Supply { rest: RATE, ..supply(0) }), RATE);
    }

    #[test]
    fn it_does_not_go_on_while_the_source_still_waits() {
        let (mut rebuffer, now) = (Rebuffer::default(), Instant::now());
        rebuffer.stopped(now);
        let waits = Supply { starving_for: Some(SECOND), ..supply(50 * RATE) };
        assert_eq!(rebuffer.should_resume(&waits, now), None);
        assert_eq!(rebuffer.should_resume(&waits, now + SECOND * 60), None);
        // The one read that got its bytes leaves nothing in hand yet.
        assert_eq!(rebuffer.should_resume(&supply(0), now + SECOND * 61), None);
        assert_eq!(rebuffer.should_resume(&supply(50 * RATE), now + SECOND * 61), Some(SECOND * 61));
    }

    #[test]
    fn each_stop_that_follows_soon_wants_twice_as_much_up_to_eight_seconds() {
        let (mut rebuffer, mut now) = (Rebuffer::default(), Instant::now());
        for seconds in [2, 4, 8, 8] {
            rebuffer.stopped(now);
            assert_eq!(needed(&mut rebuffer, now, supply(0)), seconds * RATE);
            now += SECOND;
            rebuffer.resumed(now);
            now += SECOND * 30;
        }
        now += CALM_AFTER;
        rebuffer.stopped(now);
        assert_eq!(needed(&mut rebuffer, now, supply(0)), 2 * RATE, "a calm minute makes up for it");
    }

    #[test]
    fn when_nothing_more_comes_it_goes_on_with_what_is_there() {
        let (mut rebuffer, now) = (Rebuffer::default(), Instant::now());
        rebuffer.stopped(now);
        assert_eq!(rebuffer.should_resume(&supply(RATE), now), None);
        assert_eq!(rebuffer.should_resume(&supply(RATE + 1), now + SECOND * 2), None);
        assert_eq!(rebuffer.should_resume(&supply(RATE + 1), now + SECOND * 4), None, "it grew two seconds ago");
        assert_eq!(rebuffer.should_resume(&supply(RATE + 1), now + SECOND * 5), Some(SECOND * 5));
    }

    #[test]
    fn a_clip_of_unknown_or_absurd_rate_waits_for_a_bounded_number_of_bytes() {
        let (mut rebuffer, now) = (Rebuffer::default(), Instant::now());
        rebuffer.stopped(now);
        let unknown = |ahead| Supply { rate: None, ahead, ..supply(0) };
        assert_eq!(rebuffer.should_resume(&unknown(RESUME_BYTES - 1), now), None);
        assert!(rebuffer.should_resume(&unknown(RESUME_BYTES), now).is_some());
        for rate in [f64::INFINITY, 1e18, f64::NAN] {
            let absurd = |ahead| Supply { rate: Some(rate), rest: u64::MAX, ahead, ..supply(0) };
            assert!(rebuffer.should_resume(&absurd(RESUME_BYTES_MAX), now).is_some(), "{rate}");
        }
    }

    #[test]
    fn what_is_in_hand_is_told_beside_what_lets_playback_go_on() {
        let mut rebuffer = Rebuffer::default();
        rebuffer.stopped(Instant::now());
        let told = rebuffer.in_hand(&supply(50_000));
        assert_eq!(told, InHand { ahead: 50_000, enough: 2 * RATE, rate: Some(RATE) });
        let unknown = rebuffer.in_hand(&Supply { rate: None, ..supply(50_000) });
        assert_eq!((unknown.rate, unknown.enough), (None, RESUME_BYTES));
    }
}
