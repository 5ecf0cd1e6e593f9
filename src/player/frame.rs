//! Decoded pictures on their way from a streaming thread to the screen.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::feed::Generation;

/// Matrix from Y′CbCr to RGB (ITU-R BT.601, BT.709, BT.2020 non-constant luminance).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// BT.601: standard definition.
    Bt601,
    /// BT.709: high definition.
    Bt709,
    /// BT.2020: ultra high definition.
    Bt2020,
}

/// How samples are to be read as colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColorSpec {
    /// The matrix.
    pub matrix: Matrix,
    /// Full range (0–255) instead of limited (16–235).
    pub full_range: bool,
}

impl ColorSpec {
    /// Luma weights of red and blue, `(Kr, Kb)`.
    #[must_use]
    pub fn weights(self) -> (f32, f32) {
        match self.matrix {
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt709 => (0.2126, 0.0722),
            Matrix::Bt2020 => (0.2627, 0.0593),
        }
    }
}

/// How planes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaneFormat {
    /// Three planes of 8 bits: Y, U, V; chroma halved both ways.
    I420,
    /// Two planes of 8 bits: Y, and U and V interleaved; chroma halved both ways.
    Nv12,
    /// Three planes of 16 bits little endian, the 10 low ones used; chroma halved both ways.
    I42010,
    /// Two planes of 16 bits little endian, the 10 high ones used (P010); chroma halved both ways.
    P01010,
}

/// A rotation clockwise that makes the picture upright, with an optional mirroring before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rotation {
    /// Quarter turns clockwise, 0 to 3.
    pub quarters: u8,
    /// Mirrored left to right before it is turned.
    pub mirrored: bool,
}

/// Planes that live in memory the player owns; dropped as soon as they are uploaded.
pub trait PlaneData: Send + Sync {
    /// The bytes of plane `index`, at least `stride × rows` of them (the last row may be short of its padding).
    fn plane(&self, index: usize) -> &[u8];
    /// Bytes from one row to the next.
    fn stride(&self, index: usize) -> usize;
}

/// The samples of a frame.
pub enum Picture {
    /// As they left the decoder.
    Planes {
        /// How they lie.
        format: PlaneFormat,
        /// How they are to be read.
        color: ColorSpec,
        /// The samples.
        data: Box<dyn PlaneData>,
    },
    /// Four bytes a pixel (red, green, blue, 255), rows without padding.
    Rgba(Vec<u8>),
}

/// One decoded picture.
pub struct Frame {
    /// Its samples.
    pub picture: Picture,
    /// Width and height of the samples, before rotation.
    pub coded: (u32, u32),
    /// Upright display size: pixel aspect and rotation applied. Only its ratio matters.
    pub display: (u32, u32),
    /// What makes it upright.
    pub rotation: Rotation,
    /// Presentation time in the clip.
    pub pts: Duration,
    /// Counts the pictures of one assignment, from 0. The preroll picture that comes again as the first
    /// sample keeps its number and is not put on the board twice.
    pub serial: u64,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("coded", &self.coded).field("pts", &self.pts).field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// Where streaming threads leave pictures and the UI thread picks them up: one place per assignment, the
/// newest wins, what was never picked up is counted. The lock is held for a swap only.
#[derive(Default)]
pub struct FrameBoard {
    places: Mutex<HashMap<Generation, Frame>>,
    put: AtomicU64,
    overwritten: AtomicU64,
    wake: Mutex<Option<Arc<dyn Fn() + Send + Sync>>>,
}

impl fmt::Debug for FrameBoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameBoard").field("put", &self.put).field("overwritten", &self.overwritten).finish_non_exhaustive()
    }
}

impl FrameBoard {
    /// An empty board.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is called, without any lock of the board held, after each picture: a repaint request.
    pub fn on_frame(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(wake);
    }

    /// Leaves a picture, and asks for a repaint. Whether it took the place of one that nobody had picked up.
    pub fn put(&self, generation: Generation, frame: Frame) -> bool {
        self.put.fetch_add(1, Ordering::Relaxed);
        let old = self.places.lock().unwrap_or_else(PoisonError::into_inner).insert(generation, frame);
        // Dropped outside the lock: unmapping a buffer may take a while.
        let overwrote = old.is_some();
        if overwrote {
            self.overwritten.fetch_add(1, Ordering::Relaxed);
        }
        drop(old);
        let wake = self.wake.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(wake) = wake {
            wake();
        }
        overwrote
    }

    /// Takes all pictures that wait.
    #[must_use]
    pub fn take(&self) -> Vec<(Generation, Frame)> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    /// Throws away what waits for an assignment that was given up.
    pub fn forget(&self, generation: Generation) {
        let old = self.places.lock().unwrap_or_else(PoisonError::into_inner).remove(&generation);
        drop(old);
    }

    /// Pictures left so far, and how many of them were overwritten before anyone picked them up.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.put.load(Ordering::Relaxed), self.overwritten.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(serial: u64) -> Frame {
        Frame {
            picture: Picture::Rgba(vec![0; 4]),
            coded: (1, 1),
            display: (1, 1),
            rotation: Rotation::default(),
            pts: Duration::ZERO,
            serial,
        }
    }

    #[test]
    fn the_newest_picture_wins_and_the_lost_one_is_counted() {
        let board = FrameBoard::new();
        assert!(!board.put(Generation(1), frame(0)));
        assert!(board.put(Generation(1), frame(1)));
        assert!(!board.put(Generation(2), frame(0)));
        let mut taken: Vec<_> = board.take().into_iter().map(|(generation, frame)| (generation.0, frame.serial)).collect();
        taken.sort_unstable();
        assert_eq!(taken, [(1, 1), (2, 0)]);
        assert_eq!(board.counts(), (3, 1));
        assert!(board.take().is_empty());
    }

    #[test]
    fn every_picture_asks_for_one_repaint() {
        let board = FrameBoard::new();
        let asked = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&asked);
        board.on_frame(Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        }));
        board.put(Generation(1), frame(0));
        board.put(Generation(1), frame(1));
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
