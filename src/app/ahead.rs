//! Small pictures of places in the current item at which somebody points: which are asked for, and when.

use std::sync::Arc;
use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use super::tile::Phase;
use crate::feed::Generation;
use crate::player::{PreviewTarget, Still};
use crate::preload::plan::Profile;

/// A pointer that only crosses the line of progress costs nothing: it has to stay there for this long.
const RESTS: Duration = Duration::from_millis(150);

/// At which place of the current item somebody points.
#[derive(Clone, Debug, Default)]
pub(super) struct Ahead {
    look: Option<Look>,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    generation: Generation,
    at: Duration,
    /// When the pointer came.
    since: Duration,
    /// It has stayed.
    rests: bool,
}

impl Model {
    /// The place of the current item of which a small picture was asked for.
    #[must_use]
    pub fn looks_at(&self) -> Option<Duration> {
        self.ahead.look.filter(|look| self.current_generation() == Some(look.generation)).map(|look| look.at)
    }

    /// The small picture that the player should make. None where power or memory is short, and while there is something else
    /// to do; and only of bytes that are here where the line is slow, dear or gone.
    pub(super) fn preview_target(&self) -> Option<PreviewTarget> {
        let look = self.ahead.look.filter(|look| look.rests && self.current_generation() == Some(look.generation))?;
        let tile = self.tiles.get(&self.feed.current()?.id)?;
        let waits = matches!(tile.phase, Phase::Buffering { .. });
        let may =
            (waits || tile.phase == Phase::Ready) && self.is_seen() && !self.hides_current() && !self.is_moving() && self.limit().is_none();
        let fetches = self.profile().0 == Profile::Wifi && !self.is_offline() && !waits;
        may.then_some(PreviewTarget { generation: look.generation, at: look.at, fetches })
    }

    /// When a pointer has stayed at the line for long enough.
    pub(super) fn look_due(&self) -> Option<Duration> {
        self.ahead.look.filter(|look| !look.rests).map(|look| look.since + RESTS)
    }
}

/// Somebody points at this place of the current item and knows no picture of it, or does so no longer.
pub(super) fn look(model: &mut Model, at: Option<Duration>, now: Duration, effects: &mut Vec<Effect>) {
    let before = model.ahead.look;
    let generation = model.current_generation();
    model.ahead.look = at.zip(generation).map(|(at, generation)| {
        let stays = before.filter(|look| look.generation == generation);
        Look { generation, at, since: stays.map_or(now, |look| look.since), rests: stays.is_some_and(|look| look.rests) }
    });
    if before.is_some_and(|look| look.rests) {
        effects.push(Effect::Target);
    }
}

/// The pointer may have stayed for long enough.
pub(super) fn tick(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if model.look_due().is_some_and(|due| due <= now)
        && let Some(look) = &mut model.ahead.look
    {
        look.rests = true;
        effects.push(Effect::Target);
    }
}

/// A small picture came; one of another item comes too late.
pub(super) fn came(model: &Model, generation: Generation, wanted: Duration, picture: Arc<Still>, effects: &mut Vec<Effect>) {
    if model.current_generation() == Some(generation) {
        effects.push(Effect::Preview { generation, wanted, picture });
    }
}
