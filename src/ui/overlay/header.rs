//! What stands on every page: which program on what, the display's rate, and the lights of what must never happen.

use std::time::Duration;

use super::Facts;
use super::sheet::{COLUMNS, Sheet, Tone, cut};
use crate::metrics::snapshot::Invariants;
use crate::words::overlay::{self as words, known, names};
use crate::words::playing::clock;

/// A light, the columns it takes, and when it broke, in seconds.
type Light = (&'static str, usize, Option<f64>);

fn lights(held: Invariants) -> [Light; 4] {
    [
        (words::lights::ONE_SOUND, 13, held.audible),
        (words::lights::BUDGET, 12, held.pipelines),
        (words::lights::DISK_CAP, 14, held.disk),
        (words::lights::NO_BLACK, 11, held.black),
    ]
}

/// Writes the head of a page.
pub(super) fn write(sheet: &mut Sheet, facts: &Facts) {
    let display = &facts.figures.display;
    let fps = words::display_fps(&known(display.fps_now, |fps| fps.to_string()));
    let room = COLUMNS - fps.chars().count();
    sheet.put(&format!("{:<room$}", cut(&facts.program, room - 1)), Tone::Plain);
    sheet.put(&fps, if display.fps_now.is_some() { Tone::Good } else { Tone::Dim });
    sheet.end();
    sheet.line(&facts.renderer, Tone::Dim);
    sheet.gap();
    let lights = lights(facts.figures.invariants);
    for (name, width, broke_at) in lights {
        let (light, words) = if broke_at.is_none() { (Tone::Good, Tone::Plain) } else { (Tone::Bad, Tone::Bad) };
        sheet.put("● ", light);
        sheet.put(&format!("{name:<width$}", width = width - 2), words);
    }
    sheet.end();
    if lights.iter().all(|(_, _, broke_at)| broke_at.is_none()) {
        sheet.line(&format!("  {}", names::HELD_SINCE_START), Tone::Dim);
    } else {
        for (_, width, broke_at) in lights {
            let words = broke_at.map_or_else(|| names::HELD.to_owned(), |seconds| words::broke_at(&moment(seconds)));
            sheet.put(&format!("{:<width$}", format!("  {words}")), if broke_at.is_some() { Tone::Bad } else { Tone::Dim });
        }
        sheet.end();
    }
    sheet.gap();
}

/// What the lights say to somebody who does not see them.
pub(super) fn spoken(held: Invariants) -> String {
    let broken: Vec<_> =
        lights(held).into_iter().filter_map(|(name, _, broke_at)| Some(words::light_broke(name, &moment(broke_at?)))).collect();
    if broken.is_empty() { names::LIGHTS_GREEN.to_owned() } else { broken.join(", ") }
}

/// Seconds since the start as people write them.
fn moment(seconds: f64) -> String {
    clock(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}
