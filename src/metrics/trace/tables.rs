//! Frames and swipes of a trace as tables for a spreadsheet: CSV after RFC 4180, times in milliseconds.

use std::io::{self, Write};
use std::time::Duration;

use super::{How, Taken, What};

/// One line for each display frame: when it began, how long after the one before, what the UI thread spent on it, and
/// whether anything moved.
///
/// # Errors
/// What the writer said.
pub fn write_frames(taken: &Taken, out: &mut impl Write) -> io::Result<()> {
    write!(out, "at_ms,interval_ms,work_ms,moving\r\n")?;
    let mut before = None;
    for record in taken.records.iter().filter(|record| record.what == What::Frame) {
        let How::Work { took, amount } = record.how else { continue };
        let interval = before.map_or_else(String::new, |before| ms(record.at.saturating_sub(before)));
        write!(out, "{},{interval},{},{amount}\r\n", ms(record.at), ms(took))?;
        before = Some(record.at);
    }
    Ok(())
}

/// One line for each swipe: when it was committed, what it was, and how long its first frame was waited for.
///
/// # Errors
/// What the writer said.
pub fn write_swipes(taken: &Taken, out: &mut impl Write) -> io::Result<()> {
    write!(out, "at_ms,swipe,first_frame_ms\r\n")?;
    for record in &taken.records {
        if let How::Lasted { took, name } = record.how {
            let took = if took.is_zero() { String::new() } else { ms(took) };
            write!(out, "{},{name},{took}\r\n", ms(record.at))?;
        }
    }
    Ok(())
}

fn ms(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::trace::Record;

    fn taken() -> Taken {
        let record = |ms: u64, what, how| Record { at: Duration::from_millis(ms), thread: 1, what, id: 0, how };
        let frame = |ms, amount| record(ms, What::Frame, How::Work { took: Duration::from_micros(1500), amount });
        let swipe = |ms, took, name| record(ms, What::Swipe, How::Lasted { took: Duration::from_millis(took), name });
        let records = vec![frame(100, 0), frame(116, 1), swipe(116, 9, "warm next"), swipe(300, 0, "next left early")];
        Taken { records, ..Taken::default() }
    }

    fn text(write: fn(&Taken, &mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&taken(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn frames_come_with_the_time_since_the_one_before() {
        assert_eq!(text(write_frames), "at_ms,interval_ms,work_ms,moving\r\n100.000,,1.500,0\r\n116.000,16.000,1.500,1\r\n");
    }

    #[test]
    fn a_swipe_without_a_first_frame_has_no_time() {
        assert_eq!(text(write_swipes), "at_ms,swipe,first_frame_ms\r\n116.000,warm next,9.000\r\n300.000,next left early,\r\n");
    }
}
