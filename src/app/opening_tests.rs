//! Opening sources, told in events.

use super::tests::{ms, page, press};
use super::*;
use crate::feed::{Failure, FailureKind, FeedPage};

fn recent(words: &[&str], label: &str) -> SourceName {
    SourceName { words: words.iter().map(|&word| word.to_owned()).collect(), label: label.to_owned() }
}

/// Another source is opened, and its first page comes.
fn open(model: &mut Model, words: &str, label: &str, epoch: u64, result: Result<FeedPage, Failure>) {
    update(model, Event::Source(recent(&[words], label)), ms(1000));
    update(model, Event::Opened { label: label.to_owned(), hint: false }, ms(1000));
    update(model, Event::Page { epoch, cursor: None, result }, ms(1100));
    update(model, Event::Frame, ms(1110));
}

fn unreachable() -> Failure {
    Failure::new(FailureKind::Network, "The server can’t be reached.")
}

#[test]
fn a_source_that_brought_something_is_offered_again_the_newest_first_and_once() {
    let mut model = Model::new(&Options { recent: vec![recent(&["/old"], "old")], ..Options::default() });
    for (epoch, name) in ["/a", "/b", "/a", "sample:"].into_iter().enumerate() {
        open(&mut model, name, name, epoch as u64 + 1, Ok(page(2, None)));
    }
    open(&mut model, "/empty", "empty", 5, Ok(FeedPage::default()));
    open(&mut model, "https://feeds.example", "feeds.example", 6, Err(unreachable()));
    let labels: Vec<_> = model.recent().iter().map(|recent| recent.label.as_str()).collect();
    assert_eq!(labels, ["/a", "/b", "old"]);
    for number in 7..30 {
        open(&mut model, &format!("/{number}"), "x", number, Ok(page(1, None)));
    }
    assert_eq!(model.recent().len(), 8);
}

#[test]
fn from_a_source_that_brought_nothing_there_is_a_way_back_to_the_one_before() {
    let mut model = Model::new(&Options::default());
    assert_eq!(model.way_back(), None, "from nowhere");
    open(&mut model, "/videos", "videos", 1, Ok(page(2, None)));
    open(&mut model, "https://feeds.example", "feeds.example", 2, Err(unreachable()));
    assert_eq!(model.way_back(), Some(recent(&["/videos"], "videos")));
    let effects = update(&mut model, Event::Intent(Intent::Open(vec!["/videos".into()])), ms(2000));
    assert_eq!(effects, [Effect::Open(vec!["/videos".into()])]);
    open(&mut model, "/videos", "videos", 3, Ok(page(2, None)));
    assert_eq!(model.way_back().unwrap().label, "Sample reel", "not to where one is");
    let mut model = Model::new(&Options::default());
    open(&mut model, "sample:", "Sample reel", 1, Ok(page(2, None)));
    assert_eq!(model.way_back(), None);
}

#[test]
fn what_cannot_be_opened_is_told_on_the_sheet_while_it_is_open_and_loses_nothing() {
    let mut model = super::tests::watching(3);
    press(&mut model, Key::Open, ms(1000));
    assert_eq!(model.sheet(), Some(Sheet::Open));
    update(&mut model, Event::Intent(Intent::Open(vec![" /nowhere ".into()])), ms(1100));
    update(&mut model, Event::NotOpened("There is nothing.".into()), ms(1200));
    assert_eq!((model.open_problem(), model.toast(ms(1200))), (Some("There is nothing."), None));
    assert_eq!((model.feed().items().len(), model.label()), (3, "Test"));
    // Another try, and another look at the sheet, begin without it.
    update(&mut model, Event::Intent(Intent::Open(vec!["/x".into()])), ms(1300));
    assert_eq!(model.open_problem(), None);
    update(&mut model, Event::NotOpened("Nor here.".into()), ms(1400));
    press(&mut model, Key::Escape, ms(1500));
    press(&mut model, Key::Open, ms(1600));
    assert_eq!(model.open_problem(), None);
    press(&mut model, Key::Escape, ms(1700));
    update(&mut model, Event::NotOpened("Dropped in vain.".into()), ms(1800));
    assert_eq!((model.open_problem(), model.toast(ms(1800)).map(|toast| toast.text.as_str())), (None, Some("Dropped in vain.")));
}

#[test]
fn words_that_say_nothing_open_nothing_and_others_are_trimmed() {
    let mut model = super::tests::watching(3);
    assert_eq!(update(&mut model, Event::Intent(Intent::Open(vec![" ".into(), String::new()])), ms(1000)), []);
    let effects = update(&mut model, Event::Intent(Intent::Open(vec!["\t/a b \n".into()])), ms(1000));
    assert_eq!(effects, [Effect::Open(vec!["/a b".into()])]);
}

#[test]
fn the_sheet_closes_when_the_source_is_there() {
    let mut model = super::tests::watching(3);
    press(&mut model, Key::Open, ms(1000));
    open(&mut model, "/a", "a", 2, Ok(page(1, None)));
    assert_eq!(model.sheet(), None);
}

#[test]
fn the_first_launch_hint_goes_after_a_swipe_or_twelve_seconds() {
    let first_launch = || {
        let mut model = Model::new(&Options::default());
        update(&mut model, Event::Opened { label: "Sample reel".into(), hint: true }, ms(500));
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(3, None)) }, ms(510));
        model
    };
    let mut model = first_launch();
    update(&mut model, Event::Frame, ms(12_499));
    assert!(model.hint());
    assert_eq!(model.wakes_at(ms(12_499)), Some(ms(12_500)));
    update(&mut model, Event::Frame, ms(12_500));
    assert!(!model.hint());
    let mut model = first_launch();
    press(&mut model, Key::Next, ms(1000));
    assert!(!model.hint());
}

#[test]
fn where_a_recent_source_lies_is_told_without_its_secrets() {
    for (words, place) in [
        (&["/home/a/Videos"][..], "/home/a/Videos"),
        (&["https://me:secret@feeds.example:8080/home/?token=x&a=b#c"], "feeds.example:8080/home"),
        (&["/a.mp4", "/b.mp4"], ""),
        (&["sample:"], ""),
    ] {
        assert_eq!(recent(words, "x").place(), place);
    }
}

#[test]
fn the_sample_reel_is_offered_anyway_and_is_not_among_the_recent_ones() {
    let kept = vec![recent(&["sample:"], "Sample reel"), recent(&["/home/a/Videos"], "Videos")];
    let model = Model::new(&Options { recent: kept, ..Options::default() });
    assert_eq!(model.recent(), [recent(&["/home/a/Videos"], "Videos")]);
}
