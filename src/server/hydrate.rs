//! `/feed/hydrate`: the items that the worker has warmed, for a client that starts.

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use moka::future::Cache;

use super::feeds;
use super::prefetch::manifest;
use super::refusal::Refusal;
use super::service::Service;

/// Items of an answer, at most.
const ITEMS_MAX: usize = 100;
/// An answer is given again for this long: all clients of a replica that start together cost Redis one search.
const LIFETIME: Duration = Duration::from_secs(2);

/// The answer that all who ask share.
pub(super) struct Hydration {
    answers: Cache<(), Bytes>,
}

impl Hydration {
    pub fn new() -> Self {
        Self { answers: Cache::builder().max_capacity(1).time_to_live(LIFETIME).build() }
    }

    /// `{"videos": […], "cached": true}`, the newest first, as they are now: their state and their addresses may have changed
    /// since they were warmed. Without a Redis, and while it is gone, there are none.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub async fn answer(&self, service: &Service) -> Result<Response, Refusal> {
        let made = async {
            let newest = match &service.redis {
                Some(redis) => manifest::newest(redis, ITEMS_MAX).await.unwrap_or_default(),
                None => Vec::new(),
            };
            let ids: Vec<String> = newest.into_iter().filter_map(|manifest| manifest.id().map(str::to_owned)).collect();
            feeds::warm(service, &ids).await
        };
        let body = self.answers.try_get_with((), made).await.map_err(|refusal| (*refusal).clone())?;
        Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
    }
}
