//! How many watch a stream, are present, or type.

use flickreel::server::ServerConfig;
use serde_json::{Value, json};

use super::rig::{Replica, Watcher};
use crate::service::rig::{Served, folder};

#[tokio::test]
async fn who_watches_a_stream_is_counted_until_they_leave_or_are_gone() {
    let replica = Replica::start().await;
    let (mut one, mut other, mut third) = (replica.watch().await, replica.watch().await, replica.watch().await);
    let stream = json!({"stream_id": replica.stream()});
    one.ask("viewer_joined", stream.clone()).await;
    let told = third.until("viewer_count_updated").await;
    assert_eq!(told, json!({"stream_id": replica.stream(), "count": 1, "action": "joined"}));
    one.ask("viewer_joined", stream.clone()).await;
    other.ask("viewer_joined", stream.clone()).await;
    third.until_is("viewer_count_updated", "count", 2).await;
    one.ask("viewer_left", stream).await;
    let told = third.until("viewer_count_updated").await;
    assert_eq!((&told["count"], &told["action"]), (&json!(1), &json!("left")));
    drop(other);
    third.until_is("viewer_count_updated", "count", 0).await;
}

#[tokio::test]
async fn how_many_watch_a_stream_is_told_in_pages_while_anybody_does() {
    let folder = folder(&["a.mp4"]);
    let beside = json!({"live": {"status": "LIVE", "streamId": "s1"}});
    std::fs::write(folder.path().join("a.json"), beside.to_string()).unwrap();
    let served = Served::start(ServerConfig::new(folder.path()).unwrap()).await;
    let page = served.json("/feed/videos").await;
    assert_eq!(page["videos"][0]["live"], json!({"status": "LIVE"}), "nobody watches");
    let item = format!("/feed/videos/{}", page["videos"][0]["id"].as_str().unwrap());
    let mut viewer = Watcher::connect(served.address, None).await;
    viewer.ask("viewer_joined", json!({"stream_id": "s1"})).await;
    viewer.until_is("viewer_count_updated", "count", 1).await;
    let watched = json!({"status": "LIVE", "viewerCount": 1});
    assert_eq!(served.json(&item).await["live"], watched);
    assert_eq!(served.json("/streams").await["videos"][0]["live"], watched);
    viewer.ask("viewer_left", json!({"stream_id": "s1"})).await;
    viewer.until_is("viewer_count_updated", "count", 0).await;
    assert_eq!(served.json(&item).await["live"], json!({"status": "LIVE"}));
}

#[tokio::test]
async fn who_is_present_and_who_types_is_told_in_the_streams_room_alone() {
    let replica = Replica::start().await;
    let (mut one, mut other, mut outside) = (replica.watch().await, replica.watch().await, replica.watch().await);
    let stream = json!({"stream_id": replica.stream()});
    other.asked("join", json!({"room": format!("stream:{}", replica.stream())}), "viewer_count_updated").await;
    one.ask("presence", stream.clone()).await;
    assert_eq!(other.until("presence_updated").await, json!({"stream_id": replica.stream(), "online": 1}));
    one.ask("typing", stream.clone()).await;
    assert_eq!(other.until("typing_updated").await, json!({"stream_id": replica.stream(), "count": 1}));
    assert_eq!(other.until("typing_updated").await["count"], 0, "typing is over by itself");
    drop(one);
    assert_eq!(other.until("presence_updated").await["online"], 0);
    outside.ask("get_unread", json!({})).await;
    assert_eq!(outside.next().await.0, "unread", "nothing came before it");
}

#[tokio::test]
async fn many_who_come_at_once_are_told_in_few_messages() {
    const VIEWERS: usize = 50;
    let replica = Replica::start().await;
    let mut watcher = replica.watch().await;
    let mut viewers = Vec::new();
    for _ in 0..VIEWERS {
        viewers.push(replica.watch().await);
    }
    let start = tokio::time::Instant::now();
    for viewer in &mut viewers {
        viewer.ask("viewer_joined", json!({"stream_id": replica.stream()})).await;
    }
    let mut told = 0;
    let mut last = Value::Null;
    while last != VIEWERS {
        last = watcher.until("viewer_count_updated").await["count"].clone();
        told += 1;
    }
    // Four a second and the first, however long it took.
    assert!(told <= 2 + start.elapsed().as_millis() / 250, "{told} in {:?}", start.elapsed());
}
