//! Tiles that warn, are gone, make one wait and say why, or are an end; and the pill of new items. In the size of the first
//! launch and in the smallest there is.

use egui_kittest::kittest::Queryable;
use flickreel::app::{Event, Intent, Key, Options};
use flickreel::feed::{Blurhash, Failure, FailureKind, FeedPage, MediaLocation};
use flickreel::player::{InHand, PlayerEvent};

use super::rig::{Rig, items, ms};

const SIZES: [([f32; 2], &str); 2] = [([450.0, 800.0], "450"), ([320.0, 480.0], "320")];

/// Compares with one picture of each size.
fn in_both_sizes(name: &str, at: u64, make: impl Fn([f32; 2]) -> Rig) {
    for (size, suffix) in SIZES {
        let painted = make(size).snapshot(&format!("{name}_{suffix}"), ms(at));
        assert!(!name.starts_with("warned") || painted.is_empty(), "the picture is not on the screen");
    }
}

/// What the view offers by this name is pressed; what came of it.
fn pressed(rig: &mut Rig, name: &str, at: u64) -> Vec<Event> {
    let mut harness = rig.harness(ms(at));
    harness.get_by_label(name).click();
    harness.step();
    harness.step();
    drop(harness);
    rig.take_events()
}

fn has_intent(events: &[Event], intent: &Intent) -> bool {
    events.iter().any(|event| matches!(event, Event::Intent(done) if done == intent))
}

/// A prerolled feed whose first item is warned of.
pub(super) fn warned(size: [f32; 2]) -> Rig {
    let mut page = items(3);
    page.items[0].warning = Some("Flashing lights and loud noise".to_owned());
    let mut rig = Rig::opened(size, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    rig
}

#[test]
fn an_item_that_is_warned_of_shows_its_warning_and_nothing_else_of_itself() {
    in_both_sizes("warned", 4000, |size| {
        let mut rig = warned(size);
        rig.bring_poster("v0", (180, 320), (720, 1280));
        rig
    });
}

#[test]
fn the_way_past_a_warning_is_for_the_item_or_for_all_of_the_feed() {
    let offered = [("Show anyway", Intent::ShowAnyway), ("Show all of this feed", Intent::ShowAllWarned)];
    for (name, intent) in offered {
        assert!(has_intent(&pressed(&mut warned(SIZES[0].0), name, 4000), &intent), "{name}");
    }
    let mut rig = warned(SIZES[0].0);
    rig.send(Event::Intent(Intent::ShowAnyway), ms(5000));
    let mut harness = rig.harness(ms(5100));
    harness.step();
    assert!(harness.query_by_label("Show anyway").is_none());
}

#[test]
fn an_item_that_is_gone_says_so_and_is_no_failure_to_wait_for() {
    in_both_sizes("gone", 3000, |size| {
        let mut rig = Rig::with_items(size, 3);
        let failure = Failure::new(FailureKind::Missing, "The server answered 410 (Gone).").because("GET http://media.example/v0.mp4: 410");
        rig.fail_current(failure, ms(2000));
        rig
    });
}

/// A feed of which nothing has come from its server.
fn waiting(size: [f32; 2]) -> Rig {
    let mut page = items(3);
    for (at, item) in page.items.iter_mut().enumerate() {
        item.media = MediaLocation::Url(format!("https://media.example/{at}.mp4"));
    }
    let mut rig = Rig::without_player(size, page);
    rig.send(Event::Line { bits_per_second: Some(812_000), round_trip: Some(ms(48)) }, ms(100));
    rig
}

#[test]
fn who_waits_is_told_why_when_they_ask() {
    in_both_sizes("why_slow", 3420, |size| {
        let mut rig = waiting(size);
        rig.send(Event::Intent(Intent::Why), ms(3000));
        rig
    });
    let mut rig = waiting(SIZES[0].0);
    let mut harness = rig.harness(ms(1900));
    harness.step();
    assert!(harness.query_by_label("Why is this slow?").is_none(), "not before two seconds are over");
    drop(harness);
    assert!(has_intent(&pressed(&mut waiting(SIZES[0].0), "Why is this slow?", 2500), &Intent::Why));
}

#[test]
fn who_is_out_of_bytes_is_told_how_much_is_missing() {
    in_both_sizes("buffering_missing", 4720, |size| {
        let mut rig = Rig::with_items(size, 2);
        let generation = rig.model.current_generation().unwrap();
        rig.send(Event::Player(PlayerEvent::Buffering { generation }), ms(3000));
        let in_hand = InHand { ahead: 100_000, enough: 250_000, rate: Some(125_000) };
        rig.send(Event::Player(PlayerEvent::Waiting { generation, in_hand }), ms(3200));
        rig
    });
}

#[test]
fn a_loading_item_shows_the_blur_that_its_feed_tells_of() {
    let mut page = items(2);
    page.items[0].blurhash = Blurhash::read("LEHV6nWB2yk8pyo0adR*.7kCMdnj");
    Rig::without_player(SIZES[0].0, page).snapshot("loading_blurhash_450", ms(1020));
}

#[test]
fn the_end_of_a_feed_says_how_many_were_watched_and_what_the_filter_hides() {
    in_both_sizes("end_watched", 4000, |size| {
        let mut rig = Rig::opened(size, &Options::default());
        let page = FeedPage { filtered: 3, ..items(2) };
        rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
        for at in [1000, 2000] {
            let generation = rig.model.current_generation().unwrap();
            rig.send(Event::Player(PlayerEvent::Looped { generation }), ms(at));
            rig.send(Event::Key { key: Key::Next, repeat: false }, ms(at));
        }
        rig.settle(ms(2000));
        rig
    });
}

#[test]
fn a_feed_of_which_the_filter_leaves_nothing_says_so_and_another_can_be_opened() {
    let filtered = |size| Rig::without_player(size, FeedPage { filtered: 5, ..FeedPage::default() });
    in_both_sizes("empty_filtered", 3000, filtered);
    let opens = Intent::Sheet(flickreel::app::Sheet::Open);
    assert!(has_intent(&pressed(&mut filtered(SIZES[0].0), "Open something else", 3000), &opens));
}

#[test]
fn new_items_are_offered_and_nothing_moves() {
    let changed = |size| {
        let mut rig = Rig::with_items(size, 3);
        rig.send(Event::FeedChanged, ms(2000));
        rig
    };
    in_both_sizes("new_items", 6000, changed);
    let mut rig = changed(SIZES[0].0);
    assert!(has_intent(&pressed(&mut rig, "There are new items. Press to open the feed afresh", 3000), &Intent::Refresh));
}

#[test]
fn what_is_to_be_seen_is_told_to_screen_readers_where_the_feed_tells_it() {
    let mut page = items(2);
    page.items[0].alt = "A white flower on a bank of grass.".to_owned();
    let mut rig = Rig::opened(SIZES[0].0, &Options::default());
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    let mut harness = rig.harness(ms(500));
    harness.step();
    harness.get_by_label("A white flower on a bank of grass.");
}
