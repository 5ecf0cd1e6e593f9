//! A picture in some thirty characters (BlurHash): what stands for a poster until it is there.
//!
//! The text holds a few components of a cosine transform in linear light. They are evaluated once, on a coarse grid,
//! which the renderer then only has to blend.

use std::f32::consts::PI;

/// Colours across and down.
pub const BLUR_COLUMNS: usize = 6;
/// Colours down.
pub const BLUR_ROWS: usize = 9;

/// The 83 characters, in the order of their values.
const DIGITS: &[u8; 83] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
/// Characters of the longest text: nine components each way.
const LONGEST: usize = 4 + 2 * 9 * 9;

/// A blurred picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blurhash {
    text: String,
    /// Red, green and blue in sRGB: rows from the top, each from the left, the outermost on the edges.
    colors: [[[u8; 3]; BLUR_COLUMNS]; BLUR_ROWS],
}

impl Blurhash {
    /// Reads a text; `None` when it is none, or not a whole one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let values: Vec<u32> = text.bytes().map(value).collect::<Option<_>>()?;
        let sides = *values.first()?;
        let (across, down) = (sides as usize % 9 + 1, sides as usize / 9 + 1);
        if values.len() != 4 + 2 * across * down || down > 9 {
            return None;
        }
        let strongest = small(values[1] + 1) / 166.0;
        let mut parts = vec![mean(joined(&values[2..6]))];
        parts.extend(values[6..].chunks_exact(2).map(|pair| waves(joined(pair), strongest)));
        let mut colors = [[[0; 3]; BLUR_COLUMNS]; BLUR_ROWS];
        for (row, colors) in colors.iter_mut().enumerate() {
            for (column, color) in colors.iter_mut().enumerate() {
                *color = color_at(&parts, across, share(column, BLUR_COLUMNS), share(row, BLUR_ROWS));
            }
        }
        Some(Self { text: text.to_owned(), colors })
    }

    /// The text it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its colours.
    #[must_use]
    pub fn colors(&self) -> &[[[u8; 3]; BLUR_COLUMNS]; BLUR_ROWS] {
        &self.colors
    }
}

fn value(digit: u8) -> Option<u32> {
    DIGITS.iter().position(|own| *own == digit).and_then(|at| u32::try_from(at).ok())
}

fn joined(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |sum, digit| sum * 83 + digit)
}

/// The mean of the picture: 24 bits of sRGB.
fn mean(bits: u32) -> [f32; 3] {
    [bits >> 16 & 255, bits >> 8 & 255, bits & 255].map(|channel| linear(small(channel) / 255.0))
}

/// How strongly one wave goes through each channel: three numbers from 0 to 18, of which 9 is none at all.
fn waves(bits: u32, strongest: f32) -> [f32; 3] {
    [bits / 361, bits / 19 % 19, bits % 19].map(|channel| {
        let share = (small(channel) - 9.0) / 9.0;
        share * share.abs() * strongest
    })
}

/// The colour at a place of the picture, both 0 to 1.
fn color_at(parts: &[[f32; 3]], across: usize, x: f32, y: f32) -> [u8; 3] {
    let mut sum = [0.0; 3];
    for (at, part) in parts.iter().enumerate() {
        let (i, j) = (at % across, at / across);
        let height = (PI * x * count(i)).cos() * (PI * y * count(j)).cos();
        for (sum, channel) in sum.iter_mut().zip(part) {
            *sum += channel * height;
        }
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255")]
    sum.map(|channel| (gamma(channel.clamp(0.0, 1.0)) * 255.0).round() as u8)
}

fn share(at: usize, of: usize) -> f32 {
    count(at) / count(of - 1)
}

#[expect(clippy::cast_precision_loss, reason = "at most nine")]
fn count(at: usize) -> f32 {
    at as f32
}

#[expect(clippy::cast_precision_loss, reason = "at most 255")]
fn small(number: u32) -> f32 {
    number as f32
}

/// From sRGB to linear light.
fn linear(channel: f32) -> f32 {
    if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

/// From linear light to sRGB.
fn gamma(channel: f32) -> f32 {
    if channel <= 0.003_130_8 { channel * 12.92 } else { 1.055 * channel.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of one colour: one component, no waves.
    fn plain(color: u32) -> String {
        let digits = [0, 0, color / 571_787, color / 6_889 % 83, color / 83 % 83, color % 83];
        digits.iter().map(|digit| char::from(DIGITS[*digit as usize])).collect()
    }

    #[test]
    fn one_component_is_one_colour_everywhere() {
        let blur = Blurhash::read(&plain(0x33_88_cc)).unwrap();
        assert!(blur.colors().iter().flatten().all(|color| *color == [0x33, 0x88, 0xcc]), "{blur:?}");
    }

    #[test]
    fn a_wave_across_makes_one_side_lighter_than_the_other_and_none_makes_the_top_differ() {
        // Two components across, the second as strong as can be in all channels.
        let second = 18 * 361 + 18 * 19 + 18;
        let text = format!("1~{}{}{}", &plain(0x80_80_80)[2..], char::from(DIGITS[second / 83]), char::from(DIGITS[second % 83]));
        let colors = *Blurhash::read(&text).unwrap().colors();
        assert!(colors[0][0][0] > colors[0][5][0] + 50, "{colors:?}");
        assert!(colors.iter().all(|row| *row == colors[0]));
    }

    #[test]
    fn the_example_of_the_format_is_read_as_its_decoders_read_it() {
        // "LEHV6nWB2yk8pyo0adR*.7kCMdnj": 4 × 3 components, the mean is #999A9F less what the waves take at the edges.
        let blur = Blurhash::read("LEHV6nWB2yk8pyo0adR*.7kCMdnj").unwrap();
        let all: Vec<_> = blur.colors().iter().flatten().collect();
        let mean = |channel: usize| all.iter().map(|color| u32::from(color[channel])).sum::<u32>() / 54;
        assert!((0..3).all(|channel| (110..200).contains(&mean(channel))), "{} {} {}", mean(0), mean(1), mean(2));
    }

    #[test]
    fn what_is_no_blurhash_is_none() {
        let good = plain(0);
        for text in
            ["", "0", "LEHV6nWB2yk8pyo0adR*.7kCMdn", "LEHV6nWB2yk8pyo0adR*.7kCMdnjj", "é", "L HV6nWB2yk8pyo0adR*.7kCMdnj", &good[..5]]
        {
            assert_eq!(Blurhash::read(text), None, "{text:?}");
        }
        assert_eq!(Blurhash::read(&"~".repeat(5000)), None);
    }
}
