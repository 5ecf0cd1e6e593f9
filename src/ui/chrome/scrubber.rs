//! The hairline of progress at the bottom; under the pointer it grows into a scrubber with times and a preview.

use std::time::Duration;

use eframe::egui::{self, Align2, Pos2, Rect, Sense, StrokeKind, TextureHandle, TextureOptions, Vec2, WidgetInfo, accesskit};

use super::pill;
use crate::app::{Event, Intent, Model, TileState};
use crate::feed::Item;
use crate::ui::feed_view::FeedView;
use crate::ui::theme;
use crate::words::controls as words;
use crate::words::playing::clock;

/// How near the pointer has to come to the line to wake it.
const REACH: f32 = 18.0;
/// The handle, and one that is held.
const HANDLE: f32 = 6.0;
const HANDLE_HELD: f32 = 8.0;
/// From the bottom to the middle of the time under the pointer, and to the bottom of the preview.
const TIME_ABOVE: f32 = 34.0;
const PREVIEW_ABOVE: f32 = 54.0;
/// A drag that moves by less than this share of the clip seeks nothing.
const LEAST_MOVE: f32 = 0.001;
/// One step of a screen reader.
const STEP: Duration = Duration::from_secs(5);

/// Shows it for the current item; whether it is being used, so that what stands above it makes room.
pub(super) fn show(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, item: &Item, rect: Rect, visible: Rect, now: Duration) -> bool {
    let Some(duration) = model.duration_of(item).filter(|duration| !duration.is_zero()) else { return false };
    let position = model.position_of(item, now);
    let reach = Rect::from_min_max(Pos2::new(rect.left(), rect.bottom() - REACH), rect.max).intersect(visible);
    let id = ui.scope_id().with("progress");
    let response = ui.interact(reach, id, Sense::click_and_drag()).on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::slider(true, position.as_secs_f64().round(), words::POSITION));
    if response.has_focus() {
        // ← and → seek, as they do everywhere, instead of taking the focus elsewhere.
        let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    let held = response.dragged();
    let awake = (response.hovered() || held) && !model.is_moving();
    let at = response.interact_pointer_pos().or_else(|| response.hover_pos()).filter(|_| awake || response.drag_stopped());
    let under = at.map(|at| ((at.x - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0));
    let played = (position.as_secs_f32() / duration.as_secs_f32()).clamp(0.0, 1.0);
    let share = under.filter(|_| held).unwrap_or(played);
    seek(ui, view, &response, under, (position, duration));

    let painter = ui.painter_at(visible);
    let height = if awake || response.has_focus() { theme::HAIRLINE_AWAKE } else { theme::HAIRLINE };
    let track = Rect::from_min_max(Pos2::new(rect.left(), rect.bottom() - height), rect.max);
    // What waits says so where the line would be.
    let waits = matches!(model.tile_state(model.feed().index(), now), TileState::Buffering { slow: true });
    if awake || !waits {
        painter.rect_filled(track, 0.0, theme::seen(theme::TRACK));
        painter.rect_filled(Rect::from_min_size(track.min, Vec2::new(track.width() * share, height)), 0.0, theme::INK);
    }
    let Some(under) = under.filter(|_| awake) else { return false };
    let radius = if held { HANDLE_HELD } else { HANDLE };
    let handle = (track.left() + track.width() * share).clamp(track.left() + radius, track.right() - radius);
    painter.circle_filled(Pos2::new(handle, (track.center().y).min(rect.bottom() - radius)), radius, theme::INK);
    times(&painter, rect, if held { duration.mul_f32(under) } else { position }, duration);
    preview(ui, view, model, rect, under, duration.mul_f32(under));
    true
}

/// Seeks to where the pointer is: near it while it moves, exactly when it lets go.
fn seek(ui: &egui::Ui, view: &mut FeedView, response: &egui::Response, under: Option<f32>, (position, duration): (Duration, Duration)) {
    let sought = response.id.with("sought");
    if let Some(under) = under {
        if response.clicked() || response.drag_stopped() {
            ui.data_mut(|data| data.remove::<f32>(sought));
            view.events.push(Event::Intent(Intent::Seek(f64::from(under))));
        } else if response.dragged() {
            let before = ui.data(|data| data.get_temp::<f32>(sought));
            if before.is_none_or(|before| (before - under).abs() >= LEAST_MOVE) {
                ui.data_mut(|data| data.insert_temp(sought, under));
                view.events.push(Event::Intent(Intent::Scrub(f64::from(under))));
            }
        }
    }
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) > 0;
    let wanted = match (asked(accesskit::Action::Increment), asked(accesskit::Action::Decrement)) {
        (true, _) => position + STEP,
        (_, true) => position.saturating_sub(STEP),
        _ => return,
    };
    view.events.push(Event::Intent(Intent::Seek((wanted.as_secs_f64() / duration.as_secs_f64()).min(1.0))));
}

/// How far it is, and how long, above the ends of the line.
fn times(painter: &egui::Painter, rect: Rect, position: Duration, duration: Duration) {
    let y = rect.bottom() - TIME_ABOVE;
    let ends = [
        (rect.left() + theme::MARGIN, Align2::LEFT_CENTER, clock(position)),
        (rect.right() - theme::MARGIN, Align2::RIGHT_CENTER, clock(duration)),
    ];
    for (x, anchor, text) in ends {
        painter.text(Pos2::new(x, y + 1.0), anchor, &text, theme::figures(), theme::SHADOW);
        painter.text(Pos2::new(x, y), anchor, text, theme::figures(), theme::INK);
    }
}

/// The time under the pointer, and above it the picture that is known to be near it, if any.
fn preview(ui: &egui::Ui, view: &mut FeedView, model: &Model, rect: Rect, under: f32, at: Duration) {
    let painter = ui.painter_at(rect);
    // Between the two times at the ends.
    let inside = |half: f32| {
        let (left, right) = (rect.left() + theme::MARGIN + half, rect.right() - theme::MARGIN - half);
        (rect.left() + rect.width() * under).clamp(left.min(right), right.max(left))
    };
    pill(&painter, Pos2::new(inside(76.0), rect.bottom() - TIME_ABOVE), &clock(at), 1.0);
    // While the pointer stays at the line the player may be asked for the next place at once.
    let wish = model.current_generation().and_then(|generation| view.previews.wish(generation, at));
    view.looks_at = wish.or(model.looks_at());
    let known = model.current_generation().and_then(|generation| Some((generation, view.previews.near(generation, at)?)));
    let Some((generation, (time, image))) = known else { return };
    let texture_id = egui::Id::unique("preview");
    let kept = ui.data(|data| data.get_temp::<(u64, Duration, TextureHandle)>(texture_id));
    let kept = kept.filter(|(of, when, _)| (*of, *when) == (generation.0, time)).map(|(.., texture)| texture);
    let texture = kept.unwrap_or_else(|| {
        let texture = ui.ctx().load_texture("preview", (**image).clone(), TextureOptions::LINEAR);
        ui.data_mut(|data| data.insert_temp(texture_id, (generation.0, time, texture.clone())));
        texture
    });
    let size = texture.size_vec2();
    let center = Pos2::new(inside(size.x / 2.0), rect.bottom() - PREVIEW_ABOVE - size.y / 2.0);
    let place = Rect::from_center_size(center, size);
    let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    let shape = egui::epaint::RectShape::filled(place, theme::RADIUS[2], theme::INK).with_texture(texture.id(), whole);
    painter.add(shape);
    painter.rect_stroke(place, theme::RADIUS[2], (1.5, theme::INK_SECOND), StrokeKind::Outside);
}
