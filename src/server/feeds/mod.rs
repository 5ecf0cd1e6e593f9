//! Feeds: which videos they hold, in what order, and the pages they are told in.
//!
//! | feed | who orders it |
//! |---|---|
//! | `/feed/videos`, `/feed/trending` | an algorithm (`rank`), once, when a walk begins; cursors go on with it (`sessions`) |
//! | `/feed/discover`, `/feed/community` | the query; pages are asked for by number |
//! | `/streams`, `/streams/{id}` | what is live, and one stream |
//!
//! What comes in one order for everybody is one walk, whose token is made of that order: its pages are kept in the page
//! cache under that token, and another order is another page, with nothing to let go.

mod answer;
mod community;
mod discover;
mod item;
mod listing;
mod page;
mod query;
mod rank;
mod routes;
mod sessions;
mod single;
mod streams;
mod walk;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;

pub(super) use answer::answer;
pub(super) use item::title_of;
pub(super) use page::{plain_page, warm};
pub(super) use routes::routes;

use super::catalogue::Videos;
use super::redis::Redis;
use super::refusal::Refusal;
use super::service::Service;
use super::status::StreamStatus;
use listing::{Entry, Listing};
use sessions::Sessions;
use walk::Standing;

/// The feeds of a service.
pub(super) struct Feeds {
    sessions: Sessions,
    standing: Standing,
    listing: Mutex<Option<Arc<Listing>>>,
}

impl Feeds {
    /// Cursors are good for `cursor_lifetime`, at every replica that has the same `redis`.
    pub fn new(cursor_lifetime: Duration, redis: Option<Arc<Redis>>) -> Self {
        Self { sessions: Sessions::new(cursor_lifetime, redis), standing: Standing::default(), listing: Mutex::default() }
    }

    /// The video with the identity `id`, if it is shown.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub async fn find(&self, service: &Service, id: &str) -> Result<Option<Entry>, Refusal> {
        Ok(self.listing(service).await?.find(id).cloned())
    }

    /// The videos that are shown, by their identities.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub async fn shown(&self, service: &Service) -> Result<BTreeSet<String>, Refusal> {
        Ok(self.listing(service).await?.entries.iter().map(|entry| entry.id().to_owned()).collect())
    }

    /// What the stream that events call `id` is told to be beside its video, if there is such a stream.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub async fn stream(&self, service: &Service, id: &str) -> Result<Option<StreamStatus>, Refusal> {
        Ok(self.listing(service).await?.stream(id))
    }

    /// The videos as they are now, or were a moment ago.
    async fn listing(&self, service: &Service) -> Result<Arc<Listing>, Refusal> {
        let videos = service.catalogue.videos().await.map_err(|err| {
            tracing::error!(%err, "the folder of videos can’t be read");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "library_unreadable", "the videos can’t be read at the moment")
        })?;
        Ok(self.listing_of(&videos))
    }

    fn listing_of(&self, videos: &Videos) -> Arc<Listing> {
        // A panic elsewhere leaves the old listing or the new one.
        let mut known = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(listing) if listing.is_of(videos) => Arc::clone(listing),
            _ => Arc::clone(known.insert(Arc::new(Listing::new(videos)))),
        }
    }
}
