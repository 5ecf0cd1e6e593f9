//! How things look, which keys mean what, and what this is.

use eframe::egui;

use super::Desk;
use crate::app::{Event, Intent, KeyPreset, Knob, Setting, Sheet, TEXT_SCALES};
use crate::ui::widgets::{self, Kind, button};
use crate::words::settings as words;

const AS_DESKTOP: [(&str, Option<bool>); 3] = [(words::AS_DESKTOP, None), (words::ON, Some(true)), (words::OFF, Some(false))];

pub(super) fn show(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let preferences = desk.model.preferences().clone();
    desk.choice(ui, words::CONTRAST, Knob::HighContrast, &AS_DESKTOP, preferences.high_contrast, Setting::HighContrast);
    widgets::rule(ui);
    let names = TEXT_SCALES.map(|scale| words::percent(f64::from(scale)));
    let scales: Vec<_> = names.iter().map(String::as_str).zip(TEXT_SCALES).collect();
    desk.choice(ui, words::TEXT_SCALE, Knob::TextScale, &scales, preferences.text_scale, Setting::TextScale);
    widgets::rule(ui);
    desk.choice(ui, words::MOTION, Knob::ReducedMotion, &AS_DESKTOP, preferences.reduced_motion, Setting::ReducedMotion);
    widgets::note(ui, words::MOTION_NOTE);
    widgets::rule(ui);
    widgets::fact(ui, words::LANGUAGE, words::ENGLISH);
}

/// Which keys mean what.
pub(super) fn keys(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let presets = [(words::PRESET_FEED, KeyPreset::Feed), (words::PRESET_MPV, KeyPreset::Mpv)];
    desk.choice(ui, words::PRESET, Knob::Keys, &presets, desk.model.preferences().keys, Setting::Keys);
    widgets::note(ui, words::PRESET_NOTE);
    ui.add_space(12.0);
    if button(ui, Kind::Secondary, words::ALL_KEYS) {
        desk.events.push(Event::Intent(Intent::Sheet(Sheet::Keys)));
    }
}

/// Versions, licences, folders, and the report for testers.
pub(super) fn about(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let surroundings = &desk.model.desk().surroundings;
    let known = [(words::PROGRAM, &surroundings.program), (words::RENDERER, &surroundings.renderer)];
    let told = [(words::LICENCE, words::LICENCE_NOTE), (words::FONTS, words::FONTS_LICENCE)];
    let folders = surroundings.folders.iter().map(|(what, path)| (*what, path.as_str()));
    let all = known.into_iter().map(|(name, text)| (name, text.as_str())).chain(told).chain(folders);
    for (at, (name, text)) in all.filter(|(_, text)| !text.is_empty()).enumerate() {
        if at > 0 {
            ui.add_space(12.0);
        }
        widgets::fact(ui, name, text);
    }
    widgets::rule(ui);
    if button(ui, Kind::Secondary, words::SAVE_REPORT) {
        desk.events.push(Event::Intent(Intent::SaveReport));
    }
    ui.add_space(6.0);
    widgets::note(ui, words::REPORT_NOTE);
}
