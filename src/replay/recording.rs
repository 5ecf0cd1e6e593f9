//! What somebody does, as the text of a script that does it again. Pure; times are passed in.
//!
//! Each batch of steps is a `[[steps]]` block of its own, so a file to which whole blocks are appended is a script at
//! any time, however the program ends.

use std::fmt::Write as _;
use std::time::Duration;

use super::driver::Act;
use super::script::STEPS_MAX;
use super::step::{STEP_MAX, key_words};
use crate::feed::without_signature;

/// Steps that are recorded at most: a few are kept back for the last wait.
const RECORDED_MAX: usize = STEPS_MAX - 100;

/// Turns inputs into steps. It waits for [`Recording::start`].
#[derive(Clone, Debug, Default)]
pub struct Recording {
    began: Option<Duration>,
    /// How far the waits that were written add up to. They are whole microseconds: what is rounded away once is made up
    /// for by the next one.
    written: Duration,
    steps: usize,
    lines: Vec<String>,
}

impl Recording {
    /// The beginning of the file: what is shown, and the size of the window in logical pixels. An address loses what only
    /// proves the right to read it.
    #[must_use]
    pub fn header(program: &str, source: &[String], window: (u32, u32)) -> String {
        let is_address = |word: &str| word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
        let words: Vec<_> = source.iter().map(|word| if is_address(word) { without_signature(word) } else { word.clone() }).collect();
        let words = toml::Value::from(words);
        format!("# Recorded by {program}. Play it again: flickreel replay FILE\nsource = {words}\nwindow = \"{}x{}\"\n", window.0, window.1)
    }

    /// The clock of the script begins: the first frame was shown. Later calls change nothing.
    pub fn start(&mut self, now: Duration) {
        self.began.get_or_insert(now);
    }

    /// Whether the clock has begun.
    #[must_use]
    pub fn started(&self) -> bool {
        self.began.is_some()
    }

    /// An input came at `now`. What came before the start is left out; so is a key without a name in scripts.
    pub fn add(&mut self, act: &Act, now: Duration) {
        let Some(words) = words(act).filter(|_| self.steps < RECORDED_MAX) else { return };
        if self.wait_until(now) {
            self.push(words);
        }
    }

    /// The session ends at `now`: a replay lasts as long.
    pub fn finish(&mut self, now: Duration) {
        self.wait_until(now);
    }

    /// What was recorded since the last call, to be appended to the file; `None` for nothing.
    pub fn take_block(&mut self) -> Option<String> {
        if self.lines.is_empty() {
            return None;
        }
        let mut block = "\n[[steps]]\nsteps = [\n".to_owned();
        for line in self.lines.drain(..) {
            // No step has a sign in it that TOML would read otherwise.
            let _ = writeln!(block, "    \"{line}\",");
        }
        block.push_str("]\n");
        Some(block)
    }

    fn wait_until(&mut self, now: Duration) -> bool {
        let Some(began) = self.began else { return false };
        let since = now.saturating_sub(began);
        let mut left = Duration::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX)).saturating_sub(self.written);
        self.written += left;
        while !left.is_zero() {
            let wait = left.min(STEP_MAX);
            left -= wait;
            self.push(format!("wait {:.3}ms", wait.as_secs_f64() * 1000.0));
        }
        true
    }

    /// A key that goes down and up in one moment is one step, and reads better.
    fn push(&mut self, words: String) {
        let pressed =
            words.strip_prefix("key-up ").filter(|key| self.lines.last().is_some_and(|last| last.strip_prefix("key-down ") == Some(key)));
        if let (Some(key), Some(last)) = (pressed, self.lines.last_mut()) {
            *last = format!("key {key}");
            return;
        }
        if self.steps < STEPS_MAX {
            self.steps += 1;
            self.lines.push(words);
        }
    }
}

fn words(act: &Act) -> Option<String> {
    Some(match act {
        Act::Key(key) => format!("key {}", key_words(key)?),
        Act::KeyDown(key) => format!("key-down {}", key_words(key)?),
        Act::KeyUp(key) => format!("key-up {}", key_words(key)?),
        Act::PointerDown(x, y) => format!("pointer-down {x} {y}"),
        Act::PointerMove(x, y) => format!("pointer-move {x} {y}"),
        Act::PointerUp(x, y) => format!("pointer-up {x} {y}"),
        Act::Wheel(notches) => format!("wheel {notches}"),
        Act::Scroll(by) => format!("scroll {by}px"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::step::KeyName;
    use crate::replay::{Driver, Script};

    const START: Duration = Duration::from_millis(1234);

    fn key(name: &str) -> KeyName {
        KeyName::plain(name)
    }

    /// Acts and when each came, in microseconds after the start.
    fn session() -> Vec<(u64, Act)> {
        vec![
            (0, Act::KeyDown(key("ArrowDown"))),
            (0, Act::KeyUp(key("ArrowDown"))),
            (1_500_333, Act::KeyDown(key("ArrowUp"))),
            (1_700_001, Act::KeyDown(key("ArrowUp"))),
            (1_733_334, Act::KeyUp(key("ArrowUp"))),
            (2_000_000, Act::PointerDown(225.25, 500.0)),
            (2_016_667, Act::PointerMove(225.25, 451.1)),
            (2_033_333, Act::PointerUp(225.25, 402.7)),
            (2_500_000, Act::Wheel(-1)),
            (2_600_000, Act::Scroll(30.5)),
        ]
    }

    fn recorded(block_after_each: bool) -> String {
        let mut recording = Recording::default();
        let mut text = Recording::header("Flickreel", &["clips".to_owned()], (450, 800));
        recording.start(START);
        for (at, act) in session() {
            recording.add(&act, START + Duration::from_micros(at));
            if block_after_each {
                text.extend(recording.take_block());
            }
        }
        recording.finish(START + Duration::from_secs(4));
        text.extend(recording.take_block());
        text
    }

    /// What is played again, and when, in microseconds.
    fn played(text: &str) -> Vec<(u64, Act)> {
        let script = Script::parse("recorded", text).unwrap();
        let mut driver = Driver::new(&script, (450.0, 800.0));
        driver.start(START);
        let (mut now, mut acts) = (START, Vec::new());
        while let Some(next) = driver.next_at(now) {
            now = next;
            acts.extend(driver.due(now).into_iter().map(|act| (u64::try_from(now.saturating_sub(START).as_micros()).unwrap(), act)));
        }
        assert_eq!(now, START + Duration::from_secs(4), "it lasts as long as the session");
        acts
    }

    #[test]
    fn what_was_recorded_is_played_again_to_the_microsecond() {
        let mut expected = session();
        expected.splice(0..2, [(0, Act::Key(key("ArrowDown")))]);
        assert_eq!(played(&recorded(false)), expected);
    }

    #[test]
    fn it_is_a_script_after_every_block() {
        assert_eq!(played(&recorded(true)), session());
        let whole = recorded(true);
        for (at, _) in whole.match_indices("\n[[steps]]") {
            assert!(Script::parse("recorded", &whole[..at]).is_ok(), "{}", &whole[..at]);
        }
        let script = Script::parse("recorded", &whole).unwrap();
        assert_eq!((script.source, script.window), (vec!["clips".to_owned()], Some((450, 800))));
    }

    #[test]
    fn what_is_rounded_away_does_not_add_up() {
        let mut recording = Recording::default();
        recording.start(Duration::ZERO);
        let third = Duration::from_nanos(333_333_333);
        for count in 1..=3000 {
            recording.add(&Act::Wheel(1), third * count);
        }
        let script = Script::parse("recorded", &recording.take_block().unwrap()).unwrap();
        let mut driver = Driver::new(&script, (450.0, 800.0));
        driver.start(Duration::ZERO);
        assert_eq!(driver.due((third * 3000).saturating_sub(Duration::from_micros(2))).len(), 2999);
        assert_eq!(driver.due(third * 3000 + Duration::from_micros(1)).len(), 1);
    }

    #[test]
    fn nothing_before_the_start_and_no_key_without_a_name() {
        let mut recording = Recording::default();
        recording.add(&Act::Key(key("M")), Duration::ZERO);
        recording.start(START);
        recording.add(&Act::Key(key("é")), START);
        assert_eq!(recording.take_block(), None);
    }

    #[test]
    fn a_pause_of_hours_and_a_session_of_days_still_make_a_script() {
        let mut recording = Recording::default();
        recording.start(Duration::ZERO);
        for hours in 0..60_000 {
            recording.add(&Act::Wheel(1), Duration::from_mins(90 * hours));
        }
        recording.finish(Duration::from_hours(100_000));
        let script = Script::parse("recorded", &recording.take_block().unwrap()).unwrap();
        assert!(script.steps.len() > 90_000);
    }

    #[test]
    fn an_address_loses_its_token_and_a_path_keeps_its_signs() {
        let header = |word: &str| Recording::header("Flickreel", &[word.to_owned()], (450, 800));
        let told = header("https://me:secret@h.example/feed?tag=a&token=secret");
        assert!(!told.contains("secret") && told.contains("https://h.example/feed?tag=a"), "{told}");
        let odd = "/videos/a \"b\" \\ c\n";
        assert_eq!(Script::parse("recorded", &header(odd)).unwrap().source, [odd]);
    }
}
