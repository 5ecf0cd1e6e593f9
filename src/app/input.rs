//! What input does to the model: gestures and keys become moves, pauses and settings.

use std::time::Duration;

use super::event::{Effect, Intent, Key};
use super::figures::Class;
use super::heart;
use super::kept;
use super::model::Model;
use super::news;
use super::offline;
use super::readying;
use super::sheet::Sheet;
use super::tile::Phase;
use super::update::{assign, page_due, tile_of};
use super::usage;
use super::warned;
use super::{around, captions, controls, desk};
use super::{opening, playing};
use super::{resume, settings};
use crate::gesture::{Decision, PointerGesture, Position, WheelDelta};
use crate::metrics::{Preference, UsageEvent};
use crate::words::notices as words;

/// The right share of the window in which a press means speed, not the overlay.
const SPEED_EDGE: f64 = 0.85;
/// One step of the volume keys.
const VOLUME_STEP: f64 = 0.05;

/// Goes to `index`. The item that wins is decided here: it plays from now on, whatever the motion does.
pub(super) fn go_to(model: &mut Model, index: usize, now: Duration, effects: &mut Vec<Effect>) {
    let from = model.feed.index();
    leave(model, now);
    controls::hold(model, false, effects);
    if !model.feed.go_to(index) {
        usage::stayed(model, now, effects);
        go_back(model, now);
        return;
    }
    resume::given_up(model);
    let index = model.feed.index();
    let near = index.abs_diff(from) <= 1;
    if model.reduced_motion() || !near {
        // A jump over many items would run past pictures that are not there.
        model.motion.cut_to(index);
        model.cut_at = model.reduced_motion().then_some(now);
    } else {
        model.motion.go_to(index, now);
    }
    model.paused = false;
    model.hint = false;
    model.why = false;
    model.controls.moved();
    model.current_since = now;
    readying::moved(model, from, index, now);
    let had_picture = model.feed.current().and_then(|item| model.tiles.get(&item.id)).is_some_and(|tile| tile.picture.is_some());
    usage::moved(model, index > from, had_picture, now, effects);
    assign(model, now);
    playing::replay(model, now, effects);
    // What is hidden behind a warning is shown when the viewer says so, and no sooner: there is no way to measure.
    if let Some(generation) = model.current_generation().filter(|_| !model.hides_current()) {
        let class = if had_picture { Class::Warm } else { Class::Cold };
        if let Some(tile) = tile_of(model, generation) {
            tile.times.wanted.get_or_insert(now);
            // It goes on from here: what passed since it was left does not count.
            tile.position_at = now;
        }
        model.figures.swipe(generation, class, index > from, now);
    }
    effects.extend([Effect::Target, Effect::Plan]);
    page_due(model, now, effects);
}

/// Brings the current item back to its place.
fn go_back(model: &mut Model, now: Duration) {
    let index = model.feed.index();
    if model.reduced_motion() { model.motion.cut_to(index) } else { model.motion.go_to(index, now) }
}

/// Remembers where the current item is, so that coming back resumes there.
pub(super) fn leave(model: &mut Model, now: Duration) {
    if let Some(item) = model.feed.current().cloned() {
        let position = playing::within(model.duration_of(&item), model.position_of(&item, now));
        if let Some(tile) = model.tiles.get_mut(&item.id) {
            // What has ended begins anew.
            tile.position = if tile.ended { Duration::ZERO } else { position };
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
        PointerGesture::Tapped(at) => {
            model.motion.let_go(now);
            if !model.press_caught_motion && !model.controls.close() {
                heart::tapped(model, at, now, effects);
            }
        }
        PointerGesture::LongPressed(at) => {
            model.motion.let_go(now);
            if at.x < model.size.0 * SPEED_EDGE {
                model.overlay = !model.overlay;
            } else {
                playing::hold(model, now, effects);
            }
        }
        PointerGesture::Dropped => {
            model.motion.let_go(now);
            playing::let_go(model, now, effects);
        }
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
            go_back(model, now);
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
    // A wheel over a sheet turns the sheet.
    if model.sheet.is_none() {
        // One after the other: each is a swipe, as when they come in display frames of their own.
        for _ in 0..steps.unsigned_abs() {
            step(model, steps.signum(), now, effects);
        }
    }
}

pub(super) fn key(model: &mut Model, key: Key, repeat: bool, now: Duration, effects: &mut Vec<Effect>) {
    // A sheet has the keys to itself: arrows go from control to control there.
    if model.sheet.is_some() && !key.works_over_sheets() {
        return;
    }
    let repeats = matches!(key, Key::Next | Key::Previous | Key::VolumeUp | Key::VolumeDown) || playing::repeats(key);
    if repeat && !repeats || matches!(key, Key::Next | Key::Previous) && !model.repeat.counts(repeat, now) {
        return;
    }
    match key {
        Key::Next => step(model, 1, now, effects),
        Key::Previous => step(model, -1, now, effects),
        Key::First => resume::to_start(model, now, effects),
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
        Key::Escape if model.controls.is_open() => {
            model.controls.close();
        }
        Key::Escape if model.overlay => model.overlay = false,
        Key::Escape if model.fullscreen => fullscreen(model, false, effects),
        Key::Quit => effects.push(Effect::Quit),
        Key::Help => model.toggle_sheet(Sheet::Keys),
        Key::Like => kept::toggle_like(model, now, effects),
        Key::Settings => model.toggle_sheet(Sheet::Settings),
        Key::Open => model.toggle_sheet(Sheet::Open),
        Key::Captions => captions::toggle(model, now, effects),
        Key::CaptionLanguage => captions::next(model, now, effects),
        Key::Refresh => news::refresh(model, effects),
        Key::OnTop => around::put_on_top(model, effects),
        Key::CopyLink => controls::copy_link(model, now, effects),
        Key::Escape => {}
        other => playing::key(model, other, now, effects),
    }
}

fn fullscreen(model: &mut Model, on: bool, effects: &mut Vec<Effect>) {
    model.fullscreen = on;
    effects.push(Effect::Fullscreen(on));
}

pub(super) fn toggle_pause(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if model.feed.current().is_none() || model.hides_current() || playing::replay(model, now, effects) {
        return;
    }
    leave(model, now);
    model.paused = !model.paused;
    effects.push(Effect::Target);
}

pub(super) fn mute(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    model.preferences.sound.muted = !model.preferences.sound.muted;
    let text = if model.preferences.sound.muted { words::SOUND_OFF } else { words::SOUND_ON };
    model.say(text, now);
    effects.extend([Effect::Target, Effect::Remember, Effect::Usage(UsageEvent::PreferencesUpdated(Preference::Sound))]);
}

fn volume(model: &mut Model, change: f64, now: Duration, effects: &mut Vec<Effect>) {
    let muted = model.preferences.sound.muted && change <= 0.0;
    set_volume(model, model.preferences.sound.volume + change, now, effects);
    model.preferences.sound.muted = muted;
}

/// Who sets a volume wants to hear it.
pub(super) fn set_volume(model: &mut Model, volume: f64, now: Duration, effects: &mut Vec<Effect>) {
    // Rounded to whole percent: steps must meet 0 and 100 exactly.
    model.preferences.sound.volume = (volume.clamp(0.0, 1.0) * 100.0).round() / 100.0;
    model.preferences.sound.muted = false;
    model.say(words::volume(model.preferences.sound.volume), now);
    effects.extend([Effect::Target, Effect::Remember]);
}

pub(super) fn intent(model: &mut Model, intent: &Intent, now: Duration, effects: &mut Vec<Effect>) {
    match intent {
        Intent::Sheet(sheet) => model.toggle_sheet(*sheet),
        Intent::Set(setting) => {
            settings::set(model, setting, now, effects);
        }
        Intent::Desk(wish) => desk::wish(model, *wish, effects),
        Intent::Open(words) => opening::open(model, words, effects),
        Intent::Skip => step(model, 1, now, effects),
        Intent::ToStart => resume::to_start(model, now, effects),
        Intent::Mute => mute(model, now, effects),
        Intent::Overlay => model.overlay = !model.overlay,
        Intent::Page(page) => model.overlay_page = *page,
        Intent::CopyFigures => effects.push(Effect::CopyFigures),
        Intent::SaveTrace => effects.push(Effect::SaveTrace),
        Intent::ResetFigures => {
            model.figures.reset();
            model.say(words::FIGURES_RESET, now);
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
        Intent::Seek(share) => {
            controls::hold(model, false, effects);
            playing::seek_share(model, *share, true, now, effects);
        }
        Intent::Replay => {
            playing::replay(model, now, effects);
        }
        Intent::NextSpeed => playing::next_speed(model, now, effects),
        Intent::Captions => captions::toggle(model, now, effects),
        Intent::CaptionLanguage => captions::next(model, now, effects),
        Intent::ShowAnyway => warned::accept(model, false, now, effects),
        Intent::ShowAllWarned => warned::accept(model, true, now, effects),
        Intent::Why => model.why = !model.why,
        Intent::Refresh => news::refresh(model, effects),
        Intent::SaveReport => effects.push(Effect::SaveReport),
        Intent::Like => kept::like(model, effects),
        Intent::ToggleLike => kept::toggle_like(model, now, effects),
        other => controls::intent(model, other, now, effects),
    }
}
