//! A thousand readers at once, while feeds change and while Redis comes and goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::rig::{Clock, Source, discover};
use crate::server::pages::{PageCache, Scope};
use crate::server::test_redis::{Server, until};

const READERS: usize = 1_000;
const PAGES: usize = 5;

/// What readers see while it goes on.
#[derive(Clone)]
struct Crowd {
    sources: Arc<[Source; PAGES]>,
    /// The state of the sources that everybody must see by now.
    at_least: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    read: Arc<AtomicU64>,
}

impl Crowd {
    fn new() -> Self {
        let sources = Arc::new(std::array::from_fn(|_| Source::new()));
        Self { sources, at_least: Arc::default(), is_over: Arc::default(), read: Arc::default() }
    }

    /// A thousand readers of `caches` who go on until it is over. Each page must be as new as the last change that was told
    /// before it was asked for.
    fn gather(&self, caches: &[Arc<PageCache>]) -> Vec<JoinHandle<()>> {
        let reader = |index: usize| {
            let (crowd, cache, page) = (self.clone(), Arc::clone(&caches[index % caches.len()]), index % PAGES);
            tokio::spawn(async move {
                while !crowd.is_over.load(Ordering::SeqCst) {
                    let at_least = crowd.at_least.load(Ordering::SeqCst);
                    let (seen, _) = crowd.sources[page].read(&cache, &discover(page)).await;
                    assert!(seen >= at_least, "page {page} shows {seen}, {at_least} was told before");
                    crowd.read.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            })
        };
        (0..READERS).map(reader).collect()
    }

    /// Changes all sources and tells `cache`; how long that took.
    async fn change(&self, cache: &PageCache) -> Duration {
        let version = self.sources.each_ref().map(Source::change)[0];
        let start = Instant::now();
        cache.invalidate(&Scope::All).await;
        self.at_least.store(version, Ordering::SeqCst);
        start.elapsed()
    }

    async fn more(&self) {
        let enough = self.read.load(Ordering::SeqCst) + 2 * READERS as u64;
        until("they read on", async || self.read.load(Ordering::SeqCst) > enough).await;
    }

    async fn end(&self, readers: Vec<JoinHandle<()>>) {
        self.is_over.store(true, Ordering::SeqCst);
        for reader in join_all(readers).await {
            reader.unwrap();
        }
    }
}

async fn a_crowd_while_feeds_change(caches: &[Arc<PageCache>]) {
    const CHANGES: u64 = 30;
    let (crowd, start) = (Crowd::new(), Instant::now());
    let readers = crowd.gather(caches);
    let mut took = Vec::new();
    for change in 0..CHANGES {
        crowd.more().await;
        took.push(crowd.change(&caches[usize::try_from(change).unwrap() % caches.len()]).await);
    }
    crowd.more().await;
    crowd.end(readers).await;
    let made = crowd.sources.each_ref().map(Source::made);
    assert!(made.iter().all(|made| *made <= CHANGES + 1), "one query for a page and a change: {made:?}");
    took.sort();
    let (read, last) = (crowd.read.load(Ordering::SeqCst), took.len() - 1);
    let [elapsed, median, longest] = [start.elapsed(), took[last / 2], took[last]];
    println!("{} caches: {read} pages in {elapsed:?}, made {made:?}; a change took {median:?} (median), {longest:?}", caches.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_readers_of_the_memory_see_no_page_from_before_a_change_and_no_page_is_made_twice() {
    a_crowd_while_feeds_change(&[Clock::new().cache(None)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_readers_of_two_replicas_see_no_page_from_before_a_change_and_no_page_is_made_twice() {
    let (server, clock) = (Server::start().await, Clock::new());
    a_crowd_while_feeds_change(&[clock.cache(Some(&server)), clock.cache(Some(&server))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_killed_and_started_again_costs_no_reader_a_page_and_brings_back_no_old_one() {
    let (mut server, clock) = (Server::start().await, Clock::new());
    let caches = [clock.cache(Some(&server)), clock.cache(Some(&server))];
    let [one, other] = &caches;
    // Of the other replica's changes nobody hears while Redis is gone: the crowd is at one, somebody else changes and leaves.
    let crowd = Crowd::new();
    let readers = crowd.gather(std::slice::from_ref(one));
    for _ in 0..3 {
        crowd.more().await;
        crowd.change(one).await;
        server.stop();
        crowd.more().await;
        until("it goes on from memory", async || one.core.link.borrow().is_alone && other.core.link.borrow().is_alone).await;
        crowd.change(one).await;
        crowd.more().await;
        server.restart().await;
        until("both have it again", async || !one.core.link.borrow().is_alone && !other.core.link.borrow().is_alone).await;
        crowd.more().await;
        // From here on the other's changes are seen, too.
        crowd.change(other).await;
        crowd.more().await;
    }
    crowd.end(readers).await;
    let kept: Vec<String> = server.ask(&[b"KEYS", b"feed:discover:*"]).await;
    assert_eq!(kept.len(), PAGES, "they are in Redis: {kept:?}");
}

#[tokio::test]
async fn a_redis_that_was_not_there_at_the_start_is_found_later() {
    let (mut server, clock, source) = (Server::start().await, Clock::new(), Source::new());
    server.stop();
    let cache = clock.cache(Some(&server));
    assert_eq!(source.read(&cache, &discover(1)).await, (0, false));
    assert_eq!(source.read(&cache, &discover(1)).await, (0, true));
    clock.pass(4);
    assert_eq!(source.read(&cache, &discover(1)).await, (0, false), "alone, nothing is kept for long");
    server.restart().await;
    until("it is used", async || {
        source.read(&cache, &discover(1)).await;
        sleep(Duration::from_millis(20)).await;
        server.ask::<u8>(&[b"EXISTS", discover(1).as_str().as_bytes()]).await == 1
    })
    .await;
}
