//! What a server that speaks the batch API receives, and what becomes of the events when it does not take them.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use flickreel::export::Pace;
use flickreel::export::segment::{Told, UsageStore};
use flickreel::feed::{Cursor, ItemId};
use flickreel::metrics::{Preference, UsageEvent};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use super::rig::{Api, NEVER, PATIENCE, Rig};

/// Looks and tries again at once.
const QUICK: Pace = Pace { flush: NEVER, send: Duration::from_millis(10), backoff: Duration::from_millis(2) };

fn told(event: UsageEvent) -> Told {
    // 29 February 2024, 12:34:56.007.
    Told { event, queue_depth: 3, at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_709_210_096_007) }
}

/// Something with a number, for tests that count.
fn numbered(number: u32) -> Told {
    told(UsageEvent::PaginationRetry { cursor: None, attempt: number })
}

fn store(folder: &TempDir) -> UsageStore {
    UsageStore::new(&folder.path().join("telemetry"))
}

/// A folder in which these events wait.
fn waiting(events: &[Told]) -> TempDir {
    let folder = TempDir::new().unwrap();
    store(&folder).push(events, Uuid::from_u128(5)).unwrap();
    folder
}

/// The events of a body.
fn batch(body: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(body).unwrap()["batch"].as_array().unwrap().clone()
}

fn numbers(body: &str) -> Vec<u64> {
    batch(body).iter().map(|event| event["properties"]["attempt"].as_u64().unwrap()).collect()
}

/// Waits until the queue is empty. It empties only after an answer, so another request cannot come of it.
fn emptied(rig: &Rig) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !store(&rig.folder).look().unwrap().events.is_empty() {
        assert!(std::time::Instant::now() < deadline, "the queue is never emptied");
        std::thread::yield_now();
    }
}

#[test]
fn each_event_is_sent_as_the_batch_api_has_it() {
    let ms = Duration::from_millis;
    let page = Some(Cursor("https://h/next?token=secret".into()));
    let folder = waiting(&[
        told(UsageEvent::VideoViewed { item: ItemId::new("https://h/v.mp4"), position: 4, preloaded: true }),
        told(UsageEvent::Swipe { forward: true, took: ms(212), completed: true }),
        told(UsageEvent::Swipe { forward: false, took: ms(90), completed: false }),
        told(UsageEvent::PageLoaded { cursor: page.clone(), took: ms(140), stored: true }),
        told(UsageEvent::PreloadComplete { took: ms(85), profile: "wifi" }),
        told(UsageEvent::PreferencesUpdated(Preference::ReadyAnyway)),
        told(UsageEvent::PreferencesUpdated(Preference::AtEnd)),
        told(UsageEvent::PreferencesUpdated(Preference::Speed)),
        told(UsageEvent::PreferencesUpdated(Preference::Captions)),
        told(UsageEvent::PaginationRetry { cursor: None, attempt: 2 }),
    ]);
    let api = Api::start(&[]);
    let rig = Rig::start_in(folder, &api.options(), QUICK);
    let request = api.request();
    let head = request.head.to_ascii_lowercase();
    assert!(request.head.starts_with("POST /v1/batch HTTP/1.1\r\n"), "{}", request.head);
    assert!(request.head.contains("Basic YS13cml0ZS1rZXk6\r\n"), "the key is the user name and the password is empty: {}", request.head);
    for line in
        ["content-type: application/json\r\n", &format!("host: {}\r\n", api.host()), &format!("content-length: {}\r\n", request.body.len())]
    {
        assert!(head.contains(line), "{line} is not in\n{head}");
    }
    assert!(!head.contains("cookie") && !head.contains("referer"), "{head}");

    // What is drawn is taken from the body; all the rest is known to the byte.
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let events = batch(&request.body);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let id = store(&rig.folder).look().unwrap().id.unwrap();
    let (video, cursor) = (text(&events[0]["properties"]["videoId"]), text(&events[3]["properties"]["cursor"]));
    assert!([&video, &cursor].iter().all(|hash| hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit())));
    let properties = [
        ("feed_video_viewed", format!(r#"{{"videoId":"{video}","position":4,"sessionId":"{}","preloaded":true}}"#, Uuid::from_u128(5))),
        ("feed_swipe", r#"{"direction":"next","duration":212,"completed":true}"#.into()),
        ("feed_swipe", r#"{"direction":"prev","duration":90,"completed":false}"#.into()),
        ("feed_page_loaded", format!(r#"{{"cursor":"{cursor}","loadTimeMs":140,"cacheHit":true}}"#)),
        ("feed_preload_complete", r#"{"queueDepth":3,"latencyMs":85,"networkType":"wifi"}"#.into()),
        ("feed_preferences_updated", r#"{"changed":"readyAnyway"}"#.into()),
        ("feed_preferences_updated", r#"{"changed":"atEnd"}"#.into()),
        ("feed_preferences_updated", r#"{"changed":"speed"}"#.into()),
        ("feed_preferences_updated", r#"{"changed":"captions"}"#.into()),
        ("feed_pagination_retry", r#"{"cursor":null,"attempt":2}"#.into()),
    ];
    let whole: Vec<_> = properties
        .iter()
        .zip(&events)
        .map(|((name, properties), event)| {
            let message: Uuid = text(&event["messageId"]).parse().unwrap();
            format!(
                r#"{{"type":"track","event":"{name}","anonymousId":"{id}","messageId":"{message}","timestamp":"2024-02-29T12:34:56.007Z","properties":{properties}}}"#
            )
        })
        .collect();
    let sent_at = text(&body["sentAt"]);
    assert_eq!(request.body, format!(r#"{{"batch":[{}],"sentAt":"{sent_at}"}}"#, whole.join(",")));
    assert!(sent_at.len() == "2024-02-29T12:34:56.007Z".len() && sent_at.ends_with('Z'), "{sent_at}");
    let mut messages: Vec<_> = events.iter().map(|event| text(&event["messageId"])).collect();
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), events.len(), "no two events share an id");
    emptied(&rig);
}

#[test]
fn an_event_goes_from_the_window_to_the_server() {
    let api = Api::start(&[]);
    let rig = Rig::start(&api.options(), QUICK);
    rig.exporters.usage(UsageEvent::PreloadComplete { took: Duration::from_millis(85), profile: "slow" }, || 11);
    let events = batch(&api.request().body);
    assert_eq!(events[0]["properties"].to_string(), r#"{"latencyMs":85,"networkType":"slow","queueDepth":11}"#);
    emptied(&rig);
    assert!(api.is_quiet(), "it is sent once");
}

#[test]
fn a_batch_that_may_be_taken_later_is_sent_again_as_it_was() {
    let api = Api::start(&[
        "500 Oh No\r\n",
        "429 Slow Down\r\nRetry-After: 0\r\n",
        "",
        "302 Found\r\nLocation: /elsewhere\r\n",
        "408 Too Slow\r\n",
    ]);
    let rig = Rig::start_in(waiting(&[numbered(1), numbered(2)]), &api.options(), QUICK);
    let first = batch(&api.request().body);
    for _ in 0..5 {
        let request = api.request();
        assert!(request.head.starts_with("POST /v1/batch "), "no redirect is followed: {}", request.head);
        assert_eq!(batch(&request.body), first);
    }
    emptied(&rig);
    assert!(api.is_quiet());
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it() {
    let api = Api::start(&["503 Later\r\nRetry-After: 3600\r\n"]);
    let rig = Rig::start_in(waiting(&[numbered(1)]), &api.options(), QUICK);
    api.request();
    // A look at the queue is due every 10 ms.
    #[expect(clippy::disallowed_methods, reason = "that nothing happens is told by nobody")]
    std::thread::sleep(Duration::from_millis(300));
    assert!(api.is_quiet());
    assert_eq!(store(&rig.folder).look().unwrap().events.len(), 1, "it waits");
}

#[test]
fn a_batch_that_will_never_be_taken_is_dropped_and_the_next_ones_go_on() {
    let api = Api::start(&["400 Bad Request\r\n", "401 Unauthorized\r\n"]);
    let rig = Rig::start_in(waiting(&[numbered(1)]), &api.options(), QUICK);
    assert_eq!(numbers(&api.request().body), [1]);
    emptied(&rig);
    for number in 2..4 {
        store(&rig.folder).push(&[numbered(number)], Uuid::nil()).unwrap();
        assert_eq!(numbers(&api.request().body), [u64::from(number)]);
        emptied(&rig);
    }
}

#[test]
fn a_long_queue_goes_out_in_batches_of_a_hundred_in_its_order() {
    let api = Api::start(&[]);
    let rig = Rig::start_in(waiting(&(1..=250).map(numbered).collect::<Vec<_>>()), &api.options(), QUICK);
    let batches: Vec<_> = (0..3).map(|_| numbers(&api.request().body)).collect();
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    assert_eq!(batches.concat(), (1..=250).collect::<Vec<_>>());
    emptied(&rig);
}

#[test]
fn what_was_not_sent_is_sent_by_the_next_start() {
    let unreachable = Api::start(&[""; 1000]);
    let rig = Rig::start(&unreachable.options(), QUICK);
    for attempt in 1..=3 {
        rig.exporters.usage(UsageEvent::PaginationRetry { cursor: None, attempt }, || 0);
    }
    unreachable.request();
    let folder = rig.finish();
    let id = store(&folder).look().unwrap().id;
    let api = Api::start(&[]);
    let rig = Rig::start_in(folder, &api.options(), QUICK);
    assert_eq!(numbers(&api.request().body), [1, 2, 3]);
    emptied(&rig);
    rig.exporters.usage(UsageEvent::PaginationRetry { cursor: None, attempt: 4 }, || 0);
    let later = batch(&api.request().body);
    assert_eq!(later[0]["anonymousId"].as_str(), id.map(|id| id.to_string()).as_deref(), "the id stays the same");
}

#[test]
fn events_that_come_faster_than_the_disk_are_dropped_and_counted() {
    // What it may ask for at its first look stays on the disk.
    let api = Api::start(&["500 Oh No\r\n"]);
    let rig = Rig::start_in(waiting(&[]), &api.options(), Pace { send: NEVER, backoff: NEVER, ..QUICK });
    let lock = File::options().write(true).open(rig.folder.path().join("telemetry/lock")).unwrap();
    // The disk is busy for as long as another process has the lock.
    lock.lock().unwrap();
    for attempt in 1..=1000 {
        rig.exporters.usage(UsageEvent::PaginationRetry { cursor: None, attempt }, || 0);
    }
    let dropped = rig.exporters.dropped();
    assert!((400..1000).contains(&dropped), "{dropped}");
    lock.unlock().unwrap();
    let folder = rig.finish();
    assert_eq!(count(folder.path()) + dropped, 1000);
}

fn count(folder: &Path) -> u64 {
    UsageStore::new(&folder.join("telemetry")).look().unwrap().events.len() as u64
}
