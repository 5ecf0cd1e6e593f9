//! How much is asked for in one request, and how far ahead: arithmetic over what the line carries and what the media
//! takes to play. Pure.
//!
//! On a fast line a request costs more than its bytes, so there are few and large ones. On a slow line a large request
//! keeps everything else waiting: an interval of 1.5 s between two swipes carries 750 KB over 4 Mbit/s, while one clip has
//! 1.2 MB and its first picture needs a tenth of that.

use std::time::Duration;

use super::blocks::BLOCK_BYTES;

/// From here on a line is fast: it carries the largest window of all in less than half a second.
const FAST_BITS_PER_SECOND: u64 = 20_000_000;
/// The most that is kept ahead of a reader that prerolls: about a second of video at a high rate.
const PREROLL_BYTES: u64 = 1024 * 1024;
/// The most that is fetched of an item whose start is prepared without a pipeline.
const HEAD_BYTES: u64 = 512 * 1024;
/// The least of both: index and first keyframe of all but the oddest clips.
const AHEAD_BYTES_MIN: u64 = 128 * 1024;
/// What plays while a slow line brings the rest.
const PREROLL_TIME: Duration = Duration::from_secs(2);
/// The same of a head, which a pipeline will take over before it is shown.
const HEAD_TIME: Duration = Duration::from_millis(1500);
/// With less ahead than this, what plays comes before all else. Less than a preroll brings: with four seconds, somebody
/// who swipes on after 1.5 s makes each item take 825 KB of the 750 KB that 4 Mbit/s carry until then, and none is left for
/// the next one.
const SOON_TIME: Duration = Duration::from_millis(1500);
/// Requests on a slow line are as large as what it carries in one second divided by this.
const REQUESTS_PER_SECOND: u64 = 2;
/// What media takes to play whose duration nobody tells: 1.3 Mbit/s, as phones and feeds have it.
const BYTES_PER_SECOND: u64 = 160 * 1024;
/// A shorter duration is one that the feed made up.
const DURATION_MIN: Duration = Duration::from_millis(100);

/// How much is asked for. All in bytes, and all but `soon` in whole blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    /// The largest request; `u64::MAX` when there is no bound.
    pub request: u64,
    /// What is kept ahead of a reader that prerolls.
    pub preroll: u64,
    /// What is fetched of an item whose start is prepared without a pipeline.
    pub head: u64,
    /// What plays needs so much ahead of its reader soon, and the rest later.
    pub soon: u64,
}

impl Sizes {
    /// For a line and for media of which this is known.
    pub fn of(bits_per_second: Option<u64>, length: Option<u64>, duration: Option<Duration>) -> Self {
        let rate = bytes_per_second(length, duration);
        let soon = bytes_of(rate, SOON_TIME).max(AHEAD_BYTES_MIN);
        match bits_per_second.filter(|rate| !is_fast(*rate)) {
            None => Self { request: u64::MAX, preroll: PREROLL_BYTES, head: HEAD_BYTES, soon },
            Some(line) => Self {
                request: (line / 8 / REQUESTS_PER_SECOND / BLOCK_BYTES).max(1) * BLOCK_BYTES,
                preroll: round_up(bytes_of(rate, PREROLL_TIME).clamp(AHEAD_BYTES_MIN, PREROLL_BYTES)),
                head: round_up(bytes_of(rate, HEAD_TIME).clamp(AHEAD_BYTES_MIN, HEAD_BYTES)),
                soon,
            },
        }
    }

    /// Whether requests are bounded because the line is known to be slow.
    pub fn are_bounded(&self) -> bool {
        self.request < u64::MAX
    }
}

/// Whether requests need not wait for one another on a line of this many bits a second.
pub(super) fn is_fast(bits_per_second: u64) -> bool {
    bits_per_second >= FAST_BITS_PER_SECOND
}

/// The next beginning of a block at or after `offset`.
fn round_up(offset: u64) -> u64 {
    offset.saturating_add(BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES
}

/// Bytes that a second of the media takes.
fn bytes_per_second(length: Option<u64>, duration: Option<Duration>) -> u64 {
    let known = length.zip(duration.filter(|duration| *duration >= DURATION_MIN));
    let rate = known.map(|(length, duration)| u128::from(length) * 1000 / duration.as_millis());
    rate.map_or(BYTES_PER_SECOND, |rate| u64::try_from(rate).unwrap_or(u64::MAX))
}

fn bytes_of(rate: u64, time: Duration) -> u64 {
    u64::try_from(u128::from(rate) * time.as_millis() / 1000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1024;
    const MBIT: u64 = 1_000_000;
    const CLIP: (Option<u64>, Option<Duration>) = (Some(1_200_000), Some(Duration::from_secs(8)));

    #[test]
    fn on_a_fast_line_and_on_one_that_nobody_knows_requests_have_no_bound() {
        for line in [None, Some(20 * MBIT), Some(u64::MAX)] {
            let sizes = Sizes::of(line, CLIP.0, CLIP.1);
            assert_eq!(sizes, Sizes { request: u64::MAX, preroll: 1024 * KIB, head: 512 * KIB, soon: 225_000 });
            assert!(!sizes.are_bounded());
        }
    }

    #[test]
    fn on_a_slow_line_a_request_is_half_a_second_and_a_window_two() {
        let sizes = Sizes::of(Some(4 * MBIT), CLIP.0, CLIP.1);
        assert_eq!(sizes, Sizes { request: 192 * KIB, preroll: 320 * KIB, head: 256 * KIB, soon: 225_000 });
        assert_eq!(Sizes::of(Some(MBIT), CLIP.0, CLIP.1).request, 64 * KIB);
        assert_eq!(Sizes::of(Some(0), CLIP.0, CLIP.1).request, 64 * KIB);
        assert!(sizes.are_bounded());
    }

    #[test]
    fn windows_stay_within_their_bounds_whatever_a_feed_tells() {
        for (length, duration) in [
            (None, None),
            (Some(0), Some(Duration::ZERO)),
            (Some(u64::MAX), Some(Duration::from_millis(100))),
            (Some(1), Some(Duration::MAX)),
            (Some(u64::MAX), Some(Duration::ZERO)),
        ] {
            let sizes = Sizes::of(Some(4 * MBIT), length, duration);
            assert!((128 * KIB..=1024 * KIB).contains(&sizes.preroll), "{sizes:?}");
            assert!((128 * KIB..=512 * KIB).contains(&sizes.head), "{sizes:?}");
            assert_eq!((sizes.preroll % BLOCK_BYTES, sizes.head % BLOCK_BYTES), (0, 0));
            assert!(sizes.soon >= 128 * KIB);
        }
        assert_eq!(Sizes::of(Some(4 * MBIT), None, None).preroll, 320 * KIB);
    }
}
