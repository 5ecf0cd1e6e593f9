//! Estimates what the line carries and how long an answer takes, from the transfers themselves. Pure: it is told when
//! something happened.
//!
//! The line is measured while at least one request waits for bytes of a body: all bytes of that time together are what
//! it carried. A request that waits for its answer, that was paused, or whose bytes are being stored, measures nothing.
//! A median over the samples says what is typical: one that is far off moves it by no more than its neighbour.

use std::collections::VecDeque;
use std::time::Duration;

use crate::metrics::NetworkEstimate;

/// A sample is closed when so many bytes came, …
const SAMPLE_BYTES: u64 = 64 * 1024;
/// … or when it took so long.
const SAMPLE_TIME: Duration = Duration::from_millis(250);
/// A silence longer than this is the fault of a server or of a line that is gone, and counts as no more than this.
const SILENCE_MAX: Duration = Duration::from_millis(500);
/// Nothing is faster than this, as far as the arithmetic goes.
const INSTANT: Duration = Duration::from_micros(1);
/// So many samples say something. On a fast line with long ways the first few are those of a connection that is still
/// finding its pace.
const SAMPLES_MIN: usize = 5;
/// So many samples are looked at: about 1.5 MiB.
const SAMPLES_MAX: usize = 24;
/// What is older is forgotten, once enough came after it.
const SAMPLE_AGE: Duration = Duration::from_mins(1);
/// So many answers are looked at.
const TRIPS_MAX: usize = 9;

/// A stretch of the line's busy time.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Duration,
    bits_per_second: u64,
    /// Grows with the root of the bytes: a large sample says more, but not as much more as it is larger.
    weight: f64,
}

/// The estimator. Times are those since any one moment.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Requests that wait for bytes of a body.
    listening: u32,
    /// Up to when the busy time is counted.
    counted: Duration,
    bytes: u64,
    busy: Duration,
    samples: VecDeque<Sample>,
    trips: VecDeque<Duration>,
    bits_per_second: Option<u64>,
}

impl Meter {
    /// What is known.
    pub fn estimate(&self) -> NetworkEstimate {
        NetworkEstimate { bits_per_second: self.bits_per_second, round_trip: self.round_trip() }
    }

    /// What the line carries, in bits a second.
    pub fn bits_per_second(&self) -> Option<u64> {
        self.bits_per_second
    }

    /// Whether nobody waits for bytes.
    pub fn is_idle(&self) -> bool {
        self.listening == 0
    }

    /// A request begins to wait for bytes of a body.
    pub fn listen(&mut self, now: Duration) {
        self.count(now);
        self.listening += 1;
    }

    /// It waits no more, with or without bytes.
    pub fn hush(&mut self, now: Duration) {
        self.count(now);
        self.listening = self.listening.saturating_sub(1);
    }

    /// Bytes came for a request, after it was told to wait no more. The `first` ones of a body came along with its head:
    /// they travelled while nobody measured, unless somebody else did.
    pub fn received(&mut self, bytes: u64, first: bool, now: Duration) {
        if first && self.is_idle() {
            return;
        }
        self.bytes += bytes;
        if self.bytes >= SAMPLE_BYTES || self.busy >= SAMPLE_TIME {
            self.close(now);
        }
    }

    /// An answer came so long after its request. To be told only of requests that were sent while nobody waited for
    /// bytes: behind those an answer stands in a queue, and tells the length of that.
    pub fn answered(&mut self, round_trip: Duration) {
        if self.trips.len() == TRIPS_MAX {
            self.trips.pop_front();
        }
        self.trips.push_back(round_trip);
    }

    fn count(&mut self, now: Duration) {
        if !self.is_idle() {
            self.busy += now.saturating_sub(self.counted).min(SILENCE_MAX);
        }
        self.counted = self.counted.max(now);
    }

    #[expect(clippy::cast_precision_loss, reason = "a weight")]
    fn close(&mut self, now: Duration) {
        let (bytes, busy) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.busy));
        let rate = u128::from(bytes) * 8 * 1_000_000_000 / busy.max(INSTANT).as_nanos();
        let bits_per_second = u64::try_from(rate).unwrap_or(u64::MAX);
        self.samples.push_back(Sample { at: now, bits_per_second, weight: (bytes as f64).sqrt() });
        let is_old = |sample: &Sample| now.saturating_sub(sample.at) > SAMPLE_AGE;
        while self.samples.len() > SAMPLES_MAX || (self.samples.len() > SAMPLES_MIN && self.samples.front().is_some_and(is_old)) {
            self.samples.pop_front();
        }
        self.bits_per_second = self.median();
    }

    /// The rate of which samples of half of all weight are not faster.
    fn median(&self) -> Option<u64> {
        if self.samples.len() < SAMPLES_MIN {
            return None;
        }
        let mut sorted: Vec<_> = self.samples.iter().collect();
        sorted.sort_by_key(|sample| sample.bits_per_second);
        let half = sorted.iter().map(|sample| sample.weight).sum::<f64>() / 2.0;
        let mut below = 0.0;
        let middle = sorted.iter().find(|sample| {
            below += sample.weight;
            below >= half
        });
        middle.or(sorted.last()).map(|sample| sample.bits_per_second)
    }

    fn round_trip(&self) -> Option<Duration> {
        let mut sorted: Vec<_> = self.trips.iter().copied().collect();
        sorted.sort();
        sorted.get(sorted.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const MBIT: u64 = 1_000_000;

    /// A meter and the time it is told.
    #[derive(Default)]
    struct Line(Meter, Duration);

    impl Line {
        /// One request waits so long for so many bytes.
        fn bring(&mut self, bytes: u64, time: Duration) {
            self.0.listen(self.1);
            self.1 += time;
            self.0.hush(self.1);
            self.0.received(bytes, false, self.1);
        }

        /// Samples of 64 KiB over a line of so many bits a second.
        fn run(&mut self, samples: usize, bits_per_second: u64) {
            for _ in 0..samples {
                self.bring(SAMPLE_BYTES, Duration::from_nanos(SAMPLE_BYTES * 8 * 1_000_000_000 / bits_per_second));
            }
        }

        fn mbits(&self) -> Option<u64> {
            self.0.bits_per_second().map(|rate| (rate + MBIT / 2) / MBIT)
        }
    }

    #[test]
    fn the_line_is_unknown_until_enough_came_over_it() {
        let mut line = Line::default();
        line.run(4, 4 * MBIT);
        assert_eq!(line.mbits(), None);
        line.run(1, 4 * MBIT);
        assert_eq!(line.mbits(), Some(4));
    }

    #[test]
    fn requests_at_the_same_time_share_one_line() {
        let mut line = Line::default();
        for _ in 0..10 {
            // Each of two gets half of a megabyte a second.
            line.0.listen(line.1);
            line.bring(50_000, 100 * MS);
            line.0.hush(line.1);
            line.0.received(50_000, false, line.1);
        }
        assert_eq!(line.mbits(), Some(8));
    }

    #[test]
    fn time_in_which_nobody_waits_for_bytes_is_not_the_lines() {
        let mut line = Line::default();
        for _ in 0..10 {
            line.run(1, 4 * MBIT);
            line.1 += Duration::from_secs(3);
        }
        assert_eq!(line.mbits(), Some(4));
    }

    #[test]
    fn bytes_that_came_with_the_head_are_not_counted_when_nobody_measured() {
        let mut line = Line::default();
        for _ in 0..10 {
            line.0.listen(line.1);
            line.0.hush(line.1);
            line.0.received(60_000, true, line.1);
            line.bring(SAMPLE_BYTES, 131 * MS);
        }
        assert_eq!(line.mbits(), Some(4));
    }

    #[test]
    fn a_slow_line_is_known_after_little_more_than_a_second() {
        let mut line = Line::default();
        while line.0.bits_per_second().is_none() {
            line.bring(1500, 12 * MS);
        }
        assert_eq!(line.mbits(), Some(1));
        assert!(line.1 < 1300 * MS, "{:?}", line.1);
    }

    #[test]
    fn a_silence_is_not_taken_for_a_line_that_is_as_slow() {
        let mut line = Line::default();
        line.run(10, 4 * MBIT);
        line.bring(SAMPLE_BYTES, Duration::from_secs(30));
        assert_eq!(line.mbits(), Some(4));
        let worst = line.0.samples.iter().map(|sample| sample.bits_per_second).min().unwrap();
        assert!(worst > MBIT, "{worst}");
    }

    #[test]
    fn a_line_that_became_another_one_is_known_as_that() {
        let mut line = Line::default();
        line.run(100, 50 * MBIT);
        line.run(SAMPLES_MAX / 2 + 1, MBIT);
        assert_eq!(line.mbits(), Some(1));
        line.1 += 2 * SAMPLE_AGE;
        line.run(SAMPLES_MIN, 50 * MBIT);
        assert_eq!(line.mbits(), Some(50), "what is old counts no more");
    }

    #[test]
    fn a_few_slow_answers_do_not_move_the_round_trip() {
        let mut meter = Meter::default();
        assert_eq!(meter.estimate().round_trip, None);
        for ms in [300, 80, 81, 79, 4000, 80] {
            meter.answered(ms * MS);
        }
        assert_eq!(meter.estimate().round_trip, Some(81 * MS));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_estimate_lies_between_the_slowest_and_the_fastest_sample(
            brought in proptest::collection::vec((1..2_000_000_u64, 0..2_000_u32), 1..80)
        ) {
            let mut line = Line::default();
            for (bytes, ms) in brought {
                line.bring(bytes, ms * MS);
                let rates: Vec<_> = line.0.samples.iter().map(|sample| sample.bits_per_second).collect();
                prop_assert!(rates.len() <= SAMPLES_MAX);
                match line.0.bits_per_second() {
                    Some(rate) => prop_assert!((rates.iter().min() <= Some(&rate)) && Some(&rate) <= rates.iter().max()),
                    None => prop_assert!(rates.len() < SAMPLES_MIN),
                }
            }
        }

        #[test]
        fn one_sample_that_is_far_off_changes_nothing_on_a_steady_line(
            mbits in 1..1000_u64, steady in SAMPLES_MIN..40, off in 1..10_000_u64
        ) {
            let mut line = Line::default();
            line.run(steady, mbits * MBIT);
            let before = line.0.bits_per_second();
            line.run(1, off * MBIT);
            prop_assert_eq!(line.0.bits_per_second(), before);
        }
    }
}
