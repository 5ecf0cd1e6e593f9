//! The sheets: what is read or set over the feed. A sheet takes every click, those beside it close it.

mod keys;
mod open;
mod settings;

use std::time::Duration;

use eframe::egui::{self, Align, Align2, Frame, Layout, Margin, RichText, Vec2};

use super::{chrome, theme, widgets};
use crate::app::{Event, Intent, Model, Sheet};
use crate::words::sheets as words;

/// The widest a sheet is, and the room it leaves around it.
const WIDEST: f32 = 460.0;
/// The widest of the sheet of keys, which has two columns then.
const WIDEST_KEYS: f32 = 860.0;
const AROUND: f32 = 16.0;
/// The least it leaves in a small window.
const AROUND_SMALL: f32 = 8.0;
const SMALL: f32 = 400.0;
/// From the lower edge to the middle of the line that is shown for a moment.
const LINE_ABOVE: f32 = 40.0;
/// The height of the settings where there is room: most of their pages fit.
const SETTINGS_HEIGHT: f32 = 600.0;

/// Shows the sheet that is open, if any, and over it the line that is shown for a moment; returns what was done on it.
#[must_use]
pub fn show(ui: &egui::Ui, model: &Model, now: Duration) -> Vec<Event> {
    let Some(sheet) = model.sheet() else { return Vec::new() };
    theme::wear(ui.ctx(), theme::Look::of(model));
    let mut events = Vec::new();
    let around = if ui.max_rect().width() < SMALL { AROUND_SMALL } else { AROUND };
    let room = ui.max_rect().size() - Vec2::splat(2.0 * around);
    let frame = Frame::new()
        .fill(theme::seen(theme::SHEET))
        .stroke(egui::Stroke::new(1.0, theme::seen(theme::RULE)))
        .corner_radius(theme::RADIUS[0])
        .inner_margin(Margin::same(18));
    let area = egui::Modal::default_area(egui::Id::unique("sheet")).anchor(Align2::CENTER_CENTER, Vec2::ZERO);
    let shown =
        egui::Modal::new(egui::Id::unique("sheet")).area(area).frame(frame).backdrop_color(theme::VEIL_SHEET).show(ui.ctx(), |ui| {
            let widest = if sheet == Sheet::Keys { WIDEST_KEYS } else { WIDEST };
            ui.set_width(room.x.min(theme::scaled(widest)) - 36.0);
            ui.set_max_height(room.y - 36.0);
            if sheet == Sheet::Settings {
                // Tabs that are pressed one after the other stay where they are, however long each page is.
                ui.set_min_height((room.y - 36.0).min(theme::scaled(SETTINGS_HEIGHT)));
            }
            ui.spacing_mut().interact_size.y = theme::scaled(34.0);
            ui.horizontal(|ui| {
                ui.label(RichText::new(name(sheet)).font(theme::headline()).color(theme::INK));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if widgets::button(ui, widgets::Kind::Secondary, words::CLOSE) {
                        events.push(Event::Intent(Intent::Sheet(sheet)));
                    }
                });
            });
            ui.add_space(10.0);
            egui::ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| match sheet {
                Sheet::Keys => keys::show(ui, model.keymap()),
                Sheet::Settings => settings::show(ui, model, &mut events),
                Sheet::Open => open::show(ui, model, &mut events),
            });
        });
    if shown.backdrop_response.clicked() {
        events.push(Event::Intent(Intent::Sheet(sheet)));
    }
    // Often it is what a button of the sheet answers.
    let screen = ui.max_rect();
    let above = egui::LayerId::new(egui::Order::Tooltip, egui::Id::unique("line over a sheet"));
    let painter = ui.ctx().layer_painter(above).with_clip_rect(screen);
    chrome::toast(&painter, model, egui::Pos2::new(screen.center().x, screen.bottom() - theme::scaled(LINE_ABOVE)), now);
    events
}

fn name(sheet: Sheet) -> &'static str {
    match sheet {
        Sheet::Keys => words::KEYS,
        Sheet::Settings => words::SETTINGS,
        Sheet::Open => words::OPEN,
    }
}
