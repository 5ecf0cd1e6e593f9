//! Takes over a cache folder: what its index tells is there at once, and what it does not tell is looked at
//! later, beside playback.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::books::Books;
use super::clock::CacheClock;
use super::folder::{FileName, Folder};
use super::index::Index;
use super::record::Record;
use super::store::Store;
use crate::cache::error::CacheError;
use crate::cache::ledger::{EntryId, FS_BLOCK, Ledger};
use crate::metrics::Counters;

/// How a disk cache is opened.
#[derive(Clone, Copy, Debug)]
pub struct DiskOptions {
    /// The bound in bytes.
    pub cap_bytes: u64,
    /// Entries that nobody used for so long are removed.
    pub max_age: Duration,
    /// What the wall clock says.
    pub now: SystemTime,
}

/// What lock, tag and an index of few entries take, in bytes.
const BASE_BYTES: u64 = 16 * FS_BLOCK;
/// What the index says of the blocks of a full cache, twice, is this part of the bound at most.
const INDEX_SHARE: u64 = 4096;

/// So many files that the index does not name are looked at before a start is over.
const UNREAD_AT_ONCE: usize = 64;

/// What is taken by what is no entry, in bytes.
pub(super) fn base_bytes(folder: &Folder, cap: u64) -> u64 {
    BASE_BYTES + cap / INDEX_SHARE + folder.own_bytes()
}

impl Store {
    /// Takes over the folder: believes its index as far as the names in the folder bear it out, counts all else
    /// that lies there, and trims to the bound. Looks only at files that may have grown since the index was
    /// written: those of entries that are not whole, and those that the index does not name.
    pub fn open(dir: &Path, options: DiskOptions, counters: Arc<Counters>) -> Result<Self, CacheError> {
        let DiskOptions { cap_bytes: cap, max_age, now } = options;
        let (folder, lock) = Folder::take(dir)?;
        let base = base_bytes(&folder, cap);
        if base + FS_BLOCK > cap {
            return Err(CacheError::NoRoom);
        }
        let mut books = Books::new(Ledger::new(cap, base));
        let mut listing = folder.list()?;
        let Index { clock, wall, entries } = folder.read_index().unwrap_or_default();
        for (id, seq, record) in entries {
            // Also of those that are gone: a number that the index knows must not come to mean another file.
            books.next_id = books.next_id.max(id + 1);
            let name = FileName::new(&record.hash, id);
            let twice = books.of_hash(&record.hash).is_some() || books.entries.contains_key(&id);
            let named = !twice && listing.entries.contains(&name);
            let bytes = if record.is_complete() { Some(0) } else { folder.taken(name, Some(record.length)) };
            match bytes.filter(|_| named) {
                Some(bytes) => {
                    listing.entries.remove(&name);
                    books.adopt(id, seq, record, bytes);
                }
                None => books.dropped += 1,
            }
        }
        folder.remove_strays(&listing.strays)?;
        books.strays += listing.strays.len() as u64;
        count_unread(&mut books, &folder, listing.entries.into_iter().collect())?;
        for id in books.ledger.over_cap() {
            if let Some(name) = books.leave(id) {
                folder.remove(name)?;
            }
            books.ledger.removed(id);
        }
        books.show(&counters);
        Counters::set(&counters.cache_cap_bytes, cap);
        let resumed = CacheClock::resume(clock, wall, now, max_age / 2);
        let store = Self::new(folder, lock, books, resumed, max_age, counters);
        if resumed.is_ahead_of(clock) {
            store.touch();
        }
        // What a kill left is known at once; what a lost index leaves is looked at beside playback.
        if store.books().unread.len() <= UNREAD_AT_ONCE {
            store.look_at_unread();
        }
        Ok(store)
    }

    /// Does what a start did not wait for: looks at the files that no index named, checks that the others are
    /// what they should be, and removes what is too old.
    pub fn settle(&self) {
        self.look_at_unread();
        self.check_files();
        self.expire();
    }

    /// Looks at the files that no index named.
    pub(super) fn look_at_unread(&self) {
        let mut unread: Vec<_> = self.books().unread.iter().map(|(id, name)| (*id, *name)).collect();
        // The newest first: of two versions of one thing it is the one to be kept.
        unread.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        if !unread.is_empty() {
            tracing::info!(files = unread.len(), "looking at files that the cache index does not name");
        }
        for (id, name) in unread {
            self.look_at(id, name);
        }
    }

    /// Checks that the files of whole entries are there and as long as they should be.
    fn check_files(&self) {
        let whole: Vec<_> = {
            let books = self.books();
            let whole = books.entries.iter().filter(|(_, entry)| !entry.dead && entry.record.is_complete());
            whole.map(|(id, entry)| (*id, FileName::new(&entry.record.hash, *id), entry.record.length)).collect()
        };
        for (id, name, length) in whole {
            match self.folder.taken(name, Some(length)) {
                Some(bytes) => self.books().ledger.found(id, bytes),
                None => {
                    if let Err(err) = self.spoiled(id) {
                        tracing::debug!("an entry whose file is not what it should be could not be removed: {err}");
                    }
                }
            }
        }
    }

    /// Takes in a file that no index named, when its trailer tells what it is; else removes it.
    fn look_at(&self, id: EntryId, name: FileName) {
        let told = self.folder.read_trailer(name);
        // What a kill leaves in the middle of a download is in order.
        let leftover = told.is_some() || self.folder.is_untold(name);
        let taken = told.as_ref().and_then(|(_, record)| self.folder.taken(name, Some(record.length)));
        let mut books = self.books();
        if !books.unread.contains_key(&id) {
            // Evicted meanwhile.
            return;
        }
        let newest = |record: &Record| books.of_hash(&record.hash).is_none_or(|other| other < id);
        let fresh = |(_, record): &(u64, Record)| newest(record) && !record.blocks.is_empty();
        if let Some(((seq, mut record), bytes)) = told.filter(fresh).zip(taken) {
            // A clock that was lost with the index has begun anew.
            record.used_at = record.used_at.min(self.clock.now());
            let older = books.of_hash(&record.hash);
            books.unread.remove(&id);
            books.adopt(id, seq, record, bytes);
            drop(books);
            if let Some(Err(err)) = older.map(|older| self.discard(older)) {
                tracing::debug!("an older version could not be removed: {err}");
            }
            self.touch();
        } else {
            books.strays += u64::from(!leftover);
            drop(books);
            if let Err(err) = self.remove_unread(name) {
                tracing::debug!("a file that tells nothing could not be removed: {err}");
            }
        }
    }

    /// Removes a file that no index named. Until it is gone it stays among those that others may evict: it takes its
    /// room, and only who struck it from them gives that back.
    pub(super) fn remove_unread(&self, name: FileName) -> Result<(), CacheError> {
        self.folder.remove(name)?;
        let mut books = self.books();
        if books.unread.remove(&name.id).is_some() {
            books.ledger.removed(name.id);
        }
        Ok(())
    }
}

/// Counts files that no index names, oldest first in the order of use and before all that it does name; those
/// that are no files, or whose numbers are taken, are removed.
fn count_unread(books: &mut Books, folder: &Folder, mut names: Vec<FileName>) -> Result<(), CacheError> {
    names.sort_unstable_by_key(|name| name.id);
    for name in names {
        let taken = folder.taken(name, None).filter(|_| !books.entries.contains_key(&name.id) && !books.unread.contains_key(&name.id));
        if let Some(bytes) = taken {
            books.ledger.adopt(name.id, bytes + FS_BLOCK, 0);
            books.unread.insert(name.id, name);
            books.next_id = books.next_id.max(name.id + 1);
        } else {
            folder.remove(name)?;
            books.strays += 1;
        }
    }
    Ok(())
}
