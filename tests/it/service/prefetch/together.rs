//! Several workers on one Redis, and what clients that start are told of their work.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use flickreel::server::ServerConfig;
use flickreel::server::prefetch::{Outcome, PrefetchConfig, Prefetcher};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::super::rig::{Redis, Served, folder, until};
use super::rig::{Scripted, media, never, run, service, video, videos};

async fn number(redis: &Redis, command: &redis::Cmd) -> i64 {
    match redis.ask(command).await {
        Some(redis::Value::Int(number)) => number,
        other => panic!("{other:?}"),
    }
}

fn is_done(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Done(_))
}

#[tokio::test]
async fn one_of_several_workers_runs_a_tick_and_none_runs_it_again() {
    let redis = Redis::start().await;
    let (api, edge) = (service(videos(3)).await, Scripted::start(async |_| media("HIT")).await);
    let config = PrefetchConfig::new(&api.url(), &edge.url()).unwrap().with_redis(&redis.address());
    let worker = || Prefetcher::new(config.clone()).unwrap();
    let due = SystemTime::UNIX_EPOCH + Duration::from_hours(1000);
    let (first, second, ending) = (worker(), worker(), never());
    let (one, other) = tokio::join!(first.run(Some(due), &ending), second.run(Some(due), &ending));
    assert!(is_done(&one) != is_done(&other), "{one:?} {other:?}");
    assert!(!is_done(&worker().run(Some(due), &ending).await), "a clock that is behind comes to the same tick later");
    assert!(is_done(&second.run(Some(due + Duration::from_hours(1)), &ending).await));
    assert_eq!(number(&redis, redis::cmd("EXISTS").arg("feed:lock:prefetch")).await, 0, "the lock is given back");
}

#[tokio::test]
async fn a_lock_that_another_worker_took_over_is_left_to_it() {
    let redis = Redis::start().await;
    let api = service(videos(1)).await;
    let goes_on = Arc::new(Semaphore::new(0));
    let opened = Arc::clone(&goes_on);
    let edge = Scripted::start(move |_| {
        let opened = Arc::clone(&opened);
        async move {
            let _ = opened.acquire().await.unwrap();
            media("HIT")
        }
    })
    .await;
    let config = PrefetchConfig::new(&api.url(), &edge.url()).unwrap().with_redis(&redis.address());
    let worker = Prefetcher::new(config.clone()).unwrap();
    let running = tokio::spawn(async move { worker.run(None, &never()).await });
    until("it is at it", async || !edge.asked().is_empty()).await;
    let lives = number(&redis, redis::cmd("PTTL").arg("feed:lock:prefetch")).await;
    assert!((1..=30_000).contains(&lives), "a worker that dies holds it for {lives} ms");
    redis.ask(redis::cmd("SET").arg("feed:lock:prefetch").arg("another")).await.unwrap();
    assert!(!is_done(&Prefetcher::new(config).unwrap().run(None, &never()).await));
    goes_on.add_permits(1000);
    assert!(is_done(&running.await.unwrap()));
    assert_eq!(number(&redis, redis::cmd("EXISTS").arg("feed:lock:prefetch")).await, 1);
}

#[tokio::test]
async fn a_client_that_starts_is_told_what_is_warm_in_the_items_own_words() {
    let (redis, clips) = (Redis::start().await, folder(&["a.mp4", "b.mp4", "c.mp4"]));
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    // What else is in the Redis is no manifest.
    redis.ask(redis::cmd("SET").arg("feed:prefetch:broken").arg("{")).await.unwrap();
    redis.ask(redis::cmd("SET").arg("presigned:x").arg("{}")).await.unwrap();
    assert_eq!(served.json("/feed/hydrate").await, json!({"videos": [], "hasMore": false, "cached": true, "item": "/feed/videos/{id}"}));
    let report = run(PrefetchConfig::new(&served.url("/"), &served.url("/")).unwrap().with_redis(&redis.address())).await;
    assert_eq!(report.manifests, 3);
    until("the answer is made anew", async || served.json("/feed/hydrate").await["videos"].as_array().unwrap().len() == 3).await;
    let (hydrated, feed) = (served.json("/feed/hydrate").await, served.json("/feed/trending").await);
    assert_eq!((&hydrated["videos"], &hydrated["cached"]), (&feed["videos"], &json!(true)), "in the order of the feeds");
    assert_eq!(feed["hydrate"], "/feed/hydrate");
    let id = feed["videos"][0]["id"].as_str().unwrap();
    let lives = number(&redis, redis::cmd("TTL").arg(format!("feed:prefetch:{id}"))).await;
    assert!((1..=600).contains(&lives), "{lives} s");
}

#[tokio::test]
async fn an_item_whose_media_does_not_come_is_no_manifest_and_the_newest_come_first() {
    let redis = Redis::start().await;
    let edge = Scripted::start(async |asked| if asked.at.contains("bad") { StatusCode::NOT_FOUND.into_response() } else { media("MISS") });
    let (edge, clips) = (edge.await, folder(&["old.mp4", "both.mp4", "new.mp4"]));
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    let page = served.json("/feed/videos").await;
    let known = |title: &str| page["videos"].as_array().unwrap().iter().find(|video| video["title"] == title).unwrap();
    let id = |title: &str| known(title)["id"].as_str().unwrap();
    for ids in [[id("old"), id("both"), "bad"], [id("new"), id("both"), "bad"]] {
        let api = service(ids.map(video).to_vec()).await;
        let config = PrefetchConfig::new(&api.url(), &edge.url()).unwrap().with_redis(&redis.address());
        assert_eq!(run(config).await.manifests, 2);
    }
    let told = served.json("/feed/hydrate").await;
    assert_eq!(told["videos"], json!([known("new"), known("both"), known("old")]), "as the service tells of them now");
}

#[tokio::test]
async fn without_redis_there_is_nothing_to_tell_and_the_edge_is_warmed_all_the_same() {
    let (mut redis, clips) = (Redis::start().await, folder(&["a.mp4"]));
    let alone = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0)).await;
    let left = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    redis.stop();
    for served in [&alone, &left] {
        assert_eq!(served.json("/feed/hydrate").await["videos"], Value::Array(Vec::new()));
    }
    assert_eq!(alone.json("/feed/videos").await.get("hydrate"), None);
    let edge = Scripted::start(async |_| media("HIT")).await;
    let config = PrefetchConfig::new(&alone.url("/"), &edge.url()).unwrap().with_redis(&redis.address());
    let report = run(config).await;
    assert_eq!((report.rows.len(), report.manifests), (1, 0));
}
