//! A window that nobody looks at, a machine that sleeps, a desktop with wishes of its own.

use super::tests::{generation_of, ms, page, preroll_all, press, watching};
use super::*;
use crate::feed::{Cursor, Failure, FailureKind};
use crate::player::PlayerEvent;

const LOCKED: Presence = Presence { locked: true, asleep: false };
const ASLEEP: Presence = Presence { locked: false, asleep: true };
const THERE: Presence = Presence { locked: false, asleep: false };

fn plays(model: &Model) -> bool {
    model.player_target().slots.iter().any(|slot| slot.playing)
}

fn start_at(model: &Model) -> std::time::Duration {
    let slot = model.player_target().slots.into_iter().next().expect("the current item is wanted");
    slot.start_at
}

#[test]
fn a_locked_session_and_a_machine_that_falls_asleep_play_nothing_and_go_on_where_they_were() {
    for away in [LOCKED, ASLEEP, Presence { locked: true, asleep: true }] {
        let mut model = watching(3);
        let generation = generation_of(&model, 0);
        update(&mut model, Event::Player(PlayerEvent::Position { generation, position: ms(1500) }), ms(2000));
        let effects = update(&mut model, Event::Presence(away), ms(2500));
        assert!(effects.contains(&Effect::Target) && !plays(&model), "{away:?}");
        let effects = update(&mut model, Event::Presence(THERE), ms(60_000));
        assert!(effects.contains(&Effect::Target) && plays(&model), "{away:?}");
        assert_eq!(start_at(&model), ms(2000), "half a second had passed since the report, and then no time");
    }
}

#[test]
fn what_was_paused_stays_paused_when_somebody_is_back() {
    let mut model = watching(3);
    press(&mut model, Key::Pause, ms(1000));
    update(&mut model, Event::Presence(LOCKED), ms(2000));
    update(&mut model, Event::Presence(THERE), ms(3000));
    assert_eq!(model.tile_state(0, ms(3000)), TileState::Paused);
}

#[test]
fn a_window_that_is_covered_while_the_session_is_locked_plays_only_when_both_are_over() {
    let mut model = watching(3);
    update(&mut model, Event::Visible(false), ms(1000));
    update(&mut model, Event::Presence(LOCKED), ms(1100));
    update(&mut model, Event::Visible(true), ms(1200));
    assert!(!plays(&model));
    update(&mut model, Event::Presence(THERE), ms(1300));
    assert!(plays(&model));
}

#[test]
fn who_presses_a_key_is_there_whatever_a_lock_says_that_forgot_to_open() {
    let mut model = watching(3);
    update(&mut model, Event::Presence(LOCKED), ms(1000));
    press(&mut model, Key::Mute, ms(2000));
    assert!(plays(&model));
}

#[test]
fn a_night_between_two_frames_skips_no_item_and_counts_as_no_playing() {
    let night = ms(8 * 3_600_000);
    let mut model =
        Model::new(&Options { preferences: Preferences { skip_failed: Some(true), ..Preferences::default() }, ..Options::default() });
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(4, None)) }, ms(10));
    preroll_all(&mut model, ms(50));
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Frame, ms(100));
    update(&mut model, Event::Presence(ASLEEP), ms(200));
    let played = model.figures().playing;
    // The line broke while the machine fell asleep, and the clock may jump by all that it slept.
    let failure = Failure::new(FailureKind::Network, "The connection broke.");
    update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure }), ms(210));
    update(&mut model, Event::Frame, ms(220));
    let effects = update(&mut model, Event::Presence(THERE), night);
    assert!(effects.contains(&Effect::Target));
    update(&mut model, Event::Frame, night + ms(10));
    assert_eq!(model.feed().index(), 0, "nobody had seen it fail");
    assert_ne!(model.current_generation(), None, "it is tried at once: {:?}", model.tile(&model.feed().items()[0].id));
    assert_eq!(model.figures().playing, played);
    assert_eq!(model.retries(night).0, 0, "no server is left alone for what the night did");
}

#[test]
fn loads_that_break_off_because_the_machine_falls_asleep_are_not_held_against_the_program() {
    let failed = |asleep: bool| {
        let mut model = Model::new(&Options::default());
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(1, None)) }, ms(10));
        update(&mut model, Event::Presence(Presence { locked: false, asleep }), ms(20));
        let (generation, failure) = (generation_of(&model, 0), Failure::new(FailureKind::Timeout, "Nothing came."));
        update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure }), ms(30));
        model.figures().loads.failed
    };
    assert_eq!((failed(false), failed(true)), (1, 0));
}

#[test]
fn after_a_sleep_a_page_that_could_not_be_had_is_asked_for_at_once() {
    let mut model = watching(2);
    update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(100));
    update(&mut model, Event::Page { epoch: 2, cursor: None, result: Ok(page(2, Some("2"))) }, ms(110));
    let failure = Failure::new(FailureKind::Network, "The server cannot be reached.");
    update(&mut model, Event::Page { epoch: 2, cursor: Some(Cursor("2".into())), result: Err(failure) }, ms(120));
    update(&mut model, Event::Presence(ASLEEP), ms(200));
    let effects = update(&mut model, Event::Presence(THERE), ms(900_000));
    assert!(effects.contains(&Effect::LoadPage { epoch: 2, cursor: Some(Cursor("2".into())) }), "{effects:?}");
}

#[test]
fn the_desktop_says_whether_things_slide_unless_the_viewer_does() {
    let slides = |viewer: Option<bool>, desktop: bool| {
        let preferences = Preferences { reduced_motion: viewer, ..Preferences::default() };
        let mut model = Model::new(&Options { preferences, ..Options::default() });
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(3, None)) }, ms(10));
        update(&mut model, Event::Desktop(DesktopSettings { reduced_motion: desktop, ..DesktopSettings::default() }), ms(20));
        press(&mut model, Key::Next, ms(1000));
        model.is_moving()
    };
    assert_eq!([slides(None, false), slides(None, true)], [true, false]);
    assert_eq!([slides(Some(false), true), slides(Some(true), false)], [true, false]);
}

#[test]
fn a_small_window_on_top_comes_out_of_full_screen_and_goes_back_by_the_same_key() {
    let mut model = watching(2);
    press(&mut model, Key::Fullscreen, ms(100));
    assert_eq!(press(&mut model, Key::OnTop, ms(200)), [Effect::Fullscreen(false), Effect::OnTop(true)]);
    assert!(model.on_top() && !model.fullscreen());
    assert_eq!(press(&mut model, Key::OnTop, ms(300)), [Effect::OnTop(false)]);
}

#[test]
fn a_desktop_without_windows_on_top_says_so_and_the_next_press_asks_again() {
    let mut model = watching(2);
    press(&mut model, Key::OnTop, ms(100));
    update(&mut model, Event::OnTopRefused, ms(110));
    assert!(!model.on_top());
    assert!(model.toast(ms(120)).is_some_and(|toast| toast.text.ends_with("above the others.")));
    assert_eq!(press(&mut model, Key::OnTop, ms(300)), [Effect::OnTop(true)]);
}
