//! Which source is shown, which were shown before, and what could not be opened. A source that brought nothing costs nobody
//! the one that was there: there is always a way back.

use std::time::Duration;

use super::event::{Effect, Event};
use super::model::Model;
use super::sheet::Sheet;
use crate::feed::without_signature;

/// Sources that are offered again.
const RECENT_MAX: usize = 8;
/// The first-launch hint goes by itself after this long.
const HINT_FOR: Duration = Duration::from_secs(12);
/// The words of the sample reel.
const SAMPLE: &str = "sample:";

/// A source that can be opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceName {
    /// The words that name it. An address may hold a token: they are not for showing.
    pub words: Vec<String>,
    /// Its short name, as the top line has it.
    pub label: String,
}

impl SourceName {
    /// The clips that come with the program.
    #[must_use]
    pub fn sample_reel() -> Self {
        Self { words: vec![SAMPLE.to_owned()], label: crate::words::open::SAMPLE_REEL.to_owned() }
    }

    /// Where it lies, without anything secret: a path, or the host and path of an address. Empty where the label says all.
    #[must_use]
    pub fn place(&self) -> String {
        let [word] = self.words.as_slice() else { return String::new() };
        let place = match word.split_once("://") {
            // What is asked for there may be meant for this viewer alone.
            Some(_) => without_signature(word.split('?').next().unwrap_or_default()),
            None if word == SAMPLE => return String::new(),
            None => return word.clone(),
        };
        place.split_once("://").map_or(String::new(), |(_, place)| place.trim_end_matches('/').to_owned())
    }
}

/// What is known of sources.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    /// Those that brought something, the newest first.
    recent: Vec<SourceName>,
    /// The one that is shown, or is about to be.
    source: Option<SourceName>,
    /// Why the last one could not be opened, while its sheet is open.
    pub problem: Option<String>,
    opened_at: Duration,
    /// It has brought something.
    brought: bool,
}

impl Opening {
    /// With what was opened in earlier runs, the newest first.
    pub fn new(mut recent: Vec<SourceName>) -> Self {
        // It is offered anyway.
        recent.retain(|source| source.words != [SAMPLE]);
        Self { recent, ..Self::default() }
    }

    /// Puts the source that is shown before the others. The sample reel is offered anyway.
    fn remember(&mut self) {
        if let Some(source) = self.source.clone().filter(|source| source.words != [SAMPLE]) {
            self.recent.retain(|other| other.words != source.words);
            self.recent.insert(0, source);
            self.recent.truncate(RECENT_MAX);
        }
    }
}

/// What is said of a source: which one is opened next, or that one cannot be opened and what was there stays.
pub(super) fn heard(model: &mut Model, event: Event, now: Duration) {
    match event {
        Event::Source(source) => model.opening.source = Some(source),
        Event::NotOpened(sentence) if model.sheet == Some(Sheet::Open) => model.opening.problem = Some(sentence),
        Event::NotOpened(sentence) => model.say(sentence, now),
        _ => {}
    }
}

/// Another source is shown from now on.
pub(super) fn opened(model: &mut Model, now: Duration) {
    (model.opening.opened_at, model.opening.brought) = (now, false);
    model.opening.problem = None;
    if model.sheet == Some(Sheet::Open) {
        model.sheet = None;
    }
}

/// Opens what the words name, if there are any.
pub(super) fn open(model: &mut Model, words: &[String], effects: &mut Vec<Effect>) {
    model.opening.problem = None;
    let words: Vec<String> = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if !words.is_empty() {
        effects.push(Effect::Open(words));
    }
}

/// What changes with time: the hint goes, and a source that has brought something counts as one that was opened.
pub(super) fn tick(model: &mut Model, now: Duration) {
    if model.hint_ends().is_some_and(|at| at <= now) {
        model.hint = false;
    }
    if !model.opening.brought && !model.feed.items().is_empty() {
        model.opening.brought = true;
        model.opening.remember();
    }
}

impl Model {
    /// Sources that were opened and brought something, the newest first.
    #[must_use]
    pub fn recent(&self) -> &[SourceName] {
        &self.opening.recent
    }

    /// The source that is shown.
    #[must_use]
    pub fn source(&self) -> Option<&SourceName> {
        self.opening.source.as_ref()
    }

    /// Where to go when the source that is shown brought nothing: the newest other one, else the sample reel. `None` when
    /// that is what is shown, or nothing is.
    #[must_use]
    pub fn way_back(&self) -> Option<SourceName> {
        let shown = self.opening.source.as_ref()?;
        let sample = SourceName::sample_reel();
        self.opening.recent.iter().chain([&sample]).find(|recent| recent.words != shown.words).cloned()
    }

    /// Why what was typed on the sheet could not be opened.
    #[must_use]
    pub fn open_problem(&self) -> Option<&str> {
        self.opening.problem.as_deref()
    }

    /// When the first-launch hint goes by itself.
    pub(super) fn hint_ends(&self) -> Option<Duration> {
        self.hint.then_some(self.opening.opened_at + HINT_FOR)
    }
}
