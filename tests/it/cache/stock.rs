//! What a service calls warm is laid in: while the line is free, and only where that is allowed.

use std::sync::Arc;

use flickreel::cache::Availability;
use flickreel::feed::Item;
use flickreel::preload::plan::Stage;
use flickreel::preload::stock::{self, Stock};
use flickreel::preload::worker::Plan;
use tokio::sync::watch;

use super::rig::{KIB, MIB, Rig, noise};
use super::turns::PATIENT;

struct Asked {
    plan: watch::Sender<Plan>,
    stock: watch::Sender<Stock>,
}

fn start(rig: &Rig, allowed: bool, paths: &[&str]) -> Asked {
    let (plan, plans) = watch::channel::<Plan>(Arc::from([]));
    let (stock, stocked) = watch::channel(Stock { items: items(rig, paths), allowed });
    stock::spawn(rig.runtime.handle(), Arc::new(rig.opener.clone()), plans, stocked, Arc::clone(&rig.counters));
    Asked { plan, stock }
}

fn items(rig: &Rig, paths: &[&str]) -> Arc<[Arc<Item>]> {
    paths.iter().map(|path| Arc::new(rig.item(path))).collect()
}

fn there(rig: &Rig, path: &str) -> u64 {
    match rig.opener.availability(&rig.item(path)) {
        Availability::Partial { bytes, .. } => bytes,
        _ => 0,
    }
}

#[test]
fn heads_of_what_is_warm_are_laid_in_one_after_the_other_in_their_order() {
    let rig = Rig::with(noise(4 * MIB), 100 * MIB, PATIENT);
    rig.server.open_gate(false);
    let _asked = start(&rig, true, &["/a", "/b", "/c"]);
    rig.until_requests(1);
    rig.server.open_gate(true);
    rig.until(|| ["/a", "/b", "/c"].iter().all(|path| there(&rig, path) == 512 * KIB));
    rig.until_quiet();
    assert_eq!((rig.server.requests(), rig.server.sent()), (3, 3 * 512 * KIB));
    let seen: Vec<_> = ["/a", "/b", "/c"].iter().map(|path| rig.server.seen_of(path).len()).collect();
    assert_eq!(seen, [1, 1, 1]);
}

#[test]
fn nothing_is_laid_in_before_it_is_allowed_nor_for_what_is_planned_or_there() {
    let rig = Rig::with(noise(4 * MIB), 100 * MIB, PATIENT);
    rig.runtime.block_on(rig.opener.fetch_metadata(&rig.item("/there"))).unwrap();
    let asked = start(&rig, false, &["/there", "/planned", "/a"]);
    asked.plan.send_replace([(Arc::new(rig.item("/planned")), Stage::Current)].into());
    asked.stock.send_modify(|stock| stock.allowed = true);
    rig.until(|| there(&rig, "/a") == 512 * KIB);
    rig.until_quiet();
    assert_eq!((rig.server.seen_of("/planned").len(), rig.server.seen_of("/there").len(), rig.server.requests()), (0, 1, 2));
    asked.stock.send_modify(|stock| stock.allowed = false);
    asked.stock.send_modify(|stock| stock.items = items(&rig, &["/b"]));
    asked.plan.send_replace(Arc::from([]));
    // Whoever lays in has heard of both when it has heard of what comes last.
    asked.stock.send_modify(|stock| (stock.items, stock.allowed) = (items(&rig, &["/c"]), true));
    rig.until(|| there(&rig, "/c") == 512 * KIB);
    assert_eq!(rig.server.seen_of("/b").len(), 0);
}

#[test]
fn what_is_fetched_for_the_plan_comes_first_and_a_new_plan_stops_what_is_laid_in() {
    let rig = Rig::with(noise(4 * MIB), 100 * MIB, PATIENT);
    rig.server.open_gate(false);
    let planned = rig.runtime.spawn(rig.opener.fetch_head(&rig.item("/planned")));
    rig.until_requests(1);
    let asked = start(&rig, true, &["/a"]);
    // The line is busy: what is laid in waits, however often it looks.
    asked.plan.send_replace([(Arc::new(rig.item("/planned")), Stage::Head)].into());
    rig.server.open_gate(true);
    rig.runtime.block_on(planned).unwrap().unwrap();
    rig.until(|| there(&rig, "/a") == 512 * KIB);
    let order: Vec<_> = rig.server.seen().iter().map(|seen| seen.path.clone()).collect();
    assert_eq!(order, ["/planned", "/a"]);
    rig.server.open_gate(false);
    asked.stock.send_modify(|stock| stock.items = items(&rig, &["/b"]));
    rig.until(|| rig.server.seen_of("/b").len() == 1);
    asked.plan.send_replace([(Arc::new(rig.item("/b")), Stage::Metadata)].into());
    rig.until(|| rig.counters.snapshot().network_active == 0);
    rig.server.open_gate(true);
    rig.until_quiet();
    assert_eq!(there(&rig, "/b"), 0, "the plan says what is fetched of it now");
}
