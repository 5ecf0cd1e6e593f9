//! The sheet of settings: each page as a picture, every control by keyboard alone, and what comes of it in the model.

use egui_kittest::kittest::{NodeT, Queryable};
use flickreel::app::{
    Answer, AtEnd, CacheFacts, Effect, Event, FilterList, Fixer, Intent, Key, Knob, Page, Setting, Surroundings, Wish, update,
};
use flickreel::preload::plan::Profile;

use super::rig::{Rig, ms};

/// The usual window, the smallest one, and one that is wide.
const USUAL: [f32; 2] = [450.0, 800.0];
const SMALLEST: [f32; 2] = [320.0, 480.0];
const WIDE: [f32; 2] = [1280.0, 720.0];

fn surroundings() -> Surroundings {
    Surroundings {
        program: "Flickreel 0.1.0 · GStreamer 1.22.0".into(),
        renderer: "llvmpipe (Vulkan, CPU)".into(),
        folders: vec![
            ("Config file", "/home/a/.config/flickreel/config.toml".into()),
            ("Cache", "/home/a/.cache/flickreel".into()),
            ("State and log", "/home/a/.local/state/flickreel".into()),
        ],
        usage_to: Some("events.example".into()),
        ..Surroundings::default()
    }
}

/// A client whose sheet of settings is open at a page.
fn at(size: [f32; 2], page: Page) -> Rig {
    let mut rig = Rig::with_items(size, 3);
    rig.send(Event::Surroundings(Box::new(surroundings())), ms(1000));
    rig.send(Event::Key { key: Key::Settings, repeat: false }, ms(1000));
    rig.send(Event::Intent(Intent::Desk(Wish::Page(page))), ms(1000));
    rig
}

pub(super) fn set(rig: &mut Rig, setting: Setting) {
    rig.send(Event::Intent(Intent::Set(setting)), ms(1000));
}

fn facts() -> CacheFacts {
    let (disk_bytes, cap_bytes, entries) = (66_270_003, 104_857_600, 41);
    CacheFacts { disk_bytes, cap_bytes, entries, videos: (12, 9), pinned: (2, 9_437_184), max_age_days: 7 }
}

#[test]
fn the_page_of_playback_shows_what_holds() {
    at(USUAL, Page::Playback).snapshot("settings_playback", ms(1100));
}

#[test]
fn what_the_config_file_fixed_says_so_in_its_place() {
    let mut rig = at(USUAL, Page::Playback);
    let fixed = vec![(Knob::AtEnd, Fixer::Config), (Knob::Volume, Fixer::Config), (Knob::SkipFailed, Fixer::Config)];
    rig.send(Event::Surroundings(Box::new(Surroundings { fixed, ..surroundings() })), ms(1000));
    rig.snapshot("settings_fixed", ms(1100));
}

#[test]
fn the_page_of_preloading_says_what_a_profile_means() {
    at(USUAL, Page::Preloading).snapshot("settings_preloading", ms(1100));
}

#[test]
fn the_page_of_the_cache_says_how_full_it_is() {
    let mut rig = at(USUAL, Page::Cache);
    rig.send(Event::Desk(Answer::Cache(Some(facts()))), ms(1000));
    rig.snapshot("settings_cache", ms(1100));
}

#[test]
fn emptying_the_cache_is_asked_once_more_in_words() {
    let mut rig = at(USUAL, Page::Cache);
    rig.send(Event::Desk(Answer::Cache(Some(facts()))), ms(1000));
    rig.send(Event::Intent(Intent::Desk(Wish::Clear)), ms(1000));
    rig.snapshot("settings_cache_asked", ms(1100));
}

#[test]
fn the_page_of_the_filter_lists_what_is_hidden_here_and_by_the_config_file() {
    let mut rig = at(USUAL, Page::Filter);
    let mut told = surroundings();
    told.filter.words = vec!["giveaway".into()];
    rig.send(Event::Surroundings(Box::new(told)), ms(1000));
    for (list, text) in [(FilterList::Makers, "Somebody Loud"), (FilterList::Words, "prank"), (FilterList::Words, "buy now")] {
        set(&mut rig, Setting::Hide(list, text.into()));
    }
    rig.snapshot("settings_filter", ms(1100));
}

#[test]
fn the_page_of_privacy_says_who_is_told_what() {
    at(USUAL, Page::Privacy).snapshot("settings_privacy", ms(1100));
}

#[test]
fn what_is_sent_is_shown_to_the_letter() {
    let mut rig = at(USUAL, Page::Privacy);
    let sent = "{\n  \"event\": \"feed_preload_complete\",\n  \"properties\": {\n    \"latencyMs\": 212,\n    \"networkType\": \"wifi\",\n    \"queueDepth\": 3\n  }\n}";
    rig.send(Event::Desk(Answer::Usage(sent.to_owned())), ms(1050));
    rig.snapshot("settings_privacy_shown", ms(1100));
}

#[test]
fn the_page_of_keys_lists_them_with_what_they_do() {
    at(USUAL, Page::Keys).snapshot("settings_keys", ms(1100));
}

#[test]
fn the_page_of_appearance_has_contrast_size_of_text_and_motion() {
    at(USUAL, Page::Appearance).snapshot("settings_appearance", ms(1100));
}

#[test]
fn the_settings_fit_into_the_smallest_window() {
    at(SMALLEST, Page::Appearance).snapshot("settings_smallest", ms(1100));
}

#[test]
fn the_settings_stand_in_the_middle_of_a_wide_window() {
    at(WIDE, Page::Appearance).snapshot("settings_wide", ms(1100));
}

#[test]
fn the_page_about_the_program_names_versions_licences_and_folders() {
    at(USUAL, Page::About).snapshot("settings_about", ms(1100));
}

#[test]
fn a_report_for_testers_is_offered_and_where_it_lies_is_told_over_the_sheet() {
    let mut rig = at(USUAL, Page::About);
    let events = rig.click_at(ms(1100), |harness| harness.get_by_label("Save a report for testers").rect().center());
    assert!(events.iter().any(|event| matches!(event, Event::Intent(Intent::SaveReport))), "{events:?}");
    let now = ms(1200);
    assert!(update(&mut rig.model, Event::Intent(Intent::SaveReport), now).contains(&Effect::SaveReport));
    rig.send(Event::Notice("The report for testers is in /home/a/report.tar.gz.".into()), now);
    rig.renew();
    rig.snapshot("settings_report", ms(1300));
}

#[test]
fn settings_in_text_of_twice_the_size_are_not_cut() {
    let mut rig = at(USUAL, Page::Playback);
    set(&mut rig, Setting::TextScale(2.0));
    rig.snapshot("settings_text_200", ms(1100));
}

#[test]
fn words_of_twice_the_size_lie_dark_enough_and_beside_each_other() {
    let mut rig = Rig::with_items(USUAL, 3);
    set(&mut rig, Setting::TextScale(2.0));
    rig.snapshot("playing_text_200", ms(1100));
}

#[test]
fn a_failed_tile_in_text_of_twice_the_size_fits_into_the_smallest_window() {
    let mut rig = Rig::with_items(SMALLEST, 2);
    set(&mut rig, Setting::TextScale(2.0));
    rig.fail_current(super::refused(), ms(1000));
    rig.snapshot("failed_text_200_smallest", ms(1100));
}

#[test]
fn settings_in_high_contrast_are_solid() {
    let mut rig = at(USUAL, Page::Appearance);
    set(&mut rig, Setting::HighContrast(Some(true)));
    rig.snapshot("settings_high_contrast", ms(1100));
}

#[test]
fn in_high_contrast_nothing_shines_through_a_line_that_is_shown_for_a_moment() {
    let mut rig = Rig::with_items(USUAL, 3);
    set(&mut rig, Setting::HighContrast(Some(true)));
    rig.send(Event::Notice("Volume 80 %".into()), ms(1000));
    rig.snapshot("playing_high_contrast", ms(1100));
}

/// Presses Tab until the control of that name has the focus, then what is given; what came of it is done.
pub(super) fn press_at(rig: &mut Rig, label: &str, keys: &[eframe::egui::Key]) {
    rig.renew();
    let mut harness = rig.harness(ms(1100));
    harness.step();
    for _ in 0..40 {
        harness.key_press(eframe::egui::Key::Tab);
        harness.step();
        if harness.query_by_label(label).is_some_and(|node| node.accesskit_node().is_focused()) {
            for key in keys {
                harness.key_press(*key);
                harness.step();
            }
            drop(harness);
            for event in rig.take_events() {
                rig.send(event, ms(1200));
            }
            return;
        }
    }
    panic!("Tab does not reach {label}");
}

#[test]
fn every_control_of_the_settings_is_reached_and_used_by_keyboard_alone() {
    use eframe::egui::Key::{ArrowRight, Enter, Space};
    let mut rig = at(USUAL, Page::Playback);
    press_at(&mut rig, "Sound", &[Space]);
    assert!(rig.model.sound().muted);
    press_at(&mut rig, "Volume", &[ArrowRight]);
    assert!((rig.model.sound().volume - 0.05).abs() < 1e-6, "from silence, one step: {:?}", rig.model.sound());
    press_at(&mut rig, "At the end of a video: Next", &[Enter]);
    assert_eq!(rig.model.preferences().at_end, AtEnd::Advance);
    press_at(&mut rig, "Captions", &[Space]);
    assert!(rig.model.preferences().captions);
    assert!(rig.model.plays(), "Space is the control's own");
    press_at(&mut rig, "Preloading", &[Enter]);
    press_at(&mut rig, "Network: Slow", &[Space]);
    assert_eq!(rig.model.profile().0, Profile::Slow);
    press_at(&mut rig, "Appearance", &[Enter]);
    press_at(&mut rig, "Size of text: 150 %", &[Space]);
    press_at(&mut rig, "Reduced motion: On", &[Space]);
    assert!((rig.model.text_scale() - 1.5).abs() < 1e-6 && rig.model.reduced_motion());
    press_at(&mut rig, "Close", &[Enter]);
    assert_eq!(rig.model.sheet(), None);
}

#[test]
fn a_word_is_typed_hidden_and_shown_again_by_keyboard_alone() {
    use eframe::egui::Key::{Enter, Space};
    let mut rig = at(USUAL, Page::Filter);
    {
        let mut harness = rig.harness(ms(1100));
        harness.step();
        harness.get_by_label("Words to hide").focus();
        harness.step();
        harness.get_by_label("Words to hide").type_text("prank");
        harness.step();
        harness.key_press(Enter);
        harness.step();
        harness.step();
    }
    for event in rig.take_events() {
        rig.send(event, ms(1200));
    }
    assert_eq!(rig.model.preferences().filter.words, ["prank"]);
    press_at(&mut rig, "Show prank again", &[Space]);
    assert!(rig.model.preferences().filter.words.is_empty());
}

#[test]
fn what_is_fixed_cannot_be_reached() {
    let mut rig = at(USUAL, Page::Playback);
    let fixed = vec![(Knob::Captions, Fixer::Config)];
    rig.send(Event::Surroundings(Box::new(Surroundings { fixed, ..surroundings() })), ms(1000));
    let mut harness = rig.harness(ms(1100));
    harness.step();
    assert!(harness.get_by_label("Captions").accesskit_node().is_disabled());
    assert!(!harness.get_by_label("Sound").accesskit_node().is_disabled());
    harness.get_by_label("Set in config.toml.");
}
