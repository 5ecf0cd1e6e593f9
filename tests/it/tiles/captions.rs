//! Captions in the picture.

use std::path::PathBuf;
use std::sync::Arc;

use egui_kittest::kittest::{NodeT, Queryable};
use flickreel::app::{Event, Options, Preferences};
use flickreel::captions::Track;
use flickreel::feed::{CaptionFile, FeedPage, Item, MediaLocation};
use flickreel::gesture::Position;

use super::rig::{PORTRAIT, Rig, items, ms};

/// A client that shows these captions of its first item.
fn reading(captions: &str) -> Rig {
    with(captions, Preferences { captions: true, ..Preferences::default() })
}

fn with(captions: &str, preferences: Preferences) -> Rig {
    let at = MediaLocation::File(PathBuf::from("clip.vtt"));
    let file = CaptionFile { at: at.clone(), language: "en".to_owned(), label: String::new() };
    let page = items(3);
    let items = page.items.into_iter().map(|item| Item { captions: vec![file.clone()], ..item }).collect();
    let mut rig = Rig::opened(PORTRAIT, &Options { preferences, ..Options::default() });
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..page }) }, ms(10));
    rig.send(Event::Captions { at, result: Ok(Arc::new(Track::read(captions.as_bytes()))) }, ms(20));
    rig
}

fn wake(rig: &mut Rig) {
    rig.send(Event::PointerMoved(Position { x: 100.0, y: 300.0 }), ms(3000));
}

const TWO_LINES: &str = "WEBVTT\n\n00:00.000 --> 01:00.000\nThe brook is <i>colder</i> than it looks,\nand nobody told the ducks.\n";
const LONG: &str = "WEBVTT\n\n00:00.000 --> 01:00.000\nOne that was written for a cinema: it goes on and on, over the whole width of a screen that \
    nobody holds in a hand, and it does not end where anybody would want it to end\n";
const BOTH_ENDS: &str = "WEBVTT\n\n00:00.000 --> 01:00.000 line:0\n[birdsong]\n\n00:00.000 --> 01:00.000\n– Who is there?\n\n\
    00:00.000 --> 01:00.000\n– Only the wind.\n";

#[test]
fn captions_stand_at_the_bottom_while_nothing_else_is_there() {
    reading(TWO_LINES).snapshot("captions_asleep", ms(6000));
}

#[test]
fn captions_make_room_for_the_words_and_the_rail() {
    let mut rig = reading(LONG);
    wake(&mut rig);
    rig.snapshot("captions_awake", ms(3400));
}

#[test]
fn captions_that_belong_to_the_top_stand_there_and_cues_at_once_one_below_the_other() {
    let mut rig = reading(BOTH_ENDS);
    wake(&mut rig);
    rig.snapshot("captions_both_ends", ms(3400));
}

#[test]
fn captions_grow_with_the_size_of_text() {
    with(TWO_LINES, Preferences { captions: true, text_scale: 2.0, ..Preferences::default() }).snapshot("captions_large", ms(6000));
}

#[test]
fn captions_that_are_off_are_not_there() {
    with(TWO_LINES, Preferences::default()).snapshot("playing_asleep", ms(6000));
}

#[test]
fn a_screen_reader_is_told_of_captions_as_they_change() {
    let mut rig = reading("WEBVTT\n\n00:00.000 --> 01:00.000\nGood morning.\n");
    let mut harness = rig.harness(ms(6000));
    harness.step();
    let node = harness.get_by_label("Good morning.");
    assert_eq!(node.accesskit_node().live(), eframe::egui::accesskit::Live::Polite);
}
