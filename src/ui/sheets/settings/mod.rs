//! The sheet of settings: pages of what can be set, what holds now, and who fixed what.

mod appearance;
mod cache;
mod filter;
mod playback;
mod preloading;
mod privacy;

use eframe::egui;

use super::theme;
use crate::app::{Event, Intent, Knob, Model, Page, Setting, Wish};
use crate::ui::widgets;
use crate::words::settings as words;

/// What can be set.
pub(super) fn show(ui: &mut egui::Ui, model: &Model, events: &mut Vec<Event>) {
    let mut desk = Desk { model, events };
    let pages = Page::ALL.map(name);
    let open = Page::ALL.iter().position(|page| *page == model.desk().page).unwrap_or_default();
    if let Some(at) = widgets::tabs(ui, words::PAGES, &pages, open) {
        desk.wish(Wish::Page(Page::ALL[at]));
    }
    ui.add_space(18.0);
    match model.desk().page {
        Page::Playback => playback::show(ui, &mut desk),
        Page::Preloading => preloading::show(ui, &mut desk),
        Page::Cache => cache::show(ui, &mut desk),
        Page::Filter => filter::show(ui, &mut desk),
        Page::Privacy => privacy::show(ui, &mut desk),
        Page::Keys => appearance::keys(ui, &mut desk),
        Page::Appearance => appearance::show(ui, &mut desk),
        Page::About => appearance::about(ui, &mut desk),
    }
    if let Some(problem) = &model.desk().problem {
        ui.add_space(10.0);
        ui.label(egui::RichText::new(problem).font(theme::small()).color(theme::ERROR));
    }
    ui.add_space(4.0);
}

fn name(page: Page) -> &'static str {
    match page {
        Page::Playback => words::PLAYBACK,
        Page::Preloading => words::PRELOADING,
        Page::Cache => words::CACHE,
        Page::Filter => words::FILTER,
        Page::Privacy => words::PRIVACY,
        Page::Keys => words::KEYS,
        Page::Appearance => words::APPEARANCE,
        Page::About => words::ABOUT,
    }
}

/// What a page reads, and where it puts what was done on it.
struct Desk<'a> {
    model: &'a Model,
    events: &'a mut Vec<Event>,
}

impl Desk<'_> {
    fn set(&mut self, setting: Option<Setting>) {
        self.events.extend(setting.map(|setting| Event::Intent(Intent::Set(setting))));
    }

    fn wish(&mut self, wish: Wish) {
        self.events.push(Event::Intent(Intent::Desk(wish)));
    }

    /// A switch with its name, and why it cannot be flipped.
    fn switch(&mut self, ui: &mut egui::Ui, name: &str, knob: Knob, on: bool, to: impl Fn(bool) -> Setting) {
        let is_free = self.model.locked(knob).is_none();
        let size = widgets::TOGGLE_SIZE * theme::scaled(1.0);
        let flipped = widgets::row(ui, name, size, |ui| ui.add_enabled_ui(is_free, |ui| widgets::toggle(ui, name, on)).inner);
        self.set(flipped.map(to));
        self.reason(ui, knob);
    }

    /// A choice with its name, and why it cannot be made.
    fn choice<T: Copy + PartialEq>(
        &mut self,
        ui: &mut egui::Ui,
        name: &str,
        knob: Knob,
        options: &[(&str, T)],
        now: T,
        to: impl Fn(T) -> Setting,
    ) {
        let is_free = self.model.locked(knob).is_none();
        let names: Vec<_> = options.iter().map(|(name, _)| *name).collect();
        let size = widgets::choice_size(ui, &names);
        let control = |ui: &mut egui::Ui| ui.add_enabled_ui(is_free, |ui| widgets::choice(ui, name, options, now)).inner;
        // A row that would have to be broken has all of the width.
        let chosen =
            if size.x > 0.62 * ui.available_width() { widgets::below(ui, name, control) } else { widgets::row(ui, name, size, control) };
        self.set(chosen.map(to));
        self.reason(ui, knob);
    }

    /// Why something cannot be set, or will be another thing at the next start.
    fn reason(&self, ui: &mut egui::Ui, knob: Knob) {
        if let Some(fixer) = self.model.fixed(knob) {
            widgets::note(ui, if self.model.locked(knob).is_some() { fixer.sentence() } else { fixer.begins() });
        }
    }
}
