//! Wheel and touchpad: one notch, one item; one touchpad gesture, one item, however long its inertia. Pure.

use std::time::Duration;

/// Points a touchpad has to go before it means a step.
const STEP_POINTS: f64 = 40.0;
/// Under X11 a wheel that is a plain button (a remote display, an old mouse) reports each notch twice, when the
/// button goes down and when it goes up. The second of two equal notches this close together is that twin.
const TWIN_WITHIN: Duration = Duration::from_millis(25);
/// Points one line of a wheel stands for, where a touchpad reports fractions of lines.
const LINE_POINTS: f64 = 40.0;
/// Without an event for this long the gesture is over.
const SILENCE: Duration = Duration::from_millis(120);
/// A gesture that goes on unlocks this long after its last strong delta …
const UNLOCK_AFTER_STRONG: Duration = Duration::from_millis(350);
/// … where strong means at least this share of its largest.
const STRONG_SHARE: f64 = 0.5;
/// After that, a delta this many times the one before it is a new push and not inertia.
const NEW_PUSH: f64 = 1.5;
/// Deltas below this many points never begin a push.
const WEAK_POINTS: f64 = 4.0;

/// What a wheel or touchpad reported; forward (toward the next item) is positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WheelDelta {
    /// Lines: whole ones from a wheel, fractions from some touchpads.
    Lines(f64),
    /// Points, from a touchpad.
    Points(f64),
}

/// Turns wheel events into steps.
#[derive(Clone, Debug, Default)]
pub struct Wheel {
    gathered: f64,
    last_event: Option<Duration>,
    last_points: f64,
    lock: Option<Lock>,
    /// The newest notch that counted: when, and which way.
    notch: Option<(Duration, isize)>,
}

#[derive(Clone, Copy, Debug)]
struct Lock {
    strongest: f64,
    last_strong: Duration,
}

impl Wheel {
    /// Takes an event; returns the steps it means: 1 forward, −1 back, 0 none.
    pub fn turn(&mut self, delta: WheelDelta, now: Duration) -> isize {
        let points = match delta {
            // Whole lines come from notches one can feel: each is a step of its own. X11 tells a touchpad in lines, too,
            // and a quick one in more than one at a time, but not in whole ones, or not for long.
            WheelDelta::Lines(lines) if is_whole(lines) && !self.glides(now) => return self.notch(if lines > 0.0 { 1 } else { -1 }, now),
            WheelDelta::Lines(lines) => lines * LINE_POINTS,
            WheelDelta::Points(points) => points,
        };
        if !self.glides(now) {
            self.lock = None;
            self.gathered = 0.0;
        }
        self.last_event = Some(now);
        let before = std::mem::replace(&mut self.last_points, points.abs());
        if let Some(lock) = &mut self.lock {
            let quiet = now.saturating_sub(lock.last_strong) >= UNLOCK_AFTER_STRONG;
            lock.strongest = lock.strongest.max(points.abs());
            if points.abs() >= lock.strongest * STRONG_SHARE {
                lock.last_strong = now;
            }
            if !(quiet && points.abs() > WEAK_POINTS && points.abs() > before * NEW_PUSH) {
                return 0;
            }
            self.lock = None;
            self.gathered = 0.0;
        }
        self.gathered += points;
        if self.gathered.abs() < STEP_POINTS {
            return 0;
        }
        let step = if self.gathered > 0.0 { 1 } else { -1 };
        self.gathered = 0.0;
        self.lock = Some(Lock { strongest: points.abs(), last_strong: now });
        step
    }

    /// Whether a gesture on a touchpad is under way.
    fn glides(&self, now: Duration) -> bool {
        self.last_event.is_some_and(|last| now.saturating_sub(last) < SILENCE)
    }

    fn notch(&mut self, step: isize, now: Duration) -> isize {
        match self.notch.take() {
            Some((at, before)) if before == step && now.saturating_sub(at) < TWIN_WITHIN => 0,
            _ => {
                self.notch = Some((now, step));
                step
            }
        }
    }
}

/// Whether lines are of a wheel with notches.
fn is_whole(lines: f64) -> bool {
    lines.abs() >= 1.0 && (lines - lines.round()).abs() < 0.001
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn one_notch_is_one_item() {
        let mut wheel = Wheel::default();
        let steps: isize = (0..5).map(|i| wheel.turn(WheelDelta::Lines(1.0), ms(i * 30))).sum();
        assert_eq!(steps, 5);
        assert_eq!(wheel.turn(WheelDelta::Lines(-1.0), ms(125)), -1);
    }

    #[test]
    fn a_notch_that_is_reported_when_the_button_goes_down_and_up_counts_once() {
        let mut wheel = Wheel::default();
        let steps: isize = (0..6).map(|i| wheel.turn(WheelDelta::Lines(1.0), ms(i * 12))).sum();
        assert_eq!(steps, 3);
    }

    #[test]
    fn a_touchpad_gesture_with_long_inertia_is_one_item() {
        let mut wheel = Wheel::default();
        let mut steps = 0;
        let mut points = 60.0;
        for i in 0..90 {
            steps += wheel.turn(WheelDelta::Points(points), ms(i * 16));
            points *= 0.95;
        }
        assert_eq!(steps, 1);
    }

    #[test]
    fn a_second_gesture_after_a_pause_is_a_second_item() {
        let mut wheel = Wheel::default();
        let mut steps = 0;
        for start in [0, 400] {
            for i in 0..10 {
                steps += wheel.turn(WheelDelta::Points(20.0), ms(start + i * 16));
            }
        }
        assert_eq!(steps, 2);
    }

    #[test]
    fn a_new_push_into_fading_inertia_counts() {
        let mut wheel = Wheel::default();
        let mut steps = 0;
        let mut points = 60.0;
        let mut now = 0;
        for _ in 0..40 {
            steps += wheel.turn(WheelDelta::Points(points), ms(now));
            points *= 0.93;
            now += 16;
        }
        for _ in 0..4 {
            steps += wheel.turn(WheelDelta::Points(50.0), ms(now));
            now += 16;
        }
        assert_eq!(steps, 2);
    }

    #[test]
    fn fractions_of_lines_gather_like_a_touchpad() {
        let mut wheel = Wheel::default();
        let steps: isize = (0..20).map(|i| wheel.turn(WheelDelta::Lines(0.3), ms(i * 10))).sum();
        assert_eq!(steps, 1);
    }
}
