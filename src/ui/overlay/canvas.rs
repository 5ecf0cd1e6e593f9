//! A picture of the overlay that is painted on the UI thread, a few times a second, and laid over the video as one: a
//! thousand letters in every display frame cost a renderer without a graphics card more than the video does.

use std::ops::Range;

use eframe::egui::epaint::WHITE_UV;
use eframe::egui::{Color32, ColorImage, Galley, Mesh, Pos2, Rect, Vec2};

use crate::ui::surface::Patch;

/// Pixels of a part of the window, as egui has colours: red, green and blue multiplied by their cover.
#[derive(Default)]
pub(super) struct Canvas {
    /// The top left corner in pixels of the window.
    origin: (i32, i32),
    size: (usize, usize),
    pixels_per_point: f32,
    pixels: Vec<Color32>,
}

/// A range of pixels in a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Canvas {
    /// Begins anew for `place`, without a colour anywhere.
    pub fn begin(&mut self, place: Rect, pixels_per_point: f32) {
        let pixel = |points: f32| whole(points * pixels_per_point);
        let (left, top, right, bottom) = (pixel(place.left()), pixel(place.top()), pixel(place.right()), pixel(place.bottom()));
        self.origin = (left, top);
        self.size = (length(right - left), length(bottom - top));
        self.pixels_per_point = pixels_per_point;
        self.pixels.clear();
        self.pixels.resize(self.size.0 * self.size.1, Color32::TRANSPARENT);
    }

    /// The top left corner in pixels of the window.
    pub fn origin(&self) -> (i32, i32) {
        self.origin
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// The rows that lie between corners of `radius` points.
    pub fn between_corners(&self, radius: f32) -> Range<usize> {
        let corner = length(whole((radius * self.pixels_per_point).ceil()));
        corner..self.size.1.saturating_sub(corner).max(corner)
    }

    /// Lays a colour over a rectangle (in points of the window, its edges moved to whole pixels) with round corners.
    pub fn fill(&mut self, place: Rect, radius: f32, color: Color32) {
        let area = self.area(place);
        let radius = radius * self.pixels_per_point;
        let corner = length(whole(radius.ceil()));
        for y in area.top..area.bottom {
            let from_edge = (y - area.top).min(area.bottom - 1 - y);
            let row = &mut self.pixels[y * self.size.0..][area.left..area.right];
            let width = row.len();
            for (x, pixel) in row.iter_mut().enumerate() {
                let from_side = x.min(width - 1 - x);
                let covered = if from_edge < corner && from_side < corner { corner_cover(radius, from_side, from_edge) } else { 1.0 };
                *pixel = over(*pixel, if covered < 1.0 { color.gamma_multiply(covered) } else { color });
            }
        }
    }

    /// Puts a colour into a rectangle in place of what is there.
    pub fn clear(&mut self, place: Rect, color: Color32) {
        let area = self.area(place);
        for y in area.top..area.bottom {
            self.pixels[y * self.size.0..][area.left..area.right].fill(color);
        }
    }

    /// Paints rectangles of one colour each, as [`Mesh::add_colored_rect`] makes them.
    pub fn bars(&mut self, mesh: &Mesh) {
        for quad in mesh.vertices.chunks_exact(4) {
            self.fill(Rect::from_min_max(quad[0].pos, quad[3].pos), 0.0, quad[0].color);
        }
    }

    /// Paints text with its top left corner at `at`, all of it in `color` or as it was laid out. `atlas` holds the letters.
    pub fn text(&mut self, at: Pos2, galley: &Galley, color: Option<Color32>, atlas: &ColorImage) {
        // As egui does: the whole text begins on a pixel, and so does each letter in it.
        let at = ((at.to_vec2() * self.pixels_per_point).round() / self.pixels_per_point).to_pos2();
        for row in &galley.rows {
            let corner = at.to_vec2() + row.pos.to_vec2();
            let letters = row.visuals.glyph_vertex_range.clone();
            for quad in row.visuals.mesh.vertices.get(letters).unwrap_or_default().chunks_exact(4) {
                let (first, last) = (quad[0], quad[3]);
                if first.uv == WHITE_UV {
                    continue;
                }
                self.letter(first.pos + corner, (first.uv, last.uv), color.unwrap_or(first.color), atlas);
            }
        }
    }

    /// One letter: texels of the atlas are pixels.
    fn letter(&mut self, at: Pos2, (from, to): (Pos2, Pos2), color: Color32, atlas: &ColorImage) {
        let (left, top) = (whole(at.x * self.pixels_per_point) - self.origin.0, whole(at.y * self.pixels_per_point) - self.origin.1);
        let (u, v) = (length(whole(from.x)), length(whole(from.y)));
        let (width, height) = (length(whole(to.x - from.x)), length(whole(to.y - from.y)));
        for line in 0..height {
            let (Some(y), true) = (inside(top, line, self.size.1), v + line < atlas.height()) else { continue };
            let texels = &atlas.pixels[(v + line) * atlas.width()..][..atlas.width()];
            let row = &mut self.pixels[y * self.size.0..][..self.size.0];
            for column in 0..width {
                let (Some(x), Some(texel)) = (inside(left, column, self.size.0), texels.get(u + column)) else { continue };
                if texel.a() > 0 {
                    row[x] = over(row[x], times(color, *texel));
                }
            }
        }
    }

    /// All of it, or the part of it that lies in `place`, to be uploaded.
    pub fn patch(&self, place: Option<Rect>) -> Patch {
        let all = Area { left: 0, top: 0, right: self.size.0, bottom: self.size.1 };
        let area = place.map_or(all, |place| self.area(place));
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        let mut pixels = Vec::with_capacity(width * height);
        for y in area.top..area.bottom {
            pixels.extend_from_slice(&self.pixels[y * self.size.0..][area.left..area.right]);
        }
        Patch { at: (area.left, area.top), size: (width, height), pixels }
    }

    /// The pixels of a rectangle in points of the window, as far as they are in the canvas.
    fn area(&self, place: Rect) -> Area {
        let pixel = |points: f32, origin: i32, most: usize| length(whole(points * self.pixels_per_point).saturating_sub(origin)).min(most);
        let (left, top) = (pixel(place.left(), self.origin.0, self.size.0), pixel(place.top(), self.origin.1, self.size.1));
        let (right, bottom) = (pixel(place.right(), self.origin.0, self.size.0), pixel(place.bottom(), self.origin.1, self.size.1));
        Area { left, top, right: right.max(left), bottom: bottom.max(top) }
    }

    /// The colour at a pixel.
    #[cfg(test)]
    pub fn at(&self, x: usize, y: usize) -> Color32 {
        self.pixels[y * self.size.0 + x]
    }
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "pixels of a window")]
fn whole(at: f32) -> i32 {
    at.round() as i32
}

/// A length in pixels; none below 0.
fn length(pixels: i32) -> usize {
    usize::try_from(pixels).unwrap_or(0)
}

/// Where `by` pixels from `at` on are, when that is within `most`.
fn inside(at: i32, by: usize, most: usize) -> Option<usize> {
    usize::try_from(at.checked_add(i32::try_from(by).ok()?)?).ok().filter(|place| *place < most)
}

/// How much of a pixel lies within a round corner of `radius`, so many pixels from its two edges.
#[expect(clippy::cast_precision_loss, reason = "a dozen pixels")]
fn corner_cover(radius: f32, from_side: usize, from_edge: usize) -> f32 {
    let away = Vec2::new(radius - (from_side as f32 + 0.5), radius - (from_edge as f32 + 0.5)).max(Vec2::ZERO).length();
    (radius + 0.5 - away).clamp(0.0, 1.0)
}

/// `top` over `ground`.
fn over(ground: Color32, top: Color32) -> Color32 {
    let rest = 255 - u16::from(top.a());
    if rest == 0 {
        return top;
    }
    let mut mixed = top;
    for part in 0..4 {
        mixed[part] = top[part].saturating_add(share(ground[part], rest));
    }
    mixed
}

fn times(mut color: Color32, by: Color32) -> Color32 {
    for part in 0..4 {
        color[part] = share(color[part], u16::from(by[part]));
    }
    color
}

/// `of` 255 parts of `value`, rounded.
#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
fn share(value: u8, of: u16) -> u8 {
    ((u32::from(value) * u32::from(of) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas(width: f32, height: f32) -> Canvas {
        let mut canvas = Canvas::default();
        canvas.begin(Rect::from_min_size(Pos2::new(10.0, 20.0), Vec2::new(width, height)), 2.0);
        canvas
    }

    #[test]
    fn a_colour_is_laid_over_what_is_there_and_keeps_to_its_place() {
        let mut canvas = canvas(4.0, 4.0);
        assert_eq!((canvas.origin(), canvas.size()), ((20, 40), (8, 8)));
        canvas.clear(Rect::EVERYTHING, Color32::from_rgb(100, 0, 0));
        let half = Color32::from_rgba_premultiplied(0, 128, 0, 128);
        canvas.fill(Rect::from_min_max(Pos2::new(11.0, 21.0), Pos2::new(99.0, 22.0)), 0.0, half);
        assert_eq!(canvas.at(1, 2), Color32::from_rgb(100, 0, 0));
        assert_eq!(canvas.at(2, 2), Color32::from_rgb(50, 128, 0));
        assert_eq!(canvas.at(7, 3), Color32::from_rgb(50, 128, 0));
        assert_eq!(canvas.at(2, 4), Color32::from_rgb(100, 0, 0));
    }

    #[test]
    fn corners_are_round_and_smooth() {
        let mut canvas = canvas(20.0, 20.0);
        canvas.fill(Rect::from_min_size(Pos2::new(10.0, 20.0), Vec2::splat(20.0)), 5.0, Color32::WHITE);
        assert_eq!(canvas.at(0, 0), Color32::TRANSPARENT);
        assert_eq!((canvas.at(20, 0), canvas.at(0, 20), canvas.at(20, 20)), (Color32::WHITE, Color32::WHITE, Color32::WHITE));
        let edge = (0..10).map(|x| canvas.at(x, 3).a()).find(|cover| *cover > 0);
        assert!(edge.is_some_and(|cover| cover < 255), "{edge:?}");
    }

    #[test]
    fn a_letter_is_copied_texel_by_texel_in_its_colour_and_cut_at_the_edge() {
        let mut atlas = ColorImage::filled([4, 4], Color32::TRANSPARENT);
        atlas[(1, 2)] = Color32::WHITE;
        atlas[(2, 2)] = Color32::from_rgba_premultiplied(51, 51, 51, 51);
        let mut canvas = canvas(1.0, 1.0);
        let accent = Color32::from_rgb(0, 200, 100);
        let texels = (Pos2::new(1.0, 2.0), Pos2::new(4.0, 4.0));
        canvas.letter(Pos2::new(10.0, 20.5), texels, accent, &atlas);
        assert_eq!(canvas.at(0, 1), accent);
        assert_eq!(canvas.at(1, 1), Color32::from_rgba_premultiplied(0, 40, 20, 51));
        canvas.letter(Pos2::new(9.5, 19.0), texels, accent, &atlas);
        assert_eq!(canvas.at(0, 0), Color32::TRANSPARENT, "what lies above and left of the canvas is left out");
    }

    #[test]
    fn a_patch_is_the_part_that_was_asked_for() {
        let mut canvas = canvas(4.0, 2.0);
        canvas.fill(Rect::from_min_max(Pos2::new(13.0, 21.0), Pos2::new(14.0, 22.0)), 0.0, Color32::WHITE);
        let patch = canvas.patch(Some(Rect::from_min_max(Pos2::new(12.5, 21.0), Pos2::new(20.0, 30.0))));
        assert_eq!((patch.at, patch.size), ((5, 2), (3, 2)));
        assert_eq!(patch.pixels[0], Color32::TRANSPARENT);
        assert_eq!(patch.pixels[1..3], [Color32::WHITE; 2]);
        assert_eq!(canvas.patch(None).pixels.len(), 8 * 4);
    }
}
