//! Playing, switching, looping, seeking, waiting for bytes.

use std::time::Duration;

use flickreel::feed::Generation;
use flickreel::player::gst::AudioChoice;
use flickreel::player::{Player, PlayerCommand, PlayerEvent};

use super::media;
use super::rig::{Clip, Gate, Rig};

const CODING: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15 -c:a aac";

fn clip(seconds: f64) -> Clip {
    Clip::new(media::pattern_with_tone("160x284", seconds, 440, CODING, "mp4"))
}

#[test]
fn the_current_item_plays_and_its_neighbours_stand_on_one_picture() {
    let rig = Rig::new(6, AudioChoice::Silent);
    for name in ["a", "b", "c"] {
        rig.shelf.put(name, clip(2.0));
    }
    rig.want(&[("b", 2, true), ("c", 3, false), ("a", 1, false)]);
    for generation in 1..=3 {
        rig.prerolled(generation);
    }
    rig.pictures(2, 20);
    rig.with_pictures(1, |pictures| assert_eq!(pictures.len(), 1));
    rig.with_pictures(3, |pictures| assert_eq!(pictures.len(), 1));
}

#[test]
fn a_swipe_starts_the_winner_from_its_first_picture_and_pauses_the_loser() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(3.0));
    rig.shelf.put("b", clip(3.0));
    rig.want(&[("a", 1, true), ("b", 2, false)]);
    rig.prerolled(2);
    rig.pictures(1, 10);
    rig.want(&[("b", 2, true), ("a", 1, false)]);
    rig.pictures(2, 10);
    rig.with_pictures(2, |pictures| {
        // The preroll picture is not put twice, and none is left out at the start.
        let serials: Vec<_> = pictures.iter().map(|frame| frame.serial).collect();
        assert!(serials.windows(2).all(|pair| pair[1] == pair[0] + 1), "{serials:?}");
        assert!(pictures.windows(2).all(|pair| pair[1].pts > pair[0].pts));
    });
    rig.pool("one playing", |stats| stats.playing == 1);
    rig.forget();
    rig.pictures(2, 10);
    rig.with_pictures(1, |pictures| assert!(pictures.is_empty(), "the loser still plays"));
    // Back again: it goes on where it was.
    rig.want(&[("a", 1, true), ("b", 2, false)]);
    rig.pictures(1, 3);
    rig.with_pictures(1, |pictures| assert!(pictures[0].pts > Duration::from_millis(200), "{:?}", pictures[0]));
}

#[test]
fn a_clip_begins_again_without_losing_a_picture() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(1.0));
    rig.want(&[("a", 1, true)]);
    rig.until("two loops", |events, _| {
        (events.iter().filter(|event| matches!(event, PlayerEvent::Looped { .. })).count() >= 2).then_some(())
    });
    rig.with_pictures(1, |pictures| {
        let turns: Vec<_> = pictures.windows(2).filter(|pair| pair[1].pts < pair[0].pts).map(|pair| (pair[0].pts, pair[1].pts)).collect();
        assert!(turns.len() >= 2, "{turns:?}");
        for (last, first) in turns {
            assert!(last > Duration::from_millis(900) && first < Duration::from_millis(100), "{last:?} then {first:?}");
        }
    });
}

#[test]
fn a_start_position_is_the_first_thing_that_is_shown() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(3.0));
    rig.want_from(&[("a", 1, false)], Duration::from_millis(1700));
    rig.prerolled(1);
    rig.with_pictures(1, |pictures| {
        assert_eq!(pictures.len(), 1);
        assert!((pictures[0].pts.as_secs_f64() - 1.7).abs() < 0.04, "{:?}", pictures[0]);
    });
}

#[test]
fn seeks_show_the_picture_of_the_last_position_asked_for() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(4.0));
    rig.want(&[("a", 1, false)]);
    rig.prerolled(1);
    for tenth in 10..=30 {
        let to = Duration::from_millis(tenth * 100);
        rig.player.command(PlayerCommand::Seek { generation: Generation(1), to, exact: true }).unwrap();
    }
    rig.until("the picture at 3 s", |_, pictures| {
        pictures.iter().any(|(_, frame)| (frame.pts.as_secs_f64() - 3.0).abs() < 0.04).then_some(())
    });
}

#[test]
fn positions_are_told_for_the_playing_item_only() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(3.0));
    rig.shelf.put("b", clip(3.0));
    rig.want(&[("a", 1, true), ("b", 2, false)]);
    rig.until("a few positions", |events, _| {
        let told: Vec<_> = events
            .iter()
            .filter_map(
                |event| if let PlayerEvent::Position { generation, position } = event { Some((generation.0, *position)) } else { None },
            )
            .collect();
        assert!(told.iter().all(|(generation, _)| *generation == 1));
        (told.len() >= 4 && told.last()?.1 > Duration::from_millis(500)).then_some(())
    });
}

#[test]
fn playback_waits_for_bytes_says_so_and_goes_on() {
    let rig = Rig::new(6, AudioChoice::Silent);
    let bytes = media::pattern_with_tone("160x284", 6.0, 440, &format!("{CODING} -movflags +faststart"), "mp4");
    let gate = Gate::at(bytes.len() as u64 / 3);
    rig.shelf.put("a", Clip { gate: gate.clone(), ..Clip::new(bytes) });
    rig.want(&[("a", 1, true)]);
    rig.until("buffering", |events, _| events.contains(&PlayerEvent::Buffering { generation: Generation(1) }).then_some(()));
    rig.forget();
    gate.lift(u64::MAX);
    rig.until("playing on", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Resumed { .. })).then_some(()));
    rig.pictures(1, 20);
    rig.with_pictures(1, |pictures| assert!(pictures.windows(2).all(|pair| pair[1].pts > pair[0].pts)));
}
