//! Feeds in which a quarter of the items is faulty, in every way that the fault server knows.

use std::collections::BTreeSet;
use std::time::Duration;

use super::watch::medians;
use super::{CLIPS, Feed, Played, SMALL_CLIPS, play_steps};
use crate::support::relay::{Line, Loss};

/// Seventy-six items have nineteen faulty ones: every kind is there.
const FAULTY: [&str; 4] = ["--items", "76", "--share", "0.25"];
/// A good line, which can be lost.
const GOOD_LINE: Line = Line { bytes_per_second: 5_000_000, delay: Duration::from_millis(10) };
/// How much more memory may be in use later, in MB (10^6 bytes).
const GROWTH_MB: f64 = 20.0;
/// How many more threads there may be later: those of one pipeline, which an item has that was refused before.
const THREADS_OF_A_PIPELINE: u64 = 5;
/// What the network is away for.
const AWAY: Duration = Duration::from_secs(8);
/// Much less than the feed, so that a lost network is missed on the way back, in bytes.
const SMALL_CACHE: &str = "20000000";
/// Good items that may fail while the network is away: one a second, and those that are readied around them.
const MISSED_MAX: usize = 14;

/// Good items that failed. Every item was there: each was asked for.
fn good_items_that_failed(feed: &Feed, played: &Played) -> BTreeSet<String> {
    let unseen: Vec<_> = feed.items().into_iter().filter(|item| item["requests"] == 0).collect();
    assert!(unseen.is_empty(), "nobody asked for {unseen:?}");
    let good = |failure: &&str| failure.contains("-good") || failure.contains("-moov-at-end");
    played.failures().into_iter().filter(good).map(str::to_owned).collect()
}

#[test]
fn films_whose_headers_come_last_play() {
    let feed = Feed::of(SMALL_CLIPS, &["--items", "4", "--share", "1", "--fault", "moov-at-end"]);
    let steps = "steps = [\"wait 1s\", { repeat = 3, steps = [\"swipe next\", \"wait 700ms\"] }, \"wait 1s\"]\n\
                 [thresholds]\nblack_frames = 0\nstuck = 0\nwaiting = 0\nabandoned = 0\nfailures = 0\nswipes_min = 3\n";
    let played = play_steps("last.toml", steps, &feed, &[], |_| {});
    assert!(played.status.success(), "{:?}", played.violations());
}

#[test]
fn a_walk_past_every_fault_costs_the_tiles_of_the_faulty_items_alone() {
    let feed = Feed::of(SMALL_CLIPS, &["--items", "30", "--share", "0.5"]);
    let steps = "steps = [\"wait 1s\", { repeat = 29, steps = [\"swipe next\", \"wait 400ms\"] }, \"wait 1s\"]\n\
                 [thresholds]\nblack_frames = 0\npipelines_over_budget = 0\nstuck = 0\n";
    let played = play_steps("walk.toml", steps, &feed, &[], |_| {});
    assert!(played.status.success(), "{:?}", played.violations());
    assert_eq!(good_items_that_failed(&feed, &played), BTreeSet::new());
    // What can never be played did fail: it was there, and it was tried.
    for fault in ["-not-found", "-bad-moov", "-empty"] {
        assert!(played.failures().iter().any(|failure| failure.contains(fault)), "{fault}: {:?}", played.failures());
    }
}

#[test]
#[ignore = "a minute; release"]
fn rush_through_a_feed_of_faults() {
    let feed = Feed::of(CLIPS, &FAULTY);
    // The way of `rush`, on to the end of the feed.
    let steps = "steps = [\"wait 2s\", { repeat = 25, steps = [{ repeat = 3, steps = [\"swipe next\", \"wait 250ms\"] }, \
                 \"swipe prev\", \"wait 250ms\", \"swipe next\", \"wait 250ms\"] }, \"wait 2s\"]\n\
                 [thresholds]\nwarm_p95_ms = 17\nblack_frames = 0\npipelines_over_budget = 0\nstuck = 0\n";
    let played = play_steps("rush.toml", steps, &feed, &[], |_| {});
    eprintln!("latency {:#}", played.report["latency_ms"]);
    assert_eq!(good_items_that_failed(&feed, &played), BTreeSet::new());
    assert!(played.status.success(), "{:?}", played.violations());
}

#[test]
#[ignore = "four minutes; release"]
fn soak_through_a_feed_of_faults_with_the_network_lost_once() {
    let feed = Feed::of(CLIPS, &FAULTY).over(GOOD_LINE);
    // Two hundred swipes a second apart: on to the end, back, and on again, so that the fiftieth and the two
    // hundredth come to the same item from the same side.
    let steps = "steps = [\"wait 2s\", { repeat = 75, steps = [\"swipe next\", \"wait 1s\"] }, \
                 { repeat = 75, steps = [\"swipe prev\", \"wait 1s\"] }, { repeat = 50, steps = [\"swipe next\", \"wait 1s\"] }, \"wait 2s\"]\n\
                 [thresholds]\nwarm_p95_ms = 17\nblack_frames = 0\npipelines_over_budget = 0\nstuck = 0\n";
    let relay = feed.relay.as_ref().unwrap();
    let (lost_at, mut lost, mut back) = (Duration::from_secs(100), false, false);
    let played = play_steps("soak.toml", steps, &feed, &["--cache-size", SMALL_CACHE], |since| {
        if !lost && since >= lost_at {
            lost = true;
            relay.cut(Loss::Reset);
            eprintln!("the network is lost after {since:.1?}");
        } else if lost && !back && since >= lost_at + AWAY {
            back = true;
            relay.restore();
            eprintln!("the network is back after {since:.1?}");
        }
    });
    assert!(lost && back, "the network was never lost");

    // The script begins with the first picture.
    let begins = Duration::from_secs_f64(played.figure("/startup_ms/process_to_first_frame") / 1000.0) + Duration::from_secs(2);
    let around = |swipe: u64| {
        let at = |number| begins + Duration::from_secs(number);
        medians(&played.samples, at(swipe - 10), at(swipe))
    };
    let ((memory_50, threads_50), (memory_200, threads_200)) = (around(50), around(200));
    eprintln!(
        "medians of the ten swipes up to 50: {memory_50:.0} MB, {threads_50} threads; up to 200: {memory_200:.0} MB, {threads_200} threads\n\
         latency {:#}",
        played.report["latency_ms"]
    );
    assert!(played.status.success(), "{:?}", played.violations());
    assert!(memory_200 - memory_50 <= GROWTH_MB, "{memory_50:.0} MB became {memory_200:.0} MB");
    assert!(threads_200 <= threads_50 + THREADS_OF_A_PIPELINE, "{threads_50} threads became {threads_200}");
    let missed = good_items_that_failed(&feed, &played);
    assert!(missed.len() <= MISSED_MAX, "{} good items failed: {missed:?}", missed.len());
}
