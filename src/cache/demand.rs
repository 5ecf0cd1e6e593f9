//! Which bytes to ask for next: a pure decision over what is there, who reads where, and what is under way.

use super::blocks::{BLOCK_BYTES, block_len, block_of, block_start};

/// A running download serves a read this far ahead of it; a read beyond gets a request of its own.
const NEAR_BYTES: u64 = 256 * 1024;
/// Requests of one entry at once, at most: the sequential one, the tail, and two jumps.
const MAX_LANES: usize = 4;
/// The part of a bounded window that may be used up before the next request, so that they are not many and small.
const REFILL_SHARE: u64 = 2;
/// How much of the tail is fetched early, at most.
pub(super) const TAIL_BYTES: u64 = 1024 * 1024;

/// Somebody who wants bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// Where it reads.
    pub at: u64,
    /// How far ahead of that bytes should be there.
    pub ahead: u64,
    /// All of the media is wanted, once what lies ahead is there.
    pub whole: bool,
    /// A read that waits.
    pub waiting: Option<u64>,
}

/// A request under way: the next byte it will bring, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    /// Tells it from others.
    pub id: u64,
    /// The next byte it will bring.
    pub at: u64,
    /// One past the last byte it will bring; `u64::MAX` when open-ended.
    pub end: u64,
}

/// All that the decision depends on. `filled` says how many bytes of a block are there, from its start.
pub(super) struct View<'a> {
    /// Length of the media, once known.
    pub length: Option<u64>,
    /// How many bytes of a block are there.
    pub filled: &'a dyn Fn(u32) -> u64,
    /// Those who want bytes.
    pub holders: &'a [Holder],
    /// Requests under way.
    pub lanes: &'a [Lane],
    /// Where the tail begins that a demuxer will jump to, if there is one.
    pub tail: Option<u64>,
    /// Whether the server sends ranges, as far as known.
    pub ranges: bool,
}

impl View<'_> {
    /// The next request to send: its first byte and one past its last (`u64::MAX` for open-ended).
    pub fn next_request(&self) -> Option<(u64, u64)> {
        if self.holders.is_empty() || self.lanes.len() >= MAX_LANES {
            return None;
        }
        let Some(length) = self.length else {
            let ahead =
                self.holders.iter().map(|holder| if holder.whole { u64::MAX } else { holder.at.saturating_add(holder.ahead) }).max()?;
            return self.lanes.is_empty().then_some((0, if self.ranges { ahead } else { u64::MAX }));
        };
        if !self.ranges {
            let unmet = self.holders.iter().any(|holder| self.unmet(holder, length).is_some());
            return (self.lanes.is_empty() && unmet).then_some((0, u64::MAX));
        }
        let read = self.holders.iter().filter_map(|holder| Some((holder, holder.waiting?))).find_map(|(holder, offset)| {
            let start = self.missing(offset, length.min(offset + 1))?;
            (!self.near(start)).then(|| self.bounded(start, window_end(holder, offset, length), length))
        });
        read.or_else(|| {
            let tail = self.tail?;
            let start = self.missing(tail, length.min(tail + TAIL_BYTES))?;
            (!self.near(start)).then(|| self.bounded(start, tail + TAIL_BYTES, length))
        })
        .or_else(|| {
            let (start, end) = self.holders.iter().filter_map(|holder| self.unmet(holder, length)).find(|(start, _)| !self.near(*start))?;
            Some(self.bounded(start, end, length))
        })
    }

    /// Whether a request that is about to bring the byte at `at` should go on.
    pub fn wanted(&self, at: u64) -> bool {
        let Some(length) = self.length else { return !self.holders.is_empty() };
        let in_tail = self.tail.is_some_and(|tail| (block_start(block_of(tail))..tail + TAIL_BYTES).contains(&at));
        self.holders.iter().any(|holder| {
            holder.whole
                || in_tail
                || (block_start(block_of(holder.at))..window_end(holder, holder.at, length)).contains(&at)
                || holder.waiting.is_some_and(|offset| {
                    let from = block_start(block_of(offset)).saturating_sub(NEAR_BYTES);
                    (from..window_end(holder, offset, length)).contains(&at)
                })
        })
    }

    /// Whether somebody waits for, or wants, anything at or past `at`: what a server without ranges goes on for.
    pub fn wanted_beyond(&self, at: u64) -> bool {
        let Some(length) = self.length else { return !self.holders.is_empty() };
        self.holders.iter().any(|holder| {
            let offset = holder.waiting.unwrap_or(holder.at);
            holder.whole || window_end(holder, offset.max(holder.at), length) > at
        })
    }

    /// Whether somebody waits for bytes that a download which is at `at` has left behind.
    pub fn missed(&self, at: u64) -> bool {
        let waiting = self.holders.iter().filter_map(|holder| holder.waiting);
        waiting.filter_map(|offset| self.missing(offset, offset.saturating_add(1))).any(|start| start < at)
    }

    /// What a holder lacks and should be given now: from the first byte missing in its window to the window's end.
    fn unmet(&self, holder: &Holder, length: u64) -> Option<(u64, u64)> {
        if let Some(offset) = holder.waiting
            && let Some(start) = self.missing(offset, length.min(offset + 1))
        {
            return Some((start, window_end(holder, offset, length)));
        }
        let end = window_end(holder, holder.at, length);
        let start = self.missing(holder.at.min(length), end);
        if holder.whole {
            return start.map(|start| (start, length)).or_else(|| Some((self.missing(0, length)?, length)));
        }
        start.filter(|start| start.saturating_sub(holder.at) <= holder.ahead / REFILL_SHARE).map(|start| (start, end))
    }

    /// Where a request for the first byte missing in `from..to` has to begin.
    fn missing(&self, from: u64, to: u64) -> Option<u64> {
        let length = self.length?;
        let mut block = block_of(from);
        while block_start(block) < to {
            let filled = (self.filled)(block);
            if filled < block_len(block, length) && block_start(block) + filled < to {
                return Some(block_start(block) + filled);
            }
            block += 1;
        }
        None
    }

    /// Whether a request under way will soon bring the byte at `start`.
    fn near(&self, start: u64) -> bool {
        self.lanes.iter().any(|lane| (lane.at..lane.end).contains(&start) && start - lane.at <= NEAR_BYTES)
    }

    /// The request from `start`, cut off before what is there or under way; open-ended when that is the end.
    fn bounded(&self, start: u64, end: u64, length: u64) -> (u64, u64) {
        let mut block = block_of(start) + 1;
        let end = end.min(length);
        while block_start(block) < end {
            let from = block_start(block);
            let under_way = self.lanes.iter().any(|lane| (from..from + BLOCK_BYTES).contains(&lane.at) && lane.at < lane.end);
            if (self.filled)(block) > 0 || under_way {
                return (start, from);
            }
            block += 1;
        }
        (start, if end >= length { u64::MAX } else { end })
    }
}

fn window_end(holder: &Holder, from: u64, length: u64) -> u64 {
    if holder.whole { length } else { round_up(from.saturating_add(holder.ahead)).min(length) }
}

fn round_up(offset: u64) -> u64 {
    offset.saturating_add(BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;

    fn preroll(at: u64) -> Holder {
        Holder { at, ahead: MIB, whole: false, waiting: None }
    }

    fn whole(at: u64) -> Holder {
        Holder { whole: true, ..preroll(at) }
    }

    struct Case {
        length: Option<u64>,
        there: Vec<(u64, u64)>,
        holders: Vec<Holder>,
        lanes: Vec<Lane>,
        tail: Option<u64>,
    }

    fn case(length: Option<u64>) -> Case {
        Case { length, there: Vec::new(), holders: Vec::new(), lanes: Vec::new(), tail: None }
    }

    impl Case {
        fn ask<R>(&self, question: impl Fn(View<'_>) -> R) -> R {
            let filled = |block: u32| {
                let start = block_start(block);
                self.there.iter().find(|(from, to)| (*from..*to).contains(&start)).map_or(0, |(_, to)| (to - start).min(BLOCK_BYTES))
            };
            question(View {
                length: self.length,
                filled: &filled,
                holders: &self.holders,
                lanes: &self.lanes,
                tail: self.tail,
                ranges: true,
            })
        }

        fn next(&self) -> Option<(u64, u64)> {
            self.ask(|view| view.next_request())
        }
    }

    #[test]
    fn the_first_request_asks_for_the_window_or_for_all() {
        assert_eq!(Case { holders: vec![preroll(0)], ..case(None) }.next(), Some((0, MIB)));
        assert_eq!(Case { holders: vec![preroll(0), whole(0)], ..case(None) }.next(), Some((0, u64::MAX)));
        assert_eq!(case(None).next(), None);
    }

    #[test]
    fn a_preroll_stops_at_its_window_and_goes_on_once_half_of_it_is_used() {
        let there = vec![(0, MIB)];
        assert_eq!(Case { there: there.clone(), holders: vec![preroll(400 * KIB)], ..case(Some(8 * MIB)) }.next(), None);
        assert_eq!(Case { there, holders: vec![preroll(600 * KIB)], ..case(Some(8 * MIB)) }.next(), Some((MIB, MIB + 640 * KIB)));
    }

    #[test]
    fn only_the_hole_is_asked_for() {
        let case = Case { there: vec![(0, MIB), (2 * MIB, 8 * MIB)], holders: vec![whole(0)], ..case(Some(8 * MIB)) };
        assert_eq!(case.next(), Some((MIB, 2 * MIB)));
    }

    #[test]
    fn a_block_that_is_there_in_part_is_continued() {
        let case = Case { there: vec![(0, 100 * KIB)], holders: vec![whole(0)], ..case(Some(MIB)) };
        assert_eq!(case.next(), Some((100 * KIB, u64::MAX)));
    }

    #[test]
    fn a_read_far_from_the_running_download_gets_a_request_of_its_own() {
        let lanes = vec![Lane { id: 1, at: MIB, end: u64::MAX }];
        let reading = |offset| Holder { waiting: Some(offset), ..preroll(0) };
        let there = vec![(0, MIB)];
        let near = Case { there: there.clone(), holders: vec![reading(MIB + 200 * KIB)], lanes: lanes.clone(), ..case(Some(8 * MIB)) };
        assert_eq!(near.next(), None);
        let far = Case { there, holders: vec![reading(7 * MIB + 10)], lanes, ..case(Some(8 * MIB)) };
        assert_eq!(far.next(), Some((7 * MIB, u64::MAX)));
    }

    #[test]
    fn the_tail_is_fetched_beside_the_head() {
        let lanes = vec![Lane { id: 1, at: 64 * KIB, end: MIB }];
        let case = Case { there: vec![(0, 64 * KIB)], holders: vec![preroll(0)], lanes, tail: Some(7 * MIB + 10), ..case(Some(8 * MIB)) };
        assert_eq!(case.next(), Some((7 * MIB, u64::MAX)));
    }

    #[test]
    fn what_lies_before_the_reader_comes_last() {
        let case = Case { there: vec![(4 * MIB, 8 * MIB)], holders: vec![whole(4 * MIB)], ..case(Some(8 * MIB)) };
        assert_eq!(case.next(), Some((0, 4 * MIB)));
    }

    #[test]
    fn a_download_nobody_wants_any_more_stops() {
        let playing = Case { holders: vec![whole(0)], ..case(Some(8 * MIB)) };
        assert!(playing.ask(|view| view.wanted(5 * MIB)));
        let left = Case { holders: vec![preroll(0)], ..case(Some(8 * MIB)) };
        assert!(left.ask(|view| view.wanted(MIB - 1)));
        assert!(!left.ask(|view| view.wanted(5 * MIB)));
        assert!(!case(Some(8 * MIB)).ask(|view| view.wanted(0)));
    }
}
