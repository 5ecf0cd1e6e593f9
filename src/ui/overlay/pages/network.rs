//! The fourth page: the line, what follows from it, what is asked of it, and what failed.

use super::super::Facts;
use super::super::sheet::{Cell, Sheet, Tone, cut_front};
use super::super::words::{kind, limit, power, reach, reason};
use crate::app::Model;
use crate::words::overlay::{self as words, NONE, count, known, mega, names, rate};

/// Failures that are listed, the newest first.
const FAILURES: usize = 4;

pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts) {
    let (network, retries) = (&facts.figures.network, &facts.figures.retries);
    let plain = |name, value| Cell(name, value, Tone::Plain);
    let bits = known(network.bits_per_second, rate);
    let round_trip = known(network.round_trip_ms, words::there_and_back);
    sheet.row(names::LINE, &format!("{bits:<13}{round_trip}"), Tone::Plain);
    let (profile, why) = model.profile();
    sheet.row(names::PROFILE, &format!("{}: {}", profile.name(), reason(why)), Tone::Plain);
    super::ahead(sheet, model);
    match model.limit() {
        Some(why) => sheet.row(names::LIMIT, &limit(why), Tone::Warning),
        None if model.readies_anyway() => sheet.row(names::LIMIT, names::READIED_ANYWAY, Tone::Warning),
        None => sheet.row(names::LIMIT, names::NOTHING_LIMITS, Tone::Plain),
    }
    let conditions = model.conditions();
    let link = conditions.link;
    sheet.row(names::NETWORK, &format!("{} · {}", kind(link.kind), reach(link.connectivity)), Tone::Plain);
    let (metered, tone) = match link.metered {
        Some(true) => (names::PAID, Tone::Warning),
        Some(false) => (names::NO, Tone::Plain),
        None => (names::NOBODY_TELLS, Tone::Plain),
    };
    sheet.row(names::METERED, metered, tone);
    sheet.row(names::POWER, &power(conditions.power), Tone::Plain);
    let (offline, tone) = if model.is_offline() { (names::SHOWS_WHAT_IS_HERE, Tone::Warning) } else { (names::NO, Tone::Plain) };
    sheet.row(names::OFFLINE, offline, tone);
    sheet.gap();
    sheet.cells(
        names::REQUESTS,
        &[
            plain(names::OPEN, known(network.active, count)),
            plain(names::WAITING, known(network.waiting, count)),
            plain(names::SENT, known(network.requests, count)),
        ],
    );
    sheet.cells(names::RECEIVED, &[plain(names::MB, known(network.bytes, mega))]);
    sheet.cells(names::RETRIES, &[plain(names::WAITING, count(retries.waiting))]);
    sheet.cells(
        names::BREAKERS,
        &[
            Cell(names::OPEN, count(retries.resting_hosts), Tone::warns(retries.resting_hosts > 0)),
            Cell(names::OPENED, count(retries.trips), Tone::Plain),
        ],
    );
    let given_up: Vec<_> = model.flags().rolled_back().map(|(flag, breach)| format!("{} ({})", flag.name(), breach.name())).collect();
    let (given_up, tone) = if given_up.is_empty() { (NONE.to_owned(), Tone::Dim) } else { (given_up.join(", "), Tone::Warning) };
    sheet.row(names::GIVEN_UP, &given_up, tone);
    sheet.gap();
    let failures = model.failures();
    sheet.row(names::FAILED, &words::in_this_session(&count(failures.len() as u64)), Tone::Plain);
    let mut newest = failures.iter().rev();
    for at in 0..FAILURES {
        match newest.next() {
            Some((id, kind)) => sheet.row("", &format!("{kind:<13}{}", cut_front(id.as_str(), 27)), Tone::Warning),
            None if at == 0 => sheet.row("", NONE, Tone::Dim),
            None => sheet.row("", "", Tone::Dim),
        }
    }
}
