//! What is remembered of a source for good: likes, what was watched, where its viewer left. How it is found again is told
//! in `resume`; whether and where it is written, the shell decides.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use super::opening::SourceName;
use super::resume::Looking;
use crate::feed::{Cursor, Generation, Item, ItemId, without_signature};
use crate::metrics::{Interaction, UsageEvent};
use crate::words::kept as words;

/// An item counts as watched once this share of it has been played.
const WATCHED_SHARE: f64 = 0.9;
/// While an item plays, where it stands is told this often: so much is lost when the program is killed.
const NOTE_EVERY: Duration = Duration::from_secs(5);
/// A place that differs by less is the same.
const NOTE_STEP: Duration = Duration::from_millis(500);

/// Where a viewer left a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The item, without a signature.
    pub item: ItemId,
    /// How far it was from the start of the feed, in items.
    pub index: usize,
    /// How far it had been played.
    pub position: Duration,
    /// The page that brought it; `None`: the first, or one of a source that is walked through anyway.
    pub cursor: Option<Cursor>,
}

/// What is remembered of a source that is about to be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// What the source is called in what is remembered; empty: nothing is.
    pub source: Arc<str>,
    /// Liked items, without signatures.
    pub likes: HashSet<ItemId>,
    /// Watched items, without signatures.
    pub watched: HashSet<ItemId>,
    /// Where its viewer left, when that is to be found again.
    pub place: Option<Place>,
    /// The sources that were opened last, the newest first.
    pub recents: Vec<SourceName>,
}

/// Something that is to be found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// This item is liked.
    Liked(ItemId),
    /// It no longer is.
    Unliked(ItemId),
    /// It was watched to its end, or nearly.
    Watched(ItemId),
    /// The viewer is here.
    Left(Place),
}

/// A fact and the source it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// As in [`Remembered`].
    pub source: Arc<str>,
    /// What is to be found again.
    pub fact: Fact,
}

/// What the model holds of all this.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub now: Remembered,
    /// Of the source that is opened next.
    pub next: Option<Box<Remembered>>,
    /// While the place is looked for where the viewer left.
    pub looking: Option<Looking>,
    /// Items of the feed before the first one of the list.
    pub before: usize,
    noted: Option<Noted>,
}

/// What the place that was told last depends on.
#[derive(Clone, Debug)]
struct Noted {
    item: ItemId,
    position: Duration,
    paused: bool,
    at: Duration,
}

/// An identity as it is kept: feeds that take an address for one may have signed it.
pub(super) fn clean(id: &ItemId) -> ItemId {
    if id.as_str().contains("://") { ItemId::new(without_signature(id.as_str())) } else { id.clone() }
}

impl Model {
    /// Whether the viewer likes an item.
    #[must_use]
    pub fn is_liked(&self, id: &ItemId) -> bool {
        self.kept.now.likes.contains(&clean(id))
    }

    /// Whether the viewer has seen an item to its end, or nearly.
    #[must_use]
    pub fn is_watched(&self, id: &ItemId) -> bool {
        self.kept.now.watched.contains(&clean(id))
    }

    /// How many of the loaded items the viewer has seen to their end, or nearly, today or earlier.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.feed.items().iter().filter(|item| self.is_watched(&item.id)).count()
    }

    /// Where the viewer is; `None` at no item, and while the place is looked for where they left.
    #[must_use]
    pub fn place(&self, now: Duration) -> Option<Keep> {
        let item = self.feed.current().filter(|_| self.kept.looking.is_none())?;
        let index = self.feed.index();
        let place = Place {
            item: clean(&item.id),
            index: self.kept.before + index,
            position: self.position_of(item, now),
            cursor: self.feed.cursor_of(index).cloned(),
        };
        self.keeps().then(|| self.keep(Fact::Left(place)))
    }

    /// Whether anything of this source is remembered.
    fn keeps(&self) -> bool {
        !self.kept.now.source.is_empty()
    }

    fn keep(&self, fact: Fact) -> Keep {
        Keep { source: Arc::clone(&self.kept.now.source), fact }
    }

    /// Lets another source be opened: nothing has been told of it yet.
    pub(super) fn forget_noted(&mut self) {
        self.kept.noted = None;
    }
}

/// Looks, after whatever has happened, what of it is to be found again.
pub(super) fn look(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if model.kept.looking.is_some() {
        return;
    }
    let Some(item) = model.feed.current().cloned() else { return };
    let position = model.position_of(&item, now);
    // Made only when it is another one: this looks after every event, and a place is a few strings.
    if model.keeps()
        && is_another(model, &item, position, now)
        && let Some(place) = model.place(now)
    {
        model.kept.noted = Some(Noted { item: item.id.clone(), position, paused: model.paused, at: now });
        effects.push(Effect::Keep(place));
    }
    let share = |duration: Duration| position.as_secs_f64() / duration.as_secs_f64();
    let duration = model.duration_of(&item).filter(|duration| !duration.is_zero());
    if model.plays() && duration.is_some_and(|duration| share(duration) >= WATCHED_SHARE) {
        watched(model, &item, effects);
    }
}

/// Whether the place is another one than what was told last.
fn is_another(model: &Model, item: &Item, position: Duration, now: Duration) -> bool {
    model.kept.noted.as_ref().is_none_or(|noted| {
        let moved = noted.position.abs_diff(position) >= NOTE_STEP;
        let due = now >= noted.at + NOTE_EVERY || noted.paused != model.paused;
        noted.item != item.id || moved && due
    })
}

/// An item has been played to its end and begins again.
pub(super) fn looped(model: &mut Model, generation: Generation, effects: &mut Vec<Effect>) {
    if model.current_generation() == Some(generation)
        && let Some(item) = model.feed.current().cloned()
    {
        watched(model, &item, effects);
    }
}

fn watched(model: &mut Model, item: &Item, effects: &mut Vec<Effect>) {
    let id = clean(&item.id);
    if model.kept.now.watched.insert(id.clone()) {
        if model.keeps() {
            effects.push(Effect::Keep(model.keep(Fact::Watched(id))));
        }
        effects.push(Effect::Usage(UsageEvent::Interaction { item: item.id.clone(), interaction: Interaction::Complete }));
    }
}

/// The current item is liked, whatever it was before.
pub(super) fn like(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().cloned() else { return };
    let id = clean(&item.id);
    if model.kept.now.likes.insert(id.clone()) {
        effects.push(Effect::Keep(model.keep(Fact::Liked(id))));
        effects.push(Effect::Usage(UsageEvent::Interaction { item: item.id.clone(), interaction: Interaction::Like }));
    }
}

/// The current item is liked, or no longer.
pub(super) fn toggle_like(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().cloned() else { return };
    if !model.is_liked(&item.id) {
        like(model, effects);
        model.say(words::LIKED, now);
        return;
    }
    let id = clean(&item.id);
    model.kept.now.likes.remove(&id);
    effects.push(Effect::Keep(model.keep(Fact::Unliked(id))));
    effects.push(Effect::Usage(UsageEvent::Interaction { item: item.id.clone(), interaction: Interaction::Unlike }));
    model.say(words::UNLIKED, now);
}
