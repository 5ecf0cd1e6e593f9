//! Lists the files below a folder, deeply and in natural order, without opening any of them.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::feed::NaturalKey;

/// Folders within folders that are searched.
const DEPTH_MAX: usize = 32;
/// Files listed at most: a bound on memory, far over what anybody swipes through.
const FILES_MAX: usize = 200_000;

/// The files below a folder at one moment.
pub(super) struct Listing {
    /// In natural order.
    pub files: Vec<ListedFile>,
    /// Entries that could not be listed or are no files (sockets, devices, unreadable folders).
    pub skipped: usize,
}

/// One file of a [`Listing`].
pub(super) struct ListedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path below the folder, with `/` between the parts.
    pub relative: String,
}

struct Walk<'a> {
    root: &'a Path,
    real_root: PathBuf,
    files: Vec<ListedFile>,
    skipped: usize,
    /// Folders that were entered, by their real path.
    entered: HashSet<PathBuf>,
    /// Links to folders, entered after all real folders so that a folder is listed where it really lies.
    links: Vec<(PathBuf, usize)>,
}

/// Lists what lies below `root`. Blocks.
///
/// Hidden entries are left out. Links to files are followed; a link to a folder is followed unless the folder
/// was listed already or holds `root` itself.
///
/// # Errors
/// When `root` itself cannot be read.
pub(super) fn list(root: &Path) -> io::Result<Listing> {
    let real_root = root.canonicalize()?;
    let mut walk = Walk { root, real_root, files: Vec::new(), skipped: 0, entered: HashSet::new(), links: Vec::new() };
    walk.enter_all(root, 0)?;
    while let Some((link, depth)) = walk.links.pop() {
        let outward = link.canonicalize().is_ok_and(|real| walk.real_root.starts_with(&real));
        if outward || walk.enter_all(&link, depth).is_err() {
            walk.skipped += 1;
        }
    }
    let mut files = walk.files;
    files.sort_by_cached_key(|file| NaturalKey::new(&file.relative));
    Ok(Listing { files, skipped: walk.skipped })
}

impl Walk<'_> {
    /// Lists a folder and all real folders below it. Fails only for `folder` itself.
    fn enter_all(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        let mut folders = Vec::new();
        self.enter(folder, depth, &mut folders)?;
        while let Some((folder, depth)) = folders.pop() {
            if depth > DEPTH_MAX || self.enter(&folder, depth, &mut folders).is_err() {
                self.skipped += 1;
            }
        }
        Ok(())
    }

    fn enter(&mut self, folder: &Path, depth: usize, folders: &mut Vec<(PathBuf, usize)>) -> io::Result<()> {
        if !self.entered.insert(folder.canonicalize()?) {
            return Ok(());
        }
        for entry in fs::read_dir(folder)? {
            // A folder that breaks off in the middle keeps what it has told.
            let Ok(entry) = entry else {
                self.skipped += 1;
                continue;
            };
            if self.files.len() >= FILES_MAX {
                self.skipped += 1;
                continue;
            }
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push((path, depth + 1)),
                Ok(kind) if kind.is_symlink() && fs::metadata(&path).is_ok_and(|target| target.is_dir()) => {
                    self.links.push((path, depth + 1));
                }
                // Links that lead nowhere and special files are told apart when the file is looked at.
                _ => self.add(path),
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) {
        let relative = path.strip_prefix(self.root).unwrap_or(&path);
        let parts: Vec<String> = relative.components().map(|part| text_of(part.as_os_str().as_ref())).collect();
        self.files.push(ListedFile { relative: parts.join("/"), path });
    }
}

/// A path as text. What is not Unicode is escaped, so that two names never become one.
pub(super) fn text_of(path: &Path) -> String {
    path.to_str().map_or_else(|| path.as_os_str().as_encoded_bytes().escape_ascii().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        list(root).unwrap().files.into_iter().map(|file| file.relative).collect()
    }

    #[test]
    fn files_are_listed_deeply_and_in_natural_order_without_hidden_ones() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("day 10/deep")).unwrap();
        fs::create_dir_all(root.path().join("day 2")).unwrap();
        fs::create_dir_all(root.path().join(".hidden")).unwrap();
        for name in ["day 10/deep/a", "day 2/b10", "day 2/B9", ".hidden/c", ".d", "e"] {
            fs::write(root.path().join(name), "x").unwrap();
        }
        assert_eq!(names(root.path()), ["day 2/B9", "day 2/b10", "day 10/deep/a", "e"]);
    }

    #[test]
    fn folders_nested_deeper_than_the_limit_are_left_out_and_counted() {
        let root = tempfile::tempdir().unwrap();
        let inside = root.path().join(["d"; DEPTH_MAX].join("/"));
        fs::create_dir_all(inside.join("d")).unwrap();
        fs::write(inside.join("in"), "x").unwrap();
        fs::write(inside.join("d/out"), "x").unwrap();
        let listing = list(root.path()).unwrap();
        assert_eq!(listing.files.len(), 1);
        assert_eq!(listing.skipped, 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_and_links_outward_list_nothing_twice() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("root");
        fs::create_dir_all(root.join("z")).unwrap();
        fs::create_dir_all(outside.path().join("beside")).unwrap();
        fs::write(outside.path().join("stranger"), "x").unwrap();
        fs::write(outside.path().join("beside/guest"), "x").unwrap();
        fs::write(root.join("z/file"), "x").unwrap();
        symlink(&root, root.join("z/circle")).unwrap();
        symlink(root.join("z"), root.join("a")).unwrap();
        symlink(outside.path(), root.join("up")).unwrap();
        symlink(outside.path().join("beside"), root.join("beside")).unwrap();
        symlink(root.join("z/file"), root.join("same")).unwrap();
        assert_eq!(names(&root), ["beside/guest", "same", "z/file"]);
    }
}
