//! Who is told what, if anybody.

use eframe::egui;

use super::Desk;
use crate::app::{Knob, Setting, Wish};
use crate::ui::widgets::{self, Kind, button};
use crate::ui::{text, theme};
use crate::words::settings as words;

pub(super) fn show(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let surroundings = &desk.model.desk().surroundings;
    if surroundings.figures_to.is_empty() {
        widgets::fact(ui, words::FIGURES, words::FIGURES_OFF);
    } else {
        widgets::fact(ui, words::FIGURES, &surroundings.figures_to.join(" "));
    }
    widgets::rule(ui);
    match &surroundings.usage_to {
        None => widgets::fact(ui, words::USAGE, words::USAGE_OFF),
        Some(host) => {
            let on = desk.model.preferences().usage_events;
            desk.switch(ui, words::USAGE, Knob::UsageEvents, on, Setting::UsageEvents);
            widgets::note(ui, &if on { words::usage_to(host) } else { words::usage_stopped(host) });
        }
    }
    ui.add_space(12.0);
    let shown = desk.model.desk().usage.as_deref();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(8.0);
        if button(ui, Kind::Secondary, if shown.is_some() { words::USAGE_HIDE } else { words::USAGE_SHOW }) {
            desk.wish(Wish::ShowUsage);
        }
        if button(ui, Kind::Secondary, words::USAGE_RESET_BUTTON) {
            desk.wish(Wish::ResetUsage);
        }
    });
    if let Some(shown) = shown {
        ui.add_space(10.0);
        // Laid out once: egui keeps what does not change.
        let galley =
            text::lay_out(ui.painter(), shown, theme::figures(), theme::INK_SECOND, ui.available_width(), usize::MAX, egui::Align::LEFT);
        ui.add(egui::Label::new(galley).selectable(true));
    }
}
