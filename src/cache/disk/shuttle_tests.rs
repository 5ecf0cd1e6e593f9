//! Tests of the store as threads share it: a scheduler chooses at each lock which of them goes on, many times over,
//! on a real disk. A failure tells its schedule; where an order comes from a hash map, a replay may differ.

use std::collections::BTreeSet;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::thread::{self, JoinHandle};
use shuttle::{Config, Runner};
use tempfile::TempDir;

use super::folder::FileName;
use super::open::DiskOptions;
use super::record::Kind;
use super::store::{About, Found, Store};
use crate::cache::blobs::{get, put};
use crate::cache::blocks::{BLOCK_BYTES, block_len, block_start};
use crate::cache::error::CacheError;
use crate::cache::key::{CacheKey, hex};
use crate::cache::validator::Validator;
use crate::metrics::Counters;

/// Room for four blobs beside what is no entry.
const CAP: u64 = 384 * 1024;
/// A blob of two blocks.
const BLOB_BYTES: u64 = BLOCK_BYTES + 4464;
/// A video of three blocks.
const VIDEO_BYTES: u64 = 2 * BLOCK_BYTES + 9000;
/// How many threads have to be overtaken at chosen places, besides the first, for what [`PctScheduler`] finds.
const PCT_DEPTH: usize = 4;
/// What a thread gets: the store writes to real files, and reads folders.
const STACK_BYTES: usize = 512 * 1024;

/// Runs `test` so many times with threads that go on in any order, and so many with ones that are overtaken rarely.
/// The variable asks for so many times more.
fn in_any_order(runs: usize, test: fn()) {
    let times: usize = std::env::var("FLICKREEL_TEST_SHUTTLE").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let runs = runs * times;
    fn run(scheduler: impl Scheduler + 'static, test: fn()) {
        let mut config = Config::new();
        config.stack_size = STACK_BYTES;
        // Of orders of memory that are not modelled: all that is shared is under locks, but for one flag.
        config.silence_warnings = true;
        Runner::new(scheduler, config).run(test);
    }
    run(RandomScheduler::new(runs), test);
    run(PctScheduler::new(PCT_DEPTH, runs), test);
}

/// A store in a folder of its own.
#[derive(Clone)]
struct Rig {
    dir: Arc<TempDir>,
    store: Arc<Store>,
}

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { store: open(dir.path()), dir: Arc::new(dir) }
    }

    /// Ends as a program that is killed does, and begins anew.
    fn crash(self) -> Self {
        let Self { dir, store } = self;
        drop(store);
        Self { store: open(dir.path()), dir }
    }

    fn spawn(&self, does: impl FnOnce(Self) + Send + 'static) -> JoinHandle<()> {
        let rig = self.clone();
        thread::spawn(move || does(rig))
    }

    /// Lets threads watch and work, waits for all, and looks at what they leave.
    fn all(self, threads: Vec<JoinHandle<()>>) -> Self {
        let watching = self.spawn(|rig| (0..20).for_each(|_| rig.check()));
        for thread in threads.into_iter().chain([watching]) {
            thread.join().unwrap();
        }
        self.check_end();
        self
    }

    /// What holds whatever is under way: nobody else goes on while this looks at the disk.
    fn check(&self) {
        let books = self.store.books();
        let total = books.ledger.total();
        assert!(total <= CAP && du(self.dir.path()) <= total, "{total} in the books");
        // Without what is no entry, whose room is reckoned generously.
        let used: u64 = (0..books.next_id).map(|id| books.ledger.used(id)).sum();
        let (told, on_disk) = (used + books.ledger.sums().reserved, du_within(&self.dir.path().join("data")));
        assert!(on_disk <= told, "entries take {on_disk} on disk and {told} in the books");
    }

    /// What holds when nothing is under way.
    fn check_end(&self) {
        self.check();
        let mut books = self.store.books();
        let sums = books.ledger.sums();
        assert_eq!((sums.reserved, sums.in_use), (0, 0));
        let on_disk: BTreeSet<_> = self.files().into_iter().collect();
        let known = books.entries.iter().map(|(id, entry)| FileName::new(&entry.record.hash, *id));
        assert_eq!(on_disk, known.map(|name| name.to_string()).collect::<BTreeSet<_>>());
        let mut used = 0;
        for id in 0..books.next_id {
            assert_eq!(books.ledger.seq(id) > 0, books.entries.contains_key(&id), "an account for each entry and no other: {id}");
            used += books.ledger.used(id);
        }
        for (id, entry) in &books.entries {
            assert!(!entry.dead && !entry.hidden, "{id}");
            assert_eq!(books.of_hash(&entry.record.hash), Some(*id), "what is there is found");
            assert_eq!(books.ledger.may_go(*id), !entry.record.pinned);
        }
        books.ledger.set_base(0);
        assert_eq!(books.ledger.total(), used);
    }

    fn files(&self) -> Vec<String> {
        let read = std::fs::read_dir(self.dir.path().join("data")).unwrap();
        read.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn put(&self, name: u8, version: u8) -> Result<(), CacheError> {
        let about = About { kind: Kind::Page, label: name.to_string(), ..About::default() };
        let stored = put(&self.store, &key(name), &about, &content(name, version, BLOB_BYTES));
        self.check();
        assert!(matches!(stored, Ok(()) | Err(CacheError::NoRoom)), "{stored:?}");
        stored
    }

    fn get(&self, name: u8) -> Option<Vec<u8>> {
        let bytes = get(&self.store, &key(name)).unwrap()?;
        assert!(bytes == content(name, bytes[1], BLOB_BYTES), "what was stored once, all of it");
        Some(bytes)
    }

    /// Makes a video and writes these blocks of it.
    fn record(&self, name: u8, blocks: &[u32]) -> Result<(), CacheError> {
        let bytes = content(name, 0, VIDEO_BYTES);
        let about = About { kind: Kind::Video, video: u64::from(name), unwatched: true, ..About::default() };
        let pin = self.store.create(&key(name), VIDEO_BYTES, Validator::default(), &about)?;
        for block in blocks {
            pin.write(*block, piece(&bytes, *block))?;
            self.check();
        }
        Ok(())
    }

    /// Reads what is there of a video. Once its file is open, what was stored cannot be lost to this user.
    fn watch(&self, name: u8) {
        let Some(Found { pin, blocks, .. }) = self.store.find(&key(name)) else { return };
        let bytes = content(name, 0, VIDEO_BYTES);
        let mut opened = false;
        for block in blocks {
            let read = pin.read(block).unwrap();
            assert!(read.is_some() || !opened, "block {block} was lost to a user that has the file open");
            opened |= read.is_some();
            assert!(read.is_none_or(|read| read == piece(&bytes, block)), "block {block}");
        }
    }

    fn keep(&self, name: u8, kept: bool) -> bool {
        self.store.set_kept(&hex(&key(name).hash()[..6]), kept).is_ok()
    }
}

fn open(dir: &Path) -> Arc<Store> {
    let options = DiskOptions { cap_bytes: CAP, max_age: Duration::from_hours(1), now: SystemTime::UNIX_EPOCH };
    Arc::new(Store::open(dir, options, Arc::new(Counters::default())).unwrap())
}

fn key(name: u8) -> CacheKey {
    CacheKey::new("page", &name.to_string(), "")
}

/// Bytes that tell whose they are, and where they belong.
fn content(name: u8, version: u8, length: u64) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap() ^ name ^ version.rotate_left(4)).collect();
    bytes[..2].copy_from_slice(&[name, version]);
    bytes
}

fn piece(bytes: &[u8], block: u32) -> &[u8] {
    let start = usize::try_from(block_start(block)).unwrap();
    &bytes[start..][..usize::try_from(block_len(block, bytes.len() as u64)).unwrap()]
}

/// What a file or folder takes on disk, as the file system counts.
fn du(path: &Path) -> u64 {
    let own = std::fs::symlink_metadata(path).map_or(0, |found| found.blocks() * 512);
    own + du_within(path)
}

/// The same without the folder itself.
fn du_within(path: &Path) -> u64 {
    std::fs::read_dir(path).into_iter().flatten().flatten().map(|child| du(&child.path())).sum()
}

#[test]
fn shuttle_the_books_are_right_and_the_bytes_exact_while_all_is_done_at_once() {
    in_any_order(150, || {
        let rig = Rig::new();
        rig.put(0, 0).unwrap();
        let threads = vec![
            rig.spawn(|rig| [(0, 1), (1, 1), (2, 1)].into_iter().for_each(|(name, version)| drop(rig.put(name, version)))),
            rig.spawn(|rig| [(1, 2), (0, 2), (3, 2)].into_iter().for_each(|(name, version)| drop(rig.put(name, version)))),
            rig.spawn(|rig| drop(rig.record(9, &[0, 2, 1]))),
            rig.spawn(|rig| {
                for name in [0, 1, 3] {
                    rig.get(name);
                    rig.watch(9);
                }
            }),
            rig.spawn(|rig| {
                rig.store.verify(true, &std::sync::atomic::AtomicBool::new(false), &mut |_, _| {});
                rig.store.settle();
            }),
            rig.spawn(|rig| {
                rig.keep(0, true);
                rig.check();
                rig.store.clear(false, &mut |_, _| ());
                rig.keep(1, true);
            }),
        ];
        rig.all(threads);
    });
}

#[test]
fn shuttle_everybody_gets_room_that_can_be_made() {
    in_any_order(150, || {
        let rig = Rig::new();
        (0..4).for_each(|name| rig.put(name, 0).unwrap());
        let threads = (10..13).map(|name| rig.spawn(move |rig| rig.put(name, 1).unwrap())).collect();
        let rig = rig.all(threads);
        (10..13).for_each(|name| assert!(rig.get(name).is_some()));
    });
}

#[test]
fn shuttle_what_is_pinned_stays_whoever_needs_room() {
    in_any_order(100, || {
        let rig = Rig::new();
        (0..4).for_each(|name| rig.put(name, 0).unwrap());
        let threads = vec![
            rig.spawn(|rig| {
                let pinned = rig.keep(0, true);
                for _ in 0..6 {
                    assert!(!pinned || rig.store.stored(&key(0)) == Some((BLOB_BYTES, BLOB_BYTES)));
                }
                if rig.keep(0, false) {
                    rig.get(0);
                }
            }),
            rig.spawn(|rig| (20..23).for_each(|name| drop(rig.put(name, 1)))),
            // What replaces what is pinned is pinned.
            rig.spawn(|rig| (1..3).for_each(|version| drop(rig.put(0, version)))),
        ];
        rig.all(threads);
    });
}

#[test]
fn shuttle_files_of_a_lost_index_are_counted_until_they_are_gone() {
    in_any_order(100, || {
        let rig = Rig::new();
        (0..3).for_each(|name| rig.put(name, 0).unwrap());
        let told = rig.store.books().take_stale();
        for (name, seq, record) in told.into_iter().filter(|(_, _, record)| record.label != "2") {
            rig.store.folder.write_trailer(name, seq, &record).unwrap();
        }
        let rig = rig.crash();
        let threads = vec![
            rig.spawn(|rig| rig.store.settle()),
            rig.spawn(|rig| (4..7).for_each(|name| drop(rig.put(name, 1)))),
            rig.spawn(|rig| {
                rig.put(1, 7).unwrap();
                rig.store.look_at_unread();
                assert!(rig.get(1).is_none_or(|bytes| bytes[1] == 7), "the newer of two");
            }),
        ];
        rig.all(threads);
    });
}

#[test]
fn shuttle_files_that_tell_nothing_are_counted_until_they_are_gone() {
    in_any_order(150, || {
        let rig = Rig::new();
        (0..4).for_each(|name| rig.put(name, 0).unwrap());
        let rig = rig.crash();
        let threads = vec![
            rig.spawn(|rig| rig.store.look_at_unread()),
            rig.spawn(|rig| rig.put(5, 1).unwrap()),
            // In the place of a file that was not looked at.
            rig.spawn(|rig| rig.put(0, 1).unwrap()),
        ];
        rig.all(threads);
    });
}

#[test]
fn shuttle_what_is_removed_in_use_is_counted_until_it_is_gone() {
    in_any_order(150, || {
        let rig = Rig::new();
        (0..3).for_each(|name| rig.put(name, 0).unwrap());
        let use_all = |rig: Rig| (0..3).for_each(|name| drop(rig.get(name)));
        let threads = vec![rig.spawn(use_all), rig.spawn(use_all), rig.spawn(|rig| drop(rig.store.clear(false, &mut |_, _| ())))];
        rig.all(threads);
    });
}

#[test]
fn shuttle_a_bad_block_is_given_back_once_however_many_find_it() {
    in_any_order(100, || {
        let rig = Rig::new();
        rig.record(9, &[0, 1]).unwrap();
        let path = rig.dir.path().join("data").join(rig.files().remove(0));
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.write_all_at(b"!", 100).unwrap();
        let read = |rig: Rig| {
            let found = rig.store.find(&key(9)).unwrap();
            for block in 0..2 {
                let read = found.pin.read(block).unwrap();
                assert!(read.is_none_or(|read| read == piece(&content(9, 0, VIDEO_BYTES), block)));
                rig.check();
            }
        };
        let threads = vec![
            rig.spawn(read),
            rig.spawn(read),
            rig.spawn(|rig| drop(rig.store.verify(true, &std::sync::atomic::AtomicBool::new(false), &mut |_, _| {}))),
            rig.spawn(|rig| {
                let pin = rig.store.find(&key(9)).unwrap().pin;
                pin.write(0, piece(&content(9, 0, VIDEO_BYTES), 0)).unwrap();
            }),
        ];
        rig.all(threads);
    });
}

#[test]
fn shuttle_what_the_last_index_tells_is_what_is_there() {
    in_any_order(20, || {
        let rig = Rig::new();
        (0..4).for_each(|name| rig.put(name, 0).unwrap());
        let threads = vec![
            rig.spawn(|rig| rig.store.flush().unwrap()),
            rig.spawn(|rig| {
                drop(rig.put(5, 1));
                rig.store.flush().unwrap();
            }),
            rig.spawn(|rig| (0..3).for_each(|name| drop(rig.put(name, 2)))),
            rig.spawn(|rig| drop(rig.record(9, &[1]))),
        ];
        let rig = rig.all(threads);
        let there = |rig: &Rig| (0..6).map(|name| rig.get(name)).collect::<Vec<_>>();
        let before = there(&rig);
        rig.store.flush().unwrap();
        let rig = rig.crash();
        assert_eq!(rig.store.stats().unread, 0);
        assert!(there(&rig) == before);
        rig.watch(9);
    });
}
