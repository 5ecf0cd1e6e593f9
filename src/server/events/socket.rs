//! One connection: what comes is read here, what is to be sent is sent by a task beside it, so that neither waits for the
//! other.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Error;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::connection::{Connection, Rights};
use super::event;
use super::watchers::{End, Line, Watchers};
use crate::server::service::Service;

/// Messages that are sent in one go: a crowd costs few calls of the system.
const BATCH: usize = 64;
/// A connection that ends gets so long to take what waits for it, and to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves a connection until it ends.
pub(super) async fn serve(service: Arc<Service>, socket: WebSocket, rights: Rights, place: OwnedSemaphorePermit) {
    let (out, mut incoming) = socket.split();
    let watchers = Arc::clone(&service.hub.shared.watchers);
    let (watcher, line) = watchers.enter(place);
    let (id, ended, options) = (watcher.id, line.end.clone(), service.hub.options);
    let writer = tokio::spawn(write(out, line, Arc::clone(&watchers), options.ping_every));
    let mut connection = Connection::new(service, id, rights, Instant::now());
    let end = read(&mut incoming, &mut connection, ended, options.silent_after).await;
    watchers.end(id, end);
    // It watches no streams any more, whether the last message arrives or not.
    drop(connection);
    // The writer ends soon after the connection did; that it panicked is told by the runtime.
    let _ = writer.await;
    // The other side closes, too; what it sent before it heard would break off our last words.
    let _ = timeout(GOODBYE, async { while let Some(Ok(_)) = incoming.next().await {} }).await;
    drop(watcher);
}

/// Reads until there is a reason to end.
async fn read(
    incoming: &mut SplitStream<WebSocket>,
    connection: &mut Connection,
    mut ended: watch::Receiver<Option<End>>,
    silent_after: Duration,
) -> End {
    loop {
        let message = tokio::select! {
            end = ended_by(&mut ended) => return end,
            message = timeout(silent_after, incoming.next()) => message,
        };
        let now = Instant::now();
        let end = match message {
            Err(_) => Some(End::Silent),
            Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => Some(End::Left),
            Ok(Some(Ok(Message::Text(text)))) => connection.hear(&text, now).await,
            Ok(Some(Ok(Message::Binary(_)))) => connection.hear_bytes(now),
            // A sign of life; pings are answered below us.
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => None,
        };
        if let Some(end) = end {
            return end;
        }
    }
}

/// Why a connection ends, once it does.
async fn ended_by(ended: &mut watch::Receiver<Option<End>>) -> End {
    // Whoever could say why has gone.
    ended.wait_for(Option::is_some).await.ok().and_then(|end| *end).unwrap_or(End::Left)
}

/// Sends what waits until the connection ends, and then goodbye.
async fn write(mut out: SplitSink<WebSocket, Message>, mut line: Line, watchers: Arc<Watchers>, ping_every: Duration) {
    let mut ended = line.end.clone();
    let end = tokio::select! {
        biased;
        _ = send(&mut out, &mut line, &watchers, ping_every) => End::Left,
        end = ended_by(&mut ended) => end,
    };
    let goodbye = async {
        match end {
            End::Left => return out.close().await,
            End::TooSlow => {
                let text = event("error", &json!({"error": "too_slow", "message": "what was sent was not taken fast enough"}));
                out.feed(Message::Text(text)).await?;
            }
            End::TooOftenWrong | End::Silent | End::Away => {
                while let Ok(text) = line.queue.try_recv() {
                    out.feed(Message::Text(text)).await?;
                }
            }
        }
        let (code, reason) = match end {
            End::TooSlow => (close_code::POLICY, "too slow"),
            End::TooOftenWrong => (close_code::POLICY, "too many wrong messages"),
            End::Away => (close_code::AWAY, "the server ends"),
            End::Silent | End::Left => (close_code::NORMAL, "no sign of life"),
        };
        out.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
    };
    // Who has gone does not hear it.
    let _ = timeout(GOODBYE, goodbye).await;
}

/// Sends what waits, and asks for signs of life; ends only when the connection does.
async fn send(out: &mut SplitSink<WebSocket, Message>, line: &mut Line, watchers: &Watchers, ping_every: Duration) -> Result<(), Error> {
    let mut pings = interval(ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            taken = line.queue.recv_many(&mut batch, BATCH) => {
                if taken == 0 {
                    // It is in no room any more; why is about to be told.
                    return std::future::pending().await;
                }
                for text in batch.drain(..) {
                    out.feed(Message::Text(text)).await?;
                }
                out.flush().await?;
                line.sent.fetch_add(taken as u64, Ordering::Relaxed);
                watchers.drained();
            }
            _ = pings.tick() => out.send(Message::Ping(Bytes::new())).await?,
        }
    }
}
