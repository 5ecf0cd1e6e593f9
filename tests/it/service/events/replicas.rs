//! Several replicas on one Redis: what is told at one is heard at all, once and in order, whatever becomes of Redis.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::rig::{Replica, SERVICE, Watcher};
use crate::service::rig::{Redis, streams, until};

/// Two replicas that hear each other.
async fn replicas(redis: &Redis) -> (Replica, Replica) {
    let here = Replica::with(|config| config.with_redis(&redis.address())).await;
    let there = Replica::with(|config| config.with_redis(&redis.address())).await;
    listen(redis, 2).await;
    (here, there)
}

/// Waits until so many listen at Redis.
async fn listen(redis: &Redis, count: usize) {
    let wanted = format!("int({count})");
    let number = async || format!("{:?}", redis.ask(redis::cmd("PUBSUB").arg("NUMSUB").arg("feed:events")).await);
    until("they listen", async || number().await.contains(&wanted)).await;
}

/// Lets a stream go live and end, `times` over.
async fn turn(replica: &Replica, times: usize) -> Vec<&'static str> {
    for _ in 0..times {
        replica.go_live(&replica.stream()).await;
        replica.end_stream(&replica.stream()).await;
    }
    ["LIVE", "ENDED"].repeat(times)
}

/// The statuses that somebody hears until `wanted` is all of it.
async fn hears(watcher: &mut Watcher, wanted: &[&str]) {
    let mut heard = Vec::new();
    while heard.len() < wanted.len() {
        let told = watcher.until("feed_refresh_required").await;
        heard.push(told["new_status"].as_str().or(told["action"].as_str()).unwrap().to_owned());
    }
    assert_eq!(heard, wanted);
}

#[tokio::test]
async fn what_is_told_at_one_replica_is_heard_at_all_once_and_in_order() {
    let redis = Redis::start().await;
    let (here, there) = replicas(&redis).await;
    let (mut near, mut far) = (here.watch().await, there.watch().await);
    let told = turn(&here, 20).await;
    hears(&mut near, &told).await;
    hears(&mut far, &told).await;
    let mut service = there.watch_as(SERVICE).await;
    service.asked("product_updated", json!({"product_id": "p", "action": "sold"}), "cache_invalidated").await;
    hears(&mut near, &["sold"]).await;
    hears(&mut far, &["sold"]).await;
    assert_eq!((near.heard().await, far.heard().await), (vec![], vec![]));
}

#[tokio::test]
async fn while_redis_is_gone_the_near_ones_hear_and_when_it_is_back_the_far_ones_hear_what_they_missed_once() {
    let mut redis = Redis::start().await;
    let (here, there) = replicas(&redis).await;
    let (mut near, mut far) = (here.watch().await, there.watch().await);
    let told = turn(&here, 1).await;
    hears(&mut far, &told).await;
    hears(&mut near, &told).await;
    redis.stop();
    let told = turn(&here, 2).await;
    hears(&mut near, &told).await;
    assert_eq!(far.heard().await, [""; 0]);
    redis.restart().await;
    hears(&mut far, &told).await;
    listen(&redis, 2).await;
    let told = turn(&here, 1).await;
    hears(&mut near, &told).await;
    hears(&mut far, &told).await;
    assert_eq!((near.heard().await, far.heard().await), (vec![], vec![]));
}

#[tokio::test]
async fn who_watches_is_counted_over_all_replicas_and_again_when_redis_has_lost_it() {
    let mut redis = Redis::start().await;
    let (here, there) = replicas(&redis).await;
    // Both have the same clips.
    let stream = json!({"stream_id": here.stream()});
    let (mut near, mut far, mut watcher) = (here.watch().await, there.watch().await, there.watch().await);
    near.ask("viewer_joined", stream.clone()).await;
    watcher.until_is("viewer_count_updated", "count", 1).await;
    far.ask("viewer_joined", stream.clone()).await;
    watcher.until_is("viewer_count_updated", "count", 2).await;
    near.until_is("viewer_count_updated", "count", 2).await;
    redis.stop();
    let mut third = there.watch().await;
    third.ask("viewer_joined", stream.clone()).await;
    redis.restart().await;
    watcher.until_is("viewer_count_updated", "count", 3).await;
    near.until_is("viewer_count_updated", "count", 3).await;
    here.end().await;
    watcher.until_is("viewer_count_updated", "count", 2).await;
    let keys = redis.ask(redis::cmd("ZCARD").arg(format!("feed:room:viewers:{}", there.stream()))).await;
    assert_eq!(keys, Some(redis::Value::Int(2)), "whoever ends takes its viewers along");
}

#[tokio::test]
async fn presence_and_typing_are_counted_over_all_replicas() {
    let redis = Redis::start().await;
    let (here, there) = replicas(&redis).await;
    let stream = json!({"stream_id": here.stream()});
    let (mut near, mut far) = (here.watch().await, there.watch().await);
    far.ask("presence", stream.clone()).await;
    near.ask("presence", stream.clone()).await;
    far.until_is("presence_updated", "online", 2).await;
    near.ask("typing", stream).await;
    far.until_is("typing_updated", "count", 1).await;
    far.until_is("typing_updated", "count", 0).await;
}

#[tokio::test]
async fn unread_news_is_counted_alike_at_all_replicas() {
    let redis = Redis::start().await;
    let (here, there) = replicas(&redis).await;
    let (mut near, mut far) = (here.watch().await, there.watch().await);
    let told = turn(&here, 2).await;
    hears(&mut near, &told).await;
    hears(&mut far, &told).await;
    let unread = async |watcher: &mut Watcher| watcher.asked("get_unread", json!({}), "unread").await["rooms"][0].clone();
    let wanted = json!({"room": "discover_feed", "unread": 4, "at": 4});
    assert_eq!((unread(&mut near).await, unread(&mut far).await), (wanted.clone(), wanted));
    // One that begins later goes on from there.
    let later = Replica::with(|config| config.with_redis(&redis.address())).await;
    listen(&redis, 3).await;
    let mut latest = later.watch().await;
    until("it has asked for the numbers", async || unread(&mut latest).await["at"] == 4).await;
    assert_eq!(unread(&mut latest).await["unread"], 0);
    let back = latest.asked("seen", json!({"room": "discover_feed", "at": 1}), "unread_updated").await;
    assert_eq!(back, json!({"room": "discover_feed", "unread": 3, "at": 4}), "a number of another replica is good here");
}

#[tokio::test]
async fn a_replica_that_is_killed_leaves_no_viewers_behind() {
    let redis = Redis::start().await;
    let here = Replica::with(|config| config.with_redis(&redis.address())).await;
    let mut watcher = here.watch().await;
    let clips = streams(&["a.mp4", "b.mp4"]);
    let mut other = Command::new(env!("CARGO_BIN_EXE_flickreel-server"));
    other.arg("serve").arg(clips.path()).args(["--listen", "127.0.0.1:0", "--redis", &redis.address(), "--no-probe"]);
    other.arg("--state").arg(clips.path().join(".state"));
    let mut other = other.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
    listen(&redis, 2).await;
    let mut there = Watcher::connect(address, None).await;
    // One who stays keeps the place in Redis from going as a whole.
    watcher.ask("viewer_joined", json!({"stream_id": here.stream()})).await;
    watcher.until_is("viewer_count_updated", "count", 1).await;
    there.ask("viewer_joined", json!({"stream_id": here.stream()})).await;
    watcher.until_is("viewer_count_updated", "count", 2).await;
    other.kill().unwrap();
    other.wait().unwrap();
    watcher.until_is("viewer_count_updated", "count", 1).await;
}

#[tokio::test]
async fn nonsense_on_the_channel_of_replicas_is_left_alone() {
    let redis = Redis::start().await;
    let (here, _there) = replicas(&redis).await;
    let mut watcher = here.watch().await;
    let told = |message: &Value| redis::cmd("PUBLISH").arg("feed:events").arg(message.to_string()).to_owned();
    for nonsense in [json!(7), json!({"event": "invalidated"}), json!({"event": "watchers_told", "origin": "x", "news": {"no": -1}})] {
        redis.ask(told(&nonsense)).await.unwrap();
    }
    let told = turn(&here, 1).await;
    hears(&mut watcher, &told).await;
}
