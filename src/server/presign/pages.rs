//! Puts signed addresses into pages when they are served. Pages are kept without: one that is kept for long, or served
//! once more while it is renewed, can never hold an address that is nearly spent.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::cache::Wanted;
use super::origins::Origins;
use crate::feed::percent_decoded;
use crate::server::refusal::Refusal;
use crate::server::service::Service;

/// Where the fields begin whose addresses are signed, as `serde_json` writes them. Text of strangers cannot look like
/// it: within a string of JSON a quotation mark has a backslash before it.
const FIELDS: [&str; 2] = ["\"videoUrl\":\"/media/", "\"thumbnailUrl\":\"/media/"];
/// Posters that this service made itself lie with it.
const OWN_POSTERS: &str = "posters/";
/// Pages are smaller by far.
const PAGE_BYTES_MAX: usize = 16 << 20;

/// Puts signed addresses into the answers of `/feed/…`, where media lie elsewhere.
pub(in crate::server) async fn sign(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_feed = path.starts_with("/feed/") || path.starts_with("/streams");
    // A single item is asked for when its address has expired.
    let wanted = if path.starts_with("/feed/videos/") { Wanted::Fresh } else { Wanted::Any };
    let response = next.run(request).await;
    let Some(presign) = service.presign.as_ref().filter(|_| is_feed && is_json(&response)) else { return response };
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, PAGE_BYTES_MAX).await else {
        return Refusal::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "page_unreadable", "the page can’t be served at the moment")
            .into_response();
    };
    let page = match std::str::from_utf8(&page) {
        Ok(text) => Body::from(put_in(text, &presign.origins, wanted).await),
        Err(_) => Body::from(page),
    };
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(cookies) = &presign.cookies {
        cookies.set(&mut parts.headers);
    }
    Response::from_parts(parts, page)
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    response.status().is_success() && kind.is_some_and(|kind| kind.starts_with("application/json"))
}

/// The page with signed addresses. One that cannot be signed stays the server's own: the folder is here, too.
async fn put_in(page: &str, origins: &Origins, wanted: Wanted) -> String {
    let mut out = String::with_capacity(page.len() * 2);
    let mut rest = page;
    while let Some((begin, length)) = next_field(rest) {
        // Behind the quotation mark that the address begins with.
        let at = begin + length - "/media/".len();
        let Some(end) = rest[at..].find('"').map(|end| at + end) else { break };
        out.push_str(&rest[..at]);
        let relative = percent_decoded(&rest[begin + length..end]);
        let signed = if relative.starts_with(OWN_POSTERS) { None } else { origins.url(&relative, wanted).await.ok() };
        match signed {
            Some(url) if !url.contains(['"', '\\']) => out.push_str(&url),
            _ => out.push_str(&rest[at..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The next field whose address is signed: where it begins, and how long it is up to the path.
fn next_field(text: &str) -> Option<(usize, usize)> {
    FIELDS.iter().filter_map(|field| Some((text.find(field)?, field.len()))).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::presign::cache::Presigner;
    use crate::server::presign::keys::Place;
    use crate::server::presign::signer::{Later, SignError, Signed, Signer};
    use serde_json::{Value, json};
    use std::time::{Duration, SystemTime};

    struct Fake(Place);

    impl Signer for Fake {
        fn place(&self) -> &Place {
            &self.0
        }

        fn fingerprint(&self) -> &'static str {
            "f"
        }

        fn sign<'a>(&'a self, path: &'a str, _: SystemTime, _: Duration) -> Later<'a, Result<Signed, SignError>> {
            let url = format!("https://cdn.example/{path}?sig=1&x=2");
            let signed = Signed { url: url.clone(), original_url: url };
            Box::pin(std::future::ready(if path.contains("bad") { Err(SignError::Path) } else { Ok(signed) }))
        }
    }

    async fn put(page: &Value) -> Value {
        let place = Place { storage_type: "fake", auth_type: "none", region: None, service: None };
        let origins = Origins::of(Arc::new(Presigner::new(Fake(place))));
        serde_json::from_str(&put_in(&page.to_string(), &origins, Wanted::Any).await).unwrap()
    }

    #[tokio::test]
    async fn each_address_of_media_is_signed_and_all_else_stays() {
        let page = json!({"videos": [
            {"id": "1", "videoUrl": "/media/a%20b.mp4", "thumbnailUrl": "/media/a.jpg", "title": "\"videoUrl\":\"/media/x\""},
            {"id": "2", "videoUrl": "https://elsewhere.example/media/c.mp4", "thumbnailUrl": "/posters/c.jpg"},
            {"id": "3", "videoUrl": "/media/bad.mp4"},
            {"id": "4", "videoUrl": "/media/d.mp4", "thumbnailUrl": "/media/posters/d.jpg"}
        ], "hasMore": false});
        let mut expected = page.clone();
        expected["videos"][0]["videoUrl"] = json!("https://cdn.example/a b.mp4?sig=1&x=2");
        expected["videos"][0]["thumbnailUrl"] = json!("https://cdn.example/a.jpg?sig=1&x=2");
        expected["videos"][3]["videoUrl"] = json!("https://cdn.example/d.mp4?sig=1&x=2");
        assert_eq!(put(&page).await, expected);
        assert_eq!(put(&json!({"videos": []})).await, json!({"videos": []}));
    }
}
