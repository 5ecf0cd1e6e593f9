//! Pages in JSON, without the field `cached`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::item::{Item, Known};
use super::listing::Entry;
use super::query::{Algorithm, PageQuery};
use super::sessions::{self, Part, random_token};
use super::{Feeds, rank, walk};
use crate::server::catalogue::Videos;
use crate::server::facts::Facts;
use crate::server::pages::CachedPage;
use crate::server::refusal::Refusal;
use crate::server::service::Service;

/// Where watchers are told what is new.
const EVENTS: &str = "/ws";
/// Where one item is told with an address that is good for a while.
const ITEM: &str = "/feed/videos/{id}";
/// Where a client that starts hears what is warm.
const HYDRATE: &str = "/feed/hydrate";
/// Where clients tell what viewers do.
const INTERACTIONS: &str = "/feed/interactions";

/// A page that is walked to by cursors.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WalkPage {
    videos: Vec<Item>,
    next_cursor: Option<String>,
    has_more: bool,
    feed_id: String,
    feed_session_id: String,
    #[serde(flatten)]
    places: Option<Places>,
}

/// A page that is asked for by number.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NumberedPage {
    videos: Vec<Item>,
    page: usize,
    per_page: usize,
    total: usize,
    has_more: bool,
    #[serde(flatten)]
    places: Places,
}

/// Where else the service can be asked.
#[derive(Debug, Serialize)]
struct Places {
    events: &'static str,
    interactions: &'static str,
    item: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hydrate: Option<&'static str>,
}

impl Places {
    /// What the worker has warmed stands in the Redis that replicas share; without one there is nothing to be asked for.
    fn of(facts: &Facts) -> Self {
        Self { events: EVENTS, interactions: INTERACTIONS, item: ITEM, hydrate: facts.is_shared().then_some(HYDRATE) }
    }
}

/// A part of a walk as a page.
pub async fn walked(service: &Service, part: Part) -> Result<Bytes, Refusal> {
    let found = part.entries.iter().map(|entry| (entry.clone(), None)).collect();
    let videos = items(found, Some(service)).await?;
    written(&walk_page(part, videos, Some(Places::of(&service.facts))))
}

/// The page `number` of `found`, which are all that a feed holds, with how far away each is. `found` is in order.
pub async fn numbered(service: &Service, found: &[(Entry, Option<f64>)], number: usize, per_page: usize) -> Result<Bytes, Refusal> {
    let end = number.saturating_mul(per_page);
    let shown = found.get(end - per_page..end.min(found.len())).unwrap_or_default();
    let videos = items(shown.to_vec(), Some(service)).await?;
    written(&NumberedPage {
        videos,
        page: number,
        per_page,
        total: found.len(),
        has_more: end < found.len(),
        places: Places::of(&service.facts),
    })
}

/// The first `limit` of what is live: `found`.
pub async fn live(service: &Service, found: &[Entry], limit: usize) -> Result<Bytes, Refusal> {
    let shown = found.iter().take(limit).map(|entry| (entry.clone(), None)).collect();
    written(&json!({ "videos": items(shown, Some(service)).await?, "total": found.len() }))
}

/// One video as it is told in pages: `{"video": …}`.
pub async fn single(service: &Service, entry: &Entry) -> Result<Bytes, Refusal> {
    written(&json!({ "video": items(vec![(entry.clone(), None)], Some(service)).await?.pop() }))
}

/// The videos that are shown among those with the identities `ids`, in their order, for a client that starts.
pub async fn warm(service: &Service, ids: &[String]) -> Result<Bytes, Refusal> {
    let listing = service.feeds.listing(service).await?;
    let found = ids.iter().filter_map(|id| listing.find(id)).map(|entry| (entry.clone(), None)).collect();
    written(&json!({ "videos": items(found, Some(service)).await?, "hasMore": false, "cached": true, "item": ITEM }))
}

/// One video alone.
pub async fn alone(service: &Service, entry: Entry) -> Result<Response, Refusal> {
    let item = items(vec![(entry, None)], Some(service)).await?.pop().ok_or_else(Refusal::not_found)?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(item)).into_response())
}

/// A page of `videos` for a server that knows nothing beside them: nothing is counted, nobody is known.
///
/// # Errors
/// When the query cannot be followed.
pub async fn plain_page(feeds: &Feeds, query: &PageQuery, videos: &Videos) -> Result<CachedPage, Refusal> {
    let (limit, listing) = (query.limit()?, feeds.listing_of(videos));
    let part = if let Some(cursor) = query.cursor() {
        feeds.sessions.part(cursor, limit, &listing).await.ok_or_else(walk::cursor_expired)?
    } else {
        let entries = match query.algorithm()?.unwrap_or_default() {
            Algorithm::Newest | Algorithm::Trending => rank::newest(listing.entries.clone()),
            Algorithm::Personalized | Algorithm::Following => listing.entries.clone(),
        };
        let token = random_token();
        let entries = walk::without(walk::with_tags(entries, &query.tags()), &query.exclude());
        feeds.sessions.begin(&token, "videos", &entries).await;
        Part::first(&token, "videos", &entries, limit)
    };
    let videos = items(part.entries.iter().map(|entry| (entry.clone(), None)).collect(), None).await?;
    Ok(CachedPage { json: written(&walk_page(part, videos, None))?, cached: false })
}

fn walk_page(part: Part, videos: Vec<Item>, places: Option<Places>) -> WalkPage {
    let Part { feed, session, next, .. } = part;
    WalkPage { videos, has_more: next.is_some(), next_cursor: next, feed_id: feed, feed_session_id: session, places }
}

impl Part {
    /// The first part of a walk that begins.
    pub fn first(token: &str, feed: &str, entries: &[Entry], limit: usize) -> Self {
        let total = entries.len().min(sessions::VIDEOS_MAX);
        Self {
            feed: feed.to_owned(),
            session: token.to_owned(),
            entries: entries[..total.min(limit)].to_vec(),
            next: (limit < total).then(|| sessions::cursor_at(token, limit)),
        }
    }
}

/// The items of a page, with what a service knows of them.
async fn items(found: Vec<(Entry, Option<f64>)>, service: Option<&Service>) -> Result<Vec<Item>, Refusal> {
    let (tallies, streams) = match service {
        Some(Service { facts, .. }) => {
            let ids: Vec<&str> = found.iter().map(|(entry, _)| entry.id()).collect();
            let has_streams = found.iter().any(|(entry, _)| entry.stream().is_some());
            (facts.tallies(&ids).await, if has_streams { facts.streams().await } else { HashMap::new() })
        }
        None => (Vec::new(), HashMap::new()),
    };
    let mut tallies = tallies.into_iter();
    let told: Vec<_> = found
        .into_iter()
        .map(|(entry, distance_km)| {
            let status = entry.stream().and_then(|stream| streams.get(stream).copied());
            let viewers = service.zip(entry.stream()).map_or(0, |(service, stream)| service.hub.viewers(stream));
            (Arc::clone(&entry.video), Known { tally: tallies.next().unwrap_or_default(), status, viewers, distance_km })
        })
        .collect();
    // Headers are read for what is on the page alone.
    let items = tokio::task::spawn_blocking(move || told.iter().map(|(video, known)| Item::new(video, known)).collect());
    items.await.map_err(|_| Refusal::broken_page())
}

fn written(page: &impl Serialize) -> Result<Bytes, Refusal> {
    serde_json::to_vec(page).map(Bytes::from).map_err(|err| {
        tracing::error!(%err, "a page can’t be written");
        Refusal::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "page_unwritable", "the page can’t be written")
    })
}
