//! The size of a coded picture, read from its first bytes: for formats without a parser in front of the decoder,
//! where the container may tell of another size than the one that the decoder makes room for.

/// A format whose pictures tell their size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// VP8 (RFC 6386, section 9.1).
    Vp8,
    /// VP9 (VP9 bitstream specification, section 6.2).
    Vp9,
    /// JPEG (ITU-T T.81, annex B).
    Jpeg,
    /// Theora (Theora specification, section 6.2).
    Theora,
}

/// Width and height in pixels, when `bytes` begin a picture, or a header, that tells them.
#[must_use]
pub fn coded_size(coding: Coding, bytes: &[u8]) -> Option<(u32, u32)> {
    match coding {
        Coding::Vp8 => vp8(bytes),
        Coding::Vp9 => vp9(bytes),
        Coding::Jpeg => jpeg(bytes),
        Coding::Theora => theora(bytes),
    }
}

fn vp8(bytes: &[u8]) -> Option<(u32, u32)> {
    // The two high bits of each side are a wish for scaling.
    const SIDE: u16 = 0x3fff;
    let is_key = bytes.first()? & 1 == 0 && bytes.get(3..6)? == [0x9d, 0x01, 0x2a];
    let side = |at: usize| Some(u32::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]) & SIDE));
    if is_key { Some((side(6)?, side(8)?)) } else { None }
}

/// Bits, the highest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

fn vp9(bytes: &[u8]) -> Option<(u32, u32)> {
    const MARKER: u32 = 2;
    const SYNC: u32 = 0x49_8342;
    const RGB: u32 = 7;
    let mut bits = Bits { bytes, at: 0 };
    if bits.take(2)? != MARKER {
        return None;
    }
    let profile = bits.take(1)? | bits.take(1)? << 1;
    if profile == 3 {
        bits.take(1)?;
    }
    let (shows_another, is_no_key) = (bits.take(1)?, bits.take(1)?);
    // Whether it is shown, and how it bears errors.
    bits.take(2)?;
    if shows_another == 1 || is_no_key == 1 || bits.take(24)? != SYNC {
        return None;
    }
    if profile >= 2 {
        bits.take(1)?;
    }
    let has_subsampling = profile == 1 || profile == 3;
    if bits.take(3)? == RGB {
        bits.take(usize::from(has_subsampling))?;
    } else {
        bits.take(if has_subsampling { 4 } else { 1 })?;
    }
    Some((bits.take(16)? + 1, bits.take(16)? + 1))
}

fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let word = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    if bytes.get(..2)? != [0xff, 0xd8] {
        return None;
    }
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // Fill bytes, and markers without a segment.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // A frame header; the three left out are tables and an extension.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Some((word(at + 7)?.into(), word(at + 5)?.into())),
            // Samples begin, or the picture ends: there was no header.
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::from(word(at + 2)?),
        }
    }
}

fn theora(bytes: &[u8]) -> Option<(u32, u32)> {
    // Sides come in blocks of 16 pixels.
    let side = |at: usize| Some(u32::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])) * 16);
    if bytes.starts_with(b"\x80theora") { Some((side(10)?, side(12)?)) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_vp8_key_frame_tells_its_size_without_the_scale() {
        let bytes = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xa0, 0x40, 0x1c, 0x81];
        assert_eq!(coded_size(Coding::Vp8, &bytes), Some((160, 284)));
        assert_eq!(coded_size(Coding::Vp8, &[0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xa0, 0x40, 0x1c, 0x81]), None);
    }

    #[test]
    fn a_vp9_key_frame_tells_its_size_in_each_profile() {
        // Marker 10, profile, not another, key, shown, no errors; sync code; colour; width − 1, height − 1.
        let written = |text: &str| {
            let bits: String = text.split_whitespace().collect();
            let padded = format!("{bits:0<160}");
            (0..20).map(|at| u8::from_str_radix(&padded[at * 8..at * 8 + 8], 2).unwrap()).collect::<Vec<_>>()
        };
        let sync = "01001001 10000011 01000010";
        let (width, height) = (format!("{:016b}", 159), format!("{:016b}", 283));
        for (head, colour) in
            [("10 0 0 0 0 1 0", "001 0"), ("10 1 0 0 0 1 0", "001 0 110"), ("10 0 1 0 0 1 0", "0 001 0"), ("10 1 1 0 0 0 1 0", "0 111 0")]
        {
            let bytes = written(&format!("{head} {sync} {colour} {width} {height}"));
            assert_eq!(coded_size(Coding::Vp9, &bytes), Some((160, 284)), "{head}");
        }
        assert_eq!(coded_size(Coding::Vp9, &written(&format!("10 0 0 0 1 1 0 {sync} 001 0 {width} {height}"))), None);
    }

    #[test]
    fn a_jpeg_tells_its_size_in_the_frame_header() {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 0xc0, 0xc0, 0xff, 0xff, 0xc4, 0x00, 0x02];
        bytes.extend([0xff, 0xc2, 0x00, 0x0b, 0x08, 0x01, 0x1c, 0x00, 0xa0]);
        assert_eq!(coded_size(Coding::Jpeg, &bytes), Some((160, 284)));
        assert_eq!(coded_size(Coding::Jpeg, &bytes[..13]), None);
    }

    #[test]
    fn a_theora_header_tells_its_size_in_blocks() {
        assert_eq!(coded_size(Coding::Theora, b"\x80theora\x03\x02\x01\x00\x0a\x00\x12"), Some((160, 288)));
        assert_eq!(coded_size(Coding::Theora, b"\x81theora\x03\x02\x01\x00\x0a\x00\x12"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..64), start in 0..5_usize) {
            let start: &[u8] = [&[][..], &[0xff, 0xd8, 0xff], b"\x80theora", &[0x10, 2, 0, 0x9d, 1, 0x2a], &[0x82, 0x49, 0x83, 0x42]][start];
            let bytes = [start, &bytes].concat();
            for coding in [Coding::Vp8, Coding::Vp9, Coding::Jpeg, Coding::Theora] {
                let _ = coded_size(coding, &bytes);
            }
        }
    }
}
