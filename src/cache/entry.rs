//! One media that somebody reads: the meeting point of readers on the player's threads and downloads on the
//! runtime, under one short lock that is never held over input or output.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::blocks::block_count;
use super::context::Context;
use super::demand::{Goal, Holder};
use super::disk::pin::Pin;
use super::disk::store::About;
use super::download;
use super::error::CacheError;
use super::held::Held;
use super::key::CacheKey;
use super::response::Answer;
use super::state::{Answered, State, Verdict};
use super::tail::find_tail;
use super::traffic::Permit;

/// A media that somebody reads. Everybody who reads the same one shares it.
pub(super) struct Entry {
    /// Its name.
    pub key: CacheKey,
    /// What all entries share.
    pub context: Arc<Context>,
    /// Told when bytes come, a read is interrupted, or all is lost. For readers on threads.
    pub arrived: Condvar,
    /// The same, for tasks.
    pub progress: Notify,
    /// Told when what is wanted changes. For downloads.
    pub wishes: Notify,
    /// Bytes received for it, whoever asked.
    pub fetched: Arc<AtomicU64>,
    state: Mutex<State>,
    /// The number of the version that is read. Changed under the lock of `state` alone.
    epoch: AtomicU64,
    /// Held while its place on disk is made. Taken before `state`.
    making: Mutex<()>,
    /// Held while its address is asked for anew. Taken before `state`.
    pub renewing: tokio::sync::Mutex<()>,
    /// Held while it is compared with what the feed promised. Taken before `state`.
    checking: Mutex<()>,
    /// For whom its place on disk is made.
    about: About,
}

impl Entry {
    /// An entry with what the disk cache has of it.
    pub fn new(context: Arc<Context>, key: CacheKey, fetched: Arc<AtomicU64>, about: About) -> Self {
        let store = context.store();
        let mut state = State::default();
        state.memory_only = store.is_none();
        if let Some((store, found)) = store.and_then(|store| store.find(&key).map(|found| (store, found))) {
            if found.blocks.len() < block_count(found.length) as usize && !context.usage.is_shown(&key) {
                store.set_unwatched(&key, true);
            }
            state.checked = found.sha256;
            state.held = Held::on_disk(found.length, found.blocks);
            state.validator = found.validator;
            state.pin = Some(Arc::new(found.pin));
        }
        Self {
            key,
            epoch: AtomicU64::new(context.next_number()),
            context,
            arrived: Condvar::new(),
            progress: Notify::new(),
            wishes: Notify::new(),
            fetched,
            state: Mutex::new(state),
            making: Mutex::new(()),
            renewing: tokio::sync::Mutex::new(()),
            checking: Mutex::new(()),
            about,
        }
    }

    /// What is known of it. Not to be held over anything that waits.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the version of the media that is read: no other version of any media in this process has it.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Takes in somebody who wants bytes, and begins what has to be fetched.
    pub fn hold(self: &Arc<Self>, holder: Holder) -> Hold {
        let id = self.lock().add(holder);
        if holder.goal == Goal::Playing {
            self.watched();
        }
        self.pump();
        Hold { entry: Arc::clone(self), id }
    }

    /// Sends the requests that are due and whose turn it is; for the others it is called again in time.
    pub fn pump(self: &Arc<Self>) {
        let traffic = &self.context.traffic;
        let standing = traffic.standing(&self.key);
        let mut due = Vec::new();
        let mut state = self.lock();
        loop {
            let Some(next) = state.next_request(&standing) else {
                traffic.wants_nothing(&self.key);
                break;
            };
            let Some(permit) = Permit::ask(self, next.urgent) else { break };
            due.push((state.begin(next), permit));
        }
        drop(state);
        for (lane, permit) in due {
            self.context.runtime.spawn(download::run(Arc::clone(self), lane, permit));
        }
    }

    /// What is wanted has changed: downloads look again, and new ones begin.
    pub fn wishes_changed(self: &Arc<Self>) {
        self.wishes.notify_waiters();
        self.pump();
    }

    /// Whether the download `lane` should go on.
    pub fn verdict(&self, lane: u64) -> Verdict {
        let standing = self.context.traffic.standing(&self.key);
        self.lock().verdict(lane, &standing)
    }

    /// Takes note of the head of an answer to `lane`; returns version and length of the media, as far as
    /// known, or `None` when the answer is of no use.
    pub fn answered(&self, lane: u64, answer: &Answer) -> Result<Option<(u64, Option<u64>)>, CacheError> {
        let mut state = self.lock();
        let (discarded, length) = match state.answered(lane, answer)? {
            Answered::Same(length) => (None, Some(length)),
            Answered::Anew(pin, length) => (Some(pin), Some(length)),
            Answered::AskAgain(pin) => (Some(pin), None),
        };
        let epoch = match discarded {
            Some(pin) => self.renew(state, pin),
            None => self.epoch(),
        };
        self.tell();
        Ok(length.map(|length| (epoch, length)))
    }

    /// `lane` found that the media is another one than the one known, and nothing more of it.
    pub fn changed(&self, lane: u64) -> Result<(), CacheError> {
        let mut state = self.lock();
        if !state.is_under_way(lane) {
            // It asked for a part of a version that is forgotten already.
            return Ok(());
        }
        let pin = state.begin_anew()?;
        self.renew(state, pin);
        self.tell();
        Ok(())
    }

    /// Begins a new version, whose number it returns: readers of the old one fail, and what is on disk of it
    /// is removed.
    fn renew(&self, state: MutexGuard<'_, State>, pin: Option<Arc<Pin>>) -> u64 {
        let epoch = self.context.next_number();
        // Before readers fail: who opens it anew must not find what they were reading.
        let pin = pin.filter(|pin| pin.withdraw());
        let before = self.epoch.swap(epoch, Ordering::AcqRel);
        drop(state);
        self.context.hot.forget(before);
        if let Some(pin) = pin {
            let context = Arc::clone(&self.context);
            self.context.runtime.spawn_blocking(move || {
                if let Err(err) = pin.remove_withdrawn() {
                    context.disk_failed(&err);
                }
            });
        }
        epoch
    }

    /// Takes bytes that `lane` brought; returns the blocks that they completed.
    pub fn append(&self, lane: u64, chunk: &[u8]) -> Vec<(u32, Bytes)> {
        let completed = self.lock().append(lane, chunk);
        self.tell();
        completed
    }

    /// Ends media whose length the server did not tell; returns all of it, to be stored.
    pub fn ended_at(&self, length: u64) -> Vec<(u32, Bytes)> {
        let mut state = self.lock();
        let all = state.held.end_at(length);
        state.look_for_tail();
        drop(state);
        self.tell();
        all
    }

    /// A download came to its end, well or not. Its place goes to whose turn it is now.
    pub fn ended(self: &Arc<Self>, lane: u64, outcome: Result<(), CacheError>, permit: Permit) {
        let retry = self.lock().ended(lane, outcome, self.context.timeouts.backoff);
        drop(permit);
        if let Some(wait) = retry {
            let entry = Arc::clone(self);
            self.context.runtime.spawn(async move {
                tokio::time::sleep(wait).await;
                entry.lock().backed_off();
                entry.pump();
            });
        }
        self.tell();
        // First: what is urgent here goes on before anything else begins.
        self.pump();
        self.context.traffic.pump();
    }

    /// Stores blocks of version `epoch`; those that cannot be stored stay in memory. Touches the disk.
    pub fn store(&self, epoch: u64, blocks: Vec<(u32, Bytes)>) {
        for (block, bytes) in blocks {
            let written = self.pin(epoch).and_then(|pin| pin.write(block, &bytes));
            let mut state = self.lock();
            if self.epoch() != epoch {
                return;
            }
            match written {
                Ok(()) => {
                    state.held.stored(block);
                    drop(state);
                    self.context.hot.put(epoch, block, bytes);
                }
                Err(err) => {
                    state.memory_only = true;
                    state.forget_distant();
                    drop(state);
                    self.context.disk_failed(&err);
                }
            }
        }
        self.check();
    }

    /// It is played, or was shown: it is not merely fetched ahead any more, and the disk is tried again for what
    /// was denied room until now.
    pub fn watched(self: &Arc<Self>) {
        let Some(store) = self.context.store() else { return };
        store.set_unwatched(&self.key, false);
        let mut state = self.lock();
        if !std::mem::take(&mut state.memory_only) || state.held.length.is_none() {
            return;
        }
        let (epoch, blocks) = (self.epoch(), state.held.all_full());
        drop(state);
        let entry = Arc::clone(self);
        self.context.runtime.spawn_blocking(move || entry.store(epoch, blocks));
    }

    /// Compares media that is all there with what the feed promised, and refuses another one. Touches the disk.
    pub fn check(&self) {
        let _checking = self.checking.lock().unwrap_or_else(PoisonError::into_inner);
        let (epoch, pin, length, promised) = {
            let state = self.lock();
            let (true, Some(length), Some(promised)) = (state.is_to_be_checked(), state.held.length, state.promised) else { return };
            (self.epoch(), state.pin.clone(), length, promised)
        };
        let mut hash = Sha256::new();
        for block in 0..block_count(length) {
            let live = self.lock().held.full(block);
            let stored = || pin.as_ref()?.read(block).inspect_err(|err| self.context.disk_failed(err)).ok().flatten().map(Bytes::from);
            // One that is missing is fetched again, and then all are compared again.
            let Some(bytes) = live.or_else(stored) else { return };
            hash.update(&bytes);
        }
        let sha256: [u8; 32] = hash.finalize().into();
        let mut state = self.lock();
        if self.epoch() != epoch {
            return;
        }
        if sha256 == promised {
            state.checked = Some(sha256);
            drop(state);
            if let Some(pin) = pin {
                pin.set_sha256(sha256);
            }
        } else {
            tracing::warn!(key = ?self.key, "media is not what the feed promised, and is refused");
            let discarded = state.refuse();
            self.renew(state, discarded);
            self.tell();
        }
    }

    /// A block could not be read from disk: it has to come again. Returns what was there.
    pub fn read_stored(&self, pin: &Pin, block: u32) -> Option<Bytes> {
        let read = pin.read(block);
        if let Err(err) = &read {
            self.context.disk_failed(err);
        }
        let mut state = match read {
            Ok(Some(bytes)) => return Some(bytes.into()),
            // What the disk does not give back is not given to it again.
            Err(_) => {
                let mut state = self.lock();
                state.memory_only = true;
                state
            }
            Ok(None) => self.lock(),
        };
        state.held.lost(block);
        let mut spoiled = None;
        if pin.is_spoiled() {
            // The file is not the one it should be: all of it comes again, into a file of its own.
            state.held.lost_all();
            spoiled = state.pin.take();
        }
        drop(state);
        // Its end takes locks of the store.
        drop(spoiled);
        None
    }

    /// Its place on disk for version `epoch`, made when it has none.
    fn pin(&self, epoch: u64) -> Result<Arc<Pin>, CacheError> {
        // Two downloads must not make it twice.
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let (pin, length, validator) = {
            let state = self.lock();
            if state.memory_only || self.epoch() != epoch {
                return Err(CacheError::NoRoom);
            }
            (state.pin.clone(), state.held.length, state.validator.clone())
        };
        if let Some(pin) = pin {
            return Ok(pin);
        }
        let (store, length) = self.context.store().zip(length).ok_or(CacheError::NoRoom)?;
        let unwatched = !self.lock().is_played() && !self.context.usage.is_shown(&self.key);
        let about = About { unwatched, ..self.about.clone() };
        let pin = Arc::new(store.create(&self.key, length, validator, &about)?);
        let mut state = self.lock();
        if self.epoch() == epoch {
            state.pin = Some(Arc::clone(&pin));
            return Ok(pin);
        }
        drop(state);
        pin.discard()?;
        Err(CacheError::NoRoom)
    }

    /// Finds the tail in a first block that lies on disk. Touches the disk.
    pub fn look_for_stored_tail(&self) {
        let (epoch, pin, length) = {
            let state = self.lock();
            (self.epoch(), state.pin.clone().filter(|_| state.held.is_stored(0)), state.held.length)
        };
        let Some((pin, length)) = pin.zip(length) else { return };
        let Some(block) = self.read_stored(&pin, 0) else { return };
        let mut state = self.lock();
        if self.epoch() != epoch {
            return;
        }
        state.tail = find_tail(&block, length);
        drop(state);
        self.context.hot.put(epoch, 0, block);
    }

    /// Wakes all who wait for bytes.
    pub fn tell(&self) {
        self.arrived.notify_all();
        self.progress.notify_waiters();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.context.hot.forget(self.epoch());
    }
}

/// Somebody's wish for bytes; withdrawn when dropped.
pub(super) struct Hold {
    /// What it is a wish for.
    pub entry: Arc<Entry>,
    /// Whose wish it is.
    pub id: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.entry.lock();
        state.remove(self.id);
        if state.is_forsaken() {
            self.entry.context.traffic.wants_nothing(&self.entry.key);
        }
        drop(state);
        self.entry.wishes.notify_waiters();
    }
}
