//! Lists the videos below a folder, with what lies beside them.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::beside::Beside;
use super::details::{self, Caption, Details};
use super::kept::Kept;
use super::video::{Stamp, Video, Videos};
use crate::feed::{Container, NaturalKey, SNIFF_BYTES};

/// Folders within folders that are searched.
const DEPTH_MAX: usize = 32;
/// Videos listed at most.
const VIDEOS_MAX: usize = 100_000;
/// Bytes of the hash that make an identity.
pub(super) const ID_BYTES: usize = 8;

/// Lists the videos below `root`; those that are unchanged since `before` are not looked into again, and what was seen
/// in one earlier is taken from what is kept.
///
/// # Errors
/// When the root cannot be read. A folder in it that cannot be read is left out.
pub(super) fn list(root: &Path, before: Option<&[Arc<Video>]>, kept: Option<&Kept>) -> io::Result<Videos> {
    let known = before.unwrap_or_default().iter().map(|video| (video.relative.as_str(), video)).collect();
    let lister = Lister { root, known, kept };
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
        let mut names = Vec::new();
        for entry in entries.filter_map(Result::ok) {
            // A name that is not Unicode cannot be part of an address.
            let Some(name) = entry.file_name().to_str().filter(|name| !name.starts_with('.')).map(str::to_owned) else {
                continue;
            };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => folders.push((entry.path(), format!("{prefix}{name}/"), depth + 1)),
                Ok(kind) if kind.is_dir() => {}
                // Links to folders are left out: they could lead around in circles or out of the root.
                Ok(_) => names.push(name),
                Err(_) => {}
            }
        }
        let mut beside = Beside::of(names.iter().map(String::as_str));
        for name in &names {
            if videos.len() < VIDEOS_MAX {
                let side = beside.side(name).map(|side| folder.join(side));
                let captions = beside.captions(&prefix, name);
                videos.extend(lister.look_at(&folder.join(name), format!("{prefix}{name}"), side, captions));
            }
        }
    }
    videos.retain(|video| !video.details.is_hidden);
    videos.sort_by_cached_key(|video| NaturalKey::new(&video.relative));
    Ok(videos.into())
}

struct Lister<'a> {
    root: &'a Path,
    known: HashMap<&'a str, &'a Arc<Video>>,
    kept: Option<&'a Kept>,
}

impl Lister<'_> {
    fn look_at(&self, path: &Path, relative: String, side: Option<PathBuf>, captions: Vec<Caption>) -> Option<Arc<Video>> {
        let stamp = Stamp::of(path)?;
        let side = side.and_then(|side| Some((Stamp::of(&side)?, side)));
        let side_stamp = side.as_ref().map(|(stamp, _)| *stamp);
        let known = self.known.get(relative.as_str()).filter(|video| video.stamp() == stamp);
        if let Some(video) = known.filter(|video| video.side == side_stamp && video.details.captions == captions) {
            return Some(Arc::clone(video));
        }
        let path = inside(self.root, path)?;
        let container = match known {
            Some(video) => video.container,
            None => container_of(&read_head(&mut File::open(&path).ok()?).ok()?)?,
        };
        let details = side.map(|(_, side)| self.details(&side)).unwrap_or_default();
        let outcome = match known {
            Some(video) => Arc::clone(&video.outcome),
            None => Arc::new(self.kept.and_then(|kept| kept.outcome(&relative, stamp)).map_or_else(OnceLock::new, OnceLock::from)),
        };
        Some(Arc::new(Video {
            id: id_of(&relative),
            relative,
            path,
            bytes: stamp.bytes,
            modified: stamp.modified,
            container,
            details: Details { captions, ..details },
            side: side_stamp,
            headers: known.map(|video| video.headers.clone()).unwrap_or_default(),
            outcome,
        }))
    }

    /// What a side file tells; of one that is not readable, nothing.
    fn details(&self, side: &Path) -> Details {
        let file = side.strip_prefix(self.root).unwrap_or(side).display().to_string();
        let read = inside(self.root, side).ok_or_else(|| "it lies elsewhere".to_owned()).and_then(|path| {
            let mut bytes = Vec::new();
            let opened = File::open(path).map_err(|err| err.to_string())?;
            opened.take(details::BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|err| err.to_string())?;
            details::read(&bytes)
        });
        match read {
            Ok((details, ignored)) => {
                for field in ignored {
                    tracing::warn!(file, field, "a field of a side file makes no sense and is left out");
                }
                details
            }
            Err(why) => {
                tracing::warn!(file, why, "a side file can’t be read and is left out");
                Details::default()
            }
        }
    }
}

/// The identity of the video at a path below the root.
pub(super) fn id_of(relative: &str) -> String {
    hexadecimal(&Sha256::digest(relative.as_bytes())[..ID_BYTES])
}

/// Two digits a byte.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The real path, if it lies below `root`: a link out of it is not followed.
pub(in crate::server) fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().filter(|real| real.starts_with(root))
}

/// The first bytes of a file.
pub(in crate::server) fn read_head(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    file.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// The container of a file that can be served. Still images and sound that share a container with videos are
/// told by their brand.
pub(in crate::server) fn container_of(head: &[u8]) -> Option<Container> {
    let container = Container::sniff(head)?;
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"));
    let is_video = !matches!(brand, Some(b"M4A " | b"M4B " | b"heic" | b"heix" | b"mif1" | b"msf1" | b"avif" | b"avis"));
    is_video.then_some(container)
}
