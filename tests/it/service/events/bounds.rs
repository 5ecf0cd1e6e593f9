//! What a connection may not do, and what comes of it.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::rig::{Replica, Watcher};
use crate::service::rig::until;

#[tokio::test]
async fn a_wrong_message_costs_an_answer_and_not_the_connection() {
    let replica = Replica::start().await;
    let mut watcher = replica.watch().await;
    let known = replica.stream();
    for (text, code) in [
        ("{".to_owned(), "bad_json"),
        ("[7]".to_owned(), "bad_message"),
        (r#"{"event":"unheard_of"}"#.to_owned(), "unknown_event"),
        (r#"{"event":"viewer_joined","data":{}}"#.to_owned(), "missing_field"),
        (r#"{"type":"viewer_joined","stream_id":""}"#.to_owned(), "bad_field"),
        (r#"{"event":"viewer_joined","data":{"stream_id":"nowhere"}}"#.to_owned(), "unknown_stream"),
        (r#"{"event":"presence","data":{"stream_id":"nowhere"}}"#.to_owned(), "unknown_stream"),
        (r#"{"event":"typing","data":{"stream_id":"nowhere"}}"#.to_owned(), "unknown_stream"),
        (r#"{"event":"join","data":{"room":"lobby"}}"#.to_owned(), "unknown_room"),
        (r#"{"event":"join","data":{"room":"stream:nowhere"}}"#.to_owned(), "unknown_stream"),
        (json!({"event": "typing", "data": {"stream_id": known, "pad": "x".repeat(64 << 10)}}).to_string(), "too_large"),
    ] {
        watcher.say(text.clone()).await;
        assert_eq!(watcher.error().await, code, "{text:.80}");
    }
    watcher.socket.send_bytes(vec![0xff; 10]).await;
    assert_eq!(watcher.error().await, "not_text");
    watcher.asked("get_unread", json!({}), "unread").await;
}

trait SendBytes {
    async fn send_bytes(&mut self, bytes: Vec<u8>);
}

impl SendBytes for tokio_tungstenite::WebSocketStream<tokio::net::TcpStream> {
    async fn send_bytes(&mut self, bytes: Vec<u8>) {
        futures_util::SinkExt::send(self, Message::binary(bytes)).await.unwrap();
    }
}

#[tokio::test]
async fn twenty_wrong_messages_end_the_connection_and_nobody_elses() {
    let replica = Replica::start().await;
    let (mut wrong, mut watcher) = (replica.watch().await, replica.watch().await);
    for _ in 0..20 {
        wrong.say("{").await;
    }
    for _ in 0..20 {
        assert_eq!(wrong.error().await, "bad_json");
    }
    assert_eq!(wrong.closed().await, Some(1008));
    watcher.asked("get_unread", json!({}), "unread").await;
}

#[tokio::test]
async fn a_message_without_measure_is_not_read() {
    let replica = Replica::start().await;
    let mut watcher = replica.watch().await;
    // The server may have gone before all of it was sent.
    let _ = futures_util::SinkExt::send(&mut watcher.socket, Message::text("x".repeat(1 << 20))).await;
    watcher.closed().await;
    replica.watch().await.asked("get_unread", json!({}), "unread").await;
}

#[tokio::test]
async fn who_sends_too_much_at_once_is_told_and_stays() {
    let replica = Replica::start().await;
    let mut watcher = replica.watch().await;
    // However slow the machine is, the seconds in which it reads these are not as many as it would take.
    let mut refused = false;
    for _ in 0..20 {
        for _ in 0..100 {
            watcher.ask("get_unread", json!({})).await;
        }
        for _ in 0..100 {
            let (name, data) = watcher.next().await;
            refused |= name == "error" && data["error"] == "rate_limited";
        }
        if refused {
            break;
        }
    }
    assert!(refused);
    // Each refusal is no wrong message: after hundreds of them the connection is still there.
    until("it is answered again", async || {
        watcher.ask("get_unread", json!({})).await;
        watcher.next().await.0 == "unread"
    })
    .await;
}

#[tokio::test]
async fn no_more_connect_than_there_are_places_and_who_goes_leaves_one() {
    let replica = Replica::with(|config| config.with_watchers_max(1)).await;
    let first = replica.watch().await;
    let stream = tokio::net::TcpStream::connect(replica.address).await.unwrap();
    let refused = client_async(format!("ws://{}/ws", replica.address), stream).await.unwrap_err();
    assert!(matches!(&refused, Error::Http(response) if response.status() == 503), "{refused}");
    drop(first);
    until("there is a place", async || {
        let stream = tokio::net::TcpStream::connect(replica.address).await.unwrap();
        client_async(format!("ws://{}/ws", replica.address), stream).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn who_shows_no_sign_of_life_is_dropped_and_who_answers_stays() {
    let replica = Replica::with(|config| config.with_heartbeat(Duration::from_millis(100), Duration::from_secs(3))).await;
    let (silent, mut lively): (Watcher, Watcher) = (replica.watch().await, replica.watch().await);
    let mut counter = replica.watch().await;
    let mut silent = silent;
    let stream = replica.stream();
    silent.ask("viewer_joined", json!({"stream_id": stream})).await;
    lively.ask("viewer_joined", json!({"stream_id": stream})).await;
    // Whoever reads answers pings; the silent one does not read.
    let reads = tokio::spawn(async move {
        lively.until_is("viewer_count_updated", "count", 2).await;
        lively.until_is("viewer_count_updated", "count", 1).await;
        lively.asked("get_unread", json!({}), "unread").await;
    });
    counter.until_is("viewer_count_updated", "count", 2).await;
    counter.until_is("viewer_count_updated", "count", 1).await;
    reads.await.unwrap();
}
