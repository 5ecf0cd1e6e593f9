//! The disk cache: which entries there are, what they take, and who has to go for whom.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::folder::Folder;
use super::index::{IndexEntry, Validator};
use super::pin::Pin;
use crate::cache::blocks::block_len;
use crate::cache::error::{CacheError, io_error};
use crate::cache::key::CacheKey;
use crate::cache::ledger::{EntryId, Ledger, Reserve};
use crate::metrics::Counters;

/// An entry, as the index tells it.
struct Record {
    hash: [u8; 32],
    identity: [u8; 32],
    length: u64,
    validator: Validator,
    /// The checksums of the blocks that are stored.
    blocks: BTreeMap<u32, u32>,
    /// Removed while somebody still has the file open: counted, but not found any more.
    dead: bool,
}

struct Inner {
    ledger: Ledger,
    records: HashMap<EntryId, Record>,
    by_hash: HashMap<[u8; 32], EntryId>,
    next_id: EntryId,
}

/// The disk cache. [`Store::find`] and [`Store::stored`] are quick; all else touches the disk.
pub(in crate::cache) struct Store {
    /// Its files.
    pub folder: Folder,
    /// Where it counts.
    pub counters: Arc<Counters>,
    /// Something changed that the index on disk does not tell. Waited for by the task that writes it.
    pub changed: Arc<Notify>,
    dirty: AtomicBool,
    inner: Mutex<Inner>,
    /// Held while room is made, so that nobody takes the room that another one made. Taken before `inner`.
    making_room: Mutex<()>,
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
    /// The blocks that are stored.
    pub blocks: Vec<u32>,
}

impl Store {
    /// Takes over the folder: reads its index, drops what does not fit it, and trims to the bound.
    pub fn open(dir: &Path, cap: u64, counters: Arc<Counters>) -> Result<Self, CacheError> {
        if !Ledger::new(cap).could_hold(1) {
            return Err(CacheError::NoRoom);
        }
        let (folder, lock) = Folder::take(dir)?;
        let mut inner = Inner { ledger: Ledger::new(cap), records: HashMap::new(), by_hash: HashMap::new(), next_id: 1 };
        let mut found = folder.scan()?;
        for entry in folder.read_index() {
            // The file system may have given it more than its blocks account for.
            if !inner.has(&entry)
                && let Some(on_disk) = Folder::claim(&mut found, &entry.hash, entry.id, entry.length)
            {
                inner.adopt(entry, on_disk);
            }
        }
        folder.remove_strays(found)?;
        for id in inner.ledger.over_cap() {
            if let Some(record) = inner.remove(id) {
                folder.remove(&record.hash, id)?;
            }
            inner.ledger.removed(id);
        }
        counters.set_disk_bytes(inner.ledger.total());
        Counters::set(&counters.cache_cap_bytes, cap);
        Ok(Self {
            folder,
            counters,
            changed: Arc::new(Notify::new()),
            dirty: AtomicBool::new(false),
            inner: Mutex::new(inner),
            making_room: Mutex::new(()),
            writing: Mutex::new(()),
            lock: Mutex::new(lock),
        })
    }

    /// The entry of `key`, pinned, when there is one.
    pub fn find(self: &Arc<Self>, key: &CacheKey) -> Option<Found> {
        let mut inner = self.inner();
        let (id, record) = inner.find(key)?;
        let (length, validator, blocks) = (record.length, record.validator.clone(), record.blocks.keys().copied().collect());
        inner.ledger.pin(id);
        drop(inner);
        self.touch();
        Some(Found { pin: Pin::new(Arc::clone(self), id, key.hash(), length, None), length, validator, blocks })
    }

    /// Bytes stored of `key`, and the length of its media.
    pub fn stored(&self, key: &CacheKey) -> Option<(u64, u64)> {
        let inner = self.inner();
        let (_, record) = inner.find(key)?;
        Some((record.blocks.keys().map(|block| block_len(*block, record.length)).sum(), record.length))
    }

    /// Begins an entry, pinned; one of the same key is removed.
    pub fn create(self: &Arc<Self>, key: &CacheKey, length: u64, validator: Validator) -> Result<Pin, CacheError> {
        let (id, before) = {
            let mut inner = self.inner();
            if !inner.ledger.could_hold(length) {
                return Err(CacheError::NoRoom);
            }
            inner.next_id += 1;
            (inner.next_id - 1, inner.by_hash.get(&key.hash()).copied())
        };
        if let Some(before) = before {
            self.discard(before)?;
        }
        self.reserve(id, 0)?;
        let created = match self.folder.create(&key.hash(), id, length) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                self.remake_folder().and_then(|()| self.folder.create(&key.hash(), id, length).map_err(io_error("making a cache file")))
            }
            other => other.map_err(io_error("making a cache file")),
        };
        let mut inner = self.inner();
        match created {
            Ok(file) => {
                inner.ledger.pin(id);
                let (hash, identity) = (key.hash(), key.identity());
                inner.add(id, Record { hash, identity, length, validator, blocks: BTreeMap::new(), dead: false });
                drop(inner);
                self.touch();
                Ok(Pin::new(Arc::clone(self), id, hash, length, Some(file)))
            }
            Err(err) => {
                inner.ledger.removed(id);
                Err(err)
            }
        }
    }

    /// Writes the index when something changed.
    pub fn flush(&self) -> Result<(), CacheError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.dirty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let entries = self.inner().entries();
        let written = match self.folder.write_index(&entries) {
            Err(CacheError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                self.remake_folder().and_then(|()| self.folder.write_index(&self.inner().entries()))
            }
            other => other,
        };
        written.inspect_err(|_| self.dirty.store(true, Ordering::Release))
    }

    /// Reserves bytes for an entry, evicting others for it.
    pub fn reserve(&self, id: EntryId, bytes: u64) -> Result<(), CacheError> {
        let _making_room = self.making_room.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut inner = self.inner();
            let victims = match inner.ledger.reserve(id, bytes) {
                Reserve::Granted => {
                    self.counters.set_disk_bytes(inner.ledger.total());
                    return Ok(());
                }
                Reserve::Refused => return Err(CacheError::NoRoom),
                Reserve::Evict(victims) => victims,
            };
            let gone: Vec<_> = victims.into_iter().map(|id| (id, inner.remove(id))).collect();
            drop(inner);
            for (id, record) in gone {
                // A file that cannot be removed goes on being counted: it still takes its room.
                if record.is_none_or(|record| self.folder.remove(&record.hash, id).is_ok()) {
                    self.inner().ledger.removed(id);
                    Counters::add(&self.counters.cache_evictions, 1);
                }
            }
            self.touch();
        }
    }

    /// Reserved bytes have been written.
    pub fn commit(&self, id: EntryId, bytes: u64) {
        self.inner().ledger.commit(id, bytes);
    }

    /// The checksum of a block, when it is stored.
    pub fn checksum(&self, id: EntryId, block: u32) -> Option<u32> {
        self.inner().records.get(&id)?.blocks.get(&block).copied()
    }

    /// Notes a block as stored with its checksum, or as not stored.
    pub fn set_checksum(&self, id: EntryId, block: u32, checksum: Option<u32>) {
        if let Some(record) = self.inner().records.get_mut(&id) {
            match checksum {
                Some(checksum) => record.blocks.insert(block, checksum),
                None => record.blocks.remove(&block),
            };
        }
        self.touch();
    }

    /// Removes an entry whoever uses it; its bytes are counted until the last user is gone.
    pub fn discard(&self, id: EntryId) -> Result<(), CacheError> {
        let Some(hash) = self.inner().kill(id) else { return Ok(()) };
        self.folder.remove(&hash, id)?;
        self.inner().bury(id, &self.counters);
        self.touch();
        Ok(())
    }

    /// One user of an entry is gone.
    pub fn unpin(&self, id: EntryId) {
        let mut inner = self.inner();
        inner.ledger.unpin(id);
        inner.bury(id, &self.counters);
        drop(inner);
        self.touch();
    }

    /// The folder was removed under us: makes it anew. What was in it is gone, but for files still open.
    fn remake_folder(&self) -> Result<(), CacheError> {
        if let Some(lock) = self.folder.remake()? {
            *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = lock;
        }
        let mut inner = self.inner();
        let gone: Vec<_> = inner.records.iter().filter(|(id, record)| !self.folder.has(&record.hash, **id)).map(|(id, _)| *id).collect();
        for id in gone {
            inner.kill(id);
            inner.bury(id, &self.counters);
        }
        Ok(())
    }

    fn touch(&self) {
        self.dirty.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn find(&self, key: &CacheKey) -> Option<(EntryId, &Record)> {
        let id = *self.by_hash.get(&key.hash())?;
        let record = self.records.get(&id).filter(|record| record.identity == key.identity())?;
        Some((id, record))
    }

    fn add(&mut self, id: EntryId, record: Record) {
        self.by_hash.insert(record.hash, id);
        self.records.insert(id, record);
    }

    fn has(&self, entry: &IndexEntry) -> bool {
        self.by_hash.contains_key(&entry.hash) || self.records.contains_key(&entry.id)
    }

    fn adopt(&mut self, entry: IndexEntry, on_disk: u64) {
        let IndexEntry { id, seq, hash, identity, length, validator, blocks } = entry;
        let bytes: u64 = blocks.iter().map(|(block, _)| Ledger::cost(block_len(*block, length))).sum();
        self.ledger.adopt(id, bytes.max(on_disk), seq);
        self.next_id = self.next_id.max(id + 1);
        self.add(id, Record { hash, identity, length, validator, blocks: blocks.into_iter().collect(), dead: false });
    }

    fn remove(&mut self, id: EntryId) -> Option<Record> {
        let record = self.records.remove(&id)?;
        if self.by_hash.get(&record.hash) == Some(&id) {
            self.by_hash.remove(&record.hash);
        }
        Some(record)
    }

    /// Makes an entry impossible to find; returns its hash, unless that was so already.
    fn kill(&mut self, id: EntryId) -> Option<[u8; 32]> {
        let record = self.records.get_mut(&id).filter(|record| !record.dead)?;
        record.dead = true;
        let hash = record.hash;
        self.by_hash.remove(&hash);
        Some(hash)
    }

    /// Strikes an entry that is dead and that nobody uses any more.
    fn bury(&mut self, id: EntryId, counters: &Counters) {
        if self.ledger.pins(id) == 0 && self.records.get(&id).is_some_and(|record| record.dead) {
            self.records.remove(&id);
            self.ledger.removed(id);
            counters.set_disk_bytes(self.ledger.total());
        }
    }

    fn entries(&self) -> Vec<IndexEntry> {
        let alive = self.records.iter().filter(|(_, record)| !record.dead && !record.blocks.is_empty());
        let entry = |(id, record): (&EntryId, &Record)| IndexEntry {
            id: *id,
            seq: self.ledger.seq(*id),
            hash: record.hash,
            identity: record.identity,
            length: record.length,
            validator: record.validator.clone(),
            blocks: record.blocks.iter().map(|(block, crc)| (*block, *crc)).collect(),
        };
        alive.map(entry).collect()
    }
}
