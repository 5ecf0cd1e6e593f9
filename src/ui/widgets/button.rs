//! Buttons.

use std::sync::Arc;

use eframe::egui::{self, Color32, Role, Sense, Vec2, WidgetInfo};

use super::{follow_focus, points};
use crate::ui::theme;

/// What a button is to who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Kind {
    /// What one most likely wants.
    Primary,
    /// Something else.
    Secondary,
    /// What takes something away.
    Danger,
}

/// Shows a button; true when it was pressed.
pub(in crate::ui) fn button(ui: &mut egui::Ui, kind: Kind, name: &str) -> bool {
    let mut job = egui::text::LayoutJob::simple(name.to_owned(), theme::button(), theme::INK, ui.available_width() - 24.0);
    job.halign = egui::Align::Center;
    let galley = ui.painter().layout_job(job);
    let size = galley.size() + Vec2::new(theme::scaled(32.0).min(ui.available_width() - galley.size().x), theme::scaled(16.0));
    let (place, response) = ui.allocate_exact_size(size, Sense::click());
    let response = points(ui, response);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    follow_focus(&response);
    let (ground, ink): (Color32, Color32) = match (kind, response.hovered()) {
        (Kind::Primary, false) => (theme::INK, theme::ON_PRIMARY),
        (Kind::Primary, true) => (theme::PRIMARY_HOVER, theme::ON_PRIMARY),
        (Kind::Secondary, false) => (theme::FIELD, theme::INK),
        (Kind::Secondary, true) => (theme::CHOSEN, theme::INK),
        (Kind::Danger, _) => (theme::ERROR, theme::ON_PRIMARY),
    };
    let painter = ui.painter();
    painter.rect_filled(place, (place.height() / 2.0).min(theme::scaled(20.0)), theme::seen(ground));
    let at = egui::Pos2::new(place.center().x, place.center().y - galley.size().y / 2.0);
    painter.galley_with_override_text_color(at, Arc::clone(&galley), ink);
    response.clicked()
}
