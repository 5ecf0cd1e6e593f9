//! The second page: what each pipeline is and does.

use super::super::Facts;
use super::super::sheet::{Cell, Sheet, Tone, cut, cut_front};
use crate::app::Model;
use crate::player::PipelineRow;
use crate::words::overlay::{self as words, NONE, age, count, known, names};
use crate::words::playing::clock;

/// Lines of one pipeline.
const LINES: usize = 2;
/// Lines below the table, with the gap before them, where there is a graph.
const LINES_BELOW: usize = 2;

/// As many pipelines as the budget allows have their place, so that nothing moves when one comes or goes.
pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts, height: f32, has_chart: bool) {
    let pool = facts.figures.pipelines;
    let plain = |name, value| Cell(name, value, Tone::Plain);
    let live = format!("{}/{}", pool.live, pool.budget);
    sheet.cells(
        names::PIPELINES,
        &[
            Cell(names::LIVE, live, if pool.live <= pool.budget { Tone::Good } else { Tone::Bad }),
            plain(names::PEAK, count(pool.peak)),
            Cell(names::STUCK, count(pool.stuck), Tone::warns(pool.stuck > 0)),
        ],
    );
    sheet.cells(
        "",
        &[
            plain(names::OPENING, count(pool.opening)),
            plain(names::PREROLL, count(pool.prerolling)),
            plain(names::READY, count(pool.prerolled)),
        ],
    );
    let heard = model.pool().audible;
    sheet.cells(
        "",
        &[
            plain(names::PLAYING, count(pool.playing)),
            plain(names::LEAVING, count(pool.tearing_down)),
            Cell(names::HEARD, count(heard as u64), if heard > 1 { Tone::Bad } else { Tone::Plain }),
        ],
    );
    sheet.gap();
    sheet.line(&columns([names::ITEM, names::STAGE, names::STATE], names::DECODER), Tone::Dim);
    sheet.line(&columns([names::SIZE, names::FPS, names::QUEUED], &tail(names::AT, names::LATE_DROPPED, names::AGE)), Tone::Dim);

    let rows = model.rows();
    let below = if has_chart { LINES_BELOW } else { 0 };
    let room = sheet.lines_left(height).saturating_sub(below).max(LINES);
    let wanted = LINES * rows.len().max(usize::try_from(pool.budget).unwrap_or(usize::MAX / LINES)).max(1);
    let lines = wanted.min(room);
    // What does not fit is counted in the last line.
    let shown = if LINES * rows.len() > lines { (lines - 1) / LINES } else { rows.len() };
    for row in &rows[..shown] {
        pipeline(sheet, model, row);
    }
    for at in LINES * shown..lines {
        let more = rows.len() - shown;
        let is_last = at + 1 == lines && more > 0;
        sheet.line(&if is_last { words::and_more(more) } else { String::new() }, Tone::Dim);
    }
    if has_chart {
        sheet.gap();
        sheet.line(names::FRAMES_CAPTION, Tone::Dim);
    }
}

fn pipeline(sheet: &mut Sheet, model: &Model, row: &PipelineRow) {
    // An item that has left the window knows nothing of the pipeline that is still going.
    let item = model.item_of(row.generation).map_or_else(|| format!("#{}", row.generation.0), |id| cut_front(id.as_str(), 10));
    let tone = match row.stage {
        "playing" => Tone::Good,
        "teardown" => Tone::Warning,
        _ => Tone::Plain,
    };
    sheet.put(&format!("{item:<11}"), Tone::Plain);
    sheet.put(&format!("{:<11}", row.stage), tone);
    let state = if row.state.is_empty() { NONE } else { row.state };
    let decoder = if row.decoder.is_empty() { NONE } else { &row.decoder };
    sheet.put(&format!("{state:<9}{}", cut(decoder, 19)), Tone::Plain);
    sheet.end();
    let (width, height) = row.size;
    let size = if width == 0 { NONE.to_owned() } else { format!("{width}×{height}") };
    let fps = if row.fps > 0.0 { words::video_fps(row.fps) } else { NONE.to_owned() };
    let queued = known(row.queued, words::queued);
    let at = known(row.position, clock);
    let lost = format!("{}/{}", count(row.late), count(row.dropped));
    sheet.line(&columns([&size, &fps, &queued], &tail(&at, &lost, &age(row.age))), Tone::Dim);
}

fn columns([first, second, third]: [&str; 3], rest: &str) -> String {
    format!("{first:<11}{second:<11}{third:<9}{rest}")
}

fn tail(at: &str, lost: &str, age: &str) -> String {
    format!("{at:<6}{lost:<9}{age:>4}")
}
