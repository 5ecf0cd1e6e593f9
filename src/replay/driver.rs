//! Plays a script: which input is due by when. Pure; time and the size of the window are passed in.

use std::collections::VecDeque;
use std::time::Duration;

use super::script::Script;
use super::step::{Direction, KeyName, Step};

/// How often a dragged pointer moves: 125 Hz, the rate of a plain USB mouse.
const MOVE_EVERY: Duration = Duration::from_millis(8);
/// How long a tap is held.
const TAP_HELD: Duration = Duration::from_millis(60);
/// How long a long press is held: the 500 ms that make one, and a margin for the frame that notices.
const LONG_PRESS_HELD: Duration = Duration::from_millis(650);
/// How long one drag of a fling takes.
const FLING_TAKES: Duration = Duration::from_millis(80);
/// The pause after each drag of a fling, in which the finger goes back.
const FLING_PAUSE: Duration = Duration::from_millis(120);
/// How far one drag of a fling goes, as a share of the window's height.
const FLING_SHARE: f32 = 0.35;

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A key, pressed and let go.
    Key(KeyName),
    /// The primary button or a finger goes down, in logical pixels.
    PointerDown(f32, f32),
    /// It moves while down.
    PointerMove(f32, f32),
    /// It goes up.
    PointerUp(f32, f32),
    /// Notches of the wheel; positive is toward the next item.
    Wheel(i32),
    /// A touchpad that scrolls, in logical pixels; positive is toward the next item.
    Scroll(f32),
    /// A key goes down; one that is down repeats.
    KeyDown(KeyName),
    /// It goes up.
    KeyUp(KeyName),
}

/// Plays a script against a clock.
#[derive(Clone, Debug)]
pub struct Driver {
    /// When, counted from the start, and what.
    acts: VecDeque<(Duration, Act)>,
    /// When the script is over, counted from the start.
    length: Duration,
    started: Option<Duration>,
}

impl Driver {
    /// A driver of `script` in a window of that width and height in logical pixels. It waits for
    /// [`Driver::start`].
    #[must_use]
    pub fn new(script: &Script, window: (f32, f32)) -> Self {
        let mut timeline = Timeline { acts: VecDeque::new(), at: Duration::ZERO, window };
        for step in &script.steps {
            timeline.add(step);
        }
        Self { acts: timeline.acts, length: timeline.at, started: None }
    }

    /// The clock of the script begins at `now`: to be called when the first frame has been shown. Later calls
    /// change nothing.
    pub fn start(&mut self, now: Duration) {
        self.started.get_or_insert(now);
    }

    /// Whether the clock of the script has begun.
    #[must_use]
    pub fn started(&self) -> bool {
        self.started.is_some()
    }

    /// What is due by `now` and was not handed out before, in order. After a stall this may be several inputs,
    /// as it is with a real pointer.
    pub fn due(&mut self, now: Duration) -> Vec<Act> {
        let Some(since) = self.started.map(|start| now.saturating_sub(start)) else {
            return Vec::new();
        };
        let count = self.acts.iter().take_while(|(at, _)| *at <= since).count();
        self.acts.drain(..count).map(|(_, act)| act).collect()
    }

    /// When to ask again: at the next input, then at the end. `None` before the start and after the end was due.
    #[must_use]
    pub fn next_at(&self, now: Duration) -> Option<Duration> {
        let start = self.started?;
        match self.acts.front() {
            Some((at, _)) => Some(start + *at),
            None => Some(start + self.length).filter(|end| *end > now),
        }
    }

    /// Whether everything was handed out and the last wait is over.
    #[must_use]
    pub fn finished(&self, now: Duration) -> bool {
        self.acts.is_empty() && self.started.is_some_and(|start| now >= start + self.length)
    }
}

struct Timeline {
    acts: VecDeque<(Duration, Act)>,
    at: Duration,
    window: (f32, f32),
}

impl Timeline {
    fn add(&mut self, step: &Step) {
        let (width, height) = self.window;
        match step {
            Step::Wait(time) => self.at += *time,
            Step::Swipe(Direction::Next) => self.push(Act::Key(KeyName::plain("ArrowDown"))),
            Step::Swipe(Direction::Prev) => self.push(Act::Key(KeyName::plain("ArrowUp"))),
            Step::Key(key) => self.push(Act::Key(key.clone())),
            Step::Wheel(notches) => self.push(Act::Wheel(*notches)),
            Step::Scroll(by) => self.push(Act::Scroll(*by)),
            Step::KeyDown(key) => self.push(Act::KeyDown(key.clone())),
            Step::KeyUp(key) => self.push(Act::KeyUp(key.clone())),
            Step::PointerDown(x, y) => self.push(Act::PointerDown(*x, *y)),
            Step::PointerMove(x, y) => self.push(Act::PointerMove(*x, *y)),
            Step::PointerUp(x, y) => self.push(Act::PointerUp(*x, *y)),
            Step::Tap => self.hold(TAP_HELD),
            Step::LongPress => self.hold(LONG_PRESS_HELD),
            Step::Drag { by, over } => self.drag(width / 2.0, *by, *over),
            Step::Fling(count, direction) => {
                let by = match direction {
                    Direction::Next => -FLING_SHARE * height,
                    Direction::Prev => FLING_SHARE * height,
                };
                for _ in 0..*count {
                    self.drag(width / 2.0, by, FLING_TAKES);
                    self.at += FLING_PAUSE;
                }
            }
        }
    }

    fn push(&mut self, act: Act) {
        self.acts.push_back((self.at, act));
    }

    fn hold(&mut self, time: Duration) {
        let (x, y) = (self.window.0 / 2.0, self.window.1 / 2.0);
        self.push(Act::PointerDown(x, y));
        self.at += time;
        self.push(Act::PointerUp(x, y));
    }

    /// A drag whose middle is the middle of the window, so that it stays inside as long as it can.
    fn drag(&mut self, x: f32, by: f32, over: Duration) {
        let from = self.window.1 / 2.0 - by / 2.0;
        let start = self.at;
        self.push(Act::PointerDown(x, from));
        let mut elapsed = MOVE_EVERY;
        while elapsed < over {
            self.at = start + elapsed;
            self.push(Act::PointerMove(x, from + by * elapsed.div_duration_f32(over)));
            elapsed += MOVE_EVERY;
        }
        self.at = start + over;
        self.push(Act::PointerMove(x, from + by));
        self.push(Act::PointerUp(x, from + by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver(steps: &str) -> Driver {
        Driver::new(&Script::parse("s", &format!("steps = [{steps}]")).unwrap(), (400.0, 800.0))
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn key(name: &str) -> Act {
        Act::Key(KeyName::plain(name))
    }

    #[test]
    fn nothing_is_due_before_the_start() {
        let mut driver = driver("'swipe next'");
        assert_eq!(driver.due(ms(10_000)), []);
        assert_eq!(driver.next_at(ms(10_000)), None);
        assert!(!driver.finished(ms(10_000)));
    }

    #[test]
    fn swipes_are_due_at_their_times_counted_from_the_start() {
        let mut driver = driver("'wait 2s', 'swipe next', 'wait 500ms', 'swipe prev', 'wait 1s'");
        driver.start(ms(100));
        driver.start(ms(900));
        assert_eq!(driver.next_at(ms(100)), Some(ms(2100)));
        assert_eq!(driver.due(ms(2099)), []);
        assert_eq!(driver.due(ms(2100)), [key("ArrowDown")]);
        assert_eq!(driver.due(ms(2100)), [], "an input is handed out once");
        assert_eq!(driver.due(ms(2700)), [key("ArrowUp")]);
        assert_eq!(driver.next_at(ms(2700)), Some(ms(3600)));
        assert!(!driver.finished(ms(3599)));
        assert!(driver.finished(ms(3600)));
        assert_eq!(driver.next_at(ms(3600)), None);
    }

    #[test]
    fn inputs_that_were_missed_in_a_stall_come_together_and_in_order() {
        let mut driver = driver("'swipe next', 'wait 1s', 'key M', 'wait 1s', 'wheel -1'");
        driver.start(ms(0));
        assert_eq!(driver.due(ms(5000)), [key("ArrowDown"), key("M"), Act::Wheel(-1)]);
        assert!(driver.finished(ms(5000)));
    }

    #[test]
    fn a_drag_moves_evenly_at_125_hz_and_ends_where_it_was_meant_to() {
        let mut driver = driver("'drag -300px over 120ms'");
        driver.start(ms(0));
        let acts = driver.due(ms(120));
        assert_eq!(acts.first(), Some(&Act::PointerDown(200.0, 550.0)));
        assert_eq!(acts.last(), Some(&Act::PointerUp(200.0, 250.0)));
        let heights: Vec<f32> = acts.iter().filter_map(|act| if let Act::PointerMove(_, y) = act { Some(*y) } else { None }).collect();
        assert_eq!(heights.len(), 15);
        assert!(heights.windows(2).all(|pair| (pair[0] - pair[1] - 20.0).abs() < 0.01), "{heights:?}");
    }

    #[test]
    fn a_drag_is_handed_out_as_time_goes_on() {
        let mut driver = driver("'drag 100px over 20ms'");
        driver.start(ms(0));
        assert_eq!(driver.due(ms(0)).len(), 1);
        assert_eq!(driver.due(ms(16)).len(), 2);
        assert_eq!(driver.due(ms(20)), [Act::PointerMove(200.0, 450.0), Act::PointerUp(200.0, 450.0)]);
    }

    #[test]
    fn a_fling_is_that_many_drags_within_the_window() {
        let mut driver = driver("'fling 3'");
        driver.start(ms(0));
        let acts = driver.due(ms(600));
        assert_eq!(acts.iter().filter(|act| matches!(act, Act::PointerUp(..))).count(), 3);
        for act in acts {
            if let Act::PointerMove(_, y) | Act::PointerDown(_, y) | Act::PointerUp(_, y) = act {
                assert!((0.0..800.0).contains(&y), "{y}");
            }
        }
        assert!(driver.finished(ms(600)));
    }

    #[test]
    fn a_long_press_is_held_where_it_began_and_a_tap_is_short() {
        let mut driver = driver("'tap', 'long-press'");
        driver.start(ms(0));
        let middle = (200.0, 400.0);
        assert_eq!(driver.due(ms(59)), [Act::PointerDown(middle.0, middle.1)]);
        assert_eq!(driver.due(ms(60)), [Act::PointerUp(middle.0, middle.1), Act::PointerDown(middle.0, middle.1)]);
        assert_eq!(driver.due(ms(560)), [], "a long press is held beyond 500 ms");
        assert_eq!(driver.due(ms(710)), [Act::PointerUp(middle.0, middle.1)]);
    }

    #[test]
    fn a_script_without_steps_is_finished_as_soon_as_it_starts() {
        let mut driver = driver("");
        assert!(!driver.finished(ms(5)));
        driver.start(ms(5));
        assert!(driver.finished(ms(5)));
    }
}
