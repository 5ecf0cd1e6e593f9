//! Rows 4 to 7: the index is damaged or lost, or tells another story than the folder.

use std::path::Path;

use flickreel::cache::{Demand, DiskCache, Row, Timeouts};

use crate::cache::rig::{KIB, MIB, Rig, du, noise, open_disk, rows, stats, verified};
use crate::support::apart::{self, Place};

/// A cache folder of two videos that no process has open.
struct Folder {
    dir: tempfile::TempDir,
    /// Its index, as it was written.
    index: Vec<u8>,
    /// What is in it.
    rows: Vec<Row>,
}

impl Folder {
    fn new() -> Self {
        let rig = Rig::new(noise(90 * KIB));
        rig.read_all("/a.mp4").unwrap();
        rig.read_all("/b.mp4").unwrap();
        rig.settle();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("data")).unwrap();
        for file in rig.files() {
            std::fs::copy(&file, dir.path().join("data").join(file.file_name().unwrap())).unwrap();
        }
        let rows = sorted(rows(&rig.disk()));
        assert!(rows.len() == 2 && rows.iter().all(|row| row.ready));
        Self { dir, index: std::fs::read(rig.cache_dir().join("index")).unwrap(), rows }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Opens it with another index.
    fn open(&self, index: &[u8]) -> DiskCache {
        std::fs::write(self.path().join("index"), index).unwrap();
        open_disk(self.path(), 100 * MIB)
    }

    /// Opens it with an index that is of no use, and asserts that both videos are found all the same.
    fn assert_rebuilt(&self, index: &[u8], what: &str) {
        let cache = self.open(index);
        assert_eq!(sorted(rows(&cache)), self.rows, "{what}");
        assert_eq!(verified(&cache).bad_blocks, 0, "{what}");
        let stats = stats(&cache);
        assert!(du(self.path()) <= stats.disk_bytes && stats.unread == 0, "{what}: {stats:?}");
    }
}

/// Entries in an order of their own, without what changes as time goes by.
fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    rows.into_iter().map(|row| Row { idle_s: 0, in_use: false, ..row }).collect()
}

/// Puts the right checksum behind an index that was changed.
fn checked(mut index: Vec<u8>) -> Vec<u8> {
    index.truncate(index.len() - 4);
    let checksum = crc32fast::hash(&index);
    index.extend_from_slice(&checksum.to_le_bytes());
    index
}

#[test]
fn row_04_an_index_cut_short_at_any_byte_is_rebuilt() {
    let folder = Folder::new();
    for length in 0..folder.index.len() {
        folder.assert_rebuilt(&folder.index[..length], &format!("cut at {length}"));
    }
    assert!(verified(&folder.open(&[])).is_sound());
}

#[test]
fn row_04_what_was_rebuilt_is_served_without_a_request() {
    let rig = Rig::new(noise(200 * KIB));
    let body = rig.read_all("/v.mp4").unwrap();
    rig.settle();
    let index = rig.cache_dir().join("index");
    let rig = rig.restart_with(|| std::fs::write(index, b"nonsense").unwrap());
    rig.until(|| rig.stats().unread == 0);
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 1);
    assert_eq!(rig.opener.notice(), None);
}

#[test]
fn row_05_an_index_with_a_flipped_bit_is_rebuilt() {
    let folder = Folder::new();
    for at in 0..folder.index.len() {
        let mut index = folder.index.clone();
        index[at] ^= 1 << (at % 8);
        folder.assert_rebuilt(&index, &format!("byte {at}"));
    }
}

#[test]
fn row_05_an_index_of_a_future_version_is_rebuilt() {
    let folder = Folder::new();
    let mut index = folder.index.clone();
    index[8] += 1;
    folder.assert_rebuilt(&checked(index), "a future version");
}

#[test]
fn row_05_a_count_of_a_milliard_and_an_index_without_end_are_refused_within_bounded_memory() {
    apart::run(row_05_a_count_of_a_milliard_and_an_index_without_end_are_refused_within_bounded_memory, Place::Folder, || {
        let folder = Folder::new();
        // What there is by now, and as much again as the largest index that is read.
        let used = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = used.split(' ').next().unwrap().parse().unwrap();
        let limit = Some(pages * 4096 + 256 * MIB);
        rustix::process::setrlimit(rustix::process::Resource::As, rustix::process::Rlimit { current: limit, maximum: limit }).unwrap();
        // The count stands before the entries: behind magic, version and two times. And one of blocks, anywhere.
        for at in 12..folder.index.len() - 8 {
            let mut index = folder.index.clone();
            index[at..at + 4].copy_from_slice(&1_000_000_000_u32.to_le_bytes());
            let found = rows(&folder.open(&checked(index)));
            assert!(found.len() <= 2, "{at}: {found:?}");
        }
        std::fs::File::create(folder.path().join("index")).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(rows(&open_disk(folder.path(), 100 * MIB)).len(), 2);
    });
}

#[test]
fn row_06_an_entry_whose_file_is_missing_is_dropped_and_its_size_too() {
    let folder = Folder::new();
    let before = stats(&folder.open(&folder.index));
    let gone = std::fs::read_dir(folder.path().join("data")).unwrap().next().unwrap().unwrap();
    std::fs::remove_file(gone.path()).unwrap();
    let cache = folder.open(&folder.index);
    let after = stats(&cache);
    assert_eq!((after.entries, rows(&cache).len()), (1, 1));
    assert!(after.disk_bytes + 90 * KIB <= before.disk_bytes, "{before:?} {after:?}");
    assert!(du(folder.path()) <= after.disk_bytes);
}

#[test]
fn row_06_an_entry_whose_file_is_missing_is_fetched_again() {
    let rig = Rig::new(noise(MIB));
    let body = rig.read_all("/v.mp4").unwrap();
    rig.settle();
    let file = rig.files().remove(0);
    let rig = rig.restart_with(|| std::fs::remove_file(file).unwrap());
    assert!(!rig.open("/v.mp4", Demand::Playing).unwrap().from_cache);
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    rig.settle();
    rig.assert_bounded();
    assert_eq!(rig.files().len(), 1);
}

#[test]
fn row_07_a_file_that_no_index_names_is_adopted_when_it_tells_what_it_is() {
    let rig = Rig::new(noise(300 * KIB));
    let body = rig.read_all("/a.mp4").unwrap();
    rig.settle();
    let path = rig.cache_dir().join("index");
    let index = std::fs::read(&path).unwrap();
    rig.read_all("/b.mp4").unwrap();
    let rig = rig.restart_with(|| std::fs::write(path, index).unwrap());
    rig.until(|| rig.stats().unread == 0);
    assert!(rig.read_all("/b.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 2);
    rig.assert_bounded();
}

#[test]
fn row_07_a_file_that_is_nobodys_is_deleted() {
    let rig = Rig::new(noise(MIB));
    rig.read_all("/v.mp4").unwrap();
    rig.settle();
    let (data, cache) = (rig.cache_dir().join("data"), rig.cache_dir());
    let rig = rig.restart_with(|| {
        std::fs::write(data.join("stray"), vec![0; 4096]).unwrap();
        // Named as one of ours would be.
        std::fs::write(data.join("0123456789abcdef.77"), noise(300 * KIB)).unwrap();
        std::fs::create_dir(data.join("0123456789abcdef.78")).unwrap();
        std::fs::create_dir_all(data.join("folder/in/folder")).unwrap();
        std::fs::write(cache.join("index.tmp"), b"half").unwrap();
    });
    assert!(rig.open("/v.mp4", Demand::Preroll).unwrap().from_cache);
    rig.until(|| rig.stats().unread == 0);
    assert_eq!(rig.files().len(), 1);
    assert!(!rig.cache_dir().join("index.tmp").exists());
    assert!(rig.cache_dir().join("CACHEDIR.TAG").exists());
    rig.assert_bounded();
}

#[test]
fn row_07_files_that_no_index_names_count_toward_the_bound() {
    let mut rig = Rig::with(noise(MIB), 20 * MIB, Timeouts::default());
    for item in 0..8 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.settle();
    rig.cap = 4 * MIB;
    let index = rig.cache_dir().join("index");
    let rig = rig.restart_with(|| std::fs::remove_file(index).unwrap());
    // From the first moment on, and when all of them are known.
    rig.assert_bounded();
    rig.until(|| rig.stats().unread == 0);
    rig.assert_bounded();
    assert!(rig.stats().videos_ready > 0);
    rig.read_all("/new.mp4").unwrap();
    rig.settle();
    rig.assert_bounded();
}
