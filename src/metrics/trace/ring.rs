//! Where records lie: chunks in the order in which they came, of which the oldest goes first.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::{How, Record};

/// Records in a chunk: what is copied under the lock at most, some 150 KB in 20 µs.
pub(super) const CHUNK: usize = 2048;
/// Full chunks that a ring keeps.
pub(super) const CHUNKS: usize = 48;
/// The most records that a recorder keeps: those of the UI thread and those of all others.
pub const RECORDS_MAX: usize = 2 * CHUNK * (CHUNKS + 1);

/// A chunk that is full.
pub(super) type Chunk = Arc<Vec<Record>>;

/// The newest records.
#[derive(Debug)]
pub(super) struct Ring {
    full: VecDeque<Chunk>,
    newest: Vec<Record>,
    dropped: u64,
}

impl Ring {
    pub const fn new() -> Self {
        Self { full: VecDeque::new(), newest: Vec::new(), dropped: 0 }
    }

    /// Adds a record; what only has older ones than `oldest`, or no room any more, comes back to be freed.
    pub fn push(&mut self, record: Record, oldest: Option<Duration>) -> Vec<Chunk> {
        if self.newest.capacity() == 0 {
            self.newest.reserve_exact(CHUNK);
        }
        self.newest.push(record);
        let mut freed = Vec::new();
        if self.newest.len() < CHUNK {
            return freed;
        }
        let full = std::mem::replace(&mut self.newest, Vec::with_capacity(CHUNK));
        self.full.push_back(Arc::new(full));
        let is_old = |chunk: &Chunk| oldest.is_some_and(|oldest| chunk.iter().all(|record| record.end() < oldest));
        while self.full.front().is_some_and(is_old) {
            freed.extend(self.full.pop_front());
        }
        if self.full.len() > CHUNKS {
            self.dropped += CHUNK as u64;
            freed.extend(self.full.pop_front());
        }
        freed
    }

    /// The full chunks, a copy of the newest records, and how many were lost.
    pub fn shared(&self) -> (Vec<Chunk>, Vec<Record>, u64) {
        (self.full.iter().cloned().collect(), self.newest.clone(), self.dropped)
    }
}

/// The records that are not over before `since`, in order. What began or came into its state earlier, and is still
/// under way or in it, begins at `since`.
pub(super) fn since(mut records: Vec<Record>, since: Duration) -> Vec<Record> {
    records.sort_by_key(|record| (record.at, Reverse(record.end())));
    let first = records.partition_point(|record| record.at < since);
    let mut standing = HashMap::new();
    for record in &records[..first] {
        let whose = (record.what, record.id);
        match record.how {
            How::Begun { .. } | How::State { .. } => {
                standing.insert(whose, *record);
            }
            How::Ended { .. } | How::Gone => {
                standing.remove(&whose);
            }
            How::Work { .. } | How::Lasted { .. } | How::Step(_) => {}
        }
    }
    let mut kept: Vec<_> = standing.into_values().map(|record| Record { at: since, ..record }).collect();
    kept.sort_by_key(|record| (record.what, record.id));
    kept.extend_from_slice(&records[first..]);
    kept
}
