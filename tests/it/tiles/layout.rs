//! The controls over the picture: the rail, its menu, the words that unfold, the scrubber, the badge of what goes on live.

use eframe::egui::{self, Pos2};
use egui_kittest::kittest::Queryable;
use flickreel::app::{Event, Fit, Intent, Key, KeyPreset, Keymaps, Options, Preferences, Setting, Sheet};
use flickreel::feed::{FeedPage, Live, LiveStatus};
use flickreel::gesture::{Position, WheelDelta};
use flickreel::ui::key_and_wheel_events;

use super::rig::{PORTRAIT, Rig, items, ms};

const LONG: &str = "Filmed in one morning, with nobody about: three cameras in the grass, one of them under water until noon. \
    The flower is a marsh lily; it opens for two hours and does not care who watches. \
    Thanks to the people of the mill, who let us leave our boots in their kitchen for a week, and to the otter, who did not.";

/// A page whose first item has a long description and whose likes are counted.
fn told() -> FeedPage {
    let mut page = items(3);
    LONG.clone_into(&mut page.items[0].description);
    page.items[0].likes = Some(12_345);
    page
}

/// A client with that page, its controls awake.
fn awake(size: [f32; 2], page: FeedPage) -> Rig {
    let mut rig = Rig::opened(size, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    rig.send(Event::PointerMoved(Position { x: 100.0, y: 100.0 }), ms(3000));
    rig
}

fn ask(rig: &mut Rig, intent: Intent) {
    rig.send(Event::Intent(intent), ms(3000));
}

/// Clicks on a place of the view and tells what came of it.
fn click_at(rig: &mut Rig, at: impl Fn(&egui_kittest::Harness<'_>) -> Pos2) -> Vec<Event> {
    rig.click_at(ms(3400), at)
}

fn intents(events: &[Event]) -> Vec<&Intent> {
    events.iter().filter_map(|event| if let Event::Intent(intent) = event { Some(intent) } else { None }).collect()
}

#[test]
fn the_rail_shows_what_is_liked_how_fast_it_plays_and_that_there_is_more() {
    let mut rig = awake([450.0, 800.0], told());
    ask(&mut rig, Intent::ToggleLike);
    ask(&mut rig, Intent::NextSpeed);
    // Past the line that says so.
    rig.send(Event::PointerMoved(Position { x: 101.0, y: 100.0 }), ms(6000));
    rig.snapshot("rail", ms(6100));
}

#[test]
fn in_the_smallest_window_nothing_overlaps() {
    let mut rig = awake([320.0, 480.0], told());
    rig.snapshot("rail_smallest", ms(3400));
}

#[test]
fn the_menu_offers_what_is_wanted_now_and_then() {
    let mut rig = awake(PORTRAIT, told());
    ask(&mut rig, Intent::Menu);
    rig.snapshot("menu", ms(3400));
}

#[test]
fn words_unfold_onto_a_ground_of_their_own() {
    let mut rig = awake([320.0, 480.0], told());
    ask(&mut rig, Intent::Unfold);
    rig.snapshot("words_unfolded", ms(3400));
}

#[test]
fn what_goes_on_live_has_its_badge_and_tells_how_many_watch() {
    let mut page = items(2);
    page.items[0].live = Some(Live { status: LiveStatus::Live, viewers: Some(1284) });
    let mut rig = awake(PORTRAIT, page);
    let mut harness = rig.harness(ms(3400));
    harness.step();
    harness.get_by_label("LIVE 1.2K watching");
    let options = egui_kittest::SnapshotOptions::new().threshold(2.0).max_failed_pixels(200);
    harness.snapshot_options("live", &options);
}

#[test]
fn words_from_right_to_left_stand_in_the_order_in_which_they_are_read() {
    // Of the desktop's fonts the one that nearly all have; it has been the same for ten years.
    let Ok(font) = std::fs::read("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") else { return };
    let mut page = items(2);
    page.items[0].maker = "סרטי הנחל".to_owned();
    page.items[0].title = "زهرة بجانب الماء (الجزء 2): قبل أن يستيقظ أحد في القرية".to_owned();
    page.items[0].description = "מצולם ב־3 מצלמות עם Big Buck Bunny, בשנת 2008.".to_owned();
    let mut rig = awake(PORTRAIT, page);
    rig.font = Some(font);
    rig.snapshot("right_to_left", ms(3400));
}

#[test]
fn signs_and_faces_in_a_title_are_no_boxes_where_the_desktop_has_them() {
    let Ok(font) = std::fs::read("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") else { return };
    let mut page = items(2);
    page.items[0].title = "Otter ☺ eats 😀 fish ★ twice ♥".to_owned();
    let mut rig = awake([320.0, 480.0], page);
    rig.font = Some(font);
    rig.snapshot("emoji", ms(3400));
}

#[test]
fn under_the_pointer_the_line_becomes_a_scrubber_with_times_and_a_preview() {
    let mut rig = awake(PORTRAIT, told());
    for seconds in 1..8 {
        rig.play_to(ms(1000 * seconds));
    }
    rig.send(Event::PointerMoved(Position { x: 200.0, y: 636.0 }), ms(3000));
    let mut harness = rig.harness(ms(3100));
    harness.step();
    harness.hover_at(Pos2::new(200.0, 636.0));
    harness.step();
    harness.step();
    let options = egui_kittest::SnapshotOptions::new().threshold(2.0).max_failed_pixels(200);
    harness.snapshot_options("scrubber", &options);
}

#[test]
fn pointing_at_the_loudspeaker_opens_its_slider() {
    let mut rig = awake([320.0, 480.0], told());
    let mut harness = rig.harness(ms(3400));
    harness.step();
    let sound = harness.get_by_label("Sound off").rect().center();
    harness.hover_at(sound);
    harness.step();
    harness.step();
    let options = egui_kittest::SnapshotOptions::new().threshold(2.0).max_failed_pixels(200);
    harness.snapshot_options("rail_volume", &options);
    // A little way up the slider, which stands left of its icon.
    let low = sound - egui::vec2(42.0, -30.0);
    harness.hover_at(low);
    harness.step();
    harness.drag_at(low);
    harness.step();
    harness.drop_at(low);
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(intents(&events).iter().any(|intent| matches!(intent, Intent::Volume(to) if *to < 0.5)), "{events:?}");
    assert!(!intents(&events).contains(&&Intent::Mute) && !events.iter().any(|event| matches!(event, Event::PointerDown(_))), "{events:?}");
}

#[test]
fn a_picture_that_covers_leaves_nothing_of_a_wide_window_to_its_echo() {
    let beside = |fit: Fit| {
        let preferences = Preferences { fit, ..Preferences::default() };
        let mut rig = Rig::opened([760.0, 480.0], &Options { preferences, ..Options::default() });
        rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(items(3)) }, ms(10));
        let mut harness = rig.harness(ms(9000));
        harness.step();
        let image = harness.render().unwrap();
        (image.get_pixel(20, 240).0, image.get_pixel(380, 240).0)
    };
    let (side, middle) = beside(Fit::Contain);
    assert_ne!(side, middle);
    let (side, middle) = beside(Fit::Cover);
    assert_eq!(side, middle);
}

#[test]
fn dragging_the_scrubber_seeks_on_the_way_and_exactly_at_its_end() {
    let mut rig = awake(PORTRAIT, told());
    let mut harness = rig.harness(ms(3400));
    harness.step();
    let at = |share: f32| Pos2::new(360.0 * share, 637.0);
    harness.hover_at(at(0.1));
    harness.step();
    harness.drag_at(at(0.1));
    harness.step();
    for share in [0.3, 0.5, 0.5, 0.5] {
        harness.hover_at(at(share));
        harness.step();
    }
    harness.drop_at(at(0.5));
    harness.step();
    drop(harness);
    let events = rig.take_events();
    let near = |share: f64, wanted: f64| (share - wanted).abs() < 0.01;
    let sought: Vec<_> = intents(&events).into_iter().filter(|intent| matches!(intent, Intent::Scrub(_) | Intent::Seek(_))).collect();
    assert!(matches!(sought.last(), Some(Intent::Seek(share)) if near(*share, 0.5)), "{sought:?}");
    let scrubs = sought.iter().filter(|intent| matches!(intent, Intent::Scrub(_))).count();
    assert!((2..=3).contains(&scrubs), "a pointer that rests seeks nothing: {sought:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::PointerDown(_))), "the feed was not dragged: {events:?}");
}

#[test]
fn each_action_of_the_rail_is_found_by_its_name_and_does_what_it_says() {
    let wanted = [
        ("Like", Intent::ToggleLike),
        ("Sound off", Intent::Mute),
        ("Speed, now 1×", Intent::NextSpeed),
        ("Copy link", Intent::CopyLink),
        ("More", Intent::Menu),
        ("Open another source", Intent::Sheet(Sheet::Open)),
    ];
    for (name, intent) in wanted {
        let mut rig = awake(PORTRAIT, told());
        let events = click_at(&mut rig, |harness| harness.get_by_label(name).rect().center());
        assert!(intents(&events).contains(&&intent), "{name}: {events:?}");
        assert!(!events.iter().any(|event| matches!(event, Event::PointerDown(_))), "{name}: the feed was pressed, too: {events:?}");
    }
}

#[test]
fn pointing_at_an_action_tells_its_key_as_it_is_bound_now() {
    for (preset, said) in [(KeyPreset::Feed, "Like (L)"), (KeyPreset::Mpv, "Like (H)")] {
        let mut rig = awake(PORTRAIT, told());
        ask(&mut rig, Intent::Set(Setting::Keys(preset)));
        let mut harness = rig.harness(ms(1500));
        harness.step();
        let like = harness.get_by_label("Like").rect().center();
        harness.hover_at(like);
        // It is told after half a second of pointing.
        harness.run_steps(120);
        harness.get_by_label(said);
    }
}

#[test]
fn a_click_on_a_row_of_the_menu_does_it_and_closes_the_menu_and_one_beside_it_only_closes_it() {
    let open = || {
        let mut rig = awake(PORTRAIT, told());
        ask(&mut rig, Intent::Menu);
        rig
    };
    let events = click_at(&mut open(), |harness| harness.get_by_label("Fill the window").rect().center());
    assert_eq!(intents(&events), [&Intent::Menu, &Intent::Fit], "{events:?}");
    let events = click_at(&mut open(), |harness| harness.get_by_label("Save a still").rect().center());
    assert!(events.iter().any(|event| matches!(event, Event::Key { key: Key::Still, .. })), "{events:?}");
    let events = click_at(&mut open(), |_| Pos2::new(60.0, 200.0));
    assert_eq!(intents(&events), [&Intent::Menu], "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::PointerDown(_))), "{events:?}");
}

#[test]
fn a_tap_on_the_words_unfolds_them_and_is_none_on_the_picture_while_a_drag_from_them_swipes() {
    let mut rig = awake(PORTRAIT, told());
    let events = click_at(&mut rig, |harness| harness.get_by_label("Show all of the description").rect().center());
    assert!(intents(&events).contains(&&Intent::Unfold), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::PointerUp(_))), "a tap would pause: {events:?}");
    let mut rig = awake(PORTRAIT, told());
    let mut harness = rig.harness(ms(3400));
    harness.step();
    let at = harness.get_by_label("Show all of the description").rect().center();
    harness.hover_at(at);
    harness.step();
    harness.drag_at(at);
    harness.step();
    for up in [20.0, 80.0, 160.0] {
        harness.hover_at(at - egui::vec2(0.0, up));
        harness.step();
    }
    harness.drop_at(at - egui::vec2(0.0, 160.0));
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(events.iter().any(|event| matches!(event, Event::PointerDown(_))), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, Event::PointerUp(_))), "{events:?}");
    assert!(!intents(&events).contains(&&Intent::Unfold), "{events:?}");
}

#[test]
fn a_wheel_over_the_loudspeaker_turns_the_volume_and_does_not_swipe() {
    let mut rig = awake(PORTRAIT, told());
    let mut harness = rig.harness(ms(3400));
    harness.step();
    let sound = harness.get_by_label("Sound off").rect().center();
    let notch = egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: egui::vec2(0.0, 1.0),
        source: egui::MouseWheelSource::Unknown,
        phase: egui::TouchPhase::Move,
        modifiers: egui::Modifiers::NONE,
    };
    harness.hover_at(sound);
    harness.step();
    harness.event(notch.clone());
    harness.step();
    assert!(key_and_wheel_events(&harness.ctx, Keymaps::default().of(KeyPreset::Feed)).is_empty(), "over the loudspeaker");
    harness.hover_at(Pos2::new(100.0, 200.0));
    harness.step();
    harness.event(notch);
    harness.step();
    assert_eq!(key_and_wheel_events(&harness.ctx, Keymaps::default().of(KeyPreset::Feed)).len(), 1, "over the picture");
    drop(harness);
    let events = rig.take_events();
    let turned: Vec<_> = intents(&events).into_iter().filter(|intent| matches!(intent, Intent::TurnVolume(_))).collect();
    assert_eq!(turned, [&Intent::TurnVolume(WheelDelta::Lines(-1.0))], "{events:?}");
}

#[test]
fn controls_that_have_faded_are_met_by_no_pointer_and_still_by_the_keyboard() {
    let mut rig = awake(PORTRAIT, told());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    let like = harness.get_by_label("Like");
    let at = like.rect().center();
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(!intents(&events).contains(&&Intent::ToggleLike), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, Event::PointerDown(_))), "the picture was: {events:?}");
    let mut rig = awake(PORTRAIT, told());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.get_by_label("Like").focus();
    harness.step();
    harness.step();
    harness.key_press(egui::Key::Enter);
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(
        events.iter().any(|event| matches!(event, Event::Focus(true))) && intents(&events).contains(&&Intent::ToggleLike),
        "{events:?}"
    );
}
