//! Clicks on the picture: one pauses, a second one soon after undoes that and likes, with a heart where it was.

use std::time::Duration;

use super::event::Effect;
use super::input::toggle_pause;
use super::kept;
use super::model::Model;
use crate::feed::ItemId;
use crate::gesture::Position;

/// A second click within this time belongs to the first, …
const DOUBLE: Duration = Duration::from_millis(300);
/// … when it is no further away than this, in points: what two fingers do beside each other is no double click.
const NEAR: f64 = 48.0;
/// How long a heart is there.
const HEART_FOR: Duration = Duration::from_millis(600);
/// Between two pictures of it.
const FRAME: Duration = Duration::from_millis(16);

/// A heart where somebody liked by a double click.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heart {
    /// Where, in points from the top left of the window.
    pub at: (f64, f64),
    /// How much of its time is over, 0.0 to 1.0.
    pub age: f32,
}

/// The last click, and the heart that is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Taps {
    last: Option<Tap>,
    heart: Option<(Position, Duration)>,
}

#[derive(Clone, Debug)]
struct Tap {
    item: ItemId,
    at: Position,
    when: Duration,
    /// Whether it was paused before, when the click changed that.
    undo: Option<bool>,
}

impl Model {
    /// The heart that is there now; never one for a viewer who wants no motion.
    #[must_use]
    pub fn heart(&self, now: Duration) -> Option<Heart> {
        let (at, since) = self.taps.heart?;
        let age = now.saturating_sub(since).as_secs_f32() / HEART_FOR.as_secs_f32();
        (age < 1.0).then_some(Heart { at: (at.x, at.y), age })
    }

    /// When the heart looks another way.
    pub(super) fn heart_due(&self, now: Duration) -> Option<Duration> {
        let (_, since) = self.taps.heart?;
        (now < since + HEART_FOR).then(|| (now + FRAME).min(since + HEART_FOR))
    }
}

/// The picture was clicked.
pub(super) fn tapped(model: &mut Model, at: Position, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().map(|item| item.id.clone()) else { return };
    let belongs = |tap: &Tap| {
        let near = (tap.at.x - at.x).hypot(tap.at.y - at.y) <= NEAR;
        tap.item == item && near && now.saturating_sub(tap.when) <= DOUBLE
    };
    let before = model.taps.last.take().filter(belongs);
    // Of many clicks in a row each one after the first likes, and only the first has paused. One that began an item anew is
    // not undone.
    let paused = model.paused;
    if before.as_ref().is_none_or(|tap| tap.undo.is_some_and(|before| before != paused)) {
        toggle_pause(model, now, effects);
    }
    let undo = (before.is_none() && model.paused != paused).then_some(paused);
    if before.is_some() {
        kept::like(model, effects);
        if !model.reduced_motion() {
            model.taps.heart = Some((at, now));
        }
    }
    model.taps.last = Some(Tap { item, at, when: now, undo });
}
