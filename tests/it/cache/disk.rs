//! The folder of the cache: its bound, restarts, and what others do to it.

use std::time::SystemTime;

use flickreel::cache::{DEFAULT_MAX_AGE, Demand, DiskCache, DiskOptions, Timeouts};

use super::rig::{KIB, MIB, Rig, new_opener, noise, read, runtime, until};

#[test]
fn the_bound_holds_on_disk_while_three_times_as_much_is_read() {
    let body = noise(700 * KIB + 5);
    let rig = Rig::with(body.clone(), 5 * MIB, Timeouts::default());
    for item in 0..21 {
        assert!(rig.read_all(&format!("/{item}.mp4")).unwrap() == body);
        rig.opener.flush();
        assert!(rig.du() <= rig.cap, "{} > {}", rig.du(), rig.cap);
    }
    rig.until_quiet();
    let counts = rig.counters.snapshot();
    assert!(counts.cache_evictions > 10, "{counts:?}");
    assert!(counts.cache_disk_peak_bytes <= rig.cap);
    assert!(rig.du() <= counts.cache_disk_bytes, "the books are never below the disk: {} > {}", rig.du(), counts.cache_disk_bytes);
    assert!(counts.cache_disk_bytes > 3 * MIB, "and not far above it");
    // The newest are there, the oldest are not.
    let before = rig.server.requests();
    rig.read_all("/20.mp4").unwrap();
    assert_eq!(rig.server.requests(), before);
    rig.read_all("/0.mp4").unwrap();
    assert_eq!(rig.server.requests(), before + 1);
}

#[test]
fn once_the_last_user_of_a_cache_is_gone_its_folder_is_free_for_another() {
    // One in which nothing changes: what looks after it has nothing to do.
    let rig = Rig::new(noise(MIB));
    drop(rig.disk());
    let Rig { opener, dir, runtime, server, .. } = rig;
    drop(opener);
    let options = || DiskOptions { cap_bytes: 100 * MIB, max_age: DEFAULT_MAX_AGE, now: SystemTime::now() };
    // Its runtime goes on, and so does whatever looks after the cache.
    until(|| DiskCache::open(&dir.path().join("cache"), options()).is_ok());
    drop((runtime, server));
}

#[test]
fn after_a_restart_everything_comes_from_disk() {
    let body = noise(2 * MIB + 3);
    let rig = Rig::new(body.clone());
    rig.read_all("/v.mp4").unwrap();
    rig.until(|| rig.opener.is_complete(&rig.item("/v.mp4")));
    let rig = rig.restart();
    let opened = rig.open("/v.mp4", Demand::Playing).unwrap();
    assert!(opened.from_cache);
    assert!(rig.opener.is_complete(&rig.item("/v.mp4")));
    assert!(read(&opened, 0, opened.reader.len()).unwrap() == body);
    assert_eq!(rig.server.requests(), 1);
    let counts = rig.counters.snapshot();
    assert_eq!((counts.cache_miss_bytes, counts.network_bytes), (0, 0));
}

#[test]
fn a_folder_that_cannot_be_made_means_memory_only() {
    let body = noise(40 * MIB);
    let rig = Rig::new(body.clone());
    let file = rig.dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let other_runtime = runtime();
    let (other, _) = new_opener(&other_runtime, Some(&file), rig.cap, Timeouts::default());
    let opened = super::rig::open(&other, rig.item("/v.mp4"), Demand::Playing).unwrap();
    // More than is kept in memory, so that some of it is fetched, forgotten and fetched again.
    assert!(read(&opened, 0, 40 * MIB).unwrap() == body);
    assert!(read(&opened, MIB, MIB).unwrap() == body[1024 * 1024..][..1024 * 1024]);
    assert!(other.notice().is_some());
}

#[test]
fn nothing_on_disk_tells_a_secret_or_a_host() {
    let rig = Rig::new(noise(MIB));
    rig.read_all("/a-name.mp4?token=secret&user=somebody").unwrap();
    rig.until(|| rig.opener.is_complete(&rig.item("/a-name.mp4?user=somebody")));
    rig.opener.flush();
    let mut files = rig.files();
    files.push(rig.dir.path().join("cache/index"));
    for word in ["secret", "somebody", "127.0.0.1"] {
        for file in &files {
            let bytes = std::fs::read(file).unwrap();
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
            assert!(!file.to_string_lossy().contains(word));
        }
    }
}
