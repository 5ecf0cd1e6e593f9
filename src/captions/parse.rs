//! The cues of a text. One reader for both formats: what is a cue is told by its line of times, and whatever else there is
//! (numbers, names, notes, styles, a header) stands in blocks that have none.

use super::markup::{says_top, spans};
use super::time::timing;
use super::{Cue, Place};

/// The cues in the order of the text. Those without words are left out.
pub(super) fn cues(text: &str) -> impl Iterator<Item = Cue> {
    let mut lines = lines(text).peekable();
    std::iter::from_fn(move || {
        loop {
            let timing = timing(lines.next()?);
            let mut words: Vec<&str> = Vec::new();
            if timing.is_some() {
                // A line of times ends what stands before it, also where the empty line between was forgotten.
                while let Some(line) = lines.next_if(|line| !line.trim().is_empty() && super::time::timing(line).is_none()) {
                    words.push(line);
                }
                let is_number = |line: &&str| line.trim().bytes().all(|byte| byte.is_ascii_digit());
                if lines.peek().is_some_and(|line| !line.trim().is_empty()) && words.last().is_some_and(is_number) {
                    // The number of the next cue.
                    words.pop();
                }
            }
            let (Some(timing), words) = (timing, words.join("\n")) else { continue };
            let spans = spans(&words);
            if !spans.is_empty() {
                let place = if says_top(&words) { Place::Top } else { timing.place };
                return Some(Cue { start: timing.start, end: timing.end, place, align: timing.align, spans });
            }
        }
    })
}

/// Lines that end with LF, CR LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}
