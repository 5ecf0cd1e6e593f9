//! Which address is answered by what.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tower_http::cors::CorsLayer;
use tower_http::timeout::TimeoutLayer;

use super::refusal::Refusal;
use super::service::Service;
use super::{events, facts, feeds, figures, flags, limits, media, presign};

/// How long an answer may take to begin.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Bytes of a request's body at most.
const BODY_BYTES_MAX: usize = 64 << 10;
/// How long a browser may take the permission for given.
const CORS_LIFETIME: Duration = Duration::from_hours(1);

/// All routes of the server.
pub(super) fn router(service: Arc<Service>) -> Router {
    // Counted, and in time: what is asked of the feeds. Media take as long as they take.
    let counted = Router::new()
        .merge(feeds::routes())
        .merge(facts::routes())
        .route("/feed/hydrate", get(hydrate))
        .route("/feed/flags", get(feature_flags))
        .route("/streams/{id}/go-live", post(events::go_live))
        .route("/streams/{id}/end", post(events::end))
        .route("/ws", get(events::upgrade))
        .layer(from_fn_with_state(Arc::clone(&service), presign::pages::sign))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(plain_words))
        .layer(from_fn_with_state(Arc::clone(&service), limits::limit));
    let router = Router::new()
        .merge(counted)
        .route("/media/{*path}", get(serve_media))
        .route("/health", get(health))
        .route("/metrics", get(figures::metrics))
        .route("/openapi.json", get(schema))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::bad_method())
        .layer(from_fn_with_state(Arc::clone(&service), figures::observe));
    let router = match &*service.config.cors {
        [] => router,
        origins => router.layer(cors(origins)),
    };
    router.with_state(service)
}

/// Nothing of a feed is kept between here and a client, who would not hear when it is old; and an answer that took too long is
/// an error like any other.
async fn plain_words(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE && !response.headers().contains_key(CONTENT_TYPE) {
        response = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow", "this takes too long at the moment").into_response();
    }
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What web pages of other origins may do: read, and send what a viewer does.
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, RANGE, IF_RANGE, HeaderName::from_static("x-user-id")])
        .expose_headers([CONTENT_RANGE, CONTENT_LENGTH, ACCEPT_RANGES, ETAG, RETRY_AFTER])
        .max_age(CORS_LIFETIME)
}

/// `GET /openapi.json`: what this service answers, as it is checked by its tests.
async fn schema() -> Response {
    ([(CONTENT_TYPE, "application/json")], include_str!("../../resources/schemas/feed-service.openapi.json")).into_response()
}

async fn hydrate(State(service): State<Arc<Service>>) -> Result<Response, Refusal> {
    service.hydration.answer(&service).await
}

async fn serve_media(
    State(service): State<Arc<Service>>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let opened = tokio::task::spawn_blocking(move || service.catalogue.open(&path)).await;
    let opened = opened.ok().flatten().ok_or_else(Refusal::not_found)?;
    Ok(media::answer(opened, &method, &headers))
}

async fn feature_flags(State(service): State<Arc<Service>>) -> Result<Json<serde_json::Value>, Refusal> {
    let path = service.config.flags.clone().ok_or_else(Refusal::not_found)?;
    let read = tokio::task::spawn_blocking(move || flags::read(&path)).await;
    read.unwrap_or_else(|err| Err(err.to_string())).map(Json).map_err(|why| {
        tracing::error!(why, "the file of flags can’t be served");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "flags_unreadable", "the flags can’t be read at the moment")
    })
}

/// `GET /health`: that it serves, and whether what replicas share is there.
async fn health(State(service): State<Arc<Service>>) -> Json<serde_json::Value> {
    let (status, redis) = match service.redis.as_ref().map(|redis| *redis.presence().borrow()) {
        None => ("ok", "none"),
        Some(true) => ("ok", "there"),
        Some(false) => ("degraded", "gone"),
    };
    Json(json!({"status": status, "redis": redis, "version": env!("CARGO_PKG_VERSION")}))
}
