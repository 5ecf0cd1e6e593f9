//! Opens items for reading, wherever their bytes are, and answers what is there of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::time::interval;

use super::blobs::Blobs;
use super::bytes_port::{Demand, MediaOpener, OpenDone, OpenTicket};
use super::context::{Context, Readiness, Timeouts};
use super::demand::{Goal, Holder};
use super::disk::{DiskCache, DiskOptions};
use super::key::CacheKey;
use super::patience;
use super::renewal::Renewer;
use super::shared::Shared;
use super::upkeep;
use crate::feed::{Failure, FailureKind, Item, ItemId, MediaLocation};
use crate::metrics::{Counters, NetworkEstimate, RangeMap};
use crate::words::failures as words;

/// How often an opening that waits looks whether it was cancelled.
const CANCEL_POLL: Duration = Duration::from_millis(100);
/// What nobody used for so long is removed, unless it is asked otherwise.
pub const DEFAULT_MAX_AGE: Duration = Duration::from_hours(7 * 24);

/// What an [`Opener`] is made of.
pub struct CacheOptions {
    /// The folder of the disk cache; `None` for memory only.
    pub dir: Option<PathBuf>,
    /// The bound of the disk cache in bytes.
    pub cap_bytes: u64,
    /// What nobody used for so long is removed from the disk cache.
    pub max_age: Duration,
    /// What the wall clock says.
    pub now: SystemTime,
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

impl Opener {
    /// Begins; never fails and never waits. A folder that cannot be used is told by [`Opener::notice`].
    #[must_use]
    pub fn new(options: CacheOptions) -> Self {
        Self::with_timeouts(options, Timeouts::default())
    }

    /// The same with other times to wait.
    #[must_use]
    pub fn with_timeouts(options: CacheOptions, timeouts: Timeouts) -> Self {
        let CacheOptions { dir, cap_bytes, max_age, now, counters, samples, runtime, client } = options;
        let context = Arc::new(Context::new(runtime, client, counters, timeouts));
        match dir {
            None => {
                context.readiness.send_replace(Readiness::Off);
            }
            Some(dir) => {
                context.runtime.spawn(upkeep::run(Arc::clone(&context), dir, DiskOptions { cap_bytes, max_age, now }));
            }
        }
        Self(Arc::new(Shared::new(context, samples)))
    }

    /// From now on `renewer` is asked for addresses that expire while they are read. The first one stays.
    pub fn renew_by(&self, renewer: impl Renewer + 'static) {
        if self.0.context.renewer.set(Box::new(renewer)).is_err() {
            tracing::error!("addresses are renewed by somebody already");
        }
    }

    /// The pages and posters that are kept beside the media.
    #[must_use]
    pub fn blobs(&self) -> Blobs {
        Blobs::new(Arc::clone(&self.0.context))
    }

    /// The disk cache, once its index is read; `None` when there is none.
    pub async fn disk(&self) -> Option<DiskCache> {
        self.0.context.ready().await;
        self.0.context.store().map(DiskCache::of)
    }

    /// Another feed is open: what was fetched ahead for the last one is as good as anything else now.
    pub fn note_feed_opened(&self) {
        if let Some(store) = self.0.context.store() {
            store.abandon_unwatched();
        }
    }

    /// What a viewer should be told about the disk cache, if anything.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        self.0.context.notice()
    }

    /// Notes that an item was shown: what was fetched for it was not wasted.
    pub fn note_shown(&self, item: &ItemId) {
        let context = &self.0.context;
        let Some(key) = context.usage.note_shown(item) else { return };
        match (self.0.alive(&key), context.store()) {
            (Some(entry), _) => entry.watched(),
            (None, Some(store)) => store.set_unwatched(&key, false),
            (None, None) => {}
        }
    }

    /// Bytes fetched in this session for items that were not shown so far.
    #[must_use]
    pub fn wasted_bytes(&self) -> u64 {
        self.0.context.usage.wasted_bytes()
    }

    /// How much of an item is on this machine. Does not wait for a disk; before the index is read, `None`.
    #[must_use]
    pub fn availability(&self, item: &Item) -> Availability {
        let MediaLocation::Url(url) = &item.media else { return Availability::Complete };
        let Some(key) = CacheKey::of_url(url, "") else { return Availability::None };
        let live = self.0.alive(&key).and_then(|entry| entry.lock().held.there());
        match live.or_else(|| self.0.context.store()?.stored(&key)) {
            Some((bytes, total)) if bytes >= total => Availability::Complete,
            Some((bytes, total)) if bytes > 0 => Availability::Partial { bytes, total },
            _ => Availability::None,
        }
    }

    /// Which parts of an item are on this machine; `None` for one that comes over no network, and while nothing is known of
    /// its length. Does not wait for a disk.
    #[must_use]
    pub fn range_map(&self, item: &Item) -> Option<RangeMap> {
        let key = key_of(item)?;
        let live = self.0.alive(&key).and_then(|entry| entry.lock().held.range_map());
        live.or_else(|| self.0.context.store()?.range_map(&key))
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
        fetch_ahead(Arc::clone(&self.0), item.clone(), Goal::Head)
    }

    /// Fetches the first block of an item: its length and kind are known then. Dropping it stops it.
    ///
    /// # Errors
    /// The failure that a viewer would be told of, after retries.
    pub fn fetch_metadata(&self, item: &Item) -> impl Future<Output = Result<(), Failure>> + Send + 'static {
        fetch_ahead(Arc::clone(&self.0), item.clone(), Goal::Metadata)
    }

    /// Says who comes first where requests have to wait: `current` is shown, and of `order` the first is the most urgent.
    /// What is not in it comes last. The newest counts.
    pub fn rank<'a>(&self, current: Option<&Item>, order: impl IntoIterator<Item = &'a Item>) {
        self.0.context.traffic.set_plan(current.and_then(key_of), order.into_iter().filter_map(key_of));
    }

    /// What the downloads so far told of the network.
    #[must_use]
    pub fn network(&self) -> NetworkEstimate {
        self.0.context.traffic.estimate()
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
    fn open(&self, item: Arc<Item>, demand: Demand, within: Duration, done: OpenDone) -> OpenTicket {
        let (ticket, cancelled) = OpenTicket::new();
        let shared = Arc::clone(&self.0);
        self.0.context.runtime.spawn(async move {
            let opening = patience::within(&shared.context.traffic, key_of(&item), within, shared.open(&item, demand));
            let opened = tokio::select! {
                opened = opening => opened.unwrap_or_else(|| {
                    Err(Failure::new(FailureKind::Timeout, words::FIRST_BYTES_LATE).because(format!("nothing within {within:?}")))
                }),
                () = until(&cancelled) => Err(Failure::new(FailureKind::Player, words::GIVEN_UP)),
            };
            done(opened);
        });
        ticket
    }
}

/// The key of media that has an address.
fn key_of(item: &Item) -> Option<CacheKey> {
    if let MediaLocation::Url(url) = &item.media { CacheKey::of_url(url, "") } else { None }
}

/// Fetches what a goal that has no reader asks for.
async fn fetch_ahead(shared: Arc<Shared>, item: Item, goal: Goal) -> Result<(), Failure> {
    let MediaLocation::Url(url) = &item.media else { return Ok(()) };
    shared.context.ready().await;
    let entry = shared.entry(&item, url)?;
    let failures = entry.lock().failures;
    if goal == Goal::Head {
        shared.was_there(&entry).await?;
    }
    let _hold = entry.hold(Holder::new(goal));
    loop {
        let progress = entry.progress.notified();
        let line = shared.context.traffic.estimate().bits_per_second;
        {
            let state = entry.lock();
            if state.failures != failures
                && let Some(failure) = &state.failure
            {
                return Err(failure.clone());
            }
            if state.has_reached(goal, line) {
                return Ok(());
            }
        }
        // How much a head is depends on the line, which may be known better than when the last request was sent.
        entry.pump();
        progress.await;
    }
}

/// Waits until an opening is cancelled.
async fn until(cancelled: &AtomicBool) {
    let mut tick = interval(CANCEL_POLL);
    while !cancelled.load(Ordering::Relaxed) {
        tick.tick().await;
    }
}
