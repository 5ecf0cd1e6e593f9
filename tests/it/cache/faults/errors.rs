//! Rows 19 and 20: the disk is full, broken, read-only, forbidden, or there are no descriptors left. Media plays to
//! its last byte all the same, and nothing lies about that the books do not tell.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use flickreel::cache::{BlobKind, CacheOptions, DEFAULT_MAX_AGE, Demand, Opener, Timeouts};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::cache::rig::{Dir, KIB, MIB, Rig, client, du, new_opener, noise, open, open_disk, read, runtime, stats, verified};
use crate::support::apart::{self, Place};
use crate::support::calls::{self, Call};

const FULL: &str = "The disk is full, so videos are kept in memory only.";
const UNUSABLE: &str = "The disk cache can’t be used, so videos are kept in memory only.";

/// A cache in the folder of this process, with a video and so many pages in it that the index is more than a page
/// of bytes. Nothing of them is in memory.
fn filled(cap: u64) -> Rig {
    let rig = Rig::at(Dir::at(&std::env::temp_dir()), noise(MIB + 5), cap, Timeouts::default());
    rig.read_all("/before.mp4").unwrap();
    let blobs = rig.opener.blobs();
    rig.runtime.block_on(async {
        for number in 0..40 {
            blobs.put(BlobKind::Page, &number.to_string(), "a page", vec![7; 100]).await;
        }
    });
    drop(blobs);
    let rig = rig.restart();
    assert!(rig.opener.is_complete(&{
        rig.disk();
        rig.item("/before.mp4")
    }));
    assert!(std::fs::metadata(rig.cache_dir().join("index")).unwrap().len() > 4096);
    rig
}

/// Plays what was there before and something new, and asserts that the folder is in order.
fn assert_plays(rig: &Rig, what: &str) {
    for path in ["/during.mp4", "/before.mp4"] {
        assert!(rig.read_all(path).unwrap() == noise(MIB + 5), "{what}: {path}");
    }
    rig.settle();
    assert_in_order(rig, what);
}

fn assert_in_order(rig: &Rig, what: &str) {
    let (stats, du) = (rig.stats(), du(&rig.cache_dir()));
    assert!(du <= stats.disk_bytes && stats.disk_bytes <= rig.cap, "{what}: {du} on disk of {stats:?}");
    assert_eq!(stats.reserved_bytes, 0, "{what}");
    assert!(!rig.cache_dir().join("index.tmp").exists(), "{what}");
}

/// Asserts that a process whose disk failed left a cache in order: what was there before, perhaps what came
/// after, and nothing else.
fn assert_left_in_order(what: &str, dir: &Path) {
    let cache = open_disk(&dir.join("cache"), 100 * MIB);
    let found = verified(&cache);
    assert!(found.is_sound(), "{what}: {found:?}");
    let stats = stats(&cache);
    assert!(stats.pages == 40 && (1..=2).contains(&(stats.videos_ready + stats.videos_partial)), "{what}: {stats:?}");
    assert!(du(&dir.join("cache")) <= stats.disk_bytes, "{what}");
}

#[test]
fn row_19_on_a_full_disk_everything_plays_and_once_there_is_room_it_is_stored_again() {
    apart::run(row_19_on_a_full_disk_everything_plays_and_once_there_is_room_it_is_stored_again, Place::Disk(12 * MIB), || {
        let filler = std::env::temp_dir().join("filler");
        std::fs::write(&filler, vec![0; 8 * 1024 * 1024]).unwrap();
        let rig = filled(100 * MIB);
        assert_eq!(rig.opener.notice(), None);
        // More than there is room for, by the disk and not by the cache's own bound.
        for item in 0..8 {
            assert!(rig.read_all(&format!("/{item}.mp4")).unwrap() == noise(MIB + 5));
            rig.settle();
            assert_in_order(&rig, &format!("item {item}"));
        }
        assert_eq!(rig.opener.notice().as_deref(), Some(FULL));
        // A start on a full disk.
        let rig = rig.restart();
        assert_plays(&rig, "after a restart");
        std::fs::remove_file(filler).unwrap();
        assert!(rig.read_all("/later.mp4").unwrap() == noise(MIB + 5));
        rig.settle();
        let rig = rig.restart();
        let requests = rig.server.requests();
        for path in ["/later.mp4", "/before.mp4"] {
            assert!(rig.read_all(path).unwrap() == noise(MIB + 5));
        }
        assert_eq!(rig.server.requests(), requests, "it is stored again");
        assert_eq!(rig.opener.notice(), None);
        assert_in_order(&rig, "in the end");
        assert!(verified(&rig.disk()).is_sound());
    });
}

#[test]
fn row_19_a_disk_that_is_full_from_the_first_byte_on_is_told_of() {
    apart::run(row_19_a_disk_that_is_full_from_the_first_byte_on_is_told_of, Place::Disk(2 * MIB), || {
        let filler = std::env::temp_dir().join("filler");
        let _ = std::fs::write(&filler, vec![0; 4 * 1024 * 1024]);
        let rig = Rig::at(Dir::at(&std::env::temp_dir()), noise(MIB), 100 * MIB, Timeouts::default());
        assert!(rig.read_all("/v.mp4").unwrap() == noise(MIB));
        assert_eq!(rig.opener.notice().as_deref(), Some(FULL));
        assert!(!rig.cache_dir().join("index.tmp").exists());
    });
}

/// What fails, by its name.
const CALLS: [(&str, Call); 8] = [
    ("write", Call::WriteAt),
    ("create", Call::Create),
    ("length", Call::SetLength),
    ("fsync", Call::Sync),
    ("rename", Call::Rename),
    ("index", Call::OpenToWrite),
    ("index write", Call::WriteOn),
    ("read", Call::ReadAt),
];

fn call(name: &str) -> Call {
    CALLS.iter().find(|(other, _)| *other == name).unwrap().1
}

#[test]
fn row_19_whatever_finds_the_disk_full_nothing_is_left_behind() {
    let variants = ["write", "create", "length", "fsync", "rename", "index", "index write"];
    let body = |name: &str| {
        let rig = filled(100 * MIB);
        calls::fail(&[call(name)], libc::ENOSPC);
        assert_plays(&rig, name);
        assert_eq!(rig.opener.notice().as_deref(), Some(FULL), "{name}");
    };
    apart::each(row_19_whatever_finds_the_disk_full_nothing_is_left_behind, Place::Folder, &variants, body, assert_left_in_order);
}

#[test]
fn row_20_whatever_finds_the_disk_broken_everything_plays_and_it_is_told() {
    let variants = CALLS.map(|(name, _)| name);
    let body = |name: &str| {
        let rig = filled(100 * MIB);
        calls::fail(&[call(name)], libc::EIO);
        assert_plays(&rig, name);
        assert_eq!(rig.opener.notice().as_deref(), Some(UNUSABLE), "{name}");
    };
    apart::each(
        row_20_whatever_finds_the_disk_broken_everything_plays_and_it_is_told,
        Place::Folder,
        &variants,
        body,
        assert_left_in_order,
    );
}

#[test]
fn row_20_what_cannot_be_read_once_is_not_thrown_away() {
    let body = |_: &str| {
        let rig = filled(100 * MIB);
        calls::fail(&[Call::ReadAt], libc::EIO);
        assert!(rig.read_all("/before.mp4").unwrap() == noise(MIB + 5));
        rig.settle();
    };
    let after = |_: &str, dir: &Path| {
        let stats = stats(&open_disk(&dir.join("cache"), 100 * MIB));
        assert_eq!((stats.videos_ready, stats.pages), (1, 40), "{stats:?}");
    };
    apart::each(row_20_what_cannot_be_read_once_is_not_thrown_away, Place::Folder, &[""], body, after);
}

#[test]
fn row_20_files_that_cannot_be_removed_go_on_being_counted() {
    apart::run(row_20_files_that_cannot_be_removed_go_on_being_counted, Place::Folder, || {
        let rig = filled(6 * MIB);
        calls::fail(&[Call::Remove], libc::EIO);
        for item in 0..10 {
            assert!(rig.read_all(&format!("/{item}.mp4")).unwrap() == noise(MIB + 5));
            rig.settle();
            assert_in_order(&rig, &format!("item {item}"));
        }
    });
}

#[test]
fn row_20_a_disk_that_becomes_read_only_is_played_past() {
    let body = |_: &str| {
        let rig = filled(100 * MIB);
        let writing = [Call::WriteAt, Call::Create, Call::SetLength, Call::OpenToWrite, Call::Rename, Call::Remove];
        calls::fail(&writing, libc::EROFS);
        assert_plays(&rig, "read-only");
        assert_eq!(rig.opener.notice().as_deref(), Some(UNUSABLE));
    };
    apart::each(row_20_a_disk_that_becomes_read_only_is_played_past, Place::Folder, &[""], body, assert_left_in_order);
}

#[test]
fn row_20_a_cache_on_a_read_only_disk_is_done_without() {
    apart::run(row_20_a_cache_on_a_read_only_disk_is_done_without, Place::Disk(20 * MIB), || {
        let rig = filled(100 * MIB);
        let dir = std::env::temp_dir();
        let rig = rig.restart_with(|| {
            let mounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&dir).status().unwrap();
            assert!(mounted.success() && std::fs::write(dir.join("x"), b"").is_err());
        });
        for path in ["/during.mp4", "/before.mp4"] {
            assert!(rig.read_all(path).unwrap() == noise(MIB + 5), "{path}");
        }
        assert!(rig.runtime.block_on(rig.opener.disk()).is_none());
        assert_eq!(rig.opener.notice().as_deref(), Some(UNUSABLE));
    });
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn row_20_a_folder_that_may_not_be_used_is_done_without() {
    apart::run(row_20_a_folder_that_may_not_be_used_is_done_without, Place::Unprivileged, || {
        let rig = filled(100 * MIB);
        let cache = rig.cache_dir();
        let rig = rig.restart_with(|| set_mode(&cache, 0o000));
        for path in ["/during.mp4", "/before.mp4"] {
            assert!(rig.read_all(path).unwrap() == noise(MIB + 5), "{path}");
        }
        assert_eq!(rig.opener.notice().as_deref(), Some(UNUSABLE));
        // So it is when the folder cannot be made.
        set_mode(&cache, 0o500);
        let other = runtime();
        let (opener, _) = new_opener(&other, Some(&cache.join("below")), 100 * MIB, Timeouts::default());
        assert!(open(&opener, rig.item("/v.mp4"), Demand::Preroll).is_ok());
        assert_eq!(opener.notice().as_deref(), Some(UNUSABLE));
        // And when it may be used again, it is.
        let rig = rig.restart_with(|| set_mode(&cache, 0o700));
        let requests = rig.server.requests();
        rig.read_all("/before.mp4").unwrap();
        assert_eq!((rig.server.requests(), rig.opener.notice()), (requests, None));
    });
}

#[test]
fn row_20_a_folder_that_may_not_be_written_any_more_is_played_past_until_it_may() {
    apart::run(row_20_a_folder_that_may_not_be_written_any_more_is_played_past_until_it_may, Place::Unprivileged, || {
        let rig = filled(100 * MIB);
        let (cache, data) = (rig.cache_dir(), rig.cache_dir().join("data"));
        set_mode(&data, 0o500);
        set_mode(&cache, 0o500);
        assert_plays(&rig, "not to be written");
        assert_eq!(rig.opener.notice().as_deref(), Some(UNUSABLE));
        set_mode(&cache, 0o700);
        set_mode(&data, 0o700);
        assert!(rig.read_all("/later.mp4").unwrap() == noise(MIB + 5));
        rig.settle();
        assert!(verified(&rig.disk()).is_sound());
        let rig = rig.restart();
        let requests = rig.server.requests();
        rig.read_all("/later.mp4").unwrap();
        rig.read_all("/before.mp4").unwrap();
        assert_eq!(rig.server.requests(), requests);
    });
}

/// Takes all descriptors that there are, until it is dropped.
fn take_all_descriptors() -> Vec<File> {
    setrlimit(Resource::Nofile, Rlimit { current: Some(256), maximum: Some(256) }).unwrap();
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

#[test]
fn row_20_without_descriptors_everything_plays_and_nothing_is_thrown_away() {
    apart::run(row_20_without_descriptors_everything_plays_and_nothing_is_thrown_away, Place::Folder, || {
        let rig = filled(100 * MIB);
        // A connection that is there already needs none.
        rig.read_all("/warm.mp4").unwrap();
        rig.settle();
        let taken = take_all_descriptors();
        assert!(!taken.is_empty() && File::open("/dev/null").is_err());
        for path in ["/during.mp4", "/before.mp4"] {
            assert!(rig.read_all(path).unwrap() == noise(MIB + 5), "{path}");
            rig.until_quiet();
        }
        rig.opener.flush();
        assert_eq!(rig.opener.notice().as_deref(), Some(UNUSABLE));
        drop(taken);
        assert!(rig.read_all("/later.mp4").unwrap() == noise(MIB + 5));
        rig.settle();
        assert_in_order(&rig, "without descriptors");
        let rig = rig.restart();
        let requests = rig.server.requests();
        for path in ["/later.mp4", "/before.mp4"] {
            rig.read_all(path).unwrap();
        }
        assert_eq!(rig.server.requests(), requests, "what could not be opened for a while is still there");
        assert!(verified(&rig.disk()).is_sound());
    });
}

#[test]
fn row_20_a_start_without_descriptors_does_without_the_disk() {
    apart::run(row_20_a_start_without_descriptors_does_without_the_disk, Place::Folder, || {
        let rig = Rig::with(noise(300 * KIB), MIB, Timeouts::default());
        let other = runtime();
        let dir = tempfile::tempdir().unwrap();
        // Making a client reads what certificates there are.
        let options = CacheOptions {
            dir: Some(dir.path().join("cache")),
            cap_bytes: 100 * MIB,
            max_age: DEFAULT_MAX_AGE,
            now: SystemTime::now(),
            counters: Arc::default(),
            samples: Vec::new(),
            runtime: other.handle().clone(),
            client: client(),
        };
        let taken = take_all_descriptors();
        let cache = Opener::new(options);
        assert!(other.block_on(cache.disk()).is_none());
        assert_eq!(cache.notice().as_deref(), Some(UNUSABLE));
        drop(taken);
        let opened = open(&cache, rig.item("/v.mp4"), Demand::Playing).unwrap();
        assert!(read(&opened, 0, 300 * KIB).unwrap() == noise(300 * KIB));
    });
}
