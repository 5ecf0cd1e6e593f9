//! Reads media that lies on this machine: a file, or a clip that is built into the program.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{Mode, OFlags};

use super::bytes_port::{ByteReader, Demand, ReadError};
use super::error::{CacheError, io_error};
use crate::feed::{Failure, FailureKind};
use crate::words::failures as words;

/// A file on this machine.
pub(super) struct FileReader {
    file: File,
    length: u64,
    interrupted: AtomicBool,
}

impl FileReader {
    /// Opens a regular file. Touches the disk.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        // Not blocking, for a FIFO would wait here for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty())
            .map(File::from)
            .map_err(|err| io_error("opening the file")(err.into()).into_failure())?;
        let found = file.metadata().map_err(|err| io_error("looking at the file")(err).into_failure())?;
        if !found.is_file() {
            return Err(Failure::new(FailureKind::Unreadable, words::NO_FILE_TO_PLAY));
        }
        match found.len() {
            0 => Err(CacheError::Empty.into_failure()),
            length => Ok(Self { file, length, interrupted: AtomicBool::new(false) }),
        }
    }
}

impl ByteReader for FileReader {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        if self.interrupted.load(Ordering::Acquire) {
            return Err(ReadError::Interrupted);
        }
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        if left == 0 {
            return Ok(0);
        }
        loop {
            match self.file.read_at(&mut buf[..left], offset) {
                Ok(0) => return Err(ReadError::Failed(Failure::new(FailureKind::Corrupt, words::BECAME_SHORTER))),
                Ok(read) => return Ok(read),
                Err(err) if err.kind() == std::io::ErrorKind::Interrupted => {}
                Err(err) => return Err(ReadError::Failed(io_error("reading the file")(err).into_failure())),
            }
        }
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.length.saturating_sub(offset)
    }

    fn set_interrupted(&self, interrupted: bool) {
        self.interrupted.store(interrupted, Ordering::Release);
    }

    fn set_demand(&self, _demand: Demand) {}
}

/// A clip that is built into the program.
pub(super) struct SampleReader {
    bytes: &'static [u8],
    interrupted: AtomicBool,
}

impl SampleReader {
    pub fn new(bytes: &'static [u8]) -> Self {
        Self { bytes, interrupted: AtomicBool::new(false) }
    }
}

impl ByteReader for SampleReader {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        if self.interrupted.load(Ordering::Acquire) {
            return Err(ReadError::Interrupted);
        }
        let there = usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let count = there.len().min(buf.len());
        buf[..count].copy_from_slice(&there[..count]);
        Ok(count)
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.len().saturating_sub(offset)
    }

    fn set_interrupted(&self, interrupted: bool) {
        self.interrupted.store(interrupted, Ordering::Release);
    }

    fn set_demand(&self, _demand: Demand) {}
}
