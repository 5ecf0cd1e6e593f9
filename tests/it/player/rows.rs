//! The rows of the pipeline table: true to real pipelines, told to somebody who looks and to nobody else.

use std::time::Duration;

use flickreel::feed::Generation;
use flickreel::player::gst::AudioChoice;
use flickreel::player::{PipelineRow, PlayerEvent};

use super::media;
use super::pool::pause_of;
use super::rig::{Clip, Gate, Manner, Rig};

const CODING: &str = "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p";

/// Two clips on a shelf, looked at one by one.
fn looked_at() -> Rig {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.detailed = true;
    for name in ["first", "second"] {
        rig.shelf.put(name, Clip::new(media::pattern("160x284", 3.0, CODING, "mp4")));
    }
    rig
}

fn of(generation: u64) -> impl Fn(&PipelineRow) -> bool {
    move |row| row.generation == Generation(generation)
}

fn is_pool(event: &PlayerEvent) -> bool {
    matches!(event, PlayerEvent::Pool { .. })
}

#[test]
fn a_playing_and_a_prerolled_clip_say_what_they_are_and_where() {
    let rig = looked_at();
    rig.want(&[("first", 1, true), ("second", 2, false)]);
    rig.prerolled(2);
    let playing =
        rig.row("a clip that plays", |row| of(1)(row) && row.stage == "playing" && row.position > Some(Duration::from_millis(200)));
    let standing = rig.row("a clip that stands", |row| of(2)(row) && row.stage == "prerolled" && row.state == "paused");
    assert_eq!(playing.state, "playing");
    assert_eq!(standing.position, Some(Duration::ZERO));
    for row in [&playing, &standing] {
        assert_eq!((row.decoder.as_str(), row.size), ("avdec_h264", (160, 284)), "{row:?}");
        assert!((row.fps - 30.0).abs() < 0.01, "{row:?}");
        assert!(row.age > Duration::ZERO, "{row:?}");
    }
    assert_eq!((standing.late, standing.dropped), (0, 0));
    // A queue holds 12 pictures of 33 ms, give or take one that is on its way.
    let queued = standing.queued.unwrap();
    assert!(queued >= Duration::from_millis(200) && queued <= Duration::from_millis(600), "{queued:?}");
    let later = rig.row("the same clip further on", |row| of(1)(row) && row.position > playing.position);
    assert!(later.age > playing.age, "{later:?} {playing:?}");
    rig.want(&[("second", 2, true), ("first", 1, false)]);
    let paused = rig.row("a clip that is paused", |row| of(1)(row) && row.stage == "paused" && row.state == "paused");
    assert!(paused.position >= Some(Duration::from_millis(200)), "{paused:?}");
}

#[test]
fn a_clip_that_waits_for_its_bytes_and_one_that_does_not_end_say_so() {
    let rig = looked_at();
    let gate = Gate::at(100);
    rig.shelf.put("waiting", Clip { gate: gate.clone(), manner: Manner::Deaf, ..Clip::new(media::pattern("160x284", 2.0, CODING, "mp4")) });
    rig.want(&[("waiting", 3, false)]);
    let waiting = rig.row("a clip that waits", |row| of(3)(row) && row.stage == "prerolling" && row.state == "changing");
    assert_eq!((waiting.size, waiting.queued, waiting.position), ((0, 0), None, None));
    rig.want(&[]);
    let leaving = rig.row("a clip that does not end", |row| of(3)(row) && row.stage == "teardown" && row.state == "changing");
    assert!(leaving.age > Duration::ZERO, "{leaving:?}");
    gate.lift(u64::MAX);
}

#[test]
fn pictures_that_nobody_picks_up_count_as_late_for_their_own_pipeline() {
    let rig = looked_at();
    rig.want(&[("first", 1, true), ("second", 2, false)]);
    rig.prerolled(2);
    rig.close_eyes();
    rig.row("late pictures", |row| of(1)(row) && row.late > 3);
    assert_eq!(rig.row("the other clip", of(2)).late, 0);
}

#[test]
fn pictures_that_the_sink_throws_away_count_for_their_own_pipeline() {
    let rig = looked_at();
    rig.want(&[("first", 1, true), ("second", 2, false)]);
    rig.prerolled(2);
    rig.pictures(1, 5);
    rig.hold_pictures(pause_of(Duration::from_millis(300)));
    rig.row("dropped pictures", |row| of(1)(row) && row.dropped > 0);
    assert_eq!(rig.row("the other clip", of(2)).dropped, 0);
}

#[test]
fn while_nobody_looks_nothing_is_told_that_has_not_changed() {
    let mut rig = looked_at();
    let both = [("first", 1, true), ("second", 2, false)];
    rig.want(&both);
    rig.prerolled(2);
    rig.pool("both", |stats| stats.playing == 1 && stats.prerolled == 1 && stats.tearing_down == 0);
    rig.forget();
    rig.until("rows that are told again and again", |events, _| (events.iter().filter(|event| is_pool(event)).count() >= 4).then_some(()));
    rig.detailed = false;
    rig.want(&both);
    // From when that was heard: what was told before may still be on its way.
    rig.until("two more positions", positions(2));
    rig.forget();
    rig.until("two seconds of positions", positions(8));
    rig.until("no figures", |events, _| {
        assert!(!events.iter().any(is_pool), "{events:#?}");
        Some(())
    });
    // What changes is told, without what nobody asks for.
    rig.want(&[("first", 1, true)]);
    rig.row("the end of the other", |row| of(2)(row) && row.stage == "teardown" && row.state.is_empty());
    let row = rig.row("the one that stays", |row| of(1)(row) && row.stage == "playing");
    assert_eq!((row.decoder.as_str(), row.state, row.position), ("avdec_h264", "", None));
}

/// Whether the newest events hold so many positions, after forgetting those before.
fn positions(count: usize) -> impl FnMut(&[PlayerEvent], &[(Generation, flickreel::player::Frame)]) -> Option<()> {
    move |events, _| {
        let is_position = |event: &&PlayerEvent| matches!(event, PlayerEvent::Position { .. });
        (events.iter().filter(is_position).count() >= count).then_some(())
    }
}
