//! What a cache folder takes on disk, looked at from outside ten times a second, as `du` counts.

use std::collections::HashMap;
use std::fs::{Metadata, symlink_metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(100);
/// The unit of `st_blocks`.
const STAT_BLOCK: u64 = 512;

/// What was seen.
#[derive(Debug, Default)]
pub struct Samples {
    /// How often it was looked.
    pub looks: usize,
    /// The longest time between two looks.
    pub longest_gap: Duration,
    /// The most bytes that were taken at once.
    pub peak: u64,
}

/// Looks until it is finished.
pub struct Sampler {
    stop: SyncSender<()>,
    user: Arc<AtomicU32>,
    thread: JoinHandle<Samples>,
}

impl Sampler {
    /// Looks at `folder` from now on.
    pub fn start(folder: &Path) -> Self {
        let (stop, stopped) = sync_channel(1);
        let user = Arc::new(AtomicU32::new(0));
        let (folder, watched) = (folder.to_owned(), Arc::clone(&user));
        let look = move || {
            let mut samples = Samples::default();
            let mut last = Instant::now();
            loop {
                samples.peak = samples.peak.max(taken(&folder, watched.load(Ordering::Relaxed)));
                samples.looks += 1;
                samples.longest_gap = samples.longest_gap.max(last.elapsed());
                last = Instant::now();
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    return samples;
                }
            }
        };
        let thread = std::thread::Builder::new().name("disk-sampler".into()).spawn(look).unwrap();
        Self { stop, user, thread }
    }

    /// The process that uses the folder from now on: what it removed and still has open takes its room, too.
    pub fn watch(&self, process: u32) {
        self.user.store(process, Ordering::Relaxed);
    }

    pub fn finish(self) -> Samples {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

/// A file that does not change while it is looked at: the same number is the same file.
type Seen = HashMap<(PathBuf, u64), u64>;

/// The bytes that a folder takes, never more than it did take at one moment of the call.
///
/// Files come and go while one looks. What was seen first and is still there afterwards was there all the time
/// and did not shrink; without the second look a file that makes room for another would be counted beside it.
pub fn taken(folder: &Path, process: u32) -> u64 {
    let look = || {
        let mut seen = Seen::new();
        removed_but_open(folder, process, &mut seen);
        walk(folder, &mut seen);
        seen
    };
    let first = look();
    let second = look();
    first.iter().filter(|(file, _)| second.contains_key(file)).map(|(_, bytes)| bytes).sum()
}

fn walk(path: &Path, seen: &mut Seen) {
    let Ok(found) = symlink_metadata(path) else { return };
    note(path.to_owned(), &found, seen);
    if found.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            walk(&entry.path(), seen);
        }
    }
}

/// Files that no name leads to any more; Linux alone tells of them.
fn removed_but_open(folder: &Path, process: u32, seen: &mut Seen) {
    for entry in std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten() {
        let Ok(target) = std::fs::read_link(entry.path()) else { continue };
        if target.starts_with(folder)
            && target.as_os_str().as_encoded_bytes().ends_with(b" (deleted)")
            && let Ok(found) = std::fs::metadata(entry.path())
        {
            note(target, &found, seen);
        }
    }
}

fn note(path: PathBuf, found: &Metadata, seen: &mut Seen) {
    seen.insert((path, found.ino()), found.blocks() * STAT_BLOCK);
}

/// Files that lack some of what they are long: what is fetched in parts is there in part.
pub fn partial_files(folder: &Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(found) = entry.metadata() else { continue };
        if found.is_dir() {
            files += partial_files(&entry.path());
        }
        files += usize::from(found.is_file() && found.blocks() * STAT_BLOCK < found.len());
    }
    files
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn a_file_that_was_removed_counts_as_long_as_somebody_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let before = taken(folder.path(), std::process::id());
        let path = folder.path().join("a");
        let file = File::create(&path).unwrap();
        file.write_all_at(&vec![7; 300_000], 0).unwrap();
        let with_file = taken(folder.path(), std::process::id());
        assert!(with_file >= before + 300_000, "{before} {with_file}");
        std::fs::remove_file(&path).unwrap();
        assert!(taken(folder.path(), std::process::id()) >= before + 300_000);
        drop(file);
        assert_eq!(taken(folder.path(), std::process::id()), before);
    }

    #[test]
    fn a_file_with_a_hole_is_a_partial_one_and_takes_what_is_written_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join("a")).unwrap();
        file.set_len(10_000_000).unwrap();
        file.write_all_at(&vec![7; 65_536], 131_072).unwrap();
        assert_eq!(partial_files(folder.path()), 1);
        assert!((65_536..1_000_000).contains(&taken(folder.path(), 0)));
        std::fs::write(folder.path().join("b"), [7; 5000]).unwrap();
        assert_eq!(partial_files(folder.path()), 1);
    }

    #[test]
    fn the_sampler_remembers_the_most_it_saw() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), vec![7; 1_000_000]).unwrap();
        let sampler = Sampler::start(folder.path());
        let seen = sampler.finish();
        assert!(seen.looks >= 1 && seen.peak >= 1_000_000, "{seen:?}");
    }
}
