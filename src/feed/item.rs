//! One item of a feed: who made it, what it is called, and where its media lies.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Failure;

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
    /// SHA-256 of the whole media, when the feed tells it: media of another one is refused.
    pub sha256: Option<[u8; 32]>,
    /// Why the item cannot play, when the source knows already (an unreadable file, for example).
    pub problem: Option<Failure>,
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
            sha256: None,
            problem: None,
        }
    }
}
