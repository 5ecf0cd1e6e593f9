//! The desktop around the window: whether anybody can look at it, and what its settings ask for.

use std::time::Duration;

use super::event::{Effect, Event};
use super::input;
use super::model::Model;
use super::offline;
use super::readying;
use super::update::page_due;
use crate::feed::Tail;

/// Why nobody looks, whatever the window shows. The default says that somebody may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// The session is locked, or a screen saver is over it.
    pub locked: bool,
    /// The machine goes to sleep, or sleeps.
    pub asleep: bool,
}

/// What the settings of the desktop ask of every program. Where nobody tells, it is the default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DesktopSettings {
    /// No slides.
    pub reduced_motion: bool,
    /// Stronger lines and grounds.
    pub high_contrast: bool,
    /// Size of text; 1.0 is that of the design, and at most 3.0 is told.
    pub text_scale: f32,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        Self { reduced_motion: false, high_contrast: false, text_scale: 1.0 }
    }
}

impl Model {
    /// What the settings of the desktop ask for.
    #[must_use]
    pub fn desktop(&self) -> &DesktopSettings {
        &self.desktop
    }

    /// Whether anybody can see the window, as far as one knows.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.visible && self.presence == Presence::default()
    }

    /// Whether a small window lies above all others.
    #[must_use]
    pub fn on_top(&self) -> bool {
        self.on_top
    }
}

/// The window is shown, or covered, or minimised.
pub(super) fn shown(model: &mut Model, visible: bool, now: Duration, effects: &mut Vec<Effect>) {
    if model.visible != visible {
        turn(model, |model| model.visible = visible, now, effects);
    }
}

/// Somebody may look, or nobody does.
pub(super) fn presence(model: &mut Model, presence: Presence, now: Duration, effects: &mut Vec<Effect>) {
    let wakes = model.presence.asleep && !presence.asleep;
    turn(model, |model| model.presence = presence, now, effects);
    if wakes {
        awake(model, now, effects);
    }
}

/// Who presses something sees what comes of it: a lock that was told of is no more, told or not.
pub(super) fn touched(model: &mut Model, event: &Event, now: Duration, effects: &mut Vec<Effect>) {
    let by_hand = matches!(event, Event::Key { .. } | Event::PointerDown(_) | Event::Wheel(_) | Event::Intent(_));
    if by_hand && model.presence != Presence::default() {
        presence(model, Presence::default(), now, effects);
    }
}

/// A small window above all others, or no longer. Out of full screen: nothing small fills a screen.
pub(super) fn put_on_top(model: &mut Model, effects: &mut Vec<Effect>) {
    if std::mem::take(&mut model.fullscreen) {
        effects.push(Effect::Fullscreen(false));
    }
    model.on_top = !model.on_top;
    effects.push(Effect::OnTop(model.on_top));
}

/// The desktop does not let a window be above all others.
pub(super) fn not_on_top(model: &mut Model, now: Duration) {
    model.on_top = false;
    model.say(crate::words::around::NOT_ON_TOP, now);
}

/// Changes whether the window is seen. What plays stops where it is, and goes on from there.
fn turn(model: &mut Model, change: impl FnOnce(&mut Model), now: Duration, effects: &mut Vec<Effect>) {
    let was_seen = model.is_seen();
    // Told where it stands while it is still known to run.
    input::leave(model, now);
    change(model);
    if model.is_seen() != was_seen {
        effects.push(Effect::Target);
    }
}

/// The machine has slept, for a moment or for a night. What failed before says nothing about now, a count-down of
/// before it begins anew, and what there was no network for is asked for again.
fn awake(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    model.failed_since = None;
    model.retries.clear();
    if matches!(model.feed.tail(), Tail::Failed(_, failure) if offline::hides_page(failure)) {
        model.feed.retry_tail();
        page_due(model, now, effects);
    }
    offline::ask(model, now, effects);
    readying::replan(model, now, effects);
}
