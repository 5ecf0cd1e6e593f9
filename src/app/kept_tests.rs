//! What is to be found again, and what clicks on the picture do, told in events and times.

use std::time::Duration;

use super::tests::{generation_of, ms, page, preroll_all, press, watching};
use super::*;
use crate::feed::{Item, ItemId, MediaLocation};
use crate::gesture::Position;
use crate::metrics::{Interaction, UsageEvent};
use crate::player::PlayerEvent;

const SOURCE: &str = "a source";

/// A client whose source is remembered, with five seconds to each of its items.
fn remembering(count: usize) -> Model {
    let mut model = Model::new(&Options::default());
    open(&mut model, Remembered { source: SOURCE.into(), ..Remembered::default() }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(count, None)) }, ms(10));
    preroll_all(&mut model, ms(50));
    model
}

fn open(model: &mut Model, remembered: Remembered, now: Duration) -> Vec<Effect> {
    update(model, Event::Remembered(Box::new(remembered)), now);
    update(model, Event::Opened { label: "Test".into(), hint: false }, now)
}

fn facts(effects: &[Effect]) -> Vec<Fact> {
    let keeps = effects.iter().filter_map(|effect| match effect {
        Effect::Keep(Keep { source, fact }) => {
            assert_eq!(&**source, SOURCE);
            Some(fact.clone())
        }
        _ => None,
    });
    keeps.collect()
}

fn usage(effects: &[Effect]) -> Vec<Interaction> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Usage(UsageEvent::Interaction { interaction, .. }) => Some(*interaction),
        _ => None,
    });
    told.collect()
}

fn stands_at(model: &mut Model, position: u64, now: Duration) -> Vec<Effect> {
    let generation = generation_of(model, model.feed().index());
    update(model, Event::Player(PlayerEvent::Position { generation, position: ms(position) }), now)
}

fn id(at: usize) -> ItemId {
    ItemId::new(format!("v{at}"))
}

fn click(model: &mut Model, x: f64, now: Duration) -> Vec<Effect> {
    let at = Position { x, y: 300.0 };
    let mut effects = update(model, Event::PointerDown(at), now);
    effects.extend(update(model, Event::PointerUp(at), now + ms(40)));
    effects
}

#[test]
fn a_like_is_taken_back_by_the_same_key_and_both_are_told() {
    let mut model = remembering(3);
    let effects = press(&mut model, Key::Like, ms(1000));
    assert!(model.is_liked(&id(0)) && !model.is_liked(&id(1)));
    assert_eq!((facts(&effects), usage(&effects)), (vec![Fact::Liked(id(0))], vec![Interaction::Like]));
    assert_eq!(model.toast(ms(1001)).unwrap().text, "Liked");
    let effects = update(&mut model, Event::Intent(Intent::ToggleLike), ms(1100));
    assert!(!model.is_liked(&id(0)));
    assert_eq!((facts(&effects), usage(&effects)), (vec![Fact::Unliked(id(0))], vec![Interaction::Unlike]));
    for _ in 0..2 {
        update(&mut model, Event::Intent(Intent::Like), ms(1200));
        assert!(model.is_liked(&id(0)), "liking twice is liking");
    }
}

#[test]
fn a_second_click_undoes_the_pause_and_likes_with_a_heart_where_it_was() {
    let mut model = remembering(3);
    click(&mut model, 200.0, ms(1000));
    assert!(!model.plays(), "one click pauses at once");
    let effects = click(&mut model, 210.0, ms(1200));
    assert!(model.plays() && model.is_liked(&id(0)));
    assert_eq!(usage(&effects), [Interaction::Like]);
    assert_eq!(model.heart(ms(1240)), Some(Heart { at: (210.0, 300.0), age: 0.0 }));
    assert!(model.wakes_at(ms(1240)).unwrap() <= ms(1260), "it moves");
    assert_eq!(model.heart(ms(1840)), None);
    let effects = click(&mut model, 210.0, ms(1400));
    assert!(
        model.plays() && model.is_liked(&id(0)) && usage(&effects).is_empty(),
        "a third click pops another heart and takes nothing back"
    );
    assert_eq!(model.heart(ms(1440)), Some(Heart { at: (210.0, 300.0), age: 0.0 }));
    click(&mut model, 210.0, ms(3000));
    assert!(!model.plays() && model.is_liked(&id(0)));
}

#[test]
fn clicks_that_are_far_apart_in_time_or_place_are_two_clicks() {
    for (x, again_at) in [(200.0, 1600), (300.0, 1200)] {
        let mut model = remembering(3);
        click(&mut model, 200.0, ms(1000));
        click(&mut model, x, ms(again_at));
        assert!(model.plays() && !model.is_liked(&id(0)) && model.heart(ms(again_at + 40)).is_none());
    }
}

#[test]
fn who_wants_no_motion_gets_no_heart() {
    let preferences = Preferences { reduced_motion: Some(true), ..Preferences::default() };
    let mut model = Model::new(&Options { preferences, ..Options::default() });
    open(&mut model, Remembered::default(), ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(2, None)) }, ms(10));
    click(&mut model, 200.0, ms(1000));
    click(&mut model, 200.0, ms(1200));
    assert!(model.is_liked(&id(0)) && model.heart(ms(1250)).is_none());
}

#[test]
fn an_item_counts_as_watched_at_nine_tenths_or_at_its_end_and_is_told_once() {
    let mut model = remembering(3);
    assert_eq!(usage(&stands_at(&mut model, 4400, ms(5000))), []);
    let effects = stands_at(&mut model, 4600, ms(5100));
    assert!(facts(&effects).contains(&Fact::Watched(id(0))) && model.is_watched(&id(0)));
    assert_eq!(usage(&effects), [Interaction::Complete]);
    let generation = generation_of(&model, 0);
    assert_eq!(usage(&update(&mut model, Event::Player(PlayerEvent::Looped { generation }), ms(5400))), []);
    press(&mut model, Key::Next, ms(6000));
    let generation = generation_of(&model, 1);
    assert_eq!(usage(&update(&mut model, Event::Player(PlayerEvent::Looped { generation }), ms(6100))), [Interaction::Complete]);
}

#[test]
fn what_was_watched_counts_whenever_that_was_and_whether_or_not_the_source_is_remembered() {
    let mut model = Model::new(&Options::default());
    let watched = [id(1), ItemId::new("gone from the feed")].into();
    open(&mut model, Remembered { source: SOURCE.into(), watched, ..Remembered::default() }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(3, None)) }, ms(10));
    preroll_all(&mut model, ms(50));
    assert_eq!(model.watched(), 1, "in an earlier run");
    stands_at(&mut model, 4600, ms(5100));
    assert_eq!(model.watched(), 2);
    let mut model = watching(3);
    stands_at(&mut model, 4600, ms(5100));
    press(&mut model, Key::Next, ms(5200));
    assert_eq!(model.watched(), 1, "one that was only seen does not count");
}

#[test]
fn the_place_is_told_with_each_item_and_every_five_seconds() {
    let mut model = remembering(3);
    let place = |item: usize, position| Place { item: id(item), index: item, position: ms(position), cursor: None };
    assert_eq!(facts(&stands_at(&mut model, 900, ms(1000))), [], "the start of the item was told as it came");
    assert_eq!(facts(&stands_at(&mut model, 3000, ms(5100))), [Fact::Left(place(0, 3000))]);
    assert_eq!(facts(&stands_at(&mut model, 4000, ms(6000))), []);
    let effects = press(&mut model, Key::Pause, ms(6100));
    assert_eq!(facts(&effects), [Fact::Left(place(0, 4100))], "a pause is worth telling");
    assert_eq!(facts(&press(&mut model, Key::Next, ms(6200))), [Fact::Left(place(1, 0))]);
    assert_eq!(model.place(ms(6300)).unwrap().source, std::sync::Arc::from(SOURCE));
}

#[test]
fn nothing_is_told_of_a_source_that_is_not_remembered() {
    let mut model = watching(3);
    assert_eq!(facts(&stands_at(&mut model, 4900, ms(9000))), []);
    assert_eq!(facts(&press(&mut model, Key::Next, ms(9100))), []);
    assert_eq!(model.place(ms(9100)), None);
}

#[test]
fn an_identity_that_is_an_address_is_kept_without_its_signature() {
    let mut model = Model::new(&Options::default());
    let likes = [ItemId::new("https://a.example/v?id=7")].into();
    open(&mut model, Remembered { source: SOURCE.into(), likes, ..Remembered::default() }, ms(0));
    let signed = |token: &str| ItemId::new(format!("https://a.example/v?id=7&token={token}"));
    let item = Item::bare(signed("secret"), MediaLocation::Sample(0));
    let result = Ok(crate::feed::FeedPage { items: vec![item], ..Default::default() });
    let effects = update(&mut model, Event::Page { epoch: 1, cursor: None, result }, ms(10));
    assert!(model.is_liked(&signed("secret")) && model.is_liked(&signed("another")));
    let [Fact::Left(place)] = &facts(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(place.item.as_str(), "https://a.example/v?id=7");
}
