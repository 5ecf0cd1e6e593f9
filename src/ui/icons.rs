//! Icons, drawn in strokes on a grid of 24 so that they scale with the window.

use std::f32::consts::{FRAC_PI_2, TAU};

use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2};

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
