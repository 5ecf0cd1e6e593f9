//! What a viewer sets on the sheet of settings: each thing by itself, as a value, and what comes of it.

use std::time::Duration;

use super::desk::{self, Question};
use super::event::Effect;
use super::model::Model;
use super::preferences::{AtEnd, FilterList, Fit, KeyPreset};
use super::{input, readying};
use crate::metrics::{Preference, UsageEvent};
use crate::preload::plan::Profile;
use crate::words::settings as words;

/// What text may be scaled by.
pub const TEXT_SCALES: [f32; 5] = [1.0, 1.25, 1.5, 1.75, 2.0];

/// One thing as it is to be from now on.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Sound off.
    Muted(bool),
    /// 0.0 to 1.0.
    Volume(f64),
    /// What happens at the end of an item.
    AtEnd(AtEnd),
    /// How a picture lies in its tile.
    Fit(Fit),
    /// Captions where there are some.
    Captions(bool),
    /// A failed item makes room for the next one by itself.
    SkipFailed(bool),
    /// How far to ready ahead; `None`: chosen by what is known of the network.
    Profile(Option<Profile>),
    /// Items are readied ahead although electric power is short.
    ReadyOnBattery(bool),
    /// Hides what is on a list of the filter.
    Hide(FilterList, String),
    /// Takes an entry from a list of the filter.
    ShowAgain(FilterList, String),
    /// Usage events are sent where the config file says.
    UsageEvents(bool),
    /// Which keys mean what.
    Keys(KeyPreset),
    /// Stronger lines and grounds; `None`: as the desktop says.
    HighContrast(Option<bool>),
    /// Size of text, 1.0 to 2.0.
    TextScale(f32),
    /// No slides; `None`: as the desktop says.
    ReducedMotion(Option<bool>),
}

/// What a [`Setting`] sets, without its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Knob {
    /// Sound off or on.
    Muted,
    /// How loud.
    Volume,
    /// The end of an item.
    AtEnd,
    /// How a picture lies in its tile.
    Fit,
    /// Captions.
    Captions,
    /// Failed items.
    SkipFailed,
    /// How far to ready ahead.
    Profile,
    /// Readying while electric power is short.
    ReadyOnBattery,
    /// What is hidden.
    Filter,
    /// Usage events.
    UsageEvents,
    /// Keys.
    Keys,
    /// Lines and grounds.
    HighContrast,
    /// Size of text.
    TextScale,
    /// Slides.
    ReducedMotion,
}

impl Knob {
    /// Whether who fixed it keeps a viewer from setting it. The sound is only begun with: keys change it at any time.
    fn locks(self) -> bool {
        !matches!(self, Self::Muted | Self::Volume)
    }
}

/// Who decides in place of the viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixer {
    /// An option of the command line.
    CommandLine,
    /// The config file.
    Config,
}

impl Fixer {
    /// Why something cannot be set.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::CommandLine => words::FIXED_BY_COMMAND_LINE,
            Self::Config => words::FIXED_BY_CONFIG,
        }
    }

    /// Why something will be another thing at the next start.
    #[must_use]
    pub fn begins(self) -> &'static str {
        match self {
            Self::CommandLine => words::BEGUN_BY_COMMAND_LINE,
            Self::Config => words::BEGUN_BY_CONFIG,
        }
    }
}

impl Setting {
    /// What it sets.
    #[must_use]
    pub fn knob(&self) -> Knob {
        match self {
            Self::Muted(_) => Knob::Muted,
            Self::Volume(_) => Knob::Volume,
            Self::AtEnd(_) => Knob::AtEnd,
            Self::Fit(_) => Knob::Fit,
            Self::Captions(_) => Knob::Captions,
            Self::SkipFailed(_) => Knob::SkipFailed,
            Self::Profile(_) => Knob::Profile,
            Self::ReadyOnBattery(_) => Knob::ReadyOnBattery,
            Self::Hide(..) | Self::ShowAgain(..) => Knob::Filter,
            Self::UsageEvents(_) => Knob::UsageEvents,
            Self::Keys(_) => Knob::Keys,
            Self::HighContrast(_) => Knob::HighContrast,
            Self::TextScale(_) => Knob::TextScale,
            Self::ReducedMotion(_) => Knob::ReducedMotion,
        }
    }
}

impl Model {
    /// Who fixed something for this run, if anybody did.
    #[must_use]
    pub fn fixed(&self, knob: Knob) -> Option<Fixer> {
        self.desk.surroundings.fixed.iter().find(|(fixed, _)| *fixed == knob).map(|(_, fixer)| *fixer)
    }

    /// Who keeps the viewer from setting something, if anybody does.
    #[must_use]
    pub fn locked(&self, knob: Knob) -> Option<Fixer> {
        self.fixed(knob).filter(|_| knob.locks())
    }
}

/// Sets one thing, unless somebody fixed it: then it says who. Whether it is now as it is wanted. A sheet, a control and a
/// key all come here.
pub(super) fn set(model: &mut Model, setting: &Setting, now: Duration, effects: &mut Vec<Effect>) -> bool {
    if let Some(fixer) = model.locked(setting.knob()) {
        model.say(fixer.sentence(), now);
        return false;
    }
    let preferences = &mut model.preferences;
    let told = match setting {
        Setting::AtEnd(at_end) if preferences.at_end != *at_end => Some(Preference::AtEnd),
        Setting::Captions(on) if preferences.captions != *on => Some(Preference::Captions),
        _ => None,
    };
    effects.extend(told.map(|preference| Effect::Usage(UsageEvent::PreferencesUpdated(preference))));
    match setting {
        Setting::Muted(muted) => {
            if preferences.sound.muted != *muted {
                input::mute(model, now, effects);
            }
            return true;
        }
        Setting::Volume(volume) => {
            // Whole percent, as the volume keys have it.
            preferences.sound.volume = (volume.clamp(0.0, 1.0) * 100.0).round() / 100.0;
            preferences.sound.muted &= preferences.sound.volume <= 0.0;
        }
        Setting::AtEnd(at_end) => preferences.at_end = *at_end,
        Setting::Fit(fit) => preferences.fit = *fit,
        Setting::Captions(on) => preferences.captions = *on,
        Setting::SkipFailed(on) => preferences.skip_failed = Some(*on),
        Setting::Profile(profile) => {
            preferences.profile = *profile;
            readying::ask_for(model, *profile, now, effects);
        }
        Setting::ReadyOnBattery(on) => {
            preferences.ready_on_battery = *on;
            readying::set_anyway(model, *on, now, effects);
            effects.push(Effect::Usage(UsageEvent::PreferencesUpdated(Preference::ReadyAnyway)));
        }
        Setting::Hide(list, text) => {
            if !preferences.filter.add(*list, text) {
                return true;
            }
            model.filter = model.preferences.filter.filter();
        }
        Setting::ShowAgain(list, text) => {
            preferences.filter.remove(*list, text);
            model.filter = model.preferences.filter.filter();
        }
        Setting::UsageEvents(on) => {
            preferences.usage_events = *on;
            if !*on {
                // Who wants nothing sent does not want it sent later either.
                desk::ask(model, Question::ResetUsage, effects);
            }
        }
        Setting::Keys(preset) => preferences.keys = *preset,
        Setting::HighContrast(on) => preferences.high_contrast = *on,
        Setting::TextScale(scale) => preferences.text_scale = if scale.is_finite() { scale.clamp(1.0, 2.0) } else { 1.0 },
        Setting::ReducedMotion(on) => preferences.reduced_motion = *on,
    }
    effects.extend([Effect::Target, Effect::Remember]);
    true
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
