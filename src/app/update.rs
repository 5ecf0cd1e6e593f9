//! The one function that changes the model.

use std::sync::Arc;
use std::time::Duration;

use super::ahead;
use super::care;
use super::desk;
use super::event::{Effect, Event, Painted};
use super::input;
use super::kept;
use super::model::Model;
use super::news::{self, News};
use super::offline;
use super::readying;
use super::resume;
use super::retry::Leave;
use super::tile::{Phase, Tile, TileState};
use super::times::Times;
use super::usage;
use super::warned::Accepted;
use super::{around, captions};
use super::{opening, playing};
use crate::feed::{Cursor, Failure, FeedList, FeedPage, Generation, Item};
use crate::player::{PlayerEvent, PoolStats};
use crate::preload::plan::Stage;

/// Takes in what happened at `now` (time since the program started) and says what is to be done about it.
pub fn update(model: &mut Model, event: Event, now: Duration) -> Vec<Effect> {
    let mut effects = Vec::new();
    let showed_pipelines = model.shows_pipelines();
    around::touched(model, &event, now, &mut effects);
    match event {
        Event::Frame => frame(model, now, &mut effects),
        Event::Resized { size, picture } => {
            model.size = size;
            if model.picture != picture {
                model.picture = picture;
                effects.push(Effect::Target);
            }
        }
        Event::Visible(visible) => around::shown(model, visible, now, &mut effects),
        Event::Presence(presence) => around::presence(model, presence, now, &mut effects),
        Event::Desktop(settings) => model.desktop = settings,
        Event::OnTopRefused => around::not_on_top(model, now),
        Event::PointerDown(at) => {
            model.last_input = now;
            let gesture = model.pointer.press(at, now);
            input::pointer(model, gesture, now, &mut effects);
        }
        Event::PointerMoved(to) => input::pointer_moved(model, to, now, &mut effects),
        Event::PointerUp(at) => {
            model.last_input = now;
            if let Some(gesture) = model.pointer.release(at, now) {
                input::pointer(model, gesture, now, &mut effects);
            }
        }
        Event::PointerGone => {
            if let Some(gesture) = model.pointer.cancel() {
                input::pointer(model, gesture, now, &mut effects);
            }
        }
        // A sheet scrolls, the feed under it does not.
        Event::Wheel(_) if model.sheet.is_some() => {}
        Event::Wheel(delta) => input::wheel(model, delta, now, &mut effects),
        Event::Key { key, repeat } => input::key(model, key, repeat, now, &mut effects),
        Event::Look(at) => ahead::look(model, at, now, &mut effects),
        Event::Intent(intent) => {
            model.last_input = now;
            input::intent(model, &intent, now, &mut effects);
        }
        Event::Opened { label, hint } => open(model, label, hint, now, &mut effects),
        Event::Page { epoch, cursor, result } if epoch == model.epoch => page(model, cursor.as_ref(), result, now, &mut effects),
        Event::Page { epoch, result, .. } if news::asked(model) == Some(epoch) => news::came(model, epoch, result, now, &mut effects),
        Event::Page { .. } => {}
        Event::Player(event) => player(model, event, now, &mut effects),
        Event::Picture { generation, serial } => {
            if let Some(tile) = tile_of(model, generation) {
                tile.picture = Some(serial);
                if let Phase::Loading { since } = tile.phase {
                    tile.phase = Phase::Ready;
                    tile.times.pictured = Some(now);
                    tile.before = None;
                    model.figures.loads.ready += 1;
                    readying::became_ready(model, now.saturating_sub(since));
                    usage::became_ready(model, generation, now.saturating_sub(since), &mut effects);
                    if let Some(id) = model.item_of(generation).cloned() {
                        model.retries.worked(&id);
                    }
                }
            }
        }
        Event::Painted(frame) => painted(model, frame, &mut effects),
        Event::Notice(text) => model.say(text, now),
        Event::Marks(marks) => model.marks = marks.into_iter().collect(),
        Event::RangeMaps(maps) => model.range_maps = maps,
        Event::Conditions(conditions) => readying::conditions_changed(model, conditions, now, &mut effects),
        Event::Line { bits_per_second, round_trip } => readying::measured(model, bits_per_second, round_trip, now, &mut effects),
        Event::Figures(figures) => care::looked(model, &figures, now, &mut effects),
        Event::ServedFlags(served) => care::served(model, served, now, &mut effects),
        Event::Remembered(remembered) => model.kept.next = Some(remembered),
        Event::Surroundings(surroundings) => model.desk.surroundings = *surroundings,
        Event::Desk(answer) => desk::answered(model, answer, now, &mut effects),
        Event::Focus(focused) => (model.focused, model.last_input) = (focused, now),
        event @ (Event::Source(_) | Event::NotOpened(_)) => opening::heard(model, event, now),
        Event::Captions { at, result } => captions::came(model, at, result),
        Event::FeedChanged => news::changed(model),
        Event::Viewers(counts) => news::counted(model, &counts),
    }
    desk::look(model, now, &mut effects);
    kept::look(model, now, &mut effects);
    if !model.preferences.usage_events {
        effects.retain(|effect| !matches!(effect, Effect::Usage(_)));
    }
    if effects.iter().any(|effect| matches!(effect, Effect::LoadPage { .. })) {
        model.page_asked_at = Some(now);
    }
    // However the overlay was opened, turned over or closed.
    if model.shows_pipelines() != showed_pipelines {
        effects.push(Effect::Target);
    }
    effects
}

/// A page came, or could not be had.
fn page(model: &mut Model, cursor: Option<&Cursor>, result: Result<FeedPage, Failure>, now: Duration, effects: &mut Vec<Effect>) {
    let (before, finite) = (model.feed.items().len(), result.as_ref().is_ok_and(|page| page.finite));
    offline::page_came(model, cursor, &result, now);
    usage::page_came(model, cursor, &result, now, effects);
    match result {
        Ok(mut page) => {
            model.filter.apply(&mut page);
            model.feed.page_loaded(cursor, page);
        }
        Err(failure) => model.feed.page_failed(cursor, failure),
    }
    model.note_page(before, now);
    resume::page_came(model, finite, now);
    assign(model, now);
    effects.extend([Effect::Target, Effect::Plan]);
    page_due(model, now, effects);
}

fn frame(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if let Some(gesture) = model.pointer.tick(now) {
        input::pointer(model, gesture, now, effects);
    }
    model.motion.advance(now);
    model.pool_is_new = false;
    opening::tick(model, now);
    usage::tick(model, now, effects);
    if offline::ask_at(model).is_some_and(|at| at <= now) {
        offline::ask(model, now, effects);
    }
    readying::tick(model, now, effects);
    try_again(model, now, effects);
    playing::tick(model, now, effects);
    ahead::tick(model, now, effects);
    let current = model.feed.current().and_then(|item| model.tiles.get(&item.id));
    let playing = model.plays() && current.is_some_and(|tile| tile.phase == Phase::Ready && !tile.ended);
    if playing && let Some(since) = model.played_until {
        let waits = matches!(model.tile_state(model.feed.index(), now), TileState::Buffering { .. });
        let time = now.saturating_sub(since);
        *(if waits { &mut model.figures.waiting } else { &mut model.figures.playing }) += time;
    }
    model.played_until = playing.then_some(now);
}

/// A display frame has reached the screen.
fn painted(model: &mut Model, painted: Painted, effects: &mut Vec<Effect>) {
    let current = model.current_generation();
    model.figures.painted(&painted.pictures, current, painted.at);
    for (generation, _) in painted.pictures {
        let Some(id) = model.item_of(generation).cloned() else { continue };
        if let Some(tile) = model.tiles.get_mut(&id).filter(|tile| tile.times.painted.is_none()) {
            tile.times.painted = Some(painted.at);
            effects.push(Effect::Shown(id));
        }
    }
}

/// Another source: everything about the old one is let go.
fn open(model: &mut Model, label: String, hint: bool, now: Duration, effects: &mut Vec<Effect>) {
    // What was asked for of the old one is not the first page of the new one.
    let epoch = news::asked(model).unwrap_or(model.epoch) + 1;
    model.accepted = Accepted::default();
    begin(model, epoch, label, hint, now, effects);
    page_due(model, now, effects);
}

/// An empty feed, as opening number `epoch`.
pub(super) fn begin(model: &mut Model, epoch: u64, label: String, hint: bool, now: Duration, effects: &mut Vec<Effect>) {
    usage::left(model, effects);
    model.usage = usage::Usage::default();
    model.epoch = epoch;
    model.news = News::None;
    model.why = false;
    let cursor = resume::begin(model, now, effects);
    model.feed = FeedList::starting_at(cursor);
    model.tiles.clear();
    model.offline = None;
    model.marks.clear();
    model.captions.forget();
    model.range_maps.clear();
    model.pages.clear();
    model.retries.clear();
    model.motion.cut_to(0);
    model.paused = false;
    model.controls.moved();
    model.label = label;
    model.hint = hint;
    model.last_input = now;
    opening::opened(model, now);
    effects.extend([Effect::Target, Effect::Plan]);
}

/// Asks for the next page when it is due.
pub(super) fn page_due(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if let Some(cursor) = model.feed.next_page_due() {
        usage::page_asked(model, cursor.as_ref(), now, effects);
        effects.push(Effect::LoadPage { epoch: model.epoch, cursor });
    }
}

/// Gives a generation to every item that entered the window, and takes it from those that left.
pub(super) fn assign(model: &mut Model, now: Duration) {
    let wanted: Vec<_> = model.preload_plan().into_iter().filter(|(_, stage)| *stage > Stage::Head).map(|(item, _)| item).collect();
    for (id, tile) in &mut model.tiles {
        if tile.phase != Phase::Idle && !wanted.iter().any(|item| item.id == *id) {
            // What is known of the item stays; its pictures do not. Whether it failed is remembered elsewhere.
            *tile = Tile { position: tile.position, info: tile.info.take(), ..Tile::default() };
        }
    }
    for item in wanted {
        let tile = model.tiles.entry(item.id.clone()).or_default();
        if let Some(problem) = &item.problem {
            tile.phase = Phase::Failed(problem.clone());
            continue;
        }
        if tile.generation.is_some() {
            continue;
        }
        match model.retries.ask(&item, now) {
            Leave::Granted => {
                let phase = std::mem::replace(&mut tile.phase, Phase::Loading { since: now });
                tile.before = if let Phase::Failed(failure) = phase { Some(failure) } else { None };
                tile.generation = Some(Generation(model.next_generation));
                model.next_generation += 1;
                (tile.picture, tile.times, tile.stands, tile.again_at) = (None, Times::begin(now), false, None);
            }
            Leave::Later(failure, again_at) | Leave::HostRests(failure, again_at) => {
                tile.phase = Phase::Failed(failure);
                tile.again_at = again_at;
            }
        }
    }
}

/// Tries again what is due, and goes on from a failed item when the viewer wants that.
fn try_again(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if model.tiles.values().any(|tile| tile.again_at.is_some_and(|at| at <= now)) {
        readying::replan(model, now, effects);
    }
    let has_failed = matches!(model.tile_state(model.feed.index(), now), TileState::Failed { .. } | TileState::Gone { .. });
    let failed = model.feed.current().filter(|_| has_failed).map(|item| item.id.clone());
    if failed.as_ref() != model.failed_since.as_ref().map(|(id, _)| id) {
        model.failed_since = failed.map(|id| (id, now));
    }
    if model.skip_at().is_some_and(|at| at <= now) && !model.motion.is_held() {
        input::go_to(model, model.feed.index() + 1, now, effects);
    }
}

pub(super) fn tile_of(model: &mut Model, generation: Generation) -> Option<&mut Tile> {
    model.tiles.values_mut().find(|tile| tile.generation == Some(generation))
}

fn player(model: &mut Model, event: PlayerEvent, now: Duration, effects: &mut Vec<Effect>) {
    match event {
        PlayerEvent::Opened { generation, from_cache } => {
            if let Some(tile) = tile_of(model, generation) {
                (tile.times.opened, tile.times.from_cache) = (Some(now), from_cache);
            }
            if from_cache {
                model.figures.was_cached(generation);
            } else if let Some(item) = item_by(model, generation)
                && model.retries.answered(&item)
            {
                readying::replan(model, now, effects);
            }
        }
        PlayerEvent::Prerolled { generation, info } => {
            if let Some(tile) = tile_of(model, generation) {
                tile.info = Some(info);
                tile.stands = true;
            }
        }
        PlayerEvent::Position { generation, position } => {
            if let Some(tile) = tile_of(model, generation) {
                tile.position = position;
                tile.position_at = now;
                tile.ended = false;
            }
        }
        PlayerEvent::Looped { generation } => {
            if let Some(tile) = tile_of(model, generation) {
                tile.position = Duration::ZERO;
                tile.position_at = now;
            }
            kept::looped(model, generation, effects);
        }
        PlayerEvent::Ended { generation } => playing::ended(model, generation, now, effects),
        PlayerEvent::Still { generation, still } => playing::still_came(model, generation, still, now, effects),
        PlayerEvent::Preview { generation, wanted, picture } => ahead::came(model, generation, wanted, picture, effects),
        PlayerEvent::Buffering { generation } => {
            if let Some(tile) = tile_of(model, generation).filter(|tile| tile.phase == Phase::Ready) {
                (tile.phase, tile.in_hand) = (Phase::Buffering { since: now }, None);
                model.figures.rebuffers += 1;
            }
        }
        PlayerEvent::Waiting { generation, in_hand } => {
            if let Some(tile) = tile_of(model, generation) {
                tile.in_hand = Some(in_hand);
            }
        }
        PlayerEvent::Resumed { generation, waited } => {
            let current = model.current_generation() == Some(generation);
            if let Some(tile) = tile_of(model, generation).filter(|tile| matches!(tile.phase, Phase::Buffering { .. })) {
                tile.phase = Phase::Ready;
                tile.position_at = now;
                if current {
                    model.figures.waiting += waited;
                }
            }
        }
        PlayerEvent::Failed { generation, failure } => failed(model, generation, failure, now, effects),
        PlayerEvent::Pool { stats, rows } => {
            // Of several that come between two display frames none may hide that more than one could be heard.
            let before = if model.pool_is_new { model.pool.audible } else { 0 };
            model.pool = PoolStats { audible: stats.audible.max(before), ..stats };
            model.pool_is_new = true;
            model.rows = rows;
        }
        PlayerEvent::AudioOutput(output) => model.audio = output,
        PlayerEvent::Captions { generation, cues } => captions::heard(model, generation, cues),
    }
}

fn item_by(model: &Model, generation: Generation) -> Option<Arc<Item>> {
    let id = model.item_of(generation)?;
    model.feed.items().iter().find(|item| item.id == *id).cloned()
}

fn failed(model: &mut Model, generation: Generation, failure: Failure, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = item_by(model, generation) else { return };
    let told = (item.id.clone(), failure.kind.name());
    if !model.failures.contains(&told) {
        model.failures.push(told);
    }
    model.figures.failed(generation);
    care::load_failed(model, &item.id, &failure);
    let again_at = model.retries.failed(&item, &failure, now);
    if let Some(tile) = model.tiles.get_mut(&item.id) {
        tile.last_failure = Some(failure.clone());
        tile.phase = Phase::Failed(failure);
        (tile.generation, tile.picture, tile.again_at, tile.before) = (None, None, again_at, None);
    }
    // Others may have waited for how this one ends.
    readying::replan(model, now, effects);
}
