//! The videos that feeds are made of: those of the catalogue that are shown, with what orders and filters look at.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

use super::item;
use crate::server::catalogue::{Video, Videos};
use crate::server::status::StreamStatus;

/// A video, and what of it is looked at again and again.
#[derive(Clone, Debug)]
pub struct Entry {
    pub video: Arc<Video>,
    pub maker: String,
    /// In small letters.
    pub tags: Vec<String>,
}

impl Entry {
    pub fn new(video: &Arc<Video>) -> Self {
        Self { maker: item::maker_of(video), tags: item::tags_of(video), video: Arc::clone(video) }
    }

    pub fn id(&self) -> &str {
        &self.video.id
    }

    /// When it was made, as far as is known.
    pub fn created(&self) -> SystemTime {
        self.video.modified
    }

    /// What events call the stream that it is, if it is one.
    pub fn stream(&self) -> Option<&str> {
        let live = self.video.details().live.as_ref()?;
        Some(live.stream_id.as_deref().unwrap_or(&self.video.id))
    }

    /// The state of the stream that it is, if it is one: as it was set (`streams`), else as it is told beside the video.
    pub fn status(&self, streams: &HashMap<String, StreamStatus>) -> Option<StreamStatus> {
        let live = self.video.details().live.as_ref()?;
        Some(self.stream().and_then(|stream| streams.get(stream).copied()).unwrap_or(live.status))
    }
}

/// The videos as they are now, in the folder's order.
#[derive(Debug)]
pub struct Listing {
    source: Videos,
    pub entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    /// The same for the same files, at every replica.
    pub digest: u64,
}

impl Listing {
    pub fn new(source: &Videos) -> Self {
        let entries: Vec<Entry> = source.iter().filter(|video| !video.details().is_hidden).map(Entry::new).collect();
        let by_id = entries.iter().enumerate().map(|(at, entry)| (entry.id().to_owned(), at)).collect();
        let mut hasher = DefaultHasher::new();
        for entry in &entries {
            (entry.id(), entry.video.bytes, entry.video.modified).hash(&mut hasher);
        }
        Self { source: Arc::clone(source), entries, by_id, digest: hasher.finish() }
    }

    /// Whether it was made of `source`.
    pub fn is_of(&self, source: &Videos) -> bool {
        Arc::ptr_eq(&self.source, source)
    }

    /// The video with the identity `id`.
    pub fn find(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).and_then(|at| self.entries.get(*at))
    }

    /// What is told beside the video that is the stream `id`.
    pub fn stream(&self, id: &str) -> Option<StreamStatus> {
        let entry = self.entries.iter().find(|entry| entry.stream() == Some(id))?;
        entry.video.details().live.as_ref().map(|live| live.status)
    }
}
