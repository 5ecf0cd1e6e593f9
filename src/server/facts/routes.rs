//! Where clients tell what viewers did and wish: `/feed/interactions` and `/feed/preferences`.

use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::wishes::{self, Told, Wrong};
use super::{Deed, Kind, Preferences, seconds_of};
use crate::server::refusal::Refusal;
use crate::server::service::Service;

/// The header that says who asks.
const USER_HEADER: &str = "x-user-id";

/// What this room answers.
pub fn routes() -> Router<Arc<Service>> {
    Router::new().route("/feed/interactions", post(interaction)).route("/feed/preferences", get(preferences).put(prefer))
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_field", wrong.to_string()).about(wrong.field)
    }
}

/// Who asks: the header `X-User-Id`, else `userId` in the query.
///
/// # Errors
/// When nobody may be called so.
pub fn user_of(headers: &HeaderMap, uri: &Uri) -> Result<Option<String>, Refusal> {
    let told = || {
        let mut query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        query.find(|(name, _)| name == "userId").map(|(_, name)| name.into_owned())
    };
    let user = header_user(headers)?.or_else(told);
    if user.as_deref().is_some_and(|name| !wishes::is_user(name)) { Err(bad_user()) } else { Ok(user) }
}

/// Who the header says that asks.
fn header_user(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(name) = headers.get(USER_HEADER) else { return Ok(None) };
    let name = name.to_str().ok().filter(|name| wishes::is_user(name)).ok_or_else(bad_user)?;
    Ok(Some(name.to_owned()))
}

fn bad_user() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad_user", "userId must be a name of 1 to 128 bytes").about("userId")
}

async fn interaction(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Refusal> {
    let told = wishes::interaction(&read(body)?)?;
    // A login before this service writes the header: what a viewer writes does not go before it.
    let user = header_user(&headers)?.or(told.user.clone()).or(user_of(&headers, &uri)?);
    if user.is_none() && told.kind.lasts() {
        return Err(missing_user());
    }
    let Some(video) = service.feeds.find(&service, &told.video).await? else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "unknown_video", "there is no such video").about("videoId"));
    };
    let kind = told.kind;
    // What did not come was not seen either.
    let counted = if kind == Kind::Skip && told.is_idle {
        false
    } else {
        let (video, maker, tags) = (video.id().to_owned(), video.maker.clone(), video.tags.clone());
        let Told { undo, completed, is_idle, .. } = told;
        let deed = Deed { user, video, maker, tags, kind, undo, completed, is_idle, at_s: seconds_of(SystemTime::now()) };
        service.facts.record(deed).await
    };
    Ok(Json(json!({ "videoId": video.id(), "interaction": kind, "counted": counted })))
}

async fn prefer(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Preferences>, Refusal> {
    let json = read(body)?;
    let user = match (header_user(&headers)?, json.get("userId").filter(|value| !value.is_null())) {
        (Some(user), _) => user,
        (None, Some(name)) => wishes::user(name).ok_or_else(missing_user)?,
        (None, None) => user_of(&headers, &uri)?.ok_or_else(missing_user)?,
    };
    let wishes = wishes::preferences(&json)?;
    service.facts.wish(&user, wishes.clone()).await;
    Ok(Json(wishes))
}

async fn preferences(State(service): State<Arc<Service>>, headers: HeaderMap, uri: Uri) -> Result<Json<Preferences>, Refusal> {
    let user = user_of(&headers, &uri)?.ok_or_else(missing_user)?;
    Ok(Json(service.facts.person(&user).await.preferences))
}

fn missing_user() -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "missing_user", "userId must be a name of 1 to 128 bytes").about("userId")
}

/// The object in a body, whatever type the body says it has.
fn read(body: Result<Bytes, BytesRejection>) -> Result<Map<String, Value>, Refusal> {
    let body = body.map_err(|err| match err.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "a body has 64 KiB at most"),
        status => Refusal::new(status, "bad_body", "the body is not readable"),
    })?;
    let json: Result<Map<String, Value>, _> = serde_json::from_slice(&body);
    json.map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "bad_json", "the body must be a JSON object"))
}
