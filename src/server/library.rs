//! The videos of a folder: listed when the listing has aged, looked into when a page needs it.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::mp4::{self, Mp4Info};
use crate::feed::{Container, NaturalKey, SNIFF_BYTES};

/// Folders within folders that are searched.
const DEPTH_MAX: usize = 32;
/// Videos listed at most.
const VIDEOS_MAX: usize = 100_000;
/// Bytes of the hash that make an identity.
const ID_BYTES: usize = 8;

/// One video.
#[derive(Debug)]
pub(super) struct Video {
    /// A hash of the relative path: the same for as long as the file is called the same.
    pub id: String,
    /// Path below the root, with `/` between the parts.
    pub relative: String,
    pub path: PathBuf,
    pub bytes: u64,
    pub modified: SystemTime,
    pub container: Container,
    info: OnceLock<Mp4Info>,
}

impl Video {
    /// What the file's headers tell. Reads them the first time, so it blocks.
    pub fn info(&self) -> Mp4Info {
        *self.info.get_or_init(|| match self.container {
            Container::Mp4 => File::open(&self.path).and_then(mp4::read).unwrap_or_default(),
            _ => Mp4Info::default(),
        })
    }

    /// The same clip as another video.
    pub fn again(&self, id: String, relative: String) -> Self {
        let Self { path, bytes, modified, container, info, .. } = self;
        Self { id, relative, path: path.clone(), bytes: *bytes, modified: *modified, container: *container, info: info.clone() }
    }
}

/// The videos in natural order.
pub(super) type Videos = Arc<[Arc<Video>]>;

/// The videos below a folder.
pub(super) struct Library {
    root: PathBuf,
    lifetime: Duration,
    /// Locked while the folder is read, so that requests wait for one reading instead of each doing its own.
    listed: Mutex<Option<(Instant, Videos)>>,
}

impl Library {
    pub fn new(root: PathBuf, lifetime: Duration) -> Self {
        Self { root, lifetime, listed: Mutex::new(None) }
    }

    /// The videos, as they are now or were a moment ago.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn videos(&self) -> io::Result<Videos> {
        let mut listed = self.listed.lock().await;
        if let Some((at, videos)) = &*listed
            && at.elapsed() < self.lifetime
        {
            return Ok(Arc::clone(videos));
        }
        let root = self.root.clone();
        let before = listed.as_ref().map(|(_, videos)| Arc::clone(videos));
        let videos = tokio::task::spawn_blocking(move || list(&root, before.as_deref())).await.map_err(io::Error::other)??;
        *listed = Some((Instant::now(), Arc::clone(&videos)));
        Ok(videos)
    }
}

/// Lists the videos below `root`; those that are unchanged since `before` are not looked into again.
fn list(root: &Path, before: Option<&[Arc<Video>]>) -> io::Result<Videos> {
    let known: HashMap<&str, &Arc<Video>> = before.unwrap_or_default().iter().map(|video| (video.relative.as_str(), video)).collect();
    let mut videos = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(err) if depth == 0 => return Err(err),
            Err(err) => {
                tracing::warn!(folder = prefix, %err, "a folder can’t be read and is left out");
                continue;
            }
        };
        for entry in entries.filter_map(Result::ok) {
            // A name that is not Unicode cannot be part of an address.
            let Some(name) = entry.file_name().to_str().filter(|name| !name.starts_with('.')).map(str::to_owned) else {
                continue;
            };
            let (path, relative) = (entry.path(), format!("{prefix}{name}"));
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => folders.push((path, relative + "/", depth + 1)),
                Ok(kind) if kind.is_dir() => {}
                // Links to folders are left out: they could lead around in circles or out of the root.
                Ok(_) if videos.len() < VIDEOS_MAX => videos.extend(look_at(root, &path, relative, &known)),
                _ => {}
            }
        }
    }
    videos.sort_by_cached_key(|video| NaturalKey::new(&video.relative));
    Ok(videos.into())
}

fn look_at(root: &Path, path: &Path, relative: String, known: &HashMap<&str, &Arc<Video>>) -> Option<Arc<Video>> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let (bytes, modified) = (metadata.len(), metadata.modified().unwrap_or(UNIX_EPOCH));
    if let Some(video) = known.get(relative.as_str()).filter(|video| video.bytes == bytes && video.modified == modified) {
        return Some(Arc::clone(video));
    }
    let path = inside(root, path)?;
    let container = container_of(&read_head(&mut File::open(&path).ok()?).ok()?)?;
    let mut id = String::new();
    for byte in Sha256::digest(relative.as_bytes()).iter().take(ID_BYTES) {
        // Writing to a string does not fail.
        let _ = write!(id, "{byte:02x}");
    }
    Some(Arc::new(Video { id, relative, path, bytes, modified, container, info: OnceLock::new() }))
}

/// The real path, if it lies below `root`: a link out of it is not followed.
pub(super) fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().filter(|real| real.starts_with(root))
}

/// The first bytes of a file.
pub(super) fn read_head(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    file.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// The container of a file that can be served. Still images and sound that share a container with videos are
/// told by their brand.
pub(super) fn container_of(head: &[u8]) -> Option<Container> {
    let container = Container::sniff(head)?;
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"));
    let is_video = !matches!(brand, Some(b"M4A " | b"M4B " | b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif" | b"avis"));
    is_video.then_some(container)
}
