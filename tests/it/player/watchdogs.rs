//! What the watchdogs bite, and above all what they do not: slow lines, stills, pauses.

use std::time::Duration;

use flickreel::feed::FailureKind;
use flickreel::player::PlayerEvent;
use flickreel::player::gst::AudioChoice;
use flickreel::player::watch::Patience;

use super::media;
use super::pool::pause_of;
use super::rig::{Clip, Gate, Rig};

const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/// The shortest time in which a busy machine still brings a picture that is due.
fn impatient() -> Patience {
    Patience { frozen: Duration::from_secs(2), ..Patience::default() }
}

fn clip(seconds: f64) -> Vec<u8> {
    media::pattern_with_tone("160x284", seconds, 440, &format!("{H264} -g 15 -c:a aac -movflags +faststart"), "mp4")
}

/// Asserts that nothing failed and that no pipeline was made twice.
fn nothing_was_lost(rig: &Rig) {
    rig.until("the events so far", |events, _| {
        let prerolls = events.iter().filter(|event| matches!(event, PlayerEvent::Prerolled { .. })).count();
        assert!(prerolls <= 1 && !events.iter().any(|event| matches!(event, PlayerEvent::Failed { .. })), "{events:#?}");
        Some(())
    });
}

#[test]
fn an_item_of_which_no_byte_comes_times_out_by_the_load_timeout() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.load_timeout = Duration::from_millis(500);
    rig.shelf.put("a", Clip { gate: Gate::at(100), ..Clip::new(clip(2.0)) });
    rig.want(&[("a", 1, true)]);
    let failure = rig.failed(1);
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure:?}");
    rig.pool("nothing left of it", |stats| stats.live() == 0);
}

#[test]
fn a_load_timeout_that_changes_counts_for_what_is_loading_and_for_openings_to_come() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.load_timeout = Duration::from_hours(1);
    rig.shelf.put("a", Clip { gate: Gate::at(100), ..Clip::new(clip(2.0)) });
    rig.shelf.put("b", Clip::new(clip(2.0)));
    rig.want(&[("a", 1, true)]);
    rig.pool("it waits", |stats| stats.prerolling == 1);
    rig.load_timeout = Duration::from_secs(3);
    rig.want(&[("a", 1, true), ("b", 2, false)]);
    assert_eq!(rig.failed(1).kind, FailureKind::Timeout);
    rig.prerolled(2);
    assert_eq!(*rig.shelf.within.lock().unwrap(), [Duration::from_hours(1), Duration::from_secs(3)]);
}

#[test]
fn a_line_that_brings_something_now_and_then_is_waited_for() {
    let mut rig = Rig::with_patience(6, AudioChoice::Silent, impatient());
    rig.load_timeout = Duration::from_secs(4);
    let bytes = clip(2.0);
    let length = bytes.len() as u64;
    // The index comes in crumbs, and takes longer than the load timeout as a whole.
    let gate = Gate::at(100);
    rig.shelf.put("a", Clip { gate: gate.clone(), ..Clip::new(bytes) });
    rig.want(&[("a", 1, true)]);
    let tick = pause_of(Duration::from_millis(500));
    for step in 0..10 {
        tick();
        gate.lift(100 + step * 40);
    }
    gate.lift(length);
    rig.prerolled(1);
}

#[test]
fn clips_of_few_pictures_are_not_taken_for_frozen() {
    let one_a_second = format!("-vf fps=1/3 {H264} -c:a aac");
    let two_in_all = format!("-vf select='eq(n\\,0)+eq(n\\,120)' -fps_mode vfr {H264} -c:a aac");
    for (options, ending) in [(&one_a_second, "mp4"), (&two_in_all, "mkv"), (&one_a_second, "ts")] {
        let rig = Rig::with_patience(6, AudioChoice::Silent, impatient());
        rig.shelf.put("a", Clip::new(media::pattern_with_tone("160x284", 6.0, 440, options, ending)));
        rig.want(&[("a", 1, true)]);
        rig.until("a loop", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Looped { .. })).then_some(()));
        nothing_was_lost(&rig);
    }
}

#[test]
fn a_pause_and_a_wait_for_bytes_are_not_taken_for_frozen() {
    let rig = Rig::with_patience(6, AudioChoice::Silent, Patience { frozen: Duration::from_millis(700), ..Patience::default() });
    let bytes = clip(6.0);
    let gate = Gate::at(bytes.len() as u64 / 3);
    rig.shelf.put("a", Clip { gate: gate.clone(), ..Clip::new(bytes) });
    let wait = pause_of(Duration::from_millis(1500));
    rig.want(&[("a", 1, true)]);
    rig.pictures(1, 10);
    rig.want(&[("a", 1, false)]);
    wait();
    rig.want(&[("a", 1, true)]);
    rig.until("buffering", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Buffering { .. })).then_some(()));
    wait();
    gate.lift(u64::MAX);
    rig.until("playing on", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Resumed { .. })).then_some(()));
    rig.pictures(1, 80);
    nothing_was_lost(&rig);
}
