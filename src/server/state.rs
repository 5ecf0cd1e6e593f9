//! Where a server keeps things when nobody has said where.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes of the hash that tells the folders of videos apart.
const HASH_BYTES: usize = 8;

/// The folder for what is kept of the videos below `root`, as the XDG Base Directory Specification has it. `None` when the
/// system does not say where the user's folders are.
pub(super) fn usual(root: &Path) -> Option<PathBuf> {
    usual_in(root, env::var_os("XDG_STATE_HOME"), env::var_os("HOME"))
}

fn usual_in(root: &Path, state: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    // A path that is not absolute is to be ignored.
    let absolute = |folder: Option<OsString>| folder.map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = absolute(state).or_else(|| Some(absolute(home)?.join(".local/state")))?;
    let hash = Sha256::digest(root.as_os_str().as_encoded_bytes());
    let name = hash[..HASH_BYTES].iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16));
    Some(state.join("flickreel-server").join(name.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_of_videos_has_its_own_place_among_the_users_folders() {
        let usual =
            |root: &str, state: Option<&str>, home: Option<&str>| usual_in(Path::new(root), state.map(Into::into), home.map(Into::into));
        let place = usual("/videos", Some("/s"), Some("/h")).unwrap();
        assert!(place.starts_with("/s/flickreel-server") && place.file_name().unwrap().len() == 16, "{}", place.display());
        assert_ne!(usual("/other", Some("/s"), None).unwrap(), place);
        assert_eq!(usual("/videos", Some("s"), Some("/h")).unwrap().parent().unwrap(), Path::new("/h/.local/state/flickreel-server"));
        assert_eq!(usual("/videos", None, None), None);
    }
}
