//! Pages that were made once are not made again for everybody: kept for some minutes, let go when a feed has changed.
//!
//! On one machine they are in memory. With a Redis they are there and nowhere else, so that all replicas let a page go in the
//! same moment; while it is gone they are in memory for seconds, since nobody tells then what other replicas have changed.

mod codec;
mod entry;
mod flights;
mod key;
mod making;
mod memory;
mod python;
mod shared;
mod stats;
mod store;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use moka::future::Cache;
use prometheus_client::registry::Registry;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::{interval, sleep};

use super::redis::Redis;
use super::refusal::Refusal;
use entry::{Millis, State};
use flights::{Flight, Flights, Landing};
use making::{Order, run};
use memory::Memory;
use shared::Shared;
use stats::{Answered, Stats};
use store::{Look, PageStore};

pub(super) use key::{PageKey, Scope};
pub(super) use making::{Make, make};
pub(super) use stats::PageStats;
pub(super) use store::Counts;

/// Bytes of pages kept in memory at most.
const MEMORY_MAX: u64 = 64 << 20;
/// How long a page is good for while changes at other replicas are not heard of.
const ALONE_MAX: Duration = Duration::from_secs(3);
/// A Redis that refuses pages is tried again this often.
const TRY_AGAIN: Duration = Duration::from_millis(500);
/// How often it is measured how much is kept.
const MEASURE: Duration = Duration::from_secs(10);
/// A reader who finds a new epoch this often has its page made for itself alone.
const MOVES_MAX: usize = 4;
/// Pages made ahead at the same time, at most.
const AHEAD_MAX: usize = 4;
/// A page that was made ahead, or found, is not looked at again for this long.
const AHEAD_AGAIN: Duration = Duration::from_secs(5);
/// How many pages are kept is found out anew after this time.
const COUNTS_FOR: Duration = Duration::from_secs(1);
/// Keys of such pages that are remembered at most.
const AHEAD_KEYS_MAX: u64 = 10_000;

/// Tells the time; tests have their own.
type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// A page as it is handed out: JSON without the field `cached`, and whether it was there before it was asked for.
#[derive(Clone, Debug)]
pub(super) struct CachedPage {
    pub json: Bytes,
    pub cached: bool,
}

/// The pages that are kept.
pub(super) struct PageCache {
    core: Arc<Core>,
    /// How many pages were kept, and when that was found out.
    counted: Mutex<Option<(Instant, Counts)>>,
    keeper: AbortHandle,
}

struct Core {
    memory: Memory,
    shared: Option<Shared>,
    link: watch::Sender<Link>,
    flights: Flights,
    stats: Arc<Stats>,
    clock: Clock,
    /// Keys that were made ahead a moment ago.
    ahead: Cache<PageKey, ()>,
    ahead_places: Arc<Semaphore>,
    is_pressed: AtomicBool,
}

/// How it stands with the store that replicas share.
#[derive(Clone, Copy, Debug, Default)]
struct Link {
    /// It cannot be asked.
    is_alone: bool,
    /// How often it could not be asked. Whoever mends the link must not miss that it broke meanwhile.
    failures: u64,
}

impl PageCache {
    /// Pages in `redis`, or in memory alone. Must be called within a runtime.
    pub fn start(redis: Option<Arc<Redis>>) -> Arc<Self> {
        Self::with(redis, MEMORY_MAX, Arc::new(SystemTime::now))
    }

    fn with(redis: Option<Arc<Redis>>, memory_max: u64, clock: Clock) -> Arc<Self> {
        let lifetime_max = if redis.is_some() { ALONE_MAX } else { Duration::MAX };
        let core = Arc::new(Core {
            memory: Memory::new(memory_max, lifetime_max),
            shared: redis.clone().map(Shared::new),
            link: watch::Sender::new(Link::default()),
            flights: Flights::default(),
            stats: Arc::new(Stats::new()),
            clock,
            ahead: Cache::builder().max_capacity(AHEAD_KEYS_MAX).time_to_live(AHEAD_AGAIN).build(),
            ahead_places: Arc::new(Semaphore::new(AHEAD_MAX)),
            is_pressed: AtomicBool::new(false),
        });
        let keeper = tokio::spawn(keep(Arc::clone(&core), redis)).abort_handle();
        Arc::new(Self { core, counted: Mutex::default(), keeper })
    }

    /// The page at `key`. Where it is not kept, `make` makes it, once for all who ask meanwhile, at all replicas. What `make`
    /// reads must have changed before the change is told to [`invalidate`](Self::invalidate).
    ///
    /// # Errors
    /// What `make` says, told to all who waited for it.
    pub async fn page(&self, key: &PageKey, make: Make) -> Result<CachedPage, Refusal> {
        let start = Instant::now();
        let (page, how) = self.core.page(key, &make).await?;
        self.core.stats.answered(key.kind(), how, start.elapsed());
        Ok(page)
    }

    /// Makes the page at `key` beside everything else, if it is not kept: somebody will probably ask for it. Does nothing when
    /// there is much to do or little room already.
    pub fn prefetch(&self, key: &PageKey, make: Make) {
        let core = Arc::clone(&self.core);
        if core.is_pressed.load(Ordering::Relaxed) || core.ahead.contains_key(key) {
            return;
        }
        let Ok(place) = Arc::clone(&core.ahead_places).try_acquire_owned() else { return };
        let key = key.clone();
        tokio::spawn(async move {
            core.ahead.insert(key.clone(), ()).await;
            if let Err(refusal) = core.page(&key, &make).await {
                tracing::debug!(?refusal, "a page could not be made ahead");
            }
            drop(place);
        });
    }

    /// Lets pages go; how many there were. When it returns, no replica hands one of them out, nor one whose making began
    /// before: none that can reach Redis, if there is one.
    pub async fn invalidate(&self, scope: &Scope) -> u64 {
        self.core.invalidate(scope).await
    }

    /// How many pages are kept, or were a moment ago: everybody may ask, and with Redis it is a search through all of it.
    pub async fn counts(&self) -> Counts {
        let mut known = self.counted.lock().await;
        if let Some((at, counts)) = *known
            && at.elapsed() < COUNTS_FOR
        {
            return counts;
        }
        let counts = self.count().await;
        *known = Some((Instant::now(), counts));
        counts
    }

    async fn count(&self) -> Counts {
        let core = &self.core;
        if let Some(shared) = core.shared() {
            match shared.counts().await {
                Ok(counts) => return counts,
                Err(_) => core.part(),
            }
        }
        let Ok(counts) = core.memory.counts().await;
        counts
    }

    /// What was counted since the start.
    pub fn stats(&self) -> PageStats {
        self.core.stats.snapshot()
    }

    /// Tells `registry` what is counted: `cache_hits_total`, `cache_misses_total`, `cache_response_seconds` and more, by feed.
    pub fn register(&self, registry: &mut Registry) {
        self.core.stats.register(registry);
    }
}

impl Drop for PageCache {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Core {
    async fn page(self: &Arc<Self>, key: &PageKey, make: &Make) -> Result<(CachedPage, Answered), Refusal> {
        for _ in 0..MOVES_MAX {
            let (look, is_shared) = self.look(key).await;
            let state = look.entry.as_ref().map(|entry| entry.state(now(&self.clock)));
            if let (Some(State::Fresh), Some(entry)) = (state, &look.entry) {
                return Ok((CachedPage { json: entry.json.clone(), cached: true }, Answered::Hit));
            }
            let flight = Flight { key: key.clone(), epoch: look.epoch, shared: is_shared };
            let (waiting, is_first) = self.flights.join(flight, || self.fill(key, look.epoch, make, is_shared));
            if let (Some(State::Stale), Some(entry), true) = (state, look.entry, is_first) {
                return Ok((CachedPage { json: entry.json, cached: true }, Answered::StaleHit));
            }
            match waiting.landing().await {
                Landing::Page { json, cached } => {
                    let how = match (cached, is_first) {
                        (true, _) => Answered::Hit,
                        (false, true) => Answered::Miss,
                        (false, false) => Answered::Coalesced,
                    };
                    return Ok((CachedPage { json, cached }, how));
                }
                Landing::Failed(refusal) => return Err(refusal),
                Landing::Moved => {}
                Landing::Gone => self.part(),
            }
        }
        // The feed changes faster than it can be looked up.
        self.stats.asked_origin(key.kind());
        run(make).await.map(|json| (CachedPage { json, cached: false }, Answered::Miss))
    }

    /// What is kept at `key`, and whether that is what replicas share.
    async fn look(&self, key: &PageKey) -> (Look, bool) {
        if let Some(shared) = self.shared() {
            match shared.look(key).await {
                Ok(look) => return (look, true),
                Err(_) => self.part(),
            }
        }
        let Ok(look) = self.memory.look(key).await;
        (look, false)
    }

    fn fill(&self, key: &PageKey, epoch: u64, make: &Make, is_shared: bool) -> impl Future<Output = Landing> + Send + 'static {
        let order =
            Order { key: key.clone(), epoch, make: Arc::clone(make), clock: Arc::clone(&self.clock), stats: Arc::clone(&self.stats) };
        let (shared, memory) = (self.shared.clone().filter(|_| is_shared), self.memory.clone());
        async move {
            match shared {
                Some(shared) => order.fill(shared).await,
                None => order.fill(memory).await,
            }
        }
    }

    async fn invalidate(&self, scope: &Scope) -> u64 {
        self.ahead.invalidate_all();
        let Ok(here) = self.memory.delete(scope).await;
        let Some(shared) = &self.shared else { return here };
        // Tried while alone, too: who mends the link right now may have emptied it just before this change.
        if let Ok(there) = shared.delete(scope).await {
            return here + there;
        }
        self.part();
        here
    }

    /// The store that replicas share, while it can be asked.
    fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref().filter(|_| !self.link.borrow().is_alone)
    }

    /// The store that replicas share cannot be asked.
    fn part(&self) {
        self.link.send_modify(|link| *link = Link { is_alone: true, failures: link.failures + 1 });
    }

    /// Takes pages from the shared store again. It is emptied first: it may have missed a change of ours. Whether it can be asked.
    async fn rejoin(&self, shared: &Shared) -> bool {
        let before = self.link.borrow().failures;
        if shared.delete(&Scope::All).await.is_err() {
            return false;
        }
        let mended = self.link.send_if_modified(|link| {
            link.is_alone = link.failures != before;
            !link.is_alone
        });
        if mended {
            // What was made meanwhile is not for the next time.
            let Ok(_) = self.memory.delete(&Scope::All).await;
        }
        mended
    }

    async fn measure(&self) {
        let Ok(mut usage) = self.memory.usage().await;
        if let Some(shared) = self.shared()
            && let Ok(shared) = shared.usage().await
        {
            usage = shared;
        }
        self.is_pressed.store(usage.is_pressed(), Ordering::Relaxed);
        let slow = self.shared.as_ref().map_or(0, Shared::slow);
        self.stats.measured(self.memory.evictions(), slow, usage);
    }
}

/// Measures from time to time, and mends the link to the store that replicas share.
async fn keep(core: Arc<Core>, redis: Option<Arc<Redis>>) {
    let measure = async {
        let mut ticks = interval(MEASURE);
        loop {
            ticks.tick().await;
            core.measure().await;
        }
    };
    let mend = async {
        if let (Some(shared), Some(redis)) = (&core.shared, redis) {
            mend(&core, shared, &redis).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::join!(measure, mend);
}

async fn mend(core: &Core, shared: &Shared, redis: &Redis) {
    let (mut presence, mut link) = (redis.presence(), core.link.subscribe());
    loop {
        tokio::select! {
            // Nobody may have asked for a page since it went.
            gone = presence.wait_for(|is_there| !is_there) => match gone {
                Ok(_) => core.part(),
                Err(_) => return,
            },
            broken = link.wait_for(|link| link.is_alone) => if broken.is_err() {
                return;
            },
        }
        loop {
            if presence.wait_for(|is_there| *is_there).await.is_err() {
                return;
            }
            if core.rejoin(shared).await {
                break;
            }
            sleep(TRY_AGAIN).await;
        }
    }
}

fn now(clock: &Clock) -> Millis {
    let since_1970 = clock().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

/// A number that nobody can tell beforehand.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
