//! The menu of the rail: what is wanted now and then. It takes every click, those beside it close it.

use eframe::egui::{self, Align2, Color32, Frame, Margin, Pos2, Rect, Role, Sense, Vec2, WidgetInfo};

use crate::app::{AtEnd, Event, Fit, Intent, Key, Model, Sheet};
use crate::ui::feed_view::FeedView;
use crate::ui::{theme, wheel};
use crate::words::controls as words;

/// A row, and the least the menu keeps away from the edges of the window.
const ROW: Vec2 = Vec2::new(232.0, 36.0);
const AROUND: f32 = 12.0;

/// Shows the menu with its lower right corner at `corner`.
pub(super) fn show(ui: &egui::Ui, view: &mut FeedView, model: &Model, corner: Pos2) {
    let id = egui::Id::unique("menu");
    let screen = ui.ctx().content_rect();
    wheel::take(ui.ctx(), screen);
    let area = egui::Modal::default_area(id).anchor(Align2::RIGHT_BOTTOM, corner - screen.max);
    let frame = Frame::new().fill(theme::SHEET).corner_radius(theme::RADIUS[0]).inner_margin(Margin::same(6));
    let room = Vec2::new((corner.x - screen.left() - AROUND - 12.0).min(ROW.x), corner.y - screen.top() - AROUND - 12.0);
    let shown = egui::Modal::new(id).area(area).frame(frame).backdrop_color(Color32::TRANSPARENT).show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        ui.set_width(room.x);
        egui::ScrollArea::vertical().max_height(room.y).show(ui, |ui| {
            let keymap = model.keymap();
            let told = |key: Option<Key>| key.map(|key| keymap.told(key)).unwrap_or_default();
            let used = rows(model).into_iter().filter(|(name, key, _)| row(ui, room.x, name, &told(*key))).map(|(.., meant)| meant);
            used.last()
        })
    });
    if let Some(meant) = shown.inner.inner {
        view.events.extend([Event::Intent(Intent::Menu), meant]);
    } else if shown.backdrop_response.clicked() {
        view.events.push(Event::Intent(Intent::Menu));
    }
}

/// What the menu offers: its name, what a key means that does the same, and what it means itself.
fn rows(model: &Model) -> [(&'static str, Option<Key>, Event); 7] {
    let fit = if model.preferences().fit == Fit::Contain { words::FILL } else { words::SHOW_WHOLE };
    let at_end = match model.preferences().at_end {
        AtEnd::Repeat => words::REPEAT,
        AtEnd::Stop => words::STOP,
        AtEnd::Advance => words::ADVANCE,
    };
    [
        (fit, None, Event::Intent(Intent::Fit)),
        (at_end, Some(Key::AtEnd), Event::Intent(Intent::AtEnd)),
        (words::SAVE_STILL, Some(Key::Still), Event::Key { key: Key::Still, repeat: false }),
        (words::OPEN, Some(Key::Open), Event::Intent(Intent::Sheet(Sheet::Open))),
        (words::SETTINGS, Some(Key::Settings), Event::Intent(Intent::Sheet(Sheet::Settings))),
        (words::KEYS, Some(Key::Help), Event::Intent(Intent::Sheet(Sheet::Keys))),
        (words::OVERLAY, Some(Key::Overlay), Event::Intent(Intent::Overlay)),
    ]
}

/// One row; whether it was used.
fn row(ui: &mut egui::Ui, width: f32, name: &str, key: &str) -> bool {
    let (place, response) = ui.allocate_exact_size(Vec2::new(width, ROW.y), Sense::click());
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, name));
    let painter = ui.painter();
    if response.is_pointer_button_down_on() {
        painter.rect_filled(place, theme::RADIUS[2], theme::BUTTON_HOVER);
    } else if response.hovered() {
        painter.rect_filled(place, theme::RADIUS[2], theme::BUTTON);
    }
    let inner = Rect::from_min_max(place.min + Vec2::new(12.0, 0.0), place.max - Vec2::new(12.0, 0.0));
    let name = painter.text(inner.left_center(), Align2::LEFT_CENTER, name, theme::small(), theme::INK);
    let key = painter.layout_no_wrap(key.to_owned(), theme::figures(), theme::INK_SECOND);
    // A key of many words is told on the sheet of keys; over the name it would tell nothing.
    let left = inner.right() - key.size().x;
    if left > name.right() {
        painter.galley(Pos2::new(left, inner.center().y - key.size().y / 2.0), key, theme::INK_SECOND);
    }
    response.clicked()
}
