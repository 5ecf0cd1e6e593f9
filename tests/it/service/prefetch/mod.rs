//! The worker: what it reads, what it asks for at the edge and what it does not, and that a cold edge is warm afterwards.

mod program;
pub mod rig;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use flickreel::server::ServerConfig;
use flickreel::server::prefetch::{EdgeState, Ending, HEAD_BYTES, Outcome, PrefetchConfig, Prefetcher, Report, What};
use serde_json::json;
use tokio::sync::Semaphore;

use super::edge::{Cut, Edge};
use super::rig::{Served, folder, until};
use rig::{Scripted, media, never, page, run, service, video, videos};

/// Which states the edge was in, each once.
fn states(report: &Report) -> (Vec<EdgeState>, Vec<EdgeState>) {
    let each = |mut states: Vec<EdgeState>| {
        states.dedup();
        states
    };
    (each(report.rows.iter().filter_map(|row| row.before).collect()), each(report.rows.iter().filter_map(|row| row.after).collect()))
}

async fn cold_becomes_warm(cut: Cut, ranges: &[u64]) {
    let names: Vec<String> = (0..25).map(|number| format!("clip {number}.mp4")).collect();
    let clips = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // One that is longer than a head: what follows the clip is a box that players leap over.
    let long = clips.path().join("clip 7.mp4");
    let mut bytes = std::fs::read(&long).unwrap();
    bytes.extend(u32::to_be_bytes(3 << 20).into_iter().chain(*b"free").chain(std::iter::repeat_n(0, (3 << 20) - 8)));
    std::fs::write(&long, bytes).unwrap();
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0)).await;
    let edge = Edge::start(served.address, cut).await;
    let config = || PrefetchConfig::new(&served.url("/"), &edge.url()).unwrap();
    let report = run(config()).await;
    assert_eq!((report.rows.len(), report.pages, report.warmed()), (25, 4, 25), "{}", report.table());
    assert_eq!(states(&report), (vec![EdgeState::Miss], vec![EdgeState::Hit]), "{}", report.table());
    assert!(
        report.rows.iter().any(|row| row.bytes == HEAD_BYTES) && report.rows.iter().all(|row| row.bytes > 10_000),
        "{}",
        report.table()
    );
    for item in served.json("/feed/videos?limit=50").await["videos"].as_array().unwrap() {
        for end in ranges {
            let at = format!("http://{}{}", edge.address, item["videoUrl"].as_str().unwrap());
            let got = served.client.get(at).header("range", format!("bytes=0-{}", end - 1)).send().await.unwrap();
            assert_eq!((got.status(), &got.headers()["x-cache-status"]), (StatusCode::PARTIAL_CONTENT, &"HIT".parse().unwrap()), "{item}");
        }
    }
    let again = run(config()).await;
    assert_eq!((states(&again), again.warmed()), ((vec![EdgeState::Hit], vec![EdgeState::Hit]), 0));
}

#[tokio::test]
async fn a_cold_edge_that_keeps_slices_is_warm_for_every_head_after_a_run() {
    // What a client asks for first: to know an item, for its head on a slow line, for its head, to preroll it.
    cold_becomes_warm(Cut::Slices, &[64 << 10, 128 << 10, 512 << 10, 1 << 20]).await;
}

#[tokio::test]
async fn a_cold_edge_that_keeps_ranges_is_warm_for_what_prerolls_after_a_run() {
    cold_becomes_warm(Cut::Ranges, &[1 << 20]).await;
}

#[tokio::test]
async fn a_page_that_fails_costs_no_more_than_itself() {
    let api = Scripted::start(async |asked| match asked.at.as_str() {
        "/feed/videos?limit=20" => page(&[video("a"), json!({"id": 7}), video("b"), video("a")], Some("next one&")),
        "/feed/videos?limit=20&cursor=next+one%26" => "<html>".into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
    .await;
    let edge = Scripted::start(async |_| media("HIT")).await;
    let report = run(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).await;
    assert_eq!((report.pages, report.items, report.skipped, report.rows.len()), (1, 2, 1, 2), "an item is asked for once");
    assert_eq!(report.page_failures, ["/feed/trending, page 1: status 500", "/feed/videos, page 2: no JSON"]);
    assert!(report.has_read());
}

#[tokio::test]
async fn five_pages_are_read_and_no_more() {
    let api = Scripted::start(async |asked| if asked.at.contains("trending") { page(&[], None) } else { page(&[], Some("more")) }).await;
    let report = run(PrefetchConfig::new(&api.url(), "http://127.0.0.1:1/").unwrap()).await;
    assert_eq!((report.pages, api.asked().len()), (6, 6));
}

#[tokio::test]
async fn nothing_but_the_edge_is_asked_for_media_whatever_an_item_names() {
    let elsewhere = Scripted::start(async |_| media("HIT")).await;
    let (at_elsewhere, leads_there) = (elsewhere.url(), elsewhere.url());
    let named = |id: &str, url: &str| json!({"id": id, "videoUrl": url, "thumbnailUrl": url, "hlsManifestUrl": url});
    let api = service(vec![named("a", "http://169.254.169.254/latest"), named("b", &at_elsewhere), named("c", "/leads/away")]).await;
    let edge = Scripted::start(move |_| {
        let there = leads_there.clone();
        async move { (StatusCode::FOUND, [("location", there)]).into_response() }
    })
    .await;
    let report = run(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).await;
    let failures: Vec<_> = report.rows.iter().filter(|row| row.what == What::Media).filter_map(|row| row.failure.as_deref()).collect();
    assert_eq!(failures, ["on another host than the edge", "on another host than the edge", "status 302: not followed"]);
    assert_eq!((elsewhere.asked().len(), edge.asked().len(), report.rows.len()), (0, 3, 9));
}

#[tokio::test]
async fn heads_are_asked_for_as_a_client_asks_and_without_the_token() {
    let item = json!({"id": "v", "videoUrl": "/m.mp4?v=2&X-Amz-Signature=s3cret", "thumbnailUrl": "/p.jpg", "hlsManifestUrl": "/m.m3u8"});
    let api = service(vec![item]).await;
    let edge = Scripted::start(async |asked| if asked.at.starts_with("/m.mp4") { media("HIT") } else { "text".into_response() }).await;
    run(PrefetchConfig::new(&api.url(), &edge.url()).unwrap().with_token("t0ken")).await;
    assert!(!api.asked().is_empty() && api.asked().iter().all(|asked| asked.headers["authorization"] == "Bearer t0ken"));
    let asked = edge.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET" && !asked.headers.contains_key("authorization")));
    let header = |at: &str, name: &str| {
        let asked = asked.iter().find(|asked| asked.at == at).unwrap();
        asked.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header("/m.mp4?v=2", "range").as_deref(), Some("bytes=0-1048575"));
    assert_eq!(header("/m.mp4?v=2", "accept-encoding").as_deref(), Some("identity"));
    assert_eq!((header("/p.jpg", "range"), header("/m.m3u8", "range")), (None, None));
}

#[tokio::test]
async fn an_edge_that_refuses_or_sends_everything_is_told_of_and_the_rest_goes_on() {
    let api = service(vec![video("gone"), video("whole"), video("short"), video("good")]).await;
    let edge = Scripted::start(async |asked| match asked.at.as_str() {
        "/media/gone.mp4" => StatusCode::NOT_FOUND.into_response(),
        "/media/whole.mp4" => vec![0_u8; 3 << 20].into_response(),
        "/media/short.mp4" => vec![0_u8; 100].into_response(),
        _ => media("MISS"),
    })
    .await;
    let report = run(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).await;
    let told: Vec<_> = report.rows.iter().map(|row| (row.failure.as_deref(), row.after)).collect();
    let (unknown, miss) = (Some(EdgeState::Unknown), Some(EdgeState::Miss));
    assert_eq!(told, [(Some("status 404"), None), (Some("the edge sends no ranges"), None), (None, unknown), (None, miss)]);
    assert_eq!(report.warmed(), 0);
}

#[tokio::test]
async fn ten_are_asked_for_at_once_and_no_more() {
    let api = service(videos(40)).await;
    // Nobody is answered before ten have come.
    let come = Arc::new((Semaphore::new(0), AtomicUsize::new(0)));
    let edge = Scripted::start(move |_| {
        let come = Arc::clone(&come);
        async move {
            if come.1.fetch_add(1, Ordering::SeqCst) + 1 == 10 {
                come.0.add_permits(1000);
            }
            let _ = come.0.acquire().await.unwrap();
            media("HIT")
        }
    })
    .await;
    let report = run(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).await;
    assert_eq!((report.rows.len(), edge.most_at_once()), (40, 10), "{}", report.table());
}

#[tokio::test]
async fn a_dry_run_asks_for_pages_alone() {
    let api = service(vec![video("a"), json!({"id": "b", "videoUrl": "http://169.254.169.254/"})]).await;
    let edge = Scripted::start(async |_| media("HIT")).await;
    let worker = Prefetcher::new(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).unwrap();
    let report = worker.dry_run(&never()).await;
    assert_eq!((report.rows.len(), edge.asked().len()), (2, 0));
    assert_eq!(report.totals(), "2 pages, 2 items: 1 files would be asked for");
}

#[tokio::test]
async fn when_the_end_comes_what_is_under_way_is_finished_and_nothing_is_begun() {
    let api = service(videos(40)).await;
    let (goes_on, waits) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (opened, ends) = (Arc::clone(&goes_on), Arc::clone(&waits));
    let edge = Scripted::start(move |_| {
        let opened = Arc::clone(&opened);
        async move {
            let _ = opened.acquire().await.unwrap();
            media("HIT")
        }
    })
    .await;
    let worker = Prefetcher::new(PrefetchConfig::new(&api.url(), &edge.url()).unwrap()).unwrap();
    let ending = Ending::when(async move {
        let _ = ends.acquire().await.unwrap();
    });
    let told = ending.clone();
    let running = tokio::spawn(async move { worker.run(None, &ending).await });
    until("ten are under way", async || edge.asked().len() == 10).await;
    waits.add_permits(1);
    until("the worker has heard of it", async || told.has_come()).await;
    goes_on.add_permits(1000);
    let Outcome::Done(report) = running.await.unwrap() else { panic!("nobody else runs") };
    assert_eq!((report.rows.len(), edge.asked().len(), report.ended_early), (10, 10, true));
}
