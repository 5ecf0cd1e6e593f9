//! The addresses of events: where one connects, and where streams begin and end.

use std::sync::Arc;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::Change;
use super::bounds::FRAME_BYTES_MAX;
use super::connection::Rights;
use super::socket;
use crate::server::pages::Scope;
use crate::server::refusal::Refusal;
use crate::server::service::Service;
use crate::server::status::StreamStatus;

/// GET /ws: the events, by WebSocket. Whoever only watches needs no token.
pub(in crate::server) async fn upgrade(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    // A web page of anybody may open a WebSocket anywhere: it says where it comes from.
    if headers.get(ORIGIN).is_some_and(|origin| !is_own(origin, &headers) && !service.config.cors.contains(origin)) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "foreign_origin", "web pages of this origin may not listen here"));
    }
    let upgrade =
        upgrade.map_err(|_| Refusal::new(StatusCode::UPGRADE_REQUIRED, "not_a_websocket", "this address is for WebSockets alone"))?;
    let Some(place) = service.hub.shared.watchers.place() else {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_connections", "too many are connected at the moment"));
    };
    let rights = Rights::of(&service.tokens, &headers);
    let upgrade = upgrade.max_message_size(FRAME_BYTES_MAX).max_frame_size(FRAME_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| socket::serve(service, socket, rights, place)))
}

/// Whether a web page comes from the host that it asks.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let host_of = |origin: &HeaderValue| Some(origin.to_str().ok()?.split_once("://")?.1.to_owned());
    host_of(origin).is_some_and(|origin| headers.get(HOST).is_some_and(|host| host.as_bytes() == origin.as_bytes()))
}

/// POST /streams/{id}/go-live.
pub(in crate::server) async fn go_live(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    turn(service, id, &headers, StreamStatus::Live).await
}

/// POST /streams/{id}/end.
pub(in crate::server) async fn end(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    turn(service, id, &headers, StreamStatus::Ended).await
}

/// A stream that is so already stays so: who asks again after an answer was lost is told the same, and nobody else is. What
/// was begun is finished, whether or not somebody waits for the answer.
async fn turn(service: Arc<Service>, id: String, headers: &HeaderMap, status: StreamStatus) -> Result<Json<Value>, Refusal> {
    if !service.tokens.is_service(headers) {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", "this needs the token of the service"));
    }
    let turned = tokio::spawn(async move {
        let old = service.set_status(&id, status).await?;
        let old = old.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "unknown_stream", "there is no such stream"))?;
        let cleared = if old == status {
            // Whoever asked first may not have come to the end of it.
            service.pages.invalidate(&Scope::All).await
        } else {
            service.hub.changed(&changed(&id, status)).await
        };
        Ok(Json(json!({
            "stream_id": id, "old_status": old, "new_status": status, "changed": old != status, "cache_keys_cleared": cleared,
        })))
    });
    turned.await.unwrap_or_else(|_| Err(Refusal::broken_page()))
}

/// That a stream is something else now; every feed may show it.
pub(super) fn changed(id: &str, status: StreamStatus) -> Change {
    let new_status = match status {
        StreamStatus::Scheduled => "SCHEDULED",
        StreamStatus::Live => "LIVE",
        StreamStatus::Ended => "ENDED",
    };
    Change { reason: "stream_status_changed", id: id.to_owned(), new_status: new_status.to_owned(), scope: Scope::All }
}
