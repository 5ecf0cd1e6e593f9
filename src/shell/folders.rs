//! Where things are kept on this machine.

use std::path::{Path, PathBuf};

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
    /// Where sockets may lie, the best place first. Each is usable only when it turns out to be ours alone.
    pub sockets: Vec<PathBuf>,
}

impl Folders {
    /// The folders the desktop keeps for this program (XDG on Linux). Without a home they lie in a temporary
    /// folder, so that a kiosk or a container still runs.
    #[must_use]
    pub fn find() -> Self {
        // One for each user, as all of them share the folder above it.
        let temporary = std::env::temp_dir().join(format!("flickreel-{}", rustix::process::geteuid().as_raw()));
        let Some(dirs) = project_dirs() else {
            let base = std::env::temp_dir().join("flickreel");
            return Self {
                config: base.join("config"),
                cache: base.join("cache"),
                state: base.join("state"),
                data: base.join("data"),
                sockets: vec![temporary],
            };
        };
        Self {
            config: dirs.config_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            // Only Linux has a folder for state.
            state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned(),
            data: dirs.data_dir().to_owned(),
            sockets: dirs.runtime_dir().map(Path::to_owned).into_iter().chain([temporary]).collect(),
        }
    }

    /// The log file.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.state.join("flickreel.log")
    }

    /// Where saved traces lie.
    #[must_use]
    pub fn traces(&self) -> PathBuf {
        self.state.join("traces")
    }

    /// Where archives for testers lie that were asked for in the window.
    #[must_use]
    pub fn reports(&self) -> PathBuf {
        self.state.join("reports")
    }

    /// What is remembered of feature flags.
    #[must_use]
    pub fn flags_file(&self) -> PathBuf {
        self.state.join("flags.toml")
    }

    /// The last figures of a session.
    #[must_use]
    pub fn figures_file(&self) -> PathBuf {
        self.state.join("figures.json")
    }

    /// The folder of usage events; only who wants them sent has it.
    #[must_use]
    pub fn telemetry(&self) -> PathBuf {
        self.state.join("telemetry")
    }

    /// The socket at which the window of this desktop hears what later starts hand over; `None` without a runtime folder.
    #[must_use]
    pub fn window_socket(&self) -> Option<PathBuf> {
        // The last one is no runtime folder: it stands in for one where the cache is concerned.
        let [runtime, .., _] = self.sockets.as_slice() else { return None };
        // A window on another screen, such as one over ssh, is not where somebody looks.
        let display = ["WAYLAND_DISPLAY", "DISPLAY"].map(|name| std::env::var_os(name).unwrap_or_default());
        let hash = crc32fast::hash(format!("{display:?}").as_bytes());
        Some(runtime.join(format!("window-{hash:08x}.sock")))
    }

    /// Likes, what was watched, where each source was left.
    #[must_use]
    pub fn kept_file(&self) -> PathBuf {
        self.state.join("kept.log")
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
    fn the_folders_are_named_after_the_program() {
        let folders = Folders::find();
        for folder in [&folders.config, &folders.cache, &folders.state, &folders.data] {
            assert!(folder.components().any(|part| part.as_os_str() == "flickreel"), "{}", folder.display());
        }
        assert_ne!(folders.cache, folders.state);
        for folder in &folders.sockets {
            assert!(folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("flickreel")), "{}", folder.display());
        }
        assert!(folders.sockets.last().is_some_and(|last| last.starts_with(std::env::temp_dir())), "{:?}", folders.sockets);
    }
}
