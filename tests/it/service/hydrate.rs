//! From the worker to a client that starts: what was warmed is told by the feed's page, and laid in.

use std::sync::Arc;
use std::time::SystemTime;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use flickreel::cache::{Availability, CacheOptions, DEFAULT_MAX_AGE, Demand, MediaOpener, Opener};
use flickreel::feed::{Item, ItemId, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::preload::stock::{self, Stock};
use flickreel::preload::worker::Plan;
use flickreel::server::ServerConfig;
use flickreel::server::prefetch::{Ending, HEAD_BYTES, Outcome, PrefetchConfig, Prefetcher};
use flickreel::source::{Gate, Source, SourceContext, client, hydrated};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::edge::{Cut, Edge};
use super::prefetch::rig::{Scripted, run, service};
use super::rig::{DEADLINE, Redis, Served, folder, until};

/// Bytes of the media of a made-up origin.
const LENGTH: usize = 3 << 20;

/// A cache in memory.
fn opener(client: reqwest::Client, counters: Arc<Counters>) -> Opener {
    Opener::new(CacheOptions {
        dir: None,
        cap_bytes: 100 << 20,
        max_age: DEFAULT_MAX_AGE,
        now: SystemTime::now(),
        counters,
        samples: Vec::new(),
        runtime: Handle::current(),
        client,
    })
}

#[tokio::test]
async fn what_a_client_asks_for_first_is_what_the_worker_has_warmed() {
    // An origin of 3 MiB that notes what the edge had to fetch.
    let origin = Scripted::start(async |asked| {
        let wanted = asked.headers["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (first, last): (usize, usize) = (wanted.0.parse().unwrap(), wanted.1.parse().unwrap_or(LENGTH - 1).min(LENGTH - 1));
        let told = format!("bytes {first}-{last}/{LENGTH}");
        let headers = [("content-range", told.as_str()), ("etag", "\"e1\""), ("accept-ranges", "bytes")];
        (StatusCode::PARTIAL_CONTENT, headers, vec![7_u8; last + 1 - first]).into_response()
    })
    .await;
    for cut in [Cut::Slices, Cut::Ranges] {
        let edge = Edge::start(origin.address, cut).await;
        let api = service(vec![json!({"id": "v", "videoUrl": format!("{}v.mp4", edge.url())})]).await;
        run(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).await;
        let fetched = origin.asked().len();
        let gate = Gate::default();
        let client = client(&gate).unwrap();
        let source = Source::parse(&[edge.url()]).unwrap();
        let context = SourceContext::with_client(client.clone(), gate, Arc::default());
        context.note_opened(&source);
        let item = Arc::new(Item::bare(ItemId::new("v"), MediaLocation::Url(format!("{}v.mp4", edge.url()))));
        let opener = opener(client, Arc::default());
        let (tell, told) = oneshot::channel();
        let done = Box::new(move |result| drop(tell.send(result)));
        let _ticket = opener.open(Arc::clone(&item), Demand::Preroll, DEADLINE, done);
        let media = told.await.unwrap().unwrap();
        assert_eq!(media.reader.len(), LENGTH as u64);
        until("the head is there", async || media.reader.ready_from(0) >= HEAD_BYTES).await;
        assert_eq!(origin.asked().len(), fetched, "{cut:?}: the edge had to fetch {:?}", origin.asked().last());
    }
}

#[tokio::test]
async fn what_the_worker_has_warmed_is_laid_in_by_a_client_that_starts() {
    let (redis, clips) = (Redis::start().await, folder(&["a.mp4", "b.mp4", "c.mp4"]));
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    let config = PrefetchConfig::new(&served.url("/"), &served.url("/")).unwrap().with_redis(&redis.address());
    let ran = Prefetcher::new(config).unwrap().run(None, &Ending::when(std::future::pending())).await;
    assert!(matches!(ran, Outcome::Done(report) if report.manifests == 3));

    let (counters, gate) = (Arc::new(Counters::default()), Gate::default());
    let client = client(&gate).unwrap();
    let source = Source::parse(&[served.url("/feed/videos")]).unwrap();
    let context = SourceContext::with_client(client.clone(), gate, Arc::clone(&counters));
    context.note_opened(&source);
    let page = source.page(&context, None).await.unwrap();
    assert_eq!(page.hydrate.as_deref(), Some(served.url("/feed/hydrate").as_str()));
    let items = hydrated(&context, &page.hydrate.unwrap()).await;
    // The worker's order is that of what is trending.
    assert!(items.len() == 3 && items.iter().all(|item| page.items.contains(item)), "{items:?}");

    let opener = opener(client, Arc::clone(&counters));
    let (_plan, plans) = watch::channel::<Plan>(Arc::from([]));
    let (_stock, stocked) = watch::channel(Stock { items: items.clone().into(), allowed: true });
    stock::spawn(&Handle::current(), Arc::new(opener.clone()), plans, stocked, counters);
    until("all of them are there", async || items.iter().all(|item| opener.availability(item) != Availability::None)).await;
}

#[tokio::test]
async fn a_service_that_does_not_say_what_is_warm_costs_nothing() {
    let clips = folder(&["a.mp4"]);
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0)).await;
    let context = SourceContext::new(Arc::default()).unwrap();
    let source = Source::parse(&[served.url("/feed/videos")]).unwrap();
    context.note_opened(&source);
    assert_eq!(source.page(&context, None).await.unwrap().hydrate, None);
    for nothing in [served.url("/feed/hydrate"), served.url("/nowhere"), "http://127.0.0.1:1/".to_owned(), "no address".to_owned()] {
        assert_eq!(hydrated(&context, &nothing).await, []);
    }
}
