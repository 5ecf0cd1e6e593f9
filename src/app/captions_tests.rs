//! Captions, told in events and times.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::tests::{generation_of, ms, preroll_all, press};
use super::*;
use crate::captions::{Align, Cue, Place, Track, plain};
use crate::feed::{CaptionFile, Failure, FailureKind, FeedPage, Item, ItemId, MediaLocation};
use crate::player::{MediaInfo, PlayerEvent, TextStream};

fn file(name: &str, language: &str) -> CaptionFile {
    CaptionFile { at: MediaLocation::File(PathBuf::from(name)), language: language.into(), label: String::new() }
}

/// A client whose items have captions in these languages, on a desktop that speaks those.
fn watching(languages: &[&str], spoken: &[&str]) -> Model {
    let languages_of = |item: usize| languages.iter().map(move |language| file(&format!("{item}.{language}.srt"), language)).collect();
    let items =
        (0..4).map(|at| Item { captions: languages_of(at), ..Item::bare(ItemId::new(format!("v{at}")), MediaLocation::Sample(at)) });
    let page = FeedPage { items: items.collect(), ..FeedPage::default() };
    let spoken = spoken.iter().map(|tag| (*tag).to_owned()).collect();
    let mut model = Model::new(&Options { languages: spoken, ..Options::default() });
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(0));
    preroll_all(&mut model, ms(0));
    model
}

fn wanted(model: &Model) -> Vec<String> {
    model.captions_wanted().map(|file| file.at.to_string()).collect()
}

fn toast(model: &Model, now: Duration) -> &str {
    model.toast(now).map_or("", |toast| toast.text.as_str())
}

fn bring(model: &mut Model, name: &str, text: &str) {
    let track = Arc::new(Track::read(text.as_bytes()));
    update(model, Event::Captions { at: file(name, "").at, result: Ok(track) }, ms(0));
}

fn read(model: &Model, now: Duration) -> Vec<String> {
    let item = model.feed().current().unwrap();
    model.cues(item, now).iter().map(|cue| cue.text()).collect()
}

const TWO: &str = "1\n00:00:00,500 --> 00:00:00,900\none\n\n2\n00:00:00,700 --> 00:00:01,000\ntwo\n";

#[test]
fn nothing_is_fetched_while_captions_are_off_and_two_items_are_when_they_are_on() {
    let mut model = watching(&["en"], &[]);
    assert!(wanted(&model).is_empty());
    let effects = press(&mut model, Key::Captions, ms(10));
    assert_eq!((wanted(&model), toast(&model, ms(10))), (vec!["0.en.srt".to_owned(), "1.en.srt".to_owned()], "Captions on"));
    assert!(effects.contains(&Effect::Remember) && model.preferences().captions);
    press(&mut model, Key::Next, ms(1000));
    assert_eq!(wanted(&model), ["1.en.srt", "2.en.srt"]);
    press(&mut model, Key::Captions, ms(2000));
    assert_eq!((wanted(&model).len(), toast(&model, ms(2000))), (0, "Captions off"));
}

#[test]
fn a_video_without_captions_says_so() {
    let mut model = watching(&[], &[]);
    press(&mut model, Key::Captions, ms(10));
    assert_eq!(toast(&model, ms(10)), "No captions for this video");
    press(&mut model, Key::CaptionLanguage, ms(20));
    assert_eq!(toast(&model, ms(20)), "No captions for this video");
}

#[test]
fn the_language_of_the_desktop_comes_before_the_first_and_one_near_it_before_any() {
    let place = |spoken: &[&str]| {
        let model = watching(&["en", "pt", "pt-BR", "ger"], spoken);
        model.caption_place(model.feed().current().unwrap())
    };
    assert_eq!([place(&[]), place(&["pt-BR"]), place(&["pt-PT"]), place(&["de-AT"]), place(&["ja", "de"])], [0, 2, 1, 3, 3].map(Some));
    assert_eq!(place(&["ja"]), Some(0));
}

#[test]
fn going_on_to_another_language_holds_for_the_items_that_follow() {
    let mut model = watching(&["en", "de", "de"], &["en"]);
    press(&mut model, Key::CaptionLanguage, ms(10));
    assert_eq!((toast(&model, ms(10)), model.preferences().captions), ("Captions: en", true), "who had them off sees the first");
    press(&mut model, Key::CaptionLanguage, ms(20));
    assert_eq!((toast(&model, ms(20)), wanted(&model)), ("Captions: de", vec!["0.de.srt".to_owned(), "1.de.srt".to_owned()]));
    let item = Arc::clone(model.feed().current().unwrap());
    press(&mut model, Key::CaptionLanguage, ms(30));
    assert_eq!(model.caption_place(&item), Some(2), "two of the same language are told apart");
    press(&mut model, Key::CaptionLanguage, ms(40));
    assert_eq!(model.caption_place(&item), Some(0), "and around again");
}

#[test]
fn what_is_to_be_read_follows_the_position_and_says_when_it_changes() {
    let mut model = watching(&["en"], &[]);
    press(&mut model, Key::Captions, ms(0));
    bring(&mut model, "0.en.srt", TWO);
    bring(&mut model, "1.en.srt", "1\n00:00:00,000 --> 00:01:00,000\nof the next one\n");
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Player(PlayerEvent::Position { generation, position: ms(400) }), ms(5000));
    assert_eq!(read(&model, ms(5000)), [""; 0]);
    assert_eq!(captions::changes_at(&model, ms(5000)), Some(ms(5100)));
    assert_eq!(read(&model, ms(5100)), ["one"]);
    assert_eq!(read(&model, ms(5350)), ["one", "two"]);
    assert_eq!(captions::changes_at(&model, ms(5350)), Some(ms(5500)));
    assert_eq!(read(&model, ms(5550)), ["two"]);
    assert_eq!(captions::changes_at(&model, ms(5999)), None, "nothing follows");
    press(&mut model, Key::Captions, ms(5550));
    assert_eq!(read(&model, ms(5550)), [""; 0]);
}

#[test]
fn a_position_that_is_not_known_wakes_nobody() {
    let mut model = watching(&["en"], &[]);
    press(&mut model, Key::Captions, ms(0));
    bring(&mut model, "0.en.srt", "1\n00:00:09,000 --> 00:00:10,000\nlater\n");
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Player(PlayerEvent::Position { generation, position: ms(100) }), ms(5000));
    assert!(captions::changes_at(&model, ms(5900)).is_some());
    assert_eq!(captions::changes_at(&model, ms(6000)), None, "not heard of for a second");
    press(&mut model, Key::Pause, ms(5950));
    assert_eq!(captions::changes_at(&model, ms(5950)), None, "paused");
}

#[test]
fn captions_that_cannot_be_read_are_told_of_and_cost_nothing_else() {
    let mut model = watching(&["en"], &[]);
    press(&mut model, Key::Captions, ms(0));
    let failure = Failure::new(FailureKind::Missing, "The server does not have these captions.");
    update(&mut model, Event::Captions { at: file("0.en.srt", "").at, result: Err(failure.clone()) }, ms(10));
    let item = Arc::clone(model.feed().current().unwrap());
    assert_eq!(model.captions_failed(&item), Some(&failure));
    assert_eq!(model.tile_state(0, ms(20)), TileState::Playing);
}

#[test]
fn text_of_the_container_is_read_like_a_file_and_gone_with_its_source() {
    let mut model = watching(&[], &["de"]);
    press(&mut model, Key::Captions, ms(0));
    let generation = generation_of(&model, 0);
    let stream = |language: &str| TextStream { language: language.into(), label: String::new() };
    let info = MediaInfo { captions: vec![stream("eng"), stream("ger")], ..MediaInfo::default() };
    update(&mut model, Event::Player(PlayerEvent::Prerolled { generation, info }), ms(0));
    let cue = |text: &str| Cue { start: ms(0), end: ms(900), place: Place::Bottom, align: Align::Center, spans: plain(text) };
    let cues = vec![(0, cue("morning")), (1, cue("Morgen")), (1, cue("Morgen"))];
    update(&mut model, Event::Player(PlayerEvent::Captions { generation, cues }), ms(0));
    assert_eq!(read(&model, ms(100)), ["Morgen"]);
    assert!(wanted(&model).is_empty(), "there is nothing to fetch");
    update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(200));
    let page = FeedPage { items: vec![Item::bare(ItemId::new("v0"), MediaLocation::Sample(0))], ..FeedPage::default() };
    update(&mut model, Event::Page { epoch: 2, cursor: None, result: Ok(page) }, ms(200));
    assert_eq!(read(&model, ms(300)), [""; 0], "an item of the same name is another one");
}

#[test]
fn what_is_kept_of_files_is_bounded() {
    let mut model = watching(&["en"], &[]);
    press(&mut model, Key::Captions, ms(0));
    bring(&mut model, "0.en.srt", "1\n00:00:00,000 --> 00:00:01,000\nhere\n");
    for number in 0..100 {
        bring(&mut model, &format!("other {number}"), TWO);
    }
    assert_eq!(read(&model, ms(100)), ["here"], "what is wanted stays");
    assert!(model.captions.kept_files() <= 17);
}
