//! The worker that fetches heads ahead.

use std::sync::Arc;

use flickreel::cache::{Availability, Demand};
use flickreel::feed::Item;
use flickreel::preload::plan::Stage;
use flickreel::preload::worker;
use tokio::sync::watch;

use super::rig::{KIB, MIB, Rig, noise};
use super::turns::PATIENT;
use crate::support::faulty::Fault;

/// An mp4, as far as its boxes go, whose index lies at its end.
fn with_its_index_at_the_end(length: u64, moov_at: u64) -> Vec<u8> {
    let mut body = noise(length);
    body[..8].copy_from_slice(b"\0\0\0\x18ftyp");
    body[24..28].copy_from_slice(&u32::try_from(moov_at - 24).unwrap().to_be_bytes());
    body[28..32].copy_from_slice(b"mdat");
    body
}

fn plan(rig: &Rig, heads: &[&str]) -> Arc<[(Arc<Item>, Stage)]> {
    heads.iter().map(|path| (Arc::new(rig.item(path)), Stage::Head)).collect()
}

fn start(rig: &Rig) -> watch::Sender<worker::Plan> {
    let (sender, receiver) = watch::channel(plan(rig, &[]));
    worker::spawn(rig.runtime.handle(), Arc::new(rig.opener.clone()), receiver, Arc::clone(&rig.counters));
    sender
}

#[test]
fn the_heads_of_a_plan_are_fetched_and_no_more() {
    let rig = Rig::new(noise(4 * MIB));
    let plans = start(&rig);
    let mut planned = plan(&rig, &["/a", "/b", "/c"]).to_vec();
    planned.insert(0, (Arc::new(rig.item("/shown")), Stage::Current));
    plans.send_replace(planned.into());
    rig.until(|| rig.counters.snapshot().preload_completed == 3);
    rig.until_quiet();
    assert_eq!(rig.counters.snapshot().preload_queue, 0);
    assert_eq!(rig.server.requests(), 3);
    assert_eq!(rig.server.sent(), 3 * 512 * KIB);
    assert!(rig.open("/b", Demand::Preroll).unwrap().from_cache);
}

#[test]
fn the_newest_plan_wins_and_what_left_it_is_given_up() {
    let rig = Rig::with(noise(4 * MIB), 100 * MIB, PATIENT);
    let plans = start(&rig);
    rig.server.open_gate(false);
    plans.send_replace(plan(&rig, &["/a", "/b", "/c"]));
    rig.until_requests(2);
    rig.until(|| rig.counters.snapshot().preload_queue == 3);
    plans.send_replace(plan(&rig, &["/d"]));
    rig.until(|| rig.server.seen_of("/d").len() == 1);
    // What waited may get a place that has just become free before it is given up too, and gives it back.
    rig.until(|| rig.counters.snapshot().network_active == 1);
    rig.server.open_gate(true);
    rig.until(|| rig.counters.snapshot().preload_completed == 1);
    rig.until_quiet();
    for (path, there) in [("/a", 0), ("/b", 0), ("/c", 0), ("/d", 512 * KIB)] {
        let bytes = match rig.opener.availability(&rig.item(path)) {
            Availability::Partial { bytes, .. } => bytes,
            _ => 0,
        };
        assert_eq!(bytes, there, "{path}: {:?}", rig.server.seen());
    }
}

#[test]
fn a_head_that_cannot_be_had_is_counted_and_not_asked_for_for_ever() {
    let rig = Rig::new(noise(MIB));
    rig.server.fault(Fault::Status(404));
    let plans = start(&rig);
    plans.send_replace(plan(&rig, &["/a"]));
    rig.until(|| rig.counters.snapshot().preload_failed == 1);
    plans.send_replace(plan(&rig, &["/a"]));
    rig.server.fault(Fault::None);
    plans.send_replace(plan(&rig, &["/a", "/b"]));
    rig.until(|| rig.counters.snapshot().preload_completed == 1);
    assert_eq!(rig.server.requests(), 2);
}

#[test]
fn the_head_of_an_mp4_with_its_index_at_the_end_brings_the_index_too() {
    let body = with_its_index_at_the_end(6 * MIB, 5 * MIB + 1000);
    let rig = Rig::new(body.clone());
    let plans = start(&rig);
    plans.send_replace(plan(&rig, &["/a"]));
    rig.until(|| rig.counters.snapshot().preload_completed == 1);
    rig.until_quiet();
    assert_eq!(rig.server.sent(), 512 * KIB + MIB);
    // So does one whose beginning lies on disk from another time.
    let rig = rig.restart();
    rig.server.set(|behaviour| behaviour.body = Arc::new(body.clone()));
    rig.runtime.block_on(rig.opener.fetch_metadata(&rig.item("/b"))).unwrap();
    let rig = rig.restart();
    let plans = start(&rig);
    plans.send_replace(plan(&rig, &["/a", "/b"]));
    rig.until(|| rig.counters.snapshot().preload_completed == 2);
    rig.until_quiet();
    assert_eq!(rig.server.sent(), 2 * (512 * KIB + MIB));
    let opened = rig.open("/b", Demand::Preroll).unwrap();
    assert!(opened.from_cache);
    assert_eq!(opened.reader.ready_from(5 * MIB + 1000), MIB - 1000);
}

#[test]
fn of_what_is_only_to_be_known_the_first_block_is_fetched_and_after_the_heads() {
    let rig = Rig::with(with_its_index_at_the_end(4 * MIB, 3 * MIB), 100 * MIB, PATIENT);
    let plans = start(&rig);
    rig.server.open_gate(false);
    plans.send_replace(plan(&rig, &["/x", "/y"]));
    rig.until_requests(2);
    let planned = [("/x", Stage::Head), ("/y", Stage::Head), ("/known", Stage::Metadata), ("/head", Stage::Head)];
    let planned: Vec<_> = planned.iter().map(|(path, stage)| (Arc::new(rig.item(path)), *stage)).collect();
    plans.send_replace(planned.clone().into());
    rig.until(|| rig.counters.snapshot().network_waiting == 2);
    assert_eq!(rig.counters.snapshot().preload_queue, 4);
    // The first one gives up its place.
    plans.send_replace(planned[1..].into());
    rig.until_requests(3);
    assert_eq!((&*rig.server.seen()[2].path, rig.counters.snapshot().network_waiting), ("/head", 1));
    rig.server.open_gate(true);
    rig.until(|| rig.counters.snapshot().preload_completed == 3);
    rig.until_quiet();
    let known: Vec<_> = rig.server.seen_of("/known").iter().map(|seen| seen.range.unwrap()).collect();
    assert_eq!(known, [(0, Some(64 * KIB - 1))]);
}
