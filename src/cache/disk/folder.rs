//! The cache folder as files: its lock, its tag, its index, and one sparse file an entry. Follows no links.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, Mode, OFlags};
use rustix::io::Errno;

use super::index::{self, MAX_INDEX_BYTES, trailer_room};
use super::layout::{file_length, length_of};
use super::record::Record;
use crate::cache::error::{CacheError, io_error};
use crate::cache::key::hex;
use crate::cache::ledger::EntryId;

/// What marks a folder as one that backups leave out (the Cache Directory Tagging Specification).
const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n# This folder holds a cache. It may be deleted.\n";
/// The unit of `st_blocks`.
const STAT_BLOCK: u64 = 512;
/// The largest trailer that is read, in bytes: that of an entry of 128 GiB.
const MAX_TRAILER_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of an entry's hash that stand in its file's name; all of it stands in its trailer.
const PREFIX_BYTES: usize = 8;

/// The name of an entry's file. The number tells it from an earlier one of the same hash that is being removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileName {
    prefix: u64,
    /// The entry's number.
    pub id: EntryId,
}

impl FileName {
    /// The name for an entry with this hash.
    pub fn new(hash: &[u8; 32], id: EntryId) -> Self {
        let mut prefix = [0; PREFIX_BYTES];
        prefix.copy_from_slice(&hash[..PREFIX_BYTES]);
        Self { prefix: u64::from_be_bytes(prefix), id }
    }

    /// Whether both are of the same hash.
    pub fn is_twin(self, other: Self) -> bool {
        self.prefix == other.prefix
    }

    /// Reads a name; `None` when it is no entry's.
    fn parse(name: &OsStr) -> Option<Self> {
        let text = name.to_str()?;
        let (prefix, id) = text.split_once('.')?;
        let parsed = Self { prefix: u64::from_str_radix(prefix, 16).ok()?, id: u64::from_str_radix(id, 16).ok()? };
        // Another spelling of the same numbers is another file.
        (parsed.to_string() == text && parsed.id < u64::MAX / 2).then_some(parsed)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:x}", hex(&self.prefix.to_be_bytes()), self.id)
    }
}

/// What lies where the files of entries are.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Files named like an entry's.
    pub entries: HashSet<FileName>,
    /// Anything else.
    pub strays: Vec<OsString>,
}

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

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
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

    fn entry(&self, name: FileName) -> PathBuf {
        self.data().join(name.to_string())
    }

    /// Whether the file of an entry is there.
    pub fn has(&self, name: FileName) -> bool {
        fs::symlink_metadata(self.entry(name)).is_ok()
    }

    /// Makes the file of an entry of `length`: all hole.
    pub fn create(&self, name: FileName, length: u64) -> io::Result<File> {
        let path = self.entry(name);
        let file = open_with(&path, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)?;
        match file.set_len(file_length(length)) {
            Ok(()) => Ok(file),
            Err(err) => {
                fs::remove_file(&path)?;
                Err(err)
            }
        }
    }

    /// Opens the file of an entry of `length`; `InvalidData` when it is not the file it should be.
    pub fn open(&self, name: FileName, length: u64) -> io::Result<File> {
        // Not blocking: what lies there may be a FIFO by now.
        let opened = open_with(&self.entry(name), OFlags::RDWR | OFlags::NONBLOCK);
        let file = opened.map_err(|err| match err.raw_os_error().map(Errno::from_raw_os_error) {
            // A link, a folder, a socket or a FIFO in its place.
            Some(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => io::ErrorKind::InvalidData.into(),
            _ => err,
        })?;
        let found = file.metadata()?;
        if found.is_file() && found.len() == file_length(length) { Ok(file) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// What the file of an entry takes on disk in bytes, when it is the file of an entry of `length` (of any, if
    /// that is not known).
    pub fn taken(&self, name: FileName, length: Option<u64>) -> Option<u64> {
        let found = fs::symlink_metadata(self.entry(name)).ok().filter(fs::Metadata::is_file)?;
        length.is_none_or(|length| found.len() == file_length(length)).then(|| found.blocks() * STAT_BLOCK)
    }

    /// Removes what lies where the file of an entry is; one that is gone already is as good.
    pub fn remove(&self, name: FileName) -> Result<(), CacheError> {
        remove_any(&self.entry(name)).map_err(io_error("removing a cache file"))
    }

    /// Makes a part of an entry's file a hole again. Not all file systems can.
    pub fn punch(file: &File, start: u64, bytes: u64) -> io::Result<()> {
        Ok(rustix::fs::fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, start, bytes)?)
    }

    /// All that lies where the files of entries are, by name alone.
    pub fn list(&self) -> Result<Listing, CacheError> {
        let mut listing = Listing::default();
        let mut read = || {
            for entry in fs::read_dir(self.data())? {
                let name = entry?.file_name();
                match FileName::parse(&name) {
                    Some(name) => drop(listing.entries.insert(name)),
                    None => listing.strays.push(name),
                }
            }
            Ok(())
        };
        read().map_err(io_error("listing the cache folder"))?;
        Ok(listing)
    }

    /// What the folders themselves take, in bytes: they grow with the number of names, and do not shrink.
    pub fn own_bytes(&self) -> u64 {
        [&self.0, &self.data()].into_iter().filter_map(|dir| fs::symlink_metadata(dir).ok()).map(|dir| dir.blocks() * STAT_BLOCK).sum()
    }

    /// What the index says; `None` when it is not there, or cannot be read or trusted.
    pub fn read_index(&self) -> Option<index::Index> {
        let mut bytes = Vec::new();
        let read = open_with(&self.0.join("index"), OFlags::RDONLY | OFlags::NONBLOCK).and_then(|file| {
            let regular = file.metadata()?.is_file();
            if regular { file.take(MAX_INDEX_BYTES + 1).read_to_end(&mut bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
        });
        let trusted = match read {
            Ok(_) if bytes.len() as u64 <= MAX_INDEX_BYTES => index::decode(&bytes),
            Err(err) if err.kind() == io::ErrorKind::NotFound => return None,
            _ => None,
        };
        if trusted.is_none() {
            tracing::warn!("the cache index is damaged; it is made anew from the files");
        }
        trusted
    }

    /// Writes the index: beside the old one, to disk, then in its place.
    pub fn write_index(&self, bytes: &[u8]) -> Result<(), CacheError> {
        let temp = self.0.join("index.tmp");
        let write = || {
            let mut file = open_with(&temp, OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temp, self.0.join("index"))?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|err| {
            // On a full disk what was written of it must not stay.
            if let Err(err) = remove_any(&temp) {
                tracing::debug!("a half-written index stays until the next start: {err}");
            }
            io_error("writing the cache index")(err)
        })
    }

    /// Writes the trailer of an entry's file.
    pub fn write_trailer(&self, name: FileName, seq: u64, record: &Record) -> io::Result<()> {
        self.open(name, record.length)?.write_all_at(&index::encode_trailer(name.id, seq, record), record.length)
    }

    /// What the trailer of a file says of the entry in it; `None` when it cannot be read or trusted.
    pub fn read_trailer(&self, name: FileName) -> Option<(u64, Record)> {
        let file = open_with(&self.entry(name), OFlags::RDONLY | OFlags::NONBLOCK).ok()?;
        let found = file.metadata().ok().filter(fs::Metadata::is_file)?;
        let length = length_of(found.len())?;
        let mut bytes = vec![0; usize::try_from(trailer_room(length).min(MAX_TRAILER_BYTES)).ok()?];
        file.read_exact_at(&mut bytes, length).ok()?;
        let (id, seq, record) = index::decode_trailer(&bytes)?;
        (id == name.id && record.length == length && FileName::new(&record.hash, id) == name).then_some((seq, record))
    }

    /// Whether a file is one that was made for an entry and that has no trailer yet.
    pub fn is_untold(&self, name: FileName) -> bool {
        let begins_empty = || {
            let file = open_with(&self.entry(name), OFlags::RDONLY | OFlags::NONBLOCK)?;
            let found = file.metadata()?;
            let mut start = [1; 16];
            match length_of(found.len()).filter(|_| found.is_file()) {
                Some(length) => file.read_exact_at(&mut start, length).map(|()| start == [0; 16]),
                // Killed before it was given its length.
                None => Ok(found.is_file() && found.len() == 0),
            }
        };
        begins_empty().unwrap_or_else(|err: io::Error| err.kind() == io::ErrorKind::NotFound)
    }

    /// Removes what belongs to no entry: left by a crash, or put there by others.
    pub fn remove_strays(&self, strays: &[OsString]) -> Result<(), CacheError> {
        for name in strays {
            remove_any(&self.data().join(name)).map_err(io_error("removing a stray cache file"))?;
        }
        remove_any(&self.0.join("index.tmp")).map_err(io_error("removing a half-written index"))
    }
}

/// Removes a file, a link or a folder; nothing there is as good.
fn remove_any(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(err) if err.kind() == io::ErrorKind::IsADirectory => fs::remove_dir_all(path),
        other => other,
    }
}

fn open_with(path: &Path, flags: OFlags) -> io::Result<File> {
    Ok(File::from(rustix::fs::open(path, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_and_no_other_spelling_is() {
        let name = FileName::new(&[0xab; 32], 0x1f);
        assert_eq!(name.to_string(), "abababababababab.1f");
        assert_eq!(FileName::parse(OsStr::new("abababababababab.1f")), Some(name));
        for other in
            ["abababababababab.01f", "ABABABABABABABAB.1f", "abababababababab", "ab.1", "abababababababab.ffffffffffffffff", ".", "a.b.c"]
        {
            assert_eq!(FileName::parse(OsStr::new(other)), None, "{other}");
        }
    }
}
