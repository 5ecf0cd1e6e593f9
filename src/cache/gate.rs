//! Decides which request may be sent now. Pure: it is told when something happened.
//!
//! A request is urgent when what plays needs its bytes soon: it never waits. All others share [`PLACES`] places, and the
//! best of the newest plan goes first. While an urgent request is under way on a line that is not known to be fast, no
//! other one is sent; those under way go on, since on a slow line they are small. A request that brought nothing for a
//! while, whether its server sleeps or its reader does, neither takes a place nor holds anybody up.

use std::collections::HashMap;
use std::time::Duration;

use super::key::CacheKey;

/// Requests at a time beside the urgent ones.
pub(super) const PLACES: usize = 2;

/// A request under way.
#[derive(Clone, Copy, Debug)]
struct Running {
    id: u64,
    key: CacheKey,
    urgent: bool,
    /// When it last brought anything; in the beginning, when it was sent.
    last: Duration,
}

/// A place in a queue: the rank in the plan, and among equals the order in which they came.
type Place = (usize, u64);

/// Who may send a request. Times are those since any one moment.
#[derive(Debug)]
pub(super) struct Gate {
    /// So long after it brought nothing more a request holds nobody up.
    silence: Duration,
    ranks: HashMap<CacheKey, usize>,
    current: Option<CacheKey>,
    running: Vec<Running>,
    /// Media whose next request is held back, and when that began.
    waiting: HashMap<CacheKey, u64>,
    next_number: u64,
}

impl Gate {
    /// One in which a request that was silent for so long holds nobody up.
    pub fn new(silence: Duration) -> Self {
        Self { silence, ranks: HashMap::new(), current: None, running: Vec::new(), waiting: HashMap::new(), next_number: 0 }
    }

    /// The newest plan: what is shown, and all of it, the most urgent first. What is not in it comes last.
    pub fn set_plan(&mut self, current: Option<CacheKey>, order: impl Iterator<Item = CacheKey>) {
        self.current = current;
        self.ranks.clear();
        for (rank, key) in order.enumerate() {
            self.ranks.entry(key).or_insert(rank);
        }
    }

    /// Whether a media is the one that is shown.
    pub fn is_current(&self, key: &CacheKey) -> bool {
        self.current.as_ref() == Some(key)
    }

    /// Asks to send a request. `None` when it has to wait; otherwise it counts as under way, by this number.
    pub fn ask(&mut self, key: CacheKey, urgent: bool, fast: bool, now: Duration) -> Option<u64> {
        let number = self.number();
        if !urgent {
            let place = (self.rank(&key), *self.waiting.get(&key).unwrap_or(&number));
            let outdone = self.waiting.keys().any(|other| *other != key && self.place(other) < place);
            if outdone || !self.has_place(fast, now) {
                self.waiting.entry(key).or_insert(number);
                return None;
            }
            self.waiting.remove(&key);
        }
        self.running.push(Running { id: number, key, urgent, last: now });
        Some(number)
    }

    /// A media has no request any more that could wait.
    pub fn wants_nothing(&mut self, key: &CacheKey) {
        self.waiting.remove(key);
    }

    /// A request brought something.
    pub fn progress(&mut self, id: u64, now: Duration) {
        if let Some(running) = self.running.iter_mut().find(|running| running.id == id) {
            running.last = now;
        }
    }

    /// A request is urgent, or is not, from now on. Returns whether that is a change.
    pub fn set_urgent(&mut self, id: u64, urgent: bool) -> bool {
        let running = self.running.iter_mut().find(|running| running.id == id);
        running.is_some_and(|running| std::mem::replace(&mut running.urgent, urgent) != urgent)
    }

    /// A request is over.
    pub fn ended(&mut self, id: u64) {
        self.running.retain(|running| running.id != id);
    }

    /// The media whose request may be sent now, of those that wait.
    pub fn next(&self, fast: bool, now: Duration) -> Option<CacheKey> {
        if self.has_place(fast, now) { self.waiting.keys().min_by_key(|key| self.place(key)).copied() } else { None }
    }

    /// All media that wait, the first to go first.
    pub fn all_waiting(&self) -> Vec<CacheKey> {
        let mut all: Vec<_> = self.waiting.keys().copied().collect();
        all.sort_by_key(|key| self.place(key));
        all
    }

    /// Whether a media waits and nothing of it is under way.
    pub fn is_held_back(&self, key: &CacheKey) -> bool {
        self.waiting.contains_key(key) && !self.running.iter().any(|running| running.key == *key)
    }

    /// How many media wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether somebody waits who comes before a media that has a request under way.
    pub fn is_outranked(&self, key: &CacheKey) -> bool {
        let rank = self.rank(key);
        self.waiting.keys().any(|other| self.rank(other) < rank)
    }

    /// Whether an urgent request is under way and brings something.
    pub fn is_urgent(&self, now: Duration) -> bool {
        self.lively(now).any(|running| running.urgent)
    }

    /// When a request under way will have been silent for too long, unless it brings something before.
    pub fn look_again_at(&self, now: Duration) -> Option<Duration> {
        self.lively(now).map(|running| running.last + self.silence).min()
    }

    fn has_place(&self, fast: bool, now: Duration) -> bool {
        (fast || !self.is_urgent(now)) && self.lively(now).filter(|running| !running.urgent).count() < PLACES
    }

    fn lively(&self, now: Duration) -> impl Iterator<Item = &Running> {
        self.running.iter().filter(move |running| now < running.last + self.silence)
    }

    fn place(&self, key: &CacheKey) -> Place {
        (self.rank(key), self.waiting.get(key).copied().unwrap_or(u64::MAX))
    }

    fn rank(&self, key: &CacheKey) -> usize {
        self.ranks.get(key).copied().unwrap_or(usize::MAX)
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
