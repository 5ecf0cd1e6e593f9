//! The dim echo of a picture beside it in a wide window: a handful of colours taken from the frame, painted
//! as one smooth mesh. It costs a few hundred samples four times a second and no texture.

use std::time::Duration;

use eframe::egui::{Color32, Pos2, Rect, Vec2};

use super::surface::Wash;
use super::theme;
use crate::feed::Blurhash;
use crate::player::{ColorSpec, Frame, Picture, PlaneData, PlaneFormat};

/// Colours across and down.
const COLUMNS: usize = 6;
const ROWS: usize = 9;
/// Samples a colour is the mean of, each way.
const SAMPLES: usize = 3;
/// Time between two echoes of a playing item.
const PERIOD: Duration = Duration::from_millis(250);

/// The colours of a picture, coarse.
#[derive(Clone, Debug)]
pub struct Echo {
    colors: [[Color32; COLUMNS]; ROWS],
    made: Duration,
}

impl Echo {
    /// Whether it is time for a new one.
    #[must_use]
    pub fn is_due(&self, now: Duration) -> bool {
        now.saturating_sub(self.made) >= PERIOD
    }

    /// Takes the colours of a frame, as it stands upright.
    #[must_use]
    pub fn of(frame: &Frame, now: Duration) -> Self {
        let mut colors = [[theme::BACKGROUND; COLUMNS]; ROWS];
        for (row, colors) in colors.iter_mut().enumerate() {
            for (column, color) in colors.iter_mut().enumerate() {
                *color = mean(frame, column, row);
            }
        }
        Self { colors, made: now }
    }

    /// The colours spread over `rect`.
    #[must_use]
    pub fn wash(&self, rect: Rect) -> Wash {
        spread(&self.colors, rect)
    }
}

/// What stands for a poster, spread over `rect`.
pub(super) fn blurred(rect: Rect, blurhash: &Blurhash) -> Wash {
    spread(&blurhash.colors().map(|row| row.map(|[red, green, blue]| theme::dimmed(red, green, blue))), rect)
}

fn spread<const COLUMNS: usize, const ROWS: usize>(colors: &[[Color32; COLUMNS]; ROWS], rect: Rect) -> Wash {
    let mut wash = Wash::default();
    for (row, colors) in colors.iter().enumerate() {
        for (column, color) in colors.iter().enumerate() {
            let at = Vec2::new(share(column, COLUMNS - 1), share(row, ROWS - 1));
            wash.vertices.push((rect.min + rect.size() * at, *color));
        }
    }
    let index = |column: usize, row: usize| u32::try_from(row * COLUMNS + column).unwrap_or(0);
    for row in 0..ROWS - 1 {
        for column in 0..COLUMNS - 1 {
            let [a, b, c, d] = [index(column, row), index(column + 1, row), index(column, row + 1), index(column + 1, row + 1)];
            // The diagonal alternates, else the colours run visibly one way.
            wash.indices.extend(if (row + column) % 2 == 0 { [a, b, c, b, d, c] } else { [a, b, d, a, d, c] });
        }
    }
    wash
}

/// A gradient from the top left to the bottom right, for tiles without a picture.
pub(super) fn gradient(rect: Rect, [from, to]: [Color32; 2]) -> Wash {
    let middle = from.lerp_to_gamma(to, 0.5);
    let vertices = vec![(rect.left_top(), from), (rect.right_top(), middle), (rect.left_bottom(), middle), (rect.right_bottom(), to)];
    Wash { vertices, indices: vec![0, 1, 2, 1, 3, 2] }
}

/// What of `around` lies beside `inner`: at most four rectangles that do not overlap.
pub(super) fn beside(around: Rect, inner: Rect) -> impl Iterator<Item = Rect> {
    let inner = inner.intersect(around);
    let row = |top, bottom| Rect::from_min_max(Pos2::new(around.left(), top), Pos2::new(around.right(), bottom));
    let column = |left, right| Rect::from_min_max(Pos2::new(left, inner.top()), Pos2::new(right, inner.bottom()));
    let parts = [
        row(around.top(), inner.top()),
        row(inner.bottom(), around.bottom()),
        column(around.left(), inner.left()),
        column(inner.right(), around.right()),
    ];
    parts.into_iter().filter(Rect::is_positive)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
fn share(index: usize, of: usize) -> f32 {
    index as f32 / of as f32
}

fn mean(frame: &Frame, column: usize, row: usize) -> Color32 {
    let mut sum = [0_u32; 3];
    for y in 0..SAMPLES {
        for x in 0..SAMPLES {
            let across = (share(column * SAMPLES + x, COLUMNS * SAMPLES) + 0.5 / share(COLUMNS * SAMPLES, 1)).min(0.999);
            let down = (share(row * SAMPLES + y, ROWS * SAMPLES) + 0.5 / share(ROWS * SAMPLES, 1)).min(0.999);
            let [red, green, blue] = sample(frame, across, down);
            for (sum, value) in sum.iter_mut().zip([red, green, blue]) {
                *sum += u32::from(value);
            }
        }
    }
    let count = u32::try_from(SAMPLES * SAMPLES).unwrap_or(1);
    let [red, green, blue] = sum.map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX));
    theme::dimmed(red, green, blue)
}

/// The colour at a place of the upright picture, both 0…1.
pub(super) fn sample(frame: &Frame, across: f32, down: f32) -> [u8; 3] {
    let (mut u, v) = match frame.rotation.quarters % 4 {
        0 => (across, down),
        1 => (down, 1.0 - across),
        2 => (1.0 - across, 1.0 - down),
        _ => (1.0 - down, across),
    };
    if frame.rotation.mirrored {
        u = 1.0 - u;
    }
    let at = |share: f32, size: u32| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a texel of a picture")]
        let index = (share * size as f32) as usize;
        index.min(size.saturating_sub(1) as usize)
    };
    let (x, y) = (at(u, frame.coded.0), at(v, frame.coded.1));
    match &frame.picture {
        Picture::Rgba(pixels) => {
            let start = (y * frame.coded.0 as usize + x) * 4;
            pixels.get(start..start + 3).map_or([0; 3], |rgb| [rgb[0], rgb[1], rgb[2]])
        }
        Picture::Planes { format, color, data } => planar(data.as_ref(), *format, *color, x, y),
    }
}

fn planar(data: &dyn PlaneData, format: PlaneFormat, color: ColorSpec, x: usize, y: usize) -> [u8; 3] {
    let byte = |plane: usize, x: usize, y: usize| f32::from(data.plane(plane).get(y * data.stride(plane) + x).copied().unwrap_or(128));
    // Of 10-bit samples eight are enough here: P010 carries them in the high byte, I420_10LE in the low ten bits.
    let low = |plane: usize, x: usize, y: usize| (byte(plane, 2 * x, y) + 256.0 * byte(plane, 2 * x + 1, y)) / 4.0;
    let (half_x, half_y) = (x / 2, y / 2);
    let [luma, cb, cr] = match format {
        PlaneFormat::I420 => [byte(0, x, y), byte(1, half_x, half_y), byte(2, half_x, half_y)],
        PlaneFormat::Nv12 => [byte(0, x, y), byte(1, 2 * half_x, half_y), byte(1, 2 * half_x + 1, half_y)],
        PlaneFormat::I42010 => [low(0, x, y), low(1, half_x, half_y), low(2, half_x, half_y)],
        PlaneFormat::P01010 => [byte(0, 2 * x + 1, y), byte(1, 4 * half_x + 1, half_y), byte(1, 4 * half_x + 3, half_y)],
    };
    let (kr, kb) = color.weights();
    let luma = if color.full_range { luma } else { (luma - 16.0) * 255.0 / 219.0 };
    let chroma = if color.full_range { 1.0 } else { 255.0 / 224.0 };
    let (cb, cr) = ((cb - 128.0) * chroma, (cr - 128.0) * chroma);
    let (red, blue) = (luma + 2.0 * (1.0 - kr) * cr, luma + 2.0 * (1.0 - kb) * cb);
    let green = (luma - kr * red - kb * blue) / (1.0 - kr - kb);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    [red, green, blue].map(|value| value.clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beside_a_picture_covers_the_rest_once() {
        let rect = |left: f32, top: f32, right: f32, bottom: f32| Rect::from_min_max(Pos2::new(left, top), Pos2::new(right, bottom));
        let around = rect(0.0, 0.0, 90.0, 60.0);
        for inner in [rect(30.0, 0.0, 60.0, 60.0), rect(0.0, 20.0, 90.0, 40.0), rect(10.0, 10.0, 80.0, 50.0), rect(20.0, -40.0, 70.0, 30.0)]
        {
            let parts: Vec<_> = beside(around, inner).collect();
            let area = parts.iter().map(Rect::area).sum::<f32>() + inner.intersect(around).area();
            assert!((area - around.area()).abs() < 0.01, "{inner:?}: {parts:?}");
            assert!(parts.iter().all(|part| !part.intersects(inner.shrink(0.1))), "{inner:?}: {parts:?}");
        }
        assert_eq!(beside(around, around).count(), 0);
    }
}
