//! The file: lines that each begin with their checksum, so that one that was cut off or spoiled is told from the others.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, flock};

use super::super::state::save_private;
use super::table::{Line, Table};

/// A file that is smaller is not written anew, however little of it still counts; in bytes.
const ANEW_FROM_BYTES: u64 = 256 * 1024;
/// Hexadecimal digits of a checksum.
const SUM_DIGITS: usize = 8;

/// The file of what is remembered.
pub(super) struct Log {
    path: PathBuf,
    /// Its length when it was last written anew.
    anew_bytes: AtomicU64,
}

impl Log {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), anew_bytes: AtomicU64::new(0) }
    }

    /// The lines that are whole.
    pub fn read(&self) -> io::Result<Vec<Line>> {
        let bytes = fs::read(&self.path)?;
        let written: Vec<_> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let lines: Vec<_> = written.iter().copied().filter_map(parse).collect();
        if lines.len() < written.len() {
            tracing::info!("{} lines of {} are damaged and left out", written.len() - lines.len(), self.path.display());
        }
        Ok(lines)
    }

    /// Puts lines behind the others. Another process may do the same at the same time.
    pub fn append(&self, lines: &[Line]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for line in lines {
            write_line(&mut bytes, line)?;
        }
        let length = {
            let _lock = self.lock(FlockOperation::LockShared)?;
            let mut file = self.open()?;
            if !ends_a_line(&mut file)? {
                // Somebody was killed in the middle of a line: what follows is not to be lost with it.
                bytes.insert(0, b'\n');
            }
            file.write_all(&bytes)?;
            file.sync_data()?;
            file.metadata()?.len()
        };
        if length > ANEW_FROM_BYTES.max(2 * self.anew_bytes.load(Ordering::Relaxed)) {
            self.write_anew()?;
        }
        Ok(())
    }

    /// Leaves out what no longer counts. While another process writes, it is left for later.
    fn write_anew(&self) -> io::Result<()> {
        let Ok(_lock) = self.lock(FlockOperation::NonBlockingLockExclusive) else { return Ok(()) };
        // What is there, and not what this process knows: another one has written, too.
        let mut table = Table::default();
        self.read()?.iter().for_each(|line| table.apply(line));
        let mut bytes = Vec::new();
        for line in table.lines() {
            write_line(&mut bytes, &line)?;
        }
        save_private(&self.path, &bytes)?;
        self.anew_bytes.store(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// The file may be replaced at any time: who writes opens it anew, under this lock.
    fn lock(&self, operation: FlockOperation) -> io::Result<File> {
        let path = self.path.with_extension("lock");
        let open = || private().create(true).write(true).open(&path);
        let file = match open() {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&path))?;
                open()?
            }
            file => file?,
        };
        flock(&file, operation)?;
        Ok(file)
    }

    fn open(&self) -> io::Result<File> {
        private().create(true).read(true).append(true).open(&self.path)
    }
}

/// It tells what somebody watches: it is for its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn write_line(bytes: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    let json = serde_json::to_vec(line)?;
    write!(bytes, "{:08x} ", crc32fast::hash(&json))?;
    bytes.extend_from_slice(&json);
    bytes.push(b'\n');
    Ok(())
}

fn parse(line: &[u8]) -> Option<Line> {
    let (sum, json) = line.split_at_checked(SUM_DIGITS)?;
    let json = json.strip_prefix(b" ")?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    (sum == crc32fast::hash(json)).then(|| serde_json::from_slice(json).ok())?
}
