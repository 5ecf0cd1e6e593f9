//! How the client behaves, told in events and times.

use std::time::Duration;

use super::*;
use crate::feed::{Cursor, Failure, FailureKind, FeedPage, Generation, Item, ItemId, MediaLocation};
use crate::gesture::{Position, WheelDelta};
use crate::player::{MediaInfo, PlayerEvent};

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(super) fn page(count: usize, next: Option<&str>) -> FeedPage {
    FeedPage {
        items: (0..count).map(|i| Item::bare(ItemId::new(format!("v{i}")), MediaLocation::Sample(i))).collect(),
        next: next.map(|token| Cursor(token.to_owned())),
        ..FeedPage::default()
    }
}

/// A client with `count` items whose window of four is prerolled.
pub(super) fn watching(count: usize) -> Model {
    let mut model = Model::new(&Options::default());
    let effects = update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    assert!(effects.contains(&Effect::LoadPage { epoch: 1, cursor: None }));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(count, None)) }, ms(10));
    preroll_all(&mut model, ms(50));
    model
}

/// Every assigned item gets its first picture.
pub(super) fn preroll_all(model: &mut Model, now: Duration) {
    for slot in model.player_target().slots {
        let generation = slot.generation;
        update(model, Event::Picture { generation, serial: 0 }, now);
        let info = MediaInfo { duration: Some(ms(5000)), ..MediaInfo::default() };
        update(model, Event::Player(PlayerEvent::Prerolled { generation, info }), now);
    }
}

pub(super) fn press(model: &mut Model, key: Key, now: Duration) -> Vec<Effect> {
    update(model, Event::Key { key, repeat: false }, now)
}

fn playing(model: &Model) -> Vec<String> {
    model.player_target().slots.into_iter().filter(|slot| slot.playing).map(|slot| slot.item.id.to_string()).collect()
}

pub(super) fn generation_of(model: &Model, index: usize) -> Generation {
    model.tile(&model.feed().items()[index].id).and_then(|tile| tile.generation).expect("the item is in the window")
}

#[test]
fn the_winner_plays_from_the_moment_of_the_decision_and_the_loser_pauses() {
    let mut model = watching(10);
    assert_eq!(playing(&model), ["v0"]);
    let effects = press(&mut model, Key::Next, ms(1000));
    assert!(effects.contains(&Effect::Target));
    assert_eq!(playing(&model), ["v1"]);
    assert!(model.is_moving(), "the motion has only begun");
}

#[test]
fn one_item_at_most_plays_and_the_window_is_one_back_and_two_ahead() {
    let mut model = watching(10);
    for step in 1..6 {
        press(&mut model, Key::Next, ms(1000 * step));
    }
    let ids: Vec<_> = model.player_target().slots.iter().map(|slot| slot.item.id.to_string()).collect();
    assert_eq!(ids, ["v5", "v6", "v4", "v7"], "the most urgent first");
    assert_eq!(playing(&model), ["v5"]);
}

#[test]
fn swiping_back_to_a_prerolled_item_keeps_its_pipeline() {
    let mut model = watching(10);
    press(&mut model, Key::Next, ms(1000));
    let before = generation_of(&model, 0);
    press(&mut model, Key::Previous, ms(2000));
    assert_eq!(generation_of(&model, 0), before);
}

#[test]
fn an_item_that_leaves_the_window_and_returns_is_a_new_assignment_and_late_answers_of_the_old_are_dropped() {
    let mut model = watching(10);
    let old = generation_of(&model, 0);
    for at in 1..=3 {
        press(&mut model, Key::Next, ms(1000 * at));
    }
    for at in 4..=6 {
        press(&mut model, Key::Previous, ms(1000 * at));
    }
    assert_ne!(generation_of(&model, 0), old);
    update(&mut model, Event::Picture { generation: old, serial: 9 }, ms(7000));
    assert_eq!(model.tile(&ItemId::new("v0")).and_then(|tile| tile.picture), None);
    let failure = Failure::new(FailureKind::Corrupt, "Too late.");
    update(&mut model, Event::Player(PlayerEvent::Failed { generation: old, failure }), ms(7000));
    assert_eq!(model.tile_state(0, ms(7000)), TileState::Loading { slow: true });
}

#[test]
fn coming_back_to_an_item_resumes_it_where_it_was() {
    let mut model = watching(10);
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Player(PlayerEvent::Position { generation, position: ms(1500) }), ms(2000));
    for at in 3..=5 {
        press(&mut model, Key::Next, ms(1000 * at));
    }
    for at in 6..=8 {
        press(&mut model, Key::Previous, ms(1000 * at));
    }
    let slot = model.player_target().slots.into_iter().find(|slot| slot.item.id.as_str() == "v0").expect("v0 is current");
    assert_eq!(slot.start_at, ms(2500), "a second had passed since the report");
}

#[test]
fn a_click_pauses_and_a_second_one_plays() {
    let mut model = watching(3);
    let at = Position { x: 200.0, y: 400.0 };
    for (time, state) in [(1000, TileState::Paused), (2000, TileState::Playing)] {
        update(&mut model, Event::PointerDown(at), ms(time));
        update(&mut model, Event::PointerUp(at), ms(time + 80));
        assert_eq!(model.tile_state(0, ms(time + 90)), state);
    }
}

#[test]
fn a_long_press_opens_the_overlay_and_never_also_clicks() {
    let mut model = watching(3);
    let at = Position { x: 200.0, y: 400.0 };
    update(&mut model, Event::PointerDown(at), ms(1000));
    update(&mut model, Event::Frame, ms(1499));
    assert!(!model.overlay());
    update(&mut model, Event::Frame, ms(1500));
    assert!(model.overlay());
    update(&mut model, Event::PointerUp(at), ms(1700));
    assert_eq!(model.tile_state(0, ms(1700)), TileState::Playing);
}

#[test]
fn a_long_press_at_the_right_edge_leaves_the_overlay_alone() {
    let mut model = watching(3);
    update(&mut model, Event::PointerDown(Position { x: 440.0, y: 400.0 }), ms(1000));
    update(&mut model, Event::Frame, ms(1600));
    assert!(!model.overlay());
}

#[test]
fn a_click_that_caught_the_motion_is_no_click() {
    let mut model = watching(5);
    press(&mut model, Key::Next, ms(1000));
    update(&mut model, Event::Frame, ms(1050));
    let at = Position { x: 200.0, y: 400.0 };
    update(&mut model, Event::PointerDown(at), ms(1060));
    update(&mut model, Event::PointerUp(at), ms(1100));
    assert_eq!(playing(&model), ["v1"]);
    assert!(model.is_moving(), "it goes on to where it was going");
}

#[test]
fn a_drag_past_18_percent_goes_on_and_a_shorter_one_springs_back() {
    for (way, index) in [(200.0, 1), (100.0, 0)] {
        let mut model = watching(5);
        let from = Position { x: 200.0, y: 600.0 };
        update(&mut model, Event::PointerDown(from), ms(1000));
        for step in 1..=10_u32 {
            let to = Position { x: 200.0, y: 600.0 - way * f64::from(step) / 10.0 };
            update(&mut model, Event::PointerMoved(to), ms(1000 + u64::from(step) * 60));
        }
        assert!((model.position() - way / 800.0).abs() < 1e-9, "it follows the finger one to one");
        update(&mut model, Event::PointerUp(Position { x: 200.0, y: 600.0 - way }), ms(1800));
        assert_eq!(model.feed().index(), index, "{way}");
    }
}

#[test]
fn dragging_back_from_the_first_item_goes_nowhere() {
    let mut model = watching(5);
    update(&mut model, Event::PointerDown(Position { x: 200.0, y: 100.0 }), ms(1000));
    update(&mut model, Event::PointerMoved(Position { x: 200.0, y: 700.0 }), ms(1050));
    assert!(model.position() < 0.0 && model.position() > -0.5, "it resists");
    update(&mut model, Event::PointerUp(Position { x: 200.0, y: 700.0 }), ms(1100));
    assert_eq!(model.feed().index(), 0);
    for at in 0..60 {
        update(&mut model, Event::Frame, ms(1100 + at * 16));
    }
    assert!(model.position().abs() < f64::EPSILON);
}

#[test]
fn a_wheel_notch_is_one_item() {
    let mut model = watching(5);
    update(&mut model, Event::Wheel(WheelDelta::Lines(1.0)), ms(1000));
    assert_eq!(model.feed().index(), 1);
    update(&mut model, Event::Wheel(WheelDelta::Lines(-1.0)), ms(1100));
    assert_eq!(model.feed().index(), 0);
}

#[test]
fn home_and_end_reach_the_first_and_the_newest_item() {
    let mut model = watching(9);
    press(&mut model, Key::Newest, ms(1000));
    assert_eq!(model.feed().index(), 8);
    assert!(!model.is_moving(), "a jump does not run past items whose pictures are not there");
    press(&mut model, Key::First, ms(2000));
    assert_eq!(model.feed().index(), 0);
}

#[test]
fn a_failed_item_costs_its_own_tile_and_can_be_tried_again() {
    let mut model = watching(5);
    let generation = generation_of(&model, 0);
    let failure = Failure::new(FailureKind::Network, "The connection broke.");
    update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure: failure.clone() }), ms(1000));
    let TileState::Failed { failure: shown, again_at: Some(again_at), .. } = model.tile_state(0, ms(1000)) else { panic!("it failed") };
    assert_eq!(shown, &failure);
    assert!((ms(1500)..=ms(2000)).contains(&again_at), "after a second at most, drawn");
    assert_eq!(model.player_target().slots.len(), 2, "its neighbours stay");
    let effects = update(&mut model, Event::Intent(Intent::Retry), ms(2000));
    assert!(effects.contains(&Effect::Target));
    assert_ne!(generation_of(&model, 0), generation);
    assert!(matches!(model.tile_state(0, ms(2000)), TileState::Loading { .. }));
}

#[test]
fn an_item_the_source_knows_to_be_broken_is_never_given_to_the_player() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: String::new(), hint: false }, ms(0));
    let mut page = page(2, None);
    page.items[0].problem = Some(Failure::new(FailureKind::Corrupt, "The file is empty."));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    assert!(matches!(model.tile_state(0, ms(10)), TileState::Failed { .. }));
    let ids: Vec<_> = model.player_target().slots.iter().map(|slot| slot.item.id.to_string()).collect();
    assert_eq!(ids, ["v1"]);
    update(&mut model, Event::Intent(Intent::Skip), ms(20));
    assert_eq!(model.feed().index(), 1);
}

#[test]
fn a_feed_that_fails_says_so_and_what_is_loaded_stays() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: String::new(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(2, Some("2"))) }, ms(10));
    let cursor = Some(Cursor("2".into()));
    let failure = Failure::new(FailureKind::Server, "The server answered 500.");
    update(&mut model, Event::Page { epoch: 1, cursor: cursor.clone(), result: Err(failure) }, ms(20));
    assert_eq!(model.feed().items().len(), 2);
    assert!(matches!(model.tile_state(2, ms(20)), TileState::PageFailed(_)));
    let effects = update(&mut model, Event::Intent(Intent::RetryPage), ms(30));
    assert!(effects.contains(&Effect::LoadPage { epoch: 1, cursor }));
    assert_eq!(model.tile_state(2, ms(30)), TileState::LoadingPage);
}

#[test]
fn an_empty_feed_and_the_end_of_a_feed_are_tiles_of_their_own() {
    let empty = watching(0);
    assert_eq!(empty.tile_state(0, ms(60)), TileState::EmptyFeed { skipped: 0, filtered: 0 });
    let mut model = watching(1);
    press(&mut model, Key::Next, ms(1000));
    assert_eq!(model.tile_state(model.feed().index(), ms(1000)), TileState::EndOfFeed);
    assert_eq!(playing(&model), Vec::<String>::new());
    press(&mut model, Key::Next, ms(2000));
    assert_eq!(model.feed().index(), 1, "there is nothing beyond");
}

#[test]
fn a_page_of_a_source_that_was_left_is_dropped() {
    let mut model = watching(3);
    update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(1000));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(3, None)) }, ms(1010));
    assert!(model.feed().items().is_empty());
}

#[test]
fn waiting_shows_only_after_300_ms() {
    let mut model = watching(3);
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Player(PlayerEvent::Buffering { generation }), ms(1000));
    assert_eq!(model.tile_state(0, ms(1299)), TileState::Buffering { slow: false });
    assert_eq!(model.tile_state(0, ms(1300)), TileState::Buffering { slow: true });
    update(&mut model, Event::Player(PlayerEvent::Resumed { generation, waited: ms(700) }), ms(1700));
    assert_eq!(model.tile_state(0, ms(1700)), TileState::Playing);
    assert_eq!(model.figures().waiting, ms(700));
}

#[test]
fn a_minimised_window_plays_nothing() {
    let mut model = watching(3);
    update(&mut model, Event::Visible(false), ms(1000));
    assert_eq!(playing(&model), Vec::<String>::new());
    update(&mut model, Event::Visible(true), ms(2000));
    assert_eq!(playing(&model), ["v0"]);
}

#[test]
fn escape_closes_the_overlay_first_and_then_leaves_full_screen() {
    let mut model = watching(3);
    press(&mut model, Key::Fullscreen, ms(1000));
    press(&mut model, Key::Overlay, ms(1100));
    assert!(!press(&mut model, Key::Escape, ms(1200)).contains(&Effect::Fullscreen(false)));
    assert!(!model.overlay() && model.fullscreen());
    assert_eq!(press(&mut model, Key::Escape, ms(1300)), [Effect::Fullscreen(false)]);
    assert_eq!(press(&mut model, Key::Escape, ms(1400)), []);
}

#[test]
fn the_player_tells_of_every_pipeline_while_somebody_looks() {
    let mut model = watching(3);
    assert!(!model.player_target().detailed);
    assert!(!press(&mut model, Key::Overlay, ms(900)).contains(&Effect::Target), "nobody sees the table yet");
    assert!(press(&mut model, Key::Page(OverlayPage::Pipelines), ms(1000)).contains(&Effect::Target));
    assert!(model.player_target().detailed);
    update(&mut model, Event::Visible(false), ms(1100));
    assert!(!model.player_target().detailed, "nobody sees a window that is not there");
    update(&mut model, Event::Visible(true), ms(1200));
    assert!(model.player_target().detailed);
    assert!(update(&mut model, Event::Intent(Intent::Overlay), ms(1300)).contains(&Effect::Target));
    assert!(!model.player_target().detailed);
    assert_eq!(press(&mut model, Key::Escape, ms(1400)), [], "nothing changes");
}

#[test]
fn the_range_maps_of_another_source_are_not_those_of_this_one() {
    let mut model = watching(3);
    let maps = vec![(ItemId::new("v0"), crate::metrics::RangeMap::of(100, std::iter::once(0..50)))];
    update(&mut model, Event::RangeMaps(maps.clone()), ms(1000));
    assert_eq!(model.range_maps(), maps);
    update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(1100));
    assert_eq!(model.range_maps(), []);
}

#[test]
fn volume_stays_between_silence_and_full_and_louder_undoes_mute() {
    let mut model = watching(1);
    press(&mut model, Key::Mute, ms(1000));
    assert!(model.player_target().muted);
    for at in 0..30 {
        press(&mut model, Key::VolumeUp, ms(1100 + at));
    }
    assert!(!model.player_target().muted);
    assert!((model.player_target().volume - 1.0).abs() < f64::EPSILON);
    for at in 0..30 {
        press(&mut model, Key::VolumeDown, ms(2000 + at));
    }
    assert!(model.player_target().volume.abs() < f64::EPSILON);
}

#[test]
fn a_held_key_moves_four_times_a_second() {
    let mut model = watching(20);
    for at in 0..30 {
        update(&mut model, Event::Key { key: Key::Next, repeat: at > 0 }, ms(1000 + at * 33));
    }
    assert_eq!(model.feed().index(), 4);
}

#[test]
fn a_swipe_to_a_prerolled_item_is_warm_and_one_beyond_the_window_is_not() {
    let mut model = watching(20);
    press(&mut model, Key::Next, ms(1000));
    let current = generation_of(&model, 1);
    update(&mut model, Event::Painted(Painted { at: ms(1012), pictures: vec![(current, 0)] }), ms(1012));
    press(&mut model, Key::Newest, ms(2000));
    let current = generation_of(&model, 19);
    update(&mut model, Event::Picture { generation: current, serial: 0 }, ms(2090));
    update(&mut model, Event::Painted(Painted { at: ms(2100), pictures: vec![(current, 0)] }), ms(2100));
    let figures = model.figures();
    assert_eq!((figures.warm.quantiles().map(|warm| warm.n), figures.cold.quantiles().map(|cold| cold.n)), (Some(1), Some(1)));
}

#[test]
fn a_swipe_to_an_item_whose_bytes_are_here_is_cached() {
    let mut model = watching(20);
    press(&mut model, Key::Newest, ms(2000));
    let generation = generation_of(&model, 19);
    update(&mut model, Event::Player(PlayerEvent::Opened { generation, from_cache: true }), ms(2010));
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(2040));
    update(&mut model, Event::Painted(Painted { at: ms(2050), pictures: vec![(generation, 0)] }), ms(2050));
    assert_eq!(model.figures().cached.quantiles().map(|cached| cached.n), Some(1));
    assert!(model.figures().cold.quantiles().is_none());
}

#[test]
fn controls_fade_two_seconds_after_the_last_input_but_not_while_paused() {
    let mut model = watching(3);
    update(&mut model, Event::PointerMoved(Position { x: 9.0, y: 9.0 }), ms(1000));
    assert!((model.chrome(ms(2999)).0 - 1.0).abs() < f32::EPSILON);
    assert!(model.chrome(ms(3300)).0.abs() < f32::EPSILON);
    press(&mut model, Key::Pause, ms(4000));
    assert!((model.chrome(ms(9000)).0 - 1.0).abs() < f32::EPSILON);
}

#[test]
fn posters_are_wanted_of_items_near_us_that_have_one_and_no_picture_yet() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: String::new(), hint: false }, ms(0));
    let mut page = page(9, None);
    for item in page.items.iter_mut().filter(|item| item.id.as_str() != "v1") {
        item.poster = Some(format!("https://a.example/{}.jpg", item.id));
    }
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    let wanted = |model: &Model| model.posters_wanted().map(|item| item.id.to_string()).collect::<Vec<_>>();
    assert_eq!(wanted(&model), ["v0", "v2", "v3", "v4"], "the most urgent first");
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(20));
    assert_eq!(wanted(&model), ["v2", "v3", "v4"]);
}
