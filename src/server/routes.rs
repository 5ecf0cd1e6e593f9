//! Which address is answered by what, and errors as JSON.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::feed::{Feeds, Page, PageError, PageQuery};
use super::library::Library;
use super::{ServerConfig, flags, media};

struct Shared {
    root: PathBuf,
    library: Library,
    feeds: Feeds,
    flags: Option<PathBuf>,
}

/// An answer that says no, and why: `{"error": …, "code": …}`.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    error: String,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, code, error: error.into() }
    }

    /// Nothing is at the address.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address")
    }

    /// What was sent is no reading.
    pub fn bad_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "bad_method", "this address can only be read")
    }

    /// The words behind the `?` cannot be followed.
    pub fn bad_query() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_query", "the query is not readable")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.error, "code": self.code}))).into_response()
    }
}

impl From<PageError> for Refusal {
    fn from(err: PageError) -> Self {
        let (status, code) = match err {
            PageError::Limit => (StatusCode::BAD_REQUEST, "bad_limit"),
            PageError::Algorithm => (StatusCode::BAD_REQUEST, "bad_algorithm"),
            PageError::CursorExpired => (StatusCode::GONE, "cursor_expired"),
        };
        Self::new(status, code, err.to_string())
    }
}

/// All routes of the server.
pub(super) fn router(config: &ServerConfig) -> Router {
    let shared = Shared {
        root: config.root.clone(),
        library: Library::new(config.root.clone(), config.listing_lifetime),
        feeds: Feeds::new(config.cursor_lifetime),
        flags: config.flags.clone(),
    };
    Router::new()
        .route("/feed/videos", get(videos))
        .route("/feed/trending", get(trending))
        .route("/feed/flags", get(feature_flags))
        .route("/media/{*path}", get(serve_media))
        .route("/health", get(health))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::bad_method())
        .with_state(Arc::new(shared))
}

type Asked = Result<Query<PageQuery>, QueryRejection>;

async fn videos(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Json<Page>, Refusal> {
    page(&shared, query, false).await
}

async fn trending(State(shared): State<Arc<Shared>>, query: Asked) -> Result<Json<Page>, Refusal> {
    page(&shared, query, true).await
}

async fn page(shared: &Shared, query: Asked, trending: bool) -> Result<Json<Page>, Refusal> {
    let Query(query) = query.map_err(|_| Refusal::bad_query())?;
    let videos = async || {
        shared.library.videos().await.map_err(|err| {
            tracing::error!(%err, "the folder of videos can’t be read");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "library_unreadable", "the videos can’t be read at the moment")
        })
    };
    shared.feeds.page(&query, trending, SystemTime::now(), videos).await.map(Json)
}

async fn serve_media(
    State(shared): State<Arc<Shared>>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let opened = tokio::task::spawn_blocking(move || media::open(&shared.root, &path)).await;
    let opened = opened.ok().flatten().ok_or_else(Refusal::not_found)?;
    Ok(media::answer(opened, &method, &headers))
}

async fn feature_flags(State(shared): State<Arc<Shared>>) -> Result<Json<serde_json::Value>, Refusal> {
    let path = shared.flags.clone().ok_or_else(Refusal::not_found)?;
    let read = tokio::task::spawn_blocking(move || flags::read(&path)).await;
    read.unwrap_or_else(|err| Err(err.to_string())).map(Json).map_err(|why| {
        tracing::error!(why, "the file of flags can’t be served");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "flags_unreadable", "the flags can’t be read at the moment")
    })
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}
