//! What of usage events lies on the disk: a random id with its salt, and the queue, one line of JSON for each event.
//!
//! Nothing of it is kept in memory. Every change is made under the lock of the folder, so that several windows share
//! one queue, the id can be reset beside them, and a process that is killed leaves at worst a line that is no JSON.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::record::{self, Told};
use super::{BATCH_BYTES, BATCH_EVENTS, post};

/// The queue is never larger; in bytes.
pub const QUEUE_BYTES_MAX: u64 = 512 * 1024;
/// A queue that is full is cut to this, the oldest events first, so that it is not written anew for each event.
const QUEUE_BYTES_CUT: u64 = QUEUE_BYTES_MAX / 4 * 3;
/// A file that is larger than any queue was not written here.
const FOREIGN_BYTES: u64 = 2 * QUEUE_BYTES_MAX;

/// Who the events are of: nobody that anyone knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Random; sent with each event.
    #[serde(with = "text")]
    pub id: Uuid,
    /// Random; what names of things are hashed with. Never sent.
    #[serde(with = "text")]
    pub salt: Uuid,
}

impl Identity {
    fn draw() -> Self {
        Self { id: Uuid::new_v4(), salt: Uuid::new_v4() }
    }
}

/// An id as people write it.
mod text {
    use serde::{Deserialize, Deserializer, Serializer};
    use uuid::Uuid;

    pub fn serialize<S: Serializer>(id: &Uuid, output: S) -> Result<S::Ok, S::Error> {
        output.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Uuid, D::Error> {
        String::deserialize(input)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is in the folder, for a person to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The id that events are sent with; `None` before the first event.
    pub id: Option<Uuid>,
    /// The events that wait, the oldest first, each as it is sent.
    pub events: Vec<String>,
}

/// The folder of usage events.
#[derive(Clone, Debug)]
pub struct UsageStore {
    folder: PathBuf,
}

impl UsageStore {
    /// The store in `folder`; nothing is opened or made yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Puts events of a session at the end of the queue; the oldest ones make room.
    ///
    /// # Errors
    /// What the system said.
    pub fn push(&self, events: &[Told], session: Uuid) -> io::Result<()> {
        self.locked(|| {
            let identity = match self.identity()? {
                Some(identity) => identity,
                None => self.put_identity()?,
            };
            let mut text = String::new();
            for told in events {
                text += &record::line(told, &identity, session).map_err(io::Error::other)?;
                text.push('\n');
            }
            self.append(&text)
        })
    }

    /// The oldest events that fit into one batch, each as it is sent.
    ///
    /// # Errors
    /// What the system said.
    pub fn front(&self) -> io::Result<Vec<String>> {
        if fs::symlink_metadata(self.queue()).is_err_and(|err| err.kind() == io::ErrorKind::NotFound) {
            return Ok(Vec::new());
        }
        let lines = self.locked(|| self.lines())?;
        let mut left = BATCH_BYTES - post::FRAME_BYTES;
        let fits = |line: &String| {
            let bytes = line.len() + 1;
            let fits = bytes <= left;
            left -= if fits { bytes } else { 0 };
            fits
        };
        Ok(lines.into_iter().take(BATCH_EVENTS).take_while(fits).collect())
    }

    /// Removes events that were sent. Those that are gone already are no matter.
    ///
    /// # Errors
    /// What the system said; the queue is as it was.
    pub fn remove(&self, sent: &[String]) -> io::Result<()> {
        let sent: HashSet<&str> = sent.iter().map(String::as_str).collect();
        self.locked(|| {
            let mut lines = self.lines()?;
            lines.retain(|line| !sent.contains(line.as_str()));
            self.replace(&lines)
        })
    }

    /// Draws a new id and a new salt and empties the queue. The new id.
    ///
    /// # Errors
    /// What the system said.
    pub fn reset(&self) -> io::Result<Uuid> {
        self.locked(|| {
            self.replace(&[])?;
            Ok(self.put_identity()?.id)
        })
    }

    /// Looks what is there, and changes nothing.
    ///
    /// # Errors
    /// What the system said; that nothing is there is none.
    pub fn look(&self) -> io::Result<Waiting> {
        Ok(Waiting { id: self.identity()?.map(|identity| identity.id), events: self.lines()? })
    }

    /// One event of each kind, made up, as it would be sent from here.
    #[must_use]
    pub fn examples(&self, now: SystemTime) -> Vec<String> {
        let identity = self.identity().ok().flatten().unwrap_or_else(Identity::draw);
        let session = Uuid::new_v4();
        record::examples(now).iter().filter_map(|told| record::line(told, &identity, session).ok()).collect()
    }

    /// Where the queue lies.
    #[must_use]
    pub fn queue(&self) -> PathBuf {
        self.folder.join("queue.jsonl")
    }

    /// Does `work` while no other process works on the folder, which is for its owner alone.
    fn locked<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let lock = private().write(true).create(true).truncate(false).open(self.folder.join("lock"))?;
        // Free again when it is closed, however the process ends.
        lock.lock()?;
        work()
    }

    /// A file that is damaged is as good as none.
    fn identity(&self) -> io::Result<Option<Identity>> {
        match fs::read(self.identity_file()) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        }
    }

    fn put_identity(&self) -> io::Result<Identity> {
        let identity = Identity::draw();
        write_whole(&self.identity_file(), &serde_json::to_string(&identity).map_err(io::Error::other)?)?;
        Ok(identity)
    }

    fn identity_file(&self) -> PathBuf {
        self.folder.join("identity.json")
    }

    /// The events in the queue. What is no event, such as a line that a kill has torn, is left out.
    fn lines(&self) -> io::Result<Vec<String>> {
        let mut bytes = Vec::new();
        match File::open(self.queue()) {
            Ok(file) if file.metadata()?.len() > FOREIGN_BYTES => return Ok(Vec::new()),
            Ok(file) => file.take(FOREIGN_BYTES).read_to_end(&mut bytes)?,
            Err(err) if err.kind() == io::ErrorKind::NotFound => 0,
            Err(err) => return Err(err),
        };
        let is_event = |line: &&str| serde_json::from_str::<Value>(line).is_ok_and(|value| value.is_object());
        let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        Ok(lines.filter(is_event).map(str::to_owned).collect())
    }

    /// Writes whole lines behind the queue.
    fn append(&self, text: &str) -> io::Result<()> {
        let mut file = private().read(true).append(true).create(true).open(self.queue())?;
        let bytes = file.metadata()?.len();
        if bytes + 1 + text.len() as u64 > QUEUE_BYTES_MAX {
            let mut lines = self.lines()?;
            lines.extend(text.lines().map(str::to_owned));
            let mut room = QUEUE_BYTES_CUT;
            let fitting = lines.iter().rev().take_while(|line| {
                let bytes = line.len() as u64 + 1;
                let fits = bytes <= room;
                room -= if fits { bytes } else { 0 };
                fits
            });
            let from = lines.len() - fitting.count();
            return self.replace(&lines[from..]);
        }
        let mut last = [b'\n'];
        if bytes > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        // Behind a torn line a new one begins, or both would be lost.
        let begin = if last == *b"\n" { "" } else { "\n" };
        file.write_all(format!("{begin}{text}").as_bytes())
    }

    /// Puts these lines in the place of the queue, all of them or none.
    fn replace(&self, lines: &[String]) -> io::Result<()> {
        let mut text = lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        write_whole(&self.queue(), &text)
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Writes a file beside the one at `path` and lets it take its place.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("tmp");
    let mut file = private().write(true).create(true).truncate(true).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
