//! What happened when: display frames, pictures, uploads, transfers, states and swipes, kept in memory for a while.
//!
//! There is one recorder for the process, as there is one log: threads of GStreamer's and tasks of the runtime tell it
//! without carrying a handle through every room. While it is off, telling it anything costs one relaxed load. It knows
//! items by a hash: no address, no title and no name is in a trace.

#[cfg(feature = "client")]
pub mod chrome;
mod ring;
pub mod tables;
mod threads;
mod transfer;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub use self::ring::RECORDS_MAX;
use self::ring::Ring;
pub use self::transfer::Transfer;

/// The recorder of this process.
pub static TRACE: Recorder = Recorder::new();

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// A display frame, and what the UI thread spent on it. The amount is 1 while anything moved.
    Frame,
    /// Pictures put on the GPU; the amount says how many.
    Upload,
    /// One picture decoded, of the assignment that is the id.
    Decode,
    /// One decoded picture made ready for the screen, of the assignment that is the id.
    Picture,
    /// A request for media; the item is the media's hash.
    Media,
    /// A request for a page of a feed.
    Page,
    /// A request for a poster.
    Poster,
    /// A request for a file of captions.
    Captions,
    /// An item near the current one, by its hash; its state is of an assignment.
    Item,
    /// A pipeline, by the number of the attempt; its state is of an assignment.
    Pipeline,
    /// A swipe, from its commitment to its first frame.
    Swipe,
}

impl What {
    /// What the UI thread alone tells. It has a ring of its own: a streaming thread runs at a lower priority, and one
    /// that is put aside in the middle of a push must not hold a display frame up.
    fn is_of_ui(self) -> bool {
        matches!(self, Self::Frame | Self::Upload | Self::Item | Self::Swipe)
    }
}

/// What is told of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// The thread was busy with it for so long.
    Work {
        /// How long.
        took: Duration,
        /// How much, in the unit of the [`What`].
        amount: u64,
    },
    /// It lasted so long, beside whatever its thread did meanwhile.
    Lasted {
        /// How long.
        took: Duration,
        /// What it was.
        name: &'static str,
    },
    /// It begins, for this item.
    Begun {
        /// The hash of the item; 0 for none.
        item: u64,
    },
    /// It has come so far.
    Step(&'static str),
    /// It has ended.
    Ended {
        /// Bytes that came.
        bytes: u64,
        /// How it ended.
        outcome: &'static str,
    },
    /// It is in this state from now on.
    State {
        /// Which.
        state: &'static str,
        /// The assignment it belongs to.
        of: u64,
    },
    /// It is no more.
    Gone,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// When it happened or began, counted from the start of the program.
    pub at: Duration,
    /// The thread that told of it.
    pub thread: u32,
    /// What it is about.
    pub what: What,
    /// Which of its kind.
    pub id: u64,
    /// What is told of it.
    pub how: How,
}

impl Record {
    /// When it was over.
    #[must_use]
    pub fn end(&self) -> Duration {
        match self.how {
            How::Work { took, .. } | How::Lasted { took, .. } => self.at + took,
            _ => self.at,
        }
    }
}

/// What a recorder had at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// By their beginning; of two that begin at once the longer one first.
    pub records: Vec<Record>,
    /// Names of the threads in them.
    pub threads: Vec<(u32, String)>,
    /// Records that had to make room for newer ones.
    pub dropped: u64,
    /// When this was.
    pub until: Duration,
}

/// Keeps records from all threads, the newest [`RECORDS_MAX`] of them at most.
#[derive(Debug)]
pub struct Recorder {
    on: AtomicBool,
    /// Nanoseconds; 0: as many as there is room for.
    keep: AtomicU64,
    numbers: AtomicU64,
    epoch: OnceLock<Instant>,
    of_ui: Mutex<Ring>,
    of_others: Mutex<Ring>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// One that is off.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            on: AtomicBool::new(false),
            keep: AtomicU64::new(0),
            numbers: AtomicU64::new(1),
            epoch: OnceLock::new(),
            of_ui: Mutex::new(Ring::new()),
            of_others: Mutex::new(Ring::new()),
        }
    }

    /// Begins to record, with times counted from `epoch` (the first one that was ever given); what is older than
    /// `keep` may go, where that is given.
    pub fn start(&self, epoch: Instant, keep: Option<Duration>) {
        self.epoch.get_or_init(|| epoch);
        let nanos = keep.map_or(0, |keep| u64::try_from(keep.as_nanos()).unwrap_or(u64::MAX));
        self.keep.store(nanos, Ordering::Relaxed);
        self.on.store(true, Ordering::Release);
    }

    /// Whether it records.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Time since the epoch.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.epoch.get().map(Instant::elapsed).unwrap_or_default()
    }

    /// A display frame that the UI thread worked on from `began` to `ended`.
    pub fn frame(&self, began: Duration, ended: Duration, moving: bool) {
        if self.is_on() {
            self.add(began, What::Frame, 0, How::Work { took: ended.saturating_sub(began), amount: u64::from(moving) });
        }
    }

    /// A swipe that is over: `name` says what it was, and `took` how long its first frame was waited for.
    pub fn swipe(&self, committed_at: Duration, took: Duration, name: &'static str) {
        if self.is_on() {
            self.add(committed_at, What::Swipe, self.number(), How::Lasted { took, name });
        }
    }

    /// The thread works from now until the guard is dropped.
    pub fn work(&self, what: What, id: u64, amount: u64) -> Work<'_> {
        Work { began: self.is_on().then(|| (self, self.now())), what, id, amount }
    }

    /// The thread worked from `began`, which [`Self::now`] told, until now.
    pub fn worked(&self, what: What, id: u64, began: Duration) {
        if self.is_on() {
            self.add(began, what, id, How::Work { took: self.now().saturating_sub(began), amount: 1 });
        }
    }

    /// A request begins that ends when the guard is dropped.
    pub fn transfer(&'static self, what: What, item: u64) -> Transfer {
        Transfer::begin(self, what, item)
    }

    /// From now on `id` is in this state, of the assignment `of`.
    pub fn state(&self, what: What, id: u64, of: u64, state: &'static str) {
        if self.is_on() {
            self.add(self.now(), what, id, How::State { state, of });
        }
    }

    /// `id` is no more.
    pub fn gone(&self, what: What, id: u64) {
        if self.is_on() {
            self.add(self.now(), what, id, How::Gone);
        }
    }

    /// What was recorded since `since`. What is still under way then begins there.
    #[must_use]
    pub fn taken(&self, since: Duration) -> Taken {
        let mut dropped = 0;
        let mut records = Vec::new();
        for ring in [&self.of_ui, &self.of_others] {
            // Full chunks are only shared under the lock, so that nobody waits for them to be copied.
            let (full, newest, lost) = lock(ring).shared();
            records.extend(full.iter().flat_map(|chunk| chunk.iter().copied()));
            records.extend(newest);
            dropped += lost;
        }
        let records = ring::since(records, since);
        let threads = threads::names(&records);
        Taken { records, threads, dropped, until: self.now() }
    }

    /// A number that no other record of its kind has.
    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn add(&self, at: Duration, what: What, id: u64, how: How) {
        let record = Record { at, thread: threads::current(), what, id, how };
        let oldest = match self.keep.load(Ordering::Relaxed) {
            0 => None,
            keep => self.now().checked_sub(Duration::from_nanos(keep)),
        };
        let ring = if what.is_of_ui() { &self.of_ui } else { &self.of_others };
        let freed = lock(ring).push(record, oldest);
        // Given back to the system only after the lock is open.
        drop(freed);
    }
}

fn lock(ring: &Mutex<Ring>) -> MutexGuard<'_, Ring> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work under way on this thread; dropping it tells.
#[must_use = "the work lasts until this is dropped"]
#[derive(Debug)]
pub struct Work<'a> {
    began: Option<(&'a Recorder, Duration)>,
    what: What,
    id: u64,
    amount: u64,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if let Some((recorder, began)) = self.began {
            let took = recorder.now().saturating_sub(began);
            recorder.add(began, self.what, self.id, How::Work { took, amount: self.amount });
        }
    }
}

/// What stands in a trace for a name that nobody else should read.
#[must_use]
pub fn hash_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
