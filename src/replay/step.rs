//! One step of a replay script, and the words it is written in.

use std::time::Duration;

/// The longest a single step may take.
pub(super) const STEP_MAX: Duration = Duration::from_hours(1);

/// One thing that is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing, for so long.
    Wait(Duration),
    /// Go to another item with one key press: the press is the moment the swipe is committed.
    Swipe(Direction),
    /// So many quick drags, one after another.
    Fling(u32, Direction),
    /// A short press in the middle.
    Tap,
    /// A press in the middle that is held long enough to mean something else than a tap.
    LongPress,
    /// A key, pressed and let go.
    Key(KeyName),
    /// A vertical drag from the middle: pixels (negative is upward, toward the next item) and how long it takes.
    Drag {
        /// How far, in logical pixels.
        by: f32,
        /// How long.
        over: Duration,
    },
    /// Notches of the wheel; positive is toward the next item.
    Wheel(i32),
    /// A touchpad that scrolls, in logical pixels; positive is toward the next item.
    Scroll(f32),
    /// A key goes down and stays down; given again, it repeats.
    KeyDown(KeyName),
    /// It goes up.
    KeyUp(KeyName),
    /// The pointer goes down at a place in the window, in logical pixels.
    PointerDown(f32, f32),
    /// It moves there while down.
    PointerMove(f32, f32),
    /// It goes up there.
    PointerUp(f32, f32),
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the item after.
    Next,
    /// To the item before.
    Prev,
}

/// A key by its name (as egui names it) and what is held with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName {
    /// Such as `ArrowDown`, `Space`, `M`, `5` or `F3`.
    pub name: String,
    /// Shift is held.
    pub shift: bool,
    /// Control is held.
    pub ctrl: bool,
}

impl KeyName {
    /// The key of that name with nothing held.
    pub fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), shift: false, ctrl: false }
    }
}

/// Reads one step.
pub(super) fn parse_step(text: &str) -> Result<Step, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let step = match words.as_slice() {
        ["wait", time] => duration(time).map(Step::Wait),
        ["swipe", way] => direction(way).map(Step::Swipe),
        ["fling", count] => drags(count).map(|count| Step::Fling(count, Direction::Next)),
        ["fling", count, way] => drags(count).zip(direction(way)).map(|(count, way)| Step::Fling(count, way)),
        ["tap"] => Some(Step::Tap),
        ["long-press"] => Some(Step::LongPress),
        ["key", key] => key_name(key).map(Step::Key),
        ["drag", by, "over", time] => pixels(by).zip(duration(time)).map(|(by, over)| Step::Drag { by, over }),
        ["scroll", by] => pixels(by).map(Step::Scroll),
        ["key-down", key] => key_name(key).map(Step::KeyDown),
        ["key-up", key] => key_name(key).map(Step::KeyUp),
        ["pointer-down", x, y] => place(x).zip(place(y)).map(|(x, y)| Step::PointerDown(x, y)),
        ["pointer-move", x, y] => place(x).zip(place(y)).map(|(x, y)| Step::PointerMove(x, y)),
        ["pointer-up", x, y] => place(x).zip(place(y)).map(|(x, y)| Step::PointerUp(x, y)),
        ["wheel", notches] => notches.parse().ok().filter(|notches: &i32| (1..=100).contains(&notches.abs())).map(Step::Wheel),
        _ => None,
    };
    step.ok_or_else(|| {
        format!(
            "'{text}' is no step; steps are \"wait 1.5s\", \"swipe next|prev\", \"fling 3 [prev]\", \"tap\", \"long-press\", \
             \"key M\", \"drag -300px over 120ms\", \"wheel 1\", \"scroll 30px\", \"key-down|key-up M\" and \
             \"pointer-down|pointer-move|pointer-up 225 400\""
        )
    })
}

fn duration(text: &str) -> Option<Duration> {
    let (number, seconds) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let time = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
    (time <= STEP_MAX).then_some(time)
}

fn direction(text: &str) -> Option<Direction> {
    match text {
        "next" => Some(Direction::Next),
        "prev" => Some(Direction::Prev),
        _ => None,
    }
}

fn drags(text: &str) -> Option<u32> {
    text.parse().ok().filter(|count| (1..=100).contains(count))
}

fn pixels(text: &str) -> Option<f32> {
    text.strip_suffix("px")?.parse().ok().filter(|pixels: &f32| pixels.abs() <= 16_384.0)
}

/// A place in or beside the window, in logical pixels.
fn place(text: &str) -> Option<f32> {
    text.parse().ok().filter(|at: &f32| at.abs() <= 16_384.0)
}

/// A key as it is written in a script; `None` for one that has no name there.
pub(super) fn key_words(key: &KeyName) -> Option<String> {
    let text = format!("{}{}{}", if key.ctrl { "Ctrl+" } else { "" }, if key.shift { "Shift+" } else { "" }, key.name);
    (key_name(&text).as_ref() == Some(key)).then_some(text)
}

fn key_name(text: &str) -> Option<KeyName> {
    const NAMED: [&str; 22] = [
        "ArrowDown",
        "ArrowUp",
        "ArrowLeft",
        "ArrowRight",
        "PageDown",
        "PageUp",
        "Home",
        "End",
        "Space",
        "Enter",
        "Escape",
        "Tab",
        "Backspace",
        "Delete",
        "Comma",
        "Period",
        "Plus",
        "Minus",
        "Equals",
        "Questionmark",
        "OpenBracket",
        "CloseBracket",
    ];
    let mut key = KeyName::plain(text);
    let mut rest = text;
    while let Some((held, name)) = rest.split_once('+') {
        match held {
            "Ctrl" => key.ctrl = true,
            "Shift" => key.shift = true,
            _ => return None,
        }
        rest = name;
    }
    let single = matches!(rest.as_bytes(), [byte] if byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let function = rest.strip_prefix('F').and_then(|number| number.parse::<u8>().ok()).is_some_and(|number| (1..=12).contains(&number));
    rest.clone_into(&mut key.name);
    (single || function || NAMED.contains(&rest)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_step_is_read() {
        let words = [
            "wait 1.5s",
            "wait 20ms",
            "swipe next",
            "swipe prev",
            "fling 3",
            "fling 1 prev",
            "tap",
            "long-press",
            "key M",
            "key Ctrl+Shift+F3",
            "drag -300px over 120ms",
            "wheel -1",
            "scroll -30.5px",
            "key-down ArrowDown",
            "key-up ArrowDown",
            "pointer-down 225.5 400",
            "pointer-move -3 400",
            "pointer-up 225 400",
        ];
        let steps = [
            Step::Wait(Duration::from_millis(1500)),
            Step::Wait(Duration::from_millis(20)),
            Step::Swipe(Direction::Next),
            Step::Swipe(Direction::Prev),
            Step::Fling(3, Direction::Next),
            Step::Fling(1, Direction::Prev),
            Step::Tap,
            Step::LongPress,
            Step::Key(KeyName::plain("M")),
            Step::Key(KeyName { name: "F3".into(), shift: true, ctrl: true }),
            Step::Drag { by: -300.0, over: Duration::from_millis(120) },
            Step::Wheel(-1),
            Step::Scroll(-30.5),
            Step::KeyDown(KeyName::plain("ArrowDown")),
            Step::KeyUp(KeyName::plain("ArrowDown")),
            Step::PointerDown(225.5, 400.0),
            Step::PointerMove(-3.0, 400.0),
            Step::PointerUp(225.0, 400.0),
        ];
        for (words, step) in words.into_iter().zip(steps) {
            assert_eq!(parse_step(words), Ok(step));
        }
    }

    #[test]
    fn a_step_that_cannot_be_meant_is_refused() {
        for wrong in [
            "wait -1s",
            "wait 2h",
            "wait 9999s",
            "fling 0",
            "key ü",
            "key m",
            "key Alt+F4",
            "key F13",
            "drag 5 over 1s",
            "wheel 0",
            "",
            "scroll 5",
            "key-down m",
            "pointer-down 5",
            "pointer-move 5 nan",
            "pointer-up 5 99999",
        ] {
            assert!(parse_step(wrong).is_err_and(|sentence| sentence.contains("is no step")), "{wrong}");
        }
    }
}
