//! One pointer (mouse button or finger): drag, fling, tap, long press. Pure.

use std::collections::VecDeque;
use std::time::Duration;

/// Moved less than this many points, a press is still a tap.
const SLOP: f64 = 8.0;
/// A press this long without moving is a long press.
const LONG_PRESS: Duration = Duration::from_millis(500);
/// The speed at release is taken over this much of the last motion …
const SPEED_WINDOW: Duration = Duration::from_millis(100);
/// … unless the finger stood still this long before it let go.
const STANDSTILL: Duration = Duration::from_millis(80);
/// A motion whose whole way is told in one display frame took at least this long, and hardly less: half of one.
const LEAST_MOTION: Duration = Duration::from_millis(8);
/// Samples kept for the speed: 100 ms at 1000 Hz, were a mouse that fast.
const SAMPLES_MAX: usize = 128;

/// A place in the window, in points from the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Position {
    /// Rightward.
    pub x: f64,
    /// Downward.
    pub y: f64,
}

/// What a pointer did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointerGesture {
    /// It was pressed: a motion under it stops.
    Pressed,
    /// It moves, past the slop: so many points from where it was pressed, upward positive.
    Dragged(f64),
    /// It let go after a drag, with this speed in points per second, upward positive.
    Released(f64),
    /// It was pressed and let go without moving.
    Tapped(Position),
    /// It has been pressed for 500 ms without moving; its release will mean nothing.
    LongPressed(Position),
    /// It let go, or left, and nothing came of it.
    Dropped,
}

/// Tells drags from taps from long presses.
#[derive(Clone, Debug, Default)]
pub struct Pointer {
    press: Option<Press>,
}

#[derive(Clone, Debug)]
struct Press {
    at: Duration,
    from: Position,
    phase: Phase,
    samples: VecDeque<(Duration, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Pressed,
    Dragging,
    LongPressed,
}

impl Pointer {
    /// The button went down or the finger touched.
    pub fn press(&mut self, at: Position, now: Duration) -> PointerGesture {
        self.press = Some(Press { at: now, from: at, phase: Phase::Pressed, samples: VecDeque::from([(now, at.y)]) });
        PointerGesture::Pressed
    }

    /// It moved.
    pub fn moved(&mut self, to: Position, now: Duration) -> Option<PointerGesture> {
        let press = self.press.as_mut()?;
        if press.samples.len() == SAMPLES_MAX {
            press.samples.pop_front();
        }
        press.samples.push_back((now, to.y));
        let (dx, dy) = (to.x - press.from.x, to.y - press.from.y);
        if press.phase == Phase::Pressed && dx.hypot(dy) > SLOP {
            press.phase = Phase::Dragging;
        }
        (press.phase == Phase::Dragging).then_some(PointerGesture::Dragged(-dy))
    }

    /// The button went up or the finger left.
    pub fn release(&mut self, at: Position, now: Duration) -> Option<PointerGesture> {
        let press = self.press.take()?;
        Some(match press.phase {
            Phase::Pressed => PointerGesture::Tapped(at),
            Phase::Dragging => PointerGesture::Released(press.speed(at.y, now)),
            Phase::LongPressed => PointerGesture::Dropped,
        })
    }

    /// The pointer is gone (it left the window, the touch was cancelled).
    pub fn cancel(&mut self) -> Option<PointerGesture> {
        let press = self.press.take()?;
        Some(if press.phase == Phase::Dragging { PointerGesture::Released(0.0) } else { PointerGesture::Dropped })
    }

    /// Time has come: a press that stood long enough becomes a long press, once.
    pub fn tick(&mut self, now: Duration) -> Option<PointerGesture> {
        let press = self.press.as_mut().filter(|press| press.phase == Phase::Pressed)?;
        (now.saturating_sub(press.at) >= LONG_PRESS).then(|| {
            press.phase = Phase::LongPressed;
            PointerGesture::LongPressed(press.from)
        })
    }

    /// When [`Self::tick`] wants to be called.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Duration> {
        self.press.as_ref().filter(|press| press.phase == Phase::Pressed).map(|press| press.at + LONG_PRESS)
    }
}

impl Press {
    /// Points per second over the last moments, upward positive.
    fn speed(&self, y: f64, now: Duration) -> f64 {
        let last_move = self.samples.back().map_or(now, |sample| sample.0);
        if now.saturating_sub(last_move) > STANDSTILL {
            return 0.0;
        }
        let oldest = self.samples.iter().find(|sample| now.saturating_sub(sample.0) <= SPEED_WINDOW);
        oldest.map_or(0.0, |&(at, from)| (from - y) / now.saturating_sub(at).max(LEAST_MOTION).as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn at(y: f64) -> Position {
        Position { x: 200.0, y }
    }

    #[test]
    fn a_press_that_hardly_moves_is_a_tap() {
        let mut pointer = Pointer::default();
        pointer.press(at(400.0), ms(0));
        assert_eq!(pointer.moved(at(403.0), ms(20)), None);
        assert_eq!(pointer.release(at(403.0), ms(90)), Some(PointerGesture::Tapped(at(403.0))));
    }

    #[test]
    fn past_the_slop_it_drags_from_where_it_was_pressed() {
        let mut pointer = Pointer::default();
        pointer.press(at(400.0), ms(0));
        assert_eq!(pointer.moved(at(380.0), ms(16)), Some(PointerGesture::Dragged(20.0)));
        assert_eq!(pointer.moved(at(402.0), ms(32)), Some(PointerGesture::Dragged(-2.0)), "back within the slop it stays a drag");
    }

    #[test]
    fn the_release_carries_the_speed_of_the_last_moments() {
        let mut pointer = Pointer::default();
        pointer.press(at(700.0), ms(0));
        for step in 1..=10_u32 {
            pointer.moved(at(700.0 - 10.0 * f64::from(step)), ms(10 * u64::from(step)));
        }
        let Some(PointerGesture::Released(speed)) = pointer.release(at(600.0), ms(100)) else { panic!("a drag ends in a release") };
        assert!((speed - 1000.0).abs() < 1.0, "{speed}");
    }

    #[test]
    fn a_flick_that_a_busy_machine_hears_of_all_at_once_has_a_speed() {
        let mut pointer = Pointer::default();
        pointer.press(at(700.0), ms(0));
        pointer.moved(at(650.0), ms(0));
        let Some(PointerGesture::Released(speed)) = pointer.release(at(620.0), ms(0)) else { panic!("a drag ends in a release") };
        assert!((speed - 10_000.0).abs() < 1.0, "{speed}");
    }

    #[test]
    fn a_finger_that_stands_before_it_lets_go_has_no_speed() {
        let mut pointer = Pointer::default();
        pointer.press(at(700.0), ms(0));
        pointer.moved(at(500.0), ms(50));
        assert_eq!(pointer.release(at(500.0), ms(200)), Some(PointerGesture::Released(0.0)));
    }

    #[test]
    fn a_long_press_comes_once_and_is_no_tap() {
        let mut pointer = Pointer::default();
        pointer.press(at(400.0), ms(0));
        assert_eq!(pointer.wakes_at(), Some(ms(500)));
        assert_eq!(pointer.tick(ms(499)), None);
        assert_eq!(pointer.tick(ms(500)), Some(PointerGesture::LongPressed(at(400.0))));
        assert_eq!(pointer.tick(ms(600)), None);
        assert_eq!(pointer.release(at(400.0), ms(700)), Some(PointerGesture::Dropped));
    }

    #[test]
    fn a_drag_never_becomes_a_long_press() {
        let mut pointer = Pointer::default();
        pointer.press(at(400.0), ms(0));
        pointer.moved(at(300.0), ms(16));
        assert_eq!(pointer.tick(ms(900)), None);
    }

    #[test]
    fn a_pointer_that_leaves_in_a_drag_lets_go_without_speed() {
        let mut pointer = Pointer::default();
        pointer.press(at(400.0), ms(0));
        pointer.moved(at(300.0), ms(16));
        assert_eq!(pointer.cancel(), Some(PointerGesture::Released(0.0)));
        assert_eq!(pointer.cancel(), None);
    }
}
