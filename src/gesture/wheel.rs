//! Wheel and touchpad: one notch, one item, however many notches a busy machine hears of at once; one touchpad gesture, one
//! item, however long its inertia. Pure.

use std::time::Duration;

/// Points a touchpad has to go before it means a step.
const STEP_POINTS: f64 = 40.0;
/// Under X11 a wheel that is a plain button (a remote display, an old mouse) reports each notch twice, when the
/// button goes down and when it goes up. The second of two equal notches this close together is that twin.
const TWIN_WITHIN: Duration = Duration::from_millis(25);
/// Notches with longer rests between them are looked at by themselves. Longer than any display frame should take: what
/// happened within one has one time.
const REST: Duration = Duration::from_millis(250);
/// So many times in a row the notches between two rests are even in number before a wheel counts as one with twins again.
const EVEN_MOST: u32 = 3;
/// The most notches that are taken from one event; a wheel that spins freely may tell of dozens.
const NOTCHES_MOST: f64 = 8.0;
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
    notches: Notches,
}

/// What is known of the notches.
#[derive(Clone, Debug, Default)]
struct Notches {
    /// The newest one that counted and whose twin may still come: when, and which way.
    counted: Option<(Duration, isize)>,
    /// The newest one at all.
    last: Option<Duration>,
    /// How many were told since the last rest.
    told: u32,
    /// This wheel has no twins: between two rests it has told of an odd number. Then those that come at once are all meant.
    single: bool,
    /// Rests in a row before which the number was even.
    even: u32,
}

#[derive(Clone, Copy, Debug)]
struct Lock {
    strongest: f64,
    last_strong: Duration,
}

impl Wheel {
    /// Takes an event; returns the steps it means: forward is positive. More than one is meant only by a wheel with notches
    /// that is known for one.
    pub fn turn(&mut self, delta: WheelDelta, now: Duration) -> isize {
        let points = match delta {
            // Whole lines come from notches one can feel: each is a step of its own. X11 tells a touchpad in lines, too,
            // and a quick one in more than one at a time, but not in whole ones, or not for long.
            WheelDelta::Lines(lines) if is_whole(lines) && !self.glides(now) => return self.notches.turn(lines, now),
            WheelDelta::Lines(lines) => lines * LINE_POINTS,
            WheelDelta::Points(points) => points,
        };
        if !self.glides(now) {
            // A touchpad whose first delta happened to be a whole line has had its item.
            let begun = self.notches.last.filter(|last| now.saturating_sub(*last) < SILENCE);
            self.lock = begun.map(|last_strong| Lock { strongest: LINE_POINTS, last_strong });
            self.gathered = 0.0;
        }
        self.notches = Notches::default();
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
}

impl Notches {
    /// Takes whole lines; returns the steps they mean.
    fn turn(&mut self, lines: f64, now: Duration) -> isize {
        if self.last.replace(now).is_none_or(|last| now.saturating_sub(last) >= REST) {
            self.rested();
        }
        self.told += 1;
        let step = if lines > 0.0 { 1 } else { -1 };
        if self.single {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most eight")]
            return step * lines.abs().min(NOTCHES_MOST).round() as isize;
        }
        match self.counted.take() {
            Some((at, before)) if before == step && now.saturating_sub(at) < TWIN_WITHIN => 0,
            _ => {
                self.counted = Some((now, step));
                step
            }
        }
    }

    /// Looks at how many were told between two rests: of twins it is an even number, always.
    fn rested(&mut self) {
        match std::mem::take(&mut self.told) {
            0 => {}
            told if told % 2 == 1 => (self.single, self.even) = (true, 0),
            _ => self.even += 1,
        }
        self.single &= self.even < EVEN_MOST;
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
    fn notches_that_are_heard_of_at_once_count_each_for_a_wheel_that_tells_of_each_once() {
        let mut wheel = Wheel::default();
        let turn = |wheel: &mut Wheel, lines, at| wheel.turn(WheelDelta::Lines(lines), ms(at));
        assert_eq!(turn(&mut wheel, 1.0, 0), 1);
        assert_eq!([turn(&mut wheel, 1.0, 400), turn(&mut wheel, 1.0, 400), turn(&mut wheel, 1.0, 400)], [1, 1, 1]);
        assert_eq!([turn(&mut wheel, -1.0, 420), turn(&mut wheel, -2.0, 900), turn(&mut wheel, 40.0, 901)], [-1, -2, 8]);
    }

    #[test]
    fn a_wheel_with_twins_counts_half_of_what_is_heard_of_at_once_and_is_not_taken_for_another_one() {
        let mut wheel = Wheel::default();
        for turn in 0..20 {
            let steps: isize = (0..4).map(|_| wheel.turn(WheelDelta::Lines(1.0), ms(turn * 400))).sum();
            assert_eq!(steps, 2, "turn {turn}");
        }
    }

    #[test]
    fn a_wheel_with_twins_that_was_taken_for_another_one_is_known_again_soon() {
        let mut wheel = Wheel::default();
        // The machine was so busy that the second of two was heard of much later.
        wheel.turn(WheelDelta::Lines(1.0), ms(0));
        let steps = |wheel: &mut Wheel, at| (0..2).map(|_| wheel.turn(WheelDelta::Lines(1.0), ms(at))).sum::<isize>();
        let all: Vec<_> = (1..8).map(|turn| steps(&mut wheel, turn * 400)).collect();
        assert_eq!(all, [2, 2, 2, 1, 1, 1, 1]);
    }

    #[test]
    fn a_touchpad_whose_first_delta_is_a_whole_line_still_moves_by_one_item() {
        let mut wheel = Wheel::default();
        // A wheel was used before; that makes nothing of the touchpad.
        assert_eq!([wheel.turn(WheelDelta::Lines(1.0), ms(0)), wheel.turn(WheelDelta::Lines(1.0), ms(600))], [1, 1]);
        for start in [2000, 4000] {
            let mut steps = wheel.turn(WheelDelta::Lines(1.0), ms(start));
            let mut lines = 1.9;
            for i in 1..60 {
                steps += wheel.turn(WheelDelta::Lines(lines), ms(start + i * 16));
                lines *= 0.95;
            }
            assert_eq!(steps, 1, "from {start}");
        }
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
