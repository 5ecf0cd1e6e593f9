//! What is drawn rather than written: the last swipes as bars, and the display frames as they come.

use std::time::Duration;

use eframe::egui::{Mesh, Pos2, Rect, Vec2};

use super::sheet::snapped;
use crate::app::{Class, Model};
use crate::ui::theme;

/// The column at which the bars of the swipes end, and the one at which the graph of the frames begins beside them.
pub(super) const SWIPES_END: usize = 19;
pub(super) const FRAMES_BEGIN: usize = 22;
/// The frame time at the top of the graph.
const FRAME_TOP_MS: f32 = 40.0;
/// Width of one display frame, in points.
const FRAME_WIDTH: f32 = 2.0;
/// A frame that took longer than so many display periods is jank.
const JANK_PERIODS: f32 = 1.5;
/// Swipes that are shown.
const SWIPES: usize = 32;
/// The latency at the top of the swipes. They lie between one millisecond and two seconds: height is its logarithm.
const SWIPE_TOP_MS: f32 = 1000.0;
/// Thickness of lines.
const LINE: f32 = 1.0;

/// Adds the last swipes to `mesh`, newest at the right, in the colour of what was ready; the line is one display period.
pub(super) fn swipes(mesh: &mut Mesh, model: &Model, period: Duration, place: Rect, pixels_per_point: f32) {
    let height = |time: Duration| place.height() * ((1.0 + time.as_secs_f32() * 1000.0).ln() / (1.0 + SWIPE_TOP_MS).ln()).min(1.0);
    let mut add = |area: Rect, color| mesh.add_colored_rect(snapped(area, pixels_per_point), color);
    #[expect(clippy::cast_precision_loss, reason = "thirty-two bars")]
    let width = place.width() / SWIPES as f32;
    let mut right = place.right();
    for (class, took) in model.figures().recent.iter().rev().take(SWIPES) {
        let color = match class {
            Class::Warm => theme::ACCENT,
            Class::Cached => theme::INK,
            Class::Cold => theme::WARNING,
        };
        let top = place.bottom() - height(*took).max(LINE);
        add(Rect::from_min_max(Pos2::new(right - width + LINE, top), Pos2::new(right, place.bottom())), color);
        right -= width;
    }
    let y = place.bottom() - height(period);
    add(Rect::from_min_max(Pos2::new(place.left(), y - LINE), Pos2::new(place.right(), y)), theme::INK_FAINT);
    add(Rect::from_min_max(Pos2::new(place.left(), place.bottom()), Pos2::new(place.right(), place.bottom() + LINE)), theme::INK_FAINT);
}

/// Time from one display frame to the next, newest at the right, and in it the time of the UI thread; the line is one
/// display period. `mesh` is used again from frame to frame, so that none of them makes a new one.
pub(super) fn frames(mesh: &mut Mesh, model: &Model, period: Duration, place: Rect, pixels_per_point: f32) {
    let y = |time: Duration| place.bottom() - (time.as_secs_f32() * 1000.0 / FRAME_TOP_MS).min(1.0) * place.height();
    mesh.clear();
    let mut add = |left: f32, right: f32, top: f32, bottom: f32, color| {
        let area = Rect::from_min_max(Pos2::new(left, top), Pos2::new(right, bottom));
        mesh.add_colored_rect(snapped(area, pixels_per_point), color);
    };
    let mut right = place.right();
    for shape in model.figures().shapes.iter().rev() {
        let left = right - FRAME_WIDTH;
        if left < place.left() {
            break;
        }
        let janky = shape.moving && shape.interval > period.mul_f32(JANK_PERIODS);
        let work = y(shape.work);
        add(left, right, y(shape.interval), work, if janky { theme::WARNING } else { theme::INK_FAINT });
        add(left, right, work, place.bottom(), theme::ACCENT);
        right = left;
    }
    add(place.left(), place.right(), y(period) - LINE, y(period), theme::INK_SECOND);
    add(place.left(), place.right(), place.bottom(), place.bottom() + LINE, theme::INK_FAINT);
}

/// All that a graph at `place` is painted on: its lowest line lies below it.
pub(super) fn ground(place: Rect) -> Rect {
    Rect::from_min_max(place.min, place.max + Vec2::new(0.0, LINE))
}
