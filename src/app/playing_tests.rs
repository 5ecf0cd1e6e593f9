//! How the current item is played by keys, clicks and a held press.

use std::sync::Arc;
use std::time::Duration;

use super::tests::{generation_of, ms, preroll_all, press, watching};
use super::*;
use crate::feed::ItemId;
use crate::gesture::Position;
use crate::player::{PlayerCommand, PlayerEvent, Still};

/// A client whose items are five seconds long and whose first one is at `position`.
fn at(position: Duration, now: Duration) -> Model {
    let mut model = watching(3);
    told(&mut model, position, now);
    model
}

fn told(model: &mut Model, position: Duration, now: Duration) {
    let generation = generation_of(model, 0);
    update(model, Event::Player(PlayerEvent::Position { generation, position }), now);
}

/// Where the last command sends the player.
fn sought(effects: &[Effect]) -> Option<Duration> {
    effects.iter().rev().find_map(
        |effect| {
            if let Effect::Command(PlayerCommand::Seek { to, exact: true, .. }) = effect { Some(*to) } else { None }
        },
    )
}

fn click(model: &mut Model, now: Duration) -> Vec<Effect> {
    let at = Position { x: 200.0, y: 400.0 };
    update(model, Event::PointerDown(at), now);
    update(model, Event::PointerUp(at), now + ms(60))
}

/// The current item comes to its end.
fn end(model: &mut Model, now: Duration) -> Vec<Effect> {
    let generation = model.current_generation().unwrap();
    update(model, Event::Player(PlayerEvent::Ended { generation }), now)
}

fn set(model: &mut Model, at_end: AtEnd) {
    while model.preferences().at_end != at_end {
        press(model, Key::AtEnd, ms(500));
    }
}

fn plays(model: &Model) -> bool {
    model.player_target().slots.iter().any(|slot| slot.playing)
}

fn toast(model: &Model, now: Duration) -> String {
    model.toast(now).map(|toast| toast.text.clone()).unwrap_or_default()
}

#[test]
fn arrows_go_five_seconds_and_no_further_than_the_clip() {
    let mut model = at(ms(1500), ms(1000));
    assert_eq!(sought(&press(&mut model, Key::Back, ms(1000))), Some(ms(0)));
    assert_eq!(toast(&model, ms(1001)), "0:00 / 0:05");
    assert_eq!(sought(&press(&mut model, Key::Forward, ms(3000))), Some(ms(4900)), "a picture is left to be shown");
}

#[test]
fn quick_presses_add_up_before_the_player_has_gone_anywhere() {
    let mut model = watching(1);
    let generation = generation_of(&model, 0);
    let info = crate::player::MediaInfo { duration: Some(ms(60_000)), ..Default::default() };
    update(&mut model, Event::Player(PlayerEvent::Prerolled { generation, info }), ms(900));
    told(&mut model, ms(10_000), ms(1000));
    press(&mut model, Key::Forward, ms(1000));
    // What the player says meanwhile is from before.
    told(&mut model, ms(10_100), ms(1100));
    assert_eq!(sought(&press(&mut model, Key::Forward, ms(1200))), Some(ms(20_000)));
    let held = update(&mut model, Event::Key { key: Key::Forward, repeat: true }, ms(1300));
    assert_eq!(sought(&held), Some(ms(25_000)), "a held key goes on");
    told(&mut model, ms(26_000), ms(3000));
    assert_eq!(sought(&press(&mut model, Key::Back, ms(3000))), Some(ms(21_000)));
}

#[test]
fn a_number_goes_to_its_tenth() {
    let mut model = at(ms(0), ms(1000));
    assert_eq!(sought(&press(&mut model, Key::Tenth(3), ms(1000))), Some(ms(1500)));
    assert_eq!(sought(&press(&mut model, Key::Tenth(0), ms(1100))), Some(ms(0)));
    assert_eq!(sought(&update(&mut model, Event::Intent(Intent::Seek(1.0)), ms(1200))), Some(ms(4900)));
}

#[test]
fn a_picture_is_stepped_to_only_once_it_is_paused() {
    let mut model = at(ms(1000), ms(1000));
    let generation = generation_of(&model, 0);
    assert_eq!(press(&mut model, Key::FrameForward, ms(1000)), [Effect::Target], "the first press pauses");
    assert_eq!(model.tile_state(0, ms(1000)), TileState::Paused);
    let step = |forward| Effect::Command(PlayerCommand::Step { generation, forward });
    assert_eq!(press(&mut model, Key::FrameForward, ms(1100)), [step(true)]);
    assert_eq!(update(&mut model, Event::Key { key: Key::FrameBack, repeat: true }, ms(1130)), [step(false)], "also while it is held");
}

#[test]
fn speeds_are_gone_through_one_by_one_and_stop_at_both_ends() {
    let mut model = watching(3);
    let mut faster = Vec::new();
    for at in 0..8 {
        press(&mut model, Key::Faster, ms(1000 + at));
        faster.push(model.player_target().rate);
    }
    assert_eq!(faster, [1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.0, 3.0]);
    assert_eq!(toast(&model, ms(1010)), "Speed 3×");
    let mut slower = Vec::new();
    for at in 0..10 {
        press(&mut model, Key::Slower, ms(2000 + at));
        slower.push(model.player_target().rate);
    }
    assert_eq!(slower, [2.5, 2.0, 1.75, 1.5, 1.25, 1.0, 0.75, 0.5, 0.25, 0.25]);
    assert!(press(&mut model, Key::OwnSpeed, ms(3000)).contains(&Effect::Target));
    assert!((model.player_target().rate - 1.0).abs() < f64::EPSILON);
}

#[test]
fn the_speed_stays_through_swipes_and_the_clock_runs_by_it() {
    let mut model = at(ms(1000), ms(1000));
    for at in 0..4 {
        press(&mut model, Key::Faster, ms(1000 + at));
    }
    let item = model.feed().items()[0].clone();
    let position = model.position_of(&item, ms(1503));
    assert!(position.abs_diff(ms(2000)) < ms(10), "half a second at twice the speed: {position:?}");
    press(&mut model, Key::Next, ms(1600));
    press(&mut model, Key::Previous, ms(1700));
    assert!((model.player_target().rate - 2.0).abs() < f64::EPSILON);
}

#[test]
fn the_speeds_of_the_control_come_round() {
    let mut model = watching(1);
    let mut round = Vec::new();
    for at in 0..5 {
        update(&mut model, Event::Intent(Intent::NextSpeed), ms(1000 + at));
        round.push(model.speed());
    }
    assert_eq!(round, [1.25, 1.5, 2.0, 0.5, 1.0]);
    press(&mut model, Key::Slower, ms(2000));
    update(&mut model, Event::Intent(Intent::NextSpeed), ms(2001));
    assert!((model.speed() - 1.0).abs() < f64::EPSILON, "from a speed that is not among them back to its own");
}

#[test]
fn a_press_held_at_the_right_edge_plays_twice_as_fast_and_says_so_while_it_lasts() {
    let mut model = at(ms(1000), ms(1000));
    update(&mut model, Event::PointerDown(Position { x: 440.0, y: 400.0 }), ms(1000));
    assert!(update(&mut model, Event::Frame, ms(1500)).contains(&Effect::Target));
    assert!((model.player_target().rate - 2.0).abs() < f64::EPSILON && !model.overlay());
    assert_eq!(toast(&model, ms(900_000)), "2× while you hold");
    assert!(model.wakes_at(ms(5000)).is_none_or(|at| at < ms(900_000)), "no frame is due for it");
    update(&mut model, Event::PointerUp(Position { x: 440.0, y: 400.0 }), ms(6000));
    assert!((model.player_target().rate - 1.0).abs() < f64::EPSILON);
    assert_eq!(toast(&model, ms(6001)), "");
    assert_eq!(model.tile_state(0, ms(6001)), TileState::Playing, "it was no click");
}

#[test]
fn a_held_press_that_is_lost_ends_and_one_that_finds_nothing_playing_does_nothing() {
    let mut model = at(ms(1000), ms(1000));
    update(&mut model, Event::PointerDown(Position { x: 440.0, y: 400.0 }), ms(1000));
    update(&mut model, Event::Frame, ms(1500));
    update(&mut model, Event::PointerGone, ms(1600));
    assert!((model.rate() - 1.0).abs() < f64::EPSILON);
    press(&mut model, Key::Pause, ms(2000));
    update(&mut model, Event::PointerDown(Position { x: 440.0, y: 400.0 }), ms(3000));
    update(&mut model, Event::Frame, ms(3500));
    assert!((model.rate() - 1.0).abs() < f64::EPSILON && toast(&model, ms(3500)).is_empty());
}

#[test]
fn what_comes_at_the_end_goes_round_is_said_and_remembered() {
    let mut model = watching(3);
    assert!(model.player_target().loops);
    let mut seen = Vec::new();
    for at in 0..3 {
        let effects = press(&mut model, Key::AtEnd, ms(1000 + at));
        assert!(effects.contains(&Effect::Remember) && effects.contains(&Effect::Target));
        seen.push((model.preferences().at_end, model.player_target().loops, toast(&model, ms(1000 + at))));
    }
    assert_eq!(seen.iter().map(|(at_end, ..)| *at_end).collect::<Vec<_>>(), [AtEnd::Stop, AtEnd::Advance, AtEnd::Repeat]);
    assert_eq!(seen.iter().map(|(_, loops, _)| *loops).collect::<Vec<_>>(), [false, false, true]);
    assert!(seen.iter().all(|(.., said)| !said.is_empty()));
}

#[test]
fn an_item_that_stops_at_its_end_stays_there_until_it_is_played_again() {
    for how in ["a click", "the space bar", "the control"] {
        let mut model = at(ms(4900), ms(1000));
        set(&mut model, AtEnd::Stop);
        assert!(end(&mut model, ms(1100)).contains(&Effect::Target));
        assert_eq!(model.tile_state(0, ms(1100)), TileState::Ended);
        assert!(!plays(&model) && model.position_of(&model.feed().items()[0].clone(), ms(9000)) == ms(5000), "{how}");
        update(&mut model, Event::Frame, ms(9000));
        assert_eq!(model.feed().index(), 0);
        let effects = match how {
            "a click" => click(&mut model, ms(9100)),
            "the space bar" => press(&mut model, Key::Pause, ms(9100)),
            _ => update(&mut model, Event::Intent(Intent::Replay), ms(9100)),
        };
        assert_eq!(sought(&effects), Some(ms(0)), "{how}");
        assert!(effects.contains(&Effect::Target) && plays(&model), "{how}");
        assert_eq!(model.tile_state(0, ms(9200)), TileState::Playing, "{how}");
    }
}

#[test]
fn an_item_that_ended_is_played_from_its_start_when_one_comes_back() {
    let mut model = watching(9);
    set(&mut model, AtEnd::Stop);
    end(&mut model, ms(1000));
    press(&mut model, Key::Next, ms(2000));
    let effects = press(&mut model, Key::Previous, ms(3000));
    assert_eq!(sought(&effects), Some(ms(0)));
    assert_eq!(model.tile_state(0, ms(3000)), TileState::Playing);
    // Also when its pipeline is gone meanwhile.
    end(&mut model, ms(4000));
    for step in 0..4 {
        press(&mut model, Key::Next, ms(5000 + step));
    }
    press(&mut model, Key::First, ms(6000));
    let slot = model.player_target().slots.into_iter().find(|slot| slot.playing).unwrap();
    assert_eq!((slot.item.id.as_str(), slot.start_at), ("v0", ms(0)));
}

#[test]
fn going_on_takes_the_next_item_at_the_end_and_stays_at_the_last_one() {
    let mut model = watching(3);
    set(&mut model, AtEnd::Advance);
    for (index, at) in [(1, 1000), (2, 2000)] {
        end(&mut model, ms(at));
        update(&mut model, Event::Frame, ms(at + 10));
        assert_eq!(model.feed().index(), index);
        assert!(plays(&model));
        preroll_all(&mut model, ms(at + 20));
    }
    end(&mut model, ms(3000));
    update(&mut model, Event::Frame, ms(3010));
    assert_eq!(model.feed().index(), 2, "no tile without a video is gone to");
    assert_eq!(model.tile_state(2, ms(3010)), TileState::Ended);
}

#[test]
fn nothing_is_taken_from_under_a_finger() {
    let mut model = watching(3);
    set(&mut model, AtEnd::Advance);
    update(&mut model, Event::PointerDown(Position { x: 200.0, y: 400.0 }), ms(1000));
    update(&mut model, Event::PointerMoved(Position { x: 200.0, y: 380.0 }), ms(1050));
    end(&mut model, ms(1100));
    update(&mut model, Event::Frame, ms(1110));
    assert_eq!(model.feed().index(), 0);
    update(&mut model, Event::PointerUp(Position { x: 200.0, y: 381.0 }), ms(1400));
    update(&mut model, Event::Frame, ms(1410));
    assert_eq!(model.feed().index(), 1);
}

#[test]
fn an_end_that_was_under_way_when_repeating_was_chosen_begins_again() {
    let mut model = at(ms(4900), ms(1000));
    assert_eq!(sought(&end(&mut model, ms(1100))), Some(ms(0)));
    assert!(plays(&model));
}

#[test]
fn from_its_end_one_can_go_back_by_seconds_and_by_pictures() {
    let mut model = at(ms(4900), ms(1000));
    set(&mut model, AtEnd::Stop);
    end(&mut model, ms(1100));
    assert_eq!(press(&mut model, Key::Forward, ms(1200)), [], "there is nothing behind it");
    assert_eq!(sought(&press(&mut model, Key::Back, ms(1300))), Some(ms(0)));
    assert!(plays(&model));
    end(&mut model, ms(2000));
    let generation = generation_of(&model, 0);
    let step = Effect::Command(PlayerCommand::Step { generation, forward: false });
    assert!(press(&mut model, Key::FrameBack, ms(2100)).contains(&step));
    assert_eq!(model.tile_state(0, ms(2100)), TileState::Paused);
}

#[test]
fn a_second_click_undoes_the_first_and_a_third_one_too_soon_changes_nothing() {
    let mut model = watching(3);
    click(&mut model, ms(1000));
    assert_eq!(model.tile_state(0, ms(1100)), TileState::Paused, "at once");
    for at in [1200, 1400] {
        click(&mut model, ms(at));
        assert_eq!(model.tile_state(0, ms(at + 70)), TileState::Playing);
    }
    click(&mut model, ms(3000));
    click(&mut model, ms(3400));
    assert_eq!(model.tile_state(0, ms(3500)), TileState::Playing, "two slow clicks pause and play");
    // What was paused stays so.
    press(&mut model, Key::Pause, ms(5000));
    click(&mut model, ms(6000));
    click(&mut model, ms(6200));
    assert_eq!(model.tile_state(0, ms(6300)), TileState::Paused);
}

#[test]
fn clicks_on_two_items_are_no_double_click() {
    let mut model = watching(3);
    click(&mut model, ms(1000));
    press(&mut model, Key::Next, ms(1100));
    for at in 0..40 {
        update(&mut model, Event::Frame, ms(1100 + at * 4));
    }
    model.motion = crate::gesture::Motion::default();
    click(&mut model, ms(1270));
    assert_eq!(model.tile_state(1, ms(1340)), TileState::Paused);
}

#[test]
fn a_still_is_asked_for_and_saved_under_the_title_of_its_item() {
    let mut model = watching(3);
    let generation = generation_of(&model, 0);
    assert_eq!(press(&mut model, Key::Still, ms(1000)), [Effect::Command(PlayerCommand::Still { generation })]);
    let still = Arc::new(Still { size: (1, 1), rgba: vec![0; 4], at: ms(700) });
    let answer = PlayerEvent::Still { generation, still: Some(Arc::clone(&still)) };
    let title = model.feed().items()[0].title.clone();
    assert_eq!(update(&mut model, Event::Player(answer), ms(1100)), [Effect::SaveStill { title, still }]);
    assert_eq!(update(&mut model, Event::Player(PlayerEvent::Still { generation, still: None }), ms(1200)), []);
    assert_eq!(toast(&model, ms(1200)), "There is no picture to save yet.");
}

#[test]
fn before_there_is_a_picture_a_still_is_refused_with_a_word() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: String::new(), hint: false }, ms(0));
    assert_eq!(press(&mut model, Key::Still, ms(10)), []);
    assert_eq!(toast(&model, ms(10)), "There is no picture to save yet.");
    assert!(model.tile(&ItemId::new("v0")).is_none());
}
