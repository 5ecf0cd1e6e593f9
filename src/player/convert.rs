//! Planes to RGBA, scaled on the way: for renderers that run on the CPU, where scaling once per video frame
//! off the UI thread is cheaper than filtering texels on every repaint.
//!
//! Scaling comes first and colour last, so that colours are computed for the pixels that are shown and no
//! others. Everything is integer arithmetic in rows, which the compiler turns into vector code.

use super::{ColorSpec, PlaneFormat, Rotation};

/// The planes of one picture.
pub struct Planes<'a> {
    /// How they lie.
    pub format: PlaneFormat,
    /// How they are to be read.
    pub color: ColorSpec,
    /// Width and height in luma samples.
    pub size: (u32, u32),
    /// Bytes of each plane, and from one row to the next.
    pub planes: [(&'a [u8], usize); 3],
}

/// Width and height of the RGBA picture for a picture of `coded` samples whose upright display size is
/// `display`: as large as fits into `fit` (upright, in pixels), never larger than the display size itself.
/// The result is before rotation, like the samples.
#[must_use]
pub fn fitted(display: (u32, u32), rotation: Rotation, fit: (u32, u32)) -> (u32, u32) {
    let (width, height) = (u64::from(display.0.max(1)), u64::from(display.1.max(1)));
    let (fit_width, fit_height) = (u64::from(fit.0.max(1)), u64::from(fit.1.max(1)));
    // The tighter side decides; all in one fraction, so that nothing drifts by a pixel.
    let (numerator, denominator) = if fit_width * height <= fit_height * width { (fit_width, width) } else { (fit_height, height) };
    let scaled = |side: u64| {
        let side = if numerator < denominator { (side * numerator + denominator / 2) / denominator } else { side };
        u32::try_from(side.max(1)).unwrap_or(u32::MAX)
    };
    let upright = (scaled(width), scaled(height));
    if rotation.quarters % 2 == 1 { (upright.1, upright.0) } else { upright }
}

/// Samples between 0 and this are what a plane is reduced to before colours are made of it.
const SAMPLE_BITS: u32 = 8;
/// Fraction bits of a scaling weight.
const WEIGHT_BITS: u32 = 7;
const WEIGHT_ONE: u32 = 1 << WEIGHT_BITS;

/// For one output sample: where to read, and how much the second of the two counts, in 1/128.
#[derive(Clone, Copy, Debug, Default)]
struct Tap {
    at: u32,
    weight: u16,
}

/// Taps that stretch or shrink `from` samples to `to`, sample centres aligned, edges held.
fn taps(from: usize, to: usize, out: &mut Vec<Tap>) {
    out.clear();
    let (from, to) = (from.max(1) as u64, to.max(1) as u64);
    for index in 0..to {
        // Centre of the output sample in input samples, in 1/128, less half a sample.
        let centre = ((2 * index + 1) * from * u64::from(WEIGHT_ONE) / (2 * to)).saturating_sub(u64::from(WEIGHT_ONE) / 2);
        let (at, weight) = (centre >> WEIGHT_BITS, centre & u64::from(WEIGHT_ONE - 1));
        let (at, weight) = if at + 1 >= from { (from.saturating_sub(2), if from > 1 { u64::from(WEIGHT_ONE) } else { 0 }) } else { (at, weight) };
        out.push(Tap { at: u32::try_from(at).unwrap_or(0), weight: u16::try_from(weight).unwrap_or(0) });
    }
}

/// Integer weights of the matrix, for samples of 8 bits.
#[derive(Clone, Copy, Debug)]
struct Weights {
    luma: i32,
    luma_offset: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

const COLOR_BITS: u32 = 13;

impl Weights {
    fn of(color: ColorSpec) -> Self {
        let (red, blue) = color.weights();
        let green = 1.0 - red - blue;
        let (luma_span, chroma_span, luma_offset) = if color.full_range { (255.0, 255.0, 0) } else { (219.0, 224.0, 16) };
        #[expect(clippy::cast_possible_truncation, reason = "weights of at most 2.2, in 13 fraction bits")]
        let fixed = |weight: f32| (weight * f32::from(1_u16 << COLOR_BITS)).round() as i32;
        let (luma, chroma) = (255.0 / luma_span, 255.0 / chroma_span);
        Self {
            luma: fixed(luma),
            luma_offset,
            red_v: fixed(2.0 * (1.0 - red) * chroma),
            green_u: fixed(-2.0 * blue * (1.0 - blue) / green * chroma),
            green_v: fixed(-2.0 * red * (1.0 - red) / green * chroma),
            blue_u: fixed(2.0 * (1.0 - blue) * chroma),
        }
    }
}

/// Converts pictures, keeping its scratch rows and tables from one to the next.
#[derive(Default)]
pub struct Converter {
    sizes: Option<((u32, u32), (u32, u32))>,
    luma_x: Vec<Tap>,
    luma_y: Vec<Tap>,
    chroma_x: Vec<Tap>,
    chroma_y: Vec<Tap>,
    /// One row scaled vertically: luma, then the two chroma ones.
    tall: [Vec<u8>; 3],
    /// The same scaled horizontally too.
    row: [Vec<u8>; 3],
    /// Input rows brought to one layout: two rows of one plane.
    pair: [Vec<u8>; 2],
}

impl Converter {
    /// The picture as RGBA of `out` pixels, rows without padding; `None` when a plane is too short for its
    /// size, which a decoder never makes it.
    pub fn rgba(&mut self, planes: &Planes<'_>, out: (u32, u32)) -> Option<Vec<u8>> {
        let (width, height) = (planes.size.0 as usize, planes.size.1 as usize);
        let (out_width, out_height) = (out.0 as usize, out.1 as usize);
        if width == 0 || height == 0 || out_width == 0 || out_height == 0 {
            return None;
        }
        let (chroma_width, chroma_height) = (width.div_ceil(2), height.div_ceil(2));
        if self.sizes != Some((planes.size, out)) {
            taps(width, out_width, &mut self.luma_x);
            taps(height, out_height, &mut self.luma_y);
            taps(chroma_width, out_width, &mut self.chroma_x);
            taps(chroma_height, out_height, &mut self.chroma_y);
            self.sizes = Some((planes.size, out));
        }
        let weights = Weights::of(planes.color);
        let mut rgba = Vec::with_capacity(out_width * out_height * 4);
        for y in 0..out_height {
            for channel in 0..3 {
                let (tap, samples, rows) =
                    if channel == 0 { (self.luma_y[y], width, height) } else { (self.chroma_y[y], chroma_width, chroma_height) };
                let at = tap.at as usize;
                read_row(planes, channel, at, samples, &mut self.pair[0])?;
                read_row(planes, channel, (at + 1).min(rows - 1), samples, &mut self.pair[1])?;
                blend(&self.pair[0], &self.pair[1], tap.weight, &mut self.tall[channel]);
                let across = if channel == 0 { &self.luma_x } else { &self.chroma_x };
                stretch(&self.tall[channel], across, &mut self.row[channel]);
            }
            colours(&self.row, weights, &mut rgba);
        }
        Some(rgba)
    }
}

/// One row of one channel as samples of 8 bits.
fn read_row(planes: &Planes<'_>, channel: usize, y: usize, samples: usize, out: &mut Vec<u8>) -> Option<()> {
    let (plane, step, first) = match planes.format {
        PlaneFormat::I420 | PlaneFormat::I42010 => (channel, 1, 0),
        PlaneFormat::Nv12 | PlaneFormat::P01010 => (channel.min(1), if channel == 0 { 1 } else { 2 }, channel.saturating_sub(1)),
    };
    let (bytes, stride) = planes.planes[plane];
    let wide = matches!(planes.format, PlaneFormat::I42010 | PlaneFormat::P01010);
    let row = bytes.get(y * stride..)?;
    let row = row.get(..samples * step * if wide { 2 } else { 1 })?;
    out.clear();
    match (wide, step) {
        (false, 1) => out.extend_from_slice(row),
        (false, _) => out.extend(row.chunks_exact(2).map(|pair| pair[first])),
        (true, _) => {
            let shift = if planes.format == PlaneFormat::P01010 { 8 } else { 10 - SAMPLE_BITS };
            let narrow = |low: u8, high: u8| u8::try_from((u16::from_le_bytes([low, high]) >> shift).min(255)).unwrap_or(u8::MAX);
            out.extend(row.chunks_exact(2 * step).map(|chunk| narrow(chunk[2 * first], chunk[2 * first + 1])));
        }
    }
    Some(())
}

/// Mixes two rows.
fn blend(first: &[u8], second: &[u8], weight: u16, out: &mut Vec<u8>) {
    out.clear();
    let one = u16::try_from(WEIGHT_ONE).unwrap_or(0);
    let mix = |(&a, &b): (&u8, &u8)| ((u16::from(a) * (one - weight) + u16::from(b) * weight + one / 2) >> WEIGHT_BITS) as u8;
    out.extend(first.iter().zip(second).map(mix));
}

/// Scales a row sideways.
fn stretch(row: &[u8], taps: &[Tap], out: &mut Vec<u8>) {
    out.clear();
    let one = u16::try_from(WEIGHT_ONE).unwrap_or(0);
    let last = row.len().saturating_sub(1);
    out.extend(taps.iter().map(|tap| {
        let at = (tap.at as usize).min(last);
        let (a, b) = (row[at], row[(at + 1).min(last)]);
        ((u16::from(a) * (one - tap.weight) + u16::from(b) * tap.weight + one / 2) >> WEIGHT_BITS) as u8
    }));
}

/// Makes pixels of one row of samples.
fn colours(row: &[Vec<u8>; 3], weights: Weights, rgba: &mut Vec<u8>) {
    let clamp = |value: i32| u8::try_from(((value + (1 << (COLOR_BITS - 1))) >> COLOR_BITS).clamp(0, 255)).unwrap_or(0);
    rgba.extend(row[0].iter().zip(&row[1]).zip(&row[2]).flat_map(|((&y, &u), &v)| {
        let luma = (i32::from(y) - weights.luma_offset) * weights.luma;
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        [
            clamp(luma + v * weights.red_v),
            clamp(luma + u * weights.green_u + v * weights.green_v),
            clamp(luma + u * weights.blue_u),
            255,
        ]
    }));
}
