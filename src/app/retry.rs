//! When what failed is tried again: a growing pause for each item, and a breaker for each server. Pure.

use std::collections::HashMap;
use std::time::Duration;

use crate::feed::{Failure, FailureKind, Item, ItemId, MediaLocation, host_of};

/// The pause after the first failure of an item; it doubles with each…
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// … up to this.
const PAUSE_MOST: Duration = Duration::from_secs(30);
/// An item that failed so often in a row is broken: it rests for longer.
const ITEM_BREAKS_AFTER: u32 = 6;
/// How long a broken item rests at first, and at most.
const ITEM_RESTS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_mins(5));
/// A server that failed so often in a row, with more than one item, is left alone.
const HOST_BREAKS_AFTER: u32 = 4;
/// How long a server is left alone at first, and at most.
const HOST_RESTS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(1));
/// A probe that nothing is heard of for so long was given up.
const PROBE_LAPSES: Duration = Duration::from_secs(30);
/// What cannot be helped by trying again is not tried again sooner, however often somebody passes by.
const FINAL_RESTS: Duration = Duration::from_mins(1);

/// Something that fails and is left alone for a while, longer each time; then one try decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Breaker {
    /// Failures in a row.
    failures: u32,
    /// How often it broke since it last worked.
    trips: u32,
    /// Until when it is left alone.
    until: Option<Duration>,
    /// Since when one try is under way that decides.
    probe: Option<Duration>,
}

impl Breaker {
    /// Takes in a failure at `now`. Whether it broke.
    fn failed(&mut self, after: u32, (first, most): (Duration, Duration), now: Duration) -> bool {
        self.failures = self.failures.saturating_add(1);
        let probed = self.probe.take().is_some();
        // What was under way when it broke fails too, and says nothing new.
        let rests = self.until.is_some_and(|until| now < until) && !probed;
        if rests || (self.failures < after && !probed) {
            return false;
        }
        self.until = Some(now + (first * 2_u32.saturating_pow(self.trips)).min(most));
        self.trips = self.trips.saturating_add(1).min(16);
        true
    }

    /// Whether a try may begin at `now`; the first one after the rest is the probe.
    fn lets_through(&mut self, now: Duration) -> Result<(), Option<Duration>> {
        let Some(until) = self.until else { return Ok(()) };
        if now < until {
            return Err(Some(until));
        }
        if self.probe.is_some_and(|since| now < since + PROBE_LAPSES) {
            return Err(None);
        }
        self.probe = Some(now);
        Ok(())
    }
}

/// What is remembered of an item that failed.
#[derive(Clone, Debug)]
struct Record {
    breaker: Breaker,
    failure: Failure,
    /// When it is tried again by itself; `None`: not by itself.
    again_at: Option<Duration>,
    failed_at: Duration,
}

/// Whether an item may be tried.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leave {
    /// It may.
    Granted,
    /// Not yet: it failed, and is tried again by itself at that time, if ever.
    Later(Failure, Option<Duration>),
    /// Its server is left alone until then; `None`: until another item has tried.
    HostRests(Failure, Option<Duration>),
}

/// All failures that still matter.
#[derive(Clone, Debug)]
pub(super) struct Retries {
    items: HashMap<ItemId, Record>,
    hosts: HashMap<String, (Breaker, Option<ItemId>)>,
    draw: u64,
    /// How often a breaker of an item or a server opened.
    pub trips: u64,
}

impl Retries {
    /// Nothing failed yet. `seed` decides every pause that is drawn.
    pub fn new(seed: u64) -> Self {
        Self { items: HashMap::new(), hosts: HashMap::new(), draw: seed, trips: 0 }
    }

    /// Takes in that an item failed at `now`; returns when it is tried again by itself.
    pub fn failed(&mut self, item: &Item, failure: &Failure, now: Duration) -> Option<Duration> {
        let host = host(item);
        let outage = matches!(failure.kind, FailureKind::Network | FailureKind::Timeout | FailureKind::Server);
        if let Some(host) = host {
            let (breaker, last) = self.hosts.entry(host.to_owned()).or_default();
            if !outage {
                // It answered, if not well.
                *breaker = Breaker::default();
            } else if last.as_ref() != Some(&item.id) || breaker.probe.is_some() {
                *last = Some(item.id.clone());
                self.trips += u64::from(breaker.failed(HOST_BREAKS_AFTER, HOST_RESTS, now));
            }
        }
        let before = self.items.remove(&item.id);
        let mut breaker = before.map_or_else(Breaker::default, |record| record.breaker);
        let again_at = failure.kind.retryable().then(|| {
            if breaker.failed(ITEM_BREAKS_AFTER, ITEM_RESTS, now) {
                self.trips += 1;
            }
            let pause = (PAUSE_FIRST * 2_u32.saturating_pow(breaker.failures - 1)).min(PAUSE_MOST);
            // Between half and all of it: those that failed together do not come back together.
            breaker.until.filter(|&until| until > now).unwrap_or(now + pause.mul_f64(0.5 + self.drawn() / 2.0))
        });
        self.items.insert(item.id.clone(), Record { breaker, failure: failure.clone(), again_at, failed_at: now });
        again_at
    }

    /// The server of an item sent what was asked for. Whether it had been left alone until now.
    pub fn answered(&mut self, item: &Item) -> bool {
        host(item).and_then(|host| self.hosts.remove(host)).is_some_and(|(breaker, _)| breaker.until.is_some())
    }

    /// An item stands ready: its failures are forgotten.
    pub fn worked(&mut self, id: &ItemId) {
        self.items.remove(id);
    }

    /// Whether an item may be tried at `now`. Who is granted leave tries: it may be the one that decides for all.
    pub fn ask(&mut self, item: &Item, now: Duration) -> Leave {
        if let Some(record) = self.items.get(&item.id) {
            match record.again_at {
                Some(at) if now < at => return Leave::Later(record.failure.clone(), Some(at)),
                None if now < record.failed_at + FINAL_RESTS => return Leave::Later(record.failure.clone(), None),
                _ => {}
            }
        }
        let Some(host) = host(item) else { return Leave::Granted };
        match self.hosts.get_mut(host).map(|(breaker, _)| breaker.lets_through(now)) {
            None | Some(Ok(())) => Leave::Granted,
            Some(Err(until)) => {
                let sentence = crate::words::notices::host_rests(host);
                Leave::HostRests(Failure::new(FailureKind::Network, sentence), until)
            }
        }
    }

    /// Somebody asks for an item themselves: nothing stands in its way.
    pub fn forgive(&mut self, item: &Item) {
        self.items.remove(&item.id);
        if let Some(host) = host(item) {
            self.hosts.remove(host);
        }
    }

    /// All is tried afresh: the network is another one, or there is one again.
    pub fn clear(&mut self) {
        self.items.clear();
        self.hosts.clear();
    }

    /// Failures in a row of the server of an item, when they were so many that it was left alone.
    pub fn rested(&self, item: &Item) -> Option<u32> {
        let (breaker, _) = self.hosts.get(host(item)?)?;
        (breaker.trips > 0).then_some(breaker.failures)
    }

    /// Servers that are left alone at `now`.
    pub fn hosts_resting(&self, now: Duration) -> usize {
        self.hosts.values().filter(|(breaker, _)| breaker.until.is_some_and(|until| now < until) || breaker.probe.is_some()).count()
    }

    /// Items that wait to be tried again.
    pub fn waiting(&self, now: Duration) -> usize {
        self.items.values().filter(|record| record.again_at.is_some_and(|at| now < at)).count()
    }

    /// A number from 0 to 1 (splitmix64).
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn drawn(&mut self) -> f64 {
        self.draw = self.draw.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.draw;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The server an item comes from.
fn host(item: &Item) -> Option<&str> {
    match &item.media {
        MediaLocation::Url(url) => host_of(url),
        MediaLocation::File(_) | MediaLocation::Sample(_) => None,
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
