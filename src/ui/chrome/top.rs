//! The top line: whose feed it is, what goes on live, and what is the matter with the machine. It stands still while
//! tiles move.

use std::time::Duration;

use eframe::egui::{self, Align, Align2, Color32, Pos2, Rect, Role, Sense, Vec2, WidgetInfo};

use super::{button, pill, toast, top_awake};
use crate::app::{Event, Intent, Key, Model, Sheet};
use crate::feed::{Live, LiveStatus};
use crate::preload::plan::Limit;
use crate::ui::feed_view::FeedView;
use crate::ui::marks::Badge;
use crate::ui::text::{lay_out, shadowed};
use crate::ui::{news, theme};
use crate::words::controls as words;
use crate::words::open::hint;

/// Where the line begins.
const TOP: f32 = 16.0;
/// Room between two parts of it.
const GAP: f32 = 8.0;
/// With less room than this the name of the feed is left out.
const LEAST_NAME: f32 = 48.0;

/// The top line and the toast: they stand still while tiles move.
pub(in crate::ui) fn show_top(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, screen: Rect, now: Duration) {
    let awake = top_awake(model, now);
    let painter = ui.painter_at(screen);
    if awake > 0.0 {
        let at = |right| Pos2::new(right, screen.top() + middle());
        let right = screen.right() - theme::MARGIN;
        let right = right - offline_chip(ui, &painter, model, at(right), awake);
        let right = right - power_chip(ui, view, model, at(right), awake);
        let right = right - health_chip(ui, model, at(right), awake);
        source(
            ui,
            view,
            model,
            Rect::from_x_y_ranges(screen.left() + theme::MARGIN..=right, screen.top()..=screen.top() + 2.0 * middle()),
            awake,
        );
    }
    if model.hint() && !model.overlay() {
        let at = Pos2::new(screen.center().x, screen.top() + theme::scaled(62.0));
        pill(&painter, at, &hint(&model.keymap().told(Key::Open)), 1.0);
    }
    if !model.overlay() {
        news::show(ui, view, model, screen);
    }
    // Over the overlay or a sheet, not under it: these paint it themselves.
    if !model.overlay() && model.sheet().is_none() {
        toast(&painter, model, Pos2::new(screen.center().x, screen.top() + theme::scaled(108.0)), now);
    }
}

/// From the top of the window to the middle of what stands on the line.
fn middle() -> f32 {
    TOP + theme::scaled(10.0)
}

/// The source and its feed, which open another one, and what goes on live.
fn source(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, room_at: Rect, awake: f32) {
    let painter = ui.painter().clone();
    let live = model.feed().current().and_then(|item| item.live).filter(|_| !model.is_moving());
    // What goes on is told before whose feed it is: the badge never is cut.
    let badge = live.map(|live| painter.layout_no_wrap(status(live).0.to_owned(), theme::label(), theme::INK));
    let badge_width = badge.as_ref().map_or(0.0, |badge| badge.size().x + 16.0 + GAP);
    let room = (room_at.width() - badge_width).max(0.0);
    let at = Pos2::new(room_at.left(), room_at.top() + TOP);
    let label = lay_out(&painter, model.label(), theme::strong(), theme::INK, room, 1, Align::LEFT);
    let mut end = at.x + label.size().x;
    shadowed(&painter, at, &label, awake);
    let left = at.x + room - end - GAP;
    if let Some(name) = model.feed().name().filter(|name| *name != model.label() && left >= LEAST_NAME) {
        let galley = lay_out(&painter, &format!("· {name}"), theme::strong(), theme::INK_SECOND, left, 1, Align::LEFT);
        shadowed(&painter, Pos2::new(end + GAP, at.y), &galley, awake);
        end += GAP + galley.size().x;
    }
    if !model.label().is_empty() {
        let place = Rect::from_min_max(at - Vec2::splat(6.0), Pos2::new(end + 6.0, at.y + label.size().y + 6.0));
        let response = button::interact(ui, ui.scope_id().with("source"), place, Sense::click(), awake);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words::CHANGE_SOURCE));
        if response.clicked() {
            view.events.push(Event::Intent(Intent::Sheet(Sheet::Open)));
        }
        response.on_hover_text(words::with_key(words::CHANGE_SOURCE, &model.keymap().told(Key::Open)));
    }
    if let Some((live, badge)) = live.zip(badge) {
        let size = badge.size() + Vec2::new(16.0, 5.0);
        let place = Align2::LEFT_CENTER.anchor_size(Pos2::new(end + GAP + 2.0, room_at.top() + middle()), size);
        painter.rect_filled(place, theme::RADIUS[2], theme::faded(status(live).1, awake));
        painter.galley_with_override_text_color(place.center() - badge.size() / 2.0, badge, theme::faded(theme::INK, awake));
        let watching = live.viewers.map(words::watching).unwrap_or_default();
        let room = room_at.right() - place.right() - GAP;
        let galley = painter.layout_no_wrap(watching.clone(), theme::body(), theme::INK);
        let fits = galley.size().x <= room;
        if fits {
            shadowed(&painter, Pos2::new(place.right() + GAP, room_at.top() + middle() - galley.size().y / 2.0), &galley, awake);
        }
        let told = ui.interact(place, ui.scope_id().with("live"), Sense::hover());
        told.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{} {watching}", status(live).0).trim()));
        if !fits && !watching.is_empty() {
            told.on_hover_text(watching);
        }
    }
}

/// The word of a badge, and its ground.
fn status(live: Live) -> (&'static str, Color32) {
    match live.status {
        LiveStatus::Live => (words::LIVE, theme::LIVE),
        LiveStatus::Scheduled => (words::SCHEDULED, theme::PILL),
        LiveStatus::Ended => (words::ENDED, theme::PILL),
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
