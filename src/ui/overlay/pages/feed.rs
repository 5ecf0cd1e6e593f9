//! The first page: how swipes, display frames and video frames fare.

use super::super::sheet::{Cell, NAME, Sheet, Tone};
use super::super::words::{NONE, count, known, millis, percent, share};
use super::super::{Facts, charts};
use crate::app::Model;
use crate::metrics::Quantiles;
use crate::metrics::snapshot::Class;

/// Jank from here on wants attention, in percent.
const JANK_PCT: f64 = 1.0;

pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts) {
    let figures = &facts.figures;
    sheet.line(&format!("{:<NAME$}{:>8}{:>8}{:>8}{:>8}{:>8}", "startup ms", "n", "p50", "p95", "p99", "max"), Tone::Dim);
    // The colours are those of the bars below.
    let classes = &figures.latency_ms;
    for (name, class, tone) in [
        ("warm", classes.warm, Tone::Good),
        ("cached", classes.cached, Tone::Plain),
        ("cold", classes.cold, Tone::Warning),
        ("moving", classes.warm_moving, Tone::Dim),
    ] {
        latency(sheet, name, class, tone);
    }
    sheet.gap();
    let plain = |name, value| Cell(name, value, Tone::Plain);
    let swipes = figures.swipes;
    sheet.cells(
        "swipes",
        &[plain("made", count(swipes.committed)), plain("shown", count(swipes.painted)), plain("left", count(swipes.abandoned))],
    );
    let launch = figures.startup_ms;
    sheet.cells(
        "launch ms",
        &[
            plain("window", known(launch.process_to_window, |ms| format!("{ms:.0}"))),
            plain("clip", known(launch.process_to_first_frame, |ms| format!("{ms:.0}"))),
        ],
    );
    let display = figures.display;
    let black = display.black_frames;
    sheet.cells(
        "display",
        &[
            plain("fps", known(display.fps_now, |fps| fps.to_string())),
            plain("moving", known(display.fps, |fps| format!("{fps:.1}"))),
            Cell("black", known(black, count), Tone::warns(black.is_some_and(|black| black > 0))),
        ],
    );
    let jank = display.jank_pct;
    sheet.cells(
        "frames ms",
        &[
            plain("p95", known(display.frame_ms_p95, millis)),
            plain("max", known(display.frame_ms_max, millis)),
            Cell("jank", known(jank, percent), Tone::warns(jank.is_some_and(|jank| jank >= JANK_PCT))),
        ],
    );
    let video = figures.video;
    sheet.cells(
        "video",
        &[plain("shown", known(video.painted, count)), plain("late", known(video.late, count)), plain("drop", known(video.dropped, count))],
    );
    sheet.cells(
        "waiting",
        &[
            plain("times", known(video.rebuffers, count)),
            plain("share", known(video.rebuffer_ratio, share)),
            plain("stood", known(video.standing_ms_max, |ms| format!("{ms:.0}"))),
        ],
    );
    let process = figures.process;
    sheet.cells(
        "process",
        &[
            plain("cores", known(process.cpu_cores, |cores| format!("{cores:.2}"))),
            plain("MB", known(process.rss_mb, |mb| format!("{mb:.0}"))),
            plain("threads", known(process.threads, count)),
        ],
    );
    sheet.row("sound", model.audio().unwrap_or("no device, silent and in time"), Tone::Plain);
    sheet.gap();
    sheet.line(&format!("{:<width$}{}", "swipes, 1–1000 ms", charts::FRAMES_CAPTION, width = charts::FRAMES_BEGIN), Tone::Dim);
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
