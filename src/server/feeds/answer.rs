//! A page as it is sent: what is kept of it, and whether it was kept.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use bytes::{Bytes, BytesMut};

use crate::server::pages::CachedPage;

/// How a page says that another one comes. A quote within a text is escaped: no text says this.
const MORE: &[u8] = b"\"hasMore\":true";

/// Puts `cached` into the JSON object of a page.
pub fn answer(page: &CachedPage) -> Response<Body> {
    let told: &[u8] = if page.cached { b",\"cached\":true}" } else { b",\"cached\":false}" };
    let object = page.json.strip_suffix(b"}").unwrap_or(&page.json);
    let mut body = BytesMut::with_capacity(object.len() + told.len());
    body.extend_from_slice(object);
    body.extend_from_slice(told);
    let mut response = Response::new(Body::from(body.freeze()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Whoever keeps it between here and a client would not hear when it is old.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether another page comes behind this one.
pub fn has_more(json: &Bytes) -> bool {
    json.windows(MORE.len()).rev().any(|part| part == MORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_tells_whether_it_was_kept_and_whether_another_one_comes() {
        let page = CachedPage { json: Bytes::from_static(br#"{"videos":[{"title":"\"hasMore\":true"}],"hasMore":false}"#), cached: true };
        assert!(!has_more(&page.json));
        let body = axum::body::to_bytes(answer(&page).into_body(), 1000).await.unwrap();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((json["cached"].as_bool(), json["hasMore"].as_bool()), (Some(true), Some(false)));
        assert!(has_more(&Bytes::from_static(br#"{"hasMore":true,"total":7}"#)));
    }
}
