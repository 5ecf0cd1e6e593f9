//! Tiles after the last item: the end of a feed, the end of what is kept of it, a feed without items.

use super::parts::Frame;
use crate::app::{Intent, Sheet};
use crate::ui::way_back::way_back;
use crate::ui::{icons, theme};
use crate::words::tile as words;

/// The end: how much of it was watched, and what the filter left out.
pub(super) fn end(frame: &mut Frame<'_>) {
    let below = frame.message(Some(icons::done), words::END, &words::watched(frame.model.watched()));
    let filtered = words::filtered(frame.model.feed().filtered());
    let below = frame.words(below, &filtered, theme::small(), theme::INK_SECOND, 2);
    frame.buttons(below, &[(words::TO_START, Intent::ToStart, true), (words::OPEN_ELSE, Intent::Sheet(Sheet::Open), false)]);
}

/// The end of what is kept of the feed.
pub(super) fn end_of_stored(frame: &mut Frame<'_>) {
    let below = frame.message(Some(icons::done), words::END_STORED, words::END_STORED_SENTENCE);
    frame.buttons(below, &[(words::TO_START, Intent::ToStart, true), (words::LOOK_FOR_MORE, Intent::RetryPage, false)]);
}

/// No item at all: `skipped` entries were no videos, `filtered` were taken out by the viewer's filter.
pub(super) fn empty(frame: &mut Frame<'_>, skipped: usize, filtered: usize) {
    let below = if filtered > 0 {
        frame.message(Some(icons::empty), words::ALL_FILTERED, &words::all_filtered(filtered))
    } else {
        frame.message(Some(icons::empty), words::EMPTY, &words::skipped(skipped))
    };
    let back = way_back(frame.model);
    let mut offered = vec![(words::OPEN_ELSE, Intent::Sheet(Sheet::Open), true)];
    offered.extend(back.as_ref().map(|(label, back)| (label.as_str(), back.clone(), false)));
    let below = frame.buttons(below, &offered);
    frame.words(below + 14.0, words::DROP_HINT, theme::small(), theme::INK_SECOND, 2);
}
