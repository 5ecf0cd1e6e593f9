//! Much at once: ten thousand messages to two hundred, and one who does not take them.

use serde_json::json;
use tokio::net::TcpSocket;

use super::rig::{Replica, SERVICE, Watcher};

const WATCHERS: usize = 200;
const MESSAGES: usize = 10_000;

/// Hears all messages; of each of the two streams they must come in the order in which they were told.
async fn hear_all(mut watcher: Watcher, streams: Vec<String>) {
    let mut heard = vec![0_usize; streams.len()];
    while heard.iter().sum::<usize>() < MESSAGES {
        let told = watcher.until("feed_refresh_required").await;
        let stream = streams.iter().position(|stream| told["stream_id"] == **stream).unwrap();
        assert_eq!(told["new_status"], ["LIVE", "ENDED"][heard[stream] % 2]);
        heard[stream] += 1;
    }
    watcher.asked("get_unread", json!({}), "unread").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "two million messages take minutes of a small machine: --ignored runs it"]
async fn ten_thousand_messages_reach_two_hundred_watchers_and_one_who_is_slow_is_dropped() {
    let replica = Replica::start().await;
    let mut hearing = Vec::new();
    for _ in 0..WATCHERS {
        hearing.push(tokio::spawn(hear_all(replica.watch().await, replica.streams.clone())));
    }
    // It takes next to nothing before it begins to read.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = Watcher::over(socket.connect(replica.address).await.unwrap(), replica.address, None).await;
    let mut telling = Vec::new();
    for stream in &replica.streams {
        let path = format!("http://{}/streams/{stream}", replica.address);
        let client = replica.client.clone();
        telling.push(tokio::spawn(async move {
            for nth in 0..MESSAGES / 2 {
                let path = format!("{path}/{}", ["go-live", "end"][nth % 2]);
                let response = client.post(path).bearer_auth(SERVICE).send().await.unwrap();
                assert!(response.status().is_success());
                response.bytes().await.unwrap();
            }
        }));
    }
    for task in telling.into_iter().chain(hearing) {
        task.await.unwrap();
    }
    let mut taken = 0;
    while let Some(Ok(message)) = futures_util::StreamExt::next(&mut slow.socket).await {
        taken += usize::from(message.is_text());
    }
    assert!(taken < MESSAGES, "it was not dropped");
}
