//! How videos are played and heard.

use eframe::egui::{self, Vec2};

use super::Desk;
use crate::app::{AtEnd, Fit, Flag, Knob, Setting};
use crate::ui::{theme, widgets};
use crate::words::settings as words;

pub(super) fn show(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let preferences = desk.model.preferences().clone();
    let sound = preferences.sound;
    desk.switch(ui, words::SOUND, Knob::Muted, !sound.muted, |on| Setting::Muted(!on));
    widgets::rule(ui);
    let share = if sound.muted { 0.0 } else { sound.volume };
    let name = format!("{} {}", words::VOLUME, words::percent(share));
    let wide = (0.55 * ui.available_width()).min(theme::scaled(230.0));
    let moved = widgets::row(ui, &name, Vec2::new(wide, theme::scaled(24.0)), |ui| widgets::slider(ui, words::VOLUME, share));
    desk.set(moved.map(Setting::Volume));
    desk.reason(ui, Knob::Volume);
    widgets::rule(ui);
    let ends = [(words::REPEAT, AtEnd::Repeat), (words::STOP, AtEnd::Stop), (words::ADVANCE, AtEnd::Advance)];
    desk.choice(ui, words::AT_END, Knob::AtEnd, &ends, preferences.at_end, Setting::AtEnd);
    widgets::rule(ui);
    let fits = [(words::CONTAIN, Fit::Contain), (words::COVER, Fit::Cover)];
    desk.choice(ui, words::FIT, Knob::Fit, &fits, preferences.fit, Setting::Fit);
    widgets::note(ui, words::FIT_NOTE);
    widgets::rule(ui);
    desk.switch(ui, words::CAPTIONS, Knob::Captions, preferences.captions, Setting::Captions);
    widgets::note(ui, words::CAPTIONS_NOTE);
    widgets::rule(ui);
    let skips = preferences.skip_failed.unwrap_or_else(|| desk.model.flags().is_on(Flag::AutoSkipFailed));
    desk.switch(ui, words::SKIP_FAILED, Knob::SkipFailed, skips, Setting::SkipFailed);
    widgets::note(ui, words::SKIP_FAILED_NOTE);
}
