//! What the store knows, kept together under one lock that is never held over input or output: the entries by
//! number and by hash, and the ledger of what they take.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use super::folder::FileName;
use super::index;
use super::layout::{block_cost, entry_cost};
use super::record::Record;
use super::sync::MutexGuard;
use crate::cache::key::CacheKey;
use crate::cache::ledger::{EntryId, Ledger};
use crate::metrics::Counters;

/// An entry as it is now.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says of the entry what the others do not")]
pub(super) struct Entry {
    pub record: Record,
    /// Removed while somebody still uses it: counted, but not found any more.
    pub dead: bool,
    /// Not to be found yet: it takes the place of another one when it is whole.
    pub hidden: bool,
    /// Dead, and its file is not removed yet, or could not be: it still takes its room.
    pub there: bool,
    /// The trailer of its file does not tell what it should.
    pub stale: bool,
}

/// What the store knows.
#[derive(Debug)]
pub(super) struct Books {
    pub ledger: Ledger,
    pub entries: HashMap<EntryId, Entry>,
    by_hash: HashMap<[u8; 32], EntryId>,
    pub next_id: EntryId,
    /// Files that no index names: counted, and still to be looked at.
    pub unread: HashMap<EntryId, FileName>,
    /// Entries that were struck because their files were not what they should be, until somebody is told.
    pub dropped: u64,
    /// Files that were removed because they belonged to nothing, until somebody is told.
    pub strays: u64,
}

/// The books while somebody has them open. When they are closed the gauges say what they come to, whatever was done:
/// who changes them need not think of it.
pub(super) struct OpenBooks<'a> {
    books: MutexGuard<'a, Books>,
    counters: &'a Counters,
}

impl<'a> OpenBooks<'a> {
    pub fn new(books: MutexGuard<'a, Books>, counters: &'a Counters) -> Self {
        Self { books, counters }
    }
}

impl Deref for OpenBooks<'_> {
    type Target = Books;

    fn deref(&self) -> &Books {
        &self.books
    }
}

impl DerefMut for OpenBooks<'_> {
    fn deref_mut(&mut self) -> &mut Books {
        &mut self.books
    }
}

impl Drop for OpenBooks<'_> {
    fn drop(&mut self) {
        self.books.show(self.counters);
    }
}

impl Books {
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger, entries: HashMap::new(), by_hash: HashMap::new(), next_id: 1, unread: HashMap::new(), dropped: 0, strays: 0 }
    }

    /// Says what they come to in bytes.
    pub fn show(&self, counters: &Counters) {
        counters.set_disk_bytes(self.ledger.total());
        Counters::set(&counters.cache_pinned_bytes, self.ledger.pinned_bytes());
        Counters::set(&counters.cache_reserved_bytes, self.ledger.reserved_bytes());
    }

    /// The entry of a key, when both of its hashes agree.
    pub fn find(&mut self, key: &CacheKey) -> Option<(EntryId, &mut Entry)> {
        let id = *self.by_hash.get(&key.hash())?;
        let entry = self.entries.get_mut(&id).filter(|entry| entry.record.identity == key.identity())?;
        Some((id, entry))
    }

    /// The entry that has the hash of a key, whether or not it is of that key.
    pub fn of_hash(&self, hash: &[u8; 32]) -> Option<EntryId> {
        self.by_hash.get(hash).copied()
    }

    /// Takes in an entry that is on disk, which takes `bytes`.
    pub fn adopt(&mut self, id: EntryId, seq: u64, record: Record, bytes: u64) {
        self.ledger.adopt(id, bytes.max(Self::cost(&record)), seq);
        self.ledger.set_kept(id, record.pinned);
        self.next_id = self.next_id.max(id + 1);
        self.by_hash.insert(record.hash, id);
        self.entries.insert(id, Entry { record, ..Entry::default() });
    }

    /// Takes in an entry that is being made: hidden, until it is published.
    pub fn begin(&mut self, id: EntryId, record: Record) {
        self.entries.insert(id, Entry { record, hidden: true, stale: true, ..Entry::default() });
    }

    /// Makes an entry that was hidden the one that is found; returns the one it replaces. What a person asked
    /// to keep is kept in its new version.
    pub fn publish(&mut self, id: EntryId) -> Option<EntryId> {
        let hash = self.entries.get(&id)?.record.hash;
        let before = self.by_hash.insert(hash, id).filter(|before| *before != id);
        let pinned = before.and_then(|before| self.entries.get(&before)).is_some_and(|entry| entry.record.pinned);
        let entry = self.entries.get_mut(&id)?;
        entry.hidden = false;
        entry.record.pinned |= pinned;
        self.ledger.set_kept(id, entry.record.pinned);
        before
    }

    /// Files that were not looked at yet and that hold older versions of what `name` is the file of.
    pub fn unread_twins(&self, name: FileName) -> Vec<FileName> {
        self.unread.values().copied().filter(|other| other.is_twin(name)).collect()
    }

    /// Forgets an entry that is leaving, or a file that was not looked at; returns its file.
    pub fn leave(&mut self, id: EntryId) -> Option<FileName> {
        if let Some(name) = self.unread.remove(&id) {
            return Some(name);
        }
        let entry = self.entries.remove(&id)?;
        self.unname(&entry.record.hash, id);
        Some(FileName::new(&entry.record.hash, id))
    }

    /// Makes an entry impossible to find; returns its file, which is to be removed, unless that was so already.
    pub fn kill(&mut self, id: EntryId) -> Option<FileName> {
        let entry = self.entries.get_mut(&id).filter(|entry| !entry.dead)?;
        (entry.dead, entry.there) = (true, true);
        let hash = entry.record.hash;
        self.unname(&hash, id);
        Some(FileName::new(&hash, id))
    }

    /// Strikes an entry that is dead, whose file is gone, and that nobody uses any more.
    pub fn bury(&mut self, id: EntryId) {
        if self.ledger.pins(id) == 0 && self.entries.get(&id).is_some_and(|entry| entry.dead && !entry.there) {
            self.entries.remove(&id);
            self.ledger.removed(id);
        }
    }

    /// Entries of one video, those used least recently first, but for `most` of them: too many.
    pub fn too_many_of(&self, video: u64, most: usize) -> Vec<EntryId> {
        if video == 0 {
            return Vec::new();
        }
        let of_video = |(_, entry): &(&EntryId, &Entry)| entry.record.video == video && !entry.dead;
        let mut ids: Vec<_> = self.entries.iter().filter(of_video).map(|(id, _)| (self.ledger.seq(*id), *id)).collect();
        ids.sort_unstable();
        ids.truncate(ids.len().saturating_sub(most));
        ids.into_iter().map(|(_, id)| id).filter(|id| self.ledger.may_go(*id)).collect()
    }

    /// Entries that nobody has used since `before` on the cache's own clock, and that may go.
    pub fn unused_since(&self, before: u64) -> Vec<EntryId> {
        let old = |(id, entry): &(&EntryId, &Entry)| entry.record.used_at < before && !entry.dead && self.ledger.may_go(**id);
        self.entries.iter().filter(old).map(|(id, _)| *id).collect()
    }

    /// The index as bytes.
    pub fn index(&self, clock: u64, wall: u64) -> Vec<u8> {
        let lasting = self.entries.iter().filter(|(_, entry)| !entry.dead && !entry.hidden && !entry.record.blocks.is_empty());
        index::encode(clock, wall, lasting.map(|(id, entry)| (*id, self.ledger.seq(*id), &entry.record)))
    }

    /// Entries whose trailers have to be written; they count as written.
    pub fn take_stale(&mut self) -> Vec<(FileName, u64, Record)> {
        let ledger = &self.ledger;
        self.entries
            .iter_mut()
            .filter(|(_, entry)| entry.stale && !entry.dead && !entry.hidden && !entry.record.blocks.is_empty())
            .map(|(id, entry)| {
                entry.stale = false;
                (FileName::new(&entry.record.hash, *id), ledger.seq(*id), entry.record.clone())
            })
            .collect()
    }

    /// What an entry takes by its blocks, in bytes.
    pub fn cost(record: &Record) -> u64 {
        entry_cost(record.length) + record.blocks.keys().map(|block| block_cost(*block, record.length)).sum::<u64>()
    }

    fn unname(&mut self, hash: &[u8; 32], id: EntryId) {
        if self.by_hash.get(hash) == Some(&id) {
            self.by_hash.remove(hash);
        }
    }
}
