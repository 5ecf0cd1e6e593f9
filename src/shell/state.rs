//! What is remembered from one run to the next. The calls touch the disk: never make them on the UI thread.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::Preferences;
use crate::cli::WINDOW_SIDE;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The words that named the last source; empty: none yet.
    pub source: Vec<String>,
    /// 0.0 to 1.0, as a person hears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
    /// Whether the sound was off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// Size of the window's content in logical pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<(u32, u32)>,
    /// Place of the window in logical pixels; `None` where the desktop does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<(i32, i32)>,
    /// What was set by controls, sound apart.
    pub preferences: Preferences,
}

impl State {
    /// Drops what no run would have left: a file that was edited or damaged never brings up an unusable window.
    fn sane(mut self) -> Self {
        self.volume = self.volume.filter(|volume| (0.0..=1.0).contains(volume));
        let text_scale = &mut self.preferences.text_scale;
        *text_scale = if text_scale.is_finite() { text_scale.clamp(1.0, 2.0) } else { 1.0 };
        self.window = self.window.filter(|(width, height)| WINDOW_SIDE.contains(width) && WINDOW_SIDE.contains(height));
        self
    }
}

/// The file that [`State`] is kept in.
#[derive(Clone, Debug)]
pub struct StateFile {
    path: PathBuf,
}

impl StateFile {
    /// The state file at `path`; nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What was remembered. A file that is missing or damaged means nothing was.
    #[must_use]
    pub fn load(&self) -> State {
        match fs::read_to_string(&self.path) {
            Ok(text) => match toml::from_str::<State>(&text) {
                Ok(state) => state.sane(),
                Err(err) => {
                    tracing::warn!("the state file {} is damaged and is ignored: {}", self.path.display(), err.message());
                    State::default()
                }
            },
            Err(err) => {
                if err.kind() != io::ErrorKind::NotFound {
                    tracing::warn!("the state file {} cannot be read: {err}", self.path.display());
                }
                State::default()
            }
        }
    }

    /// Remembers `state`. A crash or a full disk leaves the file as it was, or as it is to be, never half of it.
    ///
    /// # Errors
    /// What the system said; the old file is still there.
    pub fn save(&self, state: &State) -> io::Result<()> {
        save_private(&self.path, toml::to_string(state).map_err(io::Error::other)?.as_bytes())
    }
}

/// Puts `bytes` into a file that is for its owner alone, and makes its folder. A crash or a full disk leaves the file as
/// it was, or as it is to be.
///
/// # Errors
/// What the system said; the old file is still there.
pub(super) fn save_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Named by process: two windows that save at once write two files, and the later rename wins.
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = write_private(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The draft is of no use any more; when it cannot be removed either, the first error is what counts.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// The address of a feed may hold a token: the file is for its owner alone.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::FilterWords;
    use crate::preload::plan::Profile;

    fn state() -> State {
        State {
            source: vec!["/home/a/Videos \"new\"".into(), "b.mp4".into()],
            volume: Some(0.25),
            muted: Some(true),
            window: Some((450, 800)),
            position: Some((-8, 30)),
            preferences: Preferences {
                captions: true,
                text_scale: 1.5,
                reduced_motion: Some(true),
                profile: Some(Profile::Cellular),
                filter: FilterWords { tags: vec!["prank".into()], ..FilterWords::default() },
                ..Preferences::default()
            },
        }
    }

    #[test]
    fn what_was_saved_is_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = StateFile::new(folder.path().join("not/there/yet/state.toml"));
        assert_eq!(file.load(), State::default());
        for state in [state(), State::default()] {
            file.save(&state).unwrap();
            assert_eq!(file.load(), state);
        }
        let left: Vec<_> = fs::read_dir(folder.path().join("not/there/yet")).unwrap().collect();
        assert_eq!(left.len(), 1, "a draft was left behind");
    }

    #[test]
    fn a_damaged_file_means_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.toml");
        for damaged in [&b"volume = [[["[..], b"\xff\xfe\x00", b"source = 5", b"\0\0\0\0"] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(StateFile::new(&path).load(), State::default());
        }
    }

    #[test]
    fn values_that_no_run_leaves_are_dropped_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.toml");
        fs::write(&path, "source = [\"a\"]\nvolume = 7.0\nwindow = [1, 1]\nfrom_a_newer_version = true\n").unwrap();
        assert_eq!(StateFile::new(&path).load(), State { source: vec!["a".into()], ..State::default() });
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.toml");
        StateFile::new(&path).save(&state()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_save_that_fails_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.toml");
        fs::create_dir(&path).unwrap();
        assert!(StateFile::new(&path).save(&state()).is_err());
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
