//! Whose turn it is: what is loaded beside what plays, in which order, and how much of it at a time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

use flickreel::cache::{Demand, MediaOpener, OpenTicket, Opened, Timeouts};
use flickreel::feed::{Failure, FailureKind, Item};
use flickreel::preload::plan::Stage;
use flickreel::preload::worker;
use tokio::sync::watch;

use super::rig::{KIB, MIB, Rig, noise, open, read};
use crate::support::faulty::{Fault, Seen};

/// Longer than any test takes.
const LONG: Duration = Duration::from_mins(5);
/// Body bytes at a time that make a line slow: with the pause in between no more than 3.2 Mbit/s.
const SLOW: Fault = Fault::Trickles(800);

/// Nothing ends, and nobody gives way, because time goes by.
pub const PATIENT: Timeouts = Timeouts { answer: LONG, stall: LONG, read: LONG, backoff: Duration::from_millis(1), silence: LONG };

/// A cache in which requests that bring nothing hold others up for as long as a test takes.
fn patient(body: Vec<u8>) -> Rig {
    Rig::with(body, 100 * MIB, PATIENT)
}

/// An item that takes 64 KiB a second to play when it has so many bytes.
fn clip(rig: &Rig, path: &str, length: u64) -> Arc<Item> {
    Arc::new(Item { duration: Some(Duration::from_secs(length / (64 * KIB))), ..rig.item(path) })
}

/// A plan in which the first is shown, and of the others the heads are wanted.
fn plan(rig: &Rig, paths: &[&str]) -> worker::Plan {
    let stages = std::iter::once(Stage::Current).chain(std::iter::repeat(Stage::Head));
    paths.iter().zip(stages).map(|(path, stage)| (Arc::new(rig.item(path)), stage)).collect()
}

fn start(rig: &Rig) -> watch::Sender<worker::Plan> {
    let (sender, receiver) = watch::channel(plan(rig, &[]));
    worker::spawn(rig.runtime.handle(), Arc::new(rig.opener.clone()), receiver, Arc::clone(&rig.counters));
    sender
}

type Answer = Receiver<Result<Opened, Failure>>;

/// Opens without waiting for it.
fn begin(rig: &Rig, path: &str, demand: Demand) -> (OpenTicket, Answer) {
    begin_within(rig, path, demand, LONG)
}

fn begin_within(rig: &Rig, path: &str, demand: Demand, within: Duration) -> (OpenTicket, Answer) {
    let (done, answer) = sync_channel(1);
    let opened = Box::new(move |result| drop(done.send(result)));
    (rig.opener.open(Arc::new(rig.item(path)), demand, within, opened), answer)
}

fn until_waiting(rig: &Rig, count: u64) {
    rig.until(|| rig.counters.snapshot().network_waiting == count);
}

fn paths(seen: &[Seen]) -> Vec<&str> {
    let mut paths: Vec<_> = seen.iter().map(|seen| seen.path.as_str()).collect();
    paths.sort_unstable();
    paths
}

/// Plays something over a slow line until it is known as one.
fn learn_that_the_line_is_slow(rig: &Rig) {
    rig.server.fault(SLOW);
    let opened = rig.open("/learn", Demand::Playing).unwrap();
    rig.until(|| rig.opener.network().bits_per_second.is_some());
    drop(opened);
    rig.until_quiet();
    assert!(rig.opener.network().bits_per_second < Some(20_000_000), "{:?}", rig.opener.network());
}

#[test]
fn beside_what_plays_two_are_loaded_at_once_in_the_order_of_the_plan() {
    let rig = patient(noise(300 * KIB));
    let plans = start(&rig);
    rig.server.open_gate(false);
    let (_ticket, playing) = begin(&rig, "/now", Demand::Playing);
    rig.until_requests(1);
    plans.send_replace(plan(&rig, &["/now", "/a", "/b", "/c", "/d", "/e"]));
    until_waiting(&rig, 5);
    assert_eq!(rig.server.requests(), 1, "what plays is short of bytes: nothing else begins");
    rig.server.let_through(300 * KIB);
    rig.until_requests(3);
    until_waiting(&rig, 3);
    assert_eq!(paths(&rig.server.seen()[1..]), ["/a", "/b"]);
    rig.server.let_through(600 * KIB);
    rig.until_requests(5);
    until_waiting(&rig, 1);
    assert_eq!(paths(&rig.server.seen()[3..]), ["/c", "/d"]);
    rig.server.open_gate(true);
    rig.until(|| rig.counters.snapshot().preload_completed == 5);
    assert_eq!(rig.server.requests(), 6);
    assert!(read(&playing.recv().unwrap().unwrap(), 0, 300 * KIB).unwrap() == noise(300 * KIB));
    assert!(rig.read_all("/e").unwrap() == noise(300 * KIB));
}

#[test]
fn a_change_of_plan_lets_the_new_next_one_go_first() {
    let rig = patient(noise(300 * KIB));
    let plans = start(&rig);
    rig.server.open_gate(false);
    plans.send_replace(plan(&rig, &["/now", "/a", "/b"]));
    rig.until_requests(2);
    plans.send_replace(plan(&rig, &["/now", "/a", "/b", "/c", "/d", "/e"]));
    until_waiting(&rig, 3);
    // What left the plan gives up its place.
    plans.send_replace(plan(&rig, &["/now", "/e", "/d", "/c", "/b"]));
    rig.until_requests(3);
    until_waiting(&rig, 2);
    assert_eq!(rig.server.seen()[2].path, "/e");
}

#[test]
fn what_is_shown_waits_for_nobody_though_its_pipeline_is_not_there_yet() {
    let rig = patient(noise(300 * KIB));
    let plans = start(&rig);
    rig.server.open_gate(false);
    plans.send_replace(plan(&rig, &["/now", "/a", "/b"]));
    rig.until_requests(2);
    let (_ticket, _opening) = begin(&rig, "/next", Demand::Preroll);
    until_waiting(&rig, 1);
    plans.send_replace(plan(&rig, &["/next", "/a", "/b"]));
    rig.until_requests(3);
    until_waiting(&rig, 0);
    assert_eq!(rig.server.seen()[2].path, "/next");
}

#[test]
fn a_server_that_stalls_costs_its_own_item() {
    let timeouts = Timeouts { silence: Duration::from_millis(300), ..PATIENT };
    let rig = Rig::with(noise(300 * KIB), 100 * MIB, timeouts);
    let plans = start(&rig);
    for (path, fault) in [("/now", Fault::Stalls(2000)), ("/a", Fault::Stalls(70_000)), ("/b", Fault::Silent)] {
        rig.server.fault_for(path, fault);
    }
    let playing = rig.open("/now", Demand::Playing).unwrap();
    plans.send_replace(plan(&rig, &["/now", "/a", "/b", "/c", "/d", "/e"]));
    rig.until(|| rig.counters.snapshot().preload_completed == 3);
    drop(playing);
}

#[test]
fn an_opening_that_is_held_back_is_not_late() {
    let short = Duration::from_millis(400);
    let rig = Rig::with(noise(300 * KIB), 100 * MIB, PATIENT);
    rig.server.let_through(10 * KIB);
    let _playing = rig.open("/now", Demand::Playing).unwrap();
    rig.server.fault_for("/silent", Fault::Silent);
    let (_ticket, held_back) = begin_within(&rig, "/next", Demand::Preroll, short);
    until_waiting(&rig, 1);
    // Each of these takes as long as an opening may.
    for _ in 0..3 {
        let (_ticket, silent) = begin_within(&rig, "/silent", Demand::Playing, short);
        assert_eq!(silent.recv().unwrap().err().unwrap().kind, FailureKind::Timeout);
    }
    assert_eq!(held_back.try_recv().err(), Some(TryRecvError::Empty));
    rig.server.open_gate(true);
    assert!(read(&held_back.recv().unwrap().unwrap(), 0, 300 * KIB).unwrap() == noise(300 * KIB));
}

#[test]
fn on_a_slow_line_requests_and_windows_are_small_and_the_bytes_right() {
    let length = 512 * KIB;
    let rig = patient(noise(length));
    learn_that_the_line_is_slow(&rig);
    assert_eq!(rig.server.seen()[0].range, Some((0, None)), "of a line that nobody knows all is asked for");
    let came = || rig.counters.snapshot().network_bytes;
    let before = came();
    let prerolled = open(&rig.opener, (*clip(&rig, "/v", length)).clone(), Demand::Preroll).unwrap();
    rig.until(|| prerolled.reader.ready_from(0) == 128 * KIB);
    rig.until_quiet();
    assert_eq!(came() - before, 128 * KIB, "two seconds of it");
    prerolled.reader.set_demand(Demand::Playing);
    assert!(read(&prerolled, 0, length).unwrap() == noise(length));
    rig.until_quiet();
    let asked: Vec<_> = rig.server.seen_of("/v").iter().map(|seen| seen.range.unwrap()).collect();
    for (first, last) in &asked {
        let end = last.map_or(length, |last| last + 1);
        assert!(first % (64 * KIB) == 0 && end % (64 * KIB) == 0 && end - first <= 256 * KIB, "{asked:?}");
    }
    assert!(asked.len() >= 3, "{asked:?}");
    assert_eq!(came() - before, length, "nothing came twice");
}

#[test]
fn a_request_that_was_sent_before_the_line_was_known_as_slow_makes_way() {
    let length = MIB;
    let rig = patient(noise(length));
    rig.server.fault(SLOW);
    let plans = start(&rig);
    let playing = open(&rig.opener, (*clip(&rig, "/now", length)).clone(), Demand::Playing).unwrap();
    plans.send_replace(plan(&rig, &["/now", "/a", "/b"]));
    rig.until(|| rig.counters.snapshot().preload_completed == 2);
    assert!(playing.reader.ready_from(0) < length, "its rest came after the heads of the next ones");
    assert!(read(&playing, 0, length).unwrap() == noise(length));
    rig.until_quiet();
    let asked: Vec<_> = rig.server.seen_of("/now").iter().map(|seen| seen.range.unwrap()).collect();
    assert_eq!(asked[0], (0, None));
    assert!(asked.len() > 1 && asked[1..].iter().all(|(first, last)| last.is_none_or(|last| last - first < 256 * KIB)), "{asked:?}");
}

#[test]
fn what_came_tells_how_fast_the_line_and_how_far_the_server_is() {
    let rig = Rig::new(noise(2 * MIB));
    assert_eq!(rig.opener.network(), flickreel::metrics::NetworkEstimate::default());
    rig.read_all("/v").unwrap();
    let known = rig.opener.network();
    assert!(known.bits_per_second.is_some() && known.round_trip.is_some(), "{known:?}");
}
