//! Captions: which an item has, which of them are read, and what is to be read now.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::event::Effect;
use super::language::is_same_language;
use super::model::Model;
use super::settings::{self, Setting};
use super::tile::Phase;
use crate::captions::{Cue, Track};
use crate::feed::{CaptionFile, Failure, Generation, Item, ItemId, MediaLocation};
use crate::words::captions as words;

/// Files that are kept in memory: those near us are wanted again when one swipes back.
const FILES_MAX: usize = 16;
/// Streams of containers that are kept, for the same reason.
const STREAMS_MAX: usize = 32;

/// What is known of captions.
#[derive(Clone, Debug, Default)]
pub(super) struct Captions {
    /// Languages of the desktop, the most wanted first.
    languages: Vec<String>,
    /// The language, or the name of a nameless one, that the viewer went on to.
    wanted: Option<String>,
    /// The same for one item, by the place in its list: two may have the same language.
    picked: Option<(ItemId, usize)>,
    /// Files that were read, or why they could not be.
    files: HashMap<MediaLocation, Result<Arc<Track>, Failure>>,
    /// What came out of the streams of containers so far.
    streams: HashMap<(ItemId, usize), Track>,
}

/// Captions that an item has.
#[derive(Clone, Copy)]
struct Known<'a> {
    from: Whence<'a>,
    /// As a tag; may be empty.
    language: &'a str,
    /// What a viewer knows them by; may be empty.
    label: &'a str,
}

/// Where captions come from.
#[derive(Clone, Copy)]
enum Whence<'a> {
    /// A file beside the video, or an address of the feed.
    File(&'a CaptionFile),
    /// A stream of the video's own container, by its number among those of text.
    Stream(usize),
}

impl<'a> Known<'a> {
    /// What they are found by again in another item.
    fn key(self) -> &'a str {
        if self.language.is_empty() { self.label } else { self.language }
    }
}

impl Captions {
    pub fn new(languages: &[String]) -> Self {
        Self { languages: languages.to_vec(), ..Self::default() }
    }

    /// Another source is shown.
    pub fn forget(&mut self) {
        self.picked = None;
        self.files.clear();
        self.streams.clear();
    }

    #[cfg(test)]
    pub fn kept_files(&self) -> usize {
        self.files.len()
    }
}

impl Model {
    /// What an item's captions are called, in the order in which one goes through them: files first, then the streams of its
    /// container as soon as these are known.
    #[must_use]
    pub fn caption_names(&self, item: &Item) -> Vec<String> {
        let named = |(at, known): (usize, &Known<'_>)| match (known.label, known.language) {
            ("", "") => words::nameless(at + 1),
            ("", name) | (name, _) => name.to_owned(),
        };
        self.known_captions(item).iter().enumerate().map(named).collect()
    }

    /// Which of these are shown where captions are: what the viewer went on to, else the desktop's language, else the first.
    #[must_use]
    pub fn caption_place(&self, item: &Item) -> Option<usize> {
        self.place_among(item, &self.known_captions(item))
    }

    fn place_among(&self, item: &Item, known: &[Known<'_>]) -> Option<usize> {
        let own = self.captions.picked.as_ref().filter(|(id, at)| *id == item.id && *at < known.len()).map(|(_, at)| *at);
        let wanted = || known.iter().position(|known| self.captions.wanted.as_deref() == Some(known.key()));
        let spoken = || self.captions.languages.iter().find_map(|language| best(known, language));
        own.or_else(wanted).or_else(spoken).or_else(|| (!known.is_empty()).then_some(0))
    }

    /// Files of captions that are to be fetched: those of the current item and of the next one, while captions are shown.
    pub fn captions_wanted(&self) -> impl Iterator<Item = &CaptionFile> {
        let index = self.feed.index();
        let near = self.feed.items().iter().skip(index).take(2).filter(|_| self.preferences.captions);
        near.filter_map(|item| if let Some(Whence::File(file)) = self.chosen(item) { Some(file) } else { None })
    }

    /// What is to be read of an item at this moment, the first cue first. Nothing while captions are off.
    #[must_use]
    pub fn cues(&self, item: &Item, now: Duration) -> Vec<Arc<Cue>> {
        self.shown_track(item).map(|track| track.at(self.position_of(item, now)).cloned().collect()).unwrap_or_default()
    }

    /// Why the captions that should be shown of an item are not there.
    #[must_use]
    pub fn captions_failed(&self, item: &Item) -> Option<&Failure> {
        let Some(Whence::File(file)) = self.chosen(item) else { return None };
        self.captions.files.get(&file.at)?.as_ref().err()
    }

    fn known_captions<'a>(&'a self, item: &'a Item) -> Vec<Known<'a>> {
        let files = item.captions.iter().map(|file| Known { from: Whence::File(file), language: &file.language, label: &file.label });
        let info = self.tiles.get(&item.id).and_then(|tile| tile.info.as_ref());
        let streams = info.map(|info| info.captions.as_slice()).unwrap_or_default().iter().enumerate();
        let streams =
            streams.map(|(number, stream)| Known { from: Whence::Stream(number), language: &stream.language, label: &stream.label });
        files.chain(streams).collect()
    }

    fn chosen<'a>(&'a self, item: &'a Item) -> Option<Whence<'a>> {
        let known = self.known_captions(item);
        Some(known[self.place_among(item, &known)?].from)
    }

    fn shown_track(&self, item: &Item) -> Option<&Track> {
        if !self.preferences.captions {
            return None;
        }
        match self.chosen(item)? {
            Whence::File(file) => self.captions.files.get(&file.at)?.as_ref().ok().map(Arc::as_ref),
            Whence::Stream(number) => self.captions.streams.get(&(item.id.clone(), number)),
        }
    }
}

/// When what is to be read of the current item changes next, while it plays and its position is known to the moment.
pub(super) fn changes_at(model: &Model, now: Duration) -> Option<Duration> {
    let item = model.feed.current().filter(|_| model.plays())?;
    let tile = model.tiles.get(&item.id)?;
    // From a second on the position is not carried any further, and nothing can change by itself.
    let is_carried = tile.phase == Phase::Ready && now.saturating_sub(tile.position_at) < Duration::from_secs(1);
    let position = model.position_of(item, now);
    let at = model.shown_track(item).filter(|_| is_carried)?.changes_after(position)?;
    Some(now + at.saturating_sub(position))
}

/// Captions on or off.
pub(super) fn toggle(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    if !settings::set(model, &Setting::Captions(!model.preferences.captions), now, effects) {
        return;
    }
    let has_some = model.feed.current().is_some_and(|item| !model.known_captions(item).is_empty());
    let said = match (model.preferences.captions, has_some) {
        (true, true) => words::ON,
        (true, false) => words::NONE,
        (false, _) => words::OFF,
    };
    model.say(said, now);
}

/// On to the item's next captions; those of other items follow by their language.
pub(super) fn next(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().cloned() else { return };
    let Some(at) = model.caption_place(&item) else { return model.say(words::NONE, now) };
    let names = model.caption_names(&item);
    // Who had them off wants those that are first.
    let at = if model.preferences.captions { (at + 1) % names.len() } else { at };
    if !model.preferences.captions && !settings::set(model, &Setting::Captions(true), now, effects) {
        return;
    }
    let key = model.known_captions(&item)[at].key().to_owned();
    model.captions.wanted = Some(key);
    model.captions.picked = Some((item.id.clone(), at));
    model.say(words::switched_to(&names[at]), now);
}

/// A file was read, or could not be.
pub(super) fn came(model: &mut Model, at: MediaLocation, result: Result<Arc<Track>, Failure>) {
    if let Err(failure) = &result {
        tracing::info!(kind = failure.kind.name(), causes = ?failure.causes, "no captions: {}", failure.sentence);
    }
    if model.captions.files.len() >= FILES_MAX {
        let wanted: Vec<_> = model.captions_wanted().map(|file| file.at.clone()).collect();
        model.captions.files.retain(|at, _| wanted.contains(at));
    }
    model.captions.files.insert(at, result);
}

/// Cues came out of an item's own container.
pub(super) fn heard(model: &mut Model, generation: Generation, cues: Vec<(usize, Cue)>) {
    let Some(id) = model.item_of(generation).cloned() else { return };
    if model.captions.streams.len() >= STREAMS_MAX {
        let tiles = &model.tiles;
        model.captions.streams.retain(|(id, _), _| tiles.get(id).is_some_and(|tile| tile.generation.is_some()));
    }
    for (stream, cue) in cues {
        model.captions.streams.entry((id.clone(), stream)).or_default().add(cue);
    }
}

/// The captions nearest to a language: the same tag first (`pt-BR`), then one of the same first part (`pt`).
fn best(tracks: &[Known<'_>], language: &str) -> Option<usize> {
    let same = |track: &Known<'_>| track.language.eq_ignore_ascii_case(language);
    let first = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let near = |track: &Known<'_>| !track.language.is_empty() && is_same_language(&first(track.language), &first(language));
    tracks.iter().position(same).or_else(|| tracks.iter().position(near))
}
