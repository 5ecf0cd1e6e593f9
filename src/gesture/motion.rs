//! Where the feed stands between two items, and how it gets to the one that won: drag 1:1, rubber band at
//! the ends, critically damped spring. Positions are in items, so that a resize changes nothing.

use std::time::Duration;

/// Natural frequency of the spring in 1/s. A critically damped spring of 34/s has 0.08 % of its way left after
/// 280 ms: less than a pixel on a full-height tile.
const SPRING_PER_S: f64 = 34.0;
/// Nearer than this to its goal and slower than [`REST_SPEED`], the spring is at rest: a third of a pixel at 800.
const REST_DISTANCE: f64 = 0.0004;
/// Items per second below which the spring counts as standing.
const REST_SPEED: f64 = 0.02;
/// A drag past this share of a tile goes on to the next item.
const COMMIT_SHARE: f64 = 0.18;
/// A release faster than this goes on, in points per second.
const COMMIT_SPEED: f64 = 500.0;
/// How strongly the ends resist: the share of the finger's way that is followed at first.
const RUBBER: f64 = 0.55;
/// A motion that begins from rest is painted one display period further on: the picture it starts with is on
/// the screen a period after the decision, so the first frame after a key press already moves.
const FIRST_STEP: Duration = Duration::from_millis(16);
/// No single step of the clock is taken as longer than this, so that a stall does not swallow the motion.
const MAX_STEP: Duration = Duration::from_millis(50);

/// What a release decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Spring back to where it was.
    Stay,
    /// On to the next item.
    Next,
    /// Back to the previous item.
    Previous,
}

/// The position of the feed and its way to the current item.
#[derive(Clone, Debug, Default)]
pub struct Motion {
    position: f64,
    speed: f64,
    goal: f64,
    held: Option<Hold>,
    last_tick: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    /// Where the feed stood when it was taken hold of.
    from: f64,
}

impl Motion {
    /// The position, in items: 2.25 shows three quarters of item 2 and a quarter of item 3.
    #[must_use]
    pub fn position(&self) -> f64 {
        self.position
    }

    /// Whether a finger holds the feed.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether the feed moves or is held away from its goal.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.held.is_some() && (self.position - self.goal).abs() > REST_DISTANCE || self.held.is_none() && !self.at_rest()
    }

    fn at_rest(&self) -> bool {
        (self.position - self.goal).abs() < REST_DISTANCE && self.speed.abs() < REST_SPEED
    }

    /// Sends the feed to `index`. Position and speed go on from where they are.
    pub fn go_to(&mut self, index: usize, now: Duration) {
        let rested = !self.advance(now) && self.held.is_none();
        self.goal = exact(index);
        if rested {
            self.last_tick = Some(now.saturating_sub(FIRST_STEP));
        }
    }

    /// Puts the feed at `index` without motion.
    pub fn cut_to(&mut self, index: usize) {
        *self = Self { position: exact(index), goal: exact(index), ..Self::default() };
    }

    /// A finger takes hold: the feed stands still under it.
    pub fn hold(&mut self, now: Duration) {
        self.advance(now);
        self.speed = 0.0;
        self.held = Some(Hold { from: self.position });
    }

    /// The finger has moved by `way` items since it took hold (upward is positive); `last` is the last
    /// position there is. Beyond the ends the feed follows less and less.
    pub fn drag(&mut self, way: f64, last: usize) {
        let Some(hold) = self.held else { return };
        let wanted = hold.from + way;
        let end = exact(last);
        self.position = if wanted < 0.0 {
            -rubber(-wanted)
        } else if wanted > end {
            end + rubber(wanted - end)
        } else {
            wanted
        };
    }

    /// The finger lets go with `speed` in points per second (upward is positive) on tiles of `tile` points.
    /// Says what that decides for the item at `index`; the caller moves the goal with [`Self::go_to`].
    pub fn release(&mut self, speed: f64, tile: f64, index: usize, now: Duration) -> Decision {
        let Some(hold) = self.held.take() else { return Decision::Stay };
        self.last_tick = Some(now);
        self.speed = speed / tile.max(1.0);
        let away = self.position - exact(index);
        if speed.abs() > COMMIT_SPEED {
            // A flick back over the item one came from only returns to it.
            return match (speed > 0.0, away) {
                (true, away) if away >= 0.0 => Decision::Next,
                (false, away) if away <= 0.0 => Decision::Previous,
                _ => Decision::Stay,
            };
        }
        // A motion that was caught half-way is not half a swipe back: the nearer item wins.
        let caught = (hold.from - exact(index)).abs() > COMMIT_SHARE;
        let share = if caught { 0.5 } else { COMMIT_SHARE };
        match away {
            away if away > share => Decision::Next,
            away if away < -share => Decision::Previous,
            _ => Decision::Stay,
        }
    }

    /// The finger lets go without having moved: the feed goes on to where it was going.
    pub fn let_go(&mut self, now: Duration) {
        if self.held.take().is_some() {
            self.last_tick = Some(now);
        }
    }

    /// Lets the spring run up to `now`; true while it moves.
    pub fn advance(&mut self, now: Duration) -> bool {
        let step = self.last_tick.map_or(Duration::ZERO, |last| now.saturating_sub(last)).min(MAX_STEP).as_secs_f64();
        self.last_tick = Some(now);
        if self.held.is_some() {
            return true;
        }
        if self.at_rest() {
            self.position = self.goal;
            self.speed = 0.0;
            return false;
        }
        // The exact solution of the critically damped spring over one step.
        let away = self.position - self.goal;
        let pull = self.speed + SPRING_PER_S * away;
        let decay = (-SPRING_PER_S * step).exp();
        self.position = self.goal + (away + pull * step) * decay;
        self.speed = (self.speed - SPRING_PER_S * pull * step) * decay;
        !self.at_rest()
    }
}

/// How far the feed follows when the finger has gone `way` items beyond an end.
fn rubber(way: f64) -> f64 {
    1.0 - 1.0 / (way * RUBBER + 1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a feed has fewer than 2^52 items")]
fn exact(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: f64 = 800.0;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn run(motion: &mut Motion, from: u64, to: u64) {
        for at in (from..=to).step_by(16) {
            motion.advance(ms(at));
        }
    }

    #[test]
    fn the_spring_is_within_one_percent_after_280_ms_and_never_overshoots() {
        let mut motion = Motion::default();
        motion.go_to(1, ms(0));
        for at in (0..=272).step_by(16) {
            motion.advance(ms(at));
            assert!(motion.position() <= 1.0);
        }
        assert!(motion.position() > 0.99, "{}", motion.position());
    }

    #[test]
    fn the_first_frame_after_the_decision_already_moves() {
        let mut motion = Motion::default();
        motion.advance(ms(1000));
        motion.go_to(1, ms(2000));
        motion.advance(ms(2000));
        assert!(motion.position() > 0.03, "{}", motion.position());
    }

    #[test]
    fn it_comes_to_rest_exactly_on_the_item() {
        let mut motion = Motion::default();
        motion.go_to(3, ms(0));
        run(&mut motion, 0, 1200);
        assert!((motion.position() - 3.0).abs() < f64::EPSILON);
        assert!(!motion.is_moving());
    }

    #[test]
    fn a_new_swipe_during_the_motion_takes_over_its_speed() {
        let mut taken_over = Motion::default();
        taken_over.go_to(1, ms(0));
        run(&mut taken_over, 0, 48);
        let before = taken_over.position();
        taken_over.go_to(2, ms(48));
        taken_over.advance(ms(64));
        assert!(taken_over.position() > before + 0.05, "it went on at once, not from a standstill");
    }

    #[test]
    fn a_drag_follows_the_finger_one_to_one() {
        let mut motion = Motion::default();
        motion.cut_to(4);
        motion.hold(ms(0));
        motion.drag(0.3, 9);
        assert!((motion.position() - 4.3).abs() < 1e-9);
    }

    #[test]
    fn the_ends_resist() {
        let mut motion = Motion::default();
        motion.hold(ms(0));
        motion.drag(-0.5, 9);
        assert!(motion.position() > -0.25 && motion.position() < 0.0);
        assert_eq!(motion.release(0.0, TILE, 0, ms(9)), Decision::Previous, "the list clamps what lies before its start");
    }

    #[test]
    fn a_slow_release_before_18_percent_springs_back_and_after_it_goes_on() {
        for (way, decision) in [(0.17, Decision::Stay), (0.19, Decision::Next), (-0.19, Decision::Previous)] {
            let mut motion = Motion::default();
            motion.cut_to(5);
            motion.hold(ms(0));
            motion.drag(way, 9);
            assert_eq!(motion.release(100.0, TILE, 5, ms(10)), decision, "{way}");
        }
    }

    #[test]
    fn a_fast_release_goes_on_however_short_the_way() {
        let mut motion = Motion::default();
        motion.cut_to(5);
        motion.hold(ms(0));
        motion.drag(0.03, 9);
        assert_eq!(motion.release(501.0, TILE, 5, ms(10)), Decision::Next);
    }

    #[test]
    fn a_flick_back_over_the_item_returns_to_it() {
        let mut motion = Motion::default();
        motion.cut_to(5);
        motion.hold(ms(0));
        motion.drag(0.4, 9);
        assert_eq!(motion.release(-900.0, TILE, 5, ms(10)), Decision::Stay);
    }

    #[test]
    fn a_motion_caught_on_its_way_goes_to_the_nearer_item() {
        for (until, decision) in [(32, Decision::Previous), (96, Decision::Stay)] {
            let mut motion = Motion::default();
            motion.go_to(1, ms(0));
            run(&mut motion, 0, until);
            motion.hold(ms(until));
            assert_eq!(motion.release(0.0, TILE, 1, ms(until + 50)), decision, "{}", motion.position());
        }
    }

    #[test]
    fn a_finger_stops_the_motion_under_it() {
        let mut motion = Motion::default();
        motion.go_to(1, ms(0));
        run(&mut motion, 0, 64);
        motion.hold(ms(64));
        let held_at = motion.position();
        run(&mut motion, 64, 400);
        assert!((motion.position() - held_at).abs() < f64::EPSILON);
    }
}
