//! What these tests start: caches whose clock they hold, and a source whose pages they can tell apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::server::pages::{CachedPage, Make, PageCache, PageKey, make};
use crate::server::redis::Redis;
use crate::server::test_redis::Server;

/// A clock that stands until it is moved.
#[derive(Clone)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_800_000_000)))
    }

    pub fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn cache(&self, redis: Option<&Server>) -> Arc<PageCache> {
        self.cache_of(redis, 64 << 20)
    }

    pub fn cache_of(&self, redis: Option<&Server>, memory_max: u64) -> Arc<PageCache> {
        let seconds = Arc::clone(&self.0);
        let redis = redis.map(|server| Redis::start(&server.address()).unwrap());
        PageCache::with(redis, memory_max, Arc::new(move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::SeqCst))))
    }
}

/// Where pages come from: each says which state of the source it shows.
#[derive(Clone)]
pub struct Source {
    version: Arc<AtomicU64>,
    made: Arc<AtomicU64>,
    /// Pages that may be made, one for each permit.
    gate: Arc<Semaphore>,
}

impl Source {
    /// One that makes pages at once.
    pub fn new() -> Self {
        Self { version: Arc::default(), made: Arc::default(), gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)) }
    }

    /// One that makes no page before it is [let](Self::open).
    pub fn closed() -> Self {
        Self { gate: Arc::new(Semaphore::new(0)), ..Self::new() }
    }

    pub fn open(&self, pages: usize) {
        self.gate.add_permits(pages);
    }

    pub fn change(&self) -> u64 {
        self.version.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Pages that were begun.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::SeqCst)
    }

    pub fn maker(&self) -> Make {
        let source = self.clone();
        make(move || {
            let source = source.clone();
            async move {
                source.made.fetch_add(1, Ordering::SeqCst);
                let version = source.version.load(Ordering::SeqCst);
                source.gate.acquire().await.unwrap().forget();
                tokio::task::yield_now().await;
                Ok(Bytes::from(format!("{version}")))
            }
        })
    }

    /// What a reader of `cache` sees: the state of the source, and whether it was kept.
    pub async fn read(&self, cache: &PageCache, key: &PageKey) -> (u64, bool) {
        version(&cache.page(key, self.maker()).await.unwrap())
    }
}

/// Which state of the source `page` shows, and whether it was kept.
pub fn version(page: &CachedPage) -> (u64, bool) {
    (str::from_utf8(&page.json).unwrap().parse().unwrap(), page.cached)
}

pub fn discover(page: usize) -> PageKey {
    PageKey::discover(&json!({"category": null, "sort": "live_first"}), page, 20)
}
