//! Reads what is trending and what the feed begins with, a few pages each. What cannot be read costs no more than itself.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::{Client, Url};
use serde_json::Value;

use super::ending::Ending;

/// The feeds that are read, the most watched first.
const FEEDS: [&str; 2] = ["/feed/trending", "/feed/videos"];
/// Pages of each.
const PAGES: usize = 5;
/// Items of a page.
const PAGE_ITEMS: &str = "20";
/// A page must be there as a whole within this time.
const PAGE_WITHIN: Duration = Duration::from_secs(10);
/// Largest page taken, in bytes, after decompression.
const PAGE_BYTES_MAX: usize = 2 << 20;
/// Longest id and cursor taken, in bytes.
const TOKEN_BYTES_MAX: usize = 1 << 10;

/// An item as the service tells it.
#[derive(Debug)]
pub(super) struct Found {
    pub id: String,
    pub json: Value,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Each item once, in the order of the feeds.
    pub items: Vec<Found>,
    pub pages: usize,
    /// Pages that could not be read, `/feed/videos, page 2: …`.
    pub failures: Vec<String>,
    /// What stood among the items and is none.
    pub skipped: usize,
}

/// Reads both feeds of the service at `api`.
pub(super) async fn gather(client: &Client, api: &Url, token: Option<&str>, ending: &Ending) -> Gathered {
    let [trending, videos] = FEEDS.map(|feed| walk(client, api, feed, token, ending));
    let (trending, videos) = tokio::join!(trending, videos);
    let mut all = Gathered::default();
    let mut known = HashSet::new();
    for part in [trending, videos] {
        all.pages += part.pages;
        all.skipped += part.skipped;
        all.failures.extend(part.failures);
        all.items.extend(part.items.into_iter().filter(|item| known.insert(item.id.clone())));
    }
    all
}

/// The pages of one feed, from cursor to cursor: one that cannot be read is the last, for nobody knows the next.
async fn walk(client: &Client, api: &Url, feed: &str, token: Option<&str>, ending: &Ending) -> Gathered {
    let mut read = Gathered::default();
    let mut cursor: Option<String> = None;
    for number in 1..=PAGES {
        if ending.has_come() {
            break;
        }
        let page = match page(client, &address(api, feed, cursor.as_deref()), token).await {
            Ok(page) => page,
            Err(why) => {
                read.failures.push(format!("{feed}, page {number}: {why}"));
                break;
            }
        };
        read.pages += 1;
        for video in page.get("videos").and_then(Value::as_array).into_iter().flatten() {
            match id_of(video) {
                Some(id) => read.items.push(Found { id: id.to_owned(), json: video.clone() }),
                None => read.skipped += 1,
            }
        }
        let has_more = page.get("hasMore").and_then(Value::as_bool).unwrap_or(true);
        cursor = page.get("nextCursor").filter(|_| has_more).and_then(token_of).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    read
}

/// The address of something of the service, below its base.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut address = base.clone();
    address.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    address.set_query(None);
    address.set_fragment(None);
    address
}

fn address(api: &Url, feed: &str, cursor: Option<&str>) -> Url {
    let mut address = below(api, feed);
    address.query_pairs_mut().append_pair("limit", PAGE_ITEMS);
    if let Some(cursor) = cursor {
        address.query_pairs_mut().append_pair("cursor", cursor);
    }
    address
}

async fn page(client: &Client, address: &Url, token: Option<&str>) -> Result<Value, String> {
    let mut request = client.get(address.clone()).timeout(PAGE_WITHIN);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let mut response = request.send().await.map_err(said)?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(said)? {
        if body.len() + chunk.len() > PAGE_BYTES_MAX {
            return Err(format!("more than {} MiB", PAGE_BYTES_MAX >> 20));
        }
        body.extend_from_slice(&chunk);
    }
    let page: Value = serde_json::from_slice(&body).map_err(|_| "no JSON")?;
    if page.get("videos").is_some_and(Value::is_array) { Ok(page) } else { Err("no page of a feed".to_owned()) }
}

/// What a client says of a failed request, without the address, whose query may hold a signature.
pub(super) fn said(err: reqwest::Error) -> String {
    let err = err.without_url();
    if err.is_timeout() {
        return "timed out".to_owned();
    }
    if err.is_connect() {
        return "no connection".to_owned();
    }
    err.to_string()
}

fn id_of(video: &Value) -> Option<&str> {
    let is_active = video.get("isActive").and_then(Value::as_bool).unwrap_or(true);
    video.get("id").filter(|_| is_active).and_then(token_of)
}

fn token_of(value: &Value) -> Option<&str> {
    value.as_str().filter(|token| !token.is_empty() && token.len() <= TOKEN_BYTES_MAX)
}
