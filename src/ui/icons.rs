//! Icons, drawn in strokes on a grid of 24 so that they scale with the window.

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
        const STEPS: usize = 16;
        #[expect(clippy::cast_precision_loss, reason = "sixteen steps")]
        let points = (0..=STEPS).map(|i| from + (to - from) * i as f32 / STEPS as f32);
        let points: Vec<_> = points.map(|angle| (center.0 + radius * angle.cos(), center.1 + radius * angle.sin())).collect();
        self.line(&points);
    }
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

/// A ring with a tick.
pub(super) fn done(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.circle((12.0, 12.0), 9.0);
    pen.line(&[(8.0, 12.4), (11.0, 15.4), (16.2, 9.2)]);
}

/// An empty frame of film.
pub(super) fn empty(painter: &Painter, center: Pos2, size: f32, color: Color32) {
    let pen = Pen::new(painter, center, size, color);
    pen.closed(&[(6.0, 3.0), (18.0, 3.0), (18.0, 21.0), (6.0, 21.0)]);
    pen.line(&[(10.0, 9.5), (14.5, 12.0), (10.0, 14.5), (10.0, 9.5)]);
}
