//! What the feeds' watchers are told while they watch, and what a change sets off.
//!
//! A change lets the pages go that it makes old, then tells everybody who is connected here, then the other replicas:
//! who hears of it gets fresh pages.

mod bounds;
mod connection;
mod counts;
mod message;
mod relay;
mod routes;
mod socket;
mod streams;
mod tally;
mod watchers;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::pages::{PageCache, Scope};
use super::redis::Redis;
use counts::Counts;
use message::{FEED_ROOMS, room_of};
use relay::News;
use tally::Doing;
use watchers::Watchers;

pub(super) use routes::{end, go_live, upgrade};

/// Connections at one time.
const CONNECTIONS_MAX: usize = 10_000;
/// A connection is asked for a sign of life this often…
const PING_EVERY: Duration = Duration::from_secs(30);
/// … and has gone silently when none came for so long.
const SILENT_AFTER: Duration = Duration::from_secs(75);
/// Connections get so long to hear that this server ends, and then Redis to hear who has gone.
const FAREWELL: Duration = Duration::from_secs(2);

/// How connections are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct WatchOptions {
    pub connections_max: usize,
    pub ping_every: Duration,
    pub silent_after: Duration,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { connections_max: CONNECTIONS_MAX, ping_every: PING_EVERY, silent_after: SILENT_AFTER }
    }
}

/// A change that makes pages old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// `stream_status_changed`, `product_updated` or `videos_changed`.
    pub reason: &'static str,
    /// The stream, or the product, if it is one.
    pub id: String,
    /// What it is now: `LIVE`, `ENDED`, `sold` …
    pub new_status: String,
    pub scope: Scope,
}

impl Change {
    /// That other videos are there than before.
    pub fn of_videos() -> Self {
        Self { reason: "videos_changed", id: String::new(), new_status: String::new(), scope: Scope::All }
    }

    /// Who hears of it.
    fn rooms(&self) -> Vec<String> {
        let rooms: &[&str] = match self.scope {
            Scope::Discover => &FEED_ROOMS[..1],
            Scope::Community | Scope::Area(_) => &FEED_ROOMS[1..2],
            Scope::All => &FEED_ROOMS,
        };
        let own = (self.reason == "stream_status_changed").then(|| room_of(&self.id));
        rooms.iter().map(|room| (*room).to_owned()).chain(own).collect()
    }
}

/// What all connections and tasks of the hub share.
struct Shared {
    pages: Arc<PageCache>,
    redis: Option<Arc<Redis>>,
    watchers: Arc<Watchers>,
    counts: Counts,
    /// News for other replicas, where there may be some.
    news: Option<mpsc::Sender<News>>,
    /// What this replica calls itself, in this run.
    origin: String,
}

impl Shared {
    /// Hands news over to other replicas, one after the other.
    async fn publish(&self, news: News) {
        if let Some(waiting) = &self.news {
            // Nobody takes it: then this server ends.
            let _ = waiting.send(news).await;
        }
    }
}

/// Everybody who watches, here and at other replicas.
pub(super) struct Hub {
    shared: Arc<Shared>,
    options: WatchOptions,
    tasks: Vec<AbortHandle>,
}

impl Hub {
    /// Must be called within a runtime.
    pub fn new(pages: Arc<PageCache>, redis: Option<Arc<Redis>>, options: WatchOptions) -> Self {
        let (news, waiting) = mpsc::channel(relay::WAITING_MAX);
        let shared = Arc::new(Shared {
            pages,
            watchers: Watchers::new(options.connections_max),
            counts: Counts::default(),
            news: redis.is_some().then_some(news),
            // Two that begin at once are told apart by random numbers of the system.
            origin: format!("{:016x}", RandomState::new().hash_one(SystemTime::now())),
            redis,
        });
        let mut tasks = vec![tokio::spawn(counts::keep(Arc::clone(&shared))).abort_handle()];
        if let Some(redis) = &shared.redis {
            tasks.push(tokio::spawn(relay::hear(Arc::clone(&shared), redis.messages())).abort_handle());
            tasks.push(tokio::spawn(relay::publish(Arc::clone(&shared), Arc::clone(redis), waiting)).abort_handle());
        }
        Self { shared, options, tasks }
    }

    /// Lets the pages go that `change` makes old and tells everybody who watches, at all replicas. How many pages there were.
    pub async fn changed(&self, change: &Change) -> u64 {
        let shared = &self.shared;
        let cleared = shared.pages.invalidate(&change.scope).await;
        let rooms = change.rooms();
        let fields = match change.reason {
            "product_updated" => json!({"reason": change.reason, "product_id": change.id, "action": change.new_status}),
            _ => json!({"reason": change.reason, "stream_id": change.id, "new_status": change.new_status}),
        };
        let event = json!({"event": "feed_refresh_required", "data": fields});
        let numbers = shared.watchers.count(&rooms);
        shared.watchers.tell(&rooms, &event.to_string().into());
        shared.publish(News::Told { rooms, event, numbers }).await;
        shared.watchers.catch_up().await;
        cleared
    }

    /// How many watch a stream, at all replicas, as they were last told.
    pub fn viewers(&self, stream: &str) -> u64 {
        self.shared.counts.told(&(Doing::Viewing, stream.to_owned()))
    }

    /// Says goodbye to everybody who is connected, and to Redis for them. Takes no longer than some seconds.
    pub async fn farewell(&self) {
        self.shared.watchers.end_all();
        if timeout(FAREWELL, self.shared.watchers.gone()).await.is_err() {
            tracing::warn!("not everybody who is connected has heard that this server ends");
        }
        // Late enough for what was told a moment ago.
        let _ = timeout(FAREWELL, counts::count(&self.shared, Instant::now() + FAREWELL)).await;
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// An event as it is sent: `{"event": NAME, "data": {…}}`.
fn event(name: &str, data: &Value) -> Utf8Bytes {
    json!({"event": name, "data": data}).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_the_rooms_of_the_feeds_that_show_it() {
        let change = |reason, scope| Change { reason, id: "s".into(), new_status: "LIVE".into(), scope }.rooms();
        assert_eq!(change("stream_status_changed", Scope::All), ["discover_feed", "community_feed", "videos_feed", "stream:s"]);
        assert_eq!(change("product_updated", Scope::Discover), ["discover_feed"]);
        assert_eq!(change("product_updated", Scope::Area("a".into())), ["community_feed"]);
    }
}
