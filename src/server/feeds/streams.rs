//! What is live now, and one stream: what somebody asks again and again who waits for it to begin.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::answer::answer;
use super::query::{self, PageQuery};
use super::{page, rank};
use crate::server::pages::{PageKey, make};
use crate::server::refusal::Refusal;
use crate::server::service::Service;
use crate::server::status::StreamStatus;

/// `GET /streams?limit`: what is live, the newest first, `{videos, total, cached}`; kept for a minute.
pub async fn live(State(service): State<Arc<Service>>, uri: Uri) -> Result<Response, Refusal> {
    let limit = query::read::<PageQuery>(&uri)?.limit()?;
    let (key, pages) = (PageKey::live_list(limit), Arc::clone(&service.pages));
    let maker = make(move || {
        let service = Arc::clone(&service);
        async move {
            let (listing, streams) = (service.feeds.listing(&service).await?, service.facts.streams().await);
            let is_live = |entry: &&super::Entry| entry.status(&streams) == Some(StreamStatus::Live);
            let found = rank::newest(listing.entries.iter().filter(is_live).cloned().collect());
            page::live(&service, &found, limit).await
        }
    });
    Ok(answer(&pages.page(&key, maker).await?))
}

/// `GET /streams/{id}`: one stream, `{video, cached}`; kept for ten minutes, unless it changes.
pub async fn stream(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let (key, pages) = (PageKey::stream(&id), Arc::clone(&service.pages));
    let maker = make(move || {
        let (service, id) = (Arc::clone(&service), id.clone());
        async move {
            let listing = service.feeds.listing(&service).await?;
            let found = listing.entries.iter().find(|entry| entry.stream() == Some(&id));
            page::single(&service, found.ok_or_else(Refusal::not_found)?).await
        }
    });
    Ok(answer(&pages.page(&key, maker).await?))
}
