//! Icons, drawn in strokes on a grid of 24 so that they scale with the window.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use eframe::egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke, Vec2};

use super::theme;

/// A pen on a 24 × 24 grid laid over `rect`.
struct Pen<'p> {
    painter: &'p Painter,
    rect: Rect,
    stroke: Stroke,
}

impl<'p> Pen<'p> {
    fn new(painter: &'p Painter, center: Pos2, size: f32, color: Color32) -> Self {
        let rect = Rect::from_center_size(center, Vec2::splat(size));
        Self { painter, rect, stroke: Stroke::new(theme::ICON_STROKE * size / theme::ICON, color) }
    }

    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        self.rect.min + self.rect.size() * Vec2::new(x, y) / 24.0
    }

    fn line(&self, points: &[(f32, f32)]) {
        self.painter.add(Shape::line(points.iter().map(|&point| self.at(point)).collect(), self.stroke));
    }

    fn closed(&self, points: &[(f32, f32)]) {
        self.painter.add(Shape::closed_line(points.iter().map(|&point| self.at(point)).collect(), self.stroke));
    }

    fn filled(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&point| self.at(point)).collect();
        self.painter.add(Shape::convex_polygon(points, self.stroke.color, Stroke::NONE));
    }

    fn circle(&self, center: (f32, f32), radius: f32) {
        self.painter.circle_stroke(self.at(center), radius * self.rect.width() / 24.0, self.stroke);
    }

    fn arc(&self, center: (f32, f32), radius: f32, from: f32, to: f32) {
        self.line(&arc(center, radius, from, to));
    }

    /// The same pen with a stroke that can still be seen where the icon is as small as a letter.
    fn small(mut self) -> Self {
        self.stroke.width = self.stroke.width.max(SMALL_STROKE);
        self
    }
}

/// The least width of a stroke in a small icon.
const SMALL_STROKE: f32 = 1.4;

/// A battery that is nearly empty.
pub(super) fn battery(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color).small();
    pen.closed(&[(2.0, 7.0), (19.0, 7.0), (19.0, 17.0), (2.0, 17.0)]);
    pen.line(&[(22.5, 10.5), (22.5, 13.5)]);
    pen.filled(&[(4.5, 9.5), (8.5, 9.5), (8.5, 14.5), (4.5, 14.5)]);
}

/// Points on a circle, from one angle to another.
fn arc(center: (f32, f32), radius: f32, from: f32, to: f32) -> Vec<(f32, f32)> {
    const STEPS: usize = 16;
    #[expect(clippy::cast_precision_loss, reason = "sixteen steps")]
    let angles = (0..=STEPS).map(|i| from + (to - from) * i as f32 / STEPS as f32);
    angles.map(|angle| (center.0 + radius * angle.cos(), center.1 + radius * angle.sin())).collect()
}

const SPEAKER: [(f32, f32); 6] = [(4.0, 9.0), (8.0, 9.0), (13.0, 5.0), (13.0, 19.0), (8.0, 15.0), (4.0, 15.0)];

/// A loudspeaker with waves.
pub(super) fn sound_on(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.closed(&SPEAKER);
    pen.arc((13.5, 12.0), 4.0, -0.9, 0.9);
    pen.arc((13.5, 12.0), 7.5, -0.9, 0.9);
}

/// A loudspeaker, crossed out.
pub(super) fn sound_off(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.closed(&SPEAKER);
    pen.line(&[(16.5, 9.5), (21.5, 14.5)]);
    pen.line(&[(21.5, 9.5), (16.5, 14.5)]);
}

/// A triangle.
pub(super) fn play(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    Pen::new(painter, center, size, color).filled(&[(8.0, 5.0), (19.5, 12.0), (8.0, 19.0)]);
}

/// An arrow that comes back to where it began.
pub(super) fn replay(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.arc((12.0, 12.5), 7.5, -FRAC_PI_2 - 0.15, PI + 0.25);
    pen.filled(&[(12.2, 0.9), (12.2, 9.1), (6.4, 5.0)]);
}

/// A ring with an exclamation mark.
pub(super) fn problem(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.circle((12.0, 12.0), 9.0);
    pen.line(&[(12.0, 7.5), (12.0, 13.0)]);
    pen.line(&[(12.0, 16.2), (12.0, 16.6)]);
}

/// A triangle with an exclamation mark, as small as a letter.
pub(super) fn alert(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color).small();
    pen.closed(&[(12.0, 2.8), (22.4, 21.0), (1.6, 21.0)]);
    pen.line(&[(12.0, 9.4), (12.0, 14.4)]);
    pen.line(&[(12.0, 17.2), (12.0, 17.8)]);
}

/// A ring with a tick.
pub(super) fn done(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.circle((12.0, 12.0), 9.0);
    pen.line(&[(8.0, 12.4), (11.0, 15.4), (16.2, 9.2)]);
}

/// A ring with a tick, as small as a letter.
pub(super) fn ready(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color).small();
    pen.circle((12.0, 12.0), 10.0);
    pen.line(&[(7.4, 12.4), (10.7, 15.6), (16.6, 8.8)]);
}

/// A ring of which a share is drawn, clockwise from the top.
pub(super) fn partial(painter: &Painter, center: Pos2, size: f32, faint: Color32, color: Color32, share: f32) {
    Pen::new(painter, center, size, faint).small().circle((12.0, 12.0), 10.0);
    Pen::new(painter, center, size, color).small().arc((12.0, 12.0), 10.0, -FRAC_PI_2, -FRAC_PI_2 + TAU * share.clamp(0.0, 1.0));
}

/// A cloud.
pub(super) fn cloud(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    Pen::new(painter, center, size, color).small().closed(&cloud_outline());
}

/// A cloud, crossed out.
pub(super) fn offline(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color).small();
    pen.closed(&cloud_outline());
    pen.line(&[(4.0, 3.5), (20.5, 21.5)]);
}

fn cloud_outline() -> Vec<(f32, f32)> {
    let degrees = f32::to_radians;
    let bumps = [((7.0, 14.7), 4.3, 90.0, 262.0), ((12.2, 10.8), 5.4, 192.0, 368.0), ((17.6, 15.2), 3.8, 268.0, 450.0)];
    bumps.into_iter().flat_map(|(center, radius, from, to)| arc(center, radius, degrees(from), degrees(to))).collect()
}

/// An empty frame of film.
pub(super) fn empty(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.closed(&[(6.0, 3.0), (18.0, 3.0), (18.0, 21.0), (6.0, 21.0)]);
    pen.line(&[(10.0, 9.5), (14.5, 12.0), (10.0, 14.5), (10.0, 9.5)]);
}

/// An arrow up, as small as a letter.
pub(super) fn up(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color).small();
    pen.line(&[(12.0, 20.0), (12.0, 4.5)]);
    pen.line(&[(5.5, 11.0), (12.0, 4.5), (18.5, 11.0)]);
}

/// An eye, crossed out.
pub(super) fn hidden(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    let lid = |above: f32| arc((12.0, 12.0 + above * 6.0), 11.7, above.mul_add(-FRAC_PI_2, -0.93), above.mul_add(-FRAC_PI_2, 0.93));
    pen.line(&lid(1.0));
    pen.line(&lid(-1.0));
    pen.circle((12.0, 12.0), 3.2);
    pen.line(&[(4.5, 4.0), (19.5, 20.0)]);
}

/// A frame of film in broken lines: what was there.
pub(super) fn gone(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    for corner in [[(6.0, 7.0), (6.0, 3.0), (10.0, 3.0)], [(14.0, 3.0), (18.0, 3.0), (18.0, 7.0)]] {
        pen.line(&corner);
        pen.line(&corner.map(|(x, y)| (x, 24.0 - y)));
    }
    pen.line(&[(9.5, 9.5), (14.5, 14.5)]);
    pen.line(&[(14.5, 9.5), (9.5, 14.5)]);
}

/// A heart: filled, or its outline.
pub(super) fn heart(painter: &Painter, center: Pos2, size: f32, color: Color32, filled: bool) {
    let pen = Pen::new(painter, center, size, color);
    let degrees = f32::to_radians;
    let mut points = arc((7.6, 8.9), 4.9, degrees(160.0), degrees(334.0));
    points.extend(arc((16.4, 8.9), 4.9, degrees(206.0), degrees(380.0)));
    points.extend([(19.3, 13.6), (16.2, 16.7), (12.0, 20.2), (7.8, 16.7), (4.7, 13.6)]);
    if filled {
        // Seen from its middle no part hides another: a fan fills it, which a convex polygon would not.
        let mut mesh = Mesh::default();
        mesh.colored_vertex(pen.at((12.0, 12.5)), color);
        for &point in &points {
            mesh.colored_vertex(pen.at(point), color);
        }
        let count = u32::try_from(points.len()).unwrap_or(0);
        for at in 0..count {
            mesh.add_triangle(0, at + 1, (at + 1) % count + 1);
        }
        painter.add(mesh);
    }
    pen.closed(&points);
}

/// Lines of text in a frame.
pub(super) fn captions(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.closed(&[(3.0, 6.5), (3.6, 5.7), (20.4, 5.7), (21.0, 6.5), (21.0, 17.5), (20.4, 18.3), (3.6, 18.3), (3.0, 17.5)]);
    for line in [[(7.0, 14.2), (12.0, 14.2)], [(14.6, 14.2), (17.0, 14.2)], [(7.0, 10.6), (9.4, 10.6)], [(12.0, 10.6), (17.0, 10.6)]] {
        pen.line(&line);
    }
}

/// A clock.
pub(super) fn speed(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.circle((12.0, 12.0), 9.0);
    pen.line(&[(12.0, 7.0), (12.0, 12.0), (15.4, 14.0)]);
}

/// Two links of a chain.
pub(super) fn link(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    let degrees = f32::to_radians;
    // Each link is half a ring at its far end and two straight sides toward the other one, at 45 degrees.
    for (turn, x, y) in [(0.0, 16.2, 7.8), (180.0, 7.8, 16.2)] {
        let mut points = arc((x, y), 3.9, degrees(turn - 135.0), degrees(turn + 45.0));
        let (dx, dy) = (degrees(turn + 135.0).cos() * 3.6, degrees(turn + 135.0).sin() * 3.6);
        points.insert(0, (points[0].0 + dx, points[0].1 + dy));
        let last = points[points.len() - 1];
        points.push((last.0 + dx, last.1 + dy));
        pen.line(&points);
    }
    pen.line(&[(9.4, 14.6), (14.6, 9.4)]);
}

/// Three dots.
pub(super) fn more(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    for x in [5.0, 12.0, 19.0] {
        painter.circle_filled(pen.at((x, 12.0)), 1.9 * size / 24.0, color);
    }
}
