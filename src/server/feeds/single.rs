//! What is told of one video.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::page;
use crate::server::refusal::Refusal;
use crate::server::service::Service;

/// `GET /feed/videos/{id}`: one item, with an address that is good for a while. Asked for when somebody's has expired, so it
/// is not kept.
pub async fn video(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let entry = service.feeds.find(&service, &id).await?.ok_or_else(Refusal::not_found)?;
    page::alone(&service, entry).await
}
