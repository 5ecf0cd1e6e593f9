//! What is known of one media while it is read: its version, who wants what, what is under way, and how the
//! attempts to get it went.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::blocks::{BLOCK_BYTES, block_of, block_start};
use super::demand::{Goal, Holder, Lane, Next, TAIL_BYTES, View};
use super::disk::pin::Pin;
use super::error::CacheError;
use super::held::Held;
use super::renewal::Address;
use super::response::Answer;
use super::sizes::Sizes;
use super::tail::{Tail, find_tail};
use super::traffic::Standing;
use super::validator::Validator;
use crate::feed::{Failure, SNIFF_BYTES};

/// How often a failed request is tried again before readers are told.
const MAX_RETRIES: u32 = 2;
/// Progress that makes up for earlier failures.
const GOOD_PROGRESS_BYTES: u64 = BLOCK_BYTES;
/// How often media may begin anew because it changed, before that is an error.
const MAX_RESTARTS: u32 = 1;
/// The most that one media keeps in memory, in blocks: 32 MiB.
const MEMORY_BLOCKS: usize = 512;

/// A download that nothing urgent depends on makes way for better ones when this many requests are left of it.
const MAKES_WAY_REQUESTS: u64 = 2;

/// Whether the server sends parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ranges {
    #[default]
    Unknown,
    Sent,
    /// It sent all when asked for a part.
    Refused,
}

/// Whether requests may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pace {
    #[default]
    Free,
    /// A retry waits for its time.
    BackingOff,
    /// Given up, until somebody asks again.
    GivenUp,
}

/// What becomes of a download at its next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Go on.
    Go {
        /// What plays needs what comes next soon.
        urgent: bool,
    },
    /// Nobody needs more now, but stopping would mean to begin anew.
    Pause,
    /// End it.
    Stop,
}

/// What an answer turned out to mean.
pub(super) enum Answered {
    /// More of the media that is known; its length, when that is known.
    Same(Option<u64>),
    /// Another version, from its start: all before it is forgotten. What was on disk is to be discarded.
    Anew(Option<Arc<Pin>>, Option<u64>),
    /// A part of another version, of no use: the request has to be sent again, from the start.
    AskAgain(Option<Arc<Pin>>),
}

/// What is known of one media.
#[derive(Default)]
pub(super) struct State {
    /// Where it is asked for.
    pub address: Address,
    /// What of it is there.
    pub held: Held,
    /// Which version it is.
    pub validator: Validator,
    /// Its place on disk, once it has one.
    pub pin: Option<Arc<Pin>>,
    /// What comes stays in memory: the disk cannot be used, or has no room.
    pub memory_only: bool,
    /// How long it plays, as the feed tells.
    pub duration: Option<Duration>,
    /// The SHA-256 that the feed promised.
    pub promised: Option<[u8; 32]>,
    /// The SHA-256 that all of it was found to have.
    pub checked: Option<[u8; 32]>,
    /// All of it came, and it was not what the feed promised.
    pub refused: bool,
    /// Where a demuxer will jump to.
    pub tail: Tail,
    /// The tail has been there. It is not fetched early twice: memory may not hold it for long.
    tail_fetched: bool,
    /// Why the last attempt was given up.
    pub failure: Option<Failure>,
    /// How often that happened.
    pub failures: u64,
    holders: Vec<(u64, Holder)>,
    lanes: Vec<Lane>,
    next_number: u64,
    ranges: Ranges,
    pace: Pace,
    retries: u32,
    progress: u64,
    restarts: u32,
}

impl State {
    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Takes in somebody who wants bytes; the number tells who.
    pub fn add(&mut self, holder: Holder) -> u64 {
        let id = self.number();
        self.holders.push((id, holder));
        self.refused = false;
        self.ask_again();
        self.restarts = 0;
        id
    }

    /// Forgets one who wanted bytes.
    pub fn remove(&mut self, id: u64) {
        self.holders.retain(|(other, _)| *other != id);
    }

    /// One who wants bytes.
    pub fn holder(&mut self, id: u64) -> Option<&mut Holder> {
        self.holders.iter_mut().find(|(other, _)| *other == id).map(|(_, holder)| holder)
    }

    /// Whether somebody plays it.
    pub fn is_played(&self) -> bool {
        self.holders.iter().any(|(_, holder)| holder.goal == Goal::Playing)
    }

    /// Whether nobody wants it any more.
    pub fn is_forsaken(&self) -> bool {
        self.holders.is_empty()
    }

    /// How much of it is asked for over a line that carries so much.
    pub fn sizes(&self, bits_per_second: Option<u64>) -> Sizes {
        Sizes::of(bits_per_second, self.held.length, self.duration)
    }

    /// Lets a new attempt begin after one was given up.
    pub fn ask_again(&mut self) {
        if self.pace == Pace::GivenUp && !self.refused {
            self.pace = Pace::Free;
            self.retries = 0;
        }
    }

    /// The time of a retry has come.
    pub fn backed_off(&mut self) {
        if self.pace == Pace::BackingOff {
            self.pace = Pace::Free;
        }
    }

    /// The request to be sent next, if any is due.
    pub fn next_request(&self, standing: &Standing) -> Option<Next> {
        if self.pace == Pace::Free { self.view(standing, |view| view.next_request()) } else { None }
    }

    /// Counts a request as under way.
    pub fn begin(&mut self, next: Next) -> Lane {
        let lane = Lane { id: self.number(), at: next.start, end: next.end };
        self.lanes.push(lane);
        lane
    }

    /// Whether the download `lane` brings what is still wanted of the version that is known.
    pub fn is_under_way(&self, lane: u64) -> bool {
        self.lanes.iter().any(|other| other.id == lane)
    }

    /// Whether the download `lane` should go on.
    pub fn verdict(&self, lane: u64, standing: &Standing) -> Verdict {
        let Some(lane) = self.lanes.iter().find(|other| other.id == lane).copied() else { return Verdict::Stop };
        let over = self.held.length.is_some_and(|length| lane.at >= length.min(lane.end));
        if self.holders.is_empty() {
            return Verdict::Stop;
        }
        self.view(standing, |view| {
            let urgent = view.is_urgent(lane.at);
            if over {
                // The end of the body is still to be seen: it tells whether the server keeps its word, and frees
                // the connection for the next request.
                return Verdict::Go { urgent };
            }
            if self.ranges == Ranges::Refused {
                return match (view.missed(lane.at), view.wanted_beyond(lane.at)) {
                    // Only a new request comes by it again.
                    (true, _) => Verdict::Stop,
                    (false, true) => Verdict::Go { urgent },
                    (false, false) => Verdict::Pause,
                };
            }
            let left = view.length.map_or(0, |length| length.min(lane.end).saturating_sub(lane.at));
            // One that was sent before anybody knew how slow the line is makes way: the rest is asked for in its turn.
            let makes_way = !urgent && standing.outranked && left / MAKES_WAY_REQUESTS > view.sizes.request;
            if makes_way || self.held.complete(block_of(lane.at)) || !view.wanted(lane.at) { Verdict::Stop } else { Verdict::Go { urgent } }
        })
    }

    /// Takes note of the head of an answer to `lane`.
    pub fn answered(&mut self, lane: u64, answer: &Answer) -> Result<Answered, CacheError> {
        let other_length = matches!((self.held.length, answer.length), (Some(ours), Some(theirs)) if ours != theirs);
        let changed = self.held.length.is_some() && (other_length || self.validator.contradicts(&answer.validator));
        let mut discarded = None;
        if changed {
            let current = self.lanes.iter().find(|other| other.id == lane).copied();
            discarded = self.begin_anew()?;
            if answer.start != 0 {
                return Ok(Answered::AskAgain(discarded));
            }
            self.lanes.extend(current);
        }
        // All in answer to a request from the start, or of another version, is no refusal.
        let from_middle = !changed && self.lanes.iter().any(|other| other.id == lane && other.at > 0);
        self.ranges = match (answer.partial, self.ranges) {
            (true, _) => Ranges::Sent,
            (false, Ranges::Sent) if !from_middle => Ranges::Sent,
            _ => Ranges::Refused,
        };
        if self.held.length.is_none() {
            self.validator = answer.validator.clone();
            self.held.length = answer.length;
        }
        if let Some(lane) = self.lanes.iter_mut().find(|other| other.id == lane) {
            lane.at = answer.start;
            lane.end = answer.body.map_or(u64::MAX, |body| answer.start + body);
        }
        let length = self.held.length;
        Ok(if changed { Answered::Anew(discarded, length) } else { Answered::Same(length) })
    }

    /// Whether all of it is there and still to be compared with what the feed promised.
    pub fn is_to_be_checked(&self) -> bool {
        self.promised.is_some() && self.promised != self.checked && self.held.there().is_some_and(|(there, length)| there == length)
    }

    /// All of it is there and it is not what the feed promised: nothing of it is kept, and nothing is asked for
    /// before somebody wants it anew. Returns what is on disk, to be discarded.
    pub fn refuse(&mut self) -> Option<Arc<Pin>> {
        self.failures += 1;
        self.failure = Some(CacheError::Unpromised.into_failure());
        self.refused = true;
        self.pace = Pace::GivenUp;
        self.forget_all()
    }

    /// What a reader of a version that is gone is told.
    pub fn gone(&self) -> Failure {
        self.failure.clone().filter(|_| self.refused).unwrap_or_else(|| CacheError::Changed.into_failure())
    }

    fn forget_all(&mut self) -> Option<Arc<Pin>> {
        self.held = Held::default();
        self.checked = None;
        self.tail = Tail::Unknown;
        self.tail_fetched = false;
        self.lanes.clear();
        self.pin.take()
    }

    /// Forgets all that is known: the media is another one. Returns what is on disk, to be discarded.
    pub fn begin_anew(&mut self) -> Result<Option<Arc<Pin>>, CacheError> {
        if self.restarts >= MAX_RESTARTS {
            return Err(CacheError::Changed);
        }
        self.restarts += 1;
        Ok(self.forget_all())
    }

    /// Takes bytes that `lane` brought; returns the blocks that they completed.
    pub fn append(&mut self, lane: u64, mut chunk: &[u8]) -> Vec<(u32, Bytes)> {
        let mut completed = Vec::new();
        let Some(lane) = self.lanes.iter_mut().find(|other| other.id == lane) else { return completed };
        self.progress += chunk.len() as u64;
        if self.progress >= GOOD_PROGRESS_BYTES {
            self.retries = 0;
        }
        while !chunk.is_empty() {
            let block = block_of(lane.at);
            let within = lane.at - block_start(block);
            let room = usize::try_from(BLOCK_BYTES - within).unwrap_or(usize::MAX);
            let (piece, rest) = chunk.split_at(chunk.len().min(room));
            chunk = rest;
            lane.at += piece.len() as u64;
            completed.extend(self.held.put(block, within, piece).map(|bytes| (block, bytes)));
        }
        self.look_for_tail();
        self.tail_fetched = self.tail_fetched || self.has_tail();
        self.forget_distant();
        completed
    }

    /// Takes note of the end of a download. A retry is due after the time returned, which is a multiple of `backoff`.
    pub fn ended(&mut self, lane: u64, outcome: Result<(), CacheError>, backoff: Duration) -> Option<Duration> {
        self.lanes.retain(|other| other.id != lane);
        let err = outcome.err().filter(|_| !self.holders.is_empty())?;
        if !err.retryable() || self.retries >= MAX_RETRIES {
            self.failures += 1;
            self.failure = Some(err.into_failure());
            self.pace = Pace::GivenUp;
            return None;
        }
        self.progress = 0;
        if self.pace != Pace::Free {
            return None;
        }
        self.retries += 1;
        self.pace = Pace::BackingOff;
        Some(backoff * 2_u32.pow(self.retries - 1))
    }

    /// Whether what a demuxer will jump to is there; so it is when it jumps nowhere.
    pub fn has_tail(&self) -> bool {
        match (self.tail, self.held.length) {
            (Tail::At(tail), Some(length)) => self.held.has(tail, length.min(tail + TAIL_BYTES)),
            (Tail::None, _) => true,
            _ => false,
        }
    }

    /// Whether all is there that a goal without a reader asks for, over a line that carries so much.
    pub fn has_reached(&self, goal: Goal, bits_per_second: Option<u64>) -> bool {
        let Some(length) = self.held.length else { return false };
        match goal {
            Goal::Metadata => self.held.has(0, length.min(BLOCK_BYTES)),
            _ => self.held.has(0, length.min(self.sizes(bits_per_second).head)) && self.has_tail(),
        }
    }

    /// Finds the tail once the first bytes are in memory.
    pub fn look_for_tail(&mut self) {
        if let (Tail::Unknown, Some(length), Some(head)) = (self.tail, self.held.length, self.held.live(0))
            && (head.len() >= SNIFF_BYTES || head.len() as u64 >= length)
        {
            self.tail = find_tail(head, length);
        }
    }

    /// Keeps what has to live in memory within its bound.
    pub fn forget_distant(&mut self) {
        // Media of unknown length has a bound of its own.
        if self.memory_only && self.held.length.is_some() {
            let readers: Vec<_> = self.holders.iter().map(|(_, holder)| holder.at).collect();
            self.held.forget_distant(MEMORY_BLOCKS, &readers);
        }
    }

    fn view<R>(&self, standing: &Standing, question: impl FnOnce(View<'_>) -> R) -> R {
        let holders: Vec<_> = self.holders.iter().map(|(_, holder)| *holder).collect();
        let tail = match self.tail {
            Tail::At(tail) if !self.tail_fetched => Some(tail),
            _ => None,
        };
        let filled = |block| self.held.filled(block);
        question(View {
            length: self.held.length,
            filled: &filled,
            holders: &holders,
            lanes: &self.lanes,
            tail,
            ranges: self.ranges != Ranges::Refused,
            sizes: self.sizes(standing.bits_per_second),
            narrow: self.memory_only && self.held.length.is_some(),
            current: standing.current,
        })
    }
}
