//! How a picture has to be turned to be upright.

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video::VideoOrientationMethod;
use image::{RgbImage, imageops};

/// Events of one kind that are looked at on one pad.
const EVENTS_MAX: u32 = 16;

/// A turn, clockwise, and then perhaps a mirror.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orientation {
    quarters: u8,
    is_mirrored: bool,
}

impl Orientation {
    /// The one that the stream at `pad` tells of; `None` when it tells nothing.
    pub fn of(pad: &gst::Pad) -> Option<Self> {
        let tags = (0..EVENTS_MAX).map_while(|at| pad.sticky_event::<gst::event::Tag>(at));
        let (quarters, is_mirrored) = match tags.filter_map(|event| VideoOrientationMethod::from_tag(event.tag())).last()? {
            VideoOrientationMethod::_90r => (1, false),
            VideoOrientationMethod::_180 => (2, false),
            VideoOrientationMethod::_90l => (3, false),
            VideoOrientationMethod::Horiz => (0, true),
            VideoOrientationMethod::UlLr => (1, true),
            VideoOrientationMethod::Vert => (2, true),
            VideoOrientationMethod::UrLl => (3, true),
            _ => (0, false),
        };
        Some(Self { quarters, is_mirrored })
    }

    /// Width and height of what has these before it is turned; and the other way round.
    pub fn turned(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.quarters % 2 == 1 { (height, width) } else { (width, height) }
    }

    /// The picture as it has to be seen.
    pub fn apply(self, picture: RgbImage) -> RgbImage {
        let turned = match self.quarters {
            1 => imageops::rotate90(&picture),
            2 => imageops::rotate180(&picture),
            3 => imageops::rotate270(&picture),
            _ => picture,
        };
        if self.is_mirrored { imageops::flip_horizontal(&turned) } else { turned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// What becomes of a picture of 3 × 2 whose corners are a, b above and c, d below.
    fn corners(tag: &str) -> (String, (u32, u32)) {
        gst::init().unwrap();
        let pad = gst::Pad::builder(gst::PadDirection::Src).build();
        pad.set_active(true).unwrap();
        let mut tags = gst::TagList::new();
        tags.make_mut().add::<gst::tags::ImageOrientation>(&tag, gst::TagMergeMode::Replace);
        pad.store_sticky_event(&gst::event::StreamStart::new("s")).unwrap();
        pad.store_sticky_event(&gst::event::Tag::new(tags)).unwrap();
        let mut picture = RgbImage::new(3, 2);
        for (x, y, sign) in [(0, 0, b'a'), (2, 0, b'b'), (0, 1, b'c'), (2, 1, b'd')] {
            picture.put_pixel(x, y, Rgb([sign; 3]));
        }
        let orientation = Orientation::of(&pad).unwrap();
        let upright = orientation.apply(picture);
        let (width, height) = upright.dimensions();
        assert_eq!(orientation.turned((3, 2)), (width, height));
        let corners = [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)];
        (corners.map(|(x, y)| char::from(upright.get_pixel(x, y).0[0])).iter().collect(), (width, height))
    }

    #[test]
    fn a_picture_is_turned_and_mirrored_as_its_stream_says() {
        let told = |corners: &str, size| (corners.to_owned(), size);
        assert_eq!(corners("rotate-0"), told("abcd", (3, 2)));
        assert_eq!(corners("rotate-90"), told("cadb", (2, 3)));
        assert_eq!(corners("rotate-180"), told("dcba", (3, 2)));
        assert_eq!(corners("rotate-270"), told("bdac", (2, 3)));
        assert_eq!(corners("flip-rotate-0"), told("badc", (3, 2)));
        assert_eq!(corners("flip-rotate-90"), told("dbca", (2, 3)));
        assert_eq!(corners("flip-rotate-180"), told("cdab", (3, 2)));
        assert_eq!(corners("flip-rotate-270"), told("acbd", (2, 3)));
    }
}
