//! Entries of a list as chips, each of which can be taken away, and the bar of how full something is.

use eframe::egui::{self, Pos2, Rect, Role, Sense, Vec2, WidgetInfo};

use super::flow::flow;
use super::{follow_focus, points};
use crate::ui::text::lay_out;
use crate::ui::theme;

const PADDING: Vec2 = Vec2::new(11.0, 5.0);
const GAP: f32 = 6.0;
/// Room for the cross.
const CROSS: f32 = 18.0;

/// Shows entries; returns the place of the one that was pressed. `removes` says what pressing one does, for screen readers;
/// `None`: they cannot be pressed, and say of what kind they are.
pub(in crate::ui) fn chips(ui: &mut egui::Ui, id: &str, entries: &[String], removes: Option<&dyn Fn(&str) -> String>) -> Option<usize> {
    if entries.is_empty() {
        return None;
    }
    let cross = if removes.is_some() { theme::scaled(CROSS) } else { 0.0 };
    let room = ui.available_width();
    let ink = if removes.is_some() { theme::INK } else { theme::INK_SECOND };
    let width = room - 2.0 * PADDING.x - cross;
    let lay_out = |entry: &String| lay_out(ui.painter(), entry, theme::small(), ink, width, 1, egui::Align::LEFT);
    let galleys: Vec<_> = entries.iter().map(lay_out).collect();
    let height = galleys.first().map_or(0.0, |galley| galley.size().y) + 2.0 * PADDING.y;
    let widths: Vec<_> = galleys.iter().map(|galley| galley.size().x + 2.0 * PADDING.x + cross).collect();
    let (_, size) = flow(Pos2::ZERO, &widths, height, GAP, room);
    let (ground, _) = ui.allocate_exact_size(size, Sense::hover());
    let (places, _) = flow(ground.min, &widths, height, GAP, room);
    let mut pressed = None;
    for (at, ((entry, galley), place)) in entries.iter().zip(galleys).zip(places).enumerate() {
        let sense = if removes.is_some() { Sense::click() } else { Sense::hover() };
        let response = ui.interact(place, ui.scope_id().with((id, at)), sense);
        match removes {
            Some(removes) => response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), removes(entry))),
            None => response.widget_info(|| WidgetInfo::labeled(Role::Label, true, entry)),
        }
        follow_focus(&response);
        let hovered = removes.is_some() && response.hovered();
        let response = if removes.is_some() { points(ui, response) } else { response };
        ui.painter().rect_filled(place, height / 2.0, theme::seen(if hovered { theme::CHOSEN } else { theme::FIELD }));
        ui.painter().galley(place.min + PADDING, galley, ink);
        if removes.is_some() {
            let middle = Pos2::new(place.right() - PADDING.x - cross / 4.0, place.center().y);
            paint_cross(ui.painter(), middle, theme::scaled(4.0));
        }
        if response.clicked() {
            pressed = Some(at);
        }
    }
    pressed
}

fn paint_cross(painter: &egui::Painter, middle: Pos2, half: f32) {
    let stroke = egui::Stroke::new(theme::scaled(1.5), theme::seen(theme::INK_SECOND));
    for side in [Vec2::new(half, half), Vec2::new(half, -half)] {
        painter.line_segment([middle - side, middle + side], stroke);
    }
}

/// A bar of which a share is filled, and what that means.
pub(in crate::ui) fn measure(ui: &mut egui::Ui, name: &str, share: f32, words: &str) {
    let (place, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 8.0), Sense::hover());
    let value = format!("{name}: {words}");
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &value));
    let filled = Rect::from_min_size(place.min, Vec2::new(place.width() * share.clamp(0.0, 1.0), place.height()));
    ui.painter().rect_filled(place, 4.0, theme::seen(theme::FIELD));
    // A bar that is rounded at both ends cannot be narrower than it is high.
    if filled.width() > 0.0 {
        let filled = Rect::from_min_size(filled.min, Vec2::new(filled.width().max(8.0), 8.0));
        ui.painter().rect_filled(filled, 4.0, theme::ACCENT);
    }
}
