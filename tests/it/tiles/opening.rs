//! The sheets of keys and of opening, what is dropped and pasted, and the way back: looked at, and worked by keys and by the
//! names that screen readers hear.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{self, DroppedFile, HoveredFile};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use flickreel::app::{Event, Intent, Key, KeyPreset, KeyWords, Keymaps, Options, Preferences, SourceName};
use flickreel::feed::{Failure, FailureKind, FeedPage};

use super::rig::{PORTRAIT, Rig, items, ms};

/// A client with this key pressed, and three items.
fn pressed(key: Key, size: [f32; 2], options: &Options) -> Rig {
    let mut rig = Rig::opened(size, options);
    rig.send(Event::Source(SourceName { words: vec!["/home/mia/Meadow".into()], label: "Meadow".into() }), ms(0));
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(items(3)) }, ms(10));
    rig.send(Event::Frame, ms(20));
    rig.send(Event::Key { key, repeat: false }, ms(6000));
    rig
}

fn recent(word: &str, label: &str) -> SourceName {
    SourceName { words: vec![word.to_owned()], label: label.to_owned() }
}

/// Sources of earlier runs, one of them with a token.
fn with_recent() -> Options {
    let recent = vec![
        recent("https://feeds.example/home?token=secret", "feeds.example"),
        recent("/home/mia/Videos/Holidays by the sea, the long way round", "Holidays by the sea, the long way round"),
    ];
    Options { recent, ..Options::default() }
}

/// What was asked to be opened.
fn asked(rig: &Rig) -> Vec<Vec<String>> {
    let asked = |event| if let Event::Intent(Intent::Open(words)) = event { Some(words) } else { None };
    rig.take_events().into_iter().filter_map(asked).collect()
}

fn type_text(harness: &mut Harness<'_>, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.step();
}

#[test]
fn the_sheet_of_keys_fits_the_smallest_window() {
    pressed(Key::Help, [320.0, 480.0], &Options::default()).snapshot("keys_smallest", ms(9000));
}

#[test]
fn the_sheet_of_keys_shows_the_keys_as_caps() {
    pressed(Key::Help, [450.0, 800.0], &Options::default()).snapshot("keys", ms(9000));
}

#[test]
fn the_sheet_of_keys_has_two_columns_where_there_is_room() {
    pressed(Key::Help, [1280.0, 720.0], &Options::default()).snapshot("keys_wide", ms(9000));
}

#[test]
fn the_sheet_of_keys_tells_what_is_bound_now() {
    let words: KeyWords = [("like".to_owned(), vec!["Ctrl+Shift+Y".to_owned()]), ("refresh".to_owned(), Vec::new())].into();
    let keymaps = Arc::new(Keymaps::new(&words).0);
    let preferences = Preferences { keys: KeyPreset::Mpv, ..Preferences::default() };
    let mut rig = pressed(Key::Help, [1280.0, 720.0], &Options { keymaps, preferences, ..Options::default() });
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.get_by_label("Like: Ctrl+Shift+Y");
    harness.get_by_label("Captions: V");
    harness.get_by_label("Next video: ↓, PgDn, Enter, Shift+.");
    assert!(harness.query_by_label_contains("Look for new videos").is_none(), "it has no key");
}

#[test]
fn the_sheet_of_opening_offers_recent_sources_and_shows_no_secrets() {
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    rig.snapshot("open", ms(9000));
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    assert!(harness.query_by_label_contains("secret").is_none());
    harness.get_by_label("feeds.example, feeds.example/home").click();
    harness.step();
    harness.step();
    drop(harness);
    assert_eq!(asked(&rig), [["https://feeds.example/home?token=secret"]]);
}

#[test]
fn what_is_typed_is_opened_by_enter_and_typing_moves_nothing() {
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.step();
    harness.key_press(egui::Key::J);
    type_text(&mut harness, " ~/Videos");
    harness.key_press(egui::Key::Enter);
    harness.step();
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(!events.iter().any(|event| matches!(event, Event::Key { .. })), "{events:?}");
    let opened: Vec<_> = events.iter().filter(|event| matches!(event, Event::Intent(_))).collect();
    assert!(matches!(opened[..], [Event::Intent(Intent::Open(words))] if *words == ["~/Videos"]), "{events:?}");
}

#[test]
fn the_button_opens_what_is_typed_and_an_empty_field_opens_nothing() {
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    let open = |harness: &mut Harness<'_>| {
        harness.get_by_role_and_label(egui::Role::Button, "Open").click();
        harness.step();
        harness.step();
    };
    open(&mut harness);
    harness.get_by_label("Folder, file or address").focus();
    harness.step();
    type_text(&mut harness, "/a");
    open(&mut harness);
    drop(harness);
    assert_eq!(asked(&rig), [["/a"]]);
}

#[test]
fn from_the_field_the_arrow_down_and_tab_reach_every_source() {
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.step();
    harness.key_press(egui::Key::ArrowDown);
    harness.step();
    harness.step();
    harness.key_press(egui::Key::Enter);
    harness.step();
    harness.step();
    drop(harness);
    assert_eq!(asked(&rig), [["/home/mia/Meadow"]], "the first source below the field");
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.step();
    let sample = "Sample reel, A few short clips that come with Flickreel";
    for _ in 0..9 {
        if harness.get_by_label(sample).is_focused() {
            break;
        }
        harness.key_press(egui::Key::Tab);
        harness.step();
    }
    harness.key_press(egui::Key::Enter);
    harness.step();
    harness.step();
    drop(harness);
    assert_eq!(asked(&rig), [["sample:"]]);
}

#[test]
fn one_escape_closes_the_sheet_although_the_field_has_the_focus() {
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.step();
    harness.key_press(egui::Key::Escape);
    harness.step();
    drop(harness);
    let events = rig.take_events();
    assert!(events.iter().any(|event| matches!(event, Event::Key { key: Key::Escape, .. })), "{events:?}");
}

#[test]
fn what_cannot_be_opened_is_told_under_the_field() {
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    rig.send(Event::NotOpened("There is no file or folder at “/nowhere”.".into()), ms(6100));
    rig.snapshot("open_problem", ms(9000));
}

#[test]
fn what_is_pasted_is_opened_anywhere_but_in_a_field() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.event(egui::Event::Paste(" file:///a.mp4 \n\nfile:///b.mp4\n".into()));
    harness.step();
    drop(harness);
    assert_eq!(asked(&rig), [["file:///a.mp4", "file:///b.mp4"]]);
    let mut rig = pressed(Key::Open, PORTRAIT, &with_recent());
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.step();
    harness.event(egui::Event::Paste("https://feeds.example".into()));
    harness.step();
    assert_eq!(harness.get_by_label("Folder, file or address").value().as_deref(), Some("https://feeds.example"));
    drop(harness);
    assert_eq!(asked(&rig), Vec::<Vec<String>>::new());
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".into())
    }
}

#[test]
fn what_is_dragged_over_the_window_is_awaited_and_what_is_dropped_is_opened() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    let mut harness = rig.harness(ms(9000));
    harness.step();
    let before = harness.render().unwrap();
    harness.input_mut().hovered_files = vec![HoveredFile::default()];
    harness.step();
    harness.snapshot_options("drop", &egui_kittest::SnapshotOptions::new().threshold(2.0).max_failed_pixels(200));
    harness.input_mut().hovered_files.clear();
    let dropped: [egui::DroppedFileHandle; 2] =
        [Arc::new(Dropped("/home/mia/a b.mp4".into())), Arc::new(Dropped("/home/mia/c.mp4".into()))];
    harness.input_mut().dropped_files = dropped.to_vec();
    harness.step();
    assert_eq!(harness.render().unwrap(), before, "the veil is gone");
    drop(harness);
    assert_eq!(asked(&rig), [["/home/mia/a b.mp4", "/home/mia/c.mp4"]]);
}

/// A client whose first source was left for one that cannot be had.
fn stranded() -> Rig {
    let mut rig = pressed(Key::Escape, PORTRAIT, &Options::default());
    rig.send(Event::Source(recent("https://feeds.example", "feeds.example")), ms(7000));
    rig.send(Event::Opened { label: "feeds.example".into(), hint: false }, ms(7000));
    let failure = Failure::new(FailureKind::Network, "The server feeds.example can’t be reached.");
    rig.send(Event::Page { epoch: 2, cursor: None, result: Err(failure) }, ms(7100));
    rig
}

#[test]
fn from_a_feed_that_cannot_be_had_there_is_a_way_back() {
    stranded().snapshot("page_failed_way_back", ms(12_000));
    let mut rig = stranded();
    let mut harness = rig.harness(ms(12_000));
    harness.step();
    harness.get_by_label("Back to Meadow").click();
    harness.step();
    harness.step();
    drop(harness);
    assert_eq!(asked(&rig), [["/home/mia/Meadow"]]);
}

#[test]
fn from_a_source_without_videos_there_is_a_way_back() {
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    rig.send(Event::Source(recent("/empty", "empty")), ms(0));
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { skipped: 4, ..FeedPage::default() }) }, ms(10));
    let mut harness = rig.harness(ms(9000));
    harness.step();
    harness.get_by_label("Back to Sample reel").click();
    harness.step();
    harness.step();
    drop(harness);
    assert_eq!(asked(&rig), [["sample:"]]);
}

#[test]
fn the_first_launch_names_the_key_that_opens() {
    let mut rig = Rig::opened(PORTRAIT, &Options::default());
    rig.send(Event::Opened { label: "Sample reel".to_owned(), hint: true }, ms(0));
    rig.send(Event::Page { epoch: 2, cursor: None, result: Ok(items(3)) }, ms(10));
    rig.snapshot("first_launch", ms(1000));
}
