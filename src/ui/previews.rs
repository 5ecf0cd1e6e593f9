//! Small pictures of the clip that plays, which the scrubber shows above the pointer: taken from those that come by anyway,
//! and asked of the player where somebody points at a place that was not played.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::ColorImage;

use super::echo::sample;
use crate::feed::Generation;
use crate::player::{Frame, PREVIEW_BOX, Still};

/// The most that are kept; with four bytes a pixel all of them take 2.3 MB.
const MOST: usize = 40;
/// Time in the clip between two of them.
const APART: Duration = Duration::from_secs(1);
/// How far from the time that is asked for a picture may be.
const NEAR: Duration = Duration::from_millis(1500);
/// One is asked for where the nearest is further away than this.
const WISH_BEYOND: Duration = Duration::from_millis(750);
/// And for places this far apart: a hand is never quite still.
const WISH_STEP_MS: u128 = 250;
/// Pictures of an assignment that are left alone: while they come a swipe may still move.
const FIRST: u64 = 12;

/// Small pictures of one assignment.
#[derive(Clone, Debug, Default)]
pub(super) struct Previews {
    of: Generation,
    kept: Vec<(Duration, Arc<ColorImage>)>,
    /// The place that was asked for last, and the time of the picture that came: there may be no nearer one.
    answered: Option<(Duration, Duration)>,
}

impl Previews {
    /// Whether [`Self::take`] would keep this picture.
    pub fn wants(&self, generation: Generation, frame: &Frame) -> bool {
        let is_new = || self.kept.iter().all(|(at, _)| at.abs_diff(frame.pts) >= APART);
        frame.serial >= FIRST && (self.of != generation || is_new())
    }

    /// Keeps a small copy of a picture; those of another assignment are let go.
    pub fn take(&mut self, generation: Generation, frame: &Frame) {
        self.keep(generation, frame.pts, || small(frame));
    }

    /// Keeps a picture that was asked for, and which place it answers.
    pub fn came(&mut self, generation: Generation, wanted: Duration, still: &Still) {
        let size = [still.size.0 as usize, still.size.1 as usize];
        if still.rgba.len() != size[0] * size[1] * 4 {
            return;
        }
        if self.of != generation || self.kept.iter().all(|(at, _)| *at != still.at) {
            self.keep(generation, still.at, || ColorImage::from_rgba_unmultiplied(size, &still.rgba));
        }
        self.answered = Some((wanted, still.at));
    }

    fn keep(&mut self, generation: Generation, at: Duration, image: impl FnOnce() -> ColorImage) {
        if self.of != generation {
            *self = Self { of: generation, ..Self::default() };
        }
        if self.kept.len() >= MOST {
            // Who looks for something looks near where they are.
            let farthest = (0..self.kept.len()).max_by_key(|place| self.kept[*place].0.abs_diff(at));
            self.kept.swap_remove(farthest.unwrap_or(0));
        }
        self.kept.push((at, Arc::new(image())));
    }

    /// The place to ask for when somebody points at `at`; `None` where what is known is near enough.
    pub fn wish(&self, generation: Generation, at: Duration) -> Option<Duration> {
        let step = u64::try_from((at.as_millis() + WISH_STEP_MS / 2) / WISH_STEP_MS * WISH_STEP_MS).unwrap_or(u64::MAX);
        let place = Duration::from_millis(step);
        let is_near = self.kept.iter().any(|(time, _)| time.abs_diff(at) <= WISH_BEYOND);
        let is_answered = self.answered.is_some_and(|(wanted, _)| wanted == place);
        (self.of != generation || !is_near && !is_answered).then_some(place)
    }

    /// The picture nearest to `at` in an assignment, when one is near, and the time in the clip it is of.
    pub fn near(&self, generation: Generation, at: Duration) -> Option<(Duration, &Arc<ColorImage>)> {
        let kept = self.kept.iter().filter(|_| self.of == generation);
        // What was answered for this very place counts, however far the nearest keyframe lies.
        let answered = self.answered.filter(|(wanted, _)| wanted.abs_diff(at) <= NEAR).map(|(_, time)| time);
        let (time, image) = kept.min_by_key(|(time, _)| time.abs_diff(at))?;
        if time.abs_diff(at) <= NEAR {
            return Some((*time, image));
        }
        self.kept.iter().filter(|_| self.of == generation).find(|(time, _)| Some(*time) == answered).map(|(time, image)| (*time, image))
    }
}

/// A small upright copy of a picture.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a small picture")]
fn small(frame: &Frame) -> ColorImage {
    let (width, height) = (frame.display.0.max(1) as f32, frame.display.1.max(1) as f32);
    let (longer, shorter) = (PREVIEW_BOX.0 as f32, PREVIEW_BOX.1 as f32);
    let (across, down) = if width > height { (longer, shorter) } else { (shorter, longer) };
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
    fn only_places_of_which_no_picture_is_near_are_asked_for() {
        let (mut previews, of) = (Previews::default(), Generation(1));
        offer(&mut previews, 1, 5);
        let seconds = Duration::from_secs_f64;
        assert_eq!(previews.wish(of, seconds(5.7)), None);
        assert_eq!(previews.wish(of, seconds(6.1)), Some(seconds(6.0)));
        assert_eq!(previews.wish(of, seconds(6.13)), Some(seconds(6.25)), "a hand is never quite still");
        assert_eq!(previews.wish(Generation(2), seconds(5.0)), Some(seconds(5.0)));
    }

    #[test]
    fn a_picture_that_was_asked_for_is_shown_at_its_place_however_far_its_keyframe_lies() {
        let (mut previews, of) = (Previews::default(), Generation(1));
        let still = |seconds| Still { size: (1, 1), rgba: vec![9, 9, 9, 255], at: Duration::from_secs(seconds) };
        let place = Duration::from_mins(1);
        previews.came(of, place, &still(52));
        assert_eq!(previews.near(of, place).map(|(at, _)| at), Some(Duration::from_secs(52)));
        assert_eq!(previews.wish(of, place), None, "there is no nearer one");
        assert!(previews.near(of, Duration::from_secs(70)).is_none());
        assert!(previews.near(Generation(2), place).is_none());
        // The exact one takes its place, and the same one is not kept twice.
        previews.came(of, place, &still(60));
        previews.came(of, place, &still(60));
        assert_eq!(previews.near(of, place).map(|(at, _)| at), Some(place));
        assert_eq!(previews.kept.len(), 2);
    }

    #[test]
    fn the_first_pictures_are_left_to_the_swipe() {
        assert!(!Previews::default().wants(Generation(1), &frame(0, 3)));
    }
}
