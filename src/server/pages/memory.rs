//! Pages in the memory of this process.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use moka::Expiry;
use moka::future::Cache;
use moka::notification::RemovalCause;
use moka::ops::compute::{CompResult, Op};
use tokio::sync::RwLock;

use super::codec::{epoch_of, pack, unpack};
use super::entry::Entry;
use super::key::{COMMUNITY, DISCOVER, PageKey, Scope};
use super::store::{Claim, Counts, Look, PageStore, Usage};

/// A page as it is kept.
#[derive(Clone)]
struct Kept {
    packed: Bytes,
    kept_for: Duration,
}

/// Ends each page in its own time.
struct Ends;

impl Expiry<String, Kept> for Ends {
    fn expire_after_create(&self, _key: &String, page: &Kept, _now: Instant) -> Option<Duration> {
        Some(page.kept_for)
    }

    fn expire_after_update(&self, _key: &String, page: &Kept, _now: Instant, _left: Option<Duration>) -> Option<Duration> {
        Some(page.kept_for)
    }
}

/// Pages in the memory of this process.
#[derive(Clone)]
pub(super) struct Memory {
    pages: Cache<String, Kept>,
    /// Held while a page is put in, and alone by who begins a new epoch: no page of the old one is put in after that.
    epoch: Arc<RwLock<u64>>,
    lifetime_max: Duration,
    evictions: Arc<AtomicU64>,
}

impl Memory {
    /// A store of `bytes_max` bytes of pages that are good for `lifetime_max` at most.
    pub fn new(bytes_max: u64, lifetime_max: Duration) -> Self {
        let weigh = |key: &String, page: &Kept| u32::try_from(key.len() + page.packed.len()).unwrap_or(u32::MAX);
        let evictions = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&evictions);
        let count = move |_key, _page, cause| {
            if cause == RemovalCause::Size {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        };
        let pages = Cache::builder().max_capacity(bytes_max).weigher(weigh).expire_after(Ends).eviction_listener(count).build();
        Self { pages, epoch: Arc::default(), lifetime_max, evictions }
    }

    /// Pages that had to go for others, since the start.
    pub fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }
}

impl PageStore for Memory {
    type Gone = Infallible;

    fn lifetime_max(&self) -> Duration {
        self.lifetime_max
    }

    async fn look(&self, key: &PageKey) -> Result<Look, Infallible> {
        // Before the page: one that is put in later belongs to this epoch or a newer one.
        let epoch = *self.epoch.read().await;
        let entry = self.pages.get(key.as_str()).await.and_then(|page| unpack(&page.packed, key.whole()));
        Ok(Look { epoch, entry })
    }

    async fn claim(&self, key: &PageKey, epoch: u64) -> Result<Claim, Infallible> {
        let look = self.look(key).await?;
        // There is no other process.
        Ok(Claim { granted: look.epoch == epoch, look })
    }

    async fn keep(&self, key: &PageKey, entry: &Entry, epoch: u64) -> Result<bool, Infallible> {
        let Some(packed) = pack(entry, epoch, key.whole()) else { return Ok(false) };
        let now = self.epoch.read().await;
        if *now != epoch {
            return Ok(false);
        }
        self.pages.insert(key.as_str().to_owned(), Kept { packed, kept_for: entry.kept_for() }).await;
        Ok(true)
    }

    async fn give_up(&self, _key: &PageKey, _epoch: u64) -> Result<(), Infallible> {
        Ok(())
    }

    async fn delete(&self, scope: &Scope) -> Result<u64, Infallible> {
        let epoch = {
            let mut epoch = self.epoch.write().await;
            *epoch += 1;
            *epoch
        };
        let prefixes = scope.prefixes();
        let mut cleared = 0;
        for (key, _) in &self.pages {
            if !prefixes.iter().any(|prefix| key.starts_with(prefix)) {
                continue;
            }
            // A page that was made since is no older than the change.
            let is_old = |page: &Kept| epoch_of(&page.packed).is_none_or(|made_in| made_in < epoch);
            let gone = self.pages.entry_by_ref(key.as_str()).and_compute_with(|page| {
                let is_old = page.is_some_and(|page| is_old(page.value()));
                std::future::ready(if is_old { Op::Remove } else { Op::Nop })
            });
            cleared += u64::from(matches!(gone.await, CompResult::Removed(_)));
        }
        Ok(cleared)
    }

    async fn counts(&self) -> Result<Counts, Infallible> {
        let mut counts = Counts::default();
        for (key, _) in &self.pages {
            let count = match &*key {
                key if key.starts_with(DISCOVER) => &mut counts.discover,
                key if key.starts_with(COMMUNITY) => &mut counts.community,
                _ => &mut counts.other,
            };
            *count += 1;
        }
        Ok(counts)
    }

    async fn usage(&self) -> Result<Usage, Infallible> {
        // Weights are counted when moka gets round to it.
        self.pages.run_pending_tasks().await;
        Ok(Usage { bytes: self.pages.weighted_size(), bytes_max: self.pages.policy().max_capacity() })
    }
}
