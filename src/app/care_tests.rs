//! What the client makes of how it is: loads are counted, health is judged, and a bound that breaks costs what is being
//! tried out.

use std::time::Duration;

use super::tests::{generation_of, ms, page, watching};
use super::*;
use crate::feed::{Failure, FailureKind, FeedPage, MediaLocation};
use crate::metrics::Snapshot;
use crate::metrics::health::{Breach, Status};
use crate::player::PlayerEvent;

fn figures(model: &Model, now: Duration) -> Snapshot {
    model.snapshot(&Monitor::default(), &Outside::default(), now)
}

/// Every flag is told the same.
fn all(rollout: Rollout) -> Flags {
    Flags::decide(Some("id"), |_| Some((rollout, Teller::File)), |_| None)
}

/// Looks once a second at what is so much memory.
fn remember(model: &mut Model, mb: f64, seconds: std::ops::Range<u64>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for second in seconds {
        let now = Duration::from_secs(second);
        let mut figures = figures(model, now);
        figures.process.rss_mb = Some(mb);
        effects.extend(update(model, Event::Figures(Box::new(figures)), now));
    }
    effects
}

fn ahead(model: &Model) -> usize {
    model.window().ahead
}

#[test]
fn loads_are_counted_by_how_they_end_and_a_failure_while_playing_is_none() {
    let mut model = watching(3);
    assert_eq!(model.figures().loads, Loads { ready: 3, failed: 0, timed_out: 0 });
    assert_eq!(figures(&model, ms(60)).loads.ready_videos, 3);
    let fail = |model: &mut Model, index, kind, now| {
        let generation = generation_of(model, index);
        update(model, Event::Player(PlayerEvent::Failed { generation, failure: Failure::new(kind, "It failed.") }), now);
    };
    fail(&mut model, 1, FailureKind::DecoderLost, ms(100));
    assert_eq!(model.figures().loads.failed, 0, "it had a picture");
    for (at, kind) in [(4000, FailureKind::Timeout), (9000, FailureKind::Corrupt)] {
        update(&mut model, Event::Frame, ms(at));
        fail(&mut model, 1, kind, ms(at + 100));
    }
    assert_eq!(model.figures().loads, Loads { ready: 3, failed: 2, timed_out: 1 });
    let told = figures(&model, ms(9200)).loads;
    assert_eq!((told.ready, told.failed, told.timed_out, told.ready_videos), (3, 2, 1, 2));
}

#[test]
fn without_a_connection_a_load_that_fails_is_held_against_nobody() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    let mut stored: FeedPage = page(3, None);
    stored.stored = true;
    for item in &mut stored.items {
        item.media = MediaLocation::Url("https://a.example/v.mp4".into());
    }
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(stored) }, ms(10));
    let generation = generation_of(&model, 0);
    let failure = Failure::new(FailureKind::Timeout, "It failed.");
    update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure }), ms(20));
    assert!(model.is_offline());
    assert_eq!(model.figures().loads, Loads::default());
}

#[test]
fn what_a_share_switched_on_ends_when_memory_stays_beyond_its_bound_and_is_told_and_remembered() {
    let options =
        Options { preloading: Preloading { more: 1, ..Preloading::default() }, flags: all(Rollout::Share(100)), ..Options::default() };
    let mut model = Model::new(&options);
    assert_eq!(ahead(&model), 3);
    assert_eq!(remember(&mut model, 1100.0, 1..300), []);
    assert_eq!(model.health().status(), Status::Critical, "the viewer is told at once");
    let effects = remember(&mut model, 1100.0, 300..303);
    for flag in Flag::ALL {
        assert_eq!(effects.iter().filter(|effect| **effect == Effect::RolledBack(flag, Breach::Memory)).count(), 1, "{flag:?}");
        assert!(!model.flags().is_on(flag));
    }
    assert!(effects.contains(&Effect::Plan) && ahead(&model) == 2, "what was begun is taken back");
    let toast = model.toast(Duration::from_secs(302)).expect("a toast").text.clone();
    assert!(toast.contains("more than 1 GB"), "{toast}");
    assert_eq!(figures(&model, Duration::from_secs(303)).health.rolled_back, 3);
}

#[test]
fn what_a_person_chose_stays_however_the_program_is() {
    let mut model = Model::new(&Options { flags: all(Rollout::Chosen(true)), ..Options::default() });
    assert_eq!(remember(&mut model, 1100.0, 1..400), []);
    assert!(Flag::ALL.iter().all(|flag| model.flags().is_on(*flag)));
}

#[test]
fn an_item_more_is_readied_on_a_good_network_alone_and_where_no_number_was_asked_for() {
    use crate::preload::plan::Profile;
    let window = |profile, ahead, more| {
        let preloading = Preloading { profile, ahead, behind: None, more };
        Model::new(&Options { preloading, ..Options::default() }).window().ahead
    };
    assert_eq!((window(None, None, 1), window(None, None, 0)), (3, 2));
    assert_eq!((window(Some(Profile::Wifi), None, 1), window(Some(Profile::Slow), None, 1)), (3, 1));
    assert_eq!(window(None, Some(2), 1), 2);
}

#[test]
fn a_failed_item_makes_room_when_the_flag_says_so_and_the_viewer_nothing_else() {
    for (skip_failed, share, index) in [(None, 100, 1), (None, 0, 0), (Some(false), 100, 0), (Some(true), 0, 1)] {
        let mut model = Model::new(&Options {
            preferences: Preferences { skip_failed, ..Preferences::default() },
            flags: all(Rollout::Share(share)),
            ..Options::default()
        });
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(3, None)) }, ms(10));
        let failure = Failure::new(FailureKind::Corrupt, "It is damaged.");
        let generation = generation_of(&model, 0);
        update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure }), ms(100));
        update(&mut model, Event::Frame, ms(116));
        update(&mut model, Event::Frame, ms(8200));
        assert_eq!(model.feed().index(), index, "{skip_failed:?} at {share} %");
    }
}

#[test]
fn what_a_feed_service_says_is_remembered_and_what_it_takes_back_ends() {
    let flags = Flags::decide(Some("id"), |_| Some((Rollout::Share(100), Teller::Feed)), |_| None);
    let preloading = Preloading { more: 1, ..Preloading::default() };
    let mut model = Model::new(&Options { preloading, flags, ..Options::default() });
    let served = Served { by: "a.example".into(), shares: [("preload_plus_three".to_owned(), 0)].into() };
    let effects = update(&mut model, Event::ServedFlags(served.clone()), ms(100));
    assert!(effects.contains(&Effect::RememberFlags(served)), "{effects:?}");
    assert_eq!((ahead(&model), model.flags().is_on(Flag::AutoSkipFailed)), (2, true));
}
