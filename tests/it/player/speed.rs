//! Other speeds, told by the times of pictures and by what is heard, not by a clock.

use std::time::Duration;

use flickreel::feed::Generation;
use flickreel::player::PlayerEvent;
use flickreel::player::gst::AudioChoice;

use super::ear::{Ear, HIGH, HIGH_HZ, LOW, LOW_HZ};
use super::media;
use super::rig::{Clip, Rig};
use super::sound::with_a_sound_server_for;

const CODING: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15";
/// At three times its speed no two pictures are shown that are closer in the clip: three times 15 ms.
const SPACING: Duration = Duration::from_millis(45);

fn clip(seconds: f64) -> Clip {
    Clip::new(media::pattern("160x284", seconds, CODING, "mp4"))
}

fn loops(rig: &Rig, generation: u64, count: usize) {
    let of = PlayerEvent::Looped { generation: Generation(generation) };
    rig.until("loops", |events, _| (events.iter().filter(|event| **event == of).count() >= count).then_some(()));
}

/// The steps between the pictures that came, those to the start of the clip left out.
fn steps(rig: &Rig, generation: u64) -> Vec<Duration> {
    rig.with_pictures(generation, |pictures| pictures.windows(2).filter_map(|pair| pair[1].pts.checked_sub(pair[0].pts)).collect())
}

#[test]
fn three_times_as_fast_no_more_pictures_are_shown_than_a_display_shows() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(3.0));
    rig.rate = 3.0;
    rig.want(&[("a", 1, true)]);
    rig.pictures(1, 30);
    let steps = steps(&rig, 1);
    // The first picture stood there before; what follows it is not spaced.
    assert!(steps[1..].iter().all(|step| *step >= SPACING), "{steps:?}");
}

#[test]
fn another_speed_goes_on_where_the_clip_is() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(6.0));
    rig.want(&[("a", 1, true)]);
    rig.pictures(1, 10);
    for (rate, pictures) in [(3.0, 25), (0.5, 35), (1.0, 45)] {
        rig.rate = rate;
        rig.want(&[("a", 1, true)]);
        rig.pictures(1, pictures);
    }
    rig.with_pictures(1, |pictures| {
        assert!(pictures.windows(2).all(|pair| pair[1].pts > pair[0].pts), "{pictures:?}");
        assert!(pictures.windows(2).all(|pair| pair[1].pts.abs_diff(pair[0].pts) < Duration::from_secs(1)), "{pictures:?}");
    });
}

#[test]
fn an_item_that_stood_ready_plays_at_the_speed_that_was_chosen_meanwhile() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("a", clip(3.0));
    rig.shelf.put("b", clip(3.0));
    rig.want(&[("a", 1, true), ("b", 2, false)]);
    rig.prerolled(2);
    rig.rate = 3.0;
    rig.want(&[("a", 1, true), ("b", 2, false)]);
    rig.pictures(1, 10);
    rig.want(&[("b", 2, true), ("a", 1, false)]);
    rig.pictures(2, 30);
    let steps = steps(&rig, 2);
    let fast = steps.iter().filter(|step| **step >= SPACING).count();
    // A picture or two may get out before the speed arrives.
    assert!(fast + 5 >= steps.len() && fast >= 20, "{steps:?}");
}

#[test]
fn a_clip_begins_again_at_any_speed_and_in_any_container() {
    for (coding, ending) in [(CODING, "mp4"), ("-c:v libvpx -deadline realtime", "webm"), (CODING, "flv"), (CODING, "ts")] {
        let mut rig = Rig::new(6, AudioChoice::Silent);
        rig.shelf.put("a", Clip::new(media::pattern("160x284", 1.0, coding, ending)));
        rig.rate = 2.0;
        rig.want(&[("a", 1, true)]);
        loops(&rig, 1, 2);
        rig.with_pictures(1, |pictures| assert!(pictures.iter().any(|frame| frame.pts > Duration::from_millis(850)), "{ending}"));
    }
}

#[test]
fn twice_as_fast_is_heard_for_half_as_long_at_the_same_pitch() {
    with_a_sound_server_for("player::speed::twice_as_fast");
}

#[test]
#[ignore = "run by the test above"]
fn twice_as_fast() {
    // Two seconds of the low tone, two of the high one.
    let tones = format!(
        "-f lavfi -i testsrc2=size=160x284:rate=30:duration=4 -f lavfi -i sine=frequency={LOW_HZ}:duration=2 \
         -f lavfi -i sine=frequency={HIGH_HZ}:duration=2 -filter_complex [1:a][2:a]concat=n=2:v=0:a=1[tones] -map 0:v -map [tones] \
         {CODING} -c:a aac -ar 48000 -ac 2"
    );
    let ear = Ear::open();
    let mut rig = Rig::new(6, AudioChoice::Auto);
    rig.shelf.put("a", Clip::new(media::made(&tones, "mp4")));
    rig.rate = 2.0;
    rig.want(&[("a", 1, true)]);
    // The second turn from low to high; a whole high and a whole low part lie between.
    ear.until("the high tone", 20, |window| *window == HIGH);
    ear.until("the low tone", 20, |window| *window == LOW);
    let from = ear.windows().iter().rposition(|window| *window == HIGH).unwrap();
    let until = ear.until("the high tone again", 20, |window| *window == HIGH);
    let low = ear.windows()[from..until].iter().filter(|window| **window == LOW).count();
    eprintln!("two seconds were heard for {low} windows of 10 ms");
    assert!((70..140).contains(&low), "{low}");
}
