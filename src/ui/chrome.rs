//! What lies over the picture: who and what, progress, sound, the top line. It fades when nobody asks for it.

use std::time::Duration;

use eframe::egui::{self, Align, Align2, Pos2, Rect, Sense, Vec2};

use super::feed_view::FeedView;
use super::marks::Badge;
use super::text::{clock, lay_out, shadowed};
use super::{icons, theme};
use crate::app::{Event, Intent, Model, TileState};
use crate::feed::Item;
use crate::preload::plan::Limit;

/// Room the rail takes at the right.
const RAIL_WIDTH: f32 = 72.0;
/// Room between a maker's name and what stands behind it.
const BADGE_GAP: f32 = 10.0;
/// How near the pointer has to come to the progress line to wake it.
const SCRUB_REACH: f32 = 28.0;

/// How awake the words of a tile are. The tile that comes in says who it is, whatever the controls do; its words
/// fade with the rest.
pub(super) fn awake(model: &Model, now: Duration) -> f32 {
    if model.is_moving() { 1.0 } else { model.chrome(now).0 }
}

/// How awake the top line is.
pub(super) fn top_awake(model: &Model, now: Duration) -> f32 {
    model.chrome(now).0
}

/// The top line and the toast: they stand still while tiles move.
pub(super) fn show_top(ui: &egui::Ui, view: &mut FeedView, model: &Model, screen: Rect, now: Duration) {
    let awake = top_awake(model, now);
    let painter = ui.painter_at(screen);
    if awake > 0.0 {
        let at = screen.min + Vec2::new(theme::MARGIN, 16.0);
        let right = screen.right() - theme::MARGIN;
        let right = right - offline_chip(ui, &painter, model, Pos2::new(right, screen.top() + 26.0), awake);
        let right = right - power_chip(ui, view, model, Pos2::new(right, screen.top() + 26.0), awake);
        let right = right - health_chip(ui, model, Pos2::new(right, screen.top() + 26.0), awake);
        let width = right - at.x;
        let galley = lay_out(&painter, model.label(), theme::strong(), theme::INK, width, 1, Align::LEFT);
        let end = at.x + galley.size().x;
        shadowed(&painter, at, &galley, awake);
        if let Some(name) = model.feed().name().filter(|name| *name != model.label()) {
            let text = format!("· {name}");
            let galley = lay_out(&painter, &text, theme::strong(), theme::INK_SECOND, (right - end - 8.0).max(0.0), 1, Align::LEFT);
            shadowed(&painter, Pos2::new(end + 8.0, at.y), &galley, awake);
        }
    }
    if model.hint() && !model.overlay() {
        let at = Pos2::new(screen.center().x, screen.top() + 62.0);
        pill(&painter, at, "Drop a folder here, or paste a feed’s address", 1.0);
    }
    // Over the overlay, not under it: that paints it itself.
    if !model.overlay() {
        toast(&painter, model, Pos2::new(screen.center().x, screen.top() + 108.0), now);
    }
}

/// The line that is shown for a moment, while it is.
pub(super) fn toast(painter: &egui::Painter, model: &Model, at: Pos2, now: Duration) {
    if let Some(toast) = model.toast(now) {
        pill(painter, at, &toast.text, 1.0);
    }
}

/// Says at the right of the top line that there is no connection; returns the room it takes.
fn offline_chip(ui: &egui::Ui, painter: &egui::Painter, model: &Model, right: Pos2, awake: f32) -> f32 {
    if !model.is_offline() {
        return 0.0;
    }
    let badge = Badge::offline(painter);
    let place = Align2::RIGHT_CENTER.anchor_size(right, badge.pill_size());
    badge.show_pill(painter, place.min, awake);
    badge.tell(ui, place, ui.scope_id().with("offline"));
    place.width() + 12.0
}

/// Says that electric power keeps items from being readied, and lets the viewer have it otherwise; returns the room
/// it takes.
fn power_chip(ui: &egui::Ui, view: &mut FeedView, model: &Model, right: Pos2, awake: f32) -> f32 {
    let limit = model.limit().filter(|limit| *limit != Limit::Memory);
    if limit.is_none() && !model.readies_anyway() {
        return 0.0;
    }
    let badge = Badge::power(ui.painter(), limit);
    let place = Align2::RIGHT_CENTER.anchor_size(right, badge.pill_size());
    badge.show_pill(ui.painter(), place.min, awake);
    if badge.pressed(ui, place, ui.scope_id().with("power")) {
        view.events.push(Event::Intent(Intent::ReadyAnyway));
    }
    place.width() + 12.0
}

/// Says that the program is not well, and on pointing at it why; returns the room it takes.
fn health_chip(ui: &egui::Ui, model: &Model, right: Pos2, awake: f32) -> f32 {
    let Some(reason) = model.health().reasons().first() else { return 0.0 };
    let badge = Badge::health(ui.painter(), reason);
    let place = Align2::RIGHT_CENTER.anchor_size(right, badge.pill_size());
    badge.show_pill(ui.painter(), place.min, awake);
    badge.explain(ui, place, ui.scope_id().with("health"));
    place.width() + 12.0
}

/// A short line on a dark ground, centred on `at`.
pub(super) fn pill(painter: &egui::Painter, at: Pos2, text: &str, strength: f32) {
    let width = painter.clip_rect().width().max(120.0) - 2.0 * theme::MARGIN - 28.0;
    let galley = lay_out(painter, text, theme::small(), theme::INK, width, 2, Align::Center);
    let size = galley.size() + Vec2::new(28.0, 14.0);
    let place = Rect::from_center_size(at, size);
    painter.rect_filled(place, size.y / 2.0, theme::faded(theme::PILL, strength));
    painter.galley(Pos2::new(at.x, place.top() + 7.0), galley, theme::INK);
}

/// What belongs to one tile and moves with it.
#[expect(clippy::too_many_arguments, reason = "the places it reads from and the place it goes to; a struct would only rename them")]
pub(super) fn show_tile(
    ui: &mut egui::Ui,
    view: &mut FeedView,
    model: &Model,
    item: &Item,
    index: usize,
    rect: Rect,
    visible: Rect,
    now: Duration,
) {
    let state = model.tile_state(index, now);
    let failed = matches!(state, TileState::Failed { .. } | TileState::Offline);
    let current = index == model.feed().index();
    let awake = awake(model, now);
    let painter = ui.painter_at(visible);
    if awake > 0.0 {
        words(ui, &painter, model, item, rect, awake);
        if current && !failed && !model.is_moving() {
            sound_button(ui, view, model, rect, awake);
        }
    }
    if model.is_offline()
        && awake < 1.0
        && let Some(mark) = model.mark(&item.id)
    {
        // Without a connection what is here matters more than the picture's last corner.
        let badge = Badge::of(&painter, mark);
        let at = Pos2::new(rect.left() + theme::MARGIN, rect.bottom() - theme::MARGIN - badge.pill_size().y);
        badge.show_pill(&painter, at, 1.0 - awake);
        badge.tell(ui, Rect::from_min_size(at, badge.pill_size()), ui.scope_id().with(("mark", &item.id)));
    }
    if current && matches!(state, TileState::Playing | TileState::Paused) {
        progress(ui, view, model, item, rect, visible, now);
    }
}

fn words(ui: &egui::Ui, painter: &egui::Painter, model: &Model, item: &Item, rect: Rect, awake: f32) {
    let width = (rect.width() - theme::MARGIN - RAIL_WIDTH - 20.0).clamp(60.0, 640.0);
    let left = rect.left() + theme::MARGIN;
    let badge = model.mark(&item.id).map(|mark| Badge::of(painter, mark));
    // The maker makes room for the badge, which stands behind the name.
    let beside = badge.as_ref().map_or(0.0, |badge| badge.size().x + BADGE_GAP);
    let own_line = badge.as_ref().filter(|_| item.maker.is_empty()).map_or(0.0, |badge| badge.size().y + 4.0);
    let tags = item.tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join("  ");
    let lines = [
        (item.maker.as_str(), theme::strong(), theme::INK, 1),
        (item.title.as_str(), theme::body(), theme::INK, 2),
        (item.description.as_str(), theme::small(), theme::INK_SECOND, 2),
        (tags.as_str(), theme::small(), theme::INK_SECOND, 1),
    ];
    let galleys: Vec<_> = lines
        .into_iter()
        .filter(|(text, ..)| !text.is_empty())
        .enumerate()
        .map(|(line, (text, font, color, rows))| {
            // The badge may reach to the edge of the rail: it is short, and a name should not be cut for it.
            let width = if line == 0 && beside > 0.0 && own_line == 0.0 { (width + 20.0 - beside).max(60.0) } else { width };
            lay_out(painter, text, font, color, width, rows, Align::LEFT)
        })
        .collect();
    let mut y = rect.bottom() - 26.0 - own_line - galleys.iter().map(|galley| galley.size().y + 4.0).sum::<f32>();
    if let Some(badge) = badge {
        let size = badge.size();
        let at = match galleys.first().filter(|_| own_line == 0.0) {
            Some(maker) => Pos2::new(left + maker.size().x + BADGE_GAP, y + (maker.size().y - size.y) / 2.0),
            None => Pos2::new(left, y),
        };
        badge.show(painter, at, awake);
        badge.tell(ui, Rect::from_min_size(at, size), ui.scope_id().with(("mark", &item.id)));
        y += own_line;
    }
    for galley in &galleys {
        shadowed(painter, Pos2::new(left, y), galley, awake);
        y += galley.size().y + 4.0;
    }
}

fn sound_button(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, rect: Rect, awake: f32) {
    let center = Pos2::new(rect.right() - 14.0 - theme::ICON / 2.0, rect.bottom() - 66.0);
    let place = Rect::from_center_size(center + Vec2::new(0.0, 8.0), Vec2::new(48.0, 56.0));
    let response = ui.interact(place, ui.scope_id().with("sound"), Sense::click()).on_hover_cursor(egui::CursorIcon::PointingHand);
    let (name, icon): (_, fn(&egui::Painter, Pos2, f32, egui::Color32)) =
        if model.sound().muted { ("Sound on", icons::sound_off) } else { ("Sound off", icons::sound_on) };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    let painter = ui.painter();
    icon(painter, center + Vec2::new(0.0, 1.5), theme::ICON, theme::faded(theme::SHADOW, awake));
    icon(painter, center, theme::ICON, theme::faded(theme::INK, awake));
    painter.text(center + Vec2::new(0.0, 17.0), Align2::CENTER_TOP, "M", theme::label(), theme::faded(theme::INK, awake));
    if response.clicked() {
        view.events.push(Event::Intent(Intent::Mute));
    }
}

/// The hairline at the bottom; under the pointer it grows and takes clicks and drags.
fn progress(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, item: &Item, rect: Rect, visible: Rect, now: Duration) {
    let Some(duration) = model.duration_of(item).filter(|duration| !duration.is_zero()) else { return };
    let position = model.position_of(item, now);
    let reach = Rect::from_min_max(Pos2::new(rect.left(), rect.bottom() - SCRUB_REACH / 2.0), rect.max).intersect(visible);
    let response = ui.interact(reach, ui.scope_id().with("progress"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::slider(true, position.as_secs_f64(), "Position in seconds"));
    let painter = ui.painter_at(visible);
    let awake = response.hovered() || response.dragged();
    let height = if awake { theme::HAIRLINE_AWAKE } else { theme::HAIRLINE };
    let track = Rect::from_min_max(Pos2::new(rect.left(), rect.bottom() - height), rect.max);
    let share = (position.as_secs_f32() / duration.as_secs_f32()).clamp(0.0, 1.0);
    painter.rect_filled(track, 0.0, theme::TRACK);
    painter.rect_filled(Rect::from_min_size(track.min, Vec2::new(track.width() * share, height)), 0.0, theme::INK);
    if let Some(pointer) = response.interact_pointer_pos().or_else(|| response.hover_pos()).filter(|_| awake) {
        let under = ((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
        let text = format!("{} / {}", clock(duration.mul_f32(under)), clock(duration));
        let x = pointer.x.clamp(rect.left() + 56.0, (rect.right() - 56.0).max(rect.left() + 56.0));
        pill(&painter, Pos2::new(x, rect.bottom() - 30.0), &text, 1.0);
        if response.clicked() || response.drag_stopped() {
            view.events.push(Event::Intent(Intent::Seek(f64::from(under))));
        }
    }
}
