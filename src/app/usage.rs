//! What of the viewing is worth counting, noticed where it happens. Whether anybody is told of it, the shell decides.

use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use crate::feed::{Cursor, Failure, FeedPage, Generation, ItemId};
use crate::metrics::UsageEvent;

/// An item that was on the screen for so long has been seen.
const SEEN_AFTER: Duration = Duration::from_secs(2);

/// What is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    stay: Option<Stay>,
    swipe: Option<Swipe>,
    asked: Option<Asked>,
    /// When the finger came down that holds the feed.
    pressed_at: Option<Duration>,
    /// The same of the one that lets go in this very moment.
    released: Option<Duration>,
}

/// The stay at the current item.
#[derive(Clone, Debug)]
struct Stay {
    item: ItemId,
    position: usize,
    preloaded: bool,
    since: Duration,
    told: bool,
}

/// A swipe whose motion goes on.
#[derive(Clone, Copy, Debug)]
struct Swipe {
    forward: bool,
    since: Duration,
}

/// The page that was asked for last and has not come: it is waited for, or could not be had.
#[derive(Clone, Debug)]
struct Asked {
    cursor: Option<Cursor>,
    at: Duration,
    attempt: u32,
}

impl Usage {
    /// A finger came down: the swipe that may come of it began here.
    pub fn pressed(&mut self, now: Duration) {
        self.pressed_at = Some(now);
    }

    /// It lets go after a drag, and what comes of that is decided next.
    pub fn released(&mut self) {
        self.released = self.pressed_at.take();
    }
}

/// A swipe to another item was committed: the list is there already, the tiles are still as they were.
pub(super) fn moved(model: &mut Model, forward: bool, preloaded: bool, now: Duration, effects: &mut Vec<Effect>) {
    left(model, effects);
    swipe_ended(model, now, effects);
    let since = model.usage.released.take().unwrap_or(now);
    model.usage.swipe = Some(Swipe { forward, since });
    arrived(model, preloaded, now);
}

/// A drag ended where it began, or at an end of the feed. Of a key that leads nowhere there is nothing to tell.
pub(super) fn stayed(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if let Some(since) = model.usage.released.take() {
        #[expect(clippy::cast_precision_loss, reason = "a feed has fewer than 2^52 items")]
        let forward = model.motion.position() > model.feed.index() as f64;
        effects.push(Effect::Usage(UsageEvent::Swipe { forward, took: now.saturating_sub(since), completed: false }));
    }
}

/// The stay at the item that was current is over.
pub(super) fn left(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(stay) = model.usage.stay.take().filter(|stay| !stay.told && is_painted(model, &stay.item)) {
        effects.push(stay.viewed());
    }
}

/// Looks, once in each display frame, what has come to its end by itself.
pub(super) fn tick(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if !model.motion.is_moving() {
        swipe_ended(model, now, effects);
    }
    if model.usage.stay.is_none() {
        // The first item of a feed: nobody swiped to it.
        arrived(model, false, now);
    }
    let due = |stay: &Stay| !stay.told && now.saturating_sub(stay.since) >= SEEN_AFTER && is_painted(model, &stay.item);
    if model.usage.stay.as_ref().is_some_and(due)
        && let Some(stay) = &mut model.usage.stay
    {
        stay.told = true;
        effects.push(stay.viewed());
    }
}

/// A page is being asked for.
pub(super) fn page_asked(model: &mut Model, cursor: Option<&Cursor>, now: Duration, effects: &mut Vec<Effect>) {
    let again = model.usage.asked.take().filter(|asked| asked.cursor.as_ref() == cursor);
    let attempt = again.map_or(0, |asked| asked.attempt + 1);
    if attempt > 0 {
        effects.push(Effect::Usage(UsageEvent::PaginationRetry { cursor: cursor.cloned(), attempt }));
    }
    model.usage.asked = Some(Asked { cursor: cursor.cloned(), at: now, attempt });
}

/// A page came, or could not be had. One that was asked for only to learn whether the server is back is none.
pub(super) fn page_came(
    model: &mut Model,
    cursor: Option<&Cursor>,
    result: &Result<FeedPage, Failure>,
    now: Duration,
    effects: &mut Vec<Effect>,
) {
    let Ok(page) = result else { return };
    if let Some(Asked { cursor, at, .. }) = model.usage.asked.take_if(|asked| asked.cursor.as_ref() == cursor) {
        effects.push(Effect::Usage(UsageEvent::PageLoaded { cursor, took: now.saturating_sub(at), stored: page.stored }));
    }
}

/// The item of `generation` has its first picture.
pub(super) fn became_ready(model: &Model, generation: Generation, took: Duration, effects: &mut Vec<Effect>) {
    if model.current_generation() != Some(generation) {
        effects.push(Effect::Usage(UsageEvent::PreloadComplete { took, profile: model.profile().0.name() }));
    }
}

impl Stay {
    fn viewed(&self) -> Effect {
        let Self { item, position, preloaded, .. } = self;
        Effect::Usage(UsageEvent::VideoViewed { item: item.clone(), position: *position, preloaded: *preloaded })
    }
}

fn arrived(model: &mut Model, preloaded: bool, now: Duration) {
    let position = model.feed.index();
    let stay = model.feed.current().map(|item| Stay { item: item.id.clone(), position, preloaded, since: now, told: false });
    model.usage.stay = stay;
}

fn swipe_ended(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if let Some(Swipe { forward, since }) = model.usage.swipe.take() {
        effects.push(Effect::Usage(UsageEvent::Swipe { forward, took: now.saturating_sub(since), completed: true }));
    }
}

fn is_painted(model: &Model, item: &ItemId) -> bool {
    model.tiles.get(item).is_some_and(|tile| tile.times.painted.is_some())
}
