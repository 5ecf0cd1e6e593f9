//! The fifth page: how the current item came to the screen, what it is, and what went wrong with it.

use std::time::Duration;

use super::super::sheet::{COLUMNS, Sheet, Tone, cut_front};
use super::super::words::{NONE, known, mega, rate, time};
use crate::app::{Mark, Model, Phase, Tile, TileState, Times};
use crate::feed::{Failure, Item, MediaLocation, without_signature};
use crate::player::MediaInfo;
use crate::ui::text::clock;
use crate::ui::theme;

/// Lines for its address and for what went wrong with it.
const SOURCE_LINES: usize = 2;
const ERROR_LINES: usize = 4;
/// The columns between which the bars of its way lie.
const WAY: (f32, f32) = (13.0, 42.0);

pub(super) fn write(sheet: &mut Sheet, model: &Model, now: Duration) {
    let feed = model.feed();
    let Some(item) = feed.current() else {
        sheet.line("no item: this is the end of the feed", Tone::Dim);
        return;
    };
    let index = feed.index();
    let tile = model.tile(&item.id);
    sheet.row("item", &format!("{} of {} · {}", index + 1, feed.items().len(), cut_front(item.id.as_str(), 24)), Tone::Plain);
    sheet.row("title", &item.title, Tone::Plain);
    let length = known(model.duration_of(item), clock);
    sheet.row(
        "state",
        &format!("{:<10}{} of {length}", state(&model.tile_state(index, now)), clock(model.position_of(item, now))),
        Tone::Plain,
    );
    what(sheet, model, item, tile);
    sheet.words("source", &address(&item.media), Tone::Plain, SOURCE_LINES);
    sheet.gap();
    way(sheet, model, index, tile.map(|tile| tile.times).unwrap_or_default());
    sheet.gap();
    let failure = tile.and_then(|tile| if let Phase::Failed(failure) = &tile.phase { Some(failure) } else { tile.last_failure.as_ref() });
    let tone = if failure.is_some() { Tone::Warning } else { Tone::Plain };
    sheet.words("failed", &failure.map_or_else(|| "no".to_owned(), told), tone, ERROR_LINES);
}

/// Picture, sound, and how many bytes it is.
fn what(sheet: &mut Sheet, model: &Model, item: &Item, tile: Option<&Tile>) {
    let (picture, decoder) = match tile.and_then(|tile| tile.info.as_ref()) {
        Some(MediaInfo { size: (width, height), fps, decoder, has_audio, .. }) => {
            let fps = if *fps > 0.0 { format!("{fps:.1} fps") } else { "any rate".to_owned() };
            (format!("{width}×{height} · {fps}"), format!("{decoder} · {}", if *has_audio { "with sound" } else { "silent" }))
        }
        None => (NONE.to_owned(), NONE.to_owned()),
    };
    sheet.row("picture", &picture, Tone::Plain);
    sheet.row("decoder", &decoder, Tone::Plain);
    let bytes = model.range_maps().iter().find(|(id, _)| *id == item.id).map(|(_, map)| map.total);
    let bitrate =
        bytes.zip(model.duration_of(item)).filter(|(_, length)| !length.is_zero()).map(|(bytes, length)| bits_a_second(bytes, length));
    sheet.row("bitrate", &format!("{:<13}{}", known(bitrate, rate), known(bytes, |bytes| format!("{} MB", mega(bytes)))), Tone::Plain);
    let here = match model.mark(&item.id) {
        Some(Mark::Ready) => "all of it".to_owned(),
        Some(Mark::Partial(percent)) => format!("{percent} %"),
        Some(Mark::Absent) => "nothing".to_owned(),
        None => "a file of this machine".to_owned(),
    };
    sheet.row("here", &here, Tone::Plain);
    captions(sheet, model, item);
}

/// Which captions it has; nothing of an item without any.
fn captions(sheet: &mut Sheet, model: &Model, item: &Item) {
    let Some(at) = model.caption_place(item) else { return };
    let names = model.caption_names(item);
    let is_on = if model.preferences().captions { "" } else { " · off" };
    let which = format!("{} · {} of {}{is_on}", cut_front(&names[at], 20), at + 1, names.len());
    match model.captions_failed(item) {
        Some(failure) => sheet.words("captions", &format!("{which}: {}", told(failure)), Tone::Warning, ERROR_LINES),
        None => sheet.row("captions", &which, Tone::Plain),
    }
}

/// The steps to the screen, one after the other; the waits between them, in which it stood ready, are left out.
fn way(sheet: &mut Sheet, model: &Model, index: usize, times: Times) {
    let stood = times.stood_ready().map_or_else(String::new, |stood| format!("stood ready for {:.1} s", stood.as_secs_f64()));
    sheet.line(&format!("{:<42}{:>8}", format!("{:<13}{stood}", "on its way"), "ms"), Tone::Dim);
    let page = model.page_took(index);
    let first_bytes = if times.opened.is_some() && times.from_cache { "from disk" } else { "first bytes" };
    let steps = [
        ("page", page, theme::INK_SECOND),
        (first_bytes, times.opening(), if times.from_cache { theme::ACCENT } else { theme::WARNING }),
        ("preroll", times.prerolling(), theme::ACCENT),
        ("painted", times.painting(), theme::INK),
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
        TileState::Loading { .. } | TileState::LoadingPage => "loading",
        TileState::Ready => "ready",
        TileState::Playing => "playing",
        TileState::Paused => "paused",
        TileState::Buffering { .. } => "waiting",
        TileState::Failed { .. } | TileState::PageFailed(_) => "failed",
        TileState::Gone { .. } => "gone",
        TileState::Warned { .. } => "warned",
        TileState::Offline => "offline",
        TileState::Ended | TileState::EndOfFeed | TileState::EndOfStored | TileState::EmptyFeed { .. } => "ended",
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
