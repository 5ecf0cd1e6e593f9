//! What is known of the network and of power, in the words of the overlay.

use crate::preload::plan::{Connectivity, Limit, LinkKind, Power, Reason};
use crate::words::overlay::{self as words, reasons};

/// Why a profile holds.
pub(super) fn reason(reason: Reason) -> String {
    match reason {
        Reason::Asked => reasons::ASKED.to_owned(),
        Reason::Unmeasured => reasons::UNMEASURED.to_owned(),
        Reason::Metered => reasons::METERED.to_owned(),
        Reason::Mobile => reasons::MOBILE.to_owned(),
        Reason::Measured(bits) => words::measured(bits),
        Reason::FarAway(round_trip) => words::far_away(round_trip),
    }
}

/// Why less is readied than the profile says.
pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Battery(percent) => words::low_battery(percent),
        Limit::PowerSaver => reasons::POWER_SAVER.to_owned(),
        Limit::Memory => reasons::MEMORY.to_owned(),
    }
}

/// What the network that leads outside is.
pub(super) fn kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Unknown => reasons::UNKNOWN_KIND,
        LinkKind::Wired => reasons::WIRED,
        LinkKind::Wifi => reasons::WIFI,
        LinkKind::Cellular => reasons::CELLULAR,
    }
}

/// How far the network reaches.
pub(super) fn reach(reach: Connectivity) -> &'static str {
    match reach {
        Connectivity::Unknown => reasons::UNKNOWN_REACH,
        Connectivity::None => reasons::NO_CONNECTION,
        Connectivity::Portal => reasons::PORTAL,
        Connectivity::Limited => reasons::LIMITED,
        Connectivity::Full => reasons::FULL,
    }
}

/// Where electric power comes from.
pub(super) fn power(power: Power) -> String {
    let from = power.on_battery.map_or_else(|| reasons::NO_BATTERY.to_owned(), words::battery);
    if power.saver { format!("{from}{}", reasons::SAVER) } else { from }
}
