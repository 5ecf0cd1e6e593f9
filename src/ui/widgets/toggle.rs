//! A switch.

use eframe::egui::{self, Pos2, Role, Sense, Vec2, WidgetInfo};

use super::{follow_focus, points};
use crate::ui::theme;

/// Width and height at the usual size of text.
pub(in crate::ui) const SIZE: Vec2 = Vec2::new(46.0, 26.0);
/// Room around the knob.
const AROUND: f32 = 3.0;

/// Shows a switch; returns what it is to be, when it was flipped.
pub(in crate::ui) fn toggle(ui: &mut egui::Ui, name: &str, on: bool) -> Option<bool> {
    let (place, response) = ui.allocate_exact_size(SIZE * theme::scaled(1.0), Sense::click());
    let response = points(ui, response);
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, name));
    follow_focus(&response);
    if ui.is_rect_visible(place) {
        let way = ui.ctx().animate_bool_with_time(response.id, on, ui.style().animation_time);
        let ground = if on { theme::ACCENT } else { theme::seen(if response.hovered() { theme::CHOSEN } else { theme::FIELD }) };
        let painter = ui.painter();
        painter.rect_filled(place, place.height() / 2.0, ground);
        if !on {
            painter.rect_stroke(place, place.height() / 2.0, egui::Stroke::new(1.0, theme::seen(theme::CHOSEN)), egui::StrokeKind::Inside);
        }
        let radius = place.height() / 2.0 - AROUND;
        let ends = (place.left() + AROUND + radius, place.right() - AROUND - radius);
        let knob = Pos2::new(egui::lerp(ends.0..=ends.1, way), place.center().y);
        painter.circle_filled(knob, radius, if on { theme::ON_PRIMARY } else { theme::INK });
    }
    response.clicked().then_some(!on)
}
