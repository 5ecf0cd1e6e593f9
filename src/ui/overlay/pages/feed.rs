//! The first page: how swipes, display frames and video frames fare.

use super::super::sheet::{Cell, NAME, Sheet, Tone};
use super::super::{Facts, charts};
use crate::app::Model;
use crate::metrics::Quantiles;
use crate::metrics::snapshot::Class;
use crate::words::overlay::{NONE, count, known, millis, names, percent, share};

/// Jank from here on wants attention, in percent.
const JANK_PCT: f64 = 1.0;

pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts) {
    let figures = &facts.figures;
    sheet.line(
        &format!("{:<NAME$}{:>8}{:>8}{:>8}{:>8}{:>8}", names::STARTUP_MS, names::HOW_MANY, names::P50, names::P95, names::P99, names::MAX),
        Tone::Dim,
    );
    // The colours are those of the bars below.
    let classes = &figures.latency_ms;
    for (name, class, tone) in [
        (names::WARM, classes.warm, Tone::Good),
        (names::CACHED, classes.cached, Tone::Plain),
        (names::COLD, classes.cold, Tone::Warning),
        (names::MOVING, classes.warm_moving, Tone::Dim),
    ] {
        latency(sheet, name, class, tone);
    }
    sheet.gap();
    let plain = |name, value| Cell(name, value, Tone::Plain);
    let swipes = figures.swipes;
    sheet.cells(
        names::SWIPES,
        &[
            plain(names::MADE, count(swipes.committed)),
            plain(names::SHOWN, count(swipes.painted)),
            plain(names::LEFT, count(swipes.abandoned)),
        ],
    );
    let launch = figures.startup_ms;
    sheet.cells(
        names::LAUNCH_MS,
        &[
            plain(names::WINDOW, known(launch.process_to_window, |ms| format!("{ms:.0}"))),
            plain(names::CLIP, known(launch.process_to_first_frame, |ms| format!("{ms:.0}"))),
        ],
    );
    let display = figures.display;
    let black = display.black_frames;
    sheet.cells(
        names::DISPLAY,
        &[
            plain(names::FPS, known(display.fps_now, |fps| fps.to_string())),
            plain(names::MOVING, known(display.fps, |fps| format!("{fps:.1}"))),
            Cell(names::BLACK, known(black, count), Tone::warns(black.is_some_and(|black| black > 0))),
        ],
    );
    let jank = display.jank_pct;
    sheet.cells(
        names::FRAMES_MS,
        &[
            plain(names::P95, known(display.frame_ms_p95, millis)),
            plain(names::MAX, known(display.frame_ms_max, millis)),
            Cell(names::JANK, known(jank, percent), Tone::warns(jank.is_some_and(|jank| jank >= JANK_PCT))),
        ],
    );
    let video = figures.video;
    sheet.cells(
        names::VIDEO,
        &[
            plain(names::SHOWN, known(video.painted, count)),
            plain(names::LATE, known(video.late, count)),
            plain(names::DROPPED, known(video.dropped, count)),
        ],
    );
    sheet.cells(
        names::WAITING,
        &[
            plain(names::TIMES, known(video.rebuffers, count)),
            plain(names::SHARE, known(video.rebuffer_ratio, share)),
            plain(names::STOOD, known(video.standing_ms_max, |ms| format!("{ms:.0}"))),
        ],
    );
    let process = figures.process;
    sheet.cells(
        names::PROCESS,
        &[
            plain(names::CORES, known(process.cpu_cores, |cores| format!("{cores:.2}"))),
            plain(names::MB, known(process.rss_mb, |mb| format!("{mb:.0}"))),
            plain(names::THREADS, known(process.threads, count)),
        ],
    );
    sheet.row(names::SOUND, model.audio().unwrap_or(names::NO_DEVICE), Tone::Plain);
    sheet.gap();
    sheet.line(&format!("{:<width$}{}", names::SWIPES_CAPTION, names::FRAMES_CAPTION, width = charts::FRAMES_BEGIN), Tone::Dim);
}

fn latency(sheet: &mut Sheet, name: &str, class: Class, tone: Tone) {
    sheet.put(&format!("{name:<NAME$}"), tone);
    match class.figures() {
        Some(Quantiles { n, p50, p95, p99, max }) => {
            let [p50, p95, p99, max] = [p50, p95, p99, max].map(millis);
            sheet.put(&format!("{:>8}{p50:>8}{p95:>8}{p99:>8}{max:>8}", count(n)), Tone::Plain);
        }
        None => sheet.put(&format!("{:>8}{NONE:>8}{NONE:>8}{NONE:>8}{NONE:>8}", 0), Tone::Dim),
    }
    sheet.end();
}
