//! What the sheet of settings asks for, and when.

use super::*;
use crate::app::{Event, Intent, Options, update};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn wish(model: &mut Model, wish: Wish, now: Duration) -> Vec<Effect> {
    update(model, Event::Intent(Intent::Desk(wish)), now)
}

/// A client whose page of the cache is open, and that has asked how full it is.
fn at_the_cache() -> Model {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Intent(Intent::Sheet(Sheet::Settings)), ms(0));
    let effects = wish(&mut model, Wish::Page(Page::Cache), ms(0));
    assert_eq!(effects, [Effect::Ask(Question::Cache)]);
    model
}

fn facts(entries: u64) -> CacheFacts {
    CacheFacts { entries, ..CacheFacts::default() }
}

#[test]
fn the_cache_is_asked_again_while_its_page_is_open_and_never_twice_at_a_time() {
    let mut model = at_the_cache();
    assert_eq!(update(&mut model, Event::Frame, ms(5000)), Vec::new(), "the first answer is not there");
    update(&mut model, Event::Desk(Answer::Cache(Some(facts(7)))), ms(5001));
    assert_eq!(model.desk().cache, Some(Some(facts(7))));
    // The answer came late: the next question was due already.
    let mut model = at_the_cache();
    update(&mut model, Event::Desk(Answer::Cache(None)), ms(10));
    assert_eq!(update(&mut model, Event::Frame, ms(1999)), Vec::new());
    assert_eq!(model.wakes_at(ms(20)), Some(ms(2000)));
    assert_eq!(update(&mut model, Event::Frame, ms(2000)), [Effect::Ask(Question::Cache)]);
}

#[test]
fn nobody_asks_about_a_cache_that_nobody_looks_at() {
    let mut model = at_the_cache();
    update(&mut model, Event::Desk(Answer::Cache(None)), ms(10));
    update(&mut model, Event::Intent(Intent::Sheet(Sheet::Settings)), ms(20));
    assert_eq!(update(&mut model, Event::Frame, ms(9000)), Vec::new());
    assert_eq!(update(&mut model, Event::Intent(Intent::Sheet(Sheet::Settings)), ms(9001)), [Effect::Ask(Question::Cache)]);
}

#[test]
fn the_cache_is_emptied_only_after_it_was_asked_once_more() {
    let mut model = at_the_cache();
    assert_eq!(wish(&mut model, Wish::ClearSurely, ms(1)), Vec::new());
    wish(&mut model, Wish::Clear, ms(1));
    assert_eq!(model.desk().clearing, Clearing::Asked);
    wish(&mut model, Wish::Keep, ms(2));
    assert_eq!(model.desk().clearing, Clearing::No);
    wish(&mut model, Wish::Clear, ms(3));
    wish(&mut model, Wish::Page(Page::Filter), ms(4));
    assert_eq!(model.desk().clearing, Clearing::No, "who turns the page has not said yes");
    wish(&mut model, Wish::Clear, ms(5));
    assert_eq!(wish(&mut model, Wish::ClearSurely, ms(6)), [Effect::Ask(Question::ClearCache)]);
    update(&mut model, Event::Desk(Answer::Clearing(3, 9)), ms(7));
    assert_eq!(model.desk().clearing, Clearing::Underway(3, 9));
    assert_eq!(wish(&mut model, Wish::Clear, ms(8)), Vec::new());
    update(&mut model, Event::Desk(Answer::Cleared(9, 1 << 20)), ms(9));
    assert_eq!(model.desk().clearing, Clearing::No);
    assert_eq!(model.toast(ms(10)).unwrap().text, "9 entries were removed, 1.0 MiB.");
}

#[test]
fn what_could_not_be_done_is_told_until_something_else_is_asked() {
    let mut model = at_the_cache();
    wish(&mut model, Wish::Clear, ms(1));
    wish(&mut model, Wish::ClearSurely, ms(2));
    update(&mut model, Event::Desk(Answer::Failed(Question::ClearCache, "The disk is read-only.".into())), ms(3));
    assert_eq!((model.desk().clearing, model.desk().problem.as_deref()), (Clearing::No, Some("The disk is read-only.")));
    wish(&mut model, Wish::Page(Page::Privacy), ms(4));
    assert_eq!(model.desk().problem, None);
}

#[test]
fn what_is_sent_is_shown_while_it_is_wanted_and_anew_after_another_id() {
    let mut model = Model::new(&Options::default());
    assert_eq!(wish(&mut model, Wish::ShowUsage, ms(1)), [Effect::Ask(Question::Usage)]);
    update(&mut model, Event::Desk(Answer::Usage("id 1".into())), ms(2));
    assert_eq!(wish(&mut model, Wish::ResetUsage, ms(3)), [Effect::Ask(Question::ResetUsage)]);
    assert_eq!(update(&mut model, Event::Desk(Answer::UsageReset), ms(4)), [Effect::Ask(Question::Usage)]);
    assert_eq!(wish(&mut model, Wish::ShowUsage, ms(5)), Vec::new());
    assert_eq!(model.desk().usage, None);
}
