//! The disk cache: finds, makes and removes entries, and makes room for them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::books::{Books, OpenBooks};
use super::clock::CacheClock;
use super::folder::{FileName, Folder};
use super::layout::{block_cost, entry_cost, whole_cost};
use super::pin::Pin;
use super::record::{Kind, Record};
use super::sync::{AtomicBool, Mutex};
use crate::cache::blocks::{block_start, range_map};
use crate::cache::error::{CacheError, io_error};
use crate::cache::key::CacheKey;
use crate::cache::ledger::{EntryId, Reserve};
use crate::cache::validator::Validator;
use crate::feed::Item;
use crate::metrics::{Counters, RangeMap};

/// Entries of one video that are kept at most.
const MAX_OF_ONE_VIDEO: usize = 10;

/// The disk cache. [`Store::find`] and [`Store::stored`] are quick; all else touches the disk.
pub(in crate::cache) struct Store {
    /// Its files.
    pub(super) folder: Folder,
    /// Where it counts.
    pub(super) counters: Arc<Counters>,
    /// Something changed that the index on disk does not tell. Waited for by the task that writes it.
    pub(in crate::cache) changed: Arc<Notify>,
    pub(super) clock: CacheClock,
    pub(super) max_age: Duration,
    dirty: AtomicBool,
    books: Mutex<Books>,
    /// Held while room is made, so that nobody takes the room that another one made. Taken before `books`.
    making_room: Mutex<()>,
    /// Held while a block becomes a hole, so that its room is given back once however many find it bad. Taken before
    /// `books`.
    forgetting: Mutex<()>,
    /// Held while the index is written: two writers would write the same temporary file.
    writing: Mutex<()>,
    /// What keeps a second process out.
    lock: Mutex<File>,
}

/// What is known of an entry when it is found.
pub(in crate::cache) struct Found {
    /// Keeps it.
    pub pin: Pin,
    /// Length of the media in bytes.
    pub length: u64,
    /// Which version it is.
    pub validator: Validator,
    /// The SHA-256 of all of it, when it was checked.
    pub sha256: Option<[u8; 32]>,
    /// The blocks that are stored.
    pub blocks: Vec<u32>,
}

/// What an entry is to be made for.
#[derive(Clone, Debug, Default)]
pub(in crate::cache) struct About {
    /// What it is.
    pub kind: Kind,
    /// What a person knows it by; cut to a line.
    pub label: String,
    /// Entries of one number belong to one video; 0 belongs to none.
    pub video: u64,
    /// It is fetched ahead for an item that nobody has watched yet.
    pub unwatched: bool,
}

impl About {
    /// The media of an item at an address.
    pub fn of(item: &Item, url: &str) -> Self {
        let video = u64::from_le_bytes(*CacheKey::new("video", item.id.as_str(), "").identity().first_chunk().unwrap_or(&[0; 8]));
        let name = || url.split(['?', '#']).next().and_then(|path| path.rsplit('/').find(|part| !part.is_empty())).unwrap_or_default();
        let label = if item.title.is_empty() { name().to_owned() } else { item.title.clone() };
        Self { kind: Kind::Video, label, video, unwatched: true }
    }
}

impl Store {
    pub(super) fn new(folder: Folder, lock: File, books: Books, clock: CacheClock, max_age: Duration, counters: Arc<Counters>) -> Self {
        Self {
            folder,
            counters,
            changed: Arc::new(Notify::new()),
            clock,
            max_age,
            dirty: AtomicBool::new(false),
            books: Mutex::new(books),
            making_room: Mutex::new(()),
            forgetting: Mutex::new(()),
            writing: Mutex::new(()),
            lock: Mutex::new(lock),
        }
    }

    /// The entry of `key`, pinned, when there is one.
    pub fn find(self: &Arc<Self>, key: &CacheKey) -> Option<Found> {
        let now = self.clock.now();
        let mut books = self.books();
        let (id, entry) = books.find(key)?;
        let record = &mut entry.record;
        record.used_at = now;
        let (length, validator, sha256) = (record.length, record.validator.clone(), record.sha256);
        let blocks = record.blocks.keys().copied().collect();
        books.ledger.pin(id);
        drop(books);
        self.touch();
        Some(Found { pin: Pin::new(Arc::clone(self), FileName::new(&key.hash(), id), length, None), length, validator, sha256, blocks })
    }

    /// Bytes stored of `key`, and the length of its media.
    pub fn stored(&self, key: &CacheKey) -> Option<(u64, u64)> {
        let mut books = self.books();
        let (_, entry) = books.find(key)?;
        Some((entry.record.stored(), entry.record.length))
    }

    /// Which parts of the media of `key` are stored.
    pub fn range_map(&self, key: &CacheKey) -> Option<RangeMap> {
        let mut books = self.books();
        let record = &books.find(key)?.1.record;
        Some(range_map(record.length, record.blocks.keys().copied()))
    }

    /// Begins an entry, pinned; one of the same key is removed.
    pub fn create(self: &Arc<Self>, key: &CacheKey, length: u64, validator: Validator, about: &About) -> Result<Pin, CacheError> {
        let pin = self.create_hidden(key, length, validator, about)?;
        pin.publish()?;
        Ok(pin)
    }

    /// Begins an entry that is not found, and replaces nothing, before it is published.
    pub fn create_hidden(self: &Arc<Self>, key: &CacheKey, length: u64, validator: Validator, about: &About) -> Result<Pin, CacheError> {
        let (id, too_many) = {
            let mut books = self.books();
            if !books.ledger.could_hold(whole_cost(length)) {
                return Err(CacheError::NoRoom);
            }
            books.next_id += 1;
            (books.next_id - 1, books.too_many_of(about.video, MAX_OF_ONE_VIDEO - 1))
        };
        for other in too_many {
            self.discard(other)?;
            Counters::add(&self.counters.cache_evictions, 1);
        }
        let cost = entry_cost(length);
        self.reserve(id, cost)?;
        let name = FileName::new(&key.hash(), id);
        let created = match self.folder.create(name, length) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                self.remake_folder().and_then(|()| self.folder.create(name, length).map_err(io_error("making a cache file")))
            }
            other => other.map_err(io_error("making a cache file")),
        };
        let mut books = self.books();
        match created {
            Ok(file) => {
                books.ledger.commit(id, cost);
                books.ledger.pin(id);
                books.ledger.set_unwatched(id, about.unwatched);
                let record = Record {
                    kind: about.kind,
                    hash: key.hash(),
                    identity: key.identity(),
                    length,
                    validator,
                    label: Record::label_of(&about.label),
                    video: about.video,
                    used_at: self.clock.now(),
                    blocks: BTreeMap::new(),
                    ..Record::default()
                };
                books.begin(id, record);
                drop(books);
                self.touch();
                Ok(Pin::new(Arc::clone(self), name, length, Some(file)))
            }
            Err(err) => {
                books.ledger.removed(id);
                Err(err)
            }
        }
    }

    /// Makes a hidden entry the one that is found, and removes those it replaces.
    pub(super) fn publish(&self, name: FileName) -> Result<(), CacheError> {
        let (replaced, unread) = {
            let mut books = self.books();
            (books.publish(name.id), books.unread_twins(name))
        };
        for older in unread {
            self.remove_unread(older)?;
        }
        if let Some(before) = replaced {
            self.discard(before)?;
        }
        self.touch();
        Ok(())
    }

    /// Writes the index, and the trailers of what has changed, when something has.
    pub fn flush(&self) -> Result<(), CacheError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.dirty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        self.write_trailers();
        let bytes = self.books().index(self.clock.now(), self.clock.wall());
        let written = match self.folder.write_index(&bytes) {
            Err(CacheError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                self.remake_folder().and_then(|()| self.folder.write_index(&self.books().index(self.clock.now(), self.clock.wall())))
            }
            other => other,
        };
        let base = super::open::base_bytes(&self.folder, self.books().ledger.cap());
        self.books().ledger.set_base(base);
        written.inspect_err(|_| self.dirty.store(true, Ordering::Release))
    }

    /// Writes the trailers of what has changed: cheap, and enough for a start to know of it after a kill.
    pub fn write_trailers(&self) {
        let stale = self.books().take_stale();
        for (name, seq, record) in stale {
            // Only a lost index needs them, and a file that is gone needs none.
            if let Err(err) = self.folder.write_trailer(name, seq, &record) {
                tracing::debug!("a trailer could not be written: {err}");
            }
        }
    }

    /// Reserves bytes for an entry, evicting others for it.
    pub(super) fn reserve(&self, id: EntryId, bytes: u64) -> Result<(), CacheError> {
        let _making_room = self.making_room.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut books = self.books();
            let victims = match books.ledger.reserve(id, bytes) {
                Reserve::Granted => return Ok(()),
                Reserve::Refused => return Err(CacheError::NoRoom),
                Reserve::Evict(victims) => victims,
            };
            let gone: Vec<_> = victims.into_iter().map(|id| (id, books.leave(id))).collect();
            drop(books);
            for (id, name) in gone {
                // A file that cannot be removed goes on being counted: it still takes its room.
                if name.is_none_or(|name| self.folder.remove(name).is_ok()) {
                    self.books().ledger.removed(id);
                    Counters::add(&self.counters.cache_evictions, 1);
                }
            }
            self.touch();
        }
    }

    /// The checksum of a block, when it is stored.
    pub(super) fn checksum(&self, id: EntryId, block: u32) -> Option<u32> {
        self.books().entries.get(&id)?.record.blocks.get(&block).copied()
    }

    /// Notes a block as stored, with its checksum.
    pub(super) fn set_checksum(&self, id: EntryId, block: u32, checksum: u32) {
        if let Some(entry) = self.books().entries.get_mut(&id) {
            entry.record.blocks.insert(block, checksum);
            entry.stale = true;
        }
        self.touch();
    }

    /// A block is not what was written (`checksum` says what that was): it becomes a hole again.
    pub(super) fn forget(&self, id: EntryId, file: &File, block: u32, length: u64, checksum: u32) {
        let cost = block_cost(block, length);
        let _forgetting = self.forgetting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.checksum(id, block) != Some(checksum) {
            return;
        }
        // While the checksum stands nobody writes there.
        let punched = cost > 0 && Folder::punch(file, block_start(block), cost).is_ok();
        let mut books = self.books();
        if let Some(entry) = books.entries.get_mut(&id) {
            entry.record.blocks.remove(&block);
            entry.stale = true;
            if punched {
                books.ledger.freed(id, cost);
            }
            Counters::add(&self.counters.cache_bad_blocks, 1);
        }
        drop(books);
        self.touch();
    }

    /// Notes the SHA-256 of an entry that was found to be what was asked for.
    pub(super) fn set_sha256(&self, id: EntryId, sha256: [u8; 32]) {
        if let Some(entry) = self.books().entries.get_mut(&id) {
            entry.record.sha256 = Some(sha256);
            entry.stale = true;
        }
        self.touch();
    }

    /// Removes an entry whoever uses it; its bytes are counted until the last user is gone.
    pub(super) fn discard(&self, id: EntryId) -> Result<(), CacheError> {
        self.withdraw(id).map_or(Ok(()), |name| self.remove_withdrawn(name))
    }

    /// The first half of a removal, which does not touch the disk: from now on nobody finds the entry. Returns its file,
    /// unless it was withdrawn before.
    pub(super) fn withdraw(&self, id: EntryId) -> Option<FileName> {
        self.books().kill(id)
    }

    /// The second half: its file.
    pub(super) fn remove_withdrawn(&self, name: FileName) -> Result<(), CacheError> {
        let id = name.id;
        let removed = self.folder.remove(name);
        let mut books = self.books();
        if let Some(entry) = books.entries.get_mut(&id) {
            entry.there = removed.is_err();
        }
        books.bury(id);
        drop(books);
        self.touch();
        removed
    }

    /// The file of an entry is not the one it should be: nothing of it is there any more. What was removed before is
    /// gone, not damaged, and whoever has its file open may go on reading.
    pub(super) fn spoiled(&self, id: EntryId) -> Result<(), CacheError> {
        let mut books = self.books();
        if let Some(entry) = books.entries.get_mut(&id).filter(|entry| !entry.dead && !entry.record.blocks.is_empty()) {
            let blocks = std::mem::take(&mut entry.record.blocks).len();
            books.dropped += 1;
            Counters::add(&self.counters.cache_bad_blocks, blocks as u64);
        }
        drop(books);
        self.discard(id)
    }

    /// One user of an entry is gone.
    pub(super) fn unpin(&self, id: EntryId) {
        let now = self.clock.now();
        let mut books = self.books();
        books.ledger.unpin(id);
        let unused = books.ledger.pins(id) == 0;
        let forsaken = books.entries.get_mut(&id).is_some_and(|entry| {
            entry.record.used_at = now;
            unused && !entry.dead && (entry.hidden || entry.record.blocks.is_empty())
        });
        if forsaken {
            // Nobody will ever find it, or find anything in it.
            drop(books);
            if let Err(err) = self.discard(id) {
                tracing::debug!("a file that was given up stays until the next start: {err}");
            }
            return;
        }
        books.bury(id);
        drop(books);
        self.touch();
    }

    /// Says whether an entry was fetched ahead for an item that nobody has watched yet.
    pub fn set_unwatched(&self, key: &CacheKey, unwatched: bool) {
        let mut books = self.books();
        if let Some((id, _)) = books.find(key) {
            books.ledger.set_unwatched(id, unwatched);
        }
    }

    /// What was fetched ahead is like anything else from now on.
    pub fn abandon_unwatched(&self) {
        self.books().ledger.abandon_unwatched();
    }

    /// Removes what nobody has used for too long.
    pub fn expire(&self) {
        let before = self.clock.now().saturating_sub(self.max_age.as_secs());
        let old = self.books().unused_since(before);
        for id in old {
            if let Err(err) = self.discard(id) {
                tracing::debug!("an entry that is too old could not be removed: {err}");
            }
        }
    }

    /// The folder was removed under us: makes it anew. What was in it is gone, but for files still open.
    fn remake_folder(&self) -> Result<(), CacheError> {
        if let Some(lock) = self.folder.remake()? {
            *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = lock;
        }
        let names: Vec<_> = self.books().entries.iter().map(|(id, entry)| FileName::new(&entry.record.hash, *id)).collect();
        let gone: Vec<_> = names.into_iter().filter(|name| !self.folder.has(*name)).collect();
        let mut books = self.books();
        for FileName { id, .. } in gone {
            books.kill(id);
            if let Some(entry) = books.entries.get_mut(&id) {
                entry.there = false;
            }
            books.bury(id);
        }
        Ok(())
    }

    pub(super) fn touch(&self) {
        self.dirty.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    pub(super) fn books(&self) -> OpenBooks<'_> {
        OpenBooks::new(self.books.lock().unwrap_or_else(PoisonError::into_inner), &self.counters)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing it alone would not do: a process that is just being started has a copy of it for a moment.
        let lock = self.lock.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Err(err) = lock.unlock() {
            tracing::debug!("the cache lock could not be given back: {err}");
        }
    }
}
