//! The fifth page: how the current item came to the screen, what it is, and what went wrong with it.

use std::time::Duration;

use super::super::sheet::{COLUMNS, Sheet, Tone, cut_front};
use crate::app::{Mark, Model, Phase, Tile, TileState, Times};
use crate::feed::{Failure, Item, MediaLocation, without_signature};
use crate::player::MediaInfo;
use crate::ui::theme;
use crate::words::overlay::{self as words, NONE, known, names, rate, time};
use crate::words::playing::clock;

/// Lines for its address and for what went wrong with it.
const SOURCE_LINES: usize = 2;
const ERROR_LINES: usize = 4;
/// The columns between which the bars of its way lie.
const WAY: (f32, f32) = (13.0, 42.0);

pub(super) fn write(sheet: &mut Sheet, model: &Model, now: Duration) {
    let feed = model.feed();
    let Some(item) = feed.current() else {
        sheet.line(names::NO_ITEM, Tone::Dim);
        return;
    };
    let index = feed.index();
    let tile = model.tile(&item.id);
    sheet.row(names::ITEM, &format!("{} · {}", words::of(index + 1, feed.items().len()), cut_front(item.id.as_str(), 24)), Tone::Plain);
    sheet.row(names::TITLE, &item.title, Tone::Plain);
    let length = known(model.duration_of(item), clock);
    sheet.row(
        names::STATE,
        &format!("{:<10}{}", state(&model.tile_state(index, now)), words::of(clock(model.position_of(item, now)), length)),
        Tone::Plain,
    );
    what(sheet, model, item, tile);
    sheet.words(names::SOURCE, &address(&item.media), Tone::Plain, SOURCE_LINES);
    sheet.gap();
    way(sheet, model, index, tile.map(|tile| tile.times).unwrap_or_default());
    sheet.gap();
    let failure = tile.and_then(|tile| if let Phase::Failed(failure) = &tile.phase { Some(failure) } else { tile.last_failure.as_ref() });
    let tone = if failure.is_some() { Tone::Warning } else { Tone::Plain };
    sheet.words(names::FAILED, &failure.map_or_else(|| names::NO.to_owned(), told), tone, ERROR_LINES);
}

/// Picture, sound, and how many bytes it is.
fn what(sheet: &mut Sheet, model: &Model, item: &Item, tile: Option<&Tile>) {
    let (picture, decoder) = match tile.and_then(|tile| tile.info.as_ref()) {
        Some(MediaInfo { size: (width, height), fps, decoder, has_audio, .. }) => {
            let fps = if *fps > 0.0 { words::video_fps(*fps) } else { names::ANY_RATE.to_owned() };
            (format!("{width}×{height} · {fps}"), format!("{decoder} · {}", if *has_audio { names::WITH_SOUND } else { names::SILENT }))
        }
        None => (NONE.to_owned(), NONE.to_owned()),
    };
    sheet.row(names::PICTURE, &picture, Tone::Plain);
    sheet.row(names::DECODER, &decoder, Tone::Plain);
    let bytes = model.range_maps().iter().find(|(id, _)| *id == item.id).map(|(_, map)| map.total);
    let bitrate =
        bytes.zip(model.duration_of(item)).filter(|(_, length)| !length.is_zero()).map(|(bytes, length)| bits_a_second(bytes, length));
    sheet.row(names::BITRATE, &format!("{:<13}{}", known(bitrate, rate), known(bytes, words::megabytes)), Tone::Plain);
    let here = match model.mark(&item.id) {
        Some(Mark::Ready) => names::ALL_OF_IT.to_owned(),
        Some(Mark::Partial(percent)) => format!("{percent} %"),
        Some(Mark::Absent) => names::NOTHING.to_owned(),
        None => names::A_FILE.to_owned(),
    };
    sheet.row(names::HERE, &here, Tone::Plain);
    captions(sheet, model, item);
}

/// Which captions it has; nothing of an item without any.
fn captions(sheet: &mut Sheet, model: &Model, item: &Item) {
    let Some(at) = model.caption_place(item) else { return };
    let called = model.caption_names(item);
    let is_on = if model.preferences().captions { "" } else { names::CAPTIONS_OFF };
    let which = format!("{} · {}{is_on}", cut_front(&called[at], 20), words::of(at + 1, called.len()));
    match model.captions_failed(item) {
        Some(failure) => sheet.words(names::CAPTIONS, &format!("{which}: {}", told(failure)), Tone::Warning, ERROR_LINES),
        None => sheet.row(names::CAPTIONS, &which, Tone::Plain),
    }
}

/// The steps to the screen, one after the other; the waits between them, in which it stood ready, are left out.
fn way(sheet: &mut Sheet, model: &Model, index: usize, times: Times) {
    let stood = times.stood_ready().map_or_else(String::new, words::stood_ready);
    sheet.line(&format!("{:<42}{:>8}", format!("{:<13}{stood}", names::ON_ITS_WAY), names::MS), Tone::Dim);
    let page = model.page_took(index);
    let first_bytes = if times.opened.is_some() && times.from_cache { names::FROM_DISK } else { names::FIRST_BYTES };
    let steps = [
        (names::PAGE, page, theme::INK_SECOND),
        (first_bytes, times.opening(), if times.from_cache { theme::ACCENT } else { theme::WARNING }),
        (names::PREROLL, times.prerolling(), theme::ACCENT),
        (names::PAINTED, times.painting(), theme::INK),
    ];
    let all: Duration = steps.iter().filter_map(|(_, took, _)| *took).sum();
    let column = |at: Duration| {
        let share = if all.is_zero() { 0.0 } else { at.as_secs_f32() / all.as_secs_f32() };
        WAY.0 + (WAY.1 - WAY.0) * share
    };
    let mut at = Duration::ZERO;
    for (name, took, color) in steps {
        sheet.bar(WAY.0, WAY.1, theme::TRACK);
        if let Some(took) = took {
            // A step that took next to nothing was taken all the same.
            let (from, to) = (column(at), column(at + took));
            sheet.bar(from.min(WAY.1 - SLIVER), to.max(from + SLIVER).min(WAY.1), color);
            at += took;
        }
        let room = COLUMNS - 13;
        sheet.put(&format!("{name:<13}"), Tone::Dim);
        sheet.put(&format!("{:>room$}", known(took, time)), Tone::Plain);
        sheet.end();
    }
}

/// The least width of a bar in columns.
const SLIVER: f32 = 0.3;

fn state(state: &TileState<'_>) -> &'static str {
    match state {
        TileState::Loading { .. } | TileState::LoadingPage => names::states::LOADING,
        TileState::Ready => names::states::READY,
        TileState::Playing => names::states::PLAYING,
        TileState::Paused => names::states::PAUSED,
        TileState::Buffering { .. } => names::states::WAITING,
        TileState::Failed { .. } | TileState::PageFailed(_) => names::states::FAILED,
        TileState::Gone { .. } => names::states::GONE,
        TileState::Warned { .. } => names::states::WARNED,
        TileState::Offline => names::states::OFFLINE,
        TileState::Ended | TileState::EndOfFeed | TileState::EndOfStored | TileState::EmptyFeed { .. } => names::states::ENDED,
    }
}

/// Where it comes from, without anything that proves a right.
fn address(media: &MediaLocation) -> String {
    match media {
        MediaLocation::Url(url) => MediaLocation::Url(without_signature(url)).to_string(),
        MediaLocation::File(_) | MediaLocation::Sample(_) => media.to_string(),
    }
}

fn told(failure: &Failure) -> String {
    let causes = failure.causes.iter().map(String::as_str);
    std::iter::once(failure.sentence.as_str()).chain(causes).collect::<Vec<_>>().join(" ← ")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rate with one digit")]
fn bits_a_second(bytes: u64, length: Duration) -> u64 {
    (bytes as f64 * 8.0 / length.as_secs_f64()) as u64
}
