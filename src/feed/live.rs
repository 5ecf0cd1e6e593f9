//! Whether an item is live, and who watches.

/// How it stands with a live item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiveStatus {
    /// It has not begun.
    Scheduled,
    /// It is live now.
    Live,
    /// It is over.
    Ended,
}

/// What a feed tells of a live item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Live {
    /// How it stands.
    pub status: LiveStatus,
    /// How many watch, when the feed counts them.
    pub viewers: Option<u64>,
}
