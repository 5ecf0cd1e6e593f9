//! Hears from the service of a feed what is new, over a WebSocket: that the feed should be fetched again, and how many
//! watch what is live. A lost connection is made again after a pause that grows; what is not understood is left alone.
//! The service hears in return which stream is watched here, so that it can count, and not by whom.
//!
//! Only a page says whether there is such a place, and only on the feed's own host (`extras::events`). The upgrade goes
//! through the client of all requests' kind: the same gate, the same TLS, the same proxies; it is not redirected.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use reqwest::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use reqwest::{StatusCode, Upgraded};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

use super::client::events_client;
use super::{SourceContext, SourceError};
use crate::metrics::Counters;

/// Largest message taken, in bytes; a larger one ends the connection.
const MESSAGE_BYTES_MAX: usize = 64 << 10;
/// Streams of which counts wait to be told, at most.
const STREAMS_MAX: usize = 256;
/// What comes is told this often at most: a service that chatters costs no frames. What is watched is said as seldom.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// The service is asked for a sign of life this often…
const PING_EVERY: Duration = Duration::from_secs(30);
/// … and has gone silently when none came for so long.
const SILENT_AFTER: Duration = Duration::from_secs(75);
/// The pause after the first loss; it doubles with each…
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// … up to this.
const PAUSE_MOST: Duration = Duration::from_mins(2);

/// What a service tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The feed has changed: its pages are to be fetched again when somebody wants to see them.
    Changed,
    /// How many watch, by what the service calls the streams.
    Viewers(Vec<(String, u64)>),
}

/// Why there is no connection.
enum Lost {
    /// It was never made, or broke: another try may succeed.
    Broke,
    /// The server does not want it.
    Refused,
}

/// Listens at the newest address, while there is one, and tells what is heard. Ends when the sender of addresses is gone.
///
/// `watched` is the stream that the viewer watches, by what the service at the address calls it: `None`, or the sender is
/// gone, when there is none. The service is told of its changes, and again by each new connection.
///
/// # Errors
/// [`SourceError::Client`] when the client cannot be set up.
pub async fn listen(
    context: &SourceContext,
    mut address: watch::Receiver<Option<String>>,
    watched: watch::Receiver<Option<String>>,
    tell: impl Fn(Told) + Send + Sync,
) -> Result<(), SourceError> {
    let client = events_client(&context.gate)?;
    let pauses = RandomState::new();
    loop {
        let Some(at) = address.borrow_and_update().clone() else {
            if address.changed().await.is_err() {
                return Ok(());
            }
            continue;
        };
        tokio::select! {
            // First of all: what is watched by now is nothing for the service of before.
            biased;
            changed = address.changed() => if changed.is_err() { return Ok(()) },
            () = stay(context, &client, &at, &pauses, &watched, &tell) => {
                // The server does not want to be asked; another page may say something else.
                if address.changed().await.is_err() { return Ok(()) }
            }
        }
    }
}

/// Keeps up a connection to one address; returns when the server refuses it.
async fn stay(
    context: &SourceContext,
    client: &reqwest::Client,
    at: &str,
    pauses: &RandomState,
    watched: &watch::Receiver<Option<String>>,
    tell: &impl Fn(Told),
) {
    let mut losses = 0_u32;
    loop {
        let limit = context.page_timeout;
        match timeout(limit, connect(context, client, at)).await.unwrap_or(Err(Lost::Broke)) {
            Ok(socket) => {
                if hear(context, socket, watched, tell).await {
                    losses = 0;
                }
            }
            Err(Lost::Refused) => return,
            Err(Lost::Broke) => {}
        }
        // Between half and all of it: clients that one server lost together do not come back together.
        let pause = (PAUSE_FIRST * 2_u32.saturating_pow(losses)).min(PAUSE_MOST);
        #[expect(clippy::cast_precision_loss, reason = "a draw needs no more than 53 bits")]
        let drawn = (pauses.hash_one((at, losses, Instant::now())) >> 11) as f64 / (1_u64 << 53) as f64;
        losses = losses.saturating_add(1).min(16);
        sleep(pause.mul_f64(0.5 + drawn / 2.0)).await;
    }
}

async fn connect(context: &SourceContext, client: &reqwest::Client, at: &str) -> Result<WebSocketStream<Upgraded>, Lost> {
    Counters::add(&context.counters.network_requests, 1);
    let key = generate_key();
    let request = client.get(at).header(CONNECTION, "Upgrade").header(UPGRADE, "websocket");
    let request = request.header(SEC_WEBSOCKET_VERSION, "13").header(SEC_WEBSOCKET_KEY, &key);
    let response = request.send().await.map_err(|_| Lost::Broke)?;
    let status = response.status();
    if status.is_client_error() && !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) {
        tracing::info!(status = status.as_u16(), "the service of the feed does not tell what is new");
        return Err(Lost::Refused);
    }
    let accepted = response
        .headers()
        .get(SEC_WEBSOCKET_ACCEPT)
        .is_some_and(|accept| accept.as_bytes() == derive_accept_key(key.as_bytes()).as_bytes());
    if status != StatusCode::SWITCHING_PROTOCOLS || !accepted {
        return Err(Lost::Broke);
    }
    let upgraded = response.upgrade().await.map_err(|_| Lost::Broke)?;
    let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_BYTES_MAX)).max_frame_size(Some(MESSAGE_BYTES_MAX));
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
}

/// Hears until the connection is lost. Whether anything was heard.
async fn hear(
    context: &SourceContext,
    mut socket: WebSocketStream<Upgraded>,
    watched: &watch::Receiver<Option<String>>,
    tell: &impl Fn(Told),
) -> bool {
    let mut ticks = interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut heard, mut waiting) = (false, Waiting::default());
    let (mut heard_at, mut asked_at) = (Instant::now(), Instant::now());
    let mut said = Said::default();
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(message)) => {
                    Counters::add(&context.counters.network_bytes, message.len() as u64);
                    heard_at = Instant::now();
                    if let Message::Text(text) = &message && let Some(news) = read(text) {
                        heard = true;
                        if news == News::Changed {
                            // What is here of the feed is old from now on.
                            context.forget();
                        }
                        waiting.take(news);
                    }
                }
                Some(Err(_)) | None => break,
            },
            now = ticks.tick() => {
                waiting.tell(tell);
                if now.saturating_duration_since(heard_at) >= SILENT_AFTER {
                    break;
                }
                let due = said.next(watched.borrow().as_deref());
                let asks = now.saturating_duration_since(asked_at) >= PING_EVERY;
                if asks {
                    asked_at = now;
                }
                let ping = asks.then(|| Message::Ping(Bytes::new()));
                for message in due.map(Message::text).into_iter().chain(ping) {
                    if !matches!(timeout(context.page_timeout, socket.send(message)).await, Ok(Ok(()))) {
                        waiting.tell(tell);
                        return heard;
                    }
                }
            }
        }
    }
    waiting.tell(tell);
    heard
}

/// The stream that a connection's service was told is watched.
#[derive(Default)]
struct Said(Option<String>);

impl Said {
    /// What is to be said next while `watched` is watched: one stream is left before another is joined.
    fn next(&mut self, watched: Option<&str>) -> Option<String> {
        let (event, stream) = match (self.0.take(), watched) {
            (Some(before), now) if now != Some(&*before) => ("viewer_left", before),
            (None, Some(now)) => {
                self.0 = Some(now.to_owned());
                ("viewer_joined", now.to_owned())
            }
            (before, _) => {
                self.0 = before;
                return None;
            }
        };
        Some(json!({ "event": event, "data": { "stream_id": stream } }).to_string())
    }
}

/// What was heard and not told yet.
#[derive(Default)]
struct Waiting {
    changed: bool,
    viewers: HashMap<String, u64>,
}

impl Waiting {
    fn take(&mut self, news: News) {
        match news {
            News::Changed => self.changed = true,
            News::Viewers(stream, count) => {
                if self.viewers.len() < STREAMS_MAX || self.viewers.contains_key(&stream) {
                    self.viewers.insert(stream, count);
                }
            }
        }
    }

    fn tell(&mut self, tell: &impl Fn(Told)) {
        if std::mem::take(&mut self.changed) {
            tell(Told::Changed);
        }
        if !self.viewers.is_empty() {
            let mut viewers: Vec<_> = self.viewers.drain().collect();
            viewers.sort();
            tell(Told::Viewers(viewers));
        }
    }
}

/// One message that was understood.
#[derive(Debug, PartialEq, Eq)]
enum News {
    Changed,
    Viewers(String, u64),
}

/// `{"event": NAME, "data": {…}}`; some services write the name as `type`, and the fields beside it.
fn read(text: &str) -> Option<News> {
    let message: Value = serde_json::from_str(text).ok()?;
    let name = message.get("event").or_else(|| message.get("type"))?.as_str()?;
    let fields = message.get("data").unwrap_or(&message);
    match name {
        "feed_refresh_required" => Some(News::Changed),
        "viewer_count_updated" => {
            let stream = fields.get("stream_id")?.as_str()?;
            Some(News::Viewers(stream.to_owned(), fields.get("count")?.as_u64()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_understood_in_both_spellings_and_everything_else_is_left_alone() {
        let count = r#"{"event":"viewer_count_updated","data":{"stream_id":"s1","count":7,"action":"joined"}}"#;
        assert_eq!(read(count), Some(News::Viewers("s1".into(), 7)));
        assert_eq!(read(r#"{"type":"viewer_count_updated","stream_id":"s1","count":0}"#), Some(News::Viewers("s1".into(), 0)));
        assert_eq!(read(r#"{"type":"feed_refresh_required","reason":"new","stream_id":"s1","new_status":"live"}"#), Some(News::Changed));
        for garbage in [
            "",
            "7",
            "[]",
            "{",
            r#"{"event":7}"#,
            r#"{"event":"cache_invalidated"}"#,
            r#"{"event":"viewer_count_updated"}"#,
            r#"{"event":"viewer_count_updated","data":{"stream_id":"s1","count":-1}}"#,
            r#"{"event":"viewer_count_updated","data":{"stream_id":7,"count":1}}"#,
            r#"{"event":"viewer_count_updated","data":[]}"#,
        ] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn a_stream_is_left_before_another_is_joined_and_nothing_is_said_twice() {
        let mut said = Said::default();
        let joined = |stream| Some(json!({"event": "viewer_joined", "data": {"stream_id": stream}}).to_string());
        let left = |stream| Some(json!({"event": "viewer_left", "data": {"stream_id": stream}}).to_string());
        let steps = [(None, None), (Some("a"), joined("a")), (Some("a"), None), (Some("b"), left("a")), (Some("b"), joined("b"))];
        for (watched, wanted) in steps.into_iter().chain([(None, left("b")), (None, None)]) {
            assert_eq!(said.next(watched), wanted);
        }
    }

    #[test]
    fn of_much_that_comes_at_once_the_newest_is_told_once_and_no_more_than_is_kept() {
        let told = std::cell::RefCell::new(Vec::new());
        let tell = |news: Told| told.borrow_mut().push(news);
        let mut waiting = Waiting::default();
        for count in 0..1000 {
            waiting.take(News::Changed);
            waiting.take(News::Viewers("s1".into(), count));
        }
        waiting.tell(&tell);
        assert_eq!(told.take(), [Told::Changed, Told::Viewers(vec![("s1".into(), 999)])]);
        waiting.tell(&tell);
        assert_eq!(told.take(), []);
        for stream in 0..1000 {
            waiting.take(News::Viewers(stream.to_string(), 1));
        }
        assert_eq!(waiting.viewers.len(), STREAMS_MAX);
    }
}
