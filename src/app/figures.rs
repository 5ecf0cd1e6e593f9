//! What the client measures of itself, by the definitions in `docs/PERFORMANCE.md`.

use std::collections::VecDeque;
use std::time::Duration;

use crate::feed::Generation;
use crate::metrics::Latency;

/// How ready an item was when the swipe to it was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Its first picture was there.
    Warm,
    /// It was not prerolled, but its bytes were here.
    Cached,
    /// Neither.
    Cold,
}

/// One display frame for the graph.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameShape {
    /// When it began.
    pub at: Duration,
    /// Time since the frame before it.
    pub interval: Duration,
    /// Time the UI thread spent on the frame before it.
    pub work: Duration,
    /// Whether anything moved in both.
    pub moving: bool,
}

/// A swipe that is over, for a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SwipeShape {
    /// When it was committed.
    pub committed_at: Duration,
    /// How ready its item was.
    pub class: Class,
    /// Whether it went to a later item.
    pub forward: bool,
    /// To its first frame; `None`: it was left before, or its item failed.
    pub took: Option<Duration>,
}

/// Frames kept for the graph and the rate: ten seconds at 60 Hz.
const FRAMES_KEPT: usize = 600;
/// A frame interval beyond this share of the display period is jank.
const JANK_PERIODS: f64 = 1.5;
/// Latencies kept for the sparkline.
const RECENT_KEPT: usize = 32;

#[derive(Clone, Copy, Debug)]
struct Pending {
    generation: Generation,
    committed_at: Duration,
    class: Class,
    first: Option<(Duration, u64)>,
}

/// Items that were to be shown, from the order to the first picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loads {
    /// Loads that brought a picture.
    pub ready: u64,
    /// Loads that failed while there was a connection.
    pub failed: u64,
    /// Those of them that took longer than they may.
    pub timed_out: u64,
}

/// Figures of a session. All times are measured, none is derived from another.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Swipe committed → first frame, item prerolled.
    pub warm: Latency,
    /// Swipe committed → first frame, item not prerolled but on disk.
    pub cached: Latency,
    /// Swipe committed → first frame, neither.
    pub cold: Latency,
    /// Swipe committed → second distinct picture, warm items.
    pub warm_moving: Latency,
    /// All classes together.
    pub all: Latency,
    /// Forward and backward, all classes.
    pub by_direction: [Latency; 2],
    /// Time of display frames while something moved.
    pub frame_times: Latency,
    /// The newest latencies, newest last.
    pub recent: VecDeque<(Class, Duration)>,
    /// Swipes committed.
    pub swipes: u64,
    /// Swipes whose item was left again before its picture came.
    pub abandoned: u64,
    /// Display frames.
    pub frames: u64,
    /// Intervals between display frames while something moved: how many, and their sum.
    pub moving: (u64, Duration),
    /// Display frames that came late while something moved.
    pub janky: u64,
    /// Painted display frames in which a visible tile showed nothing of its own.
    pub black_frames: u64,
    /// Distinct pictures painted.
    pub painted: u64,
    /// Pictures that were decoded but replaced before they were painted.
    pub late: u64,
    /// Time spent playing.
    pub playing: Duration,
    /// Time spent waiting for bytes after the first frame.
    pub waiting: Duration,
    /// How often playback waited for bytes.
    pub rebuffers: u64,
    /// How loads ended.
    pub loads: Loads,
    /// Process start → first display frame of any kind.
    pub window_at: Option<Duration>,
    /// Process start → first display frame with a picture.
    pub first_frame_at: Option<Duration>,
    /// Newest frames, newest last.
    pub shapes: VecDeque<FrameShape>,
    /// Late pictures as they were told when the figures began.
    late_before: u64,
    finished: VecDeque<SwipeShape>,
    pending: Option<Pending>,
    directions: usize,
    last_frame: Option<(Duration, bool)>,
    last_painted: Option<(Generation, u64)>,
}

impl Figures {
    /// A swipe to the item of `generation` was committed.
    pub(super) fn swipe(&mut self, generation: Generation, class: Class, forward: bool, now: Duration) {
        if let Some(pending) = self.pending.filter(|pending| pending.first.is_none()) {
            self.abandoned += 1;
            self.finish(pending, None);
        }
        self.swipes += 1;
        self.directions = usize::from(!forward);
        self.pending = Some(Pending { generation, committed_at: now, class, first: None });
    }

    /// Swipes that are over since the last call, the newest 32 of them.
    pub fn take_finished(&mut self) -> VecDeque<SwipeShape> {
        std::mem::take(&mut self.finished)
    }

    fn finish(&mut self, pending: Pending, took: Option<Duration>) {
        if self.finished.len() == RECENT_KEPT {
            self.finished.pop_front();
        }
        let Pending { committed_at, class, .. } = pending;
        self.finished.push_back(SwipeShape { committed_at, class, forward: self.directions == 0, took });
    }

    /// The bytes that the item of the pending swipe needs turned out to be on this machine.
    pub(super) fn was_cached(&mut self, generation: Generation) {
        if let Some(pending) = self.pending.as_mut().filter(|pending| pending.generation == generation && pending.class == Class::Cold) {
            pending.class = Class::Cached;
        }
    }

    /// Whether a swipe waits for its first frame.
    #[must_use]
    pub fn awaits_first_frame(&self) -> bool {
        self.pending.is_some_and(|pending| pending.first.is_none())
    }

    /// Whether the end of a display frame matters to a measurement: a swipe waits for its first or second
    /// picture, or nothing has been shown at all yet.
    #[must_use]
    pub fn is_measuring(&self) -> bool {
        self.pending.is_some() || self.first_frame_at.is_none()
    }

    /// A swipe whose item failed has no first frame.
    pub(super) fn failed(&mut self, generation: Generation) {
        if let Some(pending) = self.pending.take_if(|pending| pending.generation == generation)
            && pending.first.is_none()
        {
            self.finish(pending, None);
        }
    }

    /// A display frame with these pictures has reached the screen.
    pub(super) fn painted(&mut self, pictures: &[(Generation, u64)], current: Option<Generation>, at: Duration) {
        if !pictures.is_empty() && self.first_frame_at.is_none() {
            self.first_frame_at = Some(at);
        }
        if let Some(&picture) = pictures.iter().find(|(generation, _)| Some(*generation) == current)
            && self.last_painted != Some(picture)
        {
            self.painted += 1;
            self.last_painted = Some(picture);
        }
        let Some(pending) = &mut self.pending else { return };
        let Some(&(_, serial)) = pictures.iter().find(|(generation, _)| *generation == pending.generation) else { return };
        let took = at.saturating_sub(pending.committed_at);
        match pending.first {
            None => {
                pending.first = Some((at, serial));
                let class = pending.class;
                match class {
                    Class::Warm => self.warm.record(took),
                    Class::Cached => self.cached.record(took),
                    Class::Cold => self.cold.record(took),
                }
                self.all.record(took);
                self.by_direction[self.directions].record(took);
                if self.recent.len() == RECENT_KEPT {
                    self.recent.pop_front();
                }
                self.recent.push_back((class, took));
                let pending = *pending;
                self.finish(pending, Some(took));
            }
            Some((_, first)) if first != serial => {
                if pending.class == Class::Warm {
                    self.warm_moving.record(took);
                }
                self.pending = None;
            }
            Some(_) => {}
        }
    }

    /// A display frame begins; `work` is what the UI thread spent on the one before.
    pub fn frame(&mut self, now: Duration, moving: bool, work: Duration, period: Duration) {
        self.frames += 1;
        self.window_at.get_or_insert(now);
        if let Some((last, was_moving)) = self.last_frame {
            let interval = now.saturating_sub(last);
            let moving = moving && was_moving;
            if moving {
                self.frame_times.record(interval);
                self.moving = (self.moving.0 + 1, self.moving.1 + interval);
                if interval.as_secs_f64() > period.as_secs_f64() * JANK_PERIODS {
                    self.janky += 1;
                }
            }
            if self.shapes.len() == FRAMES_KEPT {
                self.shapes.pop_front();
            }
            self.shapes.push_back(FrameShape { at: now, interval, work, moving });
        }
        self.last_frame = Some((now, moving));
    }

    /// All pictures so far that were replaced before they were painted, as the board counts them.
    pub fn late_told(&mut self, total: u64) {
        self.late = total.saturating_sub(self.late_before);
    }

    /// Begins anew. What was measured of the start of the program stays: it happens once. A swipe whose item has no
    /// picture yet is measured by neither side.
    pub(super) fn reset(&mut self) {
        *self = Self {
            window_at: self.window_at,
            first_frame_at: self.first_frame_at,
            late_before: self.late_before + self.late,
            last_frame: self.last_frame,
            finished: std::mem::take(&mut self.finished),
            last_painted: self.last_painted,
            shapes: std::mem::take(&mut self.shapes),
            ..Self::default()
        };
    }

    /// Display frames in the second before `now`.
    #[must_use]
    pub fn fps(&self, now: Duration) -> usize {
        let from = now.saturating_sub(Duration::from_secs(1));
        self.shapes.iter().rev().take_while(|shape| shape.at > from).count()
    }

    /// Display frames a second while something moved; `None` before anything did.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate, not a count")]
    pub fn moving_fps(&self) -> Option<f64> {
        let (count, time) = self.moving;
        (!time.is_zero()).then(|| count as f64 / time.as_secs_f64())
    }

    /// Share of all display frames that came late while something moved, in percent.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
    pub fn jank_pct(&self) -> f64 {
        if self.frames == 0 { 0.0 } else { self.janky as f64 * 100.0 / self.frames as f64 }
    }

    /// Of the newest swipes those to items that did not stand ready: how many, and the 95th percentile of their times.
    #[must_use]
    pub fn recent_unready(&self) -> (usize, Option<Duration>) {
        let mut times: Vec<_> = self.recent.iter().filter(|(class, _)| *class != Class::Warm).map(|(_, took)| *took).collect();
        times.sort_unstable();
        // The nearest rank: of fewer than twenty it is the slowest.
        let rank = (times.len() * 95).div_ceil(100);
        (times.len(), rank.checked_sub(1).and_then(|at| times.get(at).copied()))
    }

    /// Waiting / (playing + waiting); `None` before anything played.
    #[must_use]
    pub fn rebuffer_ratio(&self) -> Option<f64> {
        let all = self.playing + self.waiting;
        (!all.is_zero()).then(|| self.waiting.as_secs_f64() / all.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_warm_swipe_is_measured_to_the_frame_that_shows_its_picture() {
        let mut figures = Figures::default();
        figures.swipe(Generation(7), Class::Warm, true, ms(1000));
        figures.painted(&[(Generation(6), 40)], Some(Generation(7)), ms(1005));
        assert!(figures.awaits_first_frame());
        figures.painted(&[(Generation(6), 40), (Generation(7), 0)], Some(Generation(7)), ms(1012));
        let warm = figures.warm.quantiles().unwrap();
        assert_eq!(warm.n, 1);
        assert!((warm.p50 - 12.0).abs() < 0.1);
        assert!(figures.warm_moving.quantiles().is_none());
        figures.painted(&[(Generation(7), 0)], Some(Generation(7)), ms(1030));
        figures.painted(&[(Generation(7), 1)], Some(Generation(7)), ms(1050));
        assert!((figures.warm_moving.quantiles().unwrap().p50 - 50.0).abs() < 0.1);
    }

    #[test]
    fn a_swipe_left_before_its_picture_came_is_counted_as_abandoned() {
        let mut figures = Figures::default();
        figures.swipe(Generation(1), Class::Cold, true, ms(0));
        figures.swipe(Generation(2), Class::Cold, true, ms(100));
        assert_eq!((figures.swipes, figures.abandoned), (2, 1));
    }

    #[test]
    fn figures_begin_anew_and_only_the_start_of_the_program_is_remembered() {
        let mut figures = Figures::default();
        figures.frame(ms(300), true, ms(1), ms(16));
        figures.frame(ms(400), true, ms(1), ms(16));
        figures.swipe(Generation(1), Class::Warm, true, ms(400));
        figures.painted(&[(Generation(1), 3)], Some(Generation(1)), ms(410));
        figures.black_frames = 2;
        figures.late_told(7);
        figures.reset();
        assert_eq!((figures.swipes, figures.frames, figures.janky, figures.black_frames, figures.late), (0, 0, 0, 0, 0));
        assert_eq!((figures.warm.quantiles(), figures.recent.len()), (None, 0));
        assert_eq!((figures.window_at, figures.first_frame_at), (Some(ms(300)), Some(ms(410))));
        // What goes on is counted from here: the same picture is no second one, late ones are those that come.
        figures.painted(&[(Generation(1), 3)], Some(Generation(1)), ms(420));
        figures.late_told(9);
        assert_eq!((figures.painted, figures.late), (0, 2));
    }

    #[test]
    fn each_swipe_is_told_once_when_it_is_over() {
        let mut figures = Figures::default();
        figures.swipe(Generation(1), Class::Cold, true, ms(0));
        assert_eq!(figures.take_finished(), []);
        figures.swipe(Generation(2), Class::Warm, false, ms(100));
        figures.painted(&[(Generation(2), 0)], Some(Generation(2)), ms(109));
        figures.painted(&[(Generation(2), 1)], Some(Generation(2)), ms(140));
        figures.swipe(Generation(3), Class::Cold, true, ms(200));
        figures.failed(Generation(3));
        let told: Vec<_> = figures.take_finished().into_iter().map(|swipe| (swipe.class, swipe.forward, swipe.took)).collect();
        assert_eq!(told, [(Class::Cold, true, None), (Class::Warm, false, Some(ms(9))), (Class::Cold, true, None)]);
        assert_eq!(figures.take_finished(), []);
    }

    #[test]
    fn the_time_of_a_load_is_told_of_the_newest_swipes_that_found_nothing_ready() {
        let mut figures = Figures::default();
        assert_eq!(figures.recent_unready(), (0, None));
        let swipe = |figures: &mut Figures, item, class, took| {
            figures.swipe(Generation(item), class, true, ms(0));
            figures.painted(&[(Generation(item), 0)], None, ms(took));
        };
        for item in 0..20 {
            swipe(&mut figures, item, if item % 2 == 0 { Class::Cold } else { Class::Cached }, if item == 7 { 9000 } else { 100 + item });
        }
        assert_eq!(figures.recent_unready(), (20, Some(ms(119))), "one in twenty may be slower");
        for item in 0..30 {
            swipe(&mut figures, 20 + item, Class::Warm, 5);
        }
        assert_eq!(figures.recent_unready(), (2, Some(ms(119))), "what was long ago is forgotten");
    }

    #[test]
    fn a_late_frame_is_jank_only_while_something_moves() {
        let mut figures = Figures::default();
        let period = ms(16);
        figures.frame(ms(0), false, ms(1), period);
        figures.frame(ms(33), false, ms(1), period);
        assert_eq!(figures.janky, 0);
        figures.frame(ms(66), true, ms(1), period);
        figures.frame(ms(82), true, ms(1), period);
        figures.frame(ms(110), true, ms(1), period);
        assert_eq!(figures.janky, 1);
        assert_eq!(figures.fps(ms(110)), 4);
    }
}
