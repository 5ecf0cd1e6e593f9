//! The line that all downloads share: what it carries is measured, and requests that are not urgent wait for their turn.
//!
//! Its lock is the innermost of the cache: it is taken under the lock of an entry, held for some arithmetic, and no
//! other lock of the cache is taken under it. Entries whose turn has come are therefore pumped after it was given back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

use super::context::Context;
use super::entry::Entry;
use super::gate::Gate;
use super::key::CacheKey;
use super::meter::Meter;
use super::sizes::is_fast;
use crate::metrics::{Counters, NetworkEstimate};

/// What one media should know of the line and of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// What the line carries, once that is known.
    pub bits_per_second: Option<u64>,
    /// It is the one that is shown.
    pub current: bool,
    /// Somebody waits who comes before it.
    pub outranked: bool,
}

/// The line that all downloads share.
pub(super) struct Traffic {
    inner: Mutex<Inner>,
    /// Told when a request ends or is urgent no more.
    freed: Notify,
    began: Instant,
    silence: Duration,
    counters: Arc<Counters>,
}

struct Inner {
    gate: Gate,
    meter: Meter,
    /// Those who wait at the gate.
    entries: HashMap<CacheKey, Weak<Entry>>,
    /// Somebody looks again when a request has been silent for too long.
    is_watched: bool,
}

impl Inner {
    fn is_fast(&self) -> bool {
        self.meter.bits_per_second().is_some_and(is_fast)
    }

    fn forget(&mut self, key: &CacheKey) {
        self.gate.wants_nothing(key);
        self.entries.remove(key);
    }
}

impl Traffic {
    /// A line of which nothing is known, on which a request that was silent for so long holds nobody up.
    pub fn new(silence: Duration, counters: Arc<Counters>) -> Self {
        let inner = Inner { gate: Gate::new(silence), meter: Meter::default(), entries: HashMap::new(), is_watched: false };
        Self { inner: Mutex::new(inner), freed: Notify::new(), began: Instant::now(), silence, counters }
    }

    /// What is known of the line.
    pub fn estimate(&self) -> NetworkEstimate {
        self.lock().meter.estimate()
    }

    /// What a media should know.
    pub fn standing(&self, key: &CacheKey) -> Standing {
        let inner = self.lock();
        let (current, outranked) = (inner.gate.is_current(key), inner.gate.is_outranked(key));
        Standing { bits_per_second: inner.meter.bits_per_second(), current, outranked }
    }

    /// The newest plan: what is shown, and all of it, the most urgent first. Whose turn it is now, goes.
    pub fn set_plan(&self, current: Option<CacheKey>, order: impl Iterator<Item = CacheKey>) {
        let waiting: Vec<_> = {
            let mut inner = self.lock();
            inner.gate.set_plan(current, order);
            inner.gate.all_waiting().iter().filter_map(|key| inner.entries.get(key).cloned()).collect()
        };
        // Each of them: what waited may be what is shown now, and waits no more.
        waiting.iter().filter_map(Weak::upgrade).for_each(|entry| entry.pump());
        self.pump();
    }

    /// Lets those go who wait and whose turn it is.
    pub fn pump(&self) {
        loop {
            let entry = {
                let mut inner = self.lock();
                let Some(key) = inner.gate.next(inner.is_fast(), self.now()) else { return };
                let entry = inner.entries.get(&key).and_then(Weak::upgrade);
                if entry.is_none() {
                    // Under the same lock: its successor may come to wait at any moment.
                    inner.forget(&key);
                    self.show(&inner);
                }
                entry
            };
            // It sends its request, or says that it wants nothing any more: another one is next.
            if let Some(entry) = entry {
                entry.pump();
            }
        }
    }

    /// A media has no request any more that could wait.
    pub fn wants_nothing(&self, key: &CacheKey) {
        let mut inner = self.lock();
        inner.forget(key);
        self.show(&inner);
    }

    /// Whether a media waits for its turn and nothing of it is under way: time that goes by then is nobody's fault.
    pub fn holds_back(&self, key: &CacheKey) -> bool {
        self.lock().gate.is_held_back(key)
    }

    /// Waits while what plays is short of bytes on a slow line.
    pub async fn until_free(&self) {
        loop {
            let freed = self.freed.notified();
            {
                let inner = self.lock();
                if inner.meter.bits_per_second().is_none_or(is_fast) || !inner.gate.is_urgent(self.now()) {
                    return;
                }
            }
            // That a request falls silent is told by nobody.
            let _ = timeout(self.silence, freed).await;
        }
    }

    /// Sees to it that somebody looks again when the first of those under way has been silent for too long.
    fn watch(&self, inner: &mut Inner, entry: &Entry) {
        if std::mem::replace(&mut inner.is_watched, true) {
            return;
        }
        let (began, context) = (self.began, Arc::downgrade(&entry.context));
        let mut at = self.look_again_at(inner);
        entry.context.runtime.spawn(async move {
            loop {
                sleep_until(began + at).await;
                let Some(context) = Weak::<Context>::upgrade(&context) else { return };
                let traffic = &context.traffic;
                traffic.pump();
                let mut inner = traffic.lock();
                if inner.gate.waiting() == 0 {
                    inner.is_watched = false;
                    return;
                }
                at = traffic.look_again_at(&inner);
            }
        });
    }

    fn look_again_at(&self, inner: &Inner) -> Duration {
        let now = self.now();
        inner.gate.look_again_at(now).unwrap_or(now + self.silence)
    }

    fn show(&self, inner: &Inner) {
        Counters::set(&self.counters.network_waiting, inner.gate.waiting() as u64);
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to a request that is under way; the place it takes is free when this is dropped.
pub(super) struct Permit {
    context: Arc<Context>,
    id: u64,
}

impl Permit {
    /// Asks to send a request of `entry`; when it has to wait, it is pumped once its turn has come. To be called under the
    /// entry's lock, so that nothing changes between what it wants and the answer.
    pub fn ask(entry: &Arc<Entry>, urgent: bool) -> Option<Self> {
        let traffic = &entry.context.traffic;
        let mut inner = traffic.lock();
        let fast = inner.is_fast();
        let id = inner.gate.ask(entry.key, urgent, fast, traffic.now());
        match id {
            Some(_) if urgent => {}
            Some(_) => drop(inner.entries.remove(&entry.key)),
            None => {
                inner.entries.insert(entry.key, Arc::downgrade(entry));
                traffic.watch(&mut inner, entry);
            }
        }
        traffic.show(&inner);
        Some(Self { context: Arc::clone(&entry.context), id: id? })
    }

    /// The request is sent.
    pub fn sent(&self) -> Sent {
        let traffic = &self.context.traffic;
        Sent { at: traffic.now(), alone: traffic.lock().meter.is_idle() }
    }

    /// The head of its answer came.
    pub fn answered(&self, sent: Sent) {
        let traffic = &self.context.traffic;
        let now = traffic.now();
        let mut inner = traffic.lock();
        inner.gate.progress(self.id, now);
        if sent.alone {
            inner.meter.answered(now.saturating_sub(sent.at));
        }
    }

    /// What it brings next is urgent, or is not.
    pub fn set_urgent(&self, urgent: bool) {
        let traffic = &self.context.traffic;
        if traffic.lock().gate.set_urgent(self.id, urgent) && !urgent {
            traffic.freed.notify_waiters();
            traffic.pump();
        }
    }

    /// It waits for bytes of its body, until what is returned is dropped.
    pub fn listen(&self) -> Listening<'_> {
        let traffic = &self.context.traffic;
        traffic.lock().meter.listen(traffic.now());
        Listening(self)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let traffic = &self.context.traffic;
        traffic.lock().gate.ended(self.id);
        traffic.freed.notify_waiters();
    }
}

/// When a request was sent, and whether nothing else was being received then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    at: Duration,
    alone: bool,
}

/// A request that waits for bytes of its body.
pub(super) struct Listening<'a>(&'a Permit);

impl Listening<'_> {
    /// They came: the `first` ones of this body, or more.
    pub fn heard(self, bytes: u64, first: bool) {
        let permit = self.0;
        drop(self);
        let traffic = &permit.context.traffic;
        let now = traffic.now();
        let mut inner = traffic.lock();
        inner.gate.progress(permit.id, now);
        inner.meter.received(bytes, first, now);
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        let traffic = &self.0.context.traffic;
        traffic.lock().meter.hush(traffic.now());
    }
}
