//! A client whose addresses expire while it reads: it gets others and goes on where it was.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use flickreel::cache::{CacheKey, Demand, Opener, ReadError, Renewer, Timeouts};
use flickreel::feed::{FailureKind, FeedPage, Item, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::server::ServerConfig;
use flickreel::server::presign::PresignOptions;
use flickreel::source::{Source, SourceContext};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::rig::Bucket;
use crate::cache::rig::{self as cache, MIB, noise, open, read};
use crate::service::rig::{Served, folder, until};

/// Asks the feed, and counts how often.
struct Renewals {
    context: SourceContext,
    asked: Arc<AtomicU64>,
}

impl Renewer for Renewals {
    fn renewed(&self, at: String) -> Pin<Box<dyn Future<Output = Option<String>> + Send>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let context = self.context.clone();
        Box::pin(async move { context.renewed(&at).await })
    }
}

/// A client of a feed.
struct Viewer {
    runtime: Runtime,
    opener: Opener,
    counters: Arc<Counters>,
    context: SourceContext,
    source: Source,
    asked: Arc<AtomicU64>,
    _dir: TempDir,
}

impl Viewer {
    fn of(feed: &str) -> Self {
        let (runtime, dir) = (cache::runtime(), tempfile::tempdir().unwrap());
        let (opener, counters) = cache::new_opener(&runtime, Some(dir.path()), 100 * MIB, Timeouts::default());
        let context = SourceContext::new(Arc::default()).unwrap();
        let source = Source::parse(&[feed.to_owned()]).unwrap();
        context.note_opened(&source);
        let asked = Arc::<AtomicU64>::default();
        opener.renew_by(Renewals { context: context.clone(), asked: Arc::clone(&asked) });
        Self { runtime, opener, counters, context, source, asked, _dir: dir }
    }

    fn page(&self) -> FeedPage {
        self.runtime.block_on(self.source.page(&self.context, None)).unwrap()
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

fn url(item: &Item) -> &str {
    let MediaLocation::Url(url) = &item.media else { panic!("{item:?}") };
    url
}

/// A film that nobody can decode and everybody takes for one.
fn film() -> Vec<u8> {
    let mut film = b"\0\0\0\x18ftypisom\0\0\0\0isommp42".to_vec();
    film.extend(noise(6 * MIB));
    film
}

#[test]
fn an_address_that_lives_for_two_seconds_is_renewed_and_no_byte_comes_twice() {
    let servers = cache::runtime();
    let (bucket, clips, film) = (servers.block_on(Bucket::start()), folder(&["a.mp4"]), film());
    bucket.put("a.mp4", &film);
    std::fs::write(clips.path().join("a.mp4"), &film).unwrap();
    let presign = PresignOptions { bucket: Some(bucket.s3()), lifetime: Duration::from_secs(2), ..PresignOptions::default() };
    let served = servers.block_on(Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_presign(presign)));
    let viewer = Viewer::of(&served.url("/feed/videos"));
    let item = viewer.page().items.remove(0);
    let opened = open(&viewer.opener, item.clone(), Demand::Preroll).unwrap();
    assert_eq!(read(&opened, 0, 64).unwrap(), film[..64]);
    let status = async || served.client.get(url(&item)).header("range", "bytes=0-0").send().await.unwrap().status();
    servers.block_on(until("it has expired", async || status().await == StatusCode::FORBIDDEN));
    opened.reader.set_demand(Demand::Playing);
    let all = read(&opened, 0, film.len() as u64).unwrap();
    assert!(all == film, "the bytes of before and after fit together");
    cache::until(|| viewer.counters.snapshot().network_active == 0);
    assert_eq!(viewer.counters.snapshot().network_bytes, film.len() as u64);
    assert!(viewer.asked() >= 1);
    let now = viewer.runtime.block_on(viewer.context.renewed(item.renewal.as_deref().unwrap())).unwrap();
    assert_ne!(now, url(&item));
    assert_eq!(CacheKey::of_url(&now, ""), CacheKey::of_url(url(&item), ""));
    drop(opened);
    assert!(viewer.opener.is_complete(&item), "under the address of before");
}

/// A feed of one film whose address is good until it is told otherwise.
struct Feed {
    film: Vec<u8>,
    /// The signature that is good.
    good: AtomicU64,
    refused: AtomicU64,
    /// What the item is told with, `N` being the good signature; empty: the item is not told.
    told: &'static str,
}

async fn media(State(feed): State<Arc<Feed>>, Query(query): Query<Value>, headers: HeaderMap) -> Response {
    let good = feed.good.load(Ordering::SeqCst).to_string();
    if query["sig"].as_str() != Some(good.as_str()) {
        feed.refused.fetch_add(1, Ordering::SeqCst);
        return StatusCode::FORBIDDEN.into_response();
    }
    let range = headers[header::RANGE].to_str().unwrap().trim_start_matches("bytes=").to_owned();
    let (first, last) = range.split_once('-').unwrap();
    let (first, len) = (first.parse::<usize>().unwrap(), feed.film.len());
    let end = last.parse::<usize>().map_or(len, |last| len.min(last + 1));
    let headers = [(header::CONTENT_RANGE, format!("bytes {first}-{}/{len}", end - 1)), (header::ETAG, "\"1\"".to_owned())];
    (StatusCode::PARTIAL_CONTENT, headers, feed.film[first..end].to_vec()).into_response()
}

fn told(feed: &Feed, template: &str) -> Value {
    json!({"id": "a", "videoUrl": template.replace('N', &feed.good.load(Ordering::SeqCst).to_string())})
}

async fn page(State(feed): State<Arc<Feed>>) -> Json<Value> {
    Json(json!({"videos": [told(&feed, "/m/a.mp4?sig=N")], "hasMore": false, "item": "/one/{id}"}))
}

async fn one(State(feed): State<Arc<Feed>>) -> Response {
    if feed.told.is_empty() { StatusCode::NOT_FOUND.into_response() } else { Json(told(&feed, feed.told)).into_response() }
}

/// What comes of reading a film whose address is refused from its second part on: the bytes, and how often the feed was asked.
fn read_on(told: &'static str) -> (Result<Vec<u8>, ReadError>, u64, Arc<Feed>) {
    let servers = cache::runtime();
    let feed = Arc::new(Feed { film: film(), good: AtomicU64::new(1), refused: AtomicU64::new(0), told });
    let router = Router::new().route("/feed", get(page)).route("/one/{id}", get(one)).fallback(media).with_state(Arc::clone(&feed));
    let address = servers.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    });
    let viewer = Viewer::of(&format!("http://{address}/feed"));
    let item = viewer.page().items.remove(0);
    let opened = open(&viewer.opener, item.clone(), Demand::Preroll).unwrap();
    read(&opened, 0, 64).unwrap();
    cache::until(|| viewer.counters.snapshot().network_active == 0);
    feed.good.store(2, Ordering::SeqCst);
    opened.reader.set_demand(Demand::Playing);
    let all = read(&opened, 0, feed.film.len() as u64);
    if all.is_ok() {
        // Whoever opens it again brings the address of the page, which is older.
        let again = open(&viewer.opener, item, Demand::Playing).unwrap();
        assert!(read(&again, 0, feed.film.len() as u64).is_ok());
        assert_eq!(viewer.counters.snapshot().network_bytes, feed.film.len() as u64);
    }
    (all, viewer.asked(), feed)
}

#[test]
fn an_address_that_is_refused_is_asked_for_once_and_reading_goes_on() {
    let (all, asked, feed) = read_on("/m/a.mp4?sig=N");
    assert!(all.unwrap() == feed.film);
    assert_eq!(asked, 1);
    assert!(feed.refused.load(Ordering::SeqCst) >= 1);
}

#[test]
fn only_when_the_feed_has_no_other_address_does_the_item_fail() {
    for told in ["", "/m/a.mp4?sig=1"] {
        let (all, asked, _) = read_on(told);
        let Err(ReadError::Failed(failure)) = all else { panic!("{told}") };
        assert_eq!(failure.kind, FailureKind::Refused, "{told}");
        assert!(asked >= 1);
    }
}

#[test]
fn another_media_is_not_taken_for_the_one_whose_address_has_expired() {
    for told in ["/m/b.mp4?sig=N", "http://127.0.0.1:9/m/a.mp4?sig=N", "http://10.0.0.1/m/a.mp4?sig=N"] {
        let (all, _, _) = read_on(told);
        let Err(ReadError::Failed(failure)) = all else { panic!("{told}") };
        assert_eq!(failure.kind, FailureKind::Refused, "{told}");
    }
}
