//! Which control has the keyboard's focus, seen: a ring around it, whatever painted it.

use std::time::Duration;

use eframe::egui::{self, CornerRadius, EventFilter, Rect, Stroke, StrokeKind};

use super::theme;
use crate::app::{Event, Model};

/// How far the ring lies from what it surrounds.
const AROUND: f32 = 2.0;

/// A repaint that is asked for with no delay at all is painted twice.
const SOON: Duration = Duration::from_nanos(1);

/// The tile itself: who has the focus there has the keys of the feed.
#[must_use]
pub(super) fn tile() -> egui::Id {
    egui::Id::unique("the tile")
}

/// Whether a control other than the tile has the focus: Space and Enter are its own then.
#[must_use]
pub(super) fn is_on_control(ctx: &egui::Context) -> bool {
    ctx.memory(egui::Memory::focused).is_some_and(|id| id != tile())
}

/// Keeps the arrow keys for the feed where a control of it has the focus; Tab goes from one to the next.
pub(super) fn keep_arrows(ctx: &egui::Context) {
    if let Some(id) = ctx.memory(egui::Memory::focused) {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ctx.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
}

/// Paints the ring around what has the focus, and tells when something gained it, or nothing has it any more. To be
/// called once everything of a frame has been shown.
#[must_use]
pub fn show_focus(ctx: &egui::Context, model: &Model) -> Option<Event> {
    let focused = ctx.memory(egui::Memory::focused);
    if let Some(response) = focused.and_then(|id| ctx.read_response(id)) {
        let is_tile = response.id == tile();
        let place = if is_tile { response.rect.shrink(2.0 * AROUND) } else { response.rect.expand(AROUND) };
        let radius = if is_tile { theme::RADIUS[2] } else { theme::RADIUS[1].min(place.height() / 2.0) };
        let painter = ctx.layer_painter(response.layer_id).with_clip_rect(seen(&response));
        ring(&painter, place, radius);
    }
    let event = (focused.is_some() != model.focused()).then_some(Event::Focus(focused.is_some()));
    if event.is_some() {
        // The controls it wakes are painted with the next frame.
        ctx.request_repaint_after(SOON);
    }
    event
}

/// Where a ring may be painted: not beyond what cuts the control off, such as the edge of a sheet that scrolls.
fn seen(response: &egui::Response) -> Rect {
    let cut = response.interact_rect;
    if cut == response.rect { Rect::EVERYTHING } else { cut.expand(2.0 * AROUND) }
}

/// The accent on a dark outline, so that it is seen on any picture.
fn ring(painter: &egui::Painter, place: Rect, radius: f32) {
    let width = theme::ring();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a radius of at most 14")]
    let corner = CornerRadius::same((radius + AROUND) as u8);
    painter.rect_stroke(place, corner, Stroke::new(width + 3.0, theme::RING_OUTLINE), StrokeKind::Middle);
    painter.rect_stroke(place, corner, Stroke::new(width, theme::ACCENT), StrokeKind::Middle);
}
