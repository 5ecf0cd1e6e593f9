//! Pictures from strangers to pixels, within bounds of time and memory.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Largest width and height that are decoded, in pixels.
const SIDE_MAX: u32 = 4096;
/// Most memory that decoding may take, in bytes.
const DECODE_BYTES_MAX: u64 = 64 << 20;
/// A poster is made to fit into this many pixels across and down: as wide as a feed is shown, and as tall as the
/// tallest telephone.
const FIT: (u32, u32) = (720, 1680);

/// A poster, upright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// Width in pixels, 1 to 720.
    pub width: u32,
    /// Height in pixels, 1 to 1680.
    pub height: u32,
    /// Four bytes a pixel (red, green, blue, 255), rows without padding.
    pub rgba: Vec<u8>,
}

/// Decodes a JPEG, PNG or WebP picture, whatever it is called, and makes it as small as a poster has to be. `None`
/// when it is damaged, too large, or something else. Takes its time: not to be called where anybody waits.
pub(super) fn decode(bytes: &[u8]) -> Option<Poster> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    // Other crates may have switched on more formats than these.
    reader.format().filter(|format| matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > DECODE_BYTES_MAX {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    if image.width() == 0 || image.height() == 0 {
        return None;
    }
    image.apply_orientation(orientation);
    if image.width() > FIT.0 || image.height() > FIT.1 {
        image = image.resize(FIT.0, FIT.1, FilterType::Triangle);
    }
    let mut image = image.into_rgba8();
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        // What is seen through stands on black.
        let over = |value: u8| u8::try_from(u16::from(value) * u16::from(alpha) / 255).unwrap_or(u8::MAX);
        pixel.0 = [over(red), over(green), over(blue), 255];
    }
    Some(Poster { width: image.width(), height: image.height(), rgba: image.into_raw() })
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image = RgbaImage::from_fn(width, height, |x, _| Rgba(if x < width / 2 { [200, 40, 40, 255] } else { [40, 40, 200, 255] }));
        encoded(&DynamicImage::from(image), format)
    }

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let image = if format == ImageFormat::Jpeg { DynamicImage::from(image.to_rgb8()) } else { image.clone() };
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn jpeg_png_and_webp_are_decoded_and_made_small() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let poster = decode(&picture(1080, 1920, format)).unwrap();
            assert_eq!((poster.width, poster.height), (720, 1280), "{format:?}");
            assert_eq!(poster.rgba.len(), 720 * 1280 * 4);
            let [red, _, blue, alpha] = poster.rgba[40..44] else { unreachable!() };
            assert!(red > 180 && blue < 60 && alpha == 255, "{format:?}");
        }
        assert_eq!(decode(&picture(90, 160, ImageFormat::Png)).map(|poster| (poster.width, poster.height)), Some((90, 160)));
    }

    #[test]
    fn what_is_seen_through_stands_on_black() {
        let image = RgbaImage::from_pixel(2, 2, Rgba([255, 100, 0, 51]));
        let poster = decode(&encoded(&DynamicImage::from(image), ImageFormat::Png)).unwrap();
        assert_eq!(poster.rgba[..4], [51, 20, 0, 255]);
    }

    #[test]
    fn a_picture_that_is_damaged_or_too_large_or_none_is_no_poster() {
        let whole = picture(400, 400, ImageFormat::Png);
        let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
        for bytes in [&b""[..], b"<html>", gif, &whole[..40], &whole[..whole.len() / 2], &picture(5000, 8, ImageFormat::Png)] {
            assert_eq!(decode(bytes), None);
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_not_believed() {
        let mut bytes = picture(8, 8, ImageFormat::Png);
        // Width and height in the header, and its checksum.
        bytes[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
        let sum = crc32fast::hash(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(decode(&bytes), None);
    }
}
