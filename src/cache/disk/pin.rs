//! A user of one entry of the disk cache: reads and writes its blocks, and keeps it from being evicted.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::folder::{FileName, Folder};
use super::layout::block_cost;
use super::store::Store;
use super::sync::{AtomicBool, Mutex};
use crate::cache::blocks::{block_len, block_start};
use crate::cache::error::{CacheError, io_error};

/// A user of an entry: while it exists, the entry is not evicted.
pub(in crate::cache) struct Pin {
    store: Arc<Store>,
    name: FileName,
    length: u64,
    /// Opened at the first use.
    file: Mutex<Option<Arc<File>>>,
    /// There was no such file any more, or another one.
    lost: AtomicBool,
}

impl Pin {
    /// For the store alone, which has counted it.
    pub(super) fn new(store: Arc<Store>, name: FileName, length: u64, file: Option<File>) -> Self {
        Self { store, name, length, file: Mutex::new(file.map(Arc::new)), lost: AtomicBool::new(false) }
    }

    /// A block, when it is stored and its checksum is right. A wrong one is forgotten and counted.
    ///
    /// # Errors
    /// When the disk does not let it be read now; it may well be good.
    pub fn read(&self, block: u32) -> Result<Option<Vec<u8>>, CacheError> {
        let Some(crc) = self.store.checksum(self.name.id, block) else { return Ok(None) };
        let file = match self.file() {
            Ok(file) => file,
            Err(err) if is_another(&err) => return self.spoiled().map(|()| None),
            Err(err) => return Err(io_error("opening a cache file")(err)),
        };
        let mut bytes = vec![0; usize::try_from(block_len(block, self.length)).unwrap_or_default()];
        match file.read_exact_at(&mut bytes, block_start(block)) {
            Ok(()) if crc32fast::hash(&bytes) == crc => return Ok(Some(bytes)),
            Ok(()) => {}
            Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(err) => return Err(io_error("reading a cache file")(err)),
        }
        self.store.forget(self.name.id, &file, block, self.length, crc);
        Ok(None)
    }

    /// Stores a block, which must be as long as it should be.
    pub fn write(&self, block: u32, bytes: &[u8]) -> Result<(), CacheError> {
        let id = self.name.id;
        if self.store.checksum(id, block).is_some() {
            return Ok(());
        }
        let file = match self.file() {
            Ok(file) => file,
            // Removed while it was in use: what comes now has no place any more.
            Err(err) if is_another(&err) => return self.spoiled().and(Err(CacheError::NoRoom)),
            Err(err) => return Err(io_error("opening a cache file")(err)),
        };
        let cost = block_cost(block, self.length);
        self.store.reserve(id, cost)?;
        let written = file.write_all_at(bytes, block_start(block));
        if let Err(err) = written {
            // Part of it may have reached the disk.
            match Folder::punch(&file, block_start(block), cost.max(1)) {
                Ok(()) => self.store.books().ledger.release(id, cost),
                Err(_) => self.store.books().ledger.commit(id, cost),
            }
            return Err(io_error("writing a cache file")(err));
        }
        self.store.books().ledger.commit(id, cost);
        self.store.set_checksum(id, block, crc32fast::hash(bytes));
        Ok(())
    }

    /// Whether the entry is gone, or its file is not the one it should be.
    pub fn is_spoiled(&self) -> bool {
        self.lost.load(Ordering::Acquire)
            || self.store.books().entries.get(&self.name.id).is_none_or(|entry| entry.dead && entry.record.blocks.is_empty())
    }

    /// Makes an entry that was hidden the one that is found.
    pub fn publish(&self) -> Result<(), CacheError> {
        self.store.publish(self.name)
    }

    /// Notes the SHA-256 of the entry, which was found to be what was asked for.
    pub fn set_sha256(&self, sha256: [u8; 32]) {
        self.store.set_sha256(self.name.id, sha256);
    }

    /// Removes the entry: what is in it is not what the server has any more.
    pub fn discard(&self) -> Result<(), CacheError> {
        self.store.discard(self.name.id)
    }

    /// The part of it that does not touch the disk: from now on nobody finds the entry. Returns whether its file is still
    /// to be removed, by [`Pin::remove_withdrawn`].
    pub fn withdraw(&self) -> bool {
        self.store.withdraw(self.name.id).is_some()
    }

    /// Removes the file of an entry that was withdrawn.
    pub fn remove_withdrawn(&self) -> Result<(), CacheError> {
        self.store.remove_withdrawn(self.name)
    }

    fn spoiled(&self) -> Result<(), CacheError> {
        self.lost.store(true, Ordering::Release);
        self.store.spoiled(self.name.id)
    }

    fn file(&self) -> io::Result<Arc<File>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*file {
            return Ok(Arc::clone(file));
        }
        let opened = self.store.folder.open(self.name, self.length)?;
        Ok(Arc::clone(file.insert(Arc::new(opened))))
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        // Closed first: until then the bytes of a removed file still take their room.
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.store.unpin(self.name.id);
    }
}

/// Whether what lies there is not the entry's file, or nothing does.
fn is_another(err: &io::Error) -> bool {
    matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData)
}
