//! What input does to the model: gestures and keys become moves, pauses and settings.

use std::time::Duration;

use super::event::{Effect, Intent, Key};
use super::figures::Class;
use super::model::Model;
use super::offline;
use super::readying;
use super::sheet::Sheet;
use super::tile::Phase;
use super::update::{assign, page_due, tile_of};
use super::usage;
use crate::gesture::{Decision, PointerGesture, Position, WheelDelta};
use crate::metrics::{Preference, UsageEvent};
use crate::player::PlayerCommand;

/// The right share of the window in which a press means speed, not the overlay.
const SPEED_EDGE: f64 = 0.85;
/// One step of the volume keys.
const VOLUME_STEP: f64 = 0.05;

/// Goes to `index`. The item that wins is decided here: it plays from now on, whatever the motion does.
pub(super) fn go_to(model: &mut Model, index: usize, now: Duration, effects: &mut Vec<Effect>) {
    let from = model.feed.index();
    leave(model, now);
    if !model.feed.go_to(index) {
        usage::stayed(model, now, effects);
        model.motion.go_to(model.feed.index(), now);
        return;
    }
    let index = model.feed.index();
    let near = index.abs_diff(from) <= 1;
    if model.preferences.reduced_motion.unwrap_or(false) || !near {
        // A jump over many items would run past pictures that are not there.
        model.motion.cut_to(index);
    } else {
        model.motion.go_to(index, now);
    }
    model.paused = false;
    model.hint = false;
    model.current_since = now;
    readying::moved(model, from, index, now);
    let had_picture = model.feed.current().and_then(|item| model.tiles.get(&item.id)).is_some_and(|tile| tile.picture.is_some());
    usage::moved(model, index > from, had_picture, now, effects);
    assign(model, now);
    if let Some(generation) = model.current_generation() {
        let class = if had_picture { Class::Warm } else { Class::Cold };
        if let Some(tile) = tile_of(model, generation) {
            tile.times.wanted.get_or_insert(now);
        }
        model.figures.swipe(generation, class, index > from, now);
    }
    effects.extend([Effect::Target, Effect::Plan]);
    page_due(model, now, effects);
}

/// Remembers where the current item is, so that coming back resumes there.
fn leave(model: &mut Model, now: Duration) {
    if let Some(item) = model.feed.current().cloned() {
        let position = model.position_of(&item, now);
        if let Some(tile) = model.tiles.get_mut(&item.id) {
            tile.position = position;
            tile.position_at = now;
        }
    }
    model.played_until = None;
}

fn step(model: &mut Model, steps: isize, now: Duration, effects: &mut Vec<Effect>) {
    if let Some(index) = model.feed.index().checked_add_signed(steps) {
        go_to(model, index, now, effects);
    }
}

pub(super) fn pointer(model: &mut Model, gesture: PointerGesture, now: Duration, effects: &mut Vec<Effect>) {
    match gesture {
        PointerGesture::Pressed => {
            model.usage.pressed(now);
            model.press_caught_motion = model.motion.is_moving();
            model.motion.hold(now);
        }
        PointerGesture::Dragged(points) => {
            let way = (points / model.size.1.max(1.0)).clamp(-1.0, 1.0);
            model.motion.drag(way, model.feed.last_index());
        }
        PointerGesture::Released(speed) => let_go(model, speed, now, effects),
        PointerGesture::Tapped(_) => {
            model.motion.let_go(now);
            if !model.press_caught_motion {
                toggle_pause(model, now, effects);
            }
        }
        PointerGesture::LongPressed(at) => {
            model.motion.let_go(now);
            if at.x < model.size.0 * SPEED_EDGE {
                model.overlay = !model.overlay;
            }
        }
        PointerGesture::Dropped => model.motion.let_go(now),
    }
}

fn let_go(model: &mut Model, speed: f64, now: Duration, effects: &mut Vec<Effect>) {
    let index = model.feed.index();
    model.usage.released();
    match model.motion.release(speed, model.size.1, index, now) {
        Decision::Next => step(model, 1, now, effects),
        Decision::Previous if index > 0 => step(model, -1, now, effects),
        Decision::Previous | Decision::Stay => {
            usage::stayed(model, now, effects);
            model.motion.go_to(index, now);
        }
    }
}

pub(super) fn pointer_moved(model: &mut Model, to: Position, now: Duration, effects: &mut Vec<Effect>) {
    // A window manager repeats the position now and then without anybody moving anything.
    if model.pointer_at != Some((to.x, to.y)) {
        model.pointer_at = Some((to.x, to.y));
        model.last_input = now;
    }
    if let Some(gesture) = model.pointer.moved(to, now) {
        pointer(model, gesture, now, effects);
    }
}

pub(super) fn wheel(model: &mut Model, delta: WheelDelta, now: Duration, effects: &mut Vec<Effect>) {
    let steps = model.wheel.turn(delta, now);
    if steps != 0 {
        step(model, steps, now, effects);
    }
}

pub(super) fn key(model: &mut Model, key: Key, repeat: bool, now: Duration, effects: &mut Vec<Effect>) {
    let moves = matches!(key, Key::Next | Key::Previous | Key::VolumeUp | Key::VolumeDown);
    if repeat && !moves || matches!(key, Key::Next | Key::Previous) && !model.repeat.counts(repeat, now) {
        return;
    }
    match key {
        Key::Next => step(model, 1, now, effects),
        Key::Previous => step(model, -1, now, effects),
        Key::First => go_to(model, 0, now, effects),
        Key::Newest => go_to(model, model.feed.items().len().saturating_sub(1), now, effects),
        Key::Pause => toggle_pause(model, now, effects),
        Key::Mute => mute(model, now, effects),
        Key::VolumeUp => volume(model, VOLUME_STEP, now, effects),
        Key::VolumeDown => volume(model, -VOLUME_STEP, now, effects),
        Key::Fullscreen => fullscreen(model, !model.fullscreen, effects),
        Key::Overlay => model.overlay = !model.overlay,
        // Who asks for a page wants to see it.
        Key::Page(page) => (model.overlay, model.overlay_page) = (true, page),
        Key::Escape if model.sheet.is_some() => model.sheet = None,
        Key::Escape if model.overlay => model.overlay = false,
        Key::Escape if model.fullscreen => fullscreen(model, false, effects),
        Key::Escape => {}
        Key::Quit => effects.push(Effect::Quit),
        Key::Help => model.toggle_sheet(Sheet::Keys),
    }
}

fn fullscreen(model: &mut Model, on: bool, effects: &mut Vec<Effect>) {
    model.fullscreen = on;
    effects.push(Effect::Fullscreen(on));
}

fn toggle_pause(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if model.feed.current().is_none() {
        return;
    }
    leave(model, now);
    model.paused = !model.paused;
    effects.push(Effect::Target);
}

fn mute(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    model.preferences.sound.muted = !model.preferences.sound.muted;
    let text = if model.preferences.sound.muted { "Sound off" } else { "Sound on" };
    model.say(text, now);
    effects.extend([Effect::Target, Effect::Remember, Effect::Usage(UsageEvent::PreferencesUpdated(Preference::Sound))]);
}

fn volume(model: &mut Model, change: f64, now: Duration, effects: &mut Vec<Effect>) {
    // Rounded to whole percent: steps must meet 0 and 100 exactly.
    model.preferences.sound.volume = ((model.preferences.sound.volume + change).clamp(0.0, 1.0) * 100.0).round() / 100.0;
    if change > 0.0 {
        model.preferences.sound.muted = false;
    }
    model.say(format!("Volume {:.0} %", model.preferences.sound.volume * 100.0), now);
    effects.extend([Effect::Target, Effect::Remember]);
}

pub(super) fn intent(model: &mut Model, intent: &Intent, now: Duration, effects: &mut Vec<Effect>) {
    match intent {
        Intent::Sheet(sheet) => model.toggle_sheet(*sheet),
        Intent::Skip => step(model, 1, now, effects),
        Intent::ToStart => go_to(model, 0, now, effects),
        Intent::Mute => mute(model, now, effects),
        Intent::Overlay => model.overlay = !model.overlay,
        Intent::Page(page) => model.overlay_page = *page,
        Intent::CopyFigures => effects.push(Effect::CopyFigures),
        Intent::SaveTrace => effects.push(Effect::SaveTrace),
        Intent::ResetFigures => {
            model.figures.reset();
            model.say("The figures begin anew.", now);
            effects.push(Effect::ResetFigures);
        }
        Intent::ReadyAnyway => {
            readying::toggle_anyway(model, now, effects);
            effects.push(Effect::Usage(UsageEvent::PreferencesUpdated(Preference::ReadyAnyway)));
        }
        Intent::RetryPage => {
            model.feed.retry_tail();
            page_due(model, now, effects);
        }
        Intent::Retry => {
            let Some(item) = model.feed.current().cloned() else { return };
            if let Some(tile) = model.tiles.get_mut(&item.id)
                && item.problem.is_none()
                && matches!(tile.phase, Phase::Failed(_))
            {
                tile.phase = Phase::Idle;
                tile.generation = None;
                model.retries.forgive(&item);
                assign(model, now);
                effects.extend([Effect::Target, Effect::Plan]);
                offline::ask(model, now, effects);
            }
        }
        Intent::Details => {
            if let Some(item) = model.feed.current()
                && let Some(tile) = model.tiles.get_mut(&item.id)
            {
                tile.details = !tile.details;
            }
        }
        Intent::Seek(share) => seek(model, *share, now, effects),
    }
}

fn seek(model: &mut Model, share: f64, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().cloned() else { return };
    let Some(duration) = model.duration_of(&item) else { return };
    let to = duration.mul_f64(share.clamp(0.0, 1.0));
    if let Some(tile) = model.tiles.get_mut(&item.id)
        && let Some(generation) = tile.generation
    {
        tile.position = to;
        tile.position_at = now;
        effects.push(Effect::Command(PlayerCommand::Seek { generation, to, exact: true }));
    }
}
