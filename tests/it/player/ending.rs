//! What comes at the end of a clip that does not begin again.

use std::time::Duration;

use flickreel::feed::Generation;
use flickreel::player::gst::AudioChoice;
use flickreel::player::{Player, PlayerCommand, PlayerEvent};

use super::media;
use super::rig::{Clip, Rig};
use super::sound::with_a_sound_server_for;

const CODING: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15";
const ONE: Generation = Generation(1);

fn stopping(coding: &str, ending: &str) -> Rig {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", Clip::new(media::pattern("160x284", 1.0, coding, ending)));
    rig.loops = false;
    rig
}

fn ended(rig: &Rig) {
    rig.until("the end", |events, _| events.contains(&PlayerEvent::Ended { generation: ONE }).then_some(()));
}

fn has_looped(rig: &Rig) -> bool {
    rig.until("anything", |events, _| Some(events.iter().any(|event| matches!(event, PlayerEvent::Looped { .. }))))
}

/// The time of the picture that is on the screen.
fn last_picture(rig: &Rig) -> Duration {
    rig.with_pictures(1, |pictures| pictures.last().unwrap().pts)
}

fn begin_again(rig: &Rig) {
    rig.want(&[("a", 1, true)]);
    rig.player.command(PlayerCommand::Seek { generation: ONE, to: Duration::ZERO, exact: true }).unwrap();
}

#[test]
fn a_clip_that_stops_is_shown_to_its_last_picture_in_any_container() {
    let webm = "-c:v libvpx -deadline realtime";
    for (coding, ending) in
        [(CODING, "mp4"), (webm, "webm"), ("-c:v mjpeg", "avi"), (CODING, "flv"), (CODING, "ts"), ("-c:v libtheora", "ogg")]
    {
        let rig = stopping(coding, ending);
        rig.want(&[("a", 1, true)]);
        ended(&rig);
        assert!(last_picture(&rig) > Duration::from_millis(950), "{ending}: {:?}", last_picture(&rig));
        assert!(!has_looped(&rig), "{ending}");
    }
}

#[test]
fn a_clip_that_ended_stands_on_its_last_picture_and_plays_again_when_it_is_told_to() {
    let rig = stopping(CODING, "mp4");
    rig.want(&[("a", 1, true)]);
    for _ in 0..2 {
        ended(&rig);
        let last = last_picture(&rig);
        // As the client does: what has ended need not run.
        rig.want(&[("a", 1, false)]);
        rig.player.command(PlayerCommand::Still { generation: ONE }).unwrap();
        let still = rig.until("the picture that stands", |events, _| {
            events.iter().find_map(|event| if let PlayerEvent::Still { still, .. } = event { still.clone() } else { None })
        });
        assert_eq!(still.at, last);
        rig.forget();
        begin_again(&rig);
        rig.pictures(1, 10);
        rig.with_pictures(1, |pictures| assert!(pictures[0].pts < Duration::from_millis(50), "{pictures:?}"));
    }
}

#[test]
fn one_that_goes_on_playing_at_its_end_says_so_once() {
    let rig = stopping(CODING, "mp4");
    rig.want(&[("a", 1, true)]);
    ended(&rig);
    // Back to what it does already: GStreamer tells of its end again.
    rig.want(&[("a", 1, false)]);
    rig.pool("a pipeline that stands", |stats| stats.playing == 0);
    rig.want(&[("a", 1, true)]);
    rig.pool("a pipeline that plays", |stats| stats.playing == 1);
    begin_again(&rig);
    let end = PlayerEvent::Ended { generation: ONE };
    rig.until("the second end", |events, _| (events.iter().filter(|event| **event == end).count() >= 2).then_some(()));
    let began_again = rig.with_pictures(1, |pictures| pictures.windows(2).any(|pair| pair[1].pts < pair[0].pts));
    assert!(began_again, "one round ended twice");
}

#[test]
fn repeating_that_is_chosen_on_the_way_begins_again() {
    let mut rig = stopping(CODING, "mp4");
    rig.want(&[("a", 1, true)]);
    rig.pictures(1, 5);
    rig.loops = true;
    rig.want(&[("a", 1, true)]);
    rig.until("a loop", |events, _| events.contains(&PlayerEvent::Looped { generation: ONE }).then_some(()));
    rig.loops = false;
    rig.want(&[("a", 1, true)]);
    ended(&rig);
}

#[test]
fn a_clip_shorter_than_a_queue_ends_too() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", Clip::new(media::pattern("160x284", 0.2, CODING, "mp4")));
    rig.loops = false;
    rig.want(&[("a", 1, false)]);
    rig.prerolled(1);
    rig.want(&[("a", 1, true)]);
    ended(&rig);
    assert!(last_picture(&rig) > Duration::from_millis(150), "{:?}", last_picture(&rig));
}

#[test]
fn a_clip_ends_once_its_sound_is_over_too() {
    with_a_sound_server_for("player::ending::ends_with_its_sound");
}

#[test]
#[ignore = "run by the test above"]
fn ends_with_its_sound() {
    let mut rig = Rig::new(6, AudioChoice::Auto);
    let bytes = media::pattern_with_tone("160x284", 1.0, 500, &format!("{CODING} -c:a aac -ar 48000 -ac 2"), "mp4");
    rig.shelf.put("a", Clip::new(bytes));
    rig.loops = false;
    rig.want(&[("a", 1, true)]);
    ended(&rig);
    assert!(last_picture(&rig) > Duration::from_millis(950), "{:?}", last_picture(&rig));
    rig.forget();
    begin_again(&rig);
    ended(&rig);
}
