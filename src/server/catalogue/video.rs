//! One video of the catalogue.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::details::Details;
use super::facts::{Facts, Outcome};
use super::mp4::{self, Mp4Info};
use crate::feed::Container;

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub bytes: u64,
    pub modified: SystemTime,
}

impl Stamp {
    /// That of the file at `path`; `None` when there is no file.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { bytes: metadata.len(), modified: metadata.modified().unwrap_or(UNIX_EPOCH) })
    }
}

/// One video.
#[derive(Debug)]
pub(in crate::server) struct Video {
    /// A hash of the relative path: the same for as long as the file is called the same.
    pub id: String,
    /// Path below the root, with `/` between the parts.
    pub relative: String,
    pub path: PathBuf,
    pub bytes: u64,
    pub modified: SystemTime,
    pub container: Container,
    pub(super) details: Details,
    /// The side file that the details were read from.
    pub(super) side: Option<Stamp>,
    pub(super) headers: OnceLock<Mp4Info>,
    /// Shared by what is listed of the same version of the file.
    pub(super) outcome: Arc<OnceLock<Outcome>>,
}

/// Length and display size of a video; `None` where they are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::server) struct Info {
    /// Length of the whole.
    pub duration: Option<Duration>,
    /// Upright display width and height in pixels.
    pub size: Option<(u32, u32)>,
}

impl Video {
    /// What is known of its length and size: seen by a decoder, or else told by the file's headers. Reads these the first
    /// time, so it blocks.
    pub fn info(&self) -> Info {
        let seen = self.facts().map(|facts| Info { duration: facts.duration(), size: facts.size() }).unwrap_or_default();
        if seen.duration.is_some() && seen.size.is_some() {
            return seen;
        }
        let told = self.headers.get_or_init(|| match self.container {
            Container::Mp4 => File::open(&self.path).and_then(mp4::read).unwrap_or_default(),
            _ => Mp4Info::default(),
        });
        Info { duration: seen.duration.or(told.duration), size: seen.size.or(told.size) }
    }

    /// What is told of it beside its file.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// What a decoder saw, once it has looked.
    pub fn facts(&self) -> Option<&Facts> {
        match self.outcome.get()? {
            Outcome::Seen(facts) => Some(facts),
            Outcome::Failed(_) => None,
        }
    }

    /// The path of its poster's address, once there is one.
    pub fn poster(&self) -> Option<String> {
        self.facts()?.poster_ms.map(|_| format!("/media/posters/{}.jpg", self.id))
    }

    /// The same clip as another video.
    pub fn again(&self, id: String, relative: String) -> Self {
        Self {
            id,
            relative,
            path: self.path.clone(),
            bytes: self.bytes,
            modified: self.modified,
            container: self.container,
            details: Details::default(),
            side: None,
            headers: self.headers.clone(),
            outcome: Arc::default(),
        }
    }

    /// One of which nothing is known but its file.
    #[cfg(test)]
    pub(super) fn bare(relative: &str, stamp: Stamp) -> Self {
        Self {
            id: super::list::id_of(relative),
            relative: relative.to_owned(),
            path: PathBuf::from(relative),
            bytes: stamp.bytes,
            modified: stamp.modified,
            container: Container::Mp4,
            details: Details::default(),
            side: None,
            headers: OnceLock::new(),
            outcome: Arc::default(),
        }
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp { bytes: self.bytes, modified: self.modified }
    }
}

/// The videos in natural order.
pub(in crate::server) type Videos = Arc<[Arc<Video>]>;
