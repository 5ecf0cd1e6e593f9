//! Fetches pages of an HTTP feed, within bounds of time and size, and keeps them for a while.

use std::sync::Arc;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::spec::host_of;
use super::{SourceContext, SourceError, shelf, wire};
use crate::feed::{Cursor, Failure, FeedPage, Item, Refusal};
use crate::metrics::Counters;
use crate::metrics::trace::{TRACE, Transfer, What};

/// The path of the feed when an address names a host alone.
const DEFAULT_PATH: &str = "/feed/videos";
/// Items asked for, unless the address asks for a number itself.
const PAGE_ITEMS: &str = "20";
/// Largest page, after decompression, in bytes.
const PAGE_BYTES_MAX: usize = 2 << 20;

/// A page, shared with the page cache.
type Answer = Result<Arc<FeedPage>, Arc<SourceError>>;

/// The page after `cursor`: from the page cache, from the server, or, when the server cannot be reached or takes
/// longer than the context's patience, as it was kept.
///
/// A late answer is not waited for, but it comes into the page cache: the next time one asks, it is there.
pub(super) async fn page(context: &SourceContext, feed: &Url, cursor: Option<&Cursor>) -> Result<FeedPage, Failure> {
    let page = match context.shelf {
        None => fresh(context, feed, cursor).await,
        Some(_) => fresh_or_kept(context, feed, cursor).await,
    };
    page.map(Arc::unwrap_or_clone).map_err(|err| err.failure())
}

async fn fresh_or_kept(context: &SourceContext, feed: &Url, cursor: Option<&Cursor>) -> Answer {
    let mut asking = tokio::spawn({
        let (context, feed, cursor) = (context.clone(), feed.clone(), cursor.cloned());
        async move { fresh(&context, &feed, cursor.as_ref()).await }
    });
    let outage = match tokio::time::timeout(context.patience, &mut asking).await {
        Ok(Ok(Err(err))) if err.is_outage() => Some(err),
        Ok(answer) => return answer.unwrap_or_else(|_| Err(Arc::new(SourceError::BrokenOff))),
        Err(_) => None,
    };
    if let Some(page) = shelf::kept(context, &address(feed, cursor)).await {
        tracing::info!(host = host_of(feed), "the server is out of reach; a page is shown as it was kept");
        // What is in memory from before must not look as if the server had just been reached.
        context.pages.invalidate_all();
        return Ok(Arc::new(page));
    }
    match outage {
        Some(err) => Err(err),
        None => asking.await.unwrap_or_else(|_| Err(Arc::new(SourceError::BrokenOff))),
    }
}

/// The page after `cursor`, from the page cache when it is there.
///
/// When the server has forgotten the cursor, the feed is started afresh: the list knows the items it has
/// already, so the viewer keeps the place.
async fn fresh(context: &SourceContext, feed: &Url, cursor: Option<&Cursor>) -> Answer {
    match cached(context, address(feed, cursor)).await {
        Err(err) if cursor.is_some() && is_gone(&err) && may_restart(context, feed).await => {
            tracing::info!(host = host_of(feed), "the cursor has expired; the feed is started afresh");
            let first = address(feed, None);
            context.pages.invalidate(first.as_str()).await;
            cached(context, first).await
        }
        page => page,
    }
}

fn is_gone(err: &SourceError) -> bool {
    matches!(err, SourceError::Status { status, .. } if *status == StatusCode::GONE.as_u16())
}

async fn may_restart(context: &SourceContext, feed: &Url) -> bool {
    context.restarted.entry(feed.to_string()).or_insert(()).await.is_fresh()
}

/// One fetch at a time for an address; failures are not kept.
async fn cached(context: &SourceContext, address: Url) -> Answer {
    let fetched = async {
        let page = Arc::new(fetch(context, address.clone()).await?);
        shelf::keep(context, &address, host_of(&address), Arc::clone(&page));
        Ok(page)
    };
    context.pages.try_get_with(address.to_string(), fetched).await
}

/// The address of a page.
fn address(feed: &Url, cursor: Option<&Cursor>) -> Url {
    let mut address = feed.clone();
    address.set_fragment(None);
    if address.path() == "/" {
        address.set_path(DEFAULT_PATH);
    }
    let has = |name: &str| feed.query_pairs().any(|(key, _)| key == name);
    if let (Some(_), true) = (cursor, has("cursor")) {
        // Only then is the query written anew: signed addresses are particular about theirs.
        let rest: Vec<(String, String)> =
            feed.query_pairs().filter(|(key, _)| key != "cursor").map(|(key, value)| (key.into(), value.into())).collect();
        address.query_pairs_mut().clear().extend_pairs(rest);
    }
    if let Some(cursor) = cursor {
        address.query_pairs_mut().append_pair("cursor", &cursor.0);
    }
    if !has("limit") {
        address.query_pairs_mut().append_pair("limit", PAGE_ITEMS);
    }
    address
}

/// A page of any feed on the host that the viewer has typed, from its server.
pub(super) async fn fetch(context: &SourceContext, address: Url) -> Result<FeedPage, SourceError> {
    let (host, policy) = (host_of(&address), context.gate.policy_of(&address));
    let (json, base) = told(context, address).await?;
    wire::page(&json, &base, &policy).ok_or(SourceError::Shape(host))
}

/// The item that is told at `address`; `None` when that is none.
pub(super) async fn item(context: &SourceContext, address: Url) -> Result<Option<Item>, SourceError> {
    let policy = context.gate.policy_of(&address);
    let (json, base) = told(context, address).await?;
    Ok(wire::one(&json, &base, &policy))
}

/// The JSON at `address`, and where it was found in the end.
async fn told(context: &SourceContext, address: Url) -> Result<(Value, Url), SourceError> {
    let host = host_of(&address);
    Counters::add(&context.counters.network_requests, 1);
    let _active = Counters::under_way(&context.counters.network_active);
    let after = context.page_timeout;
    let mut transfer = TRACE.transfer(What::Page, 0);
    let told = match tokio::time::timeout(after, told_unbounded(context, address, &host, &mut transfer)).await {
        Ok(told) => told,
        Err(_) => Err(SourceError::TimedOut { host, after }),
    };
    transfer.ends(if told.is_ok() { "done" } else { "failed" });
    told
}

async fn told_unbounded(context: &SourceContext, address: Url, host: &str, transfer: &mut Transfer) -> Result<(Value, Url), SourceError> {
    let request = context.client.get(address).header(ACCEPT, "application/json");
    let response = request.send().await.map_err(|err| broken(err, host, context))?;
    let status = response.status();
    if let Some(refusal) = Refusal::of_answer(status.as_u16(), response.headers().get(LOCATION).map(HeaderValue::as_bytes)) {
        return Err(refusal.into());
    }
    if !status.is_success() {
        return Err(SourceError::Status { host: host.to_owned(), status: status.as_u16() });
    }
    // Relative addresses are resolved against where the page was found in the end.
    let base = response.url().clone();
    let says_html = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
    });
    if says_html {
        return Err(SourceError::WebPage(host.to_owned()));
    }
    let body = body(context, response, host, transfer).await?;
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(SourceError::WebPage(host.to_owned()));
    }
    let json = serde_json::from_slice(&body).map_err(|err| SourceError::Json { host: host.to_owned(), err })?;
    Ok((json, base))
}

/// The body as far as it is decompressed; one that goes on over the limit is given up, however long it is said to be.
async fn body(context: &SourceContext, mut response: Response, host: &str, transfer: &mut Transfer) -> Result<Vec<u8>, SourceError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|err| broken(err, host, context))? {
        Counters::add(&context.counters.network_bytes, chunk.len() as u64);
        transfer.received(chunk.len());
        if body.len() + chunk.len() > PAGE_BYTES_MAX {
            return Err(SourceError::TooLarge { host: host.to_owned(), limit: PAGE_BYTES_MAX });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The client's errors name the address with its query, which must not be shown.
fn broken(err: reqwest::Error, host: &str, context: &SourceContext) -> SourceError {
    let (host, err) = (host.to_owned(), err.without_url());
    if let Some(refusal) = Refusal::within(&err) {
        refusal.clone().into()
    } else if err.is_timeout() {
        SourceError::TimedOut { host, after: context.page_timeout.min(super::client::CONNECT_TIMEOUT) }
    } else if err.is_connect() {
        SourceError::Unreachable { host, err }
    } else {
        SourceError::Broken { host, err }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(feed: &str, cursor: Option<&str>) -> String {
        address(&Url::parse(feed).unwrap(), cursor.map(|cursor| Cursor(cursor.to_owned())).as_ref()).to_string()
    }

    #[test]
    fn a_host_alone_means_its_feed_of_videos() {
        assert_eq!(asked("http://h:81", None), "http://h:81/feed/videos?limit=20");
        assert_eq!(asked("http://h/", Some("a b&")), "http://h/feed/videos?cursor=a+b%26&limit=20");
    }

    #[test]
    fn an_address_is_asked_as_it_was_typed() {
        assert_eq!(asked("http://h/my/feed.json?tags=a%20b&limit=5#top", None), "http://h/my/feed.json?tags=a%20b&limit=5");
        assert_eq!(asked("http://h/f?tags=a%20b", Some("2")), "http://h/f?tags=a%20b&cursor=2&limit=20");
    }

    #[test]
    fn a_cursor_in_the_address_is_where_the_feed_begins() {
        assert_eq!(asked("http://h/f?cursor=1&limit=2", None), "http://h/f?cursor=1&limit=2");
        assert_eq!(asked("http://h/f?cursor=1&limit=2", Some("9")), "http://h/f?limit=2&cursor=9");
    }
}
