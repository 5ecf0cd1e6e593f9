//! How the current item is played: its speed, steps in it, what comes at its end, what a held press and a second click do.

use std::sync::Arc;
use std::time::Duration;

use super::event::{Effect, Key};
use super::input;
use super::model::{Model, Toast};
use super::preferences::AtEnd;
use super::settings::{self, Setting};
use super::tile::{Phase, Tile};
use super::update::tile_of;
use crate::feed::Generation;
use crate::metrics::{Preference, UsageEvent};
use crate::player::{PlayerCommand, Still};
use crate::words::playing as words;

/// The speeds one can step through.
const SPEEDS: [f64; 10] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0];
/// The place of the speed that an item has of its own.
const OWN: usize = 3;
/// The places that one control goes round, for who has no keys.
const ROUND: [usize; 5] = [OWN, 4, 5, 7, 1];
/// The speed while a press is held.
const HELD_SPEED: f64 = 2.0;
/// One step of the arrow keys.
const SKIP: Duration = Duration::from_secs(5);
/// Nobody goes closer to the end than this: there is a picture there in every clip, and none may be behind it.
const BEFORE_END: Duration = Duration::from_millis(100);
/// For so long a step goes on from where the last one went to, not from where the player says it is: it may be on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(700);

/// What is played how, beyond what is remembered between sessions.
#[derive(Clone, Debug)]
pub(super) struct Playing {
    /// Place in the speeds, for this session.
    speed: usize,
    /// A press is held that plays faster.
    held: bool,
    sought: Option<Sought>,
}

/// The last position that was asked for.
#[derive(Clone, Copy, Debug)]
struct Sought {
    generation: Generation,
    to: Duration,
    at: Duration,
}

impl Default for Playing {
    fn default() -> Self {
        Self { speed: OWN, held: false, sought: None }
    }
}

impl Model {
    /// The speed that was chosen for this session: 1.0 is an item's own.
    #[must_use]
    pub fn speed(&self) -> f64 {
        SPEEDS[self.playing.speed]
    }

    /// The speed at this moment: a held press makes it faster.
    #[must_use]
    pub fn rate(&self) -> f64 {
        if self.playing.held { self.speed().max(HELD_SPEED) } else { self.speed() }
    }

    fn current_tile(&mut self) -> Option<&mut Tile> {
        self.tiles.get_mut(&self.feed.current()?.id)
    }

    /// Whether the current item was played to its end and stays there.
    pub(super) fn has_ended(&self) -> bool {
        self.feed.current().and_then(|item| self.tiles.get(&item.id)).is_some_and(|tile| tile.ended)
    }
}

/// A position in an item that is `duration` long, with a picture to show.
pub(super) fn within(duration: Option<Duration>, to: Duration) -> Duration {
    duration.map_or(to, |duration| to.min(duration.saturating_sub(BEFORE_END)))
}

/// Whether a held key goes on doing what it does.
pub(super) fn repeats(key: Key) -> bool {
    matches!(key, Key::Back | Key::Forward | Key::FrameBack | Key::FrameForward)
}

/// One of the keys of this file.
pub(super) fn key(model: &mut Model, key: Key, now: Duration, effects: &mut Vec<Effect>) {
    match key {
        Key::Back => skip(model, false, now, effects),
        Key::Forward => skip(model, true, now, effects),
        Key::Tenth(tenth) => seek_share(model, f64::from(tenth.min(9)) / 10.0, true, now, effects),
        Key::FrameBack => step(model, false, now, effects),
        Key::FrameForward => step(model, true, now, effects),
        Key::Slower => set_speed(model, model.playing.speed.saturating_sub(1), now, effects),
        Key::Faster => set_speed(model, model.playing.speed + 1, now, effects),
        Key::OwnSpeed => set_speed(model, OWN, now, effects),
        Key::AtEnd => cycle_at_end(model, now, effects),
        Key::Still => take_still(model, now, effects),
        _ => {}
    }
}

/// To a share of the current item, 0.0 to 1.0; near it, where it is not to be exact.
pub(super) fn seek_share(model: &mut Model, share: f64, exact: bool, now: Duration, effects: &mut Vec<Effect>) {
    let Some(duration) = model.feed.current().and_then(|item| model.duration_of(item)) else { return };
    seek_to(model, duration.mul_f64(share.clamp(0.0, 1.0)), exact, now, effects);
}

/// To a position; an item that has ended goes on from there.
fn seek_to(model: &mut Model, to: Duration, exact: bool, now: Duration, effects: &mut Vec<Effect>) {
    let to = within(model.feed.current().and_then(|item| model.duration_of(item)), to);
    if model.hides_current() {
        return;
    }
    let Some(tile) = model.current_tile() else { return };
    let Some(generation) = tile.generation else { return };
    (tile.position, tile.position_at) = (to, now);
    if std::mem::take(&mut tile.ended) {
        effects.push(Effect::Target);
    }
    model.playing.sought = Some(Sought { generation, to, at: now });
    effects.push(Effect::Command(PlayerCommand::Seek { generation, to, exact }));
}

fn skip(model: &mut Model, forward: bool, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().cloned() else { return };
    if forward && model.has_ended() {
        return;
    }
    let current = model.current_generation();
    let on_its_way = model.playing.sought.filter(|sought| Some(sought.generation) == current && now.saturating_sub(sought.at) < ON_ITS_WAY);
    let from = on_its_way.map_or_else(|| model.position_of(&item, now), |sought| sought.to);
    let duration = model.duration_of(&item);
    let to = within(duration, if forward { from + SKIP } else { from.saturating_sub(SKIP) });
    seek_to(model, to, true, now, effects);
    model.say(words::position(to, duration), now);
}

/// One picture on or back. What plays is paused first, at the picture that was seen.
fn step(model: &mut Model, forward: bool, now: Duration, effects: &mut Vec<Effect>) {
    let Some(tile) = model.current_tile().filter(|tile| tile.phase == Phase::Ready) else { return };
    let Some(generation) = tile.generation else { return };
    if tile.ended {
        if forward {
            return;
        }
        tile.ended = false;
        model.paused = true;
        effects.push(Effect::Target);
    } else if !model.paused {
        return input::toggle_pause(model, now, effects);
    }
    model.playing.sought = None;
    effects.push(Effect::Command(PlayerCommand::Step { generation, forward }));
}

fn set_speed(model: &mut Model, speed: usize, now: Duration, effects: &mut Vec<Effect>) {
    hold_position(model, now);
    let before = std::mem::replace(&mut model.playing.speed, speed.min(SPEEDS.len() - 1));
    model.say(words::speed(model.speed()), now);
    effects.push(Effect::Target);
    if model.playing.speed != before {
        effects.push(Effect::Usage(UsageEvent::PreferencesUpdated(Preference::Speed)));
    }
}

/// The next speed of a short round.
pub(super) fn next_speed(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let at = ROUND.iter().position(|place| *place == model.playing.speed).map_or(0, |at| (at + 1) % ROUND.len());
    set_speed(model, ROUND[at], now, effects);
}

/// What was played so far was played at the old speed.
fn hold_position(model: &mut Model, now: Duration) {
    let Some(item) = model.feed.current().cloned() else { return };
    let position = model.position_of(&item, now);
    if let Some(tile) = model.current_tile() {
        (tile.position, tile.position_at) = (position, now);
    }
}

/// A press at the side is held: it plays faster, for as long.
pub(super) fn hold(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let moves = model.plays() && model.current_tile().is_some_and(|tile| tile.phase == Phase::Ready && !tile.ended);
    if !moves {
        return;
    }
    hold_position(model, now);
    model.playing.held = true;
    model.toast = Some(Toast { text: words::held(model.rate()), until: Duration::MAX });
    effects.push(Effect::Target);
}

/// The press is over.
pub(super) fn let_go(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if !model.playing.held {
        return;
    }
    hold_position(model, now);
    model.playing.held = false;
    if model.toast.as_ref().is_some_and(|toast| toast.until == Duration::MAX) {
        model.toast = None;
    }
    effects.push(Effect::Target);
}

/// Begins again where the current item has ended. Whether it had.
pub(super) fn replay(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) -> bool {
    let ended = model.has_ended();
    if ended {
        seek_to(model, Duration::ZERO, true, now, effects);
    }
    ended
}

/// An item came to its end, and the player stays there.
pub(super) fn ended(model: &mut Model, generation: Generation, now: Duration, effects: &mut Vec<Effect>) {
    let is_current = model.current_generation() == Some(generation);
    let Some(tile) = tile_of(model, generation) else { return };
    tile.ended = true;
    let duration = tile.info.as_ref().and_then(|info| info.duration);
    (tile.position, tile.position_at) = (duration.unwrap_or(tile.position), now);
    if is_current {
        effects.push(Effect::Target);
        if model.preferences.at_end == AtEnd::Repeat {
            // It was wanted to repeat when it was nearly there.
            replay(model, now, effects);
        }
    }
}

/// Goes on from an item that has ended, for who wants that.
pub(super) fn tick(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let next = model.feed.index() + 1;
    let goes_on = model.preferences.at_end == AtEnd::Advance && model.has_ended() && model.plays();
    if goes_on && next < model.feed.items().len() && !model.motion.is_held() {
        input::go_to(model, next, now, effects);
    }
}

pub(super) fn cycle_at_end(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let (next, said) = match model.preferences.at_end {
        AtEnd::Repeat => (AtEnd::Stop, words::STOPS),
        AtEnd::Stop => (AtEnd::Advance, words::ADVANCES),
        AtEnd::Advance => (AtEnd::Repeat, words::REPEATS),
    };
    if settings::set(model, &Setting::AtEnd(next), now, effects) {
        model.say(said, now);
    }
}

fn take_still(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    match model.current_tile().filter(|tile| tile.picture.is_some()).and_then(|tile| tile.generation) {
        Some(generation) => effects.push(Effect::Command(PlayerCommand::Still { generation })),
        None => model.say(words::NO_PICTURE, now),
    }
}

/// The player answers with a still, or has none.
pub(super) fn still_came(model: &mut Model, generation: Generation, still: Option<Arc<Still>>, now: Duration, effects: &mut Vec<Effect>) {
    let Some(still) = still else { return model.say(words::NO_PICTURE, now) };
    let item = model.item_of(generation).and_then(|id| model.feed.items().iter().find(|item| item.id == *id));
    let title = item.map(|item| item.title.clone()).unwrap_or_default();
    effects.push(Effect::SaveStill { title, still });
}
