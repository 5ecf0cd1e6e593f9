//! A slider of a share, 0.0 to 1.0, in steps of five percent.

use eframe::egui::accesskit::Action;
use eframe::egui::{self, EventFilter, Key, Pos2, Rect, Sense, Vec2, WidgetInfo};

use super::follow_focus;
use crate::ui::theme;

/// One step of a key.
const STEP: f64 = 0.05;
const TRACK: f32 = 5.0;
const KNOB: f32 = 9.0;

/// Shows a slider that is as wide as there is room; returns what its value is to be, when it was moved.
pub(in crate::ui) fn slider(ui: &mut egui::Ui, name: &str, value: f64) -> Option<f64> {
    let knob = theme::scaled(KNOB);
    let size = Vec2::new(ui.available_width(), 2.0 * knob + 6.0);
    let (place, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), value * 100.0, name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(100.0);
        node.set_numeric_value_step(STEP * 100.0);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    follow_focus(&response);
    let track = Rect::from_center_size(place.center(), Vec2::new(place.width() - 2.0 * knob, TRACK));
    let moved = by_keys(ui, &response).map(|steps| value + steps * STEP).or_else(|| {
        let at = response.interact_pointer_pos()?;
        Some(f64::from((at.x - track.left()) / track.width().max(1.0)))
    });
    #[expect(clippy::cast_possible_truncation, reason = "a share of a track")]
    let x = egui::lerp(track.x_range(), value.clamp(0.0, 1.0) as f32);
    let painter = ui.painter();
    painter.rect_filled(track, TRACK / 2.0, theme::seen(theme::CHOSEN));
    painter.rect_filled(Rect::from_x_y_ranges(track.left()..=x, track.y_range()), TRACK / 2.0, theme::ACCENT);
    painter.circle_filled(Pos2::new(x, track.center().y), if response.hovered() { knob + 1.0 } else { knob }, theme::INK);
    moved.map(|value| value.clamp(0.0, 1.0))
}

/// Steps that the arrow keys or a screen reader asked for.
fn by_keys(ui: &egui::Ui, response: &egui::Response) -> Option<f64> {
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    let has_focus = response.has_focus();
    let steps = ui.input(|input| {
        let keys = |key| if has_focus { input.num_presses(key) } else { 0 };
        let asked = |action| input.num_accesskit_action_requests(response.id, action);
        let up = keys(Key::ArrowRight) + asked(Action::Increment);
        let down = keys(Key::ArrowLeft) + asked(Action::Decrement);
        #[expect(clippy::cast_precision_loss, reason = "keys pressed in one frame")]
        let steps = up as f64 - down as f64;
        steps
    });
    (ui.is_enabled() && steps != 0.0).then_some(steps)
}
