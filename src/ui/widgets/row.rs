//! One setting: its name and a note at the left, its control at the right, or below where there is no room beside it.

use eframe::egui::{self, Align, Layout, Pos2, Rect, Role, Sense, UiBuilder, Vec2, WidgetInfo};

use crate::ui::text::lay_out;
use crate::ui::theme;

/// Room between words and control.
const GAP: f32 = 16.0;
/// Rows that a name or a note may take: no sentence here is longer, at any size of text.
const ROWS: usize = 24;

/// Shows a name with a control of this size beside it.
pub(in crate::ui) fn row<R>(ui: &mut egui::Ui, name: &str, size: Vec2, control: impl FnOnce(&mut egui::Ui) -> R) -> R {
    let room = ui.available_width();
    let lay_out = |width| lay_out(ui.painter(), name, theme::body(), theme::INK, width, ROWS, Align::LEFT);
    let beside = lay_out(room - size.x - GAP);
    let unbroken = lay_out(f32::INFINITY).size().x;
    if unbroken > room - size.x - GAP && room - size.x - GAP < theme::scaled(120.0) {
        below(ui, name, control)
    } else {
        let height = beside.size().y.max(size.y);
        // The control says the name itself to screen readers: twice would be once too often.
        let (place, _) = ui.allocate_exact_size(Vec2::new(room, height), Sense::hover());
        ui.painter().galley(Pos2::new(place.left(), place.center().y - beside.size().y / 2.0), beside, theme::INK);
        let right = Rect::from_min_max(Pos2::new(place.right() - size.x, place.top()), place.max);
        let from_right = Layout::right_to_left(Align::Center);
        control(&mut ui.new_child(UiBuilder::new().id_salt(name).max_rect(right).layout(from_right)))
    }
}

/// Shows a name with a control below it.
pub(in crate::ui) fn below<R>(ui: &mut egui::Ui, name: &str, control: impl FnOnce(&mut egui::Ui) -> R) -> R {
    words(ui, name, theme::body(), theme::INK);
    ui.add_space(6.0);
    ui.push_id(name, control).inner
}

/// What more there is to say.
pub(in crate::ui) fn note(ui: &mut egui::Ui, text: &str) {
    ui.add_space(3.0);
    words(ui, text, theme::small(), theme::INK_SECOND);
}

/// Something that cannot be set: its name, and what it is.
pub(in crate::ui) fn fact(ui: &mut egui::Ui, name: &str, text: &str) {
    words(ui, name, theme::small(), theme::INK_SECOND);
    ui.add_space(2.0);
    words(ui, text, theme::body(), theme::INK);
}

/// Room and a line between two settings.
pub(in crate::ui) fn rule(ui: &mut egui::Ui) {
    ui.add_space(11.0);
    let (place, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 1.0), Sense::hover());
    ui.painter().rect_filled(place, 0.0, theme::seen(theme::RULE));
    ui.add_space(11.0);
}

fn words(ui: &mut egui::Ui, text: &str, font: egui::FontId, color: egui::Color32) {
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, theme::seen(color), ui.available_width());
    // A path has no blanks.
    job.wrap.break_anywhere = !text.contains(' ');
    let galley = ui.painter().layout_job(job);
    let (place, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(place.min, galley, color);
}
