//! Lines that carry little and take their time, and what is fetched in vain over good ones.

use std::time::Duration;

use super::{CLIPS, Feed, Played, play, play_steps};
use crate::support::relay::Line;

/// Enough items for every script, none of them faulty.
const GOOD: [&str; 4] = ["--items", "60", "--share", "0"];
/// Half of the round trip.
const DELAY: Duration = Duration::from_millis(40);
/// The longest time between two display frames that is no freeze of the window, in milliseconds.
const FREEZE_MS: f64 = 500.0;
/// The longest time for which a picture may stand without its tile saying that it waits, in milliseconds. A wait is
/// told after 300 ms.
const STANDING_MS: f64 = 1000.0;

fn nothing_broke(played: &Played) {
    for path in ["/pipelines/stuck", "/display/black_frames", "/swipes/waiting"] {
        assert!(played.figure(path) == 0.0, "{path}: {:#}", played.report);
    }
    assert_eq!(played.failures(), Vec::<&str>::new());
}

#[test]
#[ignore = "half a minute; release"]
fn browse_over_4_mbit_and_80_ms() {
    let feed = Feed::of(CLIPS, &GOOD).over(Line { bytes_per_second: 500_000, delay: DELAY });
    let played = play("browse", &feed, &[], |_| {});
    let not_warm = played.figure("/swipes/committed") - played.figure("/latency_ms/warm/n");
    eprintln!("{not_warm} of {} swipes not warm; {:?}", played.figure("/swipes/committed"), played.violations());
    nothing_broke(&played);
    assert!(not_warm <= 1.0, "every swipe after the first is warm");
    assert!(played.figure("/video/rebuffer_ratio") < 0.01);
    assert!(played.figure("/video/standing_ms_max") < STANDING_MS, "a picture froze");
}

#[test]
#[ignore = "a minute; release"]
fn browse_over_1_mbit_never_freezes() {
    let feed = Feed::of(CLIPS, &GOOD).over(Line { bytes_per_second: 125_000, delay: DELAY });
    // The way of `browse`, then time for the last item: its first second is more than a second of this line.
    let steps = "steps = [\"wait 2s\", { repeat = 16, steps = [\"swipe next\", \"wait 1.5s\"] }, \"wait 15s\"]\n\
                 [thresholds]\nblack_frames = 0\npipelines_over_budget = 0\nstuck = 0\nwaiting = 0\nfailures = 0\nswipes_min = 16\n";
    let played = play_steps("slow.toml", steps, &feed, &[], |_| {});
    eprintln!("longest display frame while something moved: {} ms", played.figure("/display/frame_ms_max"));
    nothing_broke(&played);
    assert!(played.status.success(), "{:?}", played.violations());
    assert!(played.figure("/display/frame_ms_max") < FREEZE_MS, "the window froze");
    assert!(played.figure("/video/standing_ms_max") < STANDING_MS, "a picture froze");
    assert!(played.figure("/swipes/painted") >= 8.0, "more than half of the items were never seen");
}

#[test]
#[ignore = "two minutes; release"]
fn preload_waste_over_40_swipes() {
    let played = play("stroll", &Feed::of(CLIPS, &GOOD), &[], |_| {});
    let (wasted, all) = (played.figure("/preload/wasted_bytes"), played.figure("/network/bytes"));
    eprintln!("{wasted} of {all} bytes for items that were never shown; {:?}", played.violations());
    nothing_broke(&played);
    assert!(played.figure("/swipes/committed") >= 40.0);
    assert!(wasted / all <= 0.1, "{:.1} % were wasted", wasted / all * 100.0);
}
