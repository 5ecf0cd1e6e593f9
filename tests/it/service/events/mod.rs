//! Events by WebSocket, over loopback: what is told to whom, rights, and what is refused.

mod bounds;
mod client;
mod counts;
mod load;
mod replicas;
mod rig;

use reqwest::StatusCode;
use serde_json::json;

use rig::{ADMIN, Replica, SERVICE, Watcher};

#[tokio::test]
async fn a_stream_that_changes_is_answered_and_told_to_everybody() {
    let replica = Replica::start().await;
    let (mut service, mut watcher) = (replica.watch_as(SERVICE).await, replica.watch().await);
    let told = json!({"stream_id": replica.stream(), "old_status": "SCHEDULED", "new_status": "LIVE", "timestamp": "2026-01-01T00:00:00Z"});
    let answer = service.asked("stream_status_changed", told, "cache_invalidated").await;
    assert_eq!((&answer["type"], &answer["stream_id"]), (&json!("stream_status_changed"), &json!(replica.stream())));
    assert!(answer["cache_keys_cleared"].is_u64() && answer["timestamp"].is_string(), "{answer}");
    let refresh = json!({"reason": "stream_status_changed", "stream_id": replica.stream(), "new_status": "LIVE"});
    assert_eq!(watcher.until("feed_refresh_required").await, refresh);
    let again = replica.go_live(&replica.stream()).await;
    assert_eq!((&again["old_status"], &again["changed"]), (&json!("LIVE"), &json!(false)), "the event has set what the stream is");
}

#[tokio::test]
async fn a_stream_goes_live_and_ends_once_however_often_it_is_asked_to() {
    let replica = Replica::start().await;
    let (mut watcher, stream) = (replica.watch().await, replica.stream());
    let live = replica.go_live(&stream).await;
    let wanted = json!({
        "stream_id": stream, "old_status": "SCHEDULED", "new_status": "LIVE", "changed": true, "cache_keys_cleared": 1,
    });
    assert_eq!(live, wanted);
    assert_eq!(replica.go_live(&stream).await["changed"], false);
    let ended = replica.end_stream(&stream).await;
    assert_eq!((&ended["old_status"], &ended["new_status"]), (&json!("LIVE"), &json!("ENDED")));
    assert_eq!(watcher.heard().await, ["LIVE", "ENDED"]);
}

#[tokio::test]
async fn nobody_without_a_token_changes_a_stream_and_one_that_is_not_there_is_not_found() {
    let replica = Replica::start().await;
    let path = format!("/streams/{}/go-live", replica.stream());
    for token in ["", "wrong"] {
        let (status, answer) = replica.post(&path, token).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")));
    }
    let (status, answer) = replica.post("/streams/nowhere/end", SERVICE).await;
    assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("unknown_stream")));
    assert_eq!(replica.watch().await.heard().await, [""; 0]);
}

#[tokio::test]
async fn a_product_is_told_in_the_rooms_of_its_feeds_alone() {
    let replica = Replica::start().await;
    let (mut service, mut elsewhere, mut everywhere) = (replica.watch_as(SERVICE).await, replica.watch().await, replica.watch().await);
    elsewhere.asked("leave", json!({"room": "discover_feed"}), "left").await;
    for (action, feeds) in [("created", json!("discover")), ("updated", json!("community")), ("sold", json!(null))] {
        let product = json!({"product_id": "p1", "action": action, "feed_type": feeds});
        let answer = service.asked("product_updated", product, "cache_invalidated").await;
        assert_eq!((&answer["type"], &answer["product_id"]), (&json!("product_updated"), &json!("p1")));
    }
    for action in ["created", "updated", "sold"] {
        let told = everywhere.until("feed_refresh_required").await;
        assert_eq!(told, json!({"reason": "product_updated", "product_id": "p1", "action": action}));
    }
    assert_eq!(elsewhere.until("feed_refresh_required").await["action"], "updated");
    elsewhere.asked("join", json!({"room": "discover_feed"}), "joined").await;
    service.asked("product_updated", json!({"product_id": "p2", "action": "deleted", "feed_type": "discover"}), "cache_invalidated").await;
    elsewhere.until_is("feed_refresh_required", "action", "deleted").await;
}

#[tokio::test]
async fn pages_are_cleared_by_an_admin_alone_and_everybody_may_count_them() {
    let replica = Replica::start().await;
    let (mut watcher, mut service, mut admin) = (replica.watch().await, replica.watch_as(SERVICE).await, replica.watch_as(ADMIN).await);
    let all = json!({"feed_type": "all", "reason": "deployed"});
    for forbidden in [&mut watcher, &mut service] {
        assert_eq!(forbidden.asked("clear_feed_cache", all.clone(), "error").await["error"], "forbidden");
    }
    let cleared = admin.asked("clear_feed_cache", all, "cache_cleared").await;
    assert_eq!(
        (&cleared["feed_type"], &cleared["reason"], &cleared["cache_keys_cleared"]),
        (&json!("all"), &json!("deployed"), &json!(1)),
        "the page that was looked at first"
    );
    let stats = watcher.asked("get_cache_stats", json!({}), "cache_stats").await;
    for field in ["discover_feed_cache_entries", "community_feed_cache_entries", "total_feed_cache_entries"] {
        assert_eq!(stats[field], 0, "{stats}");
    }
    assert_eq!(watcher.heard().await, [""; 0], "nobody is told");
}

#[tokio::test]
async fn what_changes_something_needs_a_token_which_may_be_sent_as_a_message() {
    let replica = Replica::start().await;
    let mut browser = replica.watch().await;
    let change = json!({"stream_id": replica.stream(), "new_status": "ENDED"});
    let product = json!({"product_id": "p", "action": "sold"});
    assert_eq!(browser.asked("stream_status_changed", change.clone(), "error").await["error"], "forbidden");
    assert_eq!(browser.asked("product_updated", product, "error").await["error"], "forbidden");
    for wrong in ["", "wrong", "service-s3cre", "a\nb"] {
        assert_eq!(browser.asked("authenticate", json!({"token": wrong}), "error").await["error"], "bad_token");
    }
    assert_eq!(browser.asked("authenticate", json!({"token": SERVICE}), "authenticated").await["rights"], "service");
    browser.asked("stream_status_changed", change, "cache_invalidated").await;
    assert_eq!(browser.asked("authenticate", json!({"token": ADMIN}), "authenticated").await["rights"], "admin");
    browser.asked("clear_feed_cache", json!({"feed_type": "discover"}), "cache_cleared").await;
    let mut wrong = replica.watch_as("wrong").await;
    assert_eq!(wrong.asked("clear_feed_cache", json!({"feed_type": "all"}), "error").await["error"], "forbidden");
}

#[tokio::test]
async fn what_was_not_seen_is_counted_for_each_room_and_each_connection() {
    let replica = Replica::start().await;
    let (mut one, mut other, stream) = (replica.watch().await, replica.watch().await, replica.stream());
    replica.go_live(&stream).await;
    replica.end_stream(&stream).await;
    let all = one.asked("get_unread", json!({}), "unread").await;
    let rooms = all["rooms"].as_array().unwrap();
    assert_eq!(rooms[0], json!({"room": "discover_feed", "unread": 2, "at": 2}));
    let seen = one.asked("seen", json!({"room": "discover_feed"}), "unread_updated").await;
    assert_eq!(seen, json!({"room": "discover_feed", "unread": 0, "at": 2}));
    let rooms = one.asked("get_unread", json!({}), "unread").await;
    assert_eq!((&rooms["rooms"][0]["unread"], &rooms["rooms"][2]["unread"]), (&json!(0), &json!(2)));
    assert_eq!(other.asked("get_unread", json!({}), "unread").await["rooms"][0]["unread"], 2);
    let mut later = replica.watch().await;
    assert_eq!(later.asked("get_unread", json!({}), "unread").await["rooms"][0]["unread"], 0, "older news is not unread");
    let back = later.asked("seen", json!({"room": "discover_feed", "at": 1}), "unread_updated").await;
    assert_eq!(back["unread"], 1, "whoever remembers a number gets what came since");
}

#[tokio::test]
async fn who_watches_is_told_when_the_server_ends() {
    let replica = Replica::start().await;
    let (mut one, mut other) = (replica.watch().await, replica.watch().await);
    let (one, other, ()) = tokio::join!(one.closed(), other.closed(), replica.end());
    assert_eq!((one, other), (Some(1001), Some(1001)));
}

#[tokio::test]
async fn an_upgrade_that_is_none_is_refused_with_a_reason() {
    let replica = Replica::start().await;
    let response = replica.client.get(format!("http://{}/ws", replica.address)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
    assert!(String::from_utf8_lossy(&response.bytes().await.unwrap()).contains("not_a_websocket"));
    Watcher::connect(replica.address, None).await;
}
