//! What a server is told at its start, and why it may not start.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a cursor is good for.
const CURSOR_LIFETIME: Duration = Duration::from_mins(10);
/// How long a listing of the folder is taken for true.
const LISTING_LIFETIME: Duration = Duration::from_secs(2);

/// Why a server cannot start or go on. Each displays as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The folder of videos is not there or cannot be read.
    #[error("The folder “{}” can’t be read: {err}.", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        err: io::Error,
    },
    /// A file was named where a folder is needed.
    #[error("“{}” is not a folder.", .0.display())]
    NotAFolder(PathBuf),
    /// There is nothing in the folder to make a feed of.
    #[error("There is no video in the folder “{}”.", .0.display())]
    NoVideos(PathBuf),
    /// The file of feature flags cannot be served.
    #[error("The flags in “{}” can’t be served: {why}.", .path.display())]
    Flags {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No more connections can be taken.
    #[error("The server stopped.")]
    Stopped(#[source] io::Error),
}

impl ServerError {
    /// Whether trying the same thing again may succeed without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Stopped(_))
    }
}

/// What a server is told at its start.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The folder of videos, with links resolved.
    pub(super) root: PathBuf,
    pub(super) cursor_lifetime: Duration,
    pub(super) listing_lifetime: Duration,
    /// What is told of feature flags at `/feed/flags`.
    pub(super) flags: Option<PathBuf>,
}

impl ServerConfig {
    /// A server of the videos below `root`.
    ///
    /// # Errors
    /// [`ServerError`] when `root` is not a folder that can be read.
    pub fn new(root: &Path) -> Result<Self, ServerError> {
        let unreadable = |err| ServerError::Folder { path: root.to_owned(), err };
        let real = root.canonicalize().map_err(unreadable)?;
        if !real.is_dir() {
            return Err(ServerError::NotAFolder(root.to_owned()));
        }
        std::fs::read_dir(&real).map_err(unreadable)?;
        Ok(Self { root: real, cursor_lifetime: CURSOR_LIFETIME, listing_lifetime: LISTING_LIFETIME, flags: None })
    }

    /// The same with a file of feature flags, `{"flags": {NAME: {"percent": 0 to 100}}}`, at `/feed/flags`. It is read
    /// anew for every request, so that a flag can be taken back at once.
    ///
    /// # Errors
    /// [`ServerError::Flags`] when it is not there, larger than clients take, or no such JSON.
    pub fn with_flags(self, path: &Path) -> Result<Self, ServerError> {
        super::flags::read(path).map_err(|why| ServerError::Flags { path: path.to_owned(), why })?;
        Ok(Self { flags: Some(path.to_owned()), ..self })
    }

    /// The same with another lifetime of cursors.
    #[must_use]
    pub fn with_cursor_lifetime(mut self, lifetime: Duration) -> Self {
        self.cursor_lifetime = lifetime;
        self
    }

    /// The same with another time for which a listing of the folder is taken for true.
    #[must_use]
    pub fn with_listing_lifetime(mut self, lifetime: Duration) -> Self {
        self.listing_lifetime = lifetime;
        self
    }
}
