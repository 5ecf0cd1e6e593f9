//! The way back to where a viewer left, told in events and times.
#![expect(clippy::option_option, reason = "whether a page is asked for, and which")]

use std::time::Duration;

use super::tests::{ms, press};
use super::*;
use crate::feed::{Cursor, Failure, FailureKind, FeedPage, Item, ItemId, MediaLocation};

fn id(at: usize) -> ItemId {
    ItemId::new(format!("v{at}"))
}

#[expect(clippy::unnecessary_wraps, reason = "as it is asked for")]
fn cursor(name: &str) -> Option<Cursor> {
    Some(Cursor(name.to_owned()))
}

/// A page of these items.
fn items(range: std::ops::Range<usize>, next: Option<&str>) -> FeedPage {
    let items = range.map(|at| Item::bare(id(at), MediaLocation::Sample(at))).collect();
    FeedPage { items, next: next.and_then(cursor), ..FeedPage::default() }
}

fn place(item: usize, cursor_name: Option<&str>) -> Place {
    Place { item: id(item), index: item, position: ms(7300), cursor: cursor_name.and_then(cursor) }
}

/// A client that opens a source which was left at `place`, and the cursor it asks for.
fn opened(place: Place) -> (Model, Option<Cursor>) {
    let mut model = Model::new(&Options::default());
    let asked = open(&mut model, Some(place), ms(0));
    (model, asked.expect("a page is asked for"))
}

fn open(model: &mut Model, place: Option<Place>, now: Duration) -> Option<Option<Cursor>> {
    let remembered = Remembered { source: "s".into(), place, ..Remembered::default() };
    update(model, Event::Remembered(Box::new(remembered)), now);
    asked(&update(model, Event::Opened { label: "Test".into(), hint: false }, now))
}

fn asked(effects: &[Effect]) -> Option<Option<Cursor>> {
    effects.iter().find_map(|effect| match effect {
        Effect::LoadPage { cursor, .. } => Some(cursor.clone()),
        _ => None,
    })
}

/// The page of `cursor` comes; the cursor that is asked for next.
fn comes(model: &mut Model, cursor: Option<Cursor>, page: FeedPage) -> Option<Option<Cursor>> {
    let event = Event::Page { epoch: model.epoch, cursor, result: Ok(page) };
    asked(&update(model, event, ms(10)))
}

fn fails(model: &mut Model, cursor: Option<Cursor>, kind: FailureKind) -> Option<Option<Cursor>> {
    let event = Event::Page { epoch: model.epoch, cursor, result: Err(Failure::new(kind, "It failed.")) };
    asked(&update(model, event, ms(10)))
}

/// Nothing but that something loads can be seen, and nothing is readied.
fn only_loads(model: &Model) -> bool {
    model.tile_state(model.feed().index(), ms(11)) == TileState::LoadingPage
        && model.feed().current().is_none()
        && model.preload_plan().is_empty()
        && (model.position() - f64::from(u32::try_from(model.feed().index()).unwrap())).abs() < f64::EPSILON
}

fn is_back(model: &Model, item: usize) -> bool {
    let current = model.feed().current().expect("an item");
    let start_at = model.player_target().slots.first().map(|slot| slot.start_at);
    current.id == id(item) && start_at == Some(ms(7300)) && !model.is_looking() && !model.is_moving()
}

#[test]
fn the_page_of_the_cursor_is_asked_for_and_the_item_starts_where_it_was_left() {
    let (mut model, asked) = opened(place(27, Some("b")));
    assert_eq!(asked, cursor("b"));
    assert!(only_loads(&model));
    comes(&mut model, cursor("b"), items(20..40, Some("c")));
    assert!(is_back(&model, 27));
    assert_eq!(model.feed().index(), 7);
    let Some(Keep { fact: Fact::Left(left), .. }) = model.place(ms(20)) else { panic!("a place") };
    assert_eq!((left.index, left.cursor), (27, cursor("b")), "as far from the start as before");
}

#[test]
fn a_first_page_is_walked_to_the_item_and_the_first_item_is_never_seen() {
    let (mut model, asked) = opened(place(27, None));
    assert_eq!(asked, None);
    assert_eq!(comes(&mut model, None, items(0..20, Some("b"))), Some(cursor("b")));
    assert!(only_loads(&model));
    comes(&mut model, cursor("b"), items(20..40, Some("c")));
    assert!(is_back(&model, 27));
    assert_eq!(model.feed().items().len(), 40);
}

#[test]
fn after_an_expired_cursor_the_feed_is_walked_from_its_start() {
    for expired in [true, false] {
        let (mut model, asked) = opened(place(27, Some("b")));
        // The source says that it is gone, or has started the feed afresh by itself.
        let next = if expired { fails(&mut model, asked, FailureKind::Missing) } else { comes(&mut model, asked, items(0..20, Some("x"))) };
        assert_eq!(next, Some(None));
        assert!(only_loads(&model));
        // Thirty newer items have come meanwhile.
        assert_eq!(comes(&mut model, None, items(100..130, Some("y"))), Some(cursor("y")));
        assert_eq!(comes(&mut model, cursor("y"), items(0..20, Some("z"))), Some(cursor("z")));
        assert!(only_loads(&model));
        comes(&mut model, cursor("z"), items(20..40, None));
        assert!(is_back(&model, 27));
        assert_eq!(model.feed().index(), 57);
    }
}

#[test]
fn an_item_that_is_gone_is_looked_for_a_few_pages_long_and_the_feed_begins_at_its_start() {
    let (mut model, asked) = opened(place(27, None));
    let (mut next, mut pages) = (Some(asked), 0);
    while let Some(cursor) = next.take().filter(|_| model.is_looking()) {
        let more = format!("p{pages}");
        next = comes(&mut model, cursor, items(1000 + 20 * pages..1020 + 20 * pages, Some(&more)));
        pages += 1;
    }
    assert_eq!(pages, 5, "sixty items further than where it was");
    assert_eq!((model.feed().index(), model.feed().items().len()), (0, 100));
    assert_eq!(model.toast(ms(11)).unwrap().text, "What you watched last is not in this feed any more.");
    assert_eq!(model.player_target().slots[0].start_at, ms(0));
}

#[test]
fn a_feed_that_ends_without_the_item_begins_at_its_start() {
    let (mut model, asked) = opened(place(27, None));
    comes(&mut model, asked, items(0..20, None));
    assert!(!model.is_looking() && model.feed().index() == 0 && model.toast(ms(11)).is_some());
    let (mut model, asked) = opened(place(27, None));
    comes(&mut model, asked, items(0..0, None));
    assert!(model.toast(ms(11)).is_none(), "an empty feed says so itself");
}

#[test]
fn a_folder_is_walked_as_far_as_it_goes() {
    let (mut model, mut asked) = opened(place(3990, None));
    for at in 0..80 {
        assert!(only_loads(&model), "page {at}");
        let next = format!("{}", 50 * (at + 1));
        let page = FeedPage { finite: true, ..items(50 * at..50 * (at + 1), (at < 79).then_some(next.as_str())) };
        asked = comes(&mut model, asked, page).flatten();
    }
    assert!(is_back(&model, 3990));
    let Some(Keep { fact: Fact::Left(left), .. }) = model.place(ms(20)) else { panic!("a place") };
    assert_eq!(left.cursor, None, "the cursors of a folder are good for nothing");
}

#[test]
fn a_page_that_cannot_be_had_says_so_and_goes_on_when_it_is_asked_for_again() {
    let (mut model, asked) = opened(place(27, None));
    fails(&mut model, asked, FailureKind::Network);
    assert!(matches!(model.tile_state(0, ms(11)), TileState::PageFailed(_)));
    let asked = asked_again(&mut model);
    assert_eq!(comes(&mut model, asked, items(0..20, Some("b"))), Some(cursor("b")));
    fails(&mut model, cursor("b"), FailureKind::Timeout);
    let asked = asked_again(&mut model);
    comes(&mut model, asked, items(20..40, None));
    assert!(is_back(&model, 27));
}

fn asked_again(model: &mut Model) -> Option<Cursor> {
    asked(&update(model, Event::Intent(Intent::RetryPage), ms(12))).expect("the page is asked for again")
}

#[test]
fn who_goes_somewhere_meanwhile_stays_there() {
    let (mut model, asked) = opened(place(57, None));
    comes(&mut model, asked, items(0..20, Some("b")));
    press(&mut model, Key::Previous, ms(20));
    assert_eq!(model.feed().index(), 19);
    comes(&mut model, cursor("b"), items(20..60, None));
    assert_eq!((model.feed().index(), model.is_looking()), (19, false));
}

#[test]
fn home_goes_to_the_start_of_a_feed_whose_list_begins_further_on() {
    let (mut model, asked) = opened(place(27, Some("b")));
    comes(&mut model, asked, items(20..40, Some("c")));
    let effects = press(&mut model, Key::First, ms(20));
    assert_eq!(super::resume_tests::asked(&effects), Some(None));
    comes(&mut model, None, items(0..20, Some("b")));
    assert_eq!((model.feed().current().unwrap().id.clone(), model.feed().index()), (id(0), 0));
    assert!(!press(&mut model, Key::First, ms(30)).iter().any(|effect| matches!(effect, Effect::LoadPage { .. })));
}

#[test]
fn an_item_that_was_left_at_its_end_begins_anew() {
    let (mut model, asked) = opened(place(1, None));
    let mut page = items(0..3, None);
    page.items[1].duration = Some(ms(8000));
    comes(&mut model, asked, page);
    assert_eq!(model.player_target().slots[0].start_at, ms(0));
}

#[test]
fn a_source_that_is_opened_while_it_is_open_stays_where_it_is() {
    let (mut model, asked) = opened(place(1, None));
    comes(&mut model, asked, items(0..5, None));
    press(&mut model, Key::Next, ms(20));
    // What was looked up is older than what this client knows.
    let asked = open(&mut model, Some(place(1, None)), ms(30)).unwrap();
    comes(&mut model, asked, items(0..5, None));
    assert_eq!(model.feed().index(), 2);
}

#[test]
fn without_a_place_a_source_begins_at_its_start() {
    let mut model = Model::new(&Options::default());
    assert_eq!(open(&mut model, None, ms(0)), Some(None));
    comes(&mut model, None, items(0..5, None));
    assert_eq!((model.feed().index(), model.toast(ms(11))), (0, None));
}
