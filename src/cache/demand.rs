//! Which bytes to ask for next: a pure decision over what is there, who reads where, what is under way, and how much
//! the line carries.

use super::blocks::{BLOCK_BYTES, block_len, block_of, block_start};
use super::sizes::Sizes;

/// A running download serves a read this far ahead of it; a read beyond gets a request of its own.
const NEAR_BYTES: u64 = 256 * 1024;
/// Requests of one entry at once, at most: the sequential one, the tail, and two jumps.
const MAX_LANES: usize = 4;
/// The part of a moving window that may be used up before the next request, so that they are not many and small.
const REFILL_SHARE: u64 = 2;
/// How far ahead of a reader the rest is fetched when it has to live in memory.
const MEMORY_AHEAD_BYTES: u64 = 8 * 1024 * 1024;
/// What is asked for at once where somebody peeks: a keyframe of a feed's clips, and little more.
const PEEK_BYTES: u64 = 256 * 1024;
/// How much of the tail is fetched early, at most.
pub(super) const TAIL_BYTES: u64 = 1024 * 1024;

/// What somebody wants bytes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Goal {
    /// To know its length and what it is: the first block.
    Metadata,
    /// To have what a start needs, before there is a pipeline.
    Head,
    /// To look at a place now and then: what a read waits for, and nothing ahead of it.
    Peek,
    /// To stand on its first picture, and to start from there.
    Preroll,
    /// To play all of it.
    Playing,
}

/// Somebody who wants bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// Where it reads.
    pub at: u64,
    /// What it wants them for.
    pub goal: Goal,
    /// A read that waits.
    pub waiting: Option<u64>,
}

impl Holder {
    /// Somebody who begins at the beginning.
    pub fn new(goal: Goal) -> Self {
        Self { at: 0, goal, waiting: None }
    }
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

/// A request to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    /// Its first byte.
    pub start: u64,
    /// One past its last byte; `u64::MAX` when open-ended.
    pub end: u64,
    /// What plays needs it soon.
    pub urgent: bool,
}

/// All that the decision depends on.
pub(super) struct View<'a> {
    /// Length of the media, once known.
    pub length: Option<u64>,
    /// How many bytes of a block are there, from its start.
    pub filled: &'a dyn Fn(u32) -> u64,
    /// Those who want bytes.
    pub holders: &'a [Holder],
    /// Requests under way.
    pub lanes: &'a [Lane],
    /// Where the tail begins that a demuxer will jump to, if there is one.
    pub tail: Option<u64>,
    /// Whether the server sends ranges, as far as known.
    pub ranges: bool,
    /// How much is asked for.
    pub sizes: Sizes,
    /// All of it would have to live in memory.
    pub narrow: bool,
    /// It is the item that is shown, whether it plays already or not.
    pub current: bool,
}

impl View<'_> {
    /// The next request to send; an urgent one before all others.
    pub fn next_request(&self) -> Option<Next> {
        if self.holders.is_empty() || self.lanes.len() >= MAX_LANES {
            return None;
        }
        let Some(length) = self.length else {
            let ahead = self.holders.iter().map(|holder| self.window_end(holder, holder.at, u64::MAX)).max()?;
            let end = if self.ranges { ahead.min(self.sizes.request) } else { u64::MAX };
            return self.lanes.is_empty().then(|| Next { start: 0, end, urgent: self.is_urgent(0) });
        };
        if !self.ranges {
            let unmet = self.holders.iter().any(|holder| self.unmet(holder, length).is_some());
            return (self.lanes.is_empty() && unmet).then(|| Next { start: 0, end: u64::MAX, urgent: self.is_urgent(0) });
        }
        let reads = self.holders.iter().filter_map(|holder| {
            let offset = holder.waiting?;
            Some((self.missing(offset, length.min(offset + 1))?, self.window_end(holder, offset, length)))
        });
        let tail = self.tail_wanted().and_then(|tail| Some((self.missing(tail, length.min(tail + TAIL_BYTES))?, tail + TAIL_BYTES)));
        let windows = self.holders.iter().filter_map(|holder| self.unmet(holder, length));
        let mut first = None;
        for (start, end) in reads.chain(tail).chain(windows).filter(|(start, _)| !self.near(*start)) {
            let (start, end) = self.bounded(start, end, length);
            let next = Next { start, end, urgent: self.is_urgent(start) };
            if next.urgent {
                return Some(next);
            }
            first = first.or(Some(next));
        }
        first
    }

    /// Whether the byte at `at` is needed soon by what plays.
    pub fn is_urgent(&self, at: u64) -> bool {
        let in_tail = || self.tail.is_some_and(|tail| (block_start(block_of(tail))..tail + TAIL_BYTES).contains(&at));
        self.holders.iter().any(|holder| {
            let from = holder.waiting.unwrap_or(holder.at);
            let soon = || (block_start(block_of(from))..from.saturating_add(self.sizes.soon)).contains(&at);
            let plays = holder.goal == Goal::Playing || (self.current && holder.goal == Goal::Preroll);
            plays && (self.length.is_none() || in_tail() || soon())
        })
    }

    /// Whether a request that is about to bring the byte at `at` should go on.
    pub fn wanted(&self, at: u64) -> bool {
        let Some(length) = self.length else { return !self.holders.is_empty() };
        let in_tail = self.tail_wanted().is_some_and(|tail| (block_start(block_of(tail))..tail + TAIL_BYTES).contains(&at));
        in_tail
            || self.holders.iter().any(|holder| {
                self.is_whole(holder)
                    || (block_start(block_of(holder.at))..self.window_end(holder, holder.at, length)).contains(&at)
                    || holder.waiting.is_some_and(|offset| {
                        let from = block_start(block_of(offset)).saturating_sub(NEAR_BYTES);
                        (from..self.window_end(holder, offset, length)).contains(&at)
                    })
            })
    }

    /// Whether somebody waits for, or wants, anything at or past `at`: what a server without ranges goes on for.
    pub fn wanted_beyond(&self, at: u64) -> bool {
        let Some(length) = self.length else { return !self.holders.is_empty() };
        self.holders.iter().any(|holder| {
            let offset = holder.waiting.unwrap_or(holder.at);
            self.is_whole(holder) || self.window_end(holder, offset.max(holder.at), length) > at
        })
    }

    /// Whether somebody waits for bytes that a download which is at `at` has left behind.
    pub fn missed(&self, at: u64) -> bool {
        let waiting = self.holders.iter().filter_map(|holder| holder.waiting);
        waiting.filter_map(|offset| self.missing(offset, offset.saturating_add(1))).any(|start| start < at)
    }

    /// The tail, when somebody wants more than to know what the media is.
    fn tail_wanted(&self) -> Option<u64> {
        self.tail.filter(|_| self.holders.iter().any(|holder| holder.goal > Goal::Metadata))
    }

    /// Whether all of the media is wanted, once what lies ahead is there.
    fn is_whole(&self, holder: &Holder) -> bool {
        holder.goal == Goal::Playing && !self.narrow
    }

    /// How far ahead of a holder bytes should be there.
    fn ahead(&self, holder: &Holder) -> u64 {
        match holder.goal {
            Goal::Metadata => BLOCK_BYTES,
            Goal::Head => self.sizes.head,
            Goal::Peek => PEEK_BYTES,
            Goal::Preroll => self.sizes.preroll,
            Goal::Playing => MEMORY_AHEAD_BYTES,
        }
    }

    fn window_end(&self, holder: &Holder, from: u64, length: u64) -> u64 {
        // From where the block begins: a reader that has only just begun needs no block more than one that will.
        if self.is_whole(holder) { length } else { block_start(block_of(from)).saturating_add(self.ahead(holder)).min(length) }
    }

    /// What a holder lacks and should be given now: from the first byte missing in its window to the window's end.
    fn unmet(&self, holder: &Holder, length: u64) -> Option<(u64, u64)> {
        if let Some(offset) = holder.waiting
            && let Some(start) = self.missing(offset, length.min(offset + 1))
        {
            return Some((start, self.window_end(holder, offset, length)));
        }
        if holder.goal == Goal::Peek {
            return None;
        }
        let end = self.window_end(holder, holder.at, length);
        let start = self.missing(holder.at.min(length), end);
        if self.is_whole(holder) {
            return start.map(|start| (start, length)).or_else(|| Some((self.missing(0, length)?, length)));
        }
        // Small requests fill a window to its end, and nobody moves through one of a head.
        let fills = self.sizes.are_bounded() || holder.goal < Goal::Preroll;
        start.filter(|start| fills || start.saturating_sub(holder.at) <= self.ahead(holder) / REFILL_SHARE).map(|start| (start, end))
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

    /// The request from `start`, no larger than one may be and cut off before what is there or under way; open-ended when
    /// that is the end.
    fn bounded(&self, start: u64, end: u64, length: u64) -> (u64, u64) {
        let mut block = block_of(start) + 1;
        let end = end.min(length).min(block_start(block_of(start)).saturating_add(self.sizes.request));
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

#[cfg(test)]
#[path = "demand_tests.rs"]
mod tests;
