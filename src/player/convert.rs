//! Planes to RGBA, scaled on the way: for renderers that run on the CPU, where scaling once per video frame
//! off the UI thread is cheaper than filtering texels on every repaint.
//!
//! Scaling comes first and colour last, so that colours are computed for the pixels that are shown and no
//! others. Everything is integer arithmetic along rows, which the compiler turns into vector code; only the
//! sideways scaling has to look up its samples one by one.

#![expect(clippy::inline_always, reason = "inlined into callers that are compiled for different instructions, see `Converter::rows`")]

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

/// Width and height of the RGBA picture for samples whose upright display size is `display`: as large as fits
/// into `fit` (upright, in pixels), never larger than the display size itself. The result is before rotation,
/// like the samples.
#[must_use]
pub fn fitted(display: (u32, u32), rotation: Rotation, fit: (u32, u32)) -> (u32, u32) {
    scaled_to(display, rotation, fit, false)
}

/// The same for a picture that covers `cover`: the smallest that leaves nothing of it free, never larger than the
/// display size itself.
#[must_use]
pub fn covering(display: (u32, u32), rotation: Rotation, cover: (u32, u32)) -> (u32, u32) {
    scaled_to(display, rotation, cover, true)
}

fn scaled_to(display: (u32, u32), rotation: Rotation, room: (u32, u32), covers: bool) -> (u32, u32) {
    let (width, height) = (u64::from(display.0.max(1)), u64::from(display.1.max(1)));
    let (room_width, room_height) = (u64::from(room.0.max(1)), u64::from(room.1.max(1)));
    // One side decides, the tighter one unless the room is to be covered; all in one fraction, so that nothing drifts by
    // a pixel.
    let width_decides = (room_width * height <= room_height * width) != covers;
    let (numerator, denominator) = if width_decides { (room_width, width) } else { (room_height, height) };
    let scaled = |side: u64| {
        let side = if numerator < denominator { (side * numerator + denominator / 2) / denominator } else { side };
        u32::try_from(side.max(1)).unwrap_or(u32::MAX)
    };
    let upright = (scaled(width), scaled(height));
    if rotation.quarters % 2 == 1 { (upright.1, upright.0) } else { upright }
}

/// Fraction bits of a scaling weight.
const WEIGHT_BITS: u32 = 7;
const WEIGHT_ONE: u16 = 1 << WEIGHT_BITS;
/// No more rows than this are averaged into one: their sum has to fit into 16 bits.
const BOX_MAX: usize = 256;

/// For one output sample: the first of the two samples it lies between, and how much the second counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tap {
    at: u32,
    weight: u16,
}

/// One direction of one channel: first averaged in boxes of `size`, then interpolated at `taps`.
#[derive(Debug, Default)]
struct Axis {
    size: usize,
    taps: Vec<Tap>,
    /// One sample in, the same one out.
    is_identity: bool,
}

impl Axis {
    /// From `from` samples to `to`, with the centres of the first and last ones aligned and the edges held.
    fn set(&mut self, from: usize, to: usize) {
        // Interpolating between two samples looks at two of them; where there are more to an output sample,
        // the others would be left out and fine lines would flicker.
        self.size = (from / to).clamp(1, BOX_MAX);
        self.is_identity = from == to;
        let (from, to) = ((from / self.size).max(1) as u64, to as u64);
        let one = u64::from(WEIGHT_ONE);
        self.taps.clear();
        self.taps.extend((0..to).map(|index| {
            let centre = ((2 * index + 1) * from * one / (2 * to)).saturating_sub(one / 2).min((from - 1) * one);
            Tap { at: u32::try_from(centre / one).unwrap_or(0), weight: u16::try_from(centre % one).unwrap_or(0) }
        }));
    }
}

/// Integer weights of the matrix.
#[derive(Clone, Copy, Debug)]
struct Weights {
    luma_offset: i16,
    luma: i16,
    red_v: i16,
    green_u: i16,
    green_v: i16,
    blue_u: i16,
}

/// Fraction bits of a weight of the matrix; samples are shifted by [`SAMPLE_SHIFT`], and of the product the
/// high 16 bits are kept, which is one instruction on vectors.
const COLOR_BITS: u32 = 13;
const SAMPLE_SHIFT: u32 = 7;
const PRODUCT_BITS: u32 = COLOR_BITS + SAMPLE_SHIFT - 16;

impl Weights {
    fn of(color: ColorSpec) -> Self {
        let (red, blue) = color.weights();
        let green = 1.0 - red - blue;
        // ITU-R BT.601, section 2.5.3 and its like in BT.709 and BT.2020: 219 steps of luma from 16, 224 of chroma.
        let (luma_span, chroma_span, luma_offset) = if color.full_range { (255.0, 255.0, 0) } else { (219.0, 224.0, 16) };
        #[expect(clippy::cast_possible_truncation, reason = "weights of at most 2.2, in 13 fraction bits")]
        let fixed = |weight: f32| (weight * f32::from(1_u16 << COLOR_BITS)).round() as i16;
        let (luma, chroma) = (255.0 / luma_span, 255.0 / chroma_span);
        Self {
            luma_offset,
            luma: fixed(luma),
            red_v: fixed(2.0 * (1.0 - red) * chroma),
            green_u: fixed(-2.0 * blue * (1.0 - blue) / green * chroma),
            green_v: fixed(-2.0 * red * (1.0 - red) / green * chroma),
            blue_u: fixed(2.0 * (1.0 - blue) * chroma),
        }
    }
}

/// Scratch space for reading rows: samples of 8 bits, averaged in boxes.
#[derive(Debug, Default)]
struct Reader {
    sums: Vec<u16>,
    line: Vec<u8>,
    out: Vec<u8>,
}

/// A row of luma, or of one chroma channel scaled sideways, and which row of the picture it is.
#[derive(Debug, Default)]
struct KeptRow {
    y: Option<usize>,
    samples: [Vec<u8>; 2],
}

/// One row scaled both ways, around zero and shifted for the product with a weight.
#[derive(Debug, Default)]
struct Row {
    luma: Vec<i16>,
    u: Vec<i16>,
    v: Vec<i16>,
    colours: [Vec<u8>; 3],
}

/// Converts pictures, keeping its scratch rows and tables from one to the next.
#[derive(Debug, Default)]
pub struct Converter {
    sizes: Option<((u32, u32), (u32, u32))>,
    /// Sideways and downward, of luma and of chroma.
    luma: [Axis; 2],
    chroma: [Axis; 2],
    reader: Reader,
    /// The two rows that the current output row lies between.
    kept_luma: [KeptRow; 2],
    kept_chroma: [KeptRow; 2],
    /// A row of luma scaled downward.
    tall: Vec<u8>,
    /// A row of chroma, each pair in the halves of a word.
    pairs: Vec<u32>,
    row: Row,
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
            self.luma[0].set(width, out_width);
            self.luma[1].set(height, out_height);
            self.chroma[0].set(chroma_width, out_width);
            self.chroma[1].set(chroma_height, out_height);
            self.sizes = Some((planes.size, out));
        }
        self.kept_luma.iter_mut().chain(&mut self.kept_chroma).for_each(|kept| kept.y = None);
        let mut rgba = Vec::with_capacity(out_width * out_height * 4);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "a function compiled for AVX2 may be called only where there is AVX2, which was just asked")]
            // SAFETY: the processor has AVX2.
            return unsafe { self.rows_avx2(planes, out_height, &mut rgba) }.map(|()| rgba);
        }
        self.rows(planes, out_height, &mut rgba).map(|()| rgba)
    }

    /// The same code with vectors twice as wide: 1.0 ms instead of 1.6 ms for 720 × 1280 to 450 × 800.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn rows_avx2(&mut self, planes: &Planes<'_>, count: usize, rgba: &mut Vec<u8>) -> Option<()> {
        self.rows(planes, count, rgba)
    }

    // Everything below is inlined into its two callers, so that each is compiled for its own instructions.
    #[inline(always)]
    fn rows(&mut self, planes: &Planes<'_>, count: usize, rgba: &mut Vec<u8>) -> Option<()> {
        let (width, weights) = (planes.size.0 as usize, Weights::of(planes.color));
        for y in 0..count {
            self.scale_luma(planes, y, width, weights.luma_offset)?;
            self.scale_chroma(planes, y, width.div_ceil(2))?;
            self.row.pixels(weights, rgba);
        }
        Some(())
    }

    /// Luma is scaled downward first: that is the direction in which rows are mixed as vectors, and fewer of
    /// them are left for the other one.
    #[inline(always)]
    fn scale_luma(&mut self, planes: &Planes<'_>, y: usize, samples: usize, offset: i16) -> Option<()> {
        let [across, down] = &self.luma;
        let Tap { at, weight } = down.taps[y];
        let at = at as usize;
        let next = if weight == 0 { at } else { at + 1 };
        if (across.size, down.size) == (1, 1) && matches!(planes.format, PlaneFormat::I420 | PlaneFormat::Nv12) {
            // The usual case reads the decoder's rows where they lie.
            blend(plain_row(planes, at, samples)?, plain_row(planes, next, samples)?, weight, &mut self.tall);
        } else {
            let reader = &mut self.reader;
            let [first, second] = keep(&mut self.kept_luma, [at, next], |y, kept| {
                reader.read(planes, 0, y, samples, (across.size, down.size))?;
                std::mem::swap(&mut reader.out, &mut kept[0]);
                Some(())
            })?;
            blend(&first.samples[0], &second.samples[0], weight, &mut self.tall);
        }
        stretch(&mut self.tall, across, offset, &mut self.row.luma);
        Some(())
    }

    /// Chroma is scaled sideways first: of its rows there are usually fewer than come out.
    #[inline(always)]
    fn scale_chroma(&mut self, planes: &Planes<'_>, y: usize, samples: usize) -> Option<()> {
        let [across, down] = &self.chroma;
        let Tap { at, weight } = down.taps[y];
        let at = at as usize;
        let next = if weight == 0 { at } else { at + 1 };
        let (reader, pairs) = (&mut self.reader, &mut self.pairs);
        let [first, second] = keep(&mut self.kept_chroma, [at, next], |y, kept| {
            reader.read(planes, 1, y, samples, (across.size, down.size))?;
            pairs.clear();
            pairs.extend(reader.out.iter().map(|u| u32::from(*u)));
            reader.read(planes, 2, y, samples, (across.size, down.size))?;
            pairs.iter_mut().zip(&reader.out).for_each(|(pair, v)| *pair |= u32::from(*v) << 16);
            stretch_pairs(pairs, across, kept);
            Some(())
        })?;
        blend_centred(&first.samples[0], &second.samples[0], weight, &mut self.row.u);
        blend_centred(&first.samples[1], &second.samples[1], weight, &mut self.row.v);
        Some(())
    }
}

/// Makes the kept rows the wanted ones; what is among them already is not made again.
#[inline(always)]
fn keep(
    kept: &mut [KeptRow; 2],
    wanted: [usize; 2],
    mut make: impl FnMut(usize, &mut [Vec<u8>; 2]) -> Option<()>,
) -> Option<&[KeptRow; 2]> {
    if kept[1].y == Some(wanted[0]) {
        kept.swap(0, 1);
    }
    for (kept, wanted) in kept.iter_mut().zip(wanted) {
        if kept.y != Some(wanted) {
            make(wanted, &mut kept.samples)?;
            kept.y = Some(wanted);
        }
    }
    Some(kept)
}

impl Reader {
    /// Fills `out` with one row of one channel: averages over boxes of `across` × `down` samples.
    #[inline(always)]
    fn read(&mut self, planes: &Planes<'_>, channel: usize, y: usize, samples: usize, (across, down): (usize, usize)) -> Option<()> {
        if (across, down) == (1, 1) {
            return read_row(planes, channel, y, samples, &mut self.out);
        }
        self.sums.clear();
        self.sums.resize(samples, 0);
        for line in y * down..(y + 1) * down {
            read_row(planes, channel, line, samples, &mut self.line)?;
            self.sums.iter_mut().zip(&self.line).for_each(|(sum, sample)| *sum += u16::from(*sample));
        }
        // Divides by multiplying: exact enough for sums of bytes, and fast.
        let share = u32::try_from((1_usize << 16) / (across * down)).unwrap_or(0);
        let average = |sums: &[u16]| {
            let sum: u32 = sums.iter().map(|sum| u32::from(*sum)).sum();
            u8::try_from((sum * share + (1 << 15)) >> 16).unwrap_or(u8::MAX)
        };
        self.out.clear();
        match across {
            2 => self.out.extend(self.sums.as_chunks::<2>().0.iter().map(|sums| average(sums))),
            _ => self.out.extend(self.sums.chunks_exact(across).map(average)),
        }
        Some(())
    }
}

/// One row of luma whose samples are bytes.
#[inline(always)]
fn plain_row<'a>(planes: &Planes<'a>, y: usize, samples: usize) -> Option<&'a [u8]> {
    let (bytes, stride) = planes.planes[0];
    bytes.get(y * stride..)?.get(..samples)
}

/// One row of one channel as samples of 8 bits, whatever the layout.
#[inline(always)]
fn read_row(planes: &Planes<'_>, channel: usize, y: usize, samples: usize, out: &mut Vec<u8>) -> Option<()> {
    let (plane, step, first) = match planes.format {
        PlaneFormat::I420 | PlaneFormat::I42010 => (channel, 1, 0),
        PlaneFormat::Nv12 | PlaneFormat::P01010 => (channel.min(1), if channel == 0 { 1 } else { 2 }, channel.saturating_sub(1)),
    };
    let wide = matches!(planes.format, PlaneFormat::I42010 | PlaneFormat::P01010);
    let (bytes, stride) = planes.planes[plane];
    let row = bytes.get(y * stride..)?.get(..samples * step * if wide { 2 } else { 1 })?;
    out.clear();
    match (wide, step) {
        (false, 1) => out.extend_from_slice(row),
        (false, _) => out.extend(row.chunks_exact(2).map(|pair| pair[first])),
        (true, _) => {
            // The 10 bits lie low in I420_10LE and high in P010; of either the upper 8 are kept.
            let shift = if planes.format == PlaneFormat::P01010 { 8 } else { 2 };
            #[expect(clippy::cast_possible_truncation, reason = "8 bits are left")]
            let narrow = |sample: &[u8; 2]| (u16::from_le_bytes(*sample) >> shift) as u8;
            let (samples, _) = row.as_chunks::<2>();
            match step {
                1 => out.extend(samples.iter().map(narrow)),
                _ => out.extend(samples.as_chunks::<2>().0.iter().map(|pair| narrow(&pair[first]))),
            }
        }
    }
    Some(())
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of two bytes is a byte")]
#[inline(always)]
fn mix(first: u8, second: u8, weight: u16) -> u8 {
    ((u16::from(first) * (WEIGHT_ONE - weight) + u16::from(second) * weight + WEIGHT_ONE / 2) >> WEIGHT_BITS) as u8
}

/// Mixes two rows.
#[inline(always)]
fn blend(first: &[u8], second: &[u8], weight: u16, out: &mut Vec<u8>) {
    out.resize(first.len(), 0);
    for ((out, first), second) in out.iter_mut().zip(first).zip(second) {
        *out = mix(*first, *second, weight);
    }
}

/// Mixes two rows of chroma, around zero and shifted.
#[inline(always)]
fn blend_centred(first: &[u8], second: &[u8], weight: u16, out: &mut Vec<i16>) {
    out.resize(first.len(), 0);
    for ((out, first), second) in out.iter_mut().zip(first).zip(second) {
        *out = (i16::from(mix(*first, *second, weight)) - 128) << SAMPLE_SHIFT;
    }
}

/// Scales a row of luma sideways, less its offset and shifted.
#[inline(always)]
fn stretch(row: &mut Vec<u8>, axis: &Axis, offset: i16, out: &mut Vec<i16>) {
    let shifted = |sample: u8| (i16::from(sample) - offset) << SAMPLE_SHIFT;
    out.resize(axis.taps.len(), 0);
    if axis.is_identity {
        return out.iter_mut().zip(&*row).for_each(|(out, sample)| *out = shifted(*sample));
    }
    // The last sample twice: the taps may then always look at two.
    row.extend(row.last().copied());
    for (out, tap) in out.iter_mut().zip(&axis.taps) {
        let pair = &row[tap.at as usize..][..2];
        *out = shifted(mix(pair[0], pair[1], tap.weight));
    }
}

/// Scales two channels that lie in the halves of words, both at once.
#[expect(clippy::cast_possible_truncation, reason = "each half is masked to a byte")]
#[inline(always)]
fn stretch_pairs(row: &mut Vec<u32>, axis: &Axis, out: &mut [Vec<u8>; 2]) {
    const HALVES: u32 = 0x00ff_00ff;
    const ROUND: u32 = (WEIGHT_ONE as u32 / 2) * 0x0001_0001;
    row.extend(row.last().copied());
    let [first, second] = out;
    first.resize(axis.taps.len(), 0);
    second.resize(axis.taps.len(), 0);
    for ((tap, first), second) in axis.taps.iter().zip(first).zip(second) {
        let pair = &row[tap.at as usize..][..2];
        let weight = u32::from(tap.weight);
        let both = ((pair[0] * (u32::from(WEIGHT_ONE) - weight) + pair[1] * weight + ROUND) >> WEIGHT_BITS) & HALVES;
        *first = both as u8;
        *second = (both >> 16) as u8;
    }
}

impl Row {
    /// Makes pixels of it. One plain loop after the other over a few hundred samples is what the compiler
    /// makes good vector code of.
    #[inline(always)]
    fn pixels(&mut self, weights: Weights, rgba: &mut Vec<u8>) {
        let [red, green, blue] = &mut self.colours;
        for colour in [&mut *red, &mut *green, &mut *blue] {
            colour.resize(self.luma.len(), 0);
        }
        for luma in &mut self.luma {
            *luma = product(*luma, weights.luma);
        }
        for ((red, luma), v) in red.iter_mut().zip(&self.luma).zip(&self.v) {
            *red = byte(*luma + product(*v, weights.red_v));
        }
        for (((green, luma), u), v) in green.iter_mut().zip(&self.luma).zip(&self.u).zip(&self.v) {
            *green = byte(*luma + product(*u, weights.green_u) + product(*v, weights.green_v));
        }
        for ((blue, luma), u) in blue.iter_mut().zip(&self.luma).zip(&self.u) {
            *blue = byte(*luma + product(*u, weights.blue_u));
        }
        let start = rgba.len();
        rgba.resize(start + 4 * red.len(), u8::MAX);
        let (pixels, _) = rgba[start..].as_chunks_mut::<4>();
        for (((pixel, red), green), blue) in pixels.iter_mut().zip(&*red).zip(&*green).zip(&*blue) {
            *pixel = (u32::from(*red) | u32::from(*green) << 8 | u32::from(*blue) << 16 | 0xff << 24).to_le_bytes();
        }
    }
}

/// The high half of a product, in which [`PRODUCT_BITS`] are a fraction.
#[inline(always)]
fn product(sample: i16, weight: i16) -> i16 {
    ((i32::from(sample) * i32::from(weight)) >> 16) as i16
}

#[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
#[inline(always)]
fn byte(value: i16) -> u8 {
    ((value + (1 << (PRODUCT_BITS - 1))) >> PRODUCT_BITS).clamp(0, 255) as u8
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
