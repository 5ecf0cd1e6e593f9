//! The performance overlay: units of its figures, and all that is written around them. Names of rows and columns are in
//! [`names`].

pub mod names;

use std::time::Duration;

/// The pages.
pub mod tabs {
    /// How swipes and frames fare.
    pub const FEED: &str = "Feed";
    /// What each pipeline does.
    pub const PIPELINES: &str = "Pipelines";
    /// What is on disk.
    pub const CACHE: &str = "Cache";
    /// What the line carries.
    pub const NETWORK: &str = "Network";
    /// The current item.
    pub const ITEM: &str = "Item";
}

/// The buttons.
pub mod buttons {
    /// All figures onto the clipboard.
    pub const COPY: &str = "Copy JSON";
    /// What happened lately into files.
    pub const SAVE_TRACE: &str = "Save trace";
    /// An archive for testers.
    pub const REPORT: &str = "Report";
    /// Figures begin anew.
    pub const RESET: &str = "Reset";
}

/// What must always hold.
pub mod lights {
    /// Never more than one item is heard.
    pub const ONE_SOUND: &str = "one sound";
    /// Never more pipelines than are allowed.
    pub const BUDGET: &str = "≤ budget";
    /// The cache never grows beyond its bound.
    pub const DISK_CAP: &str = "≤ disk cap";
    /// No display frame without a picture.
    pub const NO_BLACK: &str = "no black";
}

/// Why the network, and what is readied over it, is as it is.
pub mod reasons {
    /// The viewer chose the profile.
    pub const ASKED: &str = "asked for";
    /// Nothing is known.
    pub const UNMEASURED: &str = "nothing measured yet";
    /// Each byte is paid for.
    pub const METERED: &str = "metered network";
    /// A telephone’s.
    pub const MOBILE: &str = "mobile network";
    /// The desktop saves power.
    pub const POWER_SAVER: &str = "power saver: nothing ahead";
    /// There is little left.
    pub const MEMORY: &str = "memory is short";
    /// Nobody tells what network it is.
    pub const UNKNOWN_KIND: &str = "unknown kind";
    /// A cable.
    pub const WIRED: &str = "cable";
    /// No cable.
    pub const WIFI: &str = "wifi";
    /// A telephone’s.
    pub const CELLULAR: &str = "mobile";
    /// Nobody tells how far it reaches.
    pub const UNKNOWN_REACH: &str = "unknown reach";
    /// Nowhere.
    pub const NO_CONNECTION: &str = "no connection";
    /// To a page that wants a sign-in.
    pub const PORTAL: &str = "waits for a sign-in";
    /// To machines nearby.
    pub const LIMITED: &str = "reaches nothing outside";
    /// Everywhere.
    pub const FULL: &str = "reaches all";
    /// Power comes from the wall.
    pub const NO_BATTERY: &str = "no battery in use";
    /// The desktop saves power.
    pub const SAVER: &str = " · power saver";
}

/// What stands where nothing was measured.
pub const NONE: &str = "–";

/// A figure, or what stands for one.
#[must_use]
pub fn known<T>(value: Option<T>, write: impl Fn(T) -> String) -> String {
    value.map_or_else(|| NONE.to_owned(), write)
}

/// How many; from a hundred thousand on in thousands, so that it keeps its columns.
#[must_use]
pub fn count(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..100_000_000 => format!("{}k", count / 1000),
        _ => format!("{}M", count / 1_000_000),
    }
}

/// Milliseconds, with a tenth where it can be told.
#[must_use]
pub fn millis(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

/// A time in milliseconds.
#[must_use]
pub fn time(time: Duration) -> String {
    millis(time.as_secs_f64() * 1000.0)
}

/// One of a hundred, with a tenth.
#[must_use]
pub fn percent(percent: f64) -> String {
    if percent < 99.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A share of one in percent.
#[must_use]
pub fn share(share: f64) -> String {
    percent(share * 100.0)
}

/// Megabytes of 2^20 bytes, as the bound of the cache is told in.
#[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
#[must_use]
pub fn mega(bytes: u64) -> String {
    let mega = bytes as f64 / (1024.0 * 1024.0);
    if mega < 9999.95 { format!("{mega:.1}") } else { format!("{mega:.0}") }
}

/// Bits a second with the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "megabits with one digit")]
#[must_use]
pub fn rate(bits: u64) -> String {
    if bits < 1_000_000 { format!("{} kbit/s", bits / 1000) } else { format!("{:.1} Mbit/s", bits as f64 / 1e6) }
}

/// A length in the largest unit that says something, in three columns where it can be.
#[must_use]
pub fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..100 => format!("{seconds}s"),
        seconds @ 100..6000 => format!("{}m", seconds / 60),
        seconds => format!("{}h", seconds / 3600),
    }
}

/// Bits a second as they were measured.
#[must_use]
pub fn measured(bits: u64) -> String {
    format!("{} measured", rate(bits))
}

/// A server is far away.
#[must_use]
pub fn far_away(round_trip: Duration) -> String {
    format!("{} ms round trip", round_trip.as_millis())
}

/// The way to servers and back.
#[must_use]
pub fn there_and_back(ms: f64) -> String {
    format!("{ms:.0} ms there and back")
}

/// The battery is low, in percent.
#[must_use]
pub fn low_battery(percent: f64) -> String {
    format!("{}: nothing ahead", battery(percent))
}

/// What is left in the battery, in percent.
#[must_use]
pub fn battery(percent: f64) -> String {
    format!("battery {percent:.0} %")
}

/// Frames a second of a video.
#[must_use]
pub fn video_fps(fps: f64) -> String {
    format!("{fps:.1} fps")
}

/// Frames a second of the display, with a place for three digits and for none.
#[must_use]
pub fn display_fps(fps: &str) -> String {
    format!("{fps:>4} fps")
}

/// How much is decoded ahead.
#[must_use]
pub fn queued(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// Pipelines that have no place on the page.
#[must_use]
pub fn and_more(more: usize) -> String {
    format!("… and {more} more")
}

/// How far items are readied; `passed`: how many were swiped past in vain.
#[must_use]
pub fn ahead(behind: usize, ahead: usize, heads: usize, looks: usize, passed: usize) -> String {
    let passed = if passed == 0 { String::new() } else { format!(" · {passed} passed") };
    format!("−{behind} … +{ahead} · heads {heads} · looks {looks}{passed}")
}

/// How many items failed.
#[must_use]
pub fn in_this_session(failures: &str) -> String {
    format!("{failures} in this session")
}

/// One of several.
#[must_use]
pub fn of(one: impl std::fmt::Display, all: impl std::fmt::Display) -> String {
    format!("{one} of {all}")
}

/// For how long the current item stood ready before it was wanted.
#[must_use]
pub fn stood_ready(time: Duration) -> String {
    format!("stood ready for {:.1} s", time.as_secs_f64())
}

/// How many bytes an item has.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", mega(bytes))
}

/// When a light broke.
#[must_use]
pub fn broke_at(moment: &str) -> String {
    format!("at {moment}")
}

/// The same for who does not see the light.
#[must_use]
pub fn light_broke(light: &str, moment: &str) -> String {
    format!("{light} broke at {moment} of this session")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_their_columns_as_they_grow() {
        assert_eq!([count(0), count(99_999), count(100_000), count(250_000_000)], ["0", "99999", "100k", "250M"]);
        assert_eq!([millis(4.96), millis(999.9), millis(12_345.6)], ["5.0", "999.9", "12346"]);
        assert_eq!([share(0.004), share(1.0)], ["0.4 %", "100 %"]);
        assert_eq!([rate(640_000), rate(5_430_000)], ["640 kbit/s", "5.4 Mbit/s"]);
        assert_eq!([age(Duration::from_secs(99)), age(Duration::from_secs(100)), age(Duration::from_hours(30))], ["99s", "1m", "30h"]);
    }

    #[test]
    fn what_was_not_measured_is_a_dash() {
        assert_eq!(known(None, millis), "–");
        assert_eq!(known(Some(3.0), millis), "3.0");
    }
}
