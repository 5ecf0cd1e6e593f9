//! How a walk begins: everybody's, whose order is the same for all, and one's own.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use moka::future::Cache;
use sha2::{Digest, Sha256};

use super::listing::{Entry, Listing};
use super::query::Algorithm;
use super::rank;
use super::sessions::{VIDEOS_MAX, random_token};
use crate::server::facts::Person;
use crate::server::refusal::Refusal;
use crate::server::service::Service;

/// How long an order is taken for true while the videos are the same: what trends changes at most this often.
const ORDER_FOR: Duration = Duration::from_secs(1);
/// Orders remembered at most: the tags that somebody asks for may be any.
const ORDERS_MAX: u64 = 200;

/// What is asked for when a walk begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The feed of what trends, not that of all videos.
    pub is_trending: bool,
    pub algorithm: Algorithm,
    /// In order.
    pub tags: Vec<String>,
}

impl Wanted {
    /// The name of the feed.
    pub fn feed(&self) -> &'static str {
        if self.is_trending { "trending" } else { "videos" }
    }

    /// Whether for `person` it comes as it comes for everybody.
    pub fn is_everybodys(&self, person: &Person) -> bool {
        let by_person = match self.algorithm {
            _ if self.is_trending => false,
            Algorithm::Personalized => person.has_taste(),
            Algorithm::Following => !person.followed().is_empty(),
            Algorithm::Newest | Algorithm::Trending => false,
        };
        !by_person && person.preferences.blocked_makers.is_empty()
    }

    /// What makes a page of it another one, for a key.
    pub fn text(&self, person: &Person, listing: &Listing) -> String {
        let Self { algorithm, tags, .. } = self;
        format!("{};{};v{};{:016x};tags={}", self.feed(), algorithm.name(), person.version, listing.digest, tags.join(","))
    }

    /// The videos in order, for `person`. `seed` draws among equals.
    async fn order(&self, service: &Service, listing: &Listing, person: &Person, seed: &str) -> Vec<Entry> {
        let entries = rank::unblocked(with_tags(listing.entries.clone(), &self.tags), person);
        let now = SystemTime::now();
        match self.algorithm {
            _ if self.is_trending => rank::trending_only(entries, &*service.facts.trends(now).await, now),
            Algorithm::Trending => rank::trending(entries, &*service.facts.trends(now).await),
            Algorithm::Newest => rank::newest(entries),
            Algorithm::Following => rank::following(entries, person),
            Algorithm::Personalized if person.has_taste() => rank::personalized(entries, person, seed),
            Algorithm::Personalized => entries,
        }
    }
}

/// A walk that begins.
#[derive(Clone, Debug)]
pub struct Begun {
    pub token: String,
    pub entries: Arc<[Entry]>,
}

/// The orders that are everybody's, as they were a moment ago.
pub struct Standing {
    orders: Cache<Wanted, (Arc<Listing>, Begun)>,
}

impl Default for Standing {
    fn default() -> Self {
        Self { orders: Cache::builder().max_capacity(ORDERS_MAX).time_to_live(ORDER_FOR).build() }
    }
}

/// Begins or goes on with everybody's walk. Its token is made of its order, so the same videos in the same order are the
/// same walk, at every replica.
pub async fn everybodys(service: &Service, wanted: &Wanted, listing: &Arc<Listing>) -> Begun {
    let make = async {
        let entries: Arc<[Entry]> = wanted.order(service, listing, &Person::default(), "").await.into();
        let begun = Begun { token: token_of(wanted, &entries), entries };
        service.feeds.sessions.begin(&begun.token, wanted.feed(), &begun.entries).await;
        (Arc::clone(listing), begun)
    };
    let is_old = |(of, _): &(Arc<Listing>, Begun)| !Arc::ptr_eq(of, listing);
    let entry = service.feeds.standing.orders.entry_by_ref(wanted).or_insert_with_if(make, is_old).await;
    entry.into_value().1
}

/// Begins a walk for `person` alone, without the videos `exclude`.
pub async fn own(service: &Service, wanted: &Wanted, listing: &Listing, person: &Person, exclude: &[String]) -> Begun {
    let token = random_token();
    let entries = without(wanted.order(service, listing, person, &token).await, exclude);
    service.feeds.sessions.begin(&token, wanted.feed(), &entries).await;
    Begun { token, entries: entries.into() }
}

/// Those of `entries` that have one of `tags`; all, when there are none.
pub fn with_tags(mut entries: Vec<Entry>, tags: &[String]) -> Vec<Entry> {
    if !tags.is_empty() {
        entries.retain(|entry| entry.tags.iter().any(|tag| tags.contains(tag)));
    }
    entries
}

/// Those of `entries` that are not in `exclude`.
pub fn without(mut entries: Vec<Entry>, exclude: &[String]) -> Vec<Entry> {
    if !exclude.is_empty() {
        entries.retain(|entry| !exclude.iter().any(|id| id == entry.id()));
    }
    entries
}

/// A cursor that has expired, or never was one: who asks cannot tell, and need not.
pub fn cursor_expired() -> Refusal {
    Refusal::new(StatusCode::GONE, "cursor_expired", "this cursor has expired; begin again without one")
}

fn token_of(wanted: &Wanted, entries: &[Entry]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{};{};{}", wanted.feed(), wanted.algorithm.name(), wanted.tags.join(",")));
    for entry in entries.iter().take(VIDEOS_MAX) {
        let modified = entry.video.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        hash.update(entry.id());
        hash.update(entry.video.bytes.to_le_bytes());
        hash.update(modified.as_nanos().to_le_bytes());
    }
    hash.finalize().iter().take(16).fold(String::new(), |token, byte| token + &format!("{byte:02x}"))
}
