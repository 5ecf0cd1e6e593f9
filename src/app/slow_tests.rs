//! Each cause of a wait, from the facts that tell it from the others.

use std::time::Duration;

use super::tests::{generation_of, ms, page, preroll_all, press};
use super::*;
use crate::feed::{Failure, FailureKind, FeedPage, Item, MediaLocation};
use crate::metrics::RangeMap;
use crate::player::{InHand, PlayerEvent, PoolStats};
use crate::preload::plan::{Conditions, Limit, Power};

/// A client over items of one server, none of them ready yet.
fn client(count: usize) -> Model {
    over(count, |at| MediaLocation::Url(format!("https://a.example/{at}.mp4")), FeedPage::default())
}

fn over(count: usize, media: impl Fn(usize) -> MediaLocation, also: FeedPage) -> Model {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    let mut page = FeedPage { items: page(count, None).items, ..also };
    for (at, item) in page.items.iter_mut().enumerate() {
        (item.media, item.duration) = (media(at), Some(ms(10_000)));
    }
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(0));
    model
}

fn said(model: &mut Model, event: PlayerEvent, now: Duration) {
    update(model, Event::Player(event), now);
}

fn opened(model: &mut Model, index: usize, from_cache: bool, now: Duration) {
    let generation = generation_of(model, index);
    said(model, PlayerEvent::Opened { generation, from_cache }, now);
}

/// The current item plays, and runs out of bytes at `now`.
fn buffering(mut model: Model, now: Duration) -> Model {
    preroll_all(&mut model, ms(50));
    let generation = generation_of(&model, 0);
    said(&mut model, PlayerEvent::Buffering { generation }, now);
    model
}

fn in_hand(model: &mut Model, in_hand: InHand) {
    let generation = generation_of(model, 0);
    said(model, PlayerEvent::Waiting { generation, in_hand }, ms(2000));
}

fn line(model: &mut Model, bits: u64) {
    update(model, Event::Line { bits_per_second: Some(bits), round_trip: Some(ms(48)) }, ms(100));
}

fn why(model: &Model, now: Duration) -> Vec<Cause> {
    why_slow(model, model.feed().index(), now)
}

#[test]
fn a_server_that_has_sent_nothing_is_named_with_how_long_it_has_been_asked() {
    let mut model = client(3);
    line(&mut model, 5_000_000);
    assert_eq!(why(&model, ms(3400)), [Cause::Server { asked_for: ms(3400), round_trip: Some(ms(48)) }]);
}

#[test]
fn a_server_that_was_left_alone_is_named_as_such() {
    let mut model = client(5);
    for at in 0..5 {
        press(&mut model, Key::First, ms(10));
        while model.feed().index() < at {
            press(&mut model, Key::Next, ms(10));
        }
        if let Some(generation) = model.current_generation() {
            said(&mut model, PlayerEvent::Failed { generation, failure: Failure::new(FailureKind::Timeout, "It failed.") }, ms(100));
        }
    }
    update(&mut model, Event::Frame, ms(60_000));
    let probed = model.feed().items().iter().position(|item| model.tile(&item.id).is_some_and(|tile| tile.generation.is_some()));
    let causes = why_slow(&model, probed.unwrap(), ms(63_000));
    assert!(matches!(causes[..], [Cause::Rested { failures: 4.. }]), "{causes:?}");
}

#[test]
fn without_a_connection_that_is_the_cause() {
    let url = |at| MediaLocation::Url(format!("https://a.example/{at}.mp4"));
    let model = over(3, url, FeedPage { stored: true, ..FeedPage::default() });
    assert_eq!(why(&model, ms(3000)), [Cause::Offline]);
    assert_eq!(why(&buffering(model, ms(1000)), ms(3000)), [Cause::Offline]);
}

#[test]
fn bytes_that_are_here_wait_for_the_decoder() {
    let mut model = client(3);
    opened(&mut model, 0, true, ms(400));
    assert_eq!(why(&model, ms(3400)), [Cause::Decoding { since: ms(3000) }]);
    let mut partial = client(3);
    opened(&mut partial, 0, false, ms(400));
    let map = |end| Event::RangeMaps(vec![(partial.feed().items()[0].id.clone(), RangeMap::of(480_000, std::iter::once(0..end)))]);
    let (head, nothing) = (map(20_000), map(2_000));
    update(&mut partial, nothing, ms(500));
    assert!(matches!(why(&partial, ms(3400))[..], [Cause::Line { .. }]));
    update(&mut partial, head, ms(600));
    assert_eq!(why(&partial, ms(3400)), [Cause::Decoding { since: ms(3000) }]);
}

#[test]
fn a_picture_that_stands_waits_for_the_decoder_to_go_on() {
    let mut model = client(3);
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(1000));
    assert_eq!(why(&model, ms(1200)), []);
    assert_eq!(why(&model, ms(3000)), [Cause::Starting { since: ms(2000) }]);
}

#[test]
fn a_line_that_is_too_slow_is_told_beside_what_the_clip_needs() {
    let mut model = client(3);
    line(&mut model, 800_000);
    opened(&mut model, 0, false, ms(400));
    assert_eq!(why(&model, ms(3000)), [Cause::Line { carries: Some(800_000), needs: None }]);
    // 1,250,000 bytes in ten seconds are a megabit a second.
    let map = RangeMap::of(1_250_000, std::iter::once(0..1_000));
    let id = model.feed().items()[0].id.clone();
    update(&mut model, Event::RangeMaps(vec![(id, map)]), ms(2500));
    assert_eq!(why(&model, ms(3000)), [Cause::Line { carries: Some(800_000), needs: Some(1_000_000) }]);
}

#[test]
fn who_asks_why_has_the_clip_measured() {
    let mut model = client(3);
    assert!(!model.shows_range_maps());
    update(&mut model, Event::Intent(Intent::Why), ms(3000));
    assert!(model.shows_range_maps() && model.asks_why());
    press(&mut model, Key::Next, ms(4000));
    assert!(!model.shows_range_maps() && !model.asks_why(), "of the next item nobody has asked");
}

#[test]
fn out_of_bytes_the_slower_of_line_and_server_is_the_cause() {
    let mut model = client(3);
    line(&mut model, 800_000);
    let mut model = buffering(model, ms(1000));
    assert_eq!(why(&model, ms(2500)), [Cause::Line { carries: Some(800_000), needs: None }]);
    in_hand(&mut model, InHand { ahead: 50_000, enough: 250_000, rate: Some(125_000) });
    assert_eq!(why(&model, ms(2500)), [Cause::Line { carries: Some(800_000), needs: Some(1_000_000) }]);
    line(&mut model, 5_000_000);
    assert_eq!(why(&model, ms(2500)), [Cause::Server { asked_for: ms(1500), round_trip: Some(ms(48)) }]);
    let id = model.feed().items()[0].id.clone();
    update(&mut model, Event::Marks(vec![(id, Mark::Ready)]), ms(2400));
    assert_eq!(why(&model, ms(2500)), [Cause::Disk { asked_for: ms(1500) }], "all of it is here");
}

#[test]
fn a_file_waits_for_the_disk() {
    let model = over(3, |at| MediaLocation::File(format!("/videos/{at}.mp4").into()), FeedPage::default());
    assert_eq!(why(&model, ms(3000)), [Cause::Disk { asked_for: ms(3000) }]);
    assert_eq!(why(&buffering(model, ms(1000)), ms(3000)), [Cause::Disk { asked_for: ms(2000) }]);
}

#[test]
fn what_comes_later_waits_for_what_comes_first_and_all_of_it_for_a_free_decoder() {
    let mut model = client(3);
    assert_eq!(why_slow(&model, 2, ms(3000)), [Cause::Queue { before: 2 }]);
    opened(&mut model, 0, true, ms(400));
    let stats = PoolStats { playing: 1, tearing_down: 3, budget: 4, ..PoolStats::default() };
    said(&mut model, PlayerEvent::Pool { stats, rows: Vec::new() }, ms(500));
    assert_eq!(why(&model, ms(3000)), [Cause::Queue { before: 3 }]);
}

#[test]
fn an_item_that_was_not_readied_ahead_for_want_of_power_says_so_too() {
    let mut model = client(3);
    preroll_all(&mut model, ms(50));
    let power = Power { on_battery: Some(12.0), saver: false };
    update(&mut model, Event::Conditions(Conditions { power, ..Conditions::default() }), ms(100));
    press(&mut model, Key::Next, ms(1000));
    let causes = why(&model, ms(4000));
    assert_eq!(causes, [Cause::Server { asked_for: ms(3000), round_trip: None }, Cause::NotReadied(Limit::Battery(12.0))]);
}

#[test]
fn a_page_that_does_not_come_is_waited_for_too() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(100));
    assert_eq!(why(&model, ms(2600)), [Cause::Page { asked_for: ms(2500) }]);
    assert!(!model.may_ask_why(ms(2099)) && model.may_ask_why(ms(2100)));
}

#[test]
fn who_waits_may_ask_after_two_seconds_of_loading_and_one_of_buffering_and_a_frame_is_due_then() {
    let model = client(3);
    assert!(!model.may_ask_why(ms(1999)) && model.may_ask_why(ms(2000)));
    assert_eq!(model.wakes_at(ms(500)), Some(ms(2000)));
    let model = buffering(model, ms(5000));
    assert!(!model.may_ask_why(ms(5999)) && model.may_ask_why(ms(6000)));
}

#[test]
fn an_item_that_loaded_unseen_has_kept_nobody_waiting() {
    let mut model = client(3);
    press(&mut model, Key::Next, ms(9000));
    assert!(!model.may_ask_why(ms(10_999)) && model.may_ask_why(ms(11_000)));
}

#[test]
fn what_plays_failed_or_is_hidden_is_not_slow() {
    let mut model = client(3);
    preroll_all(&mut model, ms(50));
    assert_eq!(why(&model, ms(9000)), []);
    let generation = generation_of(&model, 0);
    said(&mut model, PlayerEvent::Failed { generation, failure: Failure::new(FailureKind::Corrupt, "It is damaged.") }, ms(100));
    assert_eq!(why(&model, ms(9000)), []);
    let mut hidden = Model::new(&Options::default());
    update(&mut hidden, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    let mut page = page(1, None);
    page.items[0] = Item { warning: Some("Blood".into()), ..page.items[0].clone() };
    update(&mut hidden, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(0));
    assert_eq!(why(&hidden, ms(9000)), []);
    assert!(!hidden.may_ask_why(ms(9000)));
}

#[test]
fn what_is_missing_is_told_in_seconds_where_the_rate_is_known_and_else_in_percent() {
    let known = InHand { ahead: 50_000, enough: 250_000, rate: Some(100_000) };
    assert_eq!((known.missing(), known.percent()), (Some(ms(2000)), 20));
    let unknown = InHand { rate: None, ..known };
    assert_eq!((unknown.missing(), unknown.percent()), (None, 20));
    assert_eq!(InHand { ahead: 300_000, ..known }.percent(), 99, "it is never all while one waits");
    assert_eq!(InHand::default().percent(), 0);
}
