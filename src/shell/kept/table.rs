//! What is remembered, in memory: within bounds, of which the oldest go.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::{Fact, Keep, Place, Remembered, SourceName};
use crate::feed::{Cursor, ItemId};

/// Likes, and watched items, of all sources together.
const MARKS_MAX: usize = 20_000;
/// Sources whose place is known.
const SOURCES_MAX: usize = 200;
/// Sources that were opened last.
const RECENTS_MAX: usize = 12;
/// Longer names of items and sources are nothing that is worth a file full of them; in bytes.
const NAME_BYTES_MAX: usize = 2048;
/// Longer cursors are not kept; in bytes. The feed is walked from its start then.
const CURSOR_BYTES_MAX: usize = 2048;

/// One thing that happened, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(super) enum Line {
    Liked {
        source: String,
        item: String,
    },
    Unliked {
        source: String,
        item: String,
    },
    Watched {
        source: String,
        item: String,
    },
    Left {
        source: String,
        item: String,
        index: usize,
        position_ms: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
    },
    Opened {
        words: Vec<String>,
        label: String,
        /// In seconds since 1970.
        at: u64,
    },
}

impl Line {
    /// The line for a fact; `None` when it is not worth one.
    pub fn of(keep: &Keep) -> Option<Self> {
        let source = keep.source.to_string();
        let (Fact::Liked(id) | Fact::Unliked(id) | Fact::Watched(id) | Fact::Left(Place { item: id, .. })) = &keep.fact;
        if source.is_empty() || source.len() > NAME_BYTES_MAX || id.as_str().len() > NAME_BYTES_MAX {
            return None;
        }
        let item = id.as_str().to_owned();
        Some(match &keep.fact {
            Fact::Liked(_) => Self::Liked { source, item },
            Fact::Unliked(_) => Self::Unliked { source, item },
            Fact::Watched(_) => Self::Watched { source, item },
            Fact::Left(Place { index, position, cursor, .. }) => Self::Left {
                source,
                item,
                index: *index,
                position_ms: u64::try_from(position.as_millis()).unwrap_or(u64::MAX),
                cursor: cursor.as_ref().map(|cursor| cursor.0.clone()).filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX),
            },
        })
    }

    /// Whether nobody needs `older` once this is told.
    pub fn replaces(&self, older: &Self) -> bool {
        matches!((self, older), (Self::Left { source, .. }, Self::Left { source: before, .. }) if source == before)
    }
}

/// Keys with values, of which the newest are kept.
#[derive(Debug)]
struct Newest<K, V> {
    most: usize,
    next: u64,
    order: BTreeMap<u64, K>,
    values: HashMap<K, (u64, V)>,
}

impl<K: Clone + Eq + Hash, V> Newest<K, V> {
    fn new(most: usize) -> Self {
        Self { most, next: 0, order: BTreeMap::new(), values: HashMap::new() }
    }

    /// Puts a value in place of the one before, as the newest.
    fn put(&mut self, key: K, value: V) {
        self.remove(&key);
        self.order.insert(self.next, key.clone());
        self.values.insert(key, (self.next, value));
        self.next += 1;
        if self.values.len() > self.most
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.values.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &K) {
        if let Some((at, _)) = self.values.remove(key) {
            self.order.remove(&at);
        }
    }

    fn oldest_first(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.order.values().filter_map(|key| Some((key, &self.values.get(key)?.1)))
    }
}

/// An item of a source.
type Name = (String, String);

/// All that is remembered.
#[derive(Debug)]
pub(super) struct Table {
    likes: Newest<Name, ()>,
    watched: Newest<Name, ()>,
    /// The line that told it.
    places: Newest<String, Line>,
    /// Label and time.
    recents: Newest<Vec<String>, (String, u64)>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            likes: Newest::new(MARKS_MAX),
            watched: Newest::new(MARKS_MAX),
            places: Newest::new(SOURCES_MAX),
            recents: Newest::new(RECENTS_MAX),
        }
    }
}

impl Table {
    /// Takes in what happened.
    pub fn apply(&mut self, line: &Line) {
        match line {
            Line::Liked { source, item } => self.likes.put((source.clone(), item.clone()), ()),
            Line::Unliked { source, item } => self.likes.remove(&(source.clone(), item.clone())),
            Line::Watched { source, item } => self.watched.put((source.clone(), item.clone()), ()),
            Line::Left { source, .. } => self.places.put(source.clone(), line.clone()),
            Line::Opened { words, label, at } => self.recents.put(words.clone(), (label.clone(), *at)),
        }
    }

    /// The lines that tell all this, and nothing else, in an order in which they may be taken in.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let likes = self.likes.oldest_first().map(|((source, item), ())| Line::Liked { source: source.clone(), item: item.clone() });
        let watched = self.watched.oldest_first().map(|((source, item), ())| Line::Watched { source: source.clone(), item: item.clone() });
        let places = self.places.oldest_first().map(|(_, line)| line.clone());
        let recents = self.recents.oldest_first();
        let recents = recents.map(|(words, (label, at))| Line::Opened { words: words.clone(), label: label.clone(), at: *at });
        likes.chain(watched).chain(places).chain(recents)
    }

    /// What is known of a source.
    pub fn of(&self, source: &str) -> Remembered {
        let items = |marks: &Newest<Name, ()>| {
            let names = marks.oldest_first().filter(|((of, _), ())| of == source);
            names.map(|((_, item), ())| ItemId::new(item.as_str())).collect()
        };
        let recents = self.recents.oldest_first().rev();
        let recent = |(words, (label, _)): (&Vec<String>, &(String, u64))| SourceName { words: words.clone(), label: label.clone() };
        Remembered {
            source: source.into(),
            likes: items(&self.likes),
            watched: items(&self.watched),
            place: self.places.values.get(source).and_then(|(_, line)| place(line)),
            recents: recents.map(recent).collect(),
        }
    }
}

fn place(line: &Line) -> Option<Place> {
    let Line::Left { item, index, position_ms, cursor, .. } = line else { return None };
    let position = Duration::from_millis(*position_ms);
    Some(Place { item: ItemId::new(item.as_str()), index: *index, position, cursor: cursor.clone().map(Cursor) })
}
