//! The picture that stands for a video: the one near its beginning, unless that is black.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, RgbImage};

use super::orientation::Orientation;
use super::pipeline::Pipeline;

/// Where in a video a poster is looked for, in shares of its length.
const PLACES: [f64; 3] = [0.1, 0.25, 0.5];
/// How long one place may take.
const PLACE_MAX: Duration = Duration::from_secs(3);
/// A picture that is darker than this, from 0 to 255, is taken for black.
const DARK: f64 = 24.0;
/// Pixels of a row, and rows, that are looked at to tell how bright it is.
const SAMPLES: u32 = 64;
/// Greatest width, in pixels.
const WIDTH_MAX: u32 = 720;
/// Greatest height, in pixels: of a picture that is much taller than any screen.
const HEIGHT_MAX: u32 = 2160;
/// Of 100.
const QUALITY: u8 = 80;

/// A picture of a video.
pub(super) struct Frame {
    /// As they were decoded.
    pub pixels: RgbImage,
    /// Width and height with square pixels.
    pub size: (u32, u32),
    pub orientation: Orientation,
    /// When in the video.
    pub at: Duration,
}

/// The one that was chosen, and when in the video it is.
pub(super) struct Poster {
    pub frame: Frame,
    pub at: Duration,
}

impl Poster {
    /// The first picture of those looked at that is not black, or else the brightest. `None` when there is none at all.
    pub fn choose(pipeline: &mut Pipeline, duration: Option<Duration>) -> Option<Self> {
        let first = pipeline.frame();
        let sought = PLACES.iter().take(if duration.is_some() { PLACES.len() } else { 0 });
        let mut best: Option<(f64, Frame)> = None;
        for place in sought {
            let Some(frame) = pipeline.frame_at(duration.unwrap_or_default().mul_f64(*place), PLACE_MAX) else { break };
            let brightness = frame.brightness();
            if best.as_ref().is_none_or(|(most, _)| brightness > *most) {
                best = Some((brightness, frame));
            }
            if brightness >= DARK {
                break;
            }
        }
        // What cannot be sought has a beginning at least.
        let frame = best.map(|(_, frame)| frame).or(first)?;
        Some(Self { at: frame.at, frame })
    }
}

impl Frame {
    /// From 0 to 255, as seen at some of its pixels.
    fn brightness(&self) -> f64 {
        let (width, height) = self.pixels.dimensions();
        let (across, down) = (width.min(SAMPLES), height.min(SAMPLES));
        let places = (0..down).flat_map(|y| (0..across).map(move |x| (x * (width - 1) / across, y * (height - 1) / down)));
        let sum: f64 = places.map(|(x, y)| luma(self.pixels.get_pixel(x, y).0)).sum();
        sum / f64::from(across * down).max(1.0)
    }

    /// Writes it, upright and not larger than a poster is, as a JPEG.
    pub fn write(self, place: &Path) -> io::Result<()> {
        let (width, height) = small(self.orientation.turned(self.size));
        let (width, height) = self.orientation.turned((width, height));
        let picture = self.orientation.apply(imageops::resize(&self.pixels, width, height, FilterType::Triangle));
        let mut out = BufWriter::new(File::create(place)?);
        let encoded = JpegEncoder::new_with_quality(&mut out, QUALITY).encode(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        );
        encoded.map_err(io::Error::other)?;
        out.flush()
    }
}

/// ITU-R BT.709.
fn luma([red, green, blue]: [u8; 3]) -> f64 {
    0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue)
}

/// The size of a poster of a video of this size.
fn small((width, height): (u32, u32)) -> (u32, u32) {
    let share = (f64::from(WIDTH_MAX) / f64::from(width)).min(f64::from(HEIGHT_MAX) / f64::from(height)).min(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the greatest side")]
    let side = |side: u32| ((f64::from(side) * share).round() as u32).max(1);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn frame(colour: [u8; 3]) -> Frame {
        Frame { pixels: RgbImage::from_pixel(5, 7, Rgb(colour)), size: (5, 7), orientation: Orientation::default(), at: Duration::ZERO }
    }

    #[test]
    fn black_is_dark_and_a_scene_at_night_is_not() {
        assert!(frame([16, 16, 16]).brightness() < DARK);
        assert!(frame([20, 30, 40]).brightness() > DARK);
        assert!((frame([255; 3]).brightness() - 255.0).abs() < 0.001);
    }

    #[test]
    fn a_poster_is_never_larger_than_its_video_and_keeps_its_shape() {
        assert_eq!(small((2160, 3840)), (720, 1280));
        assert_eq!(small((360, 640)), (360, 640));
        assert_eq!(small((100, 8000)), (27, 2160));
        assert_eq!(small((8192, 1)), (720, 1));
    }
}
