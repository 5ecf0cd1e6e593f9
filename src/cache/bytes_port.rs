//! How a player reads the bytes of an item, wherever they come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::feed::{Failure, FailureKind, Item};
use crate::words::failures as words;

/// How eagerly bytes ahead of the reading position should be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// Nothing ahead: only what a read waits for, when nothing that plays needs the line.
    Peek,
    /// Only what is asked for and a head that lets it start.
    Preroll,
    /// All of it, as long as it fits.
    Playing,
}

/// Why a read brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// [`ByteReader::set_interrupted`] was called.
    #[error("the read was interrupted")]
    Interrupted,
    /// Nothing came within the time allowed.
    #[error("no bytes came within {0:?}")]
    TimedOut(Duration),
    /// The bytes cannot be had.
    #[error("{}", .0.sentence)]
    Failed(Failure),
}

impl ReadError {
    /// Whether the same read may succeed later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Interrupted | Self::TimedOut(_) => true,
            Self::Failed(failure) => failure.kind.retryable(),
        }
    }

    /// The failure a viewer is told of.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            err @ Self::TimedOut(_) => Failure::new(FailureKind::Timeout, words::REST_LATE).because(err.to_string()),
            err @ Self::Interrupted => Failure::new(FailureKind::Player, words::INTERRUPTED).because(err.to_string()),
        }
    }
}

/// One reader of one item's bytes. Each pipeline opens its own; what lies behind is shared.
pub trait ByteReader: Send + Sync {
    /// The length of the media in bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads some bytes at `offset`; blocks until at least one is there. 0 only at or past the end.
    ///
    /// # Errors
    /// [`ReadError`] when interrupted, when nothing came in time, or when the bytes cannot be had.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError>;

    /// How many bytes from `offset` on can be read without waiting.
    fn ready_from(&self, offset: u64) -> u64;

    /// While set, waiting reads return [`ReadError::Interrupted`] at once.
    fn set_interrupted(&self, interrupted: bool);

    /// Says how eagerly to fetch ahead for this reader.
    fn set_demand(&self, demand: Demand);
}

/// An item whose length and first bytes are there.
pub struct Opened {
    /// Reads the bytes.
    pub reader: Arc<dyn ByteReader>,
    /// The first bytes, up to [`crate::feed::SNIFF_BYTES`] of them.
    pub head: Vec<u8>,
    /// Whether the bytes a start needs were on disk (or in memory) already.
    pub from_cache: bool,
}

/// Called once with what became of an opening, on any thread; must not block.
pub type OpenDone = Box<dyn FnOnce(Result<Opened, Failure>) + Send>;

/// Cancels an opening when dropped; its answer may still come and must be told by its generation.
#[derive(Debug, Default)]
pub struct OpenTicket(Arc<AtomicBool>);

impl OpenTicket {
    /// A ticket and the flag that turns true when it is dropped.
    #[must_use]
    pub fn new() -> (Self, Arc<AtomicBool>) {
        let cancelled = Arc::new(AtomicBool::new(false));
        (Self(Arc::clone(&cancelled)), cancelled)
    }
}

impl Drop for OpenTicket {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Opens items for reading. Returns at once; the answer comes through `done`.
pub trait MediaOpener: Send + Sync {
    /// Starts opening `item`; what takes longer than `within` fails as [`FailureKind::Timeout`].
    fn open(&self, item: Arc<Item>, demand: Demand, within: Duration, done: OpenDone) -> OpenTicket;
}
