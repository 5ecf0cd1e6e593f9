//! Every tile state, painted by the real shader on a software renderer and compared with a picture that was
//! looked at; and the colours of every plane format.

mod captions;
mod colours;
mod gallery;
mod layout;
mod opening;
mod overlay;
mod playing;
mod reach;
mod rig;
mod settings;
mod states;

use eframe::egui::Color32;
use flickreel::app::{Event, Flag, Flags, Intent, Key, Mark, Options, Rollout, Teller};
use flickreel::feed::{Cursor, Failure, FailureKind, FeedPage, ItemId};
use flickreel::metrics::Snapshot;
use flickreel::metrics::snapshot::Process;
use flickreel::player::PlayerEvent;
use flickreel::preload::plan::{Conditions, Power};
use flickreel::ui::theme;

use self::rig::{PORTRAIT, Rig, items, ms};

#[test]
fn a_playing_tile_shows_its_picture_who_made_it_and_how_far_it_is() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(Event::PointerMoved(flickreel::gesture::Position { x: 100.0, y: 300.0 }), ms(2000));
    rig.snapshot("playing", ms(3400));
}

#[test]
fn controls_that_nobody_asks_for_are_gone() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.snapshot("playing_asleep", ms(6000));
}

#[test]
fn a_paused_tile_says_so() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(Event::Key { key: Key::Pause, repeat: false }, ms(1000));
    rig.snapshot("paused", ms(6000));
}

#[test]
fn a_heart_pops_where_somebody_liked_by_a_double_click() {
    let mut rig = Rig::with_items([240.0, 320.0], 3);
    let at = flickreel::gesture::Position { x: 90.0, y: 150.0 };
    for click in [1000, 1200] {
        rig.send(Event::PointerDown(at), ms(click));
        rig.send(Event::PointerUp(at), ms(click + 40));
    }
    rig.snapshot("liked", ms(1240 + 250));
}

#[test]
fn half_way_through_a_swipe_both_pictures_are_there_without_a_gap() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    let at = |y| flickreel::gesture::Position { x: 180.0, y };
    rig.send(Event::PointerDown(at(500.0)), ms(4000));
    rig.send(Event::PointerMoved(at(212.0)), ms(4030));
    let pictures = rig.snapshot("mid_swipe", ms(4030));
    assert_eq!(pictures.len(), 2);
}

#[test]
fn a_loading_tile_is_never_blank_and_says_after_a_while_that_it_waits() {
    let mut rig = Rig::without_player(PORTRAIT, items(2));
    rig.snapshot("loading", ms(1020));
}

#[test]
fn a_loading_tile_shows_its_poster_where_the_video_will_be() {
    let mut rig = Rig::without_player(PORTRAIT, items(2));
    rig.bring_poster("v0", (180, 320), (720, 1280));
    let painted = rig.snapshot("loading_poster", ms(1020));
    assert!(painted.is_empty(), "a poster is no picture of the video");
}

#[test]
fn a_poster_of_another_shape_has_its_echo_around_it() {
    let mut rig = Rig::without_player(PORTRAIT, items(2));
    rig.bring_poster("v0", (320, 180), (320, 180));
    rig.snapshot("loading_poster_landscape", ms(1020));
}

#[test]
fn the_first_picture_of_the_video_takes_the_place_of_the_poster() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.bring_poster("v0", (180, 320), (720, 1280));
    rig.snapshot("playing_asleep", ms(6000));
}

#[test]
fn an_item_that_is_not_here_lies_dim_behind_its_words() {
    let mut rig = Rig::without_player(PORTRAIT, stored(3));
    rig.bring_poster("v0", (180, 320), (720, 1280));
    rig.send(marked(Mark::Partial(42)), ms(20));
    rig.fail_current(Failure::new(FailureKind::Network, "The connection broke."), ms(2000));
    rig.snapshot("offline_poster", ms(3000));
}

#[test]
fn a_buffering_tile_keeps_its_picture_and_says_what_it_waits_for() {
    let mut rig = Rig::with_items(PORTRAIT, 2);
    let generation = rig.model.current_generation().unwrap();
    rig.send(Event::Player(PlayerEvent::Buffering { generation }), ms(4000));
    rig.snapshot("buffering", ms(4720));
}

fn refused() -> Failure {
    Failure::new(FailureKind::Refused, "The server answered 403 when asked for the video.")
        .because("GET http://media.example/v0.mp4: 403 Forbidden")
        .because("the link has expired")
}

#[test]
fn a_failed_tile_says_why_and_offers_retry_skip_and_details() {
    let mut rig = Rig::with_items(PORTRAIT, 2);
    rig.fail_current(refused(), ms(2000));
    rig.snapshot("failed", ms(3000));
}

#[test]
fn a_failed_tile_that_is_tried_again_says_when() {
    let mut rig = Rig::with_items(PORTRAIT, 2);
    rig.fail_current(Failure::new(FailureKind::Timeout, "The server media.example did not answer within 10 seconds."), ms(2000));
    rig.snapshot("failed_again", ms(2100));
}

#[test]
fn a_low_battery_is_named_at_the_top() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(battery(24.0), ms(2000));
    rig.send(Event::PointerMoved(flickreel::gesture::Position { x: 100.0, y: 300.0 }), ms(2000));
    rig.snapshot("battery_low", ms(2100));
}

fn battery(percent: f64) -> Event {
    let power = Power { on_battery: Some(percent), saver: false };
    Event::Conditions(Conditions { power, ..Conditions::default() })
}

/// A second's figures with so much memory in use.
fn memory(mb: f64) -> Event {
    let process = Process { rss_mb: Some(mb), ..Process::default() };
    Event::Figures(Box::new(Snapshot { process, ..Snapshot::default() }))
}

/// A client that has so much memory in use, with its controls awake.
fn heavy(mb: f64) -> Rig {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(memory(mb), ms(2000));
    rig.send(Event::PointerMoved(flickreel::gesture::Position { x: 100.0, y: 300.0 }), ms(2000));
    rig
}

/// The picture of that name, with a sign of that colour at the top.
fn health_chip(mb: f64, name: &str, colour: Color32) {
    heavy(mb).snapshot(name, ms(2100));
    let mut rig = heavy(mb);
    let mut harness = rig.harness(ms(2100));
    harness.step();
    let image = harness.render().unwrap();
    // The sign is too small for the picture alone to tell its colour.
    let is_sign = |pixel: &[u8; 4]| pixel.iter().zip(colour.to_array()).all(|(seen, meant)| seen.abs_diff(meant) < 32);
    let painted = image.enumerate_pixels().filter(|(_, y, pixel)| *y < 52 && is_sign(&pixel.0)).count();
    assert!(painted >= 5, "{painted} pixels of the sign's colour");
}

#[test]
fn a_program_that_is_not_well_says_so_at_the_top() {
    health_chip(612.0, "health_warning", theme::WARNING);
}

#[test]
fn a_program_that_is_in_danger_says_so_in_red() {
    health_chip(870.0, "health_critical", theme::ERROR);
}

#[test]
fn why_a_program_is_not_well_is_told_to_screen_readers_and_one_that_is_well_says_nothing() {
    use egui_kittest::kittest::Queryable;
    const SENTENCE: &str = "612 MB of memory are in use; the bound is 500 MB.";
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(memory(612.0), ms(2000));
    let mut harness = rig.harness(ms(500));
    harness.step();
    harness.get_by_label(SENTENCE);
    drop(harness);
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(memory(400.0), ms(2000));
    let mut harness = rig.harness(ms(500));
    harness.step();
    assert!(harness.query_by_label(SENTENCE).is_none());
}

#[test]
fn a_low_battery_can_be_overruled_where_it_is_named() {
    use egui_kittest::kittest::Queryable;
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(battery(24.0), ms(2000));
    rig.send(Event::PointerMoved(flickreel::gesture::Position { x: 100.0, y: 300.0 }), ms(2000));
    let mut harness = rig.harness(ms(2200));
    harness.get_by_label("Battery at 24 per cent: nothing is readied ahead. Press to ready ahead anyway").click();
    harness.step();
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(events.iter().any(|event| matches!(event, Event::Intent(Intent::ReadyAnyway))), "{events:?}");
}

#[test]
fn the_details_of_a_failure_are_the_chain_of_its_causes() {
    let mut rig = Rig::with_items(PORTRAIT, 2);
    rig.fail_current(refused(), ms(2000));
    rig.send(Event::Intent(Intent::Details), ms(3100));
    rig.snapshot("failed_details", ms(3200));
}

#[test]
fn the_end_of_a_feed_offers_the_way_back() {
    let mut rig = Rig::with_items(PORTRAIT, 1);
    rig.send(Event::Key { key: Key::Next, repeat: false }, ms(1000));
    rig.settle(ms(1000));
    rig.snapshot("end_of_feed", ms(3000));
}

#[test]
fn an_empty_feed_says_what_was_left_out() {
    let mut rig = Rig::without_player(PORTRAIT, FeedPage { skipped: 4, ..FeedPage::default() });
    rig.snapshot("empty_feed", ms(3000));
}

#[test]
fn a_feed_that_cannot_be_had_offers_retry() {
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    let failure = Failure::new(FailureKind::NotAFeed, "feeds.example answered with a web page, not with a feed.");
    rig.send(Event::Page { epoch: 1, cursor: None, result: Err(failure) }, ms(100));
    rig.snapshot("page_failed", ms(3000));
}

fn stored(count: usize) -> FeedPage {
    FeedPage { stored: true, ..items(count) }
}

fn marked(mark: Mark) -> Event {
    Event::Marks((0..3).map(|at| (ItemId::new(format!("v{at}")), mark)).collect())
}

#[test]
fn an_item_that_is_not_here_says_so_calmly_while_there_is_no_connection() {
    let mut rig = Rig::without_player(PORTRAIT, stored(3));
    rig.send(marked(Mark::Absent), ms(20));
    rig.fail_current(Failure::new(FailureKind::Network, "The connection broke."), ms(2000));
    rig.snapshot("offline", ms(3000));
}

#[test]
fn without_a_connection_the_top_line_says_so_and_the_maker_has_the_mark_of_the_item() {
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(stored(3)) }, ms(10));
    rig.send(marked(Mark::Ready), ms(20));
    rig.snapshot("offline_playing", ms(1400));
}

#[test]
fn without_a_connection_the_mark_stays_when_the_rest_is_gone() {
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(stored(3)) }, ms(10));
    rig.send(marked(Mark::Ready), ms(20));
    rig.snapshot("offline_asleep", ms(6000));
}

#[test]
fn how_much_is_here_stands_beside_the_maker() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(marked(Mark::Partial(42)), ms(20));
    rig.snapshot("mark_partial", ms(1400));
}

#[test]
fn with_a_connection_a_mark_fades_with_the_name() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(marked(Mark::Partial(42)), ms(20));
    rig.snapshot("playing_asleep", ms(6000));
}

#[test]
fn an_item_without_a_maker_has_its_mark_on_a_line_of_its_own() {
    let mut page = items(2);
    page.items[0].maker = String::new();
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    rig.send(marked(Mark::Absent), ms(20));
    rig.snapshot("mark_without_maker", ms(1400));
}

#[test]
fn the_end_of_what_is_here_is_an_end_that_can_be_asked_for_more() {
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    let next = Some(Cursor("2".into()));
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { next: next.clone(), ..stored(1) }) }, ms(10));
    let failure = Failure::new(FailureKind::Network, "The server can’t be reached.");
    rig.send(Event::Page { epoch: 1, cursor: next, result: Err(failure) }, ms(100));
    rig.send(Event::Key { key: Key::Next, repeat: false }, ms(1000));
    rig.settle(ms(1000));
    rig.snapshot("end_of_stored", ms(4000));
}

#[test]
fn marks_and_the_missing_connection_are_told_to_screen_readers() {
    use egui_kittest::kittest::Queryable;
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(stored(3)) }, ms(10));
    rig.send(marked(Mark::Partial(42)), ms(20));
    let mut harness = rig.harness(ms(500));
    harness.step();
    harness.get_by_label("42 per cent of this video are on this machine");
    harness.get_by_label("Offline: the server cannot be reached");
}

#[test]
fn a_wide_window_shows_the_picture_in_the_middle_and_its_echo_at_the_sides() {
    let mut rig = Rig::with_items([760.0, 480.0], 3);
    rig.snapshot("wide", ms(1000));
}

#[test]
fn without_its_flag_a_wide_window_has_no_echo() {
    let flags = Flags::decide(None, |flag| (flag == Flag::WideWindowEcho).then_some((Rollout::Chosen(false), Teller::Config)), |_| None);
    let mut rig = Rig::opened([760.0, 480.0], &Options { flags, ..Options::default() });
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(items(3)) }, ms(10));
    rig.snapshot("wide_without_echo", ms(1000));
}

#[test]
fn retry_and_skip_are_reachable_by_name_for_screen_readers() {
    use egui_kittest::kittest::Queryable;
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.fail_current(Failure::new(FailureKind::Network, "The connection broke."), ms(2000));
    let mut harness = rig.harness(ms(2500));
    harness.get_by_label("Retry");
    harness.get_by_label("Skip").click();
    harness.step();
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(events.iter().any(|event| matches!(event, Event::Intent(Intent::Skip))), "{events:?}");
}

#[test]
fn a_press_on_a_control_is_none_on_the_picture_under_it() {
    use egui_kittest::kittest::Queryable;
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(Event::PointerMoved(flickreel::gesture::Position { x: 100.0, y: 300.0 }), ms(2000));
    let mut harness = rig.harness(ms(2100));
    let sound = harness.get_by_label("Sound off").rect().center();
    harness.hover_at(sound);
    harness.step();
    // A hand takes longer than a frame.
    harness.drag_at(sound);
    harness.step();
    harness.drop_at(sound);
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(events.iter().any(|event| matches!(event, Event::Intent(Intent::Mute))), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::PointerDown(_))), "{events:?}");
}
