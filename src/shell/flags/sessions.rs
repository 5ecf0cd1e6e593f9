//! Which sessions are under way, and which ended without a word: a file with a lock for each. The lock goes when its
//! process does, whatever becomes of process numbers, in containers too. Who finds a file without a lock has found a
//! session that ended abruptly, unless the machine was started anew since: then nobody knows what ended it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

const PREFIX: &str = "session-";
const SUFFIX: &str = ".running";

/// Sessions of one process, for tests that have several.
static NEXT: AtomicU64 = AtomicU64::new(0);

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Mark {
    boot: String,
    flags: Vec<String>,
}

/// Tells one start of the machine from another; empty where the system does not tell.
pub(super) fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// A session that is under way.
#[derive(Debug)]
pub(super) struct Running {
    path: PathBuf,
    flags: Vec<String>,
    /// Holds the lock.
    _file: File,
}

impl Running {
    /// Leaves the mark of a session in `folder`.
    ///
    /// # Errors
    /// What the system said.
    pub fn begin(folder: &Path, boot: &str, flags: &[&str]) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let name = format!("{PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (draft, path) = (folder.join(format!("{name}.tmp")), folder.join(format!("{name}{SUFFIX}")));
        let flags: Vec<_> = flags.iter().map(|&flag| flag.to_owned()).collect();
        let mark = toml::to_string(&Mark { boot: boot.to_owned(), flags: flags.clone() }).map_err(io::Error::other)?;
        let mut file = File::create(&draft)?;
        // Locked before it has its name: nobody ever sees it without its lock.
        let written = file.lock().and_then(|()| file.write_all(mark.as_bytes())).and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            // Of no use any more; when it cannot be removed either, the first error is what counts.
            let _ = fs::remove_file(&draft);
        }
        written.map(|()| Self { path, flags, _file: file })
    }

    /// What the session tries out.
    pub fn flags(&self) -> &[String] {
        &self.flags
    }

    /// The session came to its end.
    pub fn end(self) {
        if let Err(err) = fs::remove_file(&self.path) {
            tracing::warn!("the mark of this session could not be removed: {err}");
        }
    }
}

/// A session that ended abruptly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// What it tried out.
    pub flags: Vec<String>,
}

/// Sessions in `folder` that ended abruptly since the machine was started, each told once. Their marks go.
pub(super) fn ended_abruptly(folder: &Path, boot: &str) -> Vec<Ended> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_mark = |name: &str| name.starts_with(PREFIX) && name.ends_with(SUFFIX);
    let marks = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_mark));
    marks.filter_map(|entry| take(&entry.path(), boot)).collect()
}

/// Takes away the mark of a session that is over; `None` for one that is under way, or of an earlier start.
fn take(path: &Path, boot: &str) -> Option<Ended> {
    let file = File::options().read(true).write(true).open(path).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return None,
        Err(TryLockError::Error(err)) => {
            tracing::warn!("whether a session is under way cannot be told: {err}");
            return None;
        }
    }
    // What was torn while it was written names no start, and counts for nothing.
    let mark: Mark = fs::read_to_string(path).ok().and_then(|text| toml::from_str(&text).ok()).unwrap_or_default();
    // Another process that looks at the same time may have taken it before us: then it is told there.
    fs::remove_file(path).ok()?;
    (!mark.boot.is_empty() && mark.boot == boot).then_some(Ended { flags: mark.flags })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(flags: &[&str]) -> Vec<Ended> {
        vec![Ended { flags: flags.iter().map(|&flag| flag.to_owned()).collect() }]
    }

    #[test]
    fn a_session_that_ends_leaves_nothing_and_one_that_breaks_off_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("not/there/yet");
        assert_eq!(ended_abruptly(&state, "boot"), []);
        Running::begin(&state, "boot", &["a"]).unwrap().end();
        assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
        // Without a word: the process is gone, and its lock with it.
        drop(Running::begin(&state, "boot", &["a", "b"]).unwrap());
        assert_eq!(ended_abruptly(&state, "boot"), ended(&["a", "b"]));
        assert_eq!(ended_abruptly(&state, "boot"), []);
        assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
    }

    #[test]
    fn sessions_beside_each_other_are_not_taken_for_broken_off() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [&["one"], &["other"]].map(|flags| Running::begin(folder.path(), "boot", flags).unwrap());
        assert_eq!(ended_abruptly(folder.path(), "boot"), []);
        drop(other);
        assert_eq!(ended_abruptly(folder.path(), "boot"), ended(&["other"]));
        assert_eq!(one.flags(), ["one"]);
        one.end();
        assert_eq!(ended_abruptly(folder.path(), "boot"), []);
    }

    #[test]
    fn what_a_new_start_of_the_machine_ended_is_held_against_nobody() {
        let folder = tempfile::tempdir().unwrap();
        for boot in ["before", ""] {
            drop(Running::begin(folder.path(), boot, &["a"]).unwrap());
            assert_eq!(ended_abruptly(folder.path(), "boot"), []);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_mark_that_was_torn_and_files_of_others_do_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("session-7-0.running"), "boot = \"bo").unwrap();
        fs::write(folder.path().join("session-7-1.tmp"), "boot").unwrap();
        fs::write(folder.path().join("state.toml"), "x = 1").unwrap();
        assert_eq!(ended_abruptly(folder.path(), "boot"), []);
        assert!(folder.path().join("state.toml").exists() && !folder.path().join("session-7-0.running").exists());
    }
}
