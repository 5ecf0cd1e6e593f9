//! The queue of usage events and their id on the disk: bounded, shared, and none the worse for a kill.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

use flickreel::export::segment::{QUEUE_BYTES_MAX, Told, UsageStore};
use flickreel::metrics::UsageEvent;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::apart;

/// Kills in a run of the tests.
const KILLS: u32 = 20;

fn told(number: u32) -> Told {
    Told { event: UsageEvent::PaginationRetry { cursor: None, attempt: number }, queue_depth: 0, at: SystemTime::UNIX_EPOCH }
}

fn push(store: &UsageStore, numbers: impl Iterator<Item = u32>) {
    store.push(&numbers.map(told).collect::<Vec<_>>(), Uuid::nil()).unwrap();
}

fn number(event: &str) -> u64 {
    serde_json::from_str::<Value>(event).unwrap()["properties"]["attempt"].as_u64().unwrap()
}

fn numbers(store: &UsageStore) -> Vec<u64> {
    store.look().unwrap().events.iter().map(|event| number(event)).collect()
}

fn new() -> (TempDir, UsageStore) {
    let folder = TempDir::new().unwrap();
    let store = UsageStore::new(&folder.path().join("telemetry"));
    (folder, store)
}

#[test]
fn looking_makes_nothing() {
    let (folder, store) = new();
    assert_eq!(store.look().unwrap(), flickreel::export::segment::Waiting::default());
    assert_eq!(store.front().unwrap(), Vec::<String>::new());
    assert_eq!(store.examples(SystemTime::now()).len(), 7);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_files_are_for_their_owner_alone() {
    let (folder, store) = new();
    push(&store, 1..3);
    store.remove(&store.front().unwrap()[..1]).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let telemetry = folder.path().join("telemetry");
    assert_eq!(mode(&telemetry), 0o700);
    let files: Vec<_> = fs::read_dir(&telemetry).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "the id, the queue and the lock: {files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600));
}

#[test]
fn the_queue_never_grows_beyond_its_bound_and_the_oldest_events_make_room() {
    let (_folder, store) = new();
    let mut last = 0;
    let size = || fs::metadata(store.queue()).unwrap().len();
    let mut full = 0;
    while full < 2 {
        let before = if last == 0 { 0 } else { size() };
        push(&store, last + 1..last + 51);
        last += 50;
        assert!(size() <= QUEUE_BYTES_MAX, "{}", size());
        full += u32::from(size() < before);
        let there = numbers(&store);
        assert_eq!(there.last(), Some(&u64::from(last)));
        assert!(there.windows(2).all(|pair| pair[1] == pair[0] + 1), "no event in the middle is lost");
    }
    assert!(size() > QUEUE_BYTES_MAX / 2, "it is cut, not emptied: {}", size());
}

#[test]
fn a_batch_is_never_larger_than_the_server_takes() {
    let (_folder, store) = new();
    push(&store, 1..2);
    // Lines as no version of this program writes them.
    let line = format!("{{\"event\":\"{}\"}}\n", "x".repeat(20_000));
    fs::write(store.queue(), line.repeat(26)).unwrap();
    let front = store.front().unwrap();
    let bytes: usize = front.iter().map(|line| line.len() + 1).sum();
    assert_eq!(front.len(), 24);
    assert!(bytes <= 500_000 && bytes + line.len() > 500_000, "{bytes}");
}

#[test]
fn a_torn_line_costs_itself_alone() {
    let (_folder, store) = new();
    push(&store, 1..3);
    let torn = store.front().unwrap()[0].split_at(40).0.to_owned();
    for rubbish in [torn.as_bytes(), b"\xff\xfe\0", b"[1]", b"{}x"] {
        OpenOptions::new().append(true).open(store.queue()).unwrap().write_all(rubbish).unwrap();
        push(&store, 3..4);
        assert_eq!(numbers(&store), [1, 2, 3]);
        store.remove(&store.front().unwrap()[2..]).unwrap();
        assert_eq!(numbers(&store), [1, 2]);
        assert_eq!(fs::read_to_string(store.queue()).unwrap().lines().count(), 2, "what is no event is gone");
    }
}

#[test]
fn a_queue_that_was_not_written_here_is_begun_anew() {
    let (_folder, store) = new();
    push(&store, 1..2);
    fs::write(store.queue(), vec![b'\n'; 3 * usize::try_from(QUEUE_BYTES_MAX).unwrap()]).unwrap();
    assert_eq!(numbers(&store), Vec::<u64>::new());
    push(&store, 7..8);
    assert_eq!(numbers(&store), [7]);
    assert!(fs::metadata(store.queue()).unwrap().len() < 1000);
}

#[test]
fn a_damaged_id_is_drawn_anew() {
    let (folder, store) = new();
    push(&store, 1..2);
    let before = store.look().unwrap().id.unwrap();
    fs::write(folder.path().join("telemetry/identity.json"), "{\"id\":").unwrap();
    assert_eq!(store.look().unwrap().id, None);
    push(&store, 2..3);
    assert!(store.look().unwrap().id.is_some_and(|id| id != before));
    assert_eq!(numbers(&store), [1, 2]);
}

#[test]
fn a_reset_leaves_neither_the_id_nor_an_event() {
    let (folder, store) = new();
    push(&store, 1..4);
    let identity = || fs::read_to_string(folder.path().join("telemetry/identity.json")).unwrap();
    let (before, salt) = (store.look().unwrap().id.unwrap(), identity());
    let sending = store.front().unwrap();
    let after = store.reset().unwrap();
    assert_ne!(after, before);
    let secret = |text: &str| serde_json::from_str::<Value>(text).unwrap()["salt"].as_str().unwrap().to_owned();
    assert_ne!(secret(&identity()), secret(&salt));
    assert_eq!(numbers(&store), Vec::<u64>::new());
    // A batch that was under way meanwhile comes back to a queue that knows nothing of it.
    push(&store, 9..10);
    store.remove(&sending).unwrap();
    assert_eq!(numbers(&store), [9]);
    assert!(store.look().unwrap().events[0].contains(&after.to_string()));
}

#[test]
fn several_windows_share_one_queue() {
    let (_folder, store) = new();
    std::thread::scope(|scope| {
        for window in 0..4 {
            let store = store.clone();
            scope.spawn(move || (0..25).for_each(|event| push(&store, std::iter::once(window * 100 + event))));
        }
    });
    let mut there = numbers(&store);
    there.sort_unstable();
    let all: Vec<_> = (0..4).flat_map(|window| (0..25).map(move |event| window * 100 + event)).collect();
    assert_eq!(there, all);
}

#[test]
fn a_kill_in_the_middle_of_writing_loses_nothing_that_was_kept() {
    let this = a_kill_in_the_middle_of_writing_loses_nothing_that_was_kept;
    if let Some(from) = apart::here(&this) {
        let store = UsageStore::new(&std::env::temp_dir().join("telemetry"));
        let mut out = std::io::stdout();
        for number in from.parse().unwrap().. {
            push(&store, std::iter::once(number));
            // Whoever sends removes, too.
            if number % 7 == 0 {
                let front = store.front().unwrap();
                store.remove(&front[..front.len().min(3)]).unwrap();
            }
            writeln!(out, "\nkept {number}").unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let store = UsageStore::new(&dir.path().join("telemetry"));
    let mut first = 1;
    for kill in 0..KILLS {
        let mut child = apart::start(&this, &first.to_string(), dir.path());
        let kept = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut kept = kept.filter_map(|line| line.strip_prefix("kept ")?.parse::<u32>().ok());
        let sooner = kept.by_ref().nth(10 + usize::try_from(kill).unwrap() * 3).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it was gone.
        let last = kept.last().unwrap_or(sooner);
        let there = numbers(&store);
        assert!(there.contains(&u64::from(last)), "{last} after kill {kill}: {there:?}");
        assert!(there.windows(2).all(|pair| pair[1] == pair[0] + 1), "in order and without a gap: {there:?}");
        first = last + 1;
        if there.last() > Some(&u64::from(last)) {
            first += 1;
        }
    }
    assert!(store.look().unwrap().id.is_some());
}
