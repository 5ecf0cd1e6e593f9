//! Hears from the system that something in the folder of videos has changed. It is only a reason to list the folder again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// A folder that is watched, with all that are in it.
pub(super) struct Watch {
    root: PathBuf,
    identity: Identity,
    told: Arc<Told>,
    /// Watches until it is dropped.
    _watcher: RecommendedWatcher,
}

#[derive(Default)]
struct Told {
    stirred: Notify,
    /// Something is not watched any more: there are more folders than the system watches for one user.
    lost: AtomicBool,
}

/// Which folder it is that lies at a path.
#[derive(Debug, PartialEq, Eq)]
struct Identity(#[cfg(unix)] (u64, u64));

impl Identity {
    fn of(root: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(root)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Ok(Self((metadata.dev(), metadata.ino())))
        }
        #[cfg(not(unix))]
        Ok(Self())
    }
}

impl Watch {
    /// Watches `root`. Blocks while the folders in it are gone through.
    ///
    /// # Errors
    /// When it is not there, or the system watches no more folders.
    pub fn start(root: &Path) -> notify::Result<Self> {
        let told = Arc::new(Told::default());
        let identity = Identity::of(root)?;
        let teller = Arc::clone(&told);
        let hear = move |event: notify::Result<notify::Event>| {
            match event {
                // What is only read has not changed: every request for media reads.
                Ok(event) if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) => return,
                Ok(_) => {}
                Err(_) => teller.lost.store(true, Ordering::Relaxed),
            }
            teller.stirred.notify_one();
        };
        let mut watcher = RecommendedWatcher::new(hear, Config::default().with_follow_symlinks(false))?;
        watcher.watch(root, RecursiveMode::Recursive)?;
        Ok(Self { root: root.to_owned(), identity, told, _watcher: watcher })
    }

    /// Done when something has changed since it was last done.
    pub async fn stirred(&self) {
        self.told.stirred.notified().await;
    }

    /// Whether it still hears of everything in what lies at the root now.
    pub fn holds(&self) -> bool {
        !self.told.lost.load(Ordering::Relaxed) && Identity::of(&self.root).is_ok_and(|identity| identity == self.identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;
    use tokio::time::timeout;

    const DEADLINE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn what_changes_is_heard_in_new_folders_too() {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::start(folder.path()).unwrap();
        let within = folder.path().join("a/b");
        fs::create_dir_all(&within).unwrap();
        timeout(DEADLINE, watch.stirred()).await.unwrap();
        let file = within.join("c.mp4");
        // The folder itself is watched a moment after it was made.
        timeout(DEADLINE, async {
            loop {
                fs::write(&file, "more").unwrap();
                if timeout(Duration::from_millis(200), watch.stirred()).await.is_ok() {
                    return;
                }
            }
        })
        .await
        .unwrap();
        assert!(watch.holds());
    }

    #[tokio::test]
    async fn a_folder_that_was_replaced_is_watched_no_more_and_says_so() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("videos");
        fs::create_dir(&root).unwrap();
        let watch = Watch::start(&root).unwrap();
        assert!(watch.holds());
        fs::rename(&root, parent.path().join("old")).unwrap();
        assert!(!watch.holds());
        fs::create_dir(&root).unwrap();
        assert!(!watch.holds());
        assert!(Watch::start(&parent.path().join("none")).is_err());
    }
}
