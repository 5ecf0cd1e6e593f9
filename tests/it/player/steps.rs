//! Pictures one by one, stills, and positions at which there is no picture.

use std::time::Duration;

use flickreel::feed::Generation;
use flickreel::player::gst::AudioChoice;
use flickreel::player::{PicturePath, Player, PlayerCommand, PlayerEvent, Still};

use super::media;
use super::rig::{Clip, Rig};

/// With pictures that are decoded in another order than they are shown.
const CODING: &str = "-c:v libx264 -preset veryfast -bf 2 -pix_fmt yuv420p -g 15";
const ONE: Generation = Generation(1);

/// A clip that stands at `at`.
fn standing(bytes: Vec<u8>, at: Duration) -> Rig {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", Clip::new(bytes));
    rig.want_from(&[("a", 1, false)], at);
    rig.prerolled(1);
    rig
}

/// The picture that a step brings, as its number in a clip of 30 pictures a second.
fn step(rig: &Rig, forward: bool) -> u64 {
    rig.forget();
    rig.player.command(PlayerCommand::Step { generation: ONE, forward }).unwrap();
    let pts = rig.until("another picture", |events, pictures| {
        let arrived = events.iter().any(|event| matches!(event, PlayerEvent::Position { .. }));
        pictures.last().filter(|_| arrived).map(|(_, frame)| frame.pts)
    });
    // A position within a picture stands for it.
    u64::try_from((pts.as_millis() * 30 + 20) / 1000).unwrap()
}

fn still(rig: &Rig) -> Option<Still> {
    rig.forget();
    rig.player.command(PlayerCommand::Still { generation: ONE }).unwrap();
    rig.until("a still", |events, _| {
        events.iter().find_map(|event| if let PlayerEvent::Still { still, .. } = event { Some(still.as_deref().cloned()) } else { None })
    })
}

#[test]
fn each_step_shows_the_very_next_picture_on_or_back_in_any_container() {
    for (coding, ending) in [(CODING, "mp4"), ("-c:v libvpx -deadline realtime -g 15", "webm"), (CODING, "mkv"), ("-c:v mjpeg", "avi")] {
        let rig = standing(media::pattern("160x284", 3.0, coding, ending), Duration::from_millis(1510));
        let seen: Vec<_> = [true, true, true, false, false, false, false, false, true].map(|forward| step(&rig, forward)).into();
        // Over the keyframe at 45, too.
        assert_eq!(seen, [46, 47, 48, 47, 46, 45, 44, 43, 44], "{ending}");
    }
}

#[test]
fn pictures_of_different_lengths_are_stepped_through_one_by_one() {
    // Two of every five pictures.
    let bytes = media::pattern("160x284", 2.0, &format!("-vf select=lt(mod(n\\,5)\\,2) -fps_mode vfr {CODING}"), "mp4");
    let rig = standing(bytes, Duration::from_millis(510));
    let seen: Vec<_> = [true, true, true, false, false, false, false].map(|forward| step(&rig, forward)).into();
    assert_eq!(seen, [16, 20, 21, 20, 16, 15, 11]);
}

#[test]
fn before_the_first_picture_and_behind_the_last_one_there_is_none() {
    let rig = standing(media::pattern("160x284", 1.0, CODING, "mp4"), Duration::ZERO);
    rig.player.command(PlayerCommand::Step { generation: ONE, forward: false }).unwrap();
    assert_eq!(step(&rig, true), 1);
    assert_eq!(step(&rig, false), 0);
    rig.player.command(PlayerCommand::Seek { generation: ONE, to: Duration::from_millis(970), exact: true }).unwrap();
    rig.until("the last picture", |_, pictures| pictures.iter().any(|(_, frame)| frame.pts > Duration::from_millis(960)).then_some(()));
    rig.player.command(PlayerCommand::Step { generation: ONE, forward: true }).unwrap();
    assert_eq!(step(&rig, false), 28);
}

#[test]
fn steps_of_a_held_key_do_not_pile_up() {
    let rig = standing(media::pattern("160x284", 4.0, CODING, "mp4"), Duration::ZERO);
    rig.forget();
    for _ in 0..60 {
        rig.player.command(PlayerCommand::Step { generation: ONE, forward: true }).unwrap();
    }
    rig.player.command(PlayerCommand::Seek { generation: ONE, to: Duration::from_secs(3), exact: true }).unwrap();
    rig.until("the picture at 3 s", |_, pictures| {
        pictures.iter().any(|(_, frame)| frame.pts.abs_diff(Duration::from_secs(3)) < Duration::from_millis(40)).then_some(())
    });
    rig.with_pictures(1, |pictures| assert!(pictures.len() < 60, "each of {} was waited for", pictures.len()));
}

#[test]
fn a_position_without_a_picture_leaves_the_one_that_is_shown() {
    // The sound goes on for a second when the pictures are over.
    let inputs = "-f lavfi -i testsrc2=size=160x284:rate=30:duration=1 -f lavfi -i sine=frequency=500:duration=2";
    let rig = standing(media::made(&format!("{inputs} {CODING} -c:a aac"), "mp4"), Duration::from_millis(500));
    rig.forget();
    rig.player.command(PlayerCommand::Seek { generation: ONE, to: Duration::from_millis(1600), exact: true }).unwrap();
    let position = rig.until("where it is", |events, _| {
        events.iter().find_map(|event| if let PlayerEvent::Position { position, .. } = event { Some(*position) } else { None })
    });
    assert!(position.abs_diff(Duration::from_millis(500)) < Duration::from_millis(40), "{position:?}");
    assert_eq!(step(&rig, true), 16);
}

#[test]
fn a_still_has_the_full_size_and_the_colours_of_the_picture_however_small_it_is_shown() {
    for picture in [PicturePath::Planes, PicturePath::Rgba { fit: (40, 71) }] {
        let mut rig = Rig::new(6, AudioChoice::Silent);
        rig.picture = picture;
        rig.shelf.put("a", Clip::new(media::plain("0xe02040", "160x284", CODING, "mp4")));
        rig.want(&[("a", 1, false)]);
        rig.prerolled(1);
        let still = still(&rig).unwrap();
        assert_eq!((still.size, still.at), ((160, 284), Duration::ZERO));
        assert_eq!(still.rgba.len(), 160 * 284 * 4);
        for (place, wanted) in [(0, 0xe0), (1, 0x20), (2, 0x40)] {
            let worst = still.rgba.chunks_exact(4).map(|pixel| i32::from(pixel[place]).abs_diff(wanted)).max().unwrap();
            assert!(worst <= 6, "{picture:?}: channel {place} is {worst} off");
        }
        rig.with_pictures(1, |pictures| assert!(pictures.is_empty(), "the picture on the screen stays"));
    }
}

#[test]
fn a_still_of_a_turned_clip_stands_upright() {
    let rig = standing(media::turned(media::pattern("284x160", 1.0, CODING, "mp4")), Duration::ZERO);
    assert_eq!(still(&rig).unwrap().size, (160, 284));
}

#[test]
fn a_still_of_what_plays_is_a_picture_of_that_moment_and_of_nothing_there_is_none() {
    let rig = standing(media::pattern("160x284", 3.0, CODING, "mp4"), Duration::ZERO);
    rig.want(&[("a", 1, true)]);
    rig.pictures(1, 20);
    let before = rig.with_pictures(1, |pictures| pictures.last().unwrap().pts);
    assert!(still(&rig).unwrap().at >= before);
    rig.want(&[]);
    assert_eq!(still(&rig), None);
}
