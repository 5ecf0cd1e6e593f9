//! What a cache folder would serve, read through the library and compared with the files it came from.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flickreel::cache::{Availability, Demand, Opened, Opener, Reply, Request, Timeouts};
use flickreel::feed::Item;
use sha2::{Digest, Sha256};

use super::corpus::Corpus;
use super::disk;
use crate::cache::rig::{new_opener, open, read, runtime};
use crate::support::desktop::until;
use crate::support::origin::Origin;

/// Files smaller than this are copied into a mirror, larger ones linked.
const LINKED_BYTES: u64 = 1024 * 1024;
/// How far apart reads of what may be there in part begin.
const STEP: u64 = 64 * 1024;
/// Nobody waits for a server that is out of reach.
const IMPATIENT: Timeouts = Timeouts {
    answer: Duration::from_secs(5),
    stall: Duration::from_secs(5),
    read: Duration::from_secs(20),
    backoff: Duration::from_millis(1),
    silence: Duration::from_secs(1),
};

/// What was found in a folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Served {
    /// Items that were there as a whole.
    pub complete: usize,
    /// Items of which a part was there.
    pub partial: usize,
    /// Bytes that came out and were the right ones.
    pub bytes: u64,
}

/// Reads all that a cache folder has with the origin out of reach.
///
/// It is done on a mirror of the folder, so that putting the folder itself in order is left to the program.
///
/// # Panics
/// At the first wrong byte; when an item that is said to be complete cannot be read without its origin; and when
/// the folder takes more than the cache says.
pub fn offline(cache: &Path, cap: u64, items: &[Arc<Item>], corpus: &Corpus, origin: &Origin) -> Served {
    let mirror = tempfile::tempdir_in(cache.parent().unwrap()).unwrap();
    let copy = mirror.path().join("cache");
    mirror_of(cache, &copy);
    origin.set_reachable(false);
    let runtime = runtime();
    let (disk_cache, counters) = new_opener(&runtime, Some(mirror.path()), cap, IMPATIENT);
    settle(&disk_cache, &runtime);
    let mut served = Served::default();
    for item in items {
        let there = disk_cache.availability(item);
        if there == Availability::None {
            continue;
        }
        let clip = corpus.clip(item);
        let body = std::fs::read(&clip.path).unwrap();
        let opened = open(&disk_cache, Item::clone(item), Demand::Preroll);
        if there == Availability::Complete {
            let opened = opened.unwrap_or_else(|failure| panic!("{} is complete and does not open: {failure:?}", item.id));
            let out = read(&opened, 0, opened.reader.len()).unwrap_or_else(|err| panic!("{} is complete: {err}", item.id));
            assert!(sha256(&out) == clip.sha256, "{} is not what the origin has", item.id);
            served.complete += 1;
            served.bytes += clip.length;
        } else if let Ok(opened) = opened {
            // Without its head an item is not opened before the origin is back.
            served.partial += 1;
            served.bytes += compare_what_is_ready(&opened, item, &body);
        }
    }
    assert_eq!(disk_cache.notice(), None, "the lock of a process that is gone is free");
    let (on_disk, books) = (disk::taken(&copy, std::process::id()), counters.snapshot().cache_disk_peak_bytes);
    assert!(on_disk <= books && books <= cap, "{on_disk} bytes on disk, {books} in the books");
    drop(disk_cache);
    runtime.shutdown_timeout(Duration::from_mins(1));
    origin.set_reachable(true);
    served
}

/// Reads every item as a whole, from the folder itself and for the rest from the origin.
///
/// # Panics
/// When an item is not what the origin has.
pub fn online(cache: &Path, cap: u64, items: &[Arc<Item>], corpus: &Corpus) {
    let runtime = runtime();
    let (disk_cache, counters) = new_opener(&runtime, cache.parent(), cap, IMPATIENT);
    settle(&disk_cache, &runtime);
    for item in items {
        disk_cache.note_shown(&item.id);
        let opened = open(&disk_cache, Item::clone(item), Demand::Playing).unwrap();
        let out = read(&opened, 0, opened.reader.len()).unwrap();
        assert!(sha256(&out) == corpus.clip(item).sha256, "{} is not what the origin has", item.id);
    }
    assert_eq!(disk_cache.notice(), None);
    assert!(until(|| counters.snapshot().network_active == 0));
    disk_cache.flush();
    drop(disk_cache);
    runtime.shutdown_timeout(Duration::from_mins(1));
}

/// Whether every byte of every item is in the folder.
pub fn all_complete(cache: &Path, cap: u64, items: &[Arc<Item>]) -> bool {
    let runtime = runtime();
    let (disk_cache, _) = new_opener(&runtime, cache.parent(), cap, IMPATIENT);
    settle(&disk_cache, &runtime);
    let missing: HashSet<_> = items.iter().filter(|item| !disk_cache.is_complete(item)).map(|item| &item.id).collect();
    if !missing.is_empty() {
        eprintln!("not all there: {missing:?}");
    }
    drop(disk_cache);
    runtime.shutdown_timeout(Duration::from_mins(1));
    missing.is_empty()
}

/// Waits until the cache knows all that is in its folder.
fn settle(disk_cache: &Opener, runtime: &tokio::runtime::Runtime) {
    let disk = runtime.block_on(disk_cache.disk()).expect("the disk cache can be used");
    let known = || !matches!(disk.answer(&Request::Stats, &mut |_, _| {}), Reply::Stats(stats) if stats.unread > 0);
    assert!(until(known), "the files of the earlier run are looked at");
}

fn compare_what_is_ready(opened: &Opened, item: &Item, body: &[u8]) -> u64 {
    assert_eq!(opened.reader.len(), body.len() as u64, "{}", item.id);
    let mut right = 0;
    for from in (0..opened.reader.len()).step_by(usize::try_from(STEP).unwrap()) {
        let ready = opened.reader.ready_from(from).min(STEP);
        // A block that is found damaged is a miss, and that is no wrong byte.
        let Ok(out) = read(opened, from, ready) else { continue };
        let begin = usize::try_from(from).unwrap();
        assert!(out == body[begin..begin + out.len()], "{}: wrong bytes from {from} on", item.id);
        right += ready;
    }
    right
}

/// Media files are linked, which costs nothing: nobody writes into them while the origin is out of reach.
fn mirror_of(folder: &Path, copy: &Path) {
    std::fs::create_dir(copy).unwrap();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (found, to) = (entry.metadata().unwrap(), copy.join(entry.file_name()));
        if found.is_dir() {
            mirror_of(&entry.path(), &to);
        } else if found.is_file() && found.len() >= LINKED_BYTES {
            std::fs::hard_link(entry.path(), to).unwrap();
        } else if found.is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
