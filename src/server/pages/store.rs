//! Where pages are kept: what a memory of one process and a Redis of many have to do alike.
//!
//! Every store counts epochs: an invalidation begins a new one. A page is kept only in the epoch in which its making began, so
//! what was true before a change is never kept after it.

use std::future::Future;
use std::time::Duration;

use super::entry::Entry;
use super::key::{PageKey, Scope};

/// What a store says of a key.
#[derive(Debug)]
pub(super) struct Look {
    /// The epoch at the moment of the look. Those of two stores have nothing to do with each other.
    pub epoch: u64,
    /// The page, however old it is.
    pub entry: Option<Entry>,
}

/// What a store says of a key to who wants to make its page.
#[derive(Debug)]
pub(super) struct Claim {
    pub look: Look,
    /// Whether it is for this process to make the page. If not, another one is making it.
    pub granted: bool,
}

/// Pages that are kept, by feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct Counts {
    pub discover: u64,
    pub community: u64,
    /// All others: those of users and of streams.
    pub other: u64,
}

impl Counts {
    /// Pages that are kept, of all feeds.
    pub fn total(&self) -> u64 {
        self.discover + self.community + self.other
    }
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub bytes: u64,
    /// What it may hold at most, where that is known.
    pub bytes_max: Option<u64>,
}

impl Usage {
    /// Whether it is so full that nothing should be kept that nobody has asked for yet: over 80 %.
    pub fn is_pressed(&self) -> bool {
        self.bytes_max.is_some_and(|max| self.bytes > max / 5 * 4)
    }
}

/// A store of pages. Each call fails as a whole, when the store cannot be asked now.
pub(super) trait PageStore: Clone + Send + Sync + 'static {
    /// Why it cannot be asked.
    type Gone: Send;

    /// No page may be good for longer than this.
    fn lifetime_max(&self) -> Duration;

    /// What is kept at `key`.
    fn look(&self, key: &PageKey) -> impl Future<Output = Result<Look, Self::Gone>> + Send;

    /// The same, and makes it this process's turn to make the page, unless another process has it or `epoch` is over. Whoever
    /// was granted it calls [`keep`](Self::keep) or [`give_up`](Self::give_up).
    fn claim(&self, key: &PageKey, epoch: u64) -> impl Future<Output = Result<Claim, Self::Gone>> + Send;

    /// Keeps a page whose making began in `epoch`, unless that is over. Whether it is kept.
    fn keep(&self, key: &PageKey, entry: &Entry, epoch: u64) -> impl Future<Output = Result<bool, Self::Gone>> + Send;

    /// Lets others make the page.
    fn give_up(&self, key: &PageKey, epoch: u64) -> impl Future<Output = Result<(), Self::Gone>> + Send;

    /// Begins a new epoch and lets the pages of `scope` go that were made before it. How many there were.
    fn delete(&self, scope: &Scope) -> impl Future<Output = Result<u64, Self::Gone>> + Send;

    /// How many pages are kept.
    fn counts(&self) -> impl Future<Output = Result<Counts, Self::Gone>> + Send;

    /// How much it holds.
    fn usage(&self) -> impl Future<Output = Result<Usage, Self::Gone>> + Send;
}
