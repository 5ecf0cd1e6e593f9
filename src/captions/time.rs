//! The line that says when: `00:01:02.500 --> 00:01:04.000 line:0 align:start`.

use std::time::Duration;

use super::{Align, Place};

/// A line with WebVTT's numbers counts from above when it is at most this, of the fifteen or so that a picture has.
const TOP_LINES: f64 = 5.0;
/// The same for one that is told in percent of the height.
const TOP_PERCENT: f64 = 40.0;
/// Longest time believed: a day. It also keeps sums far from any bound.
const LATEST: Duration = Duration::from_hours(24);

/// What such a line says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Timing {
    pub start: Duration,
    pub end: Duration,
    pub place: Place,
    pub align: Align,
}

/// Reads such a line; `None` when it is none, or its end is not after its beginning.
pub(super) fn timing(line: &str) -> Option<Timing> {
    let (start, rest) = line.split_once("-->")?;
    let mut words = rest.split_whitespace();
    let (start, end) = (clock(start.trim())?, clock(words.next()?)?);
    let (place, align) = settings(words);
    (start < end && end <= LATEST).then_some(Timing { start, end, place, align })
}

/// Reads WebVTT's settings of a cue, which stand behind its times. Where a cue begins from the left and how wide it is would
/// fit no window but its author's.
pub(super) fn settings<'a>(words: impl Iterator<Item = &'a str>) -> (Place, Align) {
    let (mut found_place, mut found_align) = (Place::default(), Align::default());
    for (name, value) in words.filter_map(|word| word.split_once(':')) {
        match name {
            "line" => found_place = place(value),
            "align" => found_align = align(value),
            _ => {}
        }
    }
    (found_place, found_align)
}

/// `[hh:]mm:ss[.mmm]`, with a comma for the point, too.
fn clock(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut seconds = 0_u64;
    let mut parts = 0;
    for part in whole.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(number(part)?)?;
        parts += 1;
    }
    if !(2..=3).contains(&parts) {
        return None;
    }
    // Some write one digit or two, and mean tenths and hundredths.
    let scale = [1000, 100, 10, 1].get(fraction.len())?;
    let millis = if fraction.is_empty() { 0 } else { number(fraction)? * scale };
    Some(Duration::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?))
}

/// Digits and nothing else, few enough for any clock.
fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn place(value: &str) -> Place {
    let number = value.split(',').next().unwrap_or_default();
    let is_top = match number.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().is_ok_and(|percent| (0.0..=TOP_PERCENT).contains(&percent)),
        // Lines below zero count from below.
        None => number.parse::<f64>().is_ok_and(|line| (0.0..=TOP_LINES).contains(&line) && !number.starts_with('-')),
    };
    if is_top { Place::Top } else { Place::Bottom }
}

fn align(value: &str) -> Align {
    match value {
        "start" | "left" => Align::Start,
        "end" | "right" => Align::End,
        _ => Align::Center,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(start: u64, end: u64) -> (Duration, Duration) {
        (Duration::from_millis(start), Duration::from_millis(end))
    }

    fn times(line: &str) -> Option<(Duration, Duration)> {
        timing(line).map(|timing| (timing.start, timing.end))
    }

    #[test]
    fn times_are_read_as_both_formats_and_careless_hands_write_them() {
        assert_eq!(times("00:00:01,500 --> 00:00:04,000"), Some(ms(1500, 4000)));
        assert_eq!(times("00:01.500-->01:02:03.004"), Some(ms(1500, 3_723_004)));
        assert_eq!(times(" 1:02.5 -->  1:04 "), Some(ms(62_500, 64_000)));
        assert_eq!(times("00:00:00.000 --> 00:00:00.001 X1:40 X2:600 Y1:20 Y2:50"), Some(ms(0, 1)));
    }

    #[test]
    fn what_is_no_time_is_no_cue() {
        for line in ["", "-->", "a --> b", "00:00:05.000 --> 00:00:05.000", "00:05.000 --> 00:04.000", "00:-1.0 --> 00:02.0", "5 --> 6"] {
            assert_eq!(times(line), None, "{line}");
        }
        assert_eq!(times("00:01.0000 --> 00:02.000"), None);
        assert_eq!(times("999999999999:00:00 --> 00:02.000"), None);
        assert_eq!(times("00:00:01.000 --> 99:00:00.000"), None);
    }

    #[test]
    fn a_cue_says_that_it_is_to_stand_at_the_top_by_line_or_by_percent() {
        let place = |settings: &str| timing(&format!("00:01.000 --> 00:02.000 {settings}")).map(|timing| timing.place).unwrap();
        for settings in ["line:0", "line:5%", "align:start line:1,start", "line:0.0"] {
            assert_eq!(place(settings), Place::Top, "{settings}");
        }
        for settings in ["", "line:-1", "line:90%", "line:auto", "position:10%", "line:-0", "line:NaN", "line:", "line"] {
            assert_eq!(place(settings), Place::Bottom, "{settings}");
        }
        assert_eq!(timing("00:01.000 --> 00:02.000 align:right").unwrap().align, Align::End);
    }
}
