//! The third page: what is on disk, what is fetched ahead, and of each item near us which parts are here.

use super::super::Facts;
use super::super::sheet::{Cell, NAME, Sheet, Tone, columns, cut_front};
use super::super::words::{NONE, count, known, mega, share};
use crate::app::Model;
use crate::metrics::RangeMap;
use crate::ui::theme;

/// Items whose parts are shown: the widest window there is by itself, with all that is looked at.
const ITEMS: usize = 8;
/// The column at which the picture of the parts ends.
const MAP_END: f32 = 39.0;

pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts) {
    let (cache, preload) = (&facts.figures.cache, &facts.figures.preload);
    let plain = |name, value| Cell(name, value, Tone::Plain);
    if cache.cap_bytes.is_none() {
        sheet.row("disk", "no disk cache", Tone::Plain);
    } else {
        let over = cache.disk_bytes > cache.cap_bytes;
        sheet.cells(
            "disk MB",
            &[
                Cell("used", known(cache.disk_bytes, mega), if over { Tone::Bad } else { Tone::Plain }),
                plain("cap", known(cache.cap_bytes, mega)),
                plain("peak", known(cache.disk_peak_bytes, mega)),
            ],
        );
    }
    sheet.cells("kept MB", &[plain("pinned", known(cache.pinned_bytes, mega)), plain("reserve", known(cache.reserved_bytes, mega))]);
    sheet.cells(
        "hits",
        &[plain("rate", known(cache.hit_rate, share)), plain("MB", known(cache.hits, mega)), plain("miss", known(cache.misses, mega))],
    );
    let bad = cache.bad_blocks;
    sheet.cells(
        "lost",
        &[plain("evicted", known(cache.evictions, count)), Cell("damaged", known(bad, count), Tone::warns(bad.is_some_and(|bad| bad > 0)))],
    );
    sheet.cells(
        "preload",
        &[
            plain("queue", known(preload.queue, count)),
            plain("peak", known(preload.queue_peak, count)),
            plain("done", known(preload.completed, count)),
        ],
    );
    let failed = preload.failed;
    sheet.cells(
        "",
        &[
            Cell("failed", known(failed, count), Tone::warns(failed.is_some_and(|failed| failed > 0))),
            plain("good", known(preload.success_ratio, share)),
        ],
    );
    sheet.cells("wasted", &[plain("MB", known(preload.wasted_bytes, mega)), plain("share", known(preload.waste_ratio, share))]);
    super::ahead(sheet, model);
    sheet.gap();
    sheet.line(&format!("{:<NAME$}{:<31}{:>4}{:>5}", "near us", "parts on this machine", "MB", "%"), Tone::Dim);
    let current = model.feed().current().map(|item| &item.id);
    for at in 0..ITEMS {
        match model.range_maps().get(at) {
            Some((id, map)) => {
                let tone = if Some(id) == current { Tone::Good } else { Tone::Plain };
                sheet.put(&format!("{:<NAME$}", cut_front(id.as_str(), NAME - 1)), tone);
                parts(sheet, map);
            }
            None if at == 0 => sheet.put(&format!("{NONE} nothing that comes over a network is near"), Tone::Dim),
            None => {}
        }
        sheet.end();
    }
}

/// Which parts are here, from the first to the last byte, how large it is and how much of it is here.
fn parts(sheet: &mut Sheet, map: &RangeMap) {
    let cells = map.cells.len();
    let from = columns(NAME);
    let at = |cell: usize| from + (MAP_END - from) * columns(cell) / columns(cells.max(1));
    sheet.bar(from, MAP_END, theme::TRACK);
    let mut begin = 0;
    // Equal neighbours are one bar.
    for run in map.cells.chunk_by(|a, b| a == b) {
        let end = begin + run.len();
        if let Some(&cell @ 1..) = run.first() {
            sheet.bar(at(begin), at(end), theme::faded(theme::ACCENT, f32::from(cell) / 255.0));
        }
        begin = end;
    }
    let here: usize = map.cells.iter().map(|&cell| usize::from(cell)).sum();
    let percent = here * 100 / (255 * cells.max(1));
    let room = 39 - NAME;
    sheet.put(&format!("{:room$}{:>6}{percent:>5}", "", mega(map.total)), Tone::Plain);
}
