//! What happened, on disk: an embedded database in the state folder, read at the start and written in batches.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::book::Batch;
use super::person::Person;

/// The database, in the state folder.
const FILE: &str = "facts.redb";
/// What was counted for a video, by its identity. All values are JSON.
const TALLIES: TableDefinition<&str, &[u8]> = TableDefinition::new("tallies");
/// Users.
const PEOPLE: TableDefinition<&str, &[u8]> = TableDefinition::new("people");
/// The states of streams.
const STREAMS: TableDefinition<&str, &[u8]> = TableDefinition::new("streams");

/// Why nothing is kept on disk. Each displays as the end of a sentence.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Another service has it.
    #[error("another service uses {}", .0.display())]
    InUse(PathBuf),
    /// The folder cannot be made, or the file not be moved.
    #[error(transparent)]
    Folder(#[from] std::io::Error),
    /// What the database says.
    #[error(transparent)]
    Database(#[from] redb::Error),
}

/// An open database. Everything here blocks.
pub struct Disk {
    database: Database,
}

impl Disk {
    /// Opens the database in `folder`, which is made where it is not there, and reads what is known of videos and streams.
    /// A damaged file is put aside: counts are worth less than a service that starts.
    ///
    /// # Errors
    /// [`DiskError`] when nothing can be kept there.
    pub fn open(folder: &Path) -> Result<(Self, Batch), DiskError> {
        fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        match open(&path) {
            // A file that cannot be opened at the moment is no damaged one.
            Err(DiskError::Database(err)) if is_damage(&err) && path.exists() => {
                let aside = path.with_extension("damaged");
                tracing::warn!(%err, aside = %aside.display(), "what was counted can’t be read and is put aside");
                fs::rename(&path, aside)?;
                open(&path)
            }
            opened => opened,
        }
    }

    /// A user as they were kept.
    pub fn person(&self, user: &str) -> Option<Person> {
        let read = || -> Result<Option<Person>, redb::Error> {
            let kept = self.database.begin_read()?.open_table(PEOPLE)?.get(user)?;
            Ok(kept.and_then(|bytes| serde_json::from_slice(bytes.value()).ok()))
        };
        read().unwrap_or_else(|err| {
            tracing::error!(%err, "what is known of a user can’t be read");
            None
        })
    }

    /// Keeps `batch`, as a whole or not at all.
    ///
    /// # Errors
    /// What the database says.
    pub fn keep(&self, batch: &Batch) -> Result<(), redb::Error> {
        let changes = self.database.begin_write()?;
        put(&changes, TALLIES, &batch.tallies)?;
        put(&changes, PEOPLE, &batch.people)?;
        put(&changes, STREAMS, &batch.streams)?;
        Ok(changes.commit()?)
    }
}

/// Whether what was found is no database that can be read.
fn is_damage(err: &redb::Error) -> bool {
    match err {
        redb::Error::Corrupted(_) | redb::Error::UpgradeRequired(_) => true,
        redb::Error::Io(err) => matches!(err.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof),
        _ => false,
    }
}

fn open(path: &Path) -> Result<(Disk, Batch), DiskError> {
    let database = Database::create(path).map_err(|err| match err {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => DiskError::InUse(path.to_owned()),
        err => DiskError::Database(err.into()),
    })?;
    let disk = Disk { database };
    // Makes the tables, so that later reads find them.
    disk.keep(&Batch::default())?;
    let kept = Batch { tallies: all(&disk.database, TALLIES)?, people: Vec::new(), streams: all(&disk.database, STREAMS)? };
    Ok((disk, kept))
}

type Table = TableDefinition<'static, &'static str, &'static [u8]>;

fn put<T: Serialize>(changes: &WriteTransaction, table: Table, values: &[(String, T)]) -> Result<(), redb::Error> {
    let mut table = changes.open_table(table)?;
    for (key, value) in values {
        // These are maps of text and numbers, which JSON always takes.
        let bytes = serde_json::to_vec(value).map_err(|err| redb::Error::Io(err.into()))?;
        table.insert(key.as_str(), bytes.as_slice())?;
    }
    Ok(())
}

/// All that is in a table; what cannot be understood is left out.
fn all<T: DeserializeOwned>(database: &Database, table: Table) -> Result<Vec<(String, T)>, redb::Error> {
    let table = database.begin_read()?.open_table(table)?;
    let mut found = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        if let Ok(value) = serde_json::from_slice(value.value()) {
            found.push((key.value().to_owned(), value));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::facts::deed::{Count, Tally};
    use crate::server::status::StreamStatus;

    fn batch() -> Batch {
        let mut tally = Tally::default();
        tally.add(7, &[(Count::Views, 3)]);
        Batch {
            tallies: vec![("v".into(), tally)],
            people: vec![("u".into(), Person { version: 9, ..Person::default() })],
            streams: vec![("s".into(), StreamStatus::Ended)],
        }
    }

    #[test]
    fn what_is_kept_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("new/state");
        let (disk, kept) = Disk::open(&state).unwrap();
        assert!(kept.is_empty() && disk.person("u").is_none());
        disk.keep(&batch()).unwrap();
        drop(disk);
        let (disk, kept) = Disk::open(&state).unwrap();
        assert_eq!(kept, Batch { people: Vec::new(), ..batch() });
        assert_eq!(disk.person("u").unwrap().version, 9);
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_a_file_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, vec![7; 100_000]).unwrap();
        let (disk, kept) = Disk::open(folder.path()).unwrap();
        assert!(kept.is_empty() && path.with_extension("damaged").exists());
        assert!(matches!(Disk::open(folder.path()), Err(DiskError::InUse(_))));
        disk.keep(&batch()).unwrap();
    }
}
