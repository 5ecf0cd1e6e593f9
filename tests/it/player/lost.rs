//! Decoders that hang and fail: each is noticed, made again once, and costs nobody else anything.

use std::time::Duration;

use flickreel::feed::{Failure, FailureKind, Generation};
use flickreel::player::gst::AudioChoice;
use flickreel::player::watch::Patience;
use flickreel::player::{Player, PlayerCommand, PlayerEvent};

use super::decoder::{self, Manner, Release};
use super::media;
use super::rig::{Clip, Rig};
use crate::support::apart::{self, Place};

/// Longer than any test waits.
const NEVER: Duration = Duration::from_hours(1);
/// Pictures before something happens: a second of them.
const AWHILE: u64 = 30;

fn soon() -> Patience {
    let soon = Duration::from_millis(700);
    Patience { first_picture: soon, frozen: soon, teardown: soon }
}

/// A player of three clips whose decoders behave like this, in the order in which they are made.
fn rig(patience: Patience, manners: &[Manner]) -> (Rig, Release) {
    let release = decoder::replace(manners);
    let rig = Rig::with_patience(6, AudioChoice::Silent, patience);
    let options = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15 -c:a aac";
    for name in ["a", "b", "c"] {
        rig.shelf.put(name, Clip::new(media::pattern_with_tone("160x284", 3.0, 440, options, "mp4")));
    }
    (rig, release)
}

fn prerolls(events: &[PlayerEvent], of: u64) -> usize {
    events.iter().filter(|event| matches!(event, PlayerEvent::Prerolled { generation, .. } if generation.0 == of)).count()
}

/// Waits until the item fails; how often it prerolled before.
fn failed(rig: &Rig, of: u64) -> (Failure, usize) {
    rig.until("the failure", |events, _| {
        let failure = events.iter().find_map(|event| match event {
            PlayerEvent::Failed { generation, failure } if generation.0 == of => Some(failure.clone()),
            _ => None,
        });
        Some((failure?, prerolls(events, of)))
    })
}

/// Waits until the item was made again, and plays on from where it was.
fn goes_on(rig: &Rig, of: u64) {
    rig.until("a second preroll", |events, _| (prerolls(events, of) == 2).then_some(()));
    rig.forget();
    rig.pictures(of, 10);
    rig.with_pictures(of, |pictures| assert!(pictures[0].pts > Duration::from_millis(700), "{:?}", pictures[0]));
    rig.until("no failure", |events, _| {
        assert!(!events.iter().any(|event| matches!(event, PlayerEvent::Failed { .. })), "{events:?}");
        Some(())
    });
}

#[test]
fn a_decoder_that_hangs_is_made_again_where_it_stood() {
    apart::run(a_decoder_that_hangs_is_made_again_where_it_stood, Place::Folder, || {
        let (rig, _release) = rig(soon(), &[Manner::HangsAfter(AWHILE)]);
        rig.want(&[("a", 1, true)]);
        goes_on(&rig, 1);
        // The one that hangs is left behind, with its thread.
        rig.pool("one stuck", |stats| stats.stuck == 1 && stats.playing == 1 && stats.tearing_down == 0);
    });
}

#[test]
fn a_decoder_that_hangs_again_within_a_minute_is_lost() {
    apart::run(a_decoder_that_hangs_again_within_a_minute_is_lost, Place::Folder, || {
        let (rig, _release) = rig(soon(), &[Manner::HangsAfter(AWHILE), Manner::HangsAfter(AWHILE)]);
        rig.want(&[("a", 1, true)]);
        let (failure, prerolls) = failed(&rig, 1);
        assert_eq!((failure.kind, prerolls), (FailureKind::DecoderLost, 2), "{failure:?}");
        assert!(failure.kind.retryable() && !failure.causes.is_empty());
        rig.want(&[("b", 2, true)]);
        rig.pictures(2, 20);
    });
}

#[test]
fn a_decoder_that_fails_after_it_played_is_made_again_once() {
    apart::run(a_decoder_that_fails_after_it_played_is_made_again_once, Place::Folder, || {
        let (rig, _release) =
            rig(Patience::default(), &[Manner::FailsAfter(AWHILE), Manner::Good, Manner::FailsAfter(AWHILE), Manner::FailsAfter(AWHILE)]);
        rig.want(&[("a", 1, true)]);
        goes_on(&rig, 1);
        rig.want(&[("b", 2, true)]);
        let (failure, prerolls) = failed(&rig, 2);
        assert_eq!((failure.kind, prerolls), (FailureKind::DecoderLost, 2), "{failure:?}");
        assert!(failure.causes.iter().any(|cause| cause.contains("the device is gone")), "{failure:?}");
    });
}

#[test]
fn a_decoder_that_gives_no_first_picture_is_given_up() {
    apart::run(a_decoder_that_gives_no_first_picture_is_given_up, Place::Folder, || {
        let (rig, _release) = rig(soon(), &[Manner::HangsAfter(0)]);
        rig.want(&[("a", 1, true)]);
        let (failure, prerolls) = failed(&rig, 1);
        assert_eq!((failure.kind, prerolls), (FailureKind::Corrupt, 0), "{failure:?}");
    });
}

#[test]
fn a_seek_in_a_decoder_that_hangs_holds_nobody_up() {
    apart::run(a_seek_in_a_decoder_that_hangs_holds_nobody_up, Place::Folder, || {
        let (rig, _release) = rig(Patience { frozen: NEVER, first_picture: NEVER, ..soon() }, &[Manner::HangsAfter(AWHILE)]);
        rig.want(&[("a", 1, true)]);
        decoder::until_one_hangs();
        for second in 0..3 {
            let to = Duration::from_secs(second);
            rig.player.command(PlayerCommand::Seek { generation: Generation(1), to, exact: true }).unwrap();
        }
        rig.forget();
        rig.until("the control thread to go on", |events, _| {
            (events.iter().filter(|event| matches!(event, PlayerEvent::Position { .. })).count() >= 3).then_some(())
        });
        rig.want(&[("b", 2, true), ("c", 3, false)]);
        rig.pictures(2, 20);
        rig.prerolled(3);
        rig.pool("one stuck", |stats| stats.stuck == 1 && stats.playing == 1);
    });
}

#[test]
fn an_element_that_does_not_come_to_null_is_left_behind() {
    apart::run(an_element_that_does_not_come_to_null_is_left_behind, Place::Folder, || {
        let (rig, _release) = rig(soon(), &[Manner::HangsInNull]);
        rig.want(&[("a", 1, true)]);
        rig.pictures(1, 5);
        rig.want(&[("b", 2, true), ("c", 3, false)]);
        rig.pictures(2, 20);
        rig.prerolled(3);
        rig.pool("one stuck", |stats| stats.stuck == 1 && stats.tearing_down == 0);
        rig.want(&[]);
        rig.pool("nothing else", |stats| stats.live() == 0);
    });
}
