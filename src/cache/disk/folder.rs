//! The cache folder as files: its lock, its tag, its index, and one sparse file an entry. Follows no links.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::index::{self, IndexEntry, MAX_INDEX_BYTES};
use crate::cache::error::{CacheError, io_error};
use crate::cache::key::hex;
use crate::cache::ledger::EntryId;

/// What marks a folder as one that backups leave out (the Cache Directory Tagging Specification).
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n# This folder holds a cache. It may be deleted.\n";
/// The unit of `st_blocks`.
const STAT_BLOCK: u64 = 512;

/// The cache folder.
#[derive(Debug)]
pub(in crate::cache) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, for its owner alone, marks it as a cache, and takes its lock.
    pub fn take(dir: &Path) -> Result<(Self, File), CacheError> {
        let folder = Self(dir.to_owned());
        folder.make()?;
        let lock = folder.lock()?;
        Ok((folder, lock))
    }

    /// Makes again what somebody removed. Returns the new lock when the old one is gone too.
    pub fn remake(&self) -> Result<Option<File>, CacheError> {
        let lock_gone = !self.0.join("lock").exists();
        self.make()?;
        if lock_gone { self.lock().map(Some) } else { Ok(None) }
    }

    fn make(&self) -> Result<(), CacheError> {
        let make = |dir: &Path| fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        make(&self.0).and_then(|()| make(&self.data())).map_err(io_error("making the cache folder"))?;
        let tag = self.0.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs::write(&tag, TAG).map_err(io_error("marking the cache folder"))?;
        }
        Ok(())
    }

    fn lock(&self) -> Result<File, CacheError> {
        let lock = open_with(&self.0.join("lock"), OFlags::RDWR | OFlags::CREATE).map_err(io_error("opening the cache lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(fs::TryLockError::WouldBlock) => Err(CacheError::Locked),
            Err(fs::TryLockError::Error(err)) => Err(io_error("taking the cache lock")(err)),
        }
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// The file of an entry. The number tells it from an earlier one of the same name that is being removed.
    fn entry(&self, hash: &[u8; 32], id: EntryId) -> PathBuf {
        self.data().join(entry_name(hash, id))
    }

    /// Whether the file of an entry is there.
    pub fn has(&self, hash: &[u8; 32], id: EntryId) -> bool {
        fs::symlink_metadata(self.entry(hash, id)).is_ok()
    }

    /// Makes the file of an entry: all hole.
    pub fn create(&self, hash: &[u8; 32], id: EntryId, length: u64) -> io::Result<File> {
        let path = self.entry(hash, id);
        let file = open_with(&path, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)?;
        match file.set_len(length) {
            Ok(()) => Ok(file),
            Err(err) => {
                fs::remove_file(&path)?;
                Err(err)
            }
        }
    }

    /// Opens the file of an entry, when it is the file it should be.
    pub fn open(&self, hash: &[u8; 32], id: EntryId, length: u64) -> io::Result<File> {
        // Not blocking: what lies there may be a FIFO by now.
        let file = open_with(&self.entry(hash, id), OFlags::RDWR | OFlags::NONBLOCK)?;
        let found = file.metadata()?;
        if found.is_file() && found.len() == length { Ok(file) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// Removes the file of an entry; one that is gone already is as good.
    pub fn remove(&self, hash: &[u8; 32], id: EntryId) -> Result<(), CacheError> {
        match fs::remove_file(self.entry(hash, id)) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(io_error("removing a cache file")(err)),
            _ => Ok(()),
        }
    }

    /// All that lies where the files of entries are, by name: what it is and what it takes.
    pub fn scan(&self) -> Result<HashMap<OsString, Metadata>, CacheError> {
        let found = |entry: io::Result<fs::DirEntry>| entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?)));
        fs::read_dir(self.data()).and_then(|entries| entries.map(found).collect()).map_err(io_error("listing the cache folder"))
    }

    /// Takes the file of an entry out of what a scan found: what it takes on disk in bytes, or `None` when it
    /// is not the file it should be.
    pub fn claim(found: &mut HashMap<OsString, Metadata>, hash: &[u8; 32], id: EntryId, length: u64) -> Option<u64> {
        let name = OsString::from(entry_name(hash, id));
        let file = found.get(&name).filter(|file| file.is_file() && file.len() == length)?;
        let bytes = file.blocks() * STAT_BLOCK;
        found.remove(&name);
        Some(bytes)
    }

    /// What the index says; nothing when it cannot be read or trusted.
    pub fn read_index(&self) -> Vec<IndexEntry> {
        let mut bytes = Vec::new();
        let read = open_with(&self.0.join("index"), OFlags::RDONLY | OFlags::NONBLOCK).and_then(|file| {
            let regular = file.metadata()?.is_file();
            if regular { file.take(MAX_INDEX_BYTES + 1).read_to_end(&mut bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
        });
        let trusted = match read {
            Ok(_) if bytes.len() as u64 <= MAX_INDEX_BYTES => index::decode(&bytes),
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Vec::new(),
            _ => None,
        };
        if trusted.is_none() {
            tracing::warn!("the cache index is damaged; the cache starts empty");
        }
        trusted.unwrap_or_default()
    }

    /// Writes the index: beside the old one, to disk, then in its place.
    pub fn write_index(&self, entries: &[IndexEntry]) -> Result<(), CacheError> {
        let write = || {
            let temp = self.0.join("index.tmp");
            let mut file = open_with(&temp, OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC)?;
            file.write_all(&index::encode(entries))?;
            file.sync_all()?;
            fs::rename(&temp, self.0.join("index"))?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(io_error("writing the cache index"))
    }

    /// Removes what no entry claimed: left by a crash, or put there by others.
    pub fn remove_strays(&self, strays: HashMap<OsString, Metadata>) -> Result<(), CacheError> {
        for (name, found) in strays {
            let path = self.data().join(name);
            let removed = if found.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(io_error("removing a stray cache file"))?;
        }
        match fs::remove_file(self.0.join("index.tmp")) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(io_error("removing a half-written index")(err)),
            _ => Ok(()),
        }
    }
}

fn entry_name(hash: &[u8; 32], id: EntryId) -> String {
    format!("{}.{id:x}", hex(hash))
}

fn open_with(path: &Path, flags: OFlags) -> io::Result<File> {
    Ok(File::from(rustix::fs::open(path, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?))
}
