//! The heart that pops where somebody liked by a double click. A few triangles: nothing is painted while there is none.

use std::f32::consts::TAU;
use std::time::Duration;

use eframe::egui::{self, Color32, Mesh, Pos2, Rect, Shape, Stroke, Vec2};

use super::theme;
use crate::app::{Heart, Model};

/// Its width in points once it has popped.
const WIDTH: f32 = 96.0;
/// How far it rises while it goes, in points.
const RISE: f32 = 28.0;
/// Shares of its time: until then it pops, and from then on it goes.
const POPS_UNTIL: f32 = 0.3;
const GOES_FROM: f32 = 0.6;
/// How hard it overshoots its size: by a tenth.
const OVERSHOOT: f32 = 1.7;
/// Points of its outline.
const OUTLINE: usize = 40;
/// Width of its soft edge.
const EDGE: f32 = 1.5;

/// Paints the heart, while there is one.
pub(super) fn show(ui: &egui::Ui, model: &Model, screen: Rect, now: Duration) {
    let Some(Heart { at: (x, y), age }) = model.heart(now) else { return };
    #[expect(clippy::cast_possible_truncation, reason = "a place in points")]
    let at = screen.min + Vec2::new(x as f32, y as f32);
    let (scale, strength) = (scale(age), strength(age));
    let center = at - Vec2::new(0.0, RISE * (1.0 - strength));
    let painter = ui.painter_at(screen);
    painter.extend(shapes(center + Vec2::new(0.0, 2.0), WIDTH * scale, theme::faded(theme::SHADOW, strength)));
    painter.extend(shapes(center, WIDTH * scale, theme::faded(theme::LIKED, strength)));
}

/// Its size: from nothing past its own and back.
fn scale(age: f32) -> f32 {
    let left = 1.0 - (age / POPS_UNTIL).min(1.0);
    1.0 + OVERSHOOT * left.powi(2) - (1.0 + OVERSHOOT) * left.powi(3)
}

/// How much of it is there: it fades at its end.
fn strength(age: f32) -> f32 {
    1.0 - ((age - GOES_FROM) / (1.0 - GOES_FROM)).clamp(0.0, 1.0)
}

/// A heart of this width around `center`.
fn shapes(center: Pos2, width: f32, color: Color32) -> [Shape; 2] {
    let outline: Vec<Pos2> = (0..OUTLINE).map(|step| center + width * outline_at(step)).collect();
    // egui fills convex shapes alone; every point of a heart is seen from its middle.
    let mut mesh = Mesh::default();
    mesh.colored_vertex(center, color);
    let mut before = u32::try_from(OUTLINE).unwrap_or(0);
    for (vertex, point) in (1..).zip(&outline) {
        mesh.colored_vertex(*point, color);
        mesh.add_triangle(0, before, vertex);
        before = vertex;
    }
    [Shape::mesh(mesh), Shape::closed_line(outline, Stroke::new(EDGE, color))]
}

/// A point of the outline of a heart that is 1 wide, from its middle.
fn outline_at(step: usize) -> Vec2 {
    #[expect(clippy::cast_precision_loss, reason = "forty steps")]
    let angle = step as f32 / OUTLINE as f32 * TAU;
    let (sin, cos) = angle.sin_cos();
    let cos_of = |times: f32| (times * angle).cos();
    let (x, y) = (16.0 * sin.powi(3), 13.0 * cos - 5.0 * cos_of(2.0) - 2.0 * cos_of(3.0) - cos_of(4.0));
    Vec2::new(x, -y) / 32.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heart_pops_past_its_size_stands_and_fades() {
        assert!(scale(0.0) < 0.01 && scale(POPS_UNTIL * 0.7) > 1.05);
        assert!((scale(POPS_UNTIL) - 1.0).abs() < 1e-3 && (scale(1.0) - 1.0).abs() < 1e-3);
        assert_eq!((strength(0.0), strength(GOES_FROM), strength(1.0)), (1.0, 1.0, 0.0));
    }

    #[test]
    fn it_is_as_wide_as_it_says_and_points_down() {
        let points: Vec<Vec2> = (0..OUTLINE).map(outline_at).collect();
        let of =
            |side: fn(&Vec2) -> f32| points.iter().map(side).fold((f32::MAX, f32::MIN), |(least, most), at| (least.min(at), most.max(at)));
        let ((left, right), (top, bottom)) = (of(|point| point.x), of(|point| point.y));
        assert!((right - left - 1.0).abs() < 0.01, "{left} to {right}");
        let tip = points.iter().find(|point| (point.y - bottom).abs() < 1e-4).unwrap();
        assert!(tip.x.abs() < 0.01 && bottom > -top, "the tip is at {tip:?}");
    }
}
