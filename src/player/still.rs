//! A picture of a clip that somebody keeps: upright and in full size.

use std::fmt;
use std::time::Duration;

use super::Rotation;

/// One picture, upright.
#[derive(Clone, PartialEq)]
pub struct Still {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Four bytes a pixel (red, green, blue, 255), rows without padding, from the top left.
    pub rgba: Vec<u8>,
    /// Its time in the clip.
    pub at: Duration,
}

impl fmt::Debug for Still {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Still").field("size", &self.size).field("at", &self.at).finish_non_exhaustive()
    }
}

impl Still {
    /// Turns a picture of `size` pixels upright. `None` when `rgba` is shorter than its size.
    #[must_use]
    pub fn upright(rgba: Vec<u8>, size: (u32, u32), rotation: Rotation, at: Duration) -> Option<Self> {
        let (width, height) = (size.0 as usize, size.1 as usize);
        if rgba.len() != width * height * 4 {
            return None;
        }
        if rotation == Rotation::default() {
            return Some(Self { size, rgba, at });
        }
        let turned = if rotation.quarters % 2 == 1 { (size.1, size.0) } else { size };
        let mut upright = Vec::with_capacity(rgba.len());
        for y in 0..turned.1 as usize {
            for x in 0..turned.0 as usize {
                let (from_x, from_y) = match rotation.quarters % 4 {
                    0 => (x, y),
                    1 => (y, height - 1 - x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (width - 1 - y, x),
                };
                // It is mirrored before it is turned.
                let from_x = if rotation.mirrored { width - 1 - from_x } else { from_x };
                let from = (from_y * width + from_x) * 4;
                upright.extend_from_slice(&rgba[from..from + 4]);
            }
        }
        Some(Self { size: turned, rgba: upright, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three pixels across and two down, numbered row by row, turned; the numbers as they lie then.
    fn turned(quarters: u8, mirrored: bool) -> ((u32, u32), Vec<u8>) {
        let rgba = (1..=6).flat_map(|number| [number, number, number, 255]).collect();
        let still = Still::upright(rgba, (3, 2), Rotation { quarters, mirrored }, Duration::ZERO).unwrap();
        (still.size, still.rgba.chunks_exact(4).map(|pixel| pixel[0]).collect())
    }

    #[test]
    fn a_picture_is_mirrored_and_then_turned_clockwise() {
        assert_eq!(turned(0, false), ((3, 2), vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(turned(1, false), ((2, 3), vec![4, 1, 5, 2, 6, 3]));
        assert_eq!(turned(2, false), ((3, 2), vec![6, 5, 4, 3, 2, 1]));
        assert_eq!(turned(3, false), ((2, 3), vec![3, 6, 2, 5, 1, 4]));
        assert_eq!(turned(0, true), ((3, 2), vec![3, 2, 1, 6, 5, 4]));
        assert_eq!(turned(1, true), ((2, 3), vec![6, 3, 5, 2, 4, 1]));
    }

    #[test]
    fn bytes_that_are_no_such_picture_are_none() {
        assert_eq!(Still::upright(vec![0; 23], (3, 2), Rotation::default(), Duration::ZERO), None);
    }
}
