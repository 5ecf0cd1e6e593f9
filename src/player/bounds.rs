//! What a picture and a clip may measure. What is larger is refused before a decoder makes room for it; what is
//! absurd beside the picture itself is ignored.

use std::time::Duration;

/// The longest side of a picture, in pixels: 8K lying or standing.
pub const SIDE_MAX: u32 = 8192;
/// The most pixels of a picture. 8K in either shape of cinema (7680 × 4320, 8192 × 4320) fits; one such picture
/// takes 54 MB in 8 bits.
pub const PIXELS_MAX: u64 = 36_000_000;
/// Streams of a file that are looked at, in the order in which the demuxer tells them.
pub const STREAMS_MAX: usize = 32;
/// A clip that says it is longer says nothing: damaged headers tell of weeks.
pub const DURATION_MAX: Duration = Duration::from_hours(24);
/// Pixels are at most this many times as wide as high, or as high as wide. Formats in use stay below 3.
const ASPECT_MAX: u64 = 8;

/// Whether a picture of this size, in pixels, may be decoded.
#[must_use]
pub fn fits(width: u32, height: u32) -> bool {
    width <= SIDE_MAX && height <= SIDE_MAX && u64::from(width) * u64::from(height) <= PIXELS_MAX
}

/// The length of a clip, if it is one.
#[must_use]
pub fn duration(told: Option<Duration>) -> Option<Duration> {
    told.filter(|told| !told.is_zero() && *told <= DURATION_MAX)
}

/// Width over height of a pixel, as numerator and denominator; 1 over 1 when what is told cannot be meant.
#[must_use]
pub fn pixel_aspect(numerator: i32, denominator: i32) -> (u64, u64) {
    match (u64::try_from(numerator), u64::try_from(denominator)) {
        (Ok(wide @ 1..), Ok(high @ 1..)) if wide <= high * ASPECT_MAX && high <= wide * ASPECT_MAX => (wide, high),
        _ => (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_up_to_8k_fit_lying_and_standing() {
        for (width, height) in [(0, 0), (1, 1), (720, 1280), (7680, 4320), (4320, 8192), (8192, 4320), (8192, 2)] {
            assert!(fits(width, height), "{width} × {height}");
        }
        for (width, height) in [(8193, 2), (2, 8193), (8192, 8192), (6001, 6000), (u32::MAX, u32::MAX), (1, u32::MAX)] {
            assert!(!fits(width, height), "{width} × {height}");
        }
    }

    #[test]
    fn a_length_of_nothing_or_of_days_is_unknown() {
        let hours = |hours| Some(Duration::from_hours(hours));
        assert_eq!(duration(hours(24)), hours(24));
        assert_eq!(duration(hours(25)), None);
        assert_eq!(duration(Some(Duration::MAX)), None);
        assert_eq!(duration(Some(Duration::ZERO)), None);
        assert_eq!(duration(None), None);
    }

    #[test]
    fn an_aspect_that_cannot_be_meant_is_square() {
        assert_eq!(pixel_aspect(4, 3), (4, 3));
        assert_eq!(pixel_aspect(8, 1), (8, 1));
        for (numerator, denominator) in [(9, 1), (1, 9), (0, 1), (1, 0), (-4, 3), (i32::MAX, 1), (1, i32::MAX)] {
            assert_eq!(pixel_aspect(numerator, denominator), (1, 1), "{numerator}:{denominator}");
        }
    }
}
