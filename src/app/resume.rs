//! The way back to where a viewer left a source. The page that brought the item is asked for by its cursor; when that leads
//! nowhere any more, or there is none, the feed is walked from its start until the item comes, for a few pages. Meanwhile the
//! list is filled and the viewer stands behind it, at the tile that loads: the first item is never seen for a moment.

use std::time::Duration;

use super::event::Effect;
use super::input;
use super::kept::{Fact, Keep, Place, clean};
use super::model::Model;
use super::update::page_due;
use super::usage;
use crate::feed::{Cursor, FeedList, Tail};
use crate::words::kept as words;

/// So many pages are walked through however near the item was to the start: newer items may have pushed it on.
const PAGES_LEAST: usize = 3;
/// As many items beyond where it was are looked through, …
const ITEMS_BEYOND: usize = 60;
/// … and no more pages than this: a server is not asked for its whole feed. A folder is, which costs nobody anything.
const PAGES_MAX: usize = 20;
/// An item that was left so near to its end begins anew.
const NEAR_END: Duration = Duration::from_secs(1);

/// The place is looked for where the viewer left.
#[derive(Clone, Debug)]
pub(super) struct Looking {
    place: Place,
    /// The page of the cursor is awaited, and not the feed walked from its start.
    by_cursor: bool,
    pages: usize,
}

impl Model {
    /// Whether the place is being looked for where the viewer left this source.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.kept.looking.is_some()
    }
}

/// Another source is opened: tells where the viewer leaves this one, and takes what is remembered of the next. Returns the
/// cursor of the page to begin with.
pub(super) fn begin(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) -> Option<Cursor> {
    let left = model.place(now);
    effects.extend(left.clone().map(Effect::Keep));
    let mut next = *model.kept.next.take().unwrap_or_default();
    if let Some(Keep { source, fact: Fact::Left(place) }) = left
        && source == next.source
        && next.place.is_some()
    {
        // It was looked up before this was told.
        next.place = Some(place);
    }
    let looking = next.place.take().map(|place| Looking { by_cursor: place.cursor.is_some(), place, pages: 0 });
    let cursor = looking.as_ref().and_then(|looking| looking.place.cursor.clone());
    model.kept.now = next;
    model.kept.before = 0;
    model.kept.looking = looking;
    model.forget_noted();
    cursor
}

/// A page came, or could not be had: the item may be there now.
pub(super) fn page_came(model: &mut Model, finite: bool, now: Duration) {
    let Some(mut looking) = model.kept.looking.take() else { return };
    looking.pages += 1;
    let found = model.feed.items().iter().position(|item| clean(&item.id) == looking.place.item);
    if let Some(index) = found {
        arrive(model, &looking, index, now);
        return;
    }
    let walked = looking.pages >= PAGES_LEAST && model.feed.items().len() > looking.place.index + ITEMS_BEYOND;
    let too_far = !finite && (walked || looking.pages >= PAGES_MAX);
    match model.feed.tail() {
        _ if looking.by_cursor => {
            // The server has forgotten the cursor, cannot be reached, or has put something else there.
            model.epoch += 1;
            model.feed = FeedList::new();
            model.kept.looking = Some(Looking { by_cursor: false, pages: 0, ..looking });
        }
        Tail::End => begin_at_the_start(model, now),
        Tail::More(_) | Tail::Loading(_) if too_far => begin_at_the_start(model, now),
        // A page that could not be had says so, and goes on when it is asked for again.
        Tail::Failed(..) | Tail::More(_) | Tail::Loading(_) => stand_behind(model, looking),
    }
}

/// The viewer stands behind what has come so far, where the next page is due.
fn stand_behind(model: &mut Model, looking: Looking) {
    model.feed.go_to(model.feed.last_index());
    model.motion.cut_to(model.feed.index());
    model.kept.looking = Some(looking);
}

fn arrive(model: &mut Model, looking: &Looking, index: usize, now: Duration) {
    model.kept.before = if looking.by_cursor { looking.place.index.saturating_sub(index) } else { 0 };
    model.feed.go_to(index);
    model.motion.cut_to(index);
    model.current_since = now;
    let Some(item) = model.feed.current() else { return };
    let ends = item.duration.is_some_and(|duration| looking.place.position + NEAR_END >= duration);
    let tile = model.tiles.entry(item.id.clone()).or_default();
    tile.position = if ends { Duration::ZERO } else { looking.place.position };
    tile.position_at = now;
}

fn begin_at_the_start(model: &mut Model, now: Duration) {
    model.feed.go_to(0);
    model.motion.cut_to(0);
    model.current_since = now;
    // Of an empty feed its own tile tells more.
    if !model.feed.items().is_empty() {
        model.say(words::NOT_IN_FEED, now);
    }
}

/// The viewer went somewhere: that is where they want to be.
pub(super) fn given_up(model: &mut Model) {
    model.kept.looking = None;
}

/// To the first item of the feed, which a list that began further on does not have.
pub(super) fn to_start(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    given_up(model);
    if model.feed.begins_at().is_none() {
        input::go_to(model, 0, now, effects);
        return;
    }
    usage::left(model, effects);
    model.usage = usage::Usage::default();
    model.epoch += 1;
    model.feed = FeedList::new();
    model.kept.before = 0;
    model.tiles.clear();
    model.pages.clear();
    model.motion.cut_to(0);
    model.paused = false;
    model.current_since = now;
    effects.extend([Effect::Target, Effect::Plan]);
    page_due(model, now, effects);
}
