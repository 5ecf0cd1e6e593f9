//! Rows 1 to 3 and 23: the process ends in the middle of something, or the machine does.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use flickreel::cache::{Demand, Opener, Timeouts};
use flickreel::feed::{Item, ItemId, MediaLocation};
use flickreel::metrics::Counters;
use tokio::runtime::Runtime;

use crate::cache::rig::{Dir, KIB, MIB, Rig, du, new_opener, noise, open, read, runtime, until, verified};
use crate::support::apart;
use crate::support::calls::{self, Call};

/// Kills in a run of the tests; `FLICKREEL_TEST_KILLS` asks for another number.
const KILLS: usize = 100;
const CAP: u64 = 4 * MIB;
const ITEMS: usize = 20;

/// Reads all of an item of a server in another process.
fn read_from(server: &str, cache: &Opener, path: &str) -> Vec<u8> {
    let item = Item::bare(ItemId::new(path), MediaLocation::Url(format!("{server}{path}")));
    let opened = open(cache, item, Demand::Playing).unwrap();
    read(&opened, 0, opened.reader.len()).unwrap()
}

fn cache_in(dir: &Path) -> (Runtime, Opener) {
    let (runtime, cache, _) = counted_cache_in(dir);
    (runtime, cache)
}

fn counted_cache_in(dir: &Path) -> (Runtime, Opener, Arc<Counters>) {
    let runtime = runtime();
    let (cache, counters) = new_opener(&runtime, Some(dir), CAP, Timeouts::default());
    (runtime, cache, counters)
}

/// What the killed process does: reads one item after the other, for ever.
fn read_until_killed(server: &str) {
    let (_runtime, cache) = cache_in(&std::env::temp_dir());
    for number in 0.. {
        read_from(server, &cache, &format!("/{}.mp4", number % ITEMS));
        if number % 3 == 0 {
            cache.flush();
        }
    }
}

/// Whether there is a file in the cache that is not all there.
fn has_a_partial_file(dir: &Path) -> bool {
    let files = std::fs::read_dir(dir.join("cache/data")).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).any(|file| file.blocks() * 512 < file.len())
}

#[test]
fn row_01_a_process_killed_in_the_middle_of_a_write_leaves_nothing_wrong_behind() {
    let this = row_01_a_process_killed_in_the_middle_of_a_write_leaves_nothing_wrong_behind;
    if let Some(server) = apart::here(&this) {
        return read_until_killed(&server);
    }
    let body = noise(400 * KIB + 7);
    // The cache of the rig itself lies elsewhere, so that the folder is free for the process.
    let rig = Rig::with(body.clone(), CAP, Timeouts::default());
    let dir = tempfile::tempdir().unwrap();
    let kills = std::env::var("FLICKREEL_TEST_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(KILLS);
    let moments = noise(2 * kills as u64);
    let (mut from_disk, mut partial) = (0, 0);
    for (kill, moment) in moments.chunks(2).enumerate() {
        let mut child = apart::start(&this, &rig.server.url(""), dir.path());
        // Then it is in the middle of something, each time of something else, and soon of nothing.
        let bytes = 100 * KIB + u64::from(moment[0]) * 8 * KIB + u64::from(moment[1]) * 32;
        let sent = rig.server.sent();
        rig.server.let_through(bytes);
        rig.until(|| rig.server.sent() >= sent + bytes);
        child.kill().unwrap();
        child.wait().unwrap();
        rig.server.open_gate(true);
        partial += usize::from(has_a_partial_file(dir.path()));
        assert!(du(dir.path()) <= CAP, "{} after kill {kill}", du(dir.path()));

        let (runtime, cache) = cache_in(dir.path());
        for number in 0..ITEMS {
            let opened = open(&cache, rig.item(&format!("/{number}.mp4")), Demand::Playing).unwrap();
            assert!(read(&opened, 0, opened.reader.len()).unwrap() == body, "item {number} after kill {kill}");
            from_disk += usize::from(opened.from_cache);
            assert!(du(dir.path()) <= CAP, "{}", du(dir.path()));
        }
        assert_eq!(cache.notice(), None);
        assert!(!dir.path().join("cache/index.tmp").exists());
        // What the start removed is told once; then there is nothing that is nobody's.
        let disk = runtime.block_on(cache.disk()).unwrap();
        assert_eq!(verified(&disk).bad_blocks, 0, "after kill {kill}");
        assert!(verified(&disk).is_sound(), "after kill {kill}");
        drop((cache, disk));
        runtime.shutdown_timeout(std::time::Duration::from_mins(1));
    }
    assert!(from_disk > 0, "some of it was there");
    assert!(partial * 4 > kills, "{partial} of {kills} kills came in the middle of an entry");
}

#[test]
fn row_02_a_process_killed_before_the_index_names_an_entry_leaves_a_cache_in_order() {
    let this = row_02_a_process_killed_before_the_index_names_an_entry_leaves_a_cache_in_order;
    let moments = [
        ("create", Call::Create),
        ("length", Call::SetLength),
        ("block", Call::WriteAt),
        ("index", Call::OpenToWrite),
        ("sync", Call::Sync),
        ("rename", Call::Rename),
    ];
    if let Some(variant) = apart::here(&this) {
        let (moment, server) = variant.split_once(' ').unwrap();
        let (_runtime, cache, counters) = counted_cache_in(&std::env::temp_dir());
        read_from(server, &cache, "/before.mp4");
        until(|| counters.snapshot().network_active == 0);
        cache.flush();
        calls::die_at(&[moments.iter().find(|(name, _)| *name == moment).unwrap().1]);
        read_from(server, &cache, "/during.mp4");
        until(|| counters.snapshot().network_active == 0);
        cache.flush();
        return;
    }
    let body = noise(500 * KIB + 3);
    for (moment, _) in moments {
        let rig = Rig::at(Dir::new(), body.clone(), CAP, Timeouts::default());
        let dir = tempfile::tempdir().unwrap();
        apart::until_killed(&this, &format!("{moment} {}", rig.server.url("")), dir.path());
        let before = rig.server.requests();
        let (runtime, cache) = cache_in(dir.path());
        assert!(read_from(&rig.server.url(""), &cache, "/before.mp4") == body);
        assert_eq!(rig.server.requests(), before, "what the index named is there: {moment}");
        assert!(read_from(&rig.server.url(""), &cache, "/during.mp4") == body);
        assert!(!dir.path().join("cache/index.tmp").exists());
        let disk = runtime.block_on(cache.disk()).unwrap();
        // What the start removed is told once.
        let found = verified(&disk);
        assert_eq!((found.bad_blocks, found.bad_entries), (0, 0), "{moment}: {found:?}");
        assert!(found.strays <= 1, "{moment}: {found:?}");
        assert!(verified(&disk).is_sound(), "{moment}");
        assert!(du(dir.path()) <= CAP);
    }
}

#[test]
fn row_03_an_entry_whose_data_never_reached_the_disk_is_fetched_again() {
    let body = noise(MIB);
    // All of it, some blocks of it, and a part of one.
    for (from, to) in [(0, MIB), (3 * 64 * KIB, 5 * 64 * KIB), (MIB - 4096, MIB)] {
        let rig = Rig::new(body.clone());
        rig.read_all("/v.mp4").unwrap();
        rig.settle();
        let path = rig.files()[0].clone();
        let rig = rig.restart_with(|| {
            let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.write_all_at(&vec![0; usize::try_from(to - from).unwrap()], from).unwrap();
        });
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        rig.settle();
        let blocks = (to - from).div_ceil(64 * KIB);
        assert_eq!(rig.counters.snapshot().cache_bad_blocks, blocks);
        assert!(rig.server.sent() <= MIB + blocks * 64 * KIB, "no more than what was bad");
        let rig = rig.restart();
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        assert_eq!(rig.counters.snapshot().cache_bad_blocks, 0);
    }
}

#[test]
fn row_23_the_lock_of_a_killed_process_is_free() {
    let this = row_23_the_lock_of_a_killed_process_is_free;
    if apart::here(&this).is_some() {
        let (runtime, cache) = cache_in(&std::env::temp_dir());
        println!("has the cache: {}", runtime.block_on(cache.disk()).is_some());
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut child = apart::start(&this, "", dir.path());
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    said.find(|line| line.contains("has the cache: true")).unwrap();
    let (runtime, cache) = cache_in(dir.path());
    assert!(runtime.block_on(cache.disk()).is_none(), "the lock is taken while the process lives");
    drop((cache, runtime));
    child.kill().unwrap();
    child.wait().unwrap();
    let (runtime, cache) = cache_in(dir.path());
    assert!(runtime.block_on(cache.disk()).is_some());
    assert_eq!(cache.notice(), None);
}
