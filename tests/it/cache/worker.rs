//! The worker that fetches heads ahead.

use std::sync::Arc;

use flickreel::feed::Item;
use flickreel::preload::plan::Stage;
use flickreel::preload::worker;
use tokio::sync::watch;

use super::rig::{KIB, MIB, Rig, noise};
use crate::support::faulty::Fault;

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
    assert!(rig.open("/b", flickreel::cache::Demand::Preroll).unwrap().from_cache);
}

#[test]
fn the_newest_plan_wins_and_what_left_it_is_given_up() {
    let rig = Rig::new(noise(4 * MIB));
    let plans = start(&rig);
    rig.server.open_gate(false);
    plans.send_replace(plan(&rig, &["/a", "/b", "/c"]));
    rig.until_requests(2);
    assert_eq!(rig.counters.snapshot().preload_queue, 3);
    plans.send_replace(plan(&rig, &["/d"]));
    rig.until_requests(3);
    rig.server.open_gate(true);
    rig.until(|| rig.counters.snapshot().preload_completed == 1);
    rig.until_quiet();
    assert_eq!(rig.server.requests(), 3, "{:?}", rig.server.seen());
    assert_eq!(rig.server.seen()[2].path, "/d");
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
