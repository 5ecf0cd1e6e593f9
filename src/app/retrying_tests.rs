//! What becomes of items that fail, told in events and times.

use std::time::Duration;

use super::tests::{generation_of, ms, page, preroll_all, press};
use super::*;
use crate::feed::{Failure, FailureKind, FeedPage, MediaLocation};
use crate::player::PlayerEvent;
use crate::preload::plan::{Conditions, Link, LinkKind};

/// A client over items of one server, none of them ready yet.
fn client(count: usize, options: &Options) -> Model {
    let mut model = Model::new(options);
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    let mut page: FeedPage = page(count, None);
    for (at, item) in page.items.iter_mut().enumerate() {
        item.media = MediaLocation::Url(format!("https://a.example/{at}.mp4"));
    }
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    model
}

fn fail(model: &mut Model, index: usize, kind: FailureKind, now: Duration) -> Vec<Effect> {
    let generation = generation_of(model, index);
    update(model, Event::Player(PlayerEvent::Failed { generation, failure: Failure::new(kind, "It failed.") }), now)
}

fn assigned(model: &Model) -> Vec<String> {
    model.player_target().slots.into_iter().map(|slot| slot.item.id.to_string()).collect()
}

fn again_at(model: &Model, index: usize) -> Option<Duration> {
    model.tile(&model.feed().items()[index].id).and_then(|tile| tile.again_at)
}

#[test]
fn what_may_work_later_is_tried_again_by_itself_after_a_pause() {
    let mut model = client(5, &Options::default());
    let effects = fail(&mut model, 0, FailureKind::Timeout, ms(1000));
    assert!(effects.contains(&Effect::Target));
    let at = again_at(&model, 0).unwrap();
    assert!(model.wakes_at(ms(1001)).unwrap() <= at, "a frame is due by then");
    update(&mut model, Event::Frame, at.saturating_sub(ms(1)));
    assert_eq!(assigned(&model), ["v1", "v2"]);
    let effects = update(&mut model, Event::Frame, at);
    assert!(effects.contains(&Effect::Target));
    assert_eq!(assigned(&model), ["v0", "v1", "v2"]);
    assert!(matches!(model.tile_state(0, at), TileState::Failed { .. }), "a try that fails at once changes nothing one sees");
    assert!(matches!(model.tile_state(0, at + ms(300)), TileState::Loading { .. }));
    preroll_all(&mut model, at + ms(400));
    assert_eq!(model.tile_state(0, at + ms(400)), TileState::Playing);
}

#[test]
fn a_picture_that_does_not_begin_to_move_is_said_to_wait() {
    let mut model = client(5, &Options::default());
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(1000));
    assert_eq!(model.tile_state(0, ms(1299)), TileState::Playing);
    assert!(model.wakes_at(ms(1001)).unwrap() <= ms(1300));
    assert_eq!(model.tile_state(0, ms(1300)), TileState::Buffering { slow: true });
    update(&mut model, Event::Frame, ms(1300));
    update(&mut model, Event::Frame, ms(1500));
    assert_eq!(model.figures().waiting, ms(200));
    let info = crate::player::MediaInfo::default();
    update(&mut model, Event::Player(PlayerEvent::Prerolled { generation, info }), ms(1500));
    assert_eq!(model.tile_state(0, ms(1500)), TileState::Playing);
}

#[test]
fn what_cannot_be_helped_is_not_tried_again_by_itself() {
    let mut model = client(5, &Options::default());
    fail(&mut model, 0, FailureKind::Missing, ms(1000));
    for at in 2..50 {
        update(&mut model, Event::Frame, ms(at * 1000));
    }
    assert_eq!(assigned(&model), ["v1", "v2"]);
    assert_eq!(again_at(&model, 0), None);
}

#[test]
fn an_item_that_is_gone_is_told_apart_and_makes_room_like_any_that_failed() {
    let mut model =
        client(5, &Options { preferences: Preferences { skip_failed: Some(true), ..Preferences::default() }, ..Options::default() });
    fail(&mut model, 0, FailureKind::Missing, ms(1000));
    update(&mut model, Event::Frame, ms(1000));
    let TileState::Gone { failure, skip_at: Some(skip_at), .. } = model.tile_state(0, ms(1100)) else { panic!("it is gone") };
    assert_eq!(failure.kind, FailureKind::Missing);
    update(&mut model, Event::Frame, skip_at);
    assert_eq!(model.feed().index(), 1);
}

#[test]
fn an_item_that_is_passed_by_again_is_not_begun_again_before_its_time() {
    let mut model = client(9, &Options::default());
    preroll_all(&mut model, ms(20));
    press(&mut model, Key::Next, ms(1000));
    fail(&mut model, 3, FailureKind::Corrupt, ms(1100));
    press(&mut model, Key::First, ms(1200));
    press(&mut model, Key::Next, ms(1300));
    assert!(!assigned(&model).contains(&"v3".to_owned()));
    assert!(matches!(model.tile_state(3, ms(1300)), TileState::Failed { .. }));
    press(&mut model, Key::Next, ms(1400));
    press(&mut model, Key::Next, ms(1500));
    update(&mut model, Event::Intent(Intent::Retry), ms(1600));
    assert!(assigned(&model).contains(&"v3".to_owned()), "who asks for it gets it");
}

#[test]
fn a_server_that_is_down_is_asked_by_one_item_at_a_time() {
    let mut model = client(9, &Options { seed: 3, ..Options::default() });
    for at in [0, 1, 2] {
        fail(&mut model, at, FailureKind::Network, ms(1000));
    }
    press(&mut model, Key::Next, ms(1100));
    fail(&mut model, 3, FailureKind::Network, ms(1200));
    press(&mut model, Key::Next, ms(1300));
    assert_eq!(model.retries(ms(1300)).0, 1);
    assert_eq!(assigned(&model), Vec::<String>::new());
    let TileState::Failed { failure, .. } = model.tile_state(4, ms(1300)) else { panic!("it is told") };
    assert!(failure.sentence.contains("a.example"), "{}", failure.sentence);
    let mut now = ms(1300);
    while assigned(&model).is_empty() {
        now = model.wakes_at(now + ms(1)).unwrap();
        update(&mut model, Event::Frame, now);
        assert!(now < ms(10_000));
    }
    assert_eq!(assigned(&model).len(), 1, "one try decides");
    let generation = model.player_target().slots[0].generation;
    update(&mut model, Event::Player(PlayerEvent::Opened { generation, from_cache: false }), now);
    assert_eq!(assigned(&model).len(), 4, "it answers: all that had waited go on, as far as their own pause allows");
}

#[test]
fn another_network_forgives_all() {
    let mut model = client(5, &Options::default());
    let wired = Conditions { link: Link { kind: LinkKind::Wired, ..Link::default() }, ..Conditions::default() };
    update(&mut model, Event::Conditions(wired), ms(100));
    for _ in 0..7 {
        let now = again_at(&model, 0).unwrap_or(ms(1000));
        update(&mut model, Event::Frame, now);
        fail(&mut model, 0, FailureKind::Timeout, now);
    }
    assert!(!assigned(&model).contains(&"v0".to_owned()));
    let wifi = Conditions { link: Link { kind: LinkKind::Wifi, ..Link::default() }, ..Conditions::default() };
    update(&mut model, Event::Conditions(wifi), ms(60_000));
    assert!(assigned(&model).contains(&"v0".to_owned()));
}

#[test]
fn a_failed_item_makes_room_after_eight_seconds_for_who_wants_that() {
    for (skip_failed, index) in [(true, 1), (false, 0)] {
        let mut model = client(
            5,
            &Options { preferences: Preferences { skip_failed: Some(skip_failed), ..Preferences::default() }, ..Options::default() },
        );
        fail(&mut model, 0, FailureKind::Corrupt, ms(1000));
        update(&mut model, Event::Frame, ms(1000));
        update(&mut model, Event::Frame, ms(8999));
        assert_eq!(model.feed().index(), 0);
        update(&mut model, Event::Frame, ms(9000));
        assert_eq!(model.feed().index(), index);
    }
}

#[test]
fn the_time_until_it_is_skipped_begins_when_it_is_seen() {
    let mut model =
        client(5, &Options { preferences: Preferences { skip_failed: Some(true), ..Preferences::default() }, ..Options::default() });
    preroll_all(&mut model, ms(20));
    press(&mut model, Key::Next, ms(500));
    fail(&mut model, 2, FailureKind::Corrupt, ms(1000));
    press(&mut model, Key::Next, ms(30_000));
    update(&mut model, Event::Frame, ms(30_016));
    update(&mut model, Event::Frame, ms(35_000));
    assert_eq!(model.feed().index(), 2);
    let TileState::Failed { skip_at, .. } = model.tile_state(2, ms(35_000)) else { panic!("it failed") };
    assert_eq!(skip_at, Some(ms(38_016)));
    update(&mut model, Event::Frame, ms(38_016));
    assert_eq!(model.feed().index(), 3);
}
