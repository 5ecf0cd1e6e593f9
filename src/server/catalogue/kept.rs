//! What was seen in the videos, kept in a database of one file, so that no video is looked into twice.
//!
//! It can be made anew from the videos at any time. So one that is damaged, or that a newer version wrote, is put aside, and
//! whoever comes second to a folder goes on without it.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

use super::facts::Outcome;
use super::list::id_of;
use super::video::{Stamp, Video};

/// The file, in the folder for what is kept.
const FILE: &str = "catalogue.redb";
/// The folder of posters beside it.
const POSTERS: &str = "posters";
/// The form of the entries. Another one is put aside.
const VERSION: u64 = 1;
/// Memory that the database may use, in bytes.
const MEMORY_BYTES: usize = 4 << 20;

/// By relative path: an [`Entry`] in JSON.
const VIDEOS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("videos");
/// `version`.
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

/// How looking into one version of a file ended.
#[derive(Serialize, Deserialize)]
struct Entry {
    bytes: u64,
    modified_ns: u64,
    outcome: Outcome,
}

/// A database that is open, and the folder it lies in.
pub(super) struct Kept {
    folder: PathBuf,
    database: Database,
}

impl Kept {
    /// Opens the one in `folder`, which is made when it is not there. Blocks. `None` when it cannot be used, with a warning.
    pub fn open(folder: &Path) -> Option<Self> {
        let path = folder.join(FILE);
        let opened = fs::create_dir_all(folder.join(POSTERS)).map_err(|err| err.to_string()).and_then(|()| match open(&path) {
            Ok(database) => Ok(database),
            Err(Refused::Busy) => Err("another server uses it".to_owned()),
            Err(Refused::Unusable(why)) => {
                tracing::warn!(why, "what is kept of the videos can’t be used; it is put aside and made anew");
                let aside = path.with_extension("redb.aside");
                fs::rename(&path, aside).map_err(|err| err.to_string())?;
                open(&path).map_err(|refused| refused.to_string())
            }
        });
        match opened {
            Ok(database) => Some(Self { folder: folder.to_owned(), database }),
            Err(why) => {
                tracing::warn!(why, "nothing is kept of the videos, and they have no posters");
                None
            }
        }
    }

    /// How looking into this version of the video at `relative` ended; `None` when nobody has looked. Blocks.
    pub fn outcome(&self, relative: &str, stamp: Stamp) -> Option<Outcome> {
        let entry = self.entry(relative).unwrap_or_else(|err| {
            tracing::warn!(%err, "what is kept of a video can’t be read");
            None
        })?;
        // Somebody may have cleared the folder of posters.
        let lacks_poster = match &entry.outcome {
            Outcome::Seen(facts) => facts.poster_ms.is_some() && !self.poster(&id_of(relative)).is_file(),
            Outcome::Failed(_) => false,
        };
        (entry.stamp_is(stamp) && !lacks_poster).then_some(entry.outcome)
    }

    /// Keeps how looking into `video` ended. Blocks until it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, video: &Video, outcome: &Outcome) -> Result<(), redb::Error> {
        let entry = Entry { bytes: video.bytes, modified_ns: nanoseconds(video.stamp()), outcome: outcome.clone() };
        let json = serde_json::to_vec(&entry).map_err(|err| redb::Error::Io(io::Error::other(err)))?;
        let write = self.database.begin_write()?;
        write.open_table(VIDEOS)?.insert(video.relative.as_str(), json.as_slice())?;
        write.commit()?;
        Ok(())
    }

    /// Forgets the videos that are not among `relatives`; their posters go too. Blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget_others(&self, relatives: &HashSet<&str>) -> Result<(), redb::Error> {
        let mut gone = Vec::new();
        let write = self.database.begin_write()?;
        write.open_table(VIDEOS)?.retain(|relative, _| {
            let stays = relatives.contains(relative);
            if !stays {
                gone.push(relative.to_owned());
            }
            stays
        })?;
        if gone.is_empty() {
            return Ok(write.abort()?);
        }
        write.commit()?;
        for relative in gone {
            // One that is left behind is served to nobody who does not ask for it by its name.
            let _ = fs::remove_file(self.poster(&id_of(&relative)));
        }
        Ok(())
    }

    /// Where the poster of the video with this identity lies, or will.
    pub fn poster(&self, id: &str) -> PathBuf {
        self.folder.join(POSTERS).join(format!("{id}.jpg"))
    }

    fn entry(&self, relative: &str) -> Result<Option<Entry>, redb::Error> {
        let table = self.database.begin_read()?.open_table(VIDEOS)?;
        // An entry of another form is none.
        Ok(table.get(relative)?.and_then(|json| serde_json::from_slice(json.value()).ok()))
    }
}

impl Entry {
    fn stamp_is(&self, stamp: Stamp) -> bool {
        self.bytes == stamp.bytes && self.modified_ns == nanoseconds(stamp)
    }
}

/// Nanoseconds since 1970, to 2554.
fn nanoseconds(stamp: Stamp) -> u64 {
    stamp.modified.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("another server uses it")]
    Busy,
    #[error("{0}")]
    Unusable(String),
}

/// Opens the database at `path`, or makes it.
fn open(path: &Path) -> Result<Database, Refused> {
    let database = match Database::builder().set_cache_size(MEMORY_BYTES).create(path) {
        Ok(database) => database,
        Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) => return Err(Refused::Busy),
        Err(err) => return Err(Refused::Unusable(err.to_string())),
    };
    match version(&database) {
        Ok(VERSION) => Ok(database),
        Ok(other) => Err(Refused::Unusable(format!("its entries are of version {other}"))),
        Err(err) => Err(Refused::Unusable(err.to_string())),
    }
}

/// The version of its entries; a new one gets ours.
fn version(database: &Database) -> Result<u64, redb::Error> {
    let write = database.begin_write()?;
    write.open_table(VIDEOS)?;
    let version = {
        let mut about = write.open_table(ABOUT)?;
        let version = about.get("version")?.map(|version| version.value());
        if version.is_none() {
            about.insert("version", VERSION)?;
        }
        version.unwrap_or(VERSION)
    };
    write.commit()?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::catalogue::facts::Facts;
    use std::time::{Duration, SystemTime};

    const STAMP: Stamp = Stamp { bytes: 7, modified: SystemTime::UNIX_EPOCH };

    fn seen() -> Outcome {
        Outcome::Seen(Facts { container: "mp4".to_owned(), duration_ms: Some(3000), ..Facts::default() })
    }

    fn keep(kept: &Kept, relative: &str, outcome: &Outcome) {
        kept.keep(&Video::bare(relative, STAMP), outcome).unwrap();
    }

    #[test]
    fn what_was_kept_is_there_again_for_the_same_version_of_the_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(folder.path()).unwrap();
        let failed = Outcome::Failed("noise".to_owned());
        keep(&kept, "a.mp4", &seen());
        keep(&kept, "b.mp4", &failed);
        drop(kept);
        let kept = Kept::open(folder.path()).unwrap();
        assert_eq!((kept.outcome("a.mp4", STAMP), kept.outcome("b.mp4", STAMP)), (Some(seen()), Some(failed)));
        let later = Stamp { modified: STAMP.modified + Duration::from_nanos(1), ..STAMP };
        assert_eq!((kept.outcome("a.mp4", later), kept.outcome("a.mp4", Stamp { bytes: 8, ..STAMP })), (None, None));
        assert_eq!(kept.outcome("c.mp4", STAMP), None);
    }

    #[test]
    fn what_is_gone_is_forgotten_with_its_poster() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(folder.path()).unwrap();
        let posters = ["a.mp4", "b.mp4"].map(|relative| kept.poster(&id_of(relative)));
        for (relative, poster) in ["a.mp4", "b.mp4"].into_iter().zip(&posters) {
            keep(&kept, relative, &Outcome::Seen(Facts { poster_ms: Some(0), ..Facts::default() }));
            fs::write(poster, "a picture").unwrap();
        }
        kept.forget_others(&HashSet::from(["b.mp4"])).unwrap();
        assert_eq!((kept.outcome("a.mp4", STAMP).is_some(), kept.outcome("b.mp4", STAMP).is_some()), (false, true));
        assert_eq!(posters.clone().map(|poster| poster.is_file()), [false, true]);
        fs::remove_file(&posters[1]).unwrap();
        assert_eq!(kept.outcome("b.mp4", STAMP), None, "a poster that is gone is made again");
    }

    #[test]
    fn a_database_that_cannot_be_used_is_put_aside_and_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let noise: Vec<u8> = (0..40_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
        let whole = {
            keep(&Kept::open(folder.path()).unwrap(), "a.mp4", &seen());
            fs::read(&file).unwrap()
        };
        // The format's number stands behind the nine bytes of magic and the flags.
        let mut newer = whole.clone();
        newer[64..128].fill(0xff);
        for (bytes, what) in [
            (noise, "noise"),
            (whole[..whole.len() / 2].to_vec(), "half of it"),
            (newer, "a header that is none"),
            (b"x".to_vec(), "a byte"),
        ] {
            fs::write(&file, bytes).unwrap();
            let kept = Kept::open(folder.path()).unwrap();
            assert_eq!(kept.outcome("a.mp4", STAMP), None, "{what}");
            keep(&kept, "a.mp4", &seen());
            assert_eq!(kept.outcome("a.mp4", STAMP), Some(seen()), "{what}");
            assert!(folder.path().join("catalogue.redb.aside").is_file(), "{what}");
        }
    }

    #[test]
    fn a_database_of_a_newer_version_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        keep(&Kept::open(folder.path()).unwrap(), "a.mp4", &seen());
        let database = Database::create(folder.path().join(FILE)).unwrap();
        let write = database.begin_write().unwrap();
        write.open_table(ABOUT).unwrap().insert("version", VERSION + 1).unwrap();
        write.commit().unwrap();
        drop(database);
        assert_eq!(Kept::open(folder.path()).unwrap().outcome("a.mp4", STAMP), None);
        assert!(folder.path().join("catalogue.redb.aside").is_file());
    }

    #[test]
    fn whoever_comes_second_goes_on_without() {
        let folder = tempfile::tempdir().unwrap();
        let first = Kept::open(folder.path()).unwrap();
        assert!(Kept::open(folder.path()).is_none());
        keep(&first, "a.mp4", &seen());
        drop(first);
        assert_eq!(Kept::open(folder.path()).unwrap().outcome("a.mp4", STAMP), Some(seen()));
    }
}
