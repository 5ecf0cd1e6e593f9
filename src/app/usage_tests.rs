//! What is told of the viewing, and when.

use std::time::Duration;

use super::tests::{generation_of, ms, page, preroll_all, press, watching};
use super::*;
use crate::feed::{Cursor, Failure, FailureKind, FeedPage, ItemId};
use crate::gesture::Position;
use crate::metrics::{Preference, UsageEvent};

/// What is counted of it.
fn told(effects: Vec<Effect>) -> Vec<UsageEvent> {
    effects.into_iter().filter_map(|effect| if let Effect::Usage(event) = effect { Some(event) } else { None }).collect()
}

fn frame(model: &mut Model, now: Duration) -> Vec<UsageEvent> {
    told(update(model, Event::Frame, now))
}

fn paint(model: &mut Model, index: usize, now: Duration) {
    let pictures = vec![(generation_of(model, index), 0)];
    update(model, Event::Painted(Painted { at: now, pictures }), now);
}

fn viewed(index: usize, preloaded: bool) -> UsageEvent {
    UsageEvent::VideoViewed { item: ItemId::new(format!("v{index}")), position: index, preloaded }
}

fn swipe(forward: bool, took: u64, completed: bool) -> UsageEvent {
    UsageEvent::Swipe { forward, took: ms(took), completed }
}

/// Frames until the feed rests; what they told.
fn settle(model: &mut Model, from: u64) -> Vec<UsageEvent> {
    (from / 16..from / 16 + 40).flat_map(|step| frame(model, ms(step * 16))).collect()
}

#[test]
fn an_item_counts_as_viewed_once_after_two_seconds_on_the_screen() {
    let mut model = watching(5);
    assert_eq!(frame(&mut model, ms(100)), []);
    assert_eq!(frame(&mut model, ms(2200)), [], "nothing of it was on the screen yet");
    paint(&mut model, 0, ms(2210));
    assert_eq!(frame(&mut model, ms(2216)), [viewed(0, false)]);
    assert_eq!(frame(&mut model, ms(9000)), []);
    assert_eq!(told(press(&mut model, Key::Next, ms(9100))), [], "it is not told again when it is left");
}

#[test]
fn an_item_that_is_left_sooner_counts_when_it_was_on_the_screen_and_else_does_not() {
    let mut model = watching(5);
    frame(&mut model, ms(100));
    paint(&mut model, 0, ms(110));
    assert_eq!(told(press(&mut model, Key::Next, ms(500))), [viewed(0, false)]);
    settle(&mut model, 512);
    // The second one was ready, but no frame with it has reached the screen.
    assert_eq!(told(press(&mut model, Key::Next, ms(1500))), []);
    paint(&mut model, 2, ms(1510));
    assert_eq!(told(update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(1600)))[0], viewed(2, true));
}

#[test]
fn a_swipe_is_told_when_the_feed_rests_or_another_one_begins() {
    let mut model = watching(6);
    frame(&mut model, ms(0));
    assert_eq!(told(press(&mut model, Key::Next, ms(160))), []);
    let [UsageEvent::Swipe { forward: true, took, completed: true }] = settle(&mut model, 160)[..] else { panic!("one swipe") };
    assert!((ms(150)..ms(500)).contains(&took), "{took:?}: as long as the motion");
    press(&mut model, Key::Next, ms(2000));
    assert_eq!(told(press(&mut model, Key::Previous, ms(2080))), [swipe(true, 80, true)]);
    let [UsageEvent::Swipe { forward: false, completed: true, .. }] = settle(&mut model, 2080)[..] else { panic!("one swipe") };
}

/// A finger that comes down, moves by `points` (upward positive) within 300 ms, and lets go after standing still.
fn drag(model: &mut Model, points: f64, from: u64) -> Vec<UsageEvent> {
    let at = |points: f64| Position { x: 200.0, y: 400.0 - points };
    update(model, Event::PointerDown(at(0.0)), ms(from));
    update(model, Event::PointerMoved(at(points / 2.0)), ms(from + 100));
    update(model, Event::PointerMoved(at(points)), ms(from + 150));
    told(update(model, Event::PointerUp(at(points)), ms(from + 300)))
}

#[test]
fn a_drag_is_told_from_when_the_finger_came_down_whether_or_not_it_led_anywhere() {
    let mut model = watching(6);
    frame(&mut model, ms(0));
    assert_eq!(drag(&mut model, 60.0, 1000), [swipe(true, 300, false)]);
    settle(&mut model, 1300);
    assert_eq!(drag(&mut model, -60.0, 3000), [swipe(false, 300, false)], "against the beginning");
    settle(&mut model, 3300);
    assert_eq!(drag(&mut model, 400.0, 5000), []);
    let [UsageEvent::Swipe { forward: true, took, completed: true }] = settle(&mut model, 5300)[..] else { panic!("one swipe") };
    assert!(took > ms(300), "{took:?}");
}

#[test]
fn a_tap_before_a_key_is_no_beginning_of_its_swipe_and_a_key_at_the_end_is_no_swipe() {
    let mut model = watching(2);
    frame(&mut model, ms(0));
    assert_eq!(told(press(&mut model, Key::Previous, ms(10))), []);
    let at = Position { x: 200.0, y: 400.0 };
    update(&mut model, Event::PointerDown(at), ms(20));
    update(&mut model, Event::PointerUp(at), ms(60));
    press(&mut model, Key::Next, ms(10_000));
    let [UsageEvent::Swipe { took, .. }] = settle(&mut model, 10_000)[..] else { panic!("one swipe") };
    assert!(took < ms(1000), "{took:?}");
}

#[test]
fn a_page_is_told_with_the_time_since_it_was_asked_for_and_where_it_came_from() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(100));
    let stored = FeedPage { stored: true, ..page(3, None) };
    let event = Event::Page { epoch: 1, cursor: None, result: Ok(stored.clone()) };
    assert_eq!(told(update(&mut model, event, ms(350))), [UsageEvent::PageLoaded { cursor: None, took: ms(250), stored: true }]);
    // The same page again, by which an offline client learns whether its server is back.
    let event = Event::Page { epoch: 1, cursor: None, result: Ok(stored) };
    assert_eq!(told(update(&mut model, event, ms(400))), []);
}

#[test]
fn asking_again_for_a_page_that_could_not_be_had_is_counted() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(2, Some("b"))) }, ms(10));
    let cursor = Some(Cursor("b".into()));
    let retry = |attempt| UsageEvent::PaginationRetry { cursor: cursor.clone(), attempt };
    for attempt in 1..=2 {
        let result = Err(Failure::new(FailureKind::NotAFeed, "That is no feed."));
        assert_eq!(told(update(&mut model, Event::Page { epoch: 1, cursor: cursor.clone(), result }, ms(20))), []);
        assert_eq!(told(update(&mut model, Event::Intent(Intent::RetryPage), ms(1000))), [retry(attempt)]);
    }
    let came = Event::Page { epoch: 1, cursor: cursor.clone(), result: Ok(page(4, None)) };
    assert_eq!(told(update(&mut model, came, ms(1100))), [UsageEvent::PageLoaded { cursor, took: ms(100), stored: false }]);
}

#[test]
fn an_item_beside_the_current_one_that_became_ready_was_preloaded() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(3, None)) }, ms(10));
    let picture = |model: &mut Model, index| {
        let generation = generation_of(model, index);
        told(update(model, Event::Picture { generation, serial: 0 }, ms(60)))
    };
    assert_eq!(picture(&mut model, 0), [], "the current one was waited for");
    assert_eq!(picture(&mut model, 1), [UsageEvent::PreloadComplete { took: ms(50), profile: "wifi" }]);
    assert_eq!(picture(&mut model, 1), [], "once");
}

#[test]
fn a_setting_that_is_changed_is_told_without_its_value() {
    let mut model = watching(3);
    preroll_all(&mut model, ms(60));
    assert_eq!(told(press(&mut model, Key::Mute, ms(100))), [UsageEvent::PreferencesUpdated(Preference::Sound)]);
    let anyway = update(&mut model, Event::Intent(Intent::ReadyAnyway), ms(200));
    assert_eq!(told(anyway), [UsageEvent::PreferencesUpdated(Preference::ReadyAnyway)]);
    for (key, preference) in [
        (Key::AtEnd, Preference::AtEnd),
        (Key::Faster, Preference::Speed),
        (Key::OwnSpeed, Preference::Speed),
        (Key::Captions, Preference::Captions),
    ] {
        assert_eq!(told(press(&mut model, key, ms(300))), [UsageEvent::PreferencesUpdated(preference)], "{key:?}");
    }
    let set = |model: &mut Model, setting| told(update(model, Event::Intent(Intent::Set(setting)), ms(400)));
    assert_eq!(set(&mut model, Setting::Captions(false)), [UsageEvent::PreferencesUpdated(Preference::Captions)], "on the sheet");
    assert_eq!(set(&mut model, Setting::Captions(false)), [], "as it was");
    assert_eq!(told(press(&mut model, Key::OwnSpeed, ms(500))), [], "as it was");
}
