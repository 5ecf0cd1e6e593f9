//! How the client behaves without a connection, told in events and times.

use std::time::Duration;

use super::tests::{generation_of, ms, page, press};
use super::*;
use crate::feed::{Cursor, Failure, FailureKind, FeedPage, ItemId, MediaLocation};
use crate::player::PlayerEvent;

fn stored(count: usize, next: Option<&str>) -> FeedPage {
    FeedPage { stored: true, ..page(count, next) }
}

fn came(model: &mut Model, cursor: Option<&str>, result: Result<FeedPage, Failure>, now: Duration) -> Vec<Effect> {
    let cursor = cursor.map(|token| Cursor(token.into()));
    update(model, Event::Page { epoch: 1, cursor, result }, now)
}

fn opened() -> Model {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    model
}

/// A client that shows a stored page.
fn offline(count: usize, next: Option<&str>) -> Model {
    let mut model = opened();
    came(&mut model, None, Ok(stored(count, next)), ms(10));
    model
}

fn outage() -> Failure {
    Failure::new(FailureKind::Network, "The server can’t be reached.")
}

fn fail(model: &mut Model, index: usize, failure: Failure, now: Duration) {
    let generation = generation_of(model, index);
    update(model, Event::Player(PlayerEvent::Failed { generation, failure }), now);
}

fn asks(effects: &[Effect]) -> Vec<Option<String>> {
    let asked = |effect: &Effect| match effect {
        Effect::LoadPage { cursor, .. } => Some(cursor.as_ref().map(|cursor| cursor.0.clone())),
        _ => None,
    };
    effects.iter().filter_map(asked).collect()
}

#[test]
fn a_stored_page_means_offline_and_is_told_once() {
    let mut model = offline(6, Some("2"));
    assert!(model.is_offline());
    assert!(model.toast(ms(20)).is_some_and(|toast| toast.text.starts_with("Offline")));
    let told = model.toast(ms(20)).cloned();
    assert!((model.chrome(ms(2000)).0 - 1.0).abs() < f32::EPSILON, "the top line is seen saying so");
    press(&mut model, Key::Newest, ms(1000));
    came(&mut model, Some("2"), Ok(FeedPage { stored: true, ..FeedPage::default() }), ms(1100));
    assert_eq!(model.toast(ms(1100)), told.as_ref(), "once is enough");
}

#[test]
fn an_item_that_is_not_here_is_offline_and_no_failure_while_there_is_no_connection() {
    let mut model = offline(6, None);
    fail(&mut model, 0, outage(), ms(100));
    assert_eq!(model.tile_state(0, ms(100)), TileState::Offline);
    fail(&mut model, 1, Failure::new(FailureKind::Timeout, "Too late."), ms(100));
    assert_eq!(model.tile_state(1, ms(100)), TileState::Offline);
    fail(&mut model, 2, Failure::new(FailureKind::Corrupt, "Damaged."), ms(100));
    assert!(matches!(model.tile_state(2, ms(100)), TileState::Failed { .. }), "what is damaged is damaged");
    let mut online = opened();
    came(&mut online, None, Ok(page(3, None)), ms(10));
    fail(&mut online, 0, outage(), ms(100));
    assert!(matches!(online.tile_state(0, ms(100)), TileState::Failed { .. }));
}

#[test]
fn the_end_of_what_is_stored_is_an_end_and_more_can_be_asked_for() {
    let mut model = offline(2, Some("2"));
    came(&mut model, Some("2"), Err(outage()), ms(100));
    assert_eq!(model.tile_state(2, ms(100)), TileState::EndOfStored);
    let effects = update(&mut model, Event::Intent(Intent::RetryPage), ms(200));
    assert_eq!(asks(&effects), [Some("2".to_owned())]);
    came(&mut model, Some("2"), Err(Failure::new(FailureKind::Server, "503")), ms(300));
    assert_eq!(model.tile_state(2, ms(300)), TileState::EndOfStored);
    assert!(model.is_offline());
}

#[test]
fn a_page_from_the_server_ends_it_and_what_failed_for_want_of_it_is_tried_again() {
    let mut model = offline(2, Some("2"));
    came(&mut model, Some("2"), Err(outage()), ms(100));
    fail(&mut model, 0, outage(), ms(100));
    let effects = update(&mut model, Event::Intent(Intent::Retry), ms(1000));
    assert!(effects.contains(&Effect::Target));
    assert_eq!(asks(&effects), [None], "the page that was not the server's own is asked for");
    fail(&mut model, 1, outage(), ms(1100));
    let mut fresh = page(2, Some("2"));
    fresh.items[1].media = MediaLocation::Url("https://a.example/v1.mp4?sig=new".into());
    let effects = came(&mut model, None, Ok(fresh), ms(1200));
    assert!(!model.is_offline());
    assert_eq!(model.toast(ms(1200)).map(|toast| toast.text.as_str()), Some("Back online"));
    assert_eq!(asks(&effects), [Some("2".to_owned())], "and the feed goes on where it ended");
    assert_eq!(model.tile_state(1, ms(1200)), TileState::Loading { slow: false });
    assert!(model.tile(&ItemId::new("v1")).is_some_and(|tile| tile.generation.is_some()));
    assert_eq!(model.feed().items()[1].media, MediaLocation::Url("https://a.example/v1.mp4?sig=new".into()), "with its new signature");
    assert_eq!(model.feed().items().len(), 2);
}

#[test]
fn an_answer_that_is_no_page_is_an_answer() {
    let mut model = offline(2, None);
    came(&mut model, None, Err(Failure::new(FailureKind::Timeout, "Nothing.")), ms(100));
    assert!(model.is_offline());
    came(&mut model, None, Err(Failure::new(FailureKind::Refused, "403")), ms(200));
    assert!(!model.is_offline());
}

#[test]
fn the_server_is_asked_now_and_then_whether_it_is_back() {
    let mut model = offline(2, None);
    assert_eq!(asks(&update(&mut model, Event::Frame, ms(10_009))), []);
    assert!(model.wakes_at(ms(9_000)).is_some_and(|at| at <= ms(10_010)));
    assert_eq!(asks(&update(&mut model, Event::Frame, ms(10_010))), [None]);
    assert!(asks(&update(&mut model, Event::Frame, ms(10_020))).is_empty(), "not while it is being asked");
    came(&mut model, None, Ok(stored(2, None)), ms(10_100));
    assert_eq!(asks(&update(&mut model, Event::Frame, ms(20_100))), [None]);
}

#[test]
fn another_source_begins_online_and_without_marks() {
    let mut model = offline(2, None);
    update(&mut model, Event::Marks(vec![(ItemId::new("v0"), Mark::Ready)]), ms(20));
    assert_eq!(model.mark(&ItemId::new("v0")), Some(Mark::Ready));
    update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(30));
    assert!(!model.is_offline());
    assert_eq!(model.mark(&ItemId::new("v0")), None);
}

#[test]
fn the_newest_marks_are_the_marks() {
    let mut model = offline(3, None);
    update(&mut model, Event::Marks(vec![(ItemId::new("v0"), Mark::Absent), (ItemId::new("v1"), Mark::Ready)]), ms(20));
    update(&mut model, Event::Marks(vec![(ItemId::new("v0"), Mark::Partial(7))]), ms(30));
    assert_eq!(model.mark(&ItemId::new("v0")), Some(Mark::Partial(7)));
    assert_eq!(model.mark(&ItemId::new("v1")), None);
}
