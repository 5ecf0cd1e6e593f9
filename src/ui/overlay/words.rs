//! Figures in words: units, and what stands where nothing was measured.

use std::time::Duration;

use crate::preload::plan::{Connectivity, Limit, LinkKind, Power, Reason};

/// What stands where nothing was measured.
pub(super) const NONE: &str = "–";

/// A figure, or what stands for one.
pub(super) fn known<T>(value: Option<T>, write: impl Fn(T) -> String) -> String {
    value.map_or_else(|| NONE.to_owned(), write)
}

/// How many; from a hundred thousand on in thousands, so that it keeps its columns.
pub(super) fn count(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..100_000_000 => format!("{}k", count / 1000),
        _ => format!("{}M", count / 1_000_000),
    }
}

/// Milliseconds, with a tenth where it can be told.
pub(super) fn millis(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

/// A time in milliseconds.
pub(super) fn time(time: Duration) -> String {
    millis(time.as_secs_f64() * 1000.0)
}

/// One of a hundred, with a tenth.
pub(super) fn percent(percent: f64) -> String {
    if percent < 99.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A share of one in percent.
pub(super) fn share(share: f64) -> String {
    percent(share * 100.0)
}

/// Megabytes of 2^20 bytes, as the bound of the cache is told in.
#[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
pub(super) fn mega(bytes: u64) -> String {
    let mega = bytes as f64 / (1024.0 * 1024.0);
    if mega < 9999.95 { format!("{mega:.1}") } else { format!("{mega:.0}") }
}

/// Bits a second with the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "megabits with one digit")]
pub(super) fn rate(bits: u64) -> String {
    if bits < 1_000_000 { format!("{} kbit/s", bits / 1000) } else { format!("{:.1} Mbit/s", bits as f64 / 1e6) }
}

/// A length in the largest unit that says something, in three columns where it can be.
pub(super) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..100 => format!("{seconds}s"),
        seconds @ 100..6000 => format!("{}m", seconds / 60),
        seconds => format!("{}h", seconds / 3600),
    }
}

/// Why a profile holds.
pub(super) fn reason(reason: Reason) -> String {
    match reason {
        Reason::Asked => "asked for".to_owned(),
        Reason::Unmeasured => "nothing measured yet".to_owned(),
        Reason::Metered => "metered network".to_owned(),
        Reason::Mobile => "mobile network".to_owned(),
        Reason::Measured(bits) => format!("{} measured", rate(bits)),
        Reason::FarAway(round_trip) => format!("{} ms round trip", round_trip.as_millis()),
    }
}

/// Why less is readied than the profile says.
pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Battery(percent) => format!("battery {percent:.0} %: nothing ahead"),
        Limit::PowerSaver => "power saver: nothing ahead".to_owned(),
        Limit::Memory => "memory is short".to_owned(),
    }
}

/// What the network that leads outside is.
pub(super) fn kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Unknown => "unknown kind",
        LinkKind::Wired => "cable",
        LinkKind::Wifi => "wifi",
        LinkKind::Cellular => "mobile",
    }
}

/// How far the network reaches.
pub(super) fn reach(reach: Connectivity) -> &'static str {
    match reach {
        Connectivity::Unknown => "unknown reach",
        Connectivity::None => "no connection",
        Connectivity::Portal => "waits for a sign-in",
        Connectivity::Limited => "reaches nothing outside",
        Connectivity::Full => "reaches all",
    }
}

/// Where electric power comes from.
pub(super) fn power(power: Power) -> String {
    let from = power.on_battery.map_or_else(|| "no battery in use".to_owned(), |percent| format!("battery {percent:.0} %"));
    if power.saver { format!("{from} · power saver") } else { from }
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
