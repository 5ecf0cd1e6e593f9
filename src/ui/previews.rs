//! Small pictures of the clip that plays, taken from those that come by anyway: what the scrubber shows above the pointer.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::ColorImage;

use super::echo::sample;
use crate::feed::Generation;
use crate::player::Frame;

/// The most that are kept; with four bytes a pixel all of them take 2.3 MB.
const MOST: usize = 40;
/// Time in the clip between two of them.
const APART: Duration = Duration::from_secs(1);
/// How far from the time that is asked for a picture may be.
const NEAR: Duration = Duration::from_millis(1500);
/// The longer and the shorter side of the box they are made to fit, in pixels.
const BOX: (f32, f32) = (160.0, 90.0);
/// Pictures of an assignment that are left alone: while they come a swipe may still move.
const FIRST: u64 = 12;

/// Small pictures of one assignment.
#[derive(Clone, Debug, Default)]
pub(super) struct Previews {
    of: Generation,
    kept: Vec<(Duration, Arc<ColorImage>)>,
}

impl Previews {
    /// Whether [`Self::take`] would keep this picture.
    pub fn wants(&self, generation: Generation, frame: &Frame) -> bool {
        let is_new = || self.kept.iter().all(|(at, _)| at.abs_diff(frame.pts) >= APART);
        frame.serial >= FIRST && (self.of != generation || is_new())
    }

    /// Keeps a small copy of a picture; those of another assignment are let go.
    pub fn take(&mut self, generation: Generation, frame: &Frame) {
        if self.of != generation {
            (self.of, self.kept) = (generation, Vec::new());
        }
        if self.kept.len() >= MOST {
            // Who looks for something looks near where they are.
            let farthest = (0..self.kept.len()).max_by_key(|at| self.kept[*at].0.abs_diff(frame.pts));
            self.kept.swap_remove(farthest.unwrap_or(0));
        }
        self.kept.push((frame.pts, Arc::new(small(frame))));
    }

    /// The picture nearest to `at` in an assignment, when one is near, and the time in the clip it is of.
    pub fn near(&self, generation: Generation, at: Duration) -> Option<(Duration, &Arc<ColorImage>)> {
        let kept = self.kept.iter().filter(|_| self.of == generation);
        let (time, image) = kept.min_by_key(|(time, _)| time.abs_diff(at))?;
        (time.abs_diff(at) <= NEAR).then_some((*time, image))
    }
}

/// A small upright copy of a picture.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a small picture")]
fn small(frame: &Frame) -> ColorImage {
    let (width, height) = (frame.display.0.max(1) as f32, frame.display.1.max(1) as f32);
    let (across, down) = if width > height { BOX } else { (BOX.1, BOX.0) };
    let scale = (across / width).min(down / height);
    let size = [(width * scale).round().max(1.0) as usize, (height * scale).round().max(1.0) as usize];
    let at = |place: usize, of: usize, offset: f32| ((place as f32 + offset) / of as f32).min(0.999);
    let pixels = (0..size[0] * size[1]).flat_map(|index| {
        let (x, y) = (index % size[0], index / size[0]);
        let first = sample(frame, at(x, size[0], 0.25), at(y, size[1], 0.25));
        let second = sample(frame, at(x, size[0], 0.75), at(y, size[1], 0.75));
        [0, 1, 2].map(|part| first[part].midpoint(second[part]))
    });
    ColorImage::from_rgb(size, &pixels.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::{Picture, Rotation};

    fn frame(seconds: u64, serial: u64) -> Frame {
        let shade = u8::try_from(seconds).unwrap_or(255);
        Frame {
            picture: Picture::Rgba([shade, 10, 20, 255].repeat(72 * 128)),
            coded: (72, 128),
            display: (720, 1280),
            rotation: Rotation::default(),
            pts: Duration::from_secs(seconds),
            serial,
        }
    }

    fn offer(previews: &mut Previews, generation: u64, seconds: u64) {
        let frame = frame(seconds, 100);
        if previews.wants(Generation(generation), &frame) {
            previews.take(Generation(generation), &frame);
        }
    }

    #[test]
    fn the_nearest_picture_is_shown_and_none_that_is_far() {
        let mut previews = Previews::default();
        for seconds in [0, 5, 10] {
            offer(&mut previews, 1, seconds);
        }
        let (at, image) = previews.near(Generation(1), Duration::from_millis(6400)).unwrap();
        assert_eq!((at, image.size), (Duration::from_secs(5), [90, 160]));
        assert_eq!(image.pixels[0].r(), 5);
        assert!(previews.near(Generation(1), Duration::from_millis(7500)).is_none());
        assert!(previews.near(Generation(2), Duration::from_secs(5)).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded_and_of_one_clip_alone() {
        let mut previews = Previews::default();
        for seconds in 0..100 {
            offer(&mut previews, 1, seconds);
            offer(&mut previews, 1, seconds);
        }
        assert_eq!(previews.kept.len(), MOST);
        assert!(previews.near(Generation(1), Duration::from_secs(99)).is_some());
        assert!(previews.near(Generation(1), Duration::from_secs(3)).is_none());
        offer(&mut previews, 2, 1);
        assert_eq!(previews.kept.len(), 1);
    }

    #[test]
    fn the_first_pictures_are_left_to_the_swipe() {
        assert!(!Previews::default().wants(Generation(1), &frame(0, 3)));
    }
}
