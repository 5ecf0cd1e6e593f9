//! What lies over the picture: who and what, progress, the rail, the top line. It fades when nobody asks for it.

mod button;
mod menu;
mod rail;
mod scrubber;
mod top;
mod words;

use std::time::Duration;

use eframe::egui::{self, Align, Pos2, Rect, Vec2};

#[cfg(test)]
pub(super) use self::rail::dark as rail_scrim;
pub(super) use self::top::show_top;
pub(super) use self::words::id as words_id;
use super::feed_view::FeedView;
use super::marks::Badge;
use super::text::lay_out;
use super::{captions, theme};
use crate::app::{Model, TileState};
use crate::feed::Item;

/// How awake the words of a tile are. The tile that comes in says who it is, whatever the controls do; its words
/// fade with the rest.
pub(super) fn awake(model: &Model, now: Duration) -> f32 {
    if model.is_moving() { 1.0 } else { model.chrome(now).0 }
}

/// How awake the top line is.
pub(super) fn top_awake(model: &Model, now: Duration) -> f32 {
    model.chrome(now).0
}

/// The line that is shown for a moment, while it is.
pub(super) fn toast(painter: &egui::Painter, model: &Model, at: Pos2, now: Duration) {
    if let Some(toast) = model.toast(now) {
        pill(painter, at, &toast.text, 1.0);
    }
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
    let failed = matches!(state, TileState::Failed { .. } | TileState::Gone { .. } | TileState::Offline);
    let current = index == model.feed().index();
    let awake = awake(model, now);
    let painter = ui.painter_at(visible);
    let plays = matches!(state, TileState::Playing | TileState::Paused | TileState::Buffering { .. });
    let scrubs = current && (plays || state == TileState::Ended) && scrubber::show(ui, view, model, item, rect, visible, now);
    // Who looks for a place in the clip looks at the preview, the times and the picture.
    let shown = if scrubs { 0.0 } else { awake };
    let mut words_top = rect.bottom();
    // Large text leaves no room for both: why it failed matters more.
    if shown > 0.0 && (!failed || theme::look().text_scale <= super::tile::LARGE) {
        words_top = words::show(ui, view, model, item, current, rect, visible, shown);
    }
    if current && plays {
        captions::show(ui, model, item, captions::Room { tile: rect, words_top, rail: rail::WIDTH }, visible, now);
    }
    // A sheet has the window to itself, also for who hears what there is. What is warned of is first to be wanted at all: in a
    // narrow picture the rail would lie over what is asked.
    let warned = matches!(state, TileState::Warned { .. });
    if current && !failed && !warned && !model.is_moving() && model.sheet().is_none() {
        rail::show(ui, view, model, item, rect, shown);
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
}
