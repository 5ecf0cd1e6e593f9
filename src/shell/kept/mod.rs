//! What a viewer finds again at the next start: likes, what was watched, where each source was left, which sources were
//! opened. Read at the start, held in memory, and written as it changes, on the thread that may wait for the disk.
//!
//! On disk it is a log of lines, each with its checksum, that is appended to and now and then written anew. A like is a few
//! dozen bytes among up to 40,000 marks: a file that is replaced as a whole would write megabytes for each, and a database
//! would be a dependency for what two hundred lines do. A process that is killed while it writes loses the line it writes.

mod log;
mod table;

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use log::Log;
use table::{Line, Table};

use crate::app::{Keep, Remembered};

/// Lines that may wait for a disk that does not take them.
const WAITING_MAX: usize = 4096;

/// What is remembered for good. Shared by the threads that ask, tell and write; none of them waits for the disk but the one
/// that calls [`Kept::write`].
pub struct Kept {
    table: Mutex<Table>,
    /// Not written yet.
    waiting: Mutex<Vec<Line>>,
    log: Log,
}

impl Kept {
    /// Reads what is there; waits for the disk. What is damaged is left out.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let log = Log::new(path);
        let mut table = Table::default();
        match log.read() {
            Ok(lines) => lines.iter().for_each(|line| table.apply(line)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => tracing::warn!("what is remembered in {} cannot be read: {err}", path.display()),
        }
        Self { table: Mutex::new(table), waiting: Mutex::default(), log }
    }

    /// What is remembered of a source. Without `place` the place where it was left stays out.
    #[must_use]
    pub fn of(&self, source: &str, place: bool) -> Remembered {
        let mut remembered = lock(&self.table).of(source);
        remembered.place = remembered.place.filter(|_| place);
        remembered
    }

    /// The words that name the source which was opened last. This is known from the moment it was opened, whatever ended the
    /// program then.
    #[must_use]
    pub fn last_source(&self) -> Option<Vec<String>> {
        lock(&self.table).of("").recents.into_iter().next().map(|recent| recent.words)
    }

    /// Remembers something of a source, on disk with the next [`Kept::write`].
    pub fn note(&self, keep: &Keep) {
        if let Some(line) = Line::of(keep) {
            self.tell(line);
        }
    }

    /// Remembers that a source was opened: the words that name it, and what a person knows it by.
    pub fn note_opened(&self, words: &[String], label: &str, now: SystemTime) {
        let at = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.tell(Line::Opened { words: words.to_vec(), label: label.to_owned(), at });
    }

    fn tell(&self, line: Line) {
        lock(&self.table).apply(&line);
        let mut waiting = lock(&self.waiting);
        // Of a place only the newest counts.
        waiting.retain(|older| !line.replaces(older));
        if waiting.len() < WAITING_MAX {
            waiting.push(line);
        }
    }

    /// Writes what waits; for one thread alone. What cannot be written waits on.
    ///
    /// # Errors
    /// What the system said.
    pub fn write(&self) -> io::Result<()> {
        let lines = std::mem::take(&mut *lock(&self.waiting));
        if lines.is_empty() {
            return Ok(());
        }
        let written = self.log.append(&lines);
        if written.is_err() {
            lock(&self.waiting).splice(0..0, lines);
        }
        written
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
