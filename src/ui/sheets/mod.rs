//! The sheets: what is read or set over the feed. A sheet takes every click, those beside it close it.

mod keys;
mod open;
mod settings;

use std::time::Duration;

use eframe::egui::{self, Align, Align2, Color32, Frame, Layout, Margin, RichText, Vec2};

use super::theme;
use crate::app::{Event, Intent, Model, Sheet};
use crate::words::sheets as words;

/// The widest a sheet is, and the room it leaves around it.
const WIDEST: f32 = 460.0;
const AROUND: f32 = 16.0;

/// Shows the sheet that is open, if any; returns what was done on it.
#[must_use]
pub fn show(ui: &egui::Ui, model: &Model, now: Duration) -> Vec<Event> {
    let Some(sheet) = model.sheet() else { return Vec::new() };
    let mut events = Vec::new();
    let room = ui.max_rect().size() - Vec2::splat(2.0 * AROUND);
    let frame = Frame::new().fill(theme::SHEET).corner_radius(theme::RADIUS[0]).inner_margin(Margin::same(18));
    let area = egui::Modal::default_area(egui::Id::unique("sheet")).anchor(Align2::CENTER_CENTER, Vec2::ZERO);
    let shown =
        egui::Modal::new(egui::Id::unique("sheet")).area(area).frame(frame).backdrop_color(theme::VEIL_SHEET).show(ui.ctx(), |ui| {
            ui.set_width(room.x.min(WIDEST) - 36.0);
            ui.set_max_height(room.y - 36.0);
            ui.horizontal(|ui| {
                ui.label(RichText::new(name(sheet)).font(theme::headline()).color(theme::INK));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let close =
                        egui::Button::new(RichText::new(words::CLOSE).font(theme::label()).color(theme::INK)).fill(Color32::TRANSPARENT);
                    if ui.add(close).clicked() {
                        events.push(Event::Intent(Intent::Sheet(sheet)));
                    }
                });
            });
            ui.add_space(10.0);
            egui::ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| match sheet {
                Sheet::Keys => keys::show(ui),
                Sheet::Settings => settings::show(ui, model, now, &mut events),
                Sheet::Open => open::show(ui, model, now, &mut events),
            });
        });
    if shown.backdrop_response.clicked() {
        events.push(Event::Intent(Intent::Sheet(sheet)));
    }
    events
}

fn name(sheet: Sheet) -> &'static str {
    match sheet {
        Sheet::Keys => words::KEYS,
        Sheet::Settings => words::SETTINGS,
        Sheet::Open => words::OPEN,
    }
}
