//! The numbers the video shader works with. Pure.

use std::ops::Range;

use crate::player::{ColorSpec, PlaneFormat, Rotation};

/// Uniforms of one quad; the layout is that of `shader.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct Uniforms {
    pub quad: [f32; 4],
    pub turn: [f32; 4],
    pub shift: [f32; 4],
    pub red: [f32; 4],
    pub green: [f32; 4],
    pub blue: [f32; 4],
    pub kind: [u32; 4],
    pub scale: [f32; 4],
    pub shade: [f32; 4],
    pub shade_more: [f32; 4],
    pub origin: [i32; 4],
}

/// Where a picture is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quad {
    /// Left, top, right, bottom in clip space.
    pub clip_space: [f32; 4],
    /// Left and top in pixels of the window; it may begin outside.
    pub origin: (i32, i32),
    /// Width and height in pixels.
    pub pixels: (u32, u32),
}

/// The scrims of a picture, in rows of pixels from the top of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shade {
    /// The row where the scrim of the top line ends, its height, and how dark it is at its top, 0.0 to 1.0.
    pub top: (f32, f32, f32),
    /// The row where the scrim under the words begins, its height, and how dark it is at its bottom.
    pub bottom: (f32, f32, f32),
}

impl Shade {
    /// The same in pixels, of one in points.
    pub(super) fn scaled(&self, pixels_per_point: f32) -> Self {
        let rows = |(row, height, strength): (f32, f32, f32)| (row * pixels_per_point, height * pixels_per_point, strength);
        Self { top: rows(self.top), bottom: rows(self.bottom) }
    }

    /// The rows of a part of the window from top to bottom, and whether a scrim lies on them.
    pub(super) fn bands(&self, rows: Range<u32>) -> impl Iterator<Item = (Range<u32>, bool)> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a window, not below 0")]
        let row = |at: f32| (at.max(0.0) as u32).clamp(rows.start, rows.end);
        let (top, bottom) = (self.top.2 > 0.0, self.bottom.2 > 0.0);
        let ends = if top { row(self.top.0.ceil()) } else { rows.start };
        let begins = if bottom { row(self.bottom.0.floor()).max(ends) } else { rows.end };
        [(rows.start..ends, true), (ends..begins, false), (begins..rows.end, true)].into_iter().filter(|(rows, _)| !rows.is_empty())
    }
}

/// What the shader must know of a picture, whatever quad it is painted on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub size: (u32, u32),
    pub rotation: Rotation,
    /// `None` for a picture that was made on the CPU.
    pub planes: Option<(PlaneFormat, ColorSpec)>,
}

impl Look {
    /// Width and height as it stands upright.
    fn upright(&self) -> (u32, u32) {
        if self.rotation.quarters % 2 == 1 { (self.size.1, self.size.0) } else { self.size }
    }

    /// Whether its texels, as they lie, are the pixels of the quad.
    pub fn is_exact_on(&self, quad: &Quad) -> bool {
        self.rotation == Rotation::default() && self.size == quad.pixels
    }

    /// The uniforms for a quad.
    pub fn on_quad(&self, quad: &Quad, shade: Shade) -> Uniforms {
        let (turn, offset) = turn(self.rotation);
        #[expect(clippy::cast_precision_loss, reason = "picture sizes are far below 2^24")]
        let shift = [offset[0], offset[1], self.size.0 as f32, self.size.1 as f32];
        let (rows, interleaved, bits_down, scale) = match self.planes {
            Some((format, color)) => {
                let (interleaved, bits_down, max) = match format {
                    PlaneFormat::I420 => (0, 0, 255.0),
                    PlaneFormat::Nv12 => (1, 0, 255.0),
                    PlaneFormat::I42010 => (0, 0, 1023.0),
                    PlaneFormat::P01010 => (1, 6, 1023.0),
                };
                (matrix(color, max), interleaved, bits_down, 1.0 / max)
            }
            None => ([[0.0; 4]; 3], 0, 0, 1.0),
        };
        Uniforms {
            quad: quad.clip_space,
            turn,
            shift,
            red: rows[0],
            green: rows[1],
            blue: rows[2],
            kind: [interleaved, bits_down, u32::from(self.upright() == quad.pixels), 0],
            scale: [scale, 0.0, 0.0, 0.0],
            shade: [shade.top.0, 1.0 / shade.top.1.max(1.0), shade.top.2, shade.bottom.0],
            shade_more: [1.0 / shade.bottom.1.max(1.0), shade.bottom.2, 0.0, 0.0],
            origin: [quad.origin.0, quad.origin.1, 0, 0],
        }
    }
}

/// Upright texture coordinates to coded ones: a matrix by rows, and an offset.
fn turn(rotation: Rotation) -> ([f32; 4], [f32; 2]) {
    let (mut turn, mut offset) = match rotation.quarters % 4 {
        0 => ([1.0, 0.0, 0.0, 1.0], [0.0, 0.0]),
        1 => ([0.0, 1.0, -1.0, 0.0], [0.0, 1.0]),
        2 => ([-1.0, 0.0, 0.0, -1.0], [1.0, 1.0]),
        _ => ([0.0, -1.0, 1.0, 0.0], [1.0, 0.0]),
    };
    if rotation.mirrored {
        turn[0] = -turn[0];
        turn[1] = -turn[1];
        offset[0] = 1.0 - offset[0];
    }
    (turn, offset)
}

/// Rows that take (Y, Cb, Cr, 1), each 0…1 of `max`, to R, G and B (ITU-R BT.601, BT.709 and BT.2020).
fn matrix(color: ColorSpec, max: f32) -> [[f32; 4]; 3] {
    let (kr, kb) = color.weights();
    let kg = 1.0 - kr - kb;
    // Limited range is defined for 8 bits and scales with the bit depth (BT.2100 table 9).
    let depth = (max + 1.0) / 256.0;
    let (black, luma, chroma) =
        if color.full_range { (0.0, 1.0, 1.0) } else { (16.0 * depth / max, max / (219.0 * depth), max / (224.0 * depth)) };
    let zero = 128.0 * depth / max;
    let row = |cb: f32, cr: f32| {
        let (cb, cr) = (cb * chroma, cr * chroma);
        [luma, cb, cr, -luma * black - (cb + cr) * zero]
    };
    [row(0.0, 2.0 * (1.0 - kr)), row(-2.0 * (1.0 - kb) * kb / kg, -2.0 * (1.0 - kr) * kr / kg), row(2.0 * (1.0 - kb), 0.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Matrix;

    fn rgb(color: ColorSpec, max: f32, sample: [f32; 3]) -> [f32; 3] {
        let [y, cb, cr] = sample.map(|value| value / max);
        matrix(color, max).map(|row| row[0] * y + row[1] * cb + row[2] * cr + row[3])
    }

    fn close(a: [f32; 3], b: [f32; 3]) {
        for (a, b) in a.into_iter().zip(b) {
            assert!((a - b).abs() < 0.006, "{a} is not {b}");
        }
    }

    #[test]
    fn limited_black_and_white_are_black_and_white_in_every_matrix_and_depth() {
        for matrix in [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020] {
            let color = ColorSpec { matrix, full_range: false };
            close(rgb(color, 255.0, [16.0, 128.0, 128.0]), [0.0; 3]);
            close(rgb(color, 255.0, [235.0, 128.0, 128.0]), [1.0; 3]);
            close(rgb(color, 1023.0, [64.0, 512.0, 512.0]), [0.0; 3]);
            close(rgb(color, 1023.0, [940.0, 512.0, 512.0]), [1.0; 3]);
        }
    }

    #[test]
    fn primary_red_is_red_when_read_with_its_own_matrix() {
        // The 8-bit limited code values of pure red.
        close(rgb(ColorSpec { matrix: Matrix::Bt601, full_range: false }, 255.0, [81.0, 90.0, 240.0]), [1.0, 0.0, 0.0]);
        close(rgb(ColorSpec { matrix: Matrix::Bt709, full_range: false }, 255.0, [63.0, 102.0, 240.0]), [1.0, 0.0, 0.0]);
        close(rgb(ColorSpec { matrix: Matrix::Bt2020, full_range: false }, 255.0, [74.0, 97.0, 240.0]), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn full_range_uses_all_codes() {
        let color = ColorSpec { matrix: Matrix::Bt709, full_range: true };
        close(rgb(color, 255.0, [0.0, 128.0, 128.0]), [0.0; 3]);
        close(rgb(color, 255.0, [255.0, 128.0, 128.0]), [1.0; 3]);
    }

    #[test]
    fn a_quarter_turn_clockwise_brings_the_coded_bottom_left_to_the_top_left() {
        let (turn, offset) = turn(Rotation { quarters: 1, mirrored: false });
        let coded = |u: f32, v: f32| [turn[0] * u + turn[1] * v + offset[0], turn[2] * u + turn[3] * v + offset[1]];
        close([coded(0.0, 0.0)[0], coded(0.0, 0.0)[1], 0.0], [0.0, 1.0, 0.0]);
        close([coded(1.0, 0.0)[0], coded(1.0, 0.0)[1], 0.0], [0.0, 0.0, 0.0]);
    }

    #[test]
    fn rows_are_painted_once_and_those_that_a_scrim_darkens_as_such() {
        let bands = |top: (f32, f32, f32), bottom: (f32, f32, f32), rows| Shade { top, bottom }.bands(rows).collect::<Vec<_>>();
        assert_eq!(bands((90.5, 90.0, 0.5), (540.2, 260.0, 0.7), 0..800), [(0..91, true), (91..540, false), (540..800, true)]);
        // A tile half-way out, and one whose words have faded.
        assert_eq!(bands((90.0, 90.0, 0.5), (140.0, 260.0, 0.7), 0..400), [(0..90, true), (90..140, false), (140..400, true)]);
        assert_eq!(bands((90.0, 90.0, 0.0), (540.0, 260.0, 0.0), 0..800), [(0..800, false)]);
        assert_eq!(bands((90.0, 90.0, 0.5), (940.0, 260.0, 0.7), 400..800), [(400..800, false)]);
        assert_eq!(bands((90.0, 90.0, 0.5), (-260.0, 260.0, 0.7), 0..60), [(0..60, true)]);
        assert_eq!(bands((90.0, 90.0, 0.5), (40.0, 260.0, 0.7), 0..100), [(0..90, true), (90..100, true)]);
    }

    #[test]
    fn mirroring_comes_before_turning() {
        let (turn, offset) = turn(Rotation { quarters: 0, mirrored: true });
        assert_eq!((turn, offset), ([-1.0, 0.0, 0.0, 1.0], [1.0, 0.0]));
    }
}
