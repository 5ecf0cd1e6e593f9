//! What a service tells by WebSocket, from a real server on loopback: heard, lost, heard again; and what it is told in
//! return, and what not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flickreel::metrics::Counters;
use flickreel::source::{Source, SourceContext, Told, listen};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// Longer than any wait of these tests on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

const CHANGED: &str = r#"{"event":"feed_refresh_required","data":{"reason":"stream_status_changed","stream_id":"s1","new_status":"live"}}"#;

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn viewers(count: u64) -> Message {
    text(&format!(r#"{{"event":"viewer_count_updated","data":{{"stream_id":"s1","count":{count},"action":"joined"}}}}"#))
}

/// What the service saw.
#[derive(Debug)]
enum Seen {
    /// A connection was asked for.
    Asked(Uri, HeaderMap),
    /// The client said this.
    Heard(Value),
    /// One that remains was left by the client.
    Left,
}

/// What the service does with its n-th connection.
enum Does {
    /// Says these, and remains.
    Says(Vec<Message>),
    /// Says these, and goes.
    SaysAndGoes(Vec<Message>),
    /// Answers so instead.
    Answers(StatusCode, Option<String>),
}

type Script = dyn Fn(usize) -> Does + Send + Sync;

struct Service {
    script: Box<Script>,
    connections: AtomicUsize,
    seen: UnboundedSender<Seen>,
}

/// Starts a service; returns its address and what it noted.
async fn service(script: impl Fn(usize) -> Does + Send + Sync + 'static) -> (String, UnboundedReceiver<Seen>) {
    let (seen, noted) = unbounded_channel();
    let state = Arc::new(Service { script: Box::new(script), connections: AtomicUsize::new(0), seen });
    let page = r#"{"videos":[{"id":"v1","videoUrl":"/a.mp4","streamId":"s1","live":{"status":"live"}}],"hasMore":false,"events":"/ws"}"#;
    let router = Router::new().route("/feed", get(move || async move { page })).route("/ws", get(upgraded)).with_state(state);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, noted)
}

async fn upgraded(State(service): State<Arc<Service>>, uri: Uri, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let _ = service.seen.send(Seen::Asked(uri, headers));
    let (says, remains) = match (service.script)(service.connections.fetch_add(1, Ordering::SeqCst)) {
        Does::Says(says) => (says, true),
        Does::SaysAndGoes(says) => (says, false),
        Does::Answers(status, to) => {
            let to = to.map(|to| [(header::LOCATION, to)]);
            return to.map_or_else(|| status.into_response(), |to| (status, to).into_response());
        }
    };
    upgrade.on_upgrade(move |socket| talk(service, socket, says, remains))
}

async fn talk(service: Arc<Service>, mut socket: WebSocket, says: Vec<Message>, remains: bool) {
    for message in says {
        if socket.send(message).await.is_err() {
            break;
        }
    }
    if remains {
        while let Some(Ok(message)) = socket.recv().await {
            if let Message::Text(text) = message {
                let _ = service.seen.send(Seen::Heard(serde_json::from_str(&text).unwrap()));
            }
        }
        let _ = service.seen.send(Seen::Left);
    }
}

/// A client of the feed at this address, as the program has it: where it listens, and what it is told.
async fn client(feed: &str) -> (watch::Sender<Option<String>>, UnboundedReceiver<Told>) {
    client_that_watches(feed, watch::channel(None).1).await
}

/// The same of somebody who watches streams.
async fn client_that_watches(
    feed: &str,
    watched: watch::Receiver<Option<String>>,
) -> (watch::Sender<Option<String>>, UnboundedReceiver<Told>) {
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    let source = Source::parse(&[feed.to_owned()]).unwrap();
    context.note_opened(&source);
    let page = source.page(&context, None).await.unwrap();
    assert!(page.events.is_some());
    let (place, places) = watch::channel(page.events);
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        let tell = move |news| {
            let _ = tell.send(news);
        };
        listen(&context, places, watched, tell).await.unwrap();
    });
    (place, told)
}

async fn next<T: std::fmt::Debug>(from: &mut UnboundedReceiver<T>) -> T {
    tokio::time::timeout(DEADLINE, from.recv()).await.expect("it comes in time").expect("it comes")
}

/// What the next request for a connection looked like.
async fn asked(noted: &mut UnboundedReceiver<Seen>) -> (Uri, HeaderMap) {
    loop {
        if let Seen::Asked(uri, headers) = next(noted).await {
            return (uri, headers);
        }
    }
}

/// What is said next at any connection.
async fn said(noted: &mut UnboundedReceiver<Seen>) -> Value {
    loop {
        if let Seen::Heard(message) = next(noted).await {
            return message;
        }
    }
}

/// What is said of a stream, and nothing else.
fn says(event: &str, stream: &str) -> Value {
    json!({"event": event, "data": {"stream_id": stream}})
}

fn counted(count: u64) -> Told {
    Told::Viewers(vec![("s1".to_owned(), count)])
}

#[tokio::test]
async fn a_changed_feed_and_those_who_watch_are_heard() {
    let (address, _noted) = service(|_| Does::Says(vec![text(CHANGED), viewers(7), viewers(1284)])).await;
    let (_place, mut told) = client(&format!("http://{address}/feed")).await;
    let mut heard = vec![next(&mut told).await];
    while heard.last() != Some(&counted(1284)) {
        heard.push(next(&mut told).await);
    }
    assert!(heard.contains(&Told::Changed), "{heard:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again() {
    let script = |nth| match nth {
        0 => Does::SaysAndGoes(vec![text(CHANGED)]),
        1 => Does::Answers(StatusCode::SERVICE_UNAVAILABLE, None),
        _ => Does::Says(vec![viewers(3)]),
    };
    let (address, _noted) = service(script).await;
    let (_place, mut told) = client(&format!("http://{address}/feed")).await;
    assert_eq!(next(&mut told).await, Told::Changed);
    assert_eq!(next(&mut told).await, counted(3));
}

#[tokio::test]
async fn garbage_is_left_alone_and_a_message_without_measure_ends_the_connection() {
    let garbage = || vec![text("{"), text("7"), Message::Binary(vec![0xff; 100].into()), text(r#"{"event":"unheard_of"}"#)];
    let script = move |nth| match nth {
        0 => Does::Says(garbage().into_iter().chain([viewers(1)]).collect()),
        1 => Does::Says(vec![text(&"x".repeat(100 << 10)), viewers(666)]),
        _ => Does::Says(vec![viewers(2)]),
    };
    let (address, mut noted) = service(script).await;
    let (place, mut told) = client(&format!("http://{address}/feed")).await;
    assert_eq!(next(&mut told).await, counted(1), "what follows garbage is heard");
    // The same place anew: the second connection.
    let at = place.borrow().clone();
    place.send_replace(at);
    assert_eq!(next(&mut told).await, counted(2), "what follows the large one is not");
    assert!(matches!(next(&mut noted).await, Seen::Asked(..)));
}

#[tokio::test]
async fn another_source_ends_the_connection() {
    let (address, mut noted) = service(|_| Does::Says(vec![viewers(1)])).await;
    let (place, mut told) = client(&format!("http://{address}/feed")).await;
    assert_eq!(next(&mut told).await, counted(1));
    place.send_replace(None);
    asked(&mut noted).await;
    assert!(matches!(next(&mut noted).await, Seen::Left));
}

#[tokio::test]
async fn the_service_is_told_no_token_of_the_feeds_address() {
    let (address, mut noted) = service(|_| Does::Says(Vec::new())).await;
    let (_place, _told) = client(&format!("http://{address}/feed?token=secret&x=1")).await;
    let (uri, headers) = asked(&mut noted).await;
    assert_eq!(uri, "/ws");
    assert!(!format!("{headers:?}").contains("secret"), "{headers:?}");
    for name in [header::AUTHORIZATION, header::COOKIE, header::REFERER, header::ORIGIN] {
        assert!(!headers.contains_key(&name), "{name}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, mut others) = service(|_| Does::Says(vec![viewers(666)])).await;
    let script = move |nth| match nth {
        0 => Does::Answers(StatusCode::TEMPORARY_REDIRECT, Some(format!("http://{elsewhere}/ws"))),
        _ => Does::Says(vec![viewers(1)]),
    };
    let (address, _noted) = service(script).await;
    let (_place, mut told) = client(&format!("http://{address}/feed")).await;
    assert_eq!(next(&mut told).await, counted(1), "its own place is asked again");
    assert!(others.try_recv().is_err(), "nobody else is");
}

#[tokio::test]
async fn a_service_that_refuses_is_left_alone_until_a_page_names_another_place() {
    let (address, mut noted) = service(|_| Does::Answers(StatusCode::NOT_FOUND, None)).await;
    let (place, mut told) = client(&format!("http://{address}/feed")).await;
    asked(&mut noted).await;
    let (other, _) = service(|_| Does::Says(vec![viewers(9)])).await;
    place.send_replace(Some(format!("http://{other}/ws")));
    assert_eq!(next(&mut told).await, counted(9));
    assert!(noted.try_recv().is_err(), "it was asked once");
}

#[tokio::test]
async fn the_service_hears_which_stream_is_watched_and_each_new_connection_hears_it_again() {
    let (address, mut noted) = service(|_| Does::Says(Vec::new())).await;
    let (stream, watched) = watch::channel(Some("s1".to_owned()));
    let (place, _told) = client_that_watches(&format!("http://{address}/feed"), watched).await;
    assert_eq!(said(&mut noted).await, says("viewer_joined", "s1"));
    stream.send_replace(Some("s2".to_owned()));
    assert_eq!(said(&mut noted).await, says("viewer_left", "s1"), "one watches one stream");
    assert_eq!(said(&mut noted).await, says("viewer_joined", "s2"));
    // The same place anew: a second connection.
    let at = place.borrow().clone();
    place.send_replace(at);
    assert_eq!(said(&mut noted).await, says("viewer_joined", "s2"));
    stream.send_replace(None);
    assert_eq!(said(&mut noted).await, says("viewer_left", "s2"));
}

#[tokio::test]
async fn a_viewer_who_goes_from_stream_to_stream_costs_the_service_one_message_a_second() {
    let (address, mut noted) = service(|_| Does::Says(Vec::new())).await;
    let (stream, watched) = watch::channel(None);
    let (_place, _told) = client_that_watches(&format!("http://{address}/feed"), watched).await;
    asked(&mut noted).await;
    let start = tokio::time::Instant::now();
    for nth in 0..80 {
        stream.send_replace(Some(format!("s{nth}")));
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let mut messages = 1;
    while said(&mut noted).await != says("viewer_joined", "s79") {
        messages += 1;
    }
    // However long it took: the last of them was said in the last second.
    assert!(messages <= 1 + start.elapsed().as_secs(), "{messages} in {:?}", start.elapsed());
}
