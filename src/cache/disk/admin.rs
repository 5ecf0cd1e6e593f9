//! What can be asked of the disk cache from outside, and what it answers. Both travel as lines of JSON when
//! the cache belongs to another process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::open::DiskOptions;
use super::store::Store;
use crate::cache::error::CacheError;
use crate::metrics::Counters;

/// A question to a disk cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Request {
    /// How full it is.
    Stats,
    /// What is in it.
    List,
    /// Is every stored block what was written?
    Verify {
        /// Remove what is not.
        repair: bool,
    },
    /// Remove all that is not in use.
    Clear,
    /// Keep an entry whatever else has to go.
    Pin {
        /// The entry's id, or the beginning of it.
        id: String,
    },
    /// Let an entry go again like any other.
    Unpin {
        /// The entry's id, or the beginning of it.
        id: String,
    },
}

/// An answer. [`Reply::Progress`] may come any number of times before the one that ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// So far.
    Progress {
        /// Bytes looked at.
        done: u64,
        /// Bytes to be looked at.
        total: u64,
    },
    /// To [`Request::Stats`].
    Stats(Stats),
    /// To [`Request::List`]: the most recently used first.
    List {
        /// All entries.
        entries: Vec<Row>,
    },
    /// To [`Request::Verify`].
    Verified(Verified),
    /// To [`Request::Clear`].
    Cleared(Cleared),
    /// To [`Request::Pin`] and [`Request::Unpin`]: the entry as it is now.
    Entry(Row),
    /// It could not be done.
    Failed {
        /// Why, in one sentence.
        sentence: String,
    },
}

/// How full a disk cache is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Its folder.
    pub dir: PathBuf,
    /// Its bound in bytes.
    pub cap_bytes: u64,
    /// What it takes on disk in bytes, reservations included.
    pub disk_bytes: u64,
    /// Of these, reserved for writes under way.
    pub reserved_bytes: u64,
    /// Entries in all.
    pub entries: u64,
    /// Videos of which every byte is there.
    pub videos_ready: u64,
    /// Videos of which a part is there.
    pub videos_partial: u64,
    /// Pages of feeds.
    pub pages: u64,
    /// Posters.
    pub posters: u64,
    /// Files of captions.
    #[serde(default)]
    pub captions: u64,
    /// Entries that were pinned by a person.
    pub pinned: u64,
    /// What these take in bytes.
    pub pinned_bytes: u64,
    /// Entries that are being read or written.
    pub in_use: u64,
    /// Bytes fetched ahead for items of the open feed that nobody has seen yet.
    pub unwatched_bytes: u64,
    /// Files of an earlier run that are still to be looked at.
    pub unread: u64,
    /// Entries evicted in this run.
    pub evictions: u64,
    /// Blocks found damaged in this run.
    pub bad_blocks: u64,
    /// Entries that nobody used for so many days are removed.
    pub max_age_days: u64,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Tells it from others: twelve hexadecimal digits.
    pub id: String,
    /// `video`, `page`, `poster` or `captions`.
    pub kind: String,
    /// What a person knows it by; may be empty.
    pub label: String,
    /// Length in bytes.
    pub length: u64,
    /// Bytes of it that are there.
    pub bytes: u64,
    /// Every byte is there.
    pub ready: bool,
    /// Pinned by a person.
    pub pinned: bool,
    /// Being read or written.
    pub in_use: bool,
    /// Seconds since it was last used, as far as the cache's own clock can tell.
    pub idle_s: u64,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Entries looked at.
    pub entries: u64,
    /// Blocks read.
    pub blocks: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Blocks whose bytes are not those that were written, or cannot be read.
    pub bad_blocks: u64,
    /// Entries whose file is missing, of another length, or no file at all; those included that were struck for
    /// it since the last check.
    pub bad_entries: u64,
    /// Files that belong to no entry; those included that were removed for it since the last check, as each start
    /// does with what a crash left.
    pub strays: u64,
    /// What was found was removed.
    pub repaired: bool,
}

impl Verified {
    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.bad_blocks + self.bad_entries + self.strays == 0
    }
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// Entries removed.
    pub entries: u64,
    /// Bytes they took on disk.
    pub bytes: u64,
    /// Of these entries, how many are still being played: their room is free once that ends.
    pub in_use: u64,
}

/// Why a disk cache cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Another process has it.
    #[error("the cache in {0} is in use by another process")]
    InUse(PathBuf),
    /// The folder cannot be used.
    #[error("the cache in {dir} can’t be used: {why}")]
    Unusable {
        /// The folder.
        dir: PathBuf,
        /// Why.
        why: String,
    },
}

impl DiskError {
    /// Whether the same thing may succeed later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::InUse(_))
    }
}

/// A disk cache, to be asked about. Cheap to clone; all methods touch the disk.
#[derive(Clone)]
pub struct DiskCache {
    store: Arc<Store>,
    /// Opened for this, and not by a running program, which does by itself what is left to do after a start.
    alone: bool,
}

impl DiskCache {
    /// That of a running program.
    pub(in crate::cache) fn of(store: Arc<Store>) -> Self {
        Self { store, alone: false }
    }

    /// Takes over the cache in `dir`, which is made when it is not there.
    ///
    /// # Errors
    /// When another process has it, or the folder cannot be used.
    pub fn open(dir: &Path, options: DiskOptions) -> Result<Self, DiskError> {
        match Store::open(dir, options, Arc::new(Counters::default())) {
            Ok(store) => Ok(Self { store: Arc::new(store), alone: true }),
            Err(CacheError::Locked) => Err(DiskError::InUse(dir.to_owned())),
            Err(err) => {
                let cause = std::error::Error::source(&err).map(|cause| format!(": {cause}")).unwrap_or_default();
                Err(DiskError::Unusable { dir: dir.to_owned(), why: format!("{err}{cause}") })
            }
        }
    }

    /// Answers; `progress` hears bytes done and bytes in all, now and then, on the calling thread.
    #[must_use]
    pub fn answer(&self, request: &Request, progress: &mut dyn FnMut(u64, u64)) -> Reply {
        self.answer_unless(&AtomicBool::new(false), request, progress)
    }

    /// Removes everything but what a person pinned; `progress` hears entries looked at and entries in all, on the calling
    /// thread.
    #[must_use]
    pub fn clear_unpinned(&self, progress: &mut dyn FnMut(u64, u64)) -> Cleared {
        self.store.clear(true, progress)
    }

    /// The same for somebody who may go: once `given_up` is true, what takes long ends early, and the answer is of no
    /// use.
    #[must_use]
    pub fn answer_unless(&self, given_up: &AtomicBool, request: &Request, progress: &mut dyn FnMut(u64, u64)) -> Reply {
        let store = &self.store;
        if self.alone {
            store.look_at_unread();
        }
        let reply = match request {
            Request::Stats => Reply::Stats(store.stats()),
            Request::List => Reply::List { entries: store.rows() },
            Request::Verify { repair } => Reply::Verified(store.verify(*repair, given_up, progress)),
            Request::Clear => Reply::Cleared(store.clear(false, &mut |_, _| ())),
            Request::Pin { id } => told(store.set_kept(id, true)),
            Request::Unpin { id } => told(store.set_kept(id, false)),
        };
        match store.flush() {
            Err(err) if self.alone => Reply::Failed { sentence: format!("The cache could not be written: {err}.") },
            _ => reply,
        }
    }
}

fn told(entry: Result<Row, String>) -> Reply {
    entry.map_or_else(|sentence| Reply::Failed { sentence }, Reply::Entry)
}
