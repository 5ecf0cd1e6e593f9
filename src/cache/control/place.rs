//! Where the socket lies, and that nobody else can have put it there. The socket of the window lies by the same rules.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::cache::key::hex;

/// Hexadecimal digits of the cache folder's hash in the socket's name: one user has few cache folders.
const NAME_DIGITS: usize = 8;
/// Group and others have no business in the folder.
const OTHERS: u32 = 0o077;
/// Nobody but the owner of a file in such a folder can remove or rename it.
const STICKY: u32 = 0o1000;

/// Where the socket of the cache in `cache_dir` may lie: one path in each of `folders`, in their order.
///
/// # Errors
/// When there is no folder `cache_dir`.
pub fn sockets(folders: &[PathBuf], cache_dir: &Path) -> io::Result<Vec<PathBuf>> {
    // However the folder is written, it is the same cache.
    let hash: [u8; 32] = Sha256::digest(cache_dir.canonicalize()?.as_os_str().as_bytes()).into();
    let name = format!("cache-{}.sock", &hex(&hash)[..NAME_DIGITS]);
    Ok(folders.iter().map(|folder| folder.join(&name)).collect())
}

/// Makes sure that the folder of a socket belongs to this user alone; makes it when it is not there.
pub(crate) fn prepare(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(err) if err.kind() != io::ErrorKind::AlreadyExists => return Err(err),
        _ => {}
    }
    trust(folder)
}

/// Refuses a folder that somebody else could put a socket into, or take one out of.
pub(super) fn trust(folder: &Path) -> io::Result<()> {
    let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} {why}", folder.display())));
    let me = rustix::process::geteuid().as_raw();
    // Of the folder itself, not of what a link leads to.
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        return refuse("is not a folder");
    }
    if found.uid() != me {
        return refuse("belongs to somebody else");
    }
    if found.mode() & OTHERS != 0 {
        return refuse("is open to others");
    }
    // Above it, a folder of ours, or one such as /tmp. With `sudo -E` the runtime folder is another user's, who
    // could never enter or remove what we make there.
    let above = fs::metadata(folder.parent().unwrap_or(folder))?;
    if above.uid() != me && (above.uid() != 0 || above.mode() & STICKY == 0) {
        return refuse("lies in a folder that belongs to somebody else");
    }
    Ok(())
}

/// The file of a socket that is listened on; removed when dropped.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// As long as it is open, no other file gets its inode.
    _listener: UnixListener,
}

impl SocketFile {
    /// Listens at `path`. To be called only by the process that holds a lock on what the socket is for: what lies there was
    /// then left by one that is gone.
    pub fn bind(path: &Path) -> io::Result<(Self, UnixListener)> {
        prepare(path.parent().unwrap_or(path))?;
        match fs::remove_file(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        // Too long a path is an error here.
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        let found = fs::symlink_metadata(path)?;
        let file = Self { path: path.to_owned(), device: found.dev(), inode: found.ino(), _listener: listener.try_clone()? };
        Ok((file, listener))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Another owner may have come after us, when our folder or lock was removed under us.
        let ours = |found: fs::Metadata| found.dev() == self.device && found.ino() == self.inode;
        if fs::symlink_metadata(&self.path).is_ok_and(ours) {
            // One that stays is replaced by the next owner.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_is_one_cache_however_it_is_written() {
        let home = tempfile::tempdir().unwrap();
        let cache = home.path().join("cache");
        fs::create_dir(&cache).unwrap();
        std::os::unix::fs::symlink(&cache, home.path().join("link")).unwrap();
        let place = |dir: &Path| sockets(&["/run/a".into(), "/tmp/b".into()], dir).unwrap();
        assert_eq!(place(&cache), place(&home.path().join("./link/../link")));
        assert_ne!(place(&cache), place(home.path()));
        let name = place(&cache)[0].strip_prefix("/run/a").unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("cache-") && name.len() == "cache-01234567.sock".len(), "{name}");
        assert!(sockets(&[], &home.path().join("none")).is_err());
    }

    #[test]
    fn a_folder_that_others_can_enter_and_one_behind_a_link_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("run");
        prepare(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        prepare(&folder).unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(prepare(&link).unwrap_err().to_string().contains("not a folder"));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(prepare(&folder).unwrap_err().to_string().contains("open to others"));
        assert!(prepare(&home.path().join("none/run")).is_err(), "nothing is made above it");
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        // Another user's folder can be made by root alone; everybody else has root's to look at.
        let home = tempfile::tempdir().unwrap();
        let mine = home.path().join("run");
        fs::create_dir(&mine).unwrap();
        fs::set_permissions(&mine, fs::Permissions::from_mode(0o700)).unwrap();
        let theirs = if std::os::unix::fs::chown(&mine, Some(12_345), None).is_ok() { mine.as_path() } else { Path::new("/") };
        assert!(prepare(theirs).unwrap_err().to_string().contains("somebody else"));
        let err = SocketFile::bind(&theirs.join("cache-0.sock")).unwrap_err();
        assert!(err.to_string().contains("somebody else"), "{err}");
    }

    #[test]
    fn what_a_killed_owner_left_is_replaced_and_what_a_later_one_made_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run/cache-0.sock");
        prepare(&home.path().join("run")).unwrap();
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let (first, listener) = SocketFile::bind(&path).unwrap();
        drop(listener);
        let (second, _listener) = SocketFile::bind(&path).unwrap();
        drop(first);
        assert!(path.exists(), "the socket of the second");
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn a_path_that_is_too_long_for_a_socket_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        assert!(SocketFile::bind(&home.path().join("x".repeat(120)).join("cache-0.sock")).is_err());
    }
}
