//! Opens items for reading, wherever their bytes are, and answers what is there of them.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, interval, sleep, timeout};

use super::blobs::Blobs;
use super::bytes_port::{ByteReader, Demand, MediaOpener, OpenDone, OpenTicket, Opened};
use super::context::{Context, Readiness, Timeouts};
use super::demand::Holder;
use super::disk::DiskCache;
use super::disk::store::Store;
use super::entry::Entry;
use super::error::CacheError;
use super::key::CacheKey;
use super::local::{FileReader, SampleReader};
use super::reader::{EntryReader, holder_for};
use super::tail::Tail;
use super::usage::Usage;
use crate::feed::{Failure, FailureKind, Item, ItemId, MediaLocation, SNIFF_BYTES};
use crate::metrics::Counters;

/// What is fetched of an item whose start is prepared without a pipeline.
const HEAD_BYTES: u64 = 512 * 1024;
/// An opening counts as served from the cache when this much of the head was there.
const FROM_CACHE_BYTES: u64 = 256 * 1024;
/// Changes to the index are gathered for this long before it is written.
const INDEX_DEBOUNCE: Duration = Duration::from_secs(1);
/// How often an opening that waits looks whether it was cancelled.
const CANCEL_POLL: Duration = Duration::from_millis(100);
/// Entries that nobody uses any more are forgotten when there are more than this.
const MAX_STALE_ENTRIES: usize = 64;

/// Without a disk cache, what was read last is kept in memory up to this much, so that going back is quick.
const MEMORY_BYTES: u64 = 64 * 1024 * 1024;

/// What an [`Opener`] is made of.
pub struct CacheOptions {
    /// The folder of the disk cache; `None` for memory only.
    pub dir: Option<PathBuf>,
    /// The bound of the disk cache in bytes.
    pub cap_bytes: u64,
    /// Where it counts.
    pub counters: Arc<Counters>,
    /// The clips of the sample reel, by index.
    pub samples: Vec<&'static [u8]>,
    /// The runtime that downloads run on.
    pub runtime: Handle,
    /// The client that requests are sent with.
    pub client: reqwest::Client,
}

/// How much of an item's media is on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Nothing.
    None,
    /// Some of it.
    Partial {
        /// Bytes that are there.
        bytes: u64,
        /// Length of the media in bytes.
        total: u64,
    },
    /// All of it.
    Complete,
}

/// Opens items: sample clips from memory, files from disk, addresses through the range cache. Cheap to clone.
#[derive(Clone)]
pub struct Opener(Arc<Shared>);

struct Shared {
    context: Arc<Context>,
    samples: Vec<&'static [u8]>,
    entries: Mutex<HashMap<CacheKey, Weak<Entry>>>,
    usage: Usage,
    /// Without a disk cache: what was read last, the newest at the end.
    recent: Mutex<VecDeque<Arc<Entry>>>,
}

impl Opener {
    /// Begins; never fails and never waits. A folder that cannot be used is told by [`Opener::notice`].
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        Self::with_timeouts(options, Timeouts::default())
    }

    /// The same with other times to wait.
    #[must_use]
    pub fn with_timeouts(options: CacheOptions, timeouts: Timeouts) -> Self {
        let CacheOptions { dir, cap_bytes, counters, samples, runtime, client } = options;
        let context = Arc::new(Context::new(runtime, client, counters, timeouts, cap_bytes));
        match dir {
            None => {
                context.readiness.send_replace(Readiness::Off);
            }
            Some(dir) => {
                context.runtime.spawn(load(Arc::clone(&context), dir));
            }
        }
        Self(Arc::new(Shared { context, samples, entries: Mutex::default(), usage: Usage::default(), recent: Mutex::default() }))
    }

    /// The pages and posters that are kept beside the media.
    #[must_use]
    pub fn blobs(&self) -> Blobs {
        Blobs::new(Arc::clone(&self.0.context))
    }

    /// The disk cache, once its index is read; `None` when there is none.
    pub async fn disk(&self) -> Option<DiskCache> {
        self.0.context.ready().await;
        self.0.context.store().map(DiskCache::new)
    }

    /// Another feed is open: what was fetched ahead for the last one is as good as anything else now.
    pub fn note_feed_opened(&self) {}

    /// What a viewer should be told about the disk cache, if anything.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        self.0.context.notice()
    }

    /// Notes that an item was shown: what was fetched for it was not wasted.
    pub fn note_shown(&self, item: &ItemId) {
        self.0.usage.note_shown(item);
    }

    /// Bytes fetched in this session for items that were not shown so far.
    #[must_use]
    pub fn wasted_bytes(&self) -> u64 {
        self.0.usage.wasted_bytes()
    }

    /// How much of an item is on this machine. Does not wait for a disk; before the index is read, `None`.
    #[must_use]
    pub fn availability(&self, item: &Item) -> Availability {
        let MediaLocation::Url(url) = &item.media else { return Availability::Complete };
        let Some(key) = CacheKey::of_url(url, "") else { return Availability::None };
        let entry = self.0.entries.lock().unwrap_or_else(PoisonError::into_inner).get(&key).and_then(Weak::upgrade);
        let live = entry.and_then(|entry| entry.lock().held.there());
        match live.or_else(|| self.0.context.store()?.stored(&key)) {
            Some((bytes, total)) if bytes >= total => Availability::Complete,
            Some((bytes, total)) if bytes > 0 => Availability::Partial { bytes, total },
            _ => Availability::None,
        }
    }

    /// Whether all of an item is on this machine.
    #[must_use]
    pub fn is_complete(&self, item: &Item) -> bool {
        self.availability(item) == Availability::Complete
    }

    /// Fetches the first part of an item, and the tail when a demuxer will jump there. Dropping it stops it.
    ///
    /// # Errors
    /// The failure that a viewer would be told of, after retries.
    pub fn fetch_head(&self, item: &Item) -> impl Future<Output = Result<(), Failure>> + Send + 'static {
        let (shared, id, media) = (Arc::clone(&self.0), item.id.clone(), item.media.clone());
        async move {
            let MediaLocation::Url(url) = media else { return Ok(()) };
            shared.context.ready().await;
            let entry = shared.entry(&id, &url)?;
            let failures = entry.lock().failures;
            let _hold = entry.hold(Holder { at: 0, ahead: HEAD_BYTES, whole: false, waiting: None });
            loop {
                let progress = entry.progress.notified();
                {
                    let state = entry.lock();
                    if state.failures != failures
                        && let Some(failure) = &state.failure
                    {
                        return Err(failure.clone());
                    }
                    if state.held.length.is_some_and(|length| state.held.has(0, length.min(HEAD_BYTES)) && state.has_tail()) {
                        return Ok(());
                    }
                }
                progress.await;
            }
        }
    }

    /// Writes what is not on disk yet of the cache's index. Waits for the disk; to be called at the end.
    pub fn flush(&self) {
        if let Some(store) = self.0.context.store()
            && let Err(err) = store.flush()
        {
            self.0.context.disk_failed(&err);
        }
    }
}

impl MediaOpener for Opener {
    fn open(&self, item: Arc<Item>, demand: Demand, done: OpenDone) -> OpenTicket {
        let (ticket, cancelled) = OpenTicket::new();
        let shared = Arc::clone(&self.0);
        self.0.context.runtime.spawn(async move {
            let limit = shared.context.timeouts.open;
            let opened = tokio::select! {
                opened = timeout(limit, shared.open(&item, demand)) => opened.unwrap_or_else(|_| {
                    let sentence = "The first bytes of the video did not come in time.";
                    Err(Failure::new(FailureKind::Timeout, sentence).because(format!("nothing within {limit:?}")))
                }),
                () = until(&cancelled) => Err(Failure::new(FailureKind::Player, "Opening the video was given up.")),
            };
            done(opened);
        });
        ticket
    }
}

/// Waits until an opening is cancelled.
async fn until(cancelled: &AtomicBool) {
    let mut tick = interval(CANCEL_POLL);
    while !cancelled.load(Ordering::Relaxed) {
        tick.tick().await;
    }
}

impl Shared {
    async fn open(&self, item: &Item, demand: Demand) -> Result<Opened, Failure> {
        match &item.media {
            MediaLocation::Sample(index) => {
                let missing = || Failure::new(FailureKind::Missing, "There is no such sample clip.");
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
        let entry = self.entry(&item.id, url)?;
        let failures = entry.lock().failures;
        // Before anything is asked for: it is the state that it was found in that counts.
        let from_cache = self.was_there(&entry).await?;
        let mut hold = Some(entry.hold(holder_for(demand)));
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
    async fn was_there(&self, entry: &Arc<Entry>) -> Result<bool, Failure> {
        let length = {
            let state = entry.lock();
            let Some(length) = state.held.length.filter(|length| state.held.has(0, (*length).min(FROM_CACHE_BYTES))) else {
                return Ok(false);
            };
            length
        };
        if entry.lock().tail == Tail::Unknown {
            let entry = Arc::clone(entry);
            blocking(&self.context.runtime, move || {
                entry.look_for_stored_tail();
                Ok(())
            })
            .await?;
        }
        let state = entry.lock();
        Ok(state.held.has(0, length.min(FROM_CACHE_BYTES)) && state.has_tail())
    }

    /// The entry of an address, shared by all who read it.
    fn entry(&self, item: &ItemId, url: &str) -> Result<Arc<Entry>, Failure> {
        let key = CacheKey::of_url(url, "").ok_or_else(|| CacheError::BadAddress.into_failure())?;
        let fetched = self.usage.fetched(item, key);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            if entries.len() > MAX_STALE_ENTRIES {
                entries.retain(|_, entry| entry.strong_count() > 0);
            }
            let entry = Arc::new(Entry::new(Arc::clone(&self.context), key, fetched));
            entries.insert(key, Arc::downgrade(&entry));
            entry
        });
        drop(entries);
        // The newest signature is the one that is still good.
        url.clone_into(&mut entry.lock().url);
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
    let broken = |err: tokio::task::JoinError| Failure::new(FailureKind::Player, "Opening the video ended abruptly.").caused_by(&err);
    runtime.spawn_blocking(work).await.map_err(broken)?
}

/// Reads the index, then writes it whenever it has changed and some time has passed.
async fn load(context: Arc<Context>, dir: PathBuf) {
    let began = Instant::now();
    let (cap, counters) = (context.cap_bytes, Arc::clone(&context.counters));
    let opened = context.runtime.spawn_blocking(move || Store::open(Path::new(&dir), cap, counters)).await;
    let store = match opened {
        Ok(Ok(store)) => Arc::new(store),
        Ok(Err(err)) => {
            context.disk_failed(&err);
            context.readiness.send_replace(Readiness::Off);
            return;
        }
        Err(err) => {
            tracing::error!(error = %err, "opening the cache ended abruptly");
            context.readiness.send_replace(Readiness::Off);
            return;
        }
    };
    tracing::debug!(elapsed = ?began.elapsed(), "the disk cache is ready");
    let changed = Arc::clone(&store.changed);
    context.readiness.send_replace(Readiness::Ready(Arc::clone(&store)));
    let context = Arc::downgrade(&context);
    let store = {
        let weak = Arc::downgrade(&store);
        drop(store);
        weak
    };
    loop {
        changed.notified().await;
        sleep(INDEX_DEBOUNCE).await;
        let (Some(context), Some(store)) = (context.upgrade(), store.upgrade()) else { return };
        let written = context.runtime.spawn_blocking(move || store.flush()).await;
        if let Ok(Err(err)) = written {
            context.disk_failed(&err);
        }
    }
}
