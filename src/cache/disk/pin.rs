//! A user of one entry of the disk cache: reads and writes its blocks, and keeps it from being evicted.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use super::store::Store;
use crate::cache::blocks::{block_len, block_start};
use crate::cache::error::{CacheError, io_error};
use crate::cache::ledger::{EntryId, Ledger};
use crate::metrics::Counters;

/// A user of an entry: while it exists, the entry is not evicted.
pub(in crate::cache) struct Pin {
    store: Arc<Store>,
    id: EntryId,
    hash: [u8; 32],
    length: u64,
    /// Opened at the first use.
    file: Mutex<Option<Arc<File>>>,
}

impl Pin {
    /// For the store alone, which has counted it.
    pub(in crate::cache) fn new(store: Arc<Store>, id: EntryId, hash: [u8; 32], length: u64, file: Option<File>) -> Self {
        Self { store, id, hash, length, file: Mutex::new(file.map(Arc::new)) }
    }

    /// A block, when it is stored and its checksum is right. A wrong one is forgotten and counted.
    pub fn read(&self, block: u32) -> Option<Vec<u8>> {
        let crc = self.store.checksum(self.id, block)?;
        let mut bytes = vec![0; usize::try_from(block_len(block, self.length)).ok()?];
        let read = self.file().and_then(|file| file.read_exact_at(&mut bytes, block_start(block)));
        if read.is_ok() && crc32fast::hash(&bytes) == crc {
            return Some(bytes);
        }
        Counters::add(&self.store.counters.cache_bad_blocks, 1);
        self.store.set_checksum(self.id, block, None);
        None
    }

    /// Stores a block, which must be as long as it should be.
    pub fn write(&self, block: u32, bytes: &[u8]) -> Result<(), CacheError> {
        if self.store.checksum(self.id, block).is_some() {
            return Ok(());
        }
        let cost = Ledger::cost(bytes.len() as u64);
        self.store.reserve(self.id, cost)?;
        let written = self.file().and_then(|file| file.write_all_at(bytes, block_start(block)));
        // Counted as used even when it failed: part of it may have reached the disk.
        self.store.commit(self.id, cost);
        written.map_err(io_error("writing a cache file"))?;
        self.store.set_checksum(self.id, block, Some(crc32fast::hash(bytes)));
        Ok(())
    }

    /// Removes the entry: what is in it is not what the server has any more.
    pub fn discard(&self) -> Result<(), CacheError> {
        self.store.discard(self.id)
    }

    fn file(&self) -> io::Result<Arc<File>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*file {
            return Ok(Arc::clone(file));
        }
        let opened = self.store.folder.open(&self.hash, self.id, self.length)?;
        Ok(Arc::clone(file.insert(Arc::new(opened))))
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        // Closed first: until then the bytes of a removed file still take their room.
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.store.unpin(self.id);
    }
}
