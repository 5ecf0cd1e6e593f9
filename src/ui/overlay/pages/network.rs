//! The fourth page: the line, what follows from it, what is asked of it, and what failed.

use super::super::Facts;
use super::super::sheet::{Cell, Sheet, Tone, cut_front};
use super::super::words::{NONE, count, kind, known, limit, mega, power, rate, reach, reason};
use crate::app::Model;

/// Failures that are listed, the newest first.
const FAILURES: usize = 4;

pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts) {
    let (network, retries) = (&facts.figures.network, &facts.figures.retries);
    let plain = |name, value| Cell(name, value, Tone::Plain);
    let bits = known(network.bits_per_second, rate);
    let round_trip = known(network.round_trip_ms, |ms| format!("{ms:.0} ms there and back"));
    sheet.row("line", &format!("{bits:<13}{round_trip}"), Tone::Plain);
    let (profile, why) = model.profile();
    sheet.row("profile", &format!("{}: {}", profile.name(), reason(why)), Tone::Plain);
    super::ahead(sheet, model);
    match model.limit() {
        Some(why) => sheet.row("limit", &limit(why), Tone::Warning),
        None if model.readies_anyway() => sheet.row("limit", "power is short, readied anyway", Tone::Warning),
        None => sheet.row("limit", "none", Tone::Plain),
    }
    let conditions = model.conditions();
    let link = conditions.link;
    sheet.row("network", &format!("{} · {}", kind(link.kind), reach(link.connectivity)), Tone::Plain);
    let (metered, tone) = match link.metered {
        Some(true) => ("yes: each byte is paid for", Tone::Warning),
        Some(false) => ("no", Tone::Plain),
        None => ("nobody tells", Tone::Plain),
    };
    sheet.row("metered", metered, tone);
    sheet.row("power", &power(conditions.power), Tone::Plain);
    let (offline, tone) = if model.is_offline() { ("yes: what is here is shown", Tone::Warning) } else { ("no", Tone::Plain) };
    sheet.row("offline", offline, tone);
    sheet.gap();
    sheet.cells(
        "requests",
        &[
            plain("open", known(network.active, count)),
            plain("waiting", known(network.waiting, count)),
            plain("sent", known(network.requests, count)),
        ],
    );
    sheet.cells("received", &[plain("MB", known(network.bytes, mega))]);
    sheet.cells("retries", &[plain("waiting", count(retries.waiting))]);
    sheet.cells(
        "breakers",
        &[
            Cell("open", count(retries.resting_hosts), Tone::warns(retries.resting_hosts > 0)),
            Cell("opened", count(retries.trips), Tone::Plain),
        ],
    );
    let given_up: Vec<_> = model.flags().rolled_back().map(|(flag, breach)| format!("{} ({})", flag.name(), breach.name())).collect();
    let (given_up, tone) = if given_up.is_empty() { (NONE.to_owned(), Tone::Dim) } else { (given_up.join(", "), Tone::Warning) };
    sheet.row("given up", &given_up, tone);
    sheet.gap();
    let failures = model.failures();
    sheet.row("failed", &format!("{} in this session", count(failures.len() as u64)), Tone::Plain);
    let mut newest = failures.iter().rev();
    for at in 0..FAILURES {
        match newest.next() {
            Some((id, kind)) => sheet.row("", &format!("{kind:<13}{}", cut_front(id.as_str(), 27)), Tone::Warning),
            None if at == 0 => sheet.row("", NONE, Tone::Dim),
            None => sheet.row("", "", Tone::Dim),
        }
    }
}
