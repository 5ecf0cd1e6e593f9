//! What the controls over the picture do: the rail, its menu, the scrubber and the words that unfold.

use std::time::Duration;

use super::event::{Effect, Intent};
use super::input;
use super::model::Model;
use super::playing;
use super::preferences::Fit;
use super::settings::{self, Setting};
use crate::feed::{MediaLocation, without_signature};
use crate::gesture::{Wheel, WheelDelta};
use crate::player::PicturePath;
use crate::words::controls as words;

/// One notch over the loudspeaker, and what a touchpad scrolls for it, in points.
const VOLUME_STEP: f64 = 0.05;
const NOTCH_POINTS: f64 = 40.0;

/// What of the controls is open, and what they have set in this session.
#[derive(Clone, Debug, Default)]
pub(super) struct Controls {
    menu: bool,
    unfolded: bool,
    scrubbing: bool,
    wheel: Wheel,
}

impl Controls {
    /// Another item is the current one: what was open belongs to the one before.
    pub(super) fn moved(&mut self) {
        (self.menu, self.unfolded, self.scrubbing) = (false, false, false);
    }

    /// Closes what is open; whether anything was.
    pub(super) fn close(&mut self) -> bool {
        let was_open = self.is_open();
        (self.menu, self.unfolded) = (false, false);
        was_open
    }

    /// Whether something is open that must not fade while it is read.
    pub(super) fn is_open(&self) -> bool {
        self.menu || self.unfolded
    }
}

impl Model {
    /// Whether the menu of the rail is open.
    #[must_use]
    pub fn menu(&self) -> bool {
        self.controls.menu
    }

    /// Whether the words of the current item are shown in full.
    #[must_use]
    pub fn unfolded(&self) -> bool {
        self.controls.unfolded
    }

    /// Whether the scrubber is held: nothing plays until it is let go.
    #[must_use]
    pub fn is_scrubbing(&self) -> bool {
        self.controls.scrubbing
    }

    /// Whether the current item has captions that can be shown.
    #[must_use]
    pub fn has_captions(&self) -> bool {
        self.feed.current().is_some_and(|item| self.caption_place(item).is_some())
    }

    /// How pictures are delivered at present.
    #[must_use]
    pub fn picture(&self) -> PicturePath {
        self.picture
    }
}

/// Carries out what was asked for by one of these controls.
pub(super) fn intent(model: &mut Model, intent: &Intent, now: Duration, effects: &mut Vec<Effect>) {
    match intent {
        Intent::Menu => model.controls.menu = !model.controls.menu,
        Intent::Unfold => model.controls.unfolded = !model.controls.unfolded,
        Intent::Volume(volume) => input::set_volume(model, *volume, now, effects),
        Intent::TurnVolume(delta) => turn_volume(model, *delta, now, effects),
        Intent::Fit => {
            let (fit, said) = match model.preferences.fit {
                Fit::Contain => (Fit::Cover, words::FILLS),
                Fit::Cover => (Fit::Contain, words::WHOLE),
            };
            if settings::set(model, &Setting::Fit(fit), now, effects) {
                model.say(said, now);
            }
        }
        Intent::AtEnd => playing::cycle_at_end(model, now, effects),
        Intent::CopyLink => copy_link(model, now, effects),
        Intent::Scrub(share) => {
            hold(model, true, effects);
            playing::seek_share(model, *share, false, now, effects);
        }
        Intent::ScrubOver => hold(model, false, effects),
        // Every other intent has its own place.
        _ => {}
    }
}

/// One notch of a wheel is one step; a touchpad goes a step a notch's way, and a whole per cent at least.
fn turn_volume(model: &mut Model, delta: WheelDelta, now: Duration, effects: &mut Vec<Effect>) {
    let louder = match delta {
        WheelDelta::Lines(lines) if lines.abs() >= 1.0 => match model.controls.wheel.turn(delta, now) {
            0 => return,
            #[expect(clippy::cast_precision_loss, reason = "a handful of notches")]
            steps => -VOLUME_STEP * steps as f64,
        },
        WheelDelta::Lines(lines) => -lines * VOLUME_STEP,
        WheelDelta::Points(points) => -points / NOTCH_POINTS * VOLUME_STEP,
    };
    let sound = model.sound();
    let volume = if sound.muted { 0.0 } else { sound.volume };
    input::set_volume(model, volume + louder.signum() * louder.abs().max(0.01), now, effects);
}

/// Takes hold of the scrubber, or lets it go: sound and picture rest meanwhile, the pictures are those that are sought.
pub(super) fn hold(model: &mut Model, held: bool, effects: &mut Vec<Effect>) {
    if model.controls.scrubbing != held {
        model.controls.scrubbing = held;
        model.played_until = None;
        effects.push(Effect::Target);
    }
}

/// Where the current item lies onto the clipboard: what anybody may read, so nothing that was signed for this viewer.
pub(super) fn copy_link(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current() else { return };
    let (text, said) = match &item.media {
        MediaLocation::Url(address) => (Some(without_signature(address)), words::LINK_COPIED),
        MediaLocation::File(path) => (Some(path.display().to_string()), words::PATH_COPIED),
        MediaLocation::Sample(_) => (None, words::NO_LINK),
    };
    model.say(said, now);
    effects.extend(text.map(Effect::CopyText));
}
