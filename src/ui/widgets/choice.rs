//! A row of choices of which one holds, and the tabs of a sheet. Both take more rows where one is too narrow.

use eframe::egui::{self, Color32, Pos2, Rect, Role, Sense, Vec2, WidgetInfo};

use super::flow::flow;
use super::{follow_focus, points};
use crate::ui::theme;

/// Room around words, and between two cells.
const PADDING: Vec2 = Vec2::new(12.0, 6.0);
const GAP: f32 = 3.0;

/// Shows choices on one ground; returns another one, when it was chosen. `group` is what is chosen, for screen readers.
pub(in crate::ui) fn choice<T: Copy + PartialEq>(ui: &mut egui::Ui, group: &str, options: &[(&str, T)], now: T) -> Option<T> {
    let at = options.iter().position(|(_, value)| *value == now);
    let names: Vec<_> = options.iter().map(|(name, _)| *name).collect();
    let chosen = cells(ui, Look::Choices, group, &names, at)?;
    options.get(chosen).map(|(_, value)| *value).filter(|value| *value != now)
}

/// Shows the tabs of pages; returns the place of another one, when it was chosen.
pub(in crate::ui) fn tabs(ui: &mut egui::Ui, group: &str, names: &[&str], now: usize) -> Option<usize> {
    cells(ui, Look::Tabs, group, names, Some(now)).filter(|at| *at != now)
}

#[derive(Clone, Copy, PartialEq)]
enum Look {
    Choices,
    Tabs,
}

/// How large a row of choices is when it is not broken.
pub(in crate::ui) fn size(ui: &egui::Ui, names: &[&str]) -> Vec2 {
    let cell = |name: &&str| ui.painter().layout_no_wrap((*name).to_owned(), theme::label(), theme::INK).size() + 2.0 * PADDING;
    let cells = names.iter().map(cell).fold(Vec2::new(-GAP, 0.0), |all, cell| Vec2::new(all.x + cell.x + GAP, all.y.max(cell.y)));
    // Sums of parts are rounded: what fits exactly is not to be broken for that.
    cells + Vec2::new(2.0 * GAP + 1.0, 2.0 * GAP)
}

fn cells(ui: &mut egui::Ui, look: Look, group: &str, names: &[&str], now: Option<usize>) -> Option<usize> {
    let galleys: Vec<_> =
        names.iter().map(|name| ui.painter().layout_no_wrap((*name).to_owned(), theme::label(), theme::seen(theme::INK_SECOND))).collect();
    let height = galleys.first().map_or(0.0, |galley| galley.size().y) + 2.0 * PADDING.y;
    let widths: Vec<_> = galleys.iter().map(|galley| galley.size().x + 2.0 * PADDING.x).collect();
    let inset = if look == Look::Choices { GAP } else { 0.0 };
    let (_, size) = flow(Pos2::ZERO, &widths, height, GAP, ui.available_width() - 2.0 * inset);
    let (ground, _) = ui.allocate_exact_size(size + Vec2::splat(2.0 * inset), Sense::hover());
    let (places, _) = flow(ground.min + Vec2::splat(inset), &widths, height, GAP, size.x + 0.5);
    if look == Look::Choices {
        ui.painter().rect_filled(ground, theme::RADIUS[1], theme::seen(theme::FIELD));
    }
    let mut chosen = None;
    for (at, ((name, galley), place)) in names.iter().zip(galleys).zip(places).enumerate() {
        let response = ui.interact(place, ui.scope_id().with((group, at)), Sense::click());
        let response = points(ui, response);
        let holds = now == Some(at);
        response.widget_info(|| match look {
            Look::Choices => WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), holds, format!("{group}: {name}")),
            Look::Tabs => WidgetInfo::selected(Role::Tab, ui.is_enabled(), holds, *name),
        });
        follow_focus(&response);
        let ground = match (holds, response.hovered()) {
            (true, _) => theme::seen(theme::CHOSEN),
            (false, true) => theme::seen(theme::BUTTON),
            (false, false) => Color32::TRANSPARENT,
        };
        cell(ui, place, ground, &galley, holds);
        if response.clicked() {
            chosen = Some(at);
        }
    }
    chosen
}

fn cell(ui: &egui::Ui, place: Rect, ground: Color32, galley: &std::sync::Arc<egui::Galley>, holds: bool) {
    let painter = ui.painter().with_clip_rect(place.intersect(ui.clip_rect()));
    painter.rect_filled(place, theme::RADIUS[1] - GAP, ground);
    let left = (place.center().x - galley.size().x / 2.0).max(place.left() + 4.0);
    let at = Pos2::new(left, place.center().y - galley.size().y / 2.0);
    let ink = if holds { theme::INK } else { theme::seen(theme::INK_SECOND) };
    painter.galley_with_override_text_color(at, std::sync::Arc::clone(galley), ink);
}
