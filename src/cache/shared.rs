//! Opens the bytes of one item, wherever they are, and keeps track of the media that somebody reads.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::runtime::Handle;

use super::bytes_port::{ByteReader, Demand, Opened};
use super::context::Context;
use super::demand::Holder;
use super::disk::store::About;
use super::entry::Entry;
use super::error::CacheError;
use super::key::CacheKey;
use super::local::{FileReader, SampleReader};
use super::reader::{EntryReader, goal_of};
use super::tail::Tail;
use crate::feed::{Failure, FailureKind, Item, MediaLocation, SNIFF_BYTES};
use crate::words::failures as words;

/// An opening counts as served from the cache when this much was there, or all that is fetched of a head.
const FROM_CACHE_BYTES: u64 = 256 * 1024;
/// Entries that nobody uses any more are forgotten when there are more than this.
const MAX_STALE_ENTRIES: usize = 64;
/// Without a disk cache, what was read last is kept in memory up to this much, so that going back is quick.
const MEMORY_BYTES: u64 = 64 * 1024 * 1024;

/// What all clones of an opener share.
pub(super) struct Shared {
    pub context: Arc<Context>,
    /// The clips of the sample reel.
    pub samples: Vec<&'static [u8]>,
    entries: Mutex<HashMap<CacheKey, Weak<Entry>>>,
    /// Without a disk cache: what was read last, the newest at the end.
    recent: Mutex<VecDeque<Arc<Entry>>>,
}

impl Shared {
    pub fn new(context: Arc<Context>, samples: Vec<&'static [u8]>) -> Self {
        Self { context, samples, entries: Mutex::default(), recent: Mutex::default() }
    }

    /// Opens an item.
    pub async fn open(&self, item: &Item, demand: Demand) -> Result<Opened, Failure> {
        match &item.media {
            MediaLocation::Sample(index) => {
                let missing = || Failure::new(FailureKind::Missing, words::NO_SUCH_CLIP);
                let bytes = self.samples.get(*index).copied().ok_or_else(missing)?;
                let head = bytes[..bytes.len().min(SNIFF_BYTES)].to_vec();
                Ok(Opened { reader: Arc::new(SampleReader::new(bytes)), head, from_cache: true })
            }
            MediaLocation::File(path) => {
                let path = path.clone();
                blocking(&self.context.runtime, move || {
                    let reader: Arc<dyn ByteReader> = Arc::new(FileReader::open(&path)?);
                    Ok(Opened { head: head_of(&*reader)?, reader, from_cache: true })
                })
                .await
            }
            MediaLocation::Url(url) => self.open_url(item, url, demand).await,
        }
    }

    async fn open_url(&self, item: &Item, url: &str, demand: Demand) -> Result<Opened, Failure> {
        self.context.ready().await;
        let entry = self.entry(item, url)?;
        if entry.lock().is_to_be_checked() {
            let entry = Arc::clone(&entry);
            blocking(&self.context.runtime, move || {
                entry.check();
                Ok(())
            })
            .await?;
        }
        let failures = entry.lock().failures;
        // Before anything is asked for: it is the state that it was found in that counts.
        let from_cache = self.was_there(&entry).await?;
        let mut hold = Some(entry.hold(Holder::new(goal_of(demand))));
        loop {
            let progress = entry.progress.notified();
            let there = {
                let state = entry.lock();
                if state.failures != failures
                    && let Some(failure) = &state.failure
                {
                    return Err(failure.clone());
                }
                // The version is read under the lock: what is there now belongs to it.
                let length = state.held.length.filter(|length| state.held.has(0, (*length).min(SNIFF_BYTES as u64)));
                length.map(|length| (length, entry.epoch()))
            };
            if let Some((length, epoch)) = there
                && let Some(hold) = hold.take()
            {
                let reader: Arc<dyn ByteReader> = Arc::new(EntryReader::new(hold, epoch, length));
                let in_memory = entry.lock().held.is_live(0);
                // A read of what is in memory costs nothing; one from disk belongs elsewhere.
                let head = if in_memory {
                    head_of(&*reader)?
                } else {
                    let reader = Arc::clone(&reader);
                    blocking(&self.context.runtime, move || head_of(&*reader)).await?
                };
                return Ok(Opened { reader, head, from_cache });
            }
            progress.await;
        }
    }

    /// Whether what a start needs is there already; finds the tail of what lies on disk on the way.
    pub async fn was_there(&self, entry: &Arc<Entry>) -> Result<bool, Failure> {
        let is_hidden = {
            let state = entry.lock();
            state.tail == Tail::Unknown && state.held.is_stored(0)
        };
        if is_hidden {
            let entry = Arc::clone(entry);
            blocking(&self.context.runtime, move || {
                entry.look_for_stored_tail();
                Ok(())
            })
            .await?;
        }
        let line = self.context.traffic.estimate().bits_per_second;
        let state = entry.lock();
        let start = |length: u64| length.min(FROM_CACHE_BYTES).min(state.sizes(line).head);
        Ok(state.held.length.is_some_and(|length| state.held.has(0, start(length))) && state.has_tail())
    }

    /// The entry of a key, when somebody uses it.
    pub fn alive(&self, key: &CacheKey) -> Option<Arc<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(key).and_then(Weak::upgrade)
    }

    /// The entry of an item at an address, shared by all who read it.
    pub fn entry(&self, item: &Item, url: &str) -> Result<Arc<Entry>, Failure> {
        let key = CacheKey::of_url(url, "").ok_or_else(|| CacheError::BadAddress.into_failure())?;
        let fetched = self.context.usage.fetched(&item.id, key);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            if entries.len() > MAX_STALE_ENTRIES {
                entries.retain(|_, entry| entry.strong_count() > 0);
            }
            let entry = Arc::new(Entry::new(Arc::clone(&self.context), key, fetched, About::of(item, url)));
            entries.insert(key, Arc::downgrade(&entry));
            entry
        });
        drop(entries);
        let mut state = entry.lock();
        state.address.named(url, item.renewal.as_deref());
        state.promised = item.sha256.or(state.promised);
        state.duration = item.duration.or(state.duration);
        drop(state);
        if self.context.store().is_none() {
            self.keep(&entry);
        }
        Ok(entry)
    }

    /// Keeps an entry in memory after its last reader is gone, and lets go of those before it.
    fn keep(&self, entry: &Arc<Entry>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|other| !Arc::ptr_eq(other, entry));
        recent.push_back(Arc::clone(entry));
        let bytes = |entry: &Arc<Entry>| entry.lock().held.there().map_or(0, |(bytes, _)| bytes);
        let mut total: u64 = recent.iter().map(bytes).sum();
        while total > MEMORY_BYTES
            && recent.len() > 1
            && let Some(oldest) = recent.pop_front()
        {
            total -= bytes(&oldest);
        }
    }
}

/// The first bytes of what `reader` reads.
fn head_of(reader: &dyn ByteReader) -> Result<Vec<u8>, Failure> {
    let wanted = usize::try_from(reader.len()).unwrap_or(usize::MAX).min(SNIFF_BYTES);
    let mut head = vec![0; wanted];
    let mut done = 0;
    while done < wanted {
        match reader.read_at(done as u64, &mut head[done..]).map_err(super::ReadError::into_failure)? {
            0 => break,
            read => done += read,
        }
    }
    head.truncate(done);
    Ok(head)
}

async fn blocking<T: Send + 'static>(runtime: &Handle, work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let broken = |err: tokio::task::JoinError| Failure::new(FailureKind::Player, words::ENDED_ABRUPTLY).caused_by(&err);
    runtime.spawn_blocking(work).await.map_err(broken)?
}
