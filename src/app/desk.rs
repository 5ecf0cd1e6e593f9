//! What the sheet of settings shows beside the settings: how full the cache is, what is sent of the usage, what this run
//! was started with. What lies on a disk is asked for outside and comes back as an answer.

use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use super::preferences::FilterWords;
use super::settings::{Fixer, Knob};
use super::sheet::Sheet;
use crate::words::settings as words;

/// How often the cache is asked while its page is open.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// A page of the sheet of settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// Sound, captions, the end of an item.
    #[default]
    Playback,
    /// How far to ready ahead.
    Preloading,
    /// What is on disk.
    Cache,
    /// What is hidden.
    Filter,
    /// Who is told what.
    Privacy,
    /// Which keys mean what.
    Keys,
    /// Contrast, size of text, motion.
    Appearance,
    /// Versions, licences, folders.
    About,
}

impl Page {
    /// All pages, in their order.
    pub const ALL: [Self; 8] =
        [Self::Playback, Self::Preloading, Self::Cache, Self::Filter, Self::Privacy, Self::Keys, Self::Appearance, Self::About];
}

/// What this run was started with, as far as the settings tell it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Name and version of the program and of GStreamer.
    pub program: String,
    /// The renderer and its adapter.
    pub renderer: String,
    /// What the command line or the config file fixed.
    pub fixed: Vec<(Knob, Fixer)>,
    /// What the config file hides.
    pub filter: FilterWords,
    /// Who gets figures, one sentence each.
    pub figures_to: Vec<String>,
    /// The host that usage events are sent to, when the config file names one.
    pub usage_to: Option<String>,
    /// What is stored where: what it is, and the path.
    pub folders: Vec<(&'static str, String)>,
}

/// How full the cache is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheFacts {
    /// What it takes on disk in bytes.
    pub disk_bytes: u64,
    /// Its bound in bytes.
    pub cap_bytes: u64,
    /// Entries in all.
    pub entries: u64,
    /// Videos of which every byte is there, and of which a part is.
    pub videos: (u64, u64),
    /// Entries that were pinned, and what they take in bytes.
    pub pinned: (u64, u64),
    /// Entries that nobody used for so many days are removed.
    pub max_age_days: u64,
}

/// Something that is asked for outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How full is the cache?
    Cache,
    /// Remove what is in it, all but what was pinned.
    ClearCache,
    /// What is sent of the usage?
    Usage,
    /// Draw a new id and drop the usage events that wait.
    ResetUsage,
}

/// What came of a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// How full the cache is; `None`: nothing is kept on disk.
    Cache(Option<CacheFacts>),
    /// So many of so many entries have been looked at.
    Clearing(u64, u64),
    /// So many entries were removed, and so many bytes.
    Cleared(u64, u64),
    /// What is sent of the usage, as a text of several lines.
    Usage(String),
    /// The id is a new one.
    UsageReset,
    /// A question could not be answered: a sentence.
    Failed(Question, String),
}

/// What was wished on the sheet of settings, beside a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Another page.
    Page(Page),
    /// To empty the cache; it is asked once more.
    Clear,
    /// Yes, to empty it.
    ClearSurely,
    /// Not to empty it after all.
    Keep,
    /// To see what is sent of the usage, or no longer.
    ShowUsage,
    /// Another id for usage events.
    ResetUsage,
}

/// How far the emptying of the cache is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clearing {
    /// Nobody wants it.
    #[default]
    No,
    /// It is asked once more.
    Asked,
    /// So many of so many entries have been looked at.
    Underway(u64, u64),
}

/// What the sheet of settings shows beside the settings.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// The page that is open.
    pub page: Page,
    /// What this run was started with.
    pub surroundings: Surroundings,
    /// How full the cache is: `None` until it is known, `Some(None)` when there is none.
    pub cache: Option<Option<CacheFacts>>,
    /// How far the emptying of the cache is.
    pub clearing: Clearing,
    /// What is sent of the usage; `None`: nobody wants to see it, or it is not known yet.
    pub usage: Option<String>,
    /// The sentence of the last question that could not be answered.
    pub problem: Option<String>,
    /// When the cache was asked last while its page was open, and whether the answer is still awaited.
    asked_at: Option<Duration>,
    awaits_cache: bool,
}

impl Model {
    /// What the sheet of settings shows beside the settings.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    fn shows_page(&self, page: Page) -> bool {
        self.visible && self.sheet == Some(Sheet::Settings) && self.desk.page == page
    }
}

/// Asks something outside.
pub(super) fn ask(model: &mut Model, question: Question, effects: &mut Vec<Effect>) {
    model.desk.problem = None;
    effects.push(Effect::Ask(question));
}

/// Something was wished on the sheet.
pub(super) fn wish(model: &mut Model, wish: Wish, effects: &mut Vec<Effect>) {
    match wish {
        Wish::Page(page) => {
            let desk = &mut model.desk;
            (desk.page, desk.usage, desk.problem) = (page, None, None);
            if desk.clearing == Clearing::Asked {
                desk.clearing = Clearing::No;
            }
        }
        Wish::Clear if model.desk.clearing == Clearing::No => model.desk.clearing = Clearing::Asked,
        Wish::ClearSurely if model.desk.clearing == Clearing::Asked => {
            model.desk.clearing = Clearing::Underway(0, 0);
            ask(model, Question::ClearCache, effects);
        }
        Wish::Keep if model.desk.clearing == Clearing::Asked => model.desk.clearing = Clearing::No,
        Wish::Clear | Wish::ClearSurely | Wish::Keep => {}
        Wish::ShowUsage if model.desk.usage.is_some() => model.desk.usage = None,
        Wish::ShowUsage => ask(model, Question::Usage, effects),
        Wish::ResetUsage => ask(model, Question::ResetUsage, effects),
    }
}

/// A question was answered.
pub(super) fn answered(model: &mut Model, answer: Answer, now: Duration, effects: &mut Vec<Effect>) {
    let desk = &mut model.desk;
    match answer {
        Answer::Cache(facts) => (desk.cache, desk.awaits_cache) = (Some(facts), false),
        Answer::Clearing(done, total) => desk.clearing = Clearing::Underway(done, total),
        Answer::Cleared(entries, bytes) => {
            // What it holds now is asked at once.
            (desk.clearing, desk.asked_at) = (Clearing::No, None);
            model.say(words::cleared(entries, bytes), now);
        }
        Answer::Usage(text) => desk.usage = Some(text),
        Answer::UsageReset => {
            let shows = desk.usage.is_some();
            model.say(words::USAGE_RESET, now);
            if shows {
                ask(model, Question::Usage, effects);
            }
        }
        Answer::Failed(question, sentence) => {
            match question {
                Question::Cache => desk.awaits_cache = false,
                Question::ClearCache => desk.clearing = Clearing::No,
                Question::Usage | Question::ResetUsage => {}
            }
            desk.problem = Some(sentence);
        }
    }
}

/// Asks the cache when that is due.
pub(super) fn look(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if !model.shows_page(Page::Cache) {
        model.desk.asked_at = None;
    } else if due_at(model).is_none_or(|at| at <= now) && !model.desk.awaits_cache {
        (model.desk.asked_at, model.desk.awaits_cache) = (Some(now), true);
        effects.push(Effect::Ask(Question::Cache));
    }
}

/// When [`look`] has something to do again; `None`: at once, or never.
pub(super) fn due_at(model: &Model) -> Option<Duration> {
    model.desk.asked_at.filter(|_| !model.desk.awaits_cache).map(|at| at + ASK_EVERY)
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
