//! Tiles that make one wait: loading, looking for more, out of bytes; and why, for who asks.

use eframe::egui::{Align, Pos2, Rect, Vec2};

use super::parts::Frame;
use crate::app::{Cause, Event, Intent, why_slow};
use crate::feed::Item;
use crate::preload::plan::Limit;
use crate::ui::text::lay_out;
use crate::ui::theme;
use crate::words::{slow, tile as words};

/// Room around words on a dark ground.
const AROUND: Vec2 = Vec2::new(14.0, 7.0);

pub(super) fn loading(frame: &mut Frame<'_>, sweeps: bool) {
    if sweeps {
        frame.sweep();
    }
    why(frame, frame.middle());
}

pub(super) fn page(frame: &mut Frame<'_>) {
    let below = frame.message(None, words::LOADING_PAGE, "");
    frame.sweep();
    why(frame, below + 16.0);
}

pub(super) fn buffering(frame: &mut Frame<'_>, item: Option<&Item>, slow: bool) {
    if !slow {
        return;
    }
    frame.sweep();
    let tile = item.and_then(|item| frame.model.tile(&item.id));
    let said = match tile.and_then(|tile| tile.in_hand) {
        Some(in_hand) => words::buffering(in_hand.missing(), in_hand.percent()),
        None => words::BUFFERING.to_owned(),
    };
    let ground = ground(frame, frame.middle(), &said, AROUND.y * 2.0);
    why(frame, ground.bottom() + 10.0);
}

/// Offers to say why one waits, and says it.
fn why(frame: &mut Frame<'_>, y: f32) {
    if frame.index != frame.model.feed().index() || frame.model.is_moving() || !frame.model.may_ask_why(frame.now) {
        return;
    }
    let asks = frame.model.asks_why();
    let name = if asks { slow::HIDE } else { slow::WHY };
    let place = ground(frame, y, name, AROUND.y * 2.0);
    let response = frame.button(place.expand(6.0), name);
    if response.hovered() || response.has_focus() {
        frame.painter().rect_filled(place, place.height() / 2.0, theme::BUTTON_HOVER);
    }
    if response.clicked() {
        frame.view.events.push(Event::Intent(Intent::Why));
    }
    if asks {
        let causes: Vec<String> = why_slow(frame.model, frame.index, frame.now).iter().map(told).collect();
        ground(frame, place.bottom() + 10.0, &causes.join("\n"), 2.0 * theme::RADIUS[0]);
    }
}

/// Words in the middle on a dark ground whose top is at `top`; returns the ground. `rounded` is twice its corners' radius
/// at most.
fn ground(frame: &Frame<'_>, top: f32, text: &str, rounded: f32) -> Rect {
    let painter = frame.painter();
    let width = (frame.rect.width() - 2.0 * theme::MARGIN - 2.0 * AROUND.x).min(400.0);
    let galley = lay_out(&painter, text, theme::small(), theme::INK, width, 6, Align::Center);
    let size = galley.size() + 2.0 * AROUND;
    let place = Rect::from_min_size(Pos2::new(frame.rect.center().x - size.x / 2.0, top), size);
    painter.rect_filled(place, (size.y / 2.0).min(rounded), theme::PILL);
    painter.galley(Pos2::new(frame.rect.center().x, top + AROUND.y), galley, theme::INK);
    place
}

/// A cause in words.
fn told(cause: &Cause) -> String {
    match cause {
        Cause::Server { asked_for, round_trip } => slow::server(*asked_for, *round_trip),
        Cause::Rested { failures } => slow::rested(*failures),
        Cause::Offline => slow::OFFLINE.to_owned(),
        Cause::Line { carries, needs } => slow::line(*carries, *needs),
        Cause::Decoding { since } => slow::decoding(*since),
        Cause::Starting { since } => slow::starting(*since),
        Cause::Disk { asked_for } => slow::disk(*asked_for),
        Cause::Queue { before } => slow::queue(*before),
        Cause::NotReadied(Limit::Battery(percent)) => slow::battery(*percent),
        Cause::NotReadied(Limit::PowerSaver) => slow::POWER_SAVER.to_owned(),
        Cause::NotReadied(Limit::Memory) => slow::NO_MEMORY.to_owned(),
        Cause::Page { asked_for } => slow::page(*asked_for),
    }
}
