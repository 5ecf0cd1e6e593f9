//! One item of a feed: who made it, what it is called, and where its media lies.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Blurhash, Failure, Live};

/// The stable identity of an item within its feed. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(Arc<str>);

impl ItemId {
    /// Wraps an identity as the source gave it.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Counts the assignments of items to player slots. A late answer that carries an older generation than the
/// model knows for the item belongs to a pipeline that was given up, and is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Generation(pub u64);

/// Where the bytes of an item come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MediaLocation {
    /// A file on this machine.
    File(PathBuf),
    /// An `http` or `https` address, signature included; the cache key leaves the signature out.
    Url(String),
    /// A clip of the sample reel that is built into the program, by its index.
    Sample(usize),
}

impl fmt::Display for MediaLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(url.split(['?', '#']).next().unwrap_or_default()),
            Self::Sample(index) => write!(f, "sample clip {}", index + 1),
        }
    }
}

/// A file of captions that belongs to an item, in WebVTT or SRT.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CaptionFile {
    /// Where it lies; no sample of the reel has one.
    pub at: MediaLocation,
    /// Its language as a tag (`en`, `pt-BR`); may be empty.
    pub language: String,
    /// What a viewer knows it by; may be empty.
    pub label: String,
}

/// One item of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Stable identity within the feed.
    pub id: ItemId,
    /// Where the media lies.
    pub media: MediaLocation,
    /// Who made it; may be empty.
    pub maker: String,
    /// Its title; may be empty.
    pub title: String,
    /// A longer text; may be empty.
    pub description: String,
    /// Tags without the leading `#`.
    pub tags: Vec<String>,
    /// Length as the feed tells it; the player knows better once the item is prerolled.
    pub duration: Option<Duration>,
    /// Width and height in pixels as the feed tells them.
    pub size: Option<(u32, u32)>,
    /// Number of likes, when the feed counts them.
    pub likes: Option<u64>,
    /// Number of views, when the feed counts them.
    pub views: Option<u64>,
    /// The `http` or `https` address of its poster, signature included.
    pub poster: Option<String>,
    /// Its captions, in the order in which they are offered.
    pub captions: Vec<CaptionFile>,
    /// SHA-256 of the whole media, when the feed tells it: media of another one is refused.
    pub sha256: Option<[u8; 32]>,
    /// Why the item cannot play, when the source knows already (an unreadable file, for example).
    pub problem: Option<Failure>,
    /// What the maker warns of; may be empty: then it is only known that there is something to warn of.
    pub warning: Option<String>,
    /// What is to be seen in it, for who does not see it; may be empty.
    pub alt: String,
    /// What stands for its poster.
    pub blurhash: Option<Blurhash>,
    /// How it stands with a live item.
    pub live: Option<Live>,
    /// What its service calls it in what it tells while it is watched; `None`: its identity.
    pub stream: Option<String>,
    /// The `http` or `https` address at which its feed tells it again, for when its addresses have expired.
    pub renewal: Option<String>,
}

impl Item {
    /// An item of which nothing is known but its identity and its media.
    #[must_use]
    pub fn bare(id: ItemId, media: MediaLocation) -> Self {
        Self {
            id,
            media,
            maker: String::new(),
            title: String::new(),
            description: String::new(),
            tags: Vec::new(),
            duration: None,
            size: None,
            likes: None,
            views: None,
            poster: None,
            captions: Vec::new(),
            sha256: None,
            problem: None,
            warning: None,
            alt: String::new(),
            blurhash: None,
            live: None,
            stream: None,
            renewal: None,
        }
    }

    /// What its service calls it in what it tells while it is watched.
    #[must_use]
    pub fn stream(&self) -> &str {
        self.stream.as_deref().unwrap_or(self.id.as_str())
    }
}
