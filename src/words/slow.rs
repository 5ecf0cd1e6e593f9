//! Why something makes one wait: each cause in a sentence, with its figures.

use std::time::Duration;

/// Asks for the cause.
pub const WHY: &str = "Why is this slow?";
/// Puts the cause away again.
pub const HIDE: &str = "Hide why";
/// There is no connection.
pub const OFFLINE: &str = "There is no connection, and too little of this video is here.";
/// Items are not readied ahead for want of memory.
pub const NO_MEMORY: &str = "It was not readied ahead: memory is short.";
/// Items are not readied ahead because the desktop saves power.
pub const POWER_SAVER: &str = "It was not readied ahead: the desktop saves power.";

/// A wait in words: tenths of a second are for nobody.
fn wait(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds => format!("{seconds} s"),
    }
}

/// Bits a second with the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "megabits with one digit")]
fn rate(bits: u64) -> String {
    if bits < 1_000_000 { format!("{} kbit/s", bits / 1000) } else { format!("{:.1} Mbit/s", bits as f64 / 1e6) }
}

/// The server has not answered.
#[must_use]
pub fn server(asked_for: Duration, round_trip: Option<Duration>) -> String {
    let usual = round_trip.map_or_else(String::new, |time| format!(" Usually it takes {} there and back.", wait(time)));
    format!("The server was asked {} ago and has sent nothing yet.{usual}", wait(asked_for))
}

/// The server was left alone before.
#[must_use]
pub fn rested(failures: u32) -> String {
    format!("The server failed {failures} times in a row and was left alone. This is the try that decides.")
}

/// The line is too slow.
#[must_use]
pub fn line(carries: Option<u64>, needs: Option<u64>) -> String {
    match (carries, needs) {
        (Some(carries), Some(needs)) => format!("The line carries {}; this video needs {}.", rate(carries), rate(needs)),
        (Some(carries), None) => format!("The line carries {}, and more of the video is on its way.", rate(carries)),
        (None, Some(needs)) => format!("This video needs {}, and less comes.", rate(needs)),
        (None, None) => "The bytes of the video come slowly.".to_owned(),
    }
}

/// There is no picture yet.
#[must_use]
pub fn decoding(since: Duration) -> String {
    format!("The bytes are here since {}; the decoder has given no picture yet.", wait(since))
}

/// A picture stands and does not move.
#[must_use]
pub fn starting(since: Duration) -> String {
    format!("The picture is here since {}; the decoder is not ready to go on yet.", wait(since))
}

/// The disk is slow.
#[must_use]
pub fn disk(asked_for: Duration) -> String {
    format!("The disk was asked for it {} ago and has not given it yet.", wait(asked_for))
}

/// Others come first.
#[must_use]
pub fn queue(before: usize) -> String {
    match before {
        0 => "All decoders are busy.".to_owned(),
        1 => "One other video comes first.".to_owned(),
        more => format!("{more} other videos come first."),
    }
}

/// The battery is low.
#[must_use]
pub fn battery(percent: f64) -> String {
    format!("It was not readied ahead: the battery is at {percent:.0} %.")
}

/// The next page has not come.
#[must_use]
pub fn page(asked_for: Duration) -> String {
    format!("The server was asked for more of the feed {} ago and has not answered yet.", wait(asked_for))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_in_whole_sentences_with_their_figures() {
        let ms = Duration::from_millis;
        assert_eq!(
            server(ms(3400), Some(ms(48))),
            "The server was asked 3 s ago and has sent nothing yet. Usually it takes 48 ms there and back."
        );
        assert_eq!(line(Some(812_000), Some(2_140_000)), "The line carries 812 kbit/s; this video needs 2.1 Mbit/s.");
        assert_eq!(battery(12.4), "It was not readied ahead: the battery is at 12 %.");
        for told in [line(None, None), line(Some(1), None), line(None, Some(1)), queue(0), queue(1), queue(2), page(ms(1)), rested(4)] {
            assert!(told.ends_with('.'), "{told}");
        }
    }
}
