//! What is remembered of feature flags: the id of this installation, what a feed service said, what was switched off,
//! and how the last sessions ended. The calls touch the disk: never make them on the UI thread.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::super::state::save_private;
use crate::app::{Flag, Served, Session};
use crate::metrics::health::Breach;

/// Sessions that are remembered.
const SESSIONS_KEPT: usize = 16;
/// Digits of an id.
const ID_DIGITS: usize = 32;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::shell) struct Memory {
    /// Decides which shares this installation is among; it is drawn once, and never sent anywhere.
    id: String,
    served_by: String,
    served: BTreeMap<String, u8>,
    rolled_back: BTreeMap<String, String>,
    sessions: Vec<Line>,
}

/// A session, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Line {
    flags: Vec<String>,
    clean: bool,
}

impl Memory {
    /// The id of this installation.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The share that a feed service told last, in percent.
    pub fn share(&self, flag: Flag) -> Option<u8> {
        self.served.get(flag.name()).copied()
    }

    /// The feed service that told of flags last.
    pub fn served_by(&self) -> &str {
        &self.served_by
    }

    /// Why a flag was switched off, if it was.
    pub fn rolled_back(&self, flag: Flag) -> Option<Breach> {
        self.rolled_back.get(flag.name()).and_then(|name| Breach::named(name))
    }

    /// The last sessions, the oldest first.
    pub fn sessions(&self) -> Vec<Session> {
        let session = |line: &Line| Session { flags: line.flags.iter().filter_map(|name| Flag::named(name)).collect(), clean: line.clean };
        self.sessions.iter().map(session).collect()
    }

    pub(super) fn add(&mut self, session: &Session) {
        let flags = session.flags.iter().map(|flag| flag.name().to_owned()).collect();
        self.sessions.push(Line { flags, clean: session.clean });
        self.sessions.drain(..self.sessions.len().saturating_sub(SESSIONS_KEPT));
    }

    pub(super) fn roll_back(&mut self, flag: Flag, breach: Breach) {
        self.rolled_back.insert(flag.name().to_owned(), breach.name().to_owned());
    }

    pub(super) fn serve(&mut self, served: &Served) {
        (self.served_by, self.served) = (served.by.clone(), served.shares.clone());
    }

    /// Drops what no run would have left, and draws an id where there is none.
    fn sane(mut self) -> Self {
        self.served.retain(|_, percent| *percent <= 100);
        if self.id.len() != ID_DIGITS || !self.id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            self.id = fresh_id();
        }
        self
    }
}

/// An id that no other installation has. The standard library seeds its hash tables from the system's random numbers;
/// for sharing out, which is all that the id is for, that is plenty.
fn fresh_id() -> String {
    let draw = || RandomState::new().hash_one((SystemTime::now(), std::process::id()));
    format!("{:016x}{:016x}", draw(), draw())
}

/// The file that a [`Memory`] is kept in.
#[derive(Clone, Debug)]
pub(in crate::shell) struct FlagFile {
    path: PathBuf,
}

impl FlagFile {
    /// The file at `path`; nothing is opened yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What is remembered; `None` when nothing is yet. A file that is damaged is as good as none.
    pub fn load(&self) -> Option<Memory> {
        match fs::read_to_string(&self.path) {
            Ok(text) => toml::from_str(&text)
                .inspect_err(|err| tracing::warn!("{} is damaged and is ignored: {}", self.path.display(), err.message()))
                .ok(),
            Err(err) => {
                if err.kind() != io::ErrorKind::NotFound {
                    tracing::warn!("{} cannot be read: {err}", self.path.display());
                }
                None
            }
        }
    }

    /// Changes what is remembered, one process at a time. A crash or a full disk leaves the file as it was, or as it is
    /// to be. Nothing is written when nothing changes.
    ///
    /// # Errors
    /// What the system said; the old file is still there.
    pub fn change(&self, change: impl FnOnce(&mut Memory)) -> io::Result<Memory> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        // A file of its own: the one with the words is replaced by another each time.
        let lock = File::options().append(true).create(true).open(self.path.with_extension("lock"))?;
        lock.lock()?;
        let before = self.load();
        let mut memory = before.clone().unwrap_or_default().sane();
        change(&mut memory);
        if before.as_ref() != Some(&memory) {
            save_private(&self.path, toml::to_string(&memory).map_err(io::Error::other)?.as_bytes())?;
        }
        Ok(memory)
    }
}
