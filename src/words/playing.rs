//! How an item is played.

use std::time::Duration;

/// At its end an item begins again.
pub const REPEATS: &str = "Repeat: each video begins again at its end";
/// At its end an item stays.
pub const STOPS: &str = "Stop: each video stays at its end";
/// At its end an item makes room for the next one.
pub const ADVANCES: &str = "Go on: the next video follows at the end";
/// Plays again what was played to its end.
pub const REPLAY: &str = "Play again";
/// A still was asked for too early.
pub const NO_PICTURE: &str = "There is no picture to save yet.";

/// The speed that was chosen, such as `Speed 1.25×`.
#[must_use]
pub fn speed(speed: f64) -> String {
    format!("Speed {speed}×")
}

/// The speed while a press is held.
#[must_use]
pub fn held(speed: f64) -> String {
    format!("{speed}× while you hold")
}

/// Where one went, and how long the item is where that is known: `0:12 / 1:20`.
#[must_use]
pub fn position(at: Duration, duration: Option<Duration>) -> String {
    duration.map_or_else(|| clock(at), |duration| format!("{} / {}", clock(at), clock(duration)))
}

/// `1:05`, or `1:02:03` from an hour on.
#[must_use]
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A still was saved.
#[must_use]
pub fn still_saved(file: &str) -> String {
    format!("The picture is in {file}.")
}

/// A still could not be saved.
#[must_use]
pub fn still_not_saved(err: &str) -> String {
    format!("The picture could not be saved: {err}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_told_without_needless_digits() {
        assert_eq!([speed(0.25), speed(1.0), held(2.5)], ["Speed 0.25×", "Speed 1×", "2.5× while you hold"]);
    }

    #[test]
    fn a_position_is_told_as_people_write_times() {
        let seconds = Duration::from_secs;
        assert_eq!(position(seconds(72), Some(seconds(3723))), "1:12 / 1:02:03");
        assert_eq!(position(Duration::from_millis(9_900), None), "0:09");
    }
}
