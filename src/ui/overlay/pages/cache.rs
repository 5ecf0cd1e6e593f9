//! The third page: what is on disk, what is fetched ahead, and of each item near us which parts are here.

use super::super::Facts;
use super::super::sheet::{Cell, NAME, Sheet, Tone, columns, cut_front};
use crate::app::Model;
use crate::metrics::RangeMap;
use crate::ui::theme;
use crate::words::overlay::{NONE, count, known, mega, names, share};

/// Items whose parts are shown: the widest window there is by itself, with all that is looked at.
const ITEMS: usize = 8;
/// The column at which the picture of the parts ends.
const MAP_END: f32 = 39.0;

pub(super) fn write(sheet: &mut Sheet, model: &Model, facts: &Facts) {
    let (cache, preload) = (&facts.figures.cache, &facts.figures.preload);
    let plain = |name, value| Cell(name, value, Tone::Plain);
    if cache.cap_bytes.is_none() {
        sheet.row(names::DISK, names::NO_DISK_CACHE, Tone::Plain);
    } else {
        let over = cache.disk_bytes > cache.cap_bytes;
        sheet.cells(
            names::DISK_MB,
            &[
                Cell(names::USED, known(cache.disk_bytes, mega), if over { Tone::Bad } else { Tone::Plain }),
                plain(names::CAP, known(cache.cap_bytes, mega)),
                plain(names::PEAK, known(cache.disk_peak_bytes, mega)),
            ],
        );
    }
    sheet.cells(
        names::KEPT_MB,
        &[plain(names::PINNED, known(cache.pinned_bytes, mega)), plain(names::RESERVED, known(cache.reserved_bytes, mega))],
    );
    sheet.cells(
        names::HITS,
        &[
            plain(names::RATE, known(cache.hit_rate, share)),
            plain(names::MB, known(cache.hits, mega)),
            plain(names::MISSED, known(cache.misses, mega)),
        ],
    );
    let bad = cache.bad_blocks;
    sheet.cells(
        names::LOST,
        &[
            plain(names::EVICTED, known(cache.evictions, count)),
            Cell(names::DAMAGED, known(bad, count), Tone::warns(bad.is_some_and(|bad| bad > 0))),
        ],
    );
    sheet.cells(
        names::PRELOAD,
        &[
            plain(names::QUEUE, known(preload.queue, count)),
            plain(names::PEAK, known(preload.queue_peak, count)),
            plain(names::DONE, known(preload.completed, count)),
        ],
    );
    let failed = preload.failed;
    sheet.cells(
        "",
        &[
            Cell(names::FAILED, known(failed, count), Tone::warns(failed.is_some_and(|failed| failed > 0))),
            plain(names::GOOD, known(preload.success_ratio, share)),
        ],
    );
    sheet.cells(
        names::WASTED,
        &[plain(names::MB, known(preload.wasted_bytes, mega)), plain(names::SHARE, known(preload.waste_ratio, share))],
    );
    super::ahead(sheet, model);
    sheet.gap();
    sheet.line(&format!("{:<NAME$}{:<31}{:>4}{:>5}", names::NEAR_US, names::PARTS, names::MB, names::PERCENT), Tone::Dim);
    let current = model.feed().current().map(|item| &item.id);
    for at in 0..ITEMS {
        match model.range_maps().get(at) {
            Some((id, map)) => {
                let tone = if Some(id) == current { Tone::Good } else { Tone::Plain };
                sheet.put(&format!("{:<NAME$}", cut_front(id.as_str(), NAME - 1)), tone);
                parts(sheet, map);
            }
            None if at == 0 => sheet.put(&format!("{NONE} {}", names::NOTHING_NEAR), Tone::Dim),
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
