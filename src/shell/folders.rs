//! Where things are kept on this machine.

use std::path::PathBuf;

use crate::config::project_dirs;

/// The folders of this program, none of them created yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `config.toml`.
    pub config: PathBuf,
    /// What may be deleted at any time.
    pub cache: PathBuf,
    /// What was left where: the state file and the log.
    pub state: PathBuf,
    /// What belongs to the user.
    pub data: PathBuf,
}

impl Folders {
    /// The folders the desktop keeps for this program (XDG on Linux). Without a home they lie in a temporary
    /// folder, so that a kiosk or a container still runs.
    #[must_use]
    pub fn find() -> Self {
        let Some(dirs) = project_dirs() else {
            let base = std::env::temp_dir().join("flickreel");
            return Self { config: base.join("config"), cache: base.join("cache"), state: base.join("state"), data: base.join("data") };
        };
        Self {
            config: dirs.config_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            // Only Linux has a folder for state.
            state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned(),
            data: dirs.data_dir().to_owned(),
        }
    }

    /// The log file.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.state.join("flickreel.log")
    }

    /// The state file.
    #[must_use]
    pub fn state_file(&self) -> PathBuf {
        self.state.join("state.toml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_folders_are_named_after_the_program() {
        let folders = Folders::find();
        for folder in [&folders.config, &folders.cache, &folders.state, &folders.data] {
            assert!(folder.components().any(|part| part.as_os_str() == "flickreel"), "{}", folder.display());
        }
        assert_ne!(folders.cache, folders.state);
    }
}
