//! The folder of the cache: its bound, restarts, and what others do to it.

use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;

use flickreel::cache::{Demand, Timeouts};

use super::rig::{KIB, MIB, Rig, new_opener, noise, read, runtime};

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
fn many_tiny_entries_are_counted_as_the_file_system_does() {
    let rig = Rig::with(noise(1), MIB, Timeouts::default());
    for item in 0..200 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.until_quiet();
    rig.opener.flush();
    assert!(rig.du() <= MIB, "{}", rig.du());
    assert!(rig.counters.snapshot().cache_evictions > 0);
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
fn a_lower_bound_is_met_at_the_start() {
    let mut rig = Rig::new(noise(MIB));
    for item in 0..8 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.cap = 4 * MIB;
    let rig = rig.restart();
    let before = rig.server.requests();
    assert!(rig.open("/7.mp4", Demand::Preroll).unwrap().from_cache);
    assert_eq!(rig.server.requests(), before);
    assert!(rig.du() <= 4 * MIB);
}

#[test]
fn a_flipped_bit_is_found_and_only_its_block_is_fetched_again() {
    let body = noise(MIB);
    let rig = Rig::new(body.clone());
    rig.read_all("/v.mp4").unwrap();
    let rig = rig.restart();
    // The opening waits for the index, so that the change comes after the file was looked at.
    drop(rig.open("/v.mp4", Demand::Preroll).unwrap());
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&rig.files()[0]).unwrap();
    let at = 5 * 64 * KIB + 7;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.counters.cache_bad_blocks.load(Ordering::Relaxed), 1);
    rig.until_quiet();
    assert_eq!(rig.server.seen()[1].range, Some((5 * 64 * KIB, Some(6 * 64 * KIB - 1))));
    let rig = rig.restart();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 2, "the good block was stored");
}

#[test]
fn a_file_cut_short_extended_or_emptied_is_not_served() {
    for length in [0, MIB - 1, MIB + 1] {
        let body = noise(MIB);
        let rig = Rig::new(body.clone());
        rig.read_all("/v.mp4").unwrap();
        rig.opener.flush();
        std::fs::OpenOptions::new().write(true).open(&rig.files()[0]).unwrap().set_len(length).unwrap();
        let rig = rig.restart();
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        assert_eq!(rig.server.requests(), 2);
    }
}

#[test]
fn an_entry_replaced_by_a_link_a_pipe_or_a_folder_is_not_followed() {
    type Replace = fn(&std::path::Path, &std::path::Path);
    let replacements: [Replace; 3] = [
        |path, target| std::os::unix::fs::symlink(target, path).unwrap(),
        |path, _| rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap(),
        |path, _| std::fs::create_dir(path).unwrap(),
    ];
    for replace in replacements {
        let body = noise(MIB);
        let rig = Rig::new(body.clone());
        rig.read_all("/v.mp4").unwrap();
        rig.opener.flush();
        let target = rig.dir.path().join("precious");
        std::fs::write(&target, vec![7; 1024 * 1024]).unwrap();
        let path = rig.files()[0].clone();
        // While it runs …
        std::fs::remove_file(&path).unwrap();
        replace(&path, &target);
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        // … and at the next start.
        let rig = rig.restart();
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        assert!(std::fs::read(&target).unwrap() == vec![7; 1024 * 1024]);
    }
}

#[test]
fn a_folder_removed_while_running_is_made_anew() {
    let body = noise(MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/a.mp4", Demand::Playing).unwrap();
    rig.until(|| opened.reader.ready_from(0) == MIB);
    std::fs::remove_dir_all(rig.dir.path().join("cache")).unwrap();
    assert!(read(&opened, 0, MIB).unwrap() == body, "what is open stays readable");
    assert!(rig.read_all("/b.mp4").unwrap() == body);
    drop(opened);
    rig.until(|| rig.opener.is_complete(&rig.item("/b.mp4")));
    let rig = rig.restart();
    assert!(rig.read_all("/b.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 2);
}

#[test]
fn a_second_cache_on_the_same_folder_does_without_and_says_so() {
    let body = noise(MIB);
    let rig = Rig::new(body.clone());
    rig.read_all("/v.mp4").unwrap();
    assert_eq!(rig.opener.notice(), None);
    let other_runtime = runtime();
    let (other, counters) = new_opener(&other_runtime, Some(rig.dir.path()), rig.cap, Timeouts::default());
    let opened = super::rig::open(&other, rig.item("/v.mp4"), Demand::Playing).unwrap();
    assert!(read(&opened, 0, MIB).unwrap() == body);
    assert!(other.notice().unwrap().contains("Another Flickreel"));
    assert_eq!(counters.snapshot().cache_disk_bytes, 0);
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
fn media_larger_than_the_bound_is_played_past_the_cache_and_the_rest_stays() {
    let rig = Rig::with(noise(MIB), 3 * MIB, Timeouts::default());
    rig.read_all("/small.mp4").unwrap();
    let large = noise(12 * MIB);
    rig.server.set(|behaviour| behaviour.body = std::sync::Arc::new(large.clone()));
    assert!(rig.read_all("/large.mp4").unwrap() == large);
    rig.until_quiet();
    assert_eq!(rig.counters.snapshot().cache_evictions, 0);
    assert!(rig.opener.is_complete(&rig.item("/small.mp4")));
    assert!(rig.du() <= rig.cap);
    assert_eq!(rig.opener.notice(), None);
}

#[test]
fn when_everything_is_in_use_the_next_one_is_played_past_the_cache() {
    let body = noise(MIB);
    let rig = Rig::with(body.clone(), 4 * MIB, Timeouts::default());
    let held: Vec<_> = (0..6).map(|item| rig.open(&format!("/{item}.mp4"), Demand::Playing).unwrap()).collect();
    for opened in &held {
        assert!(read(opened, 0, MIB).unwrap() == body);
    }
    rig.until_quiet();
    assert!(rig.du() <= rig.cap);
    assert_eq!(rig.counters.snapshot().cache_evictions, 0);
    for opened in &held {
        assert!(read(opened, 0, MIB).unwrap() == body);
    }
    assert_eq!(rig.server.requests(), 6);
}

#[test]
fn an_index_of_garbage_is_started_over() {
    let body = noise(200 * KIB);
    let mut rig = Rig::new(body.clone());
    rig.read_all("/v.mp4").unwrap();
    rig.until(|| rig.opener.is_complete(&rig.item("/v.mp4")));
    rig.opener.flush();
    let path = rig.dir.path().join("cache/index");
    let good = std::fs::read(&path).unwrap();
    for len in (0..good.len()).step_by(37) {
        rig.opener.flush();
        std::fs::write(&path, &good[..len]).unwrap();
        rig = rig.restart();
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        assert_eq!(rig.files().len(), 1, "what no index names is removed");
    }
}

#[test]
fn what_is_left_of_a_crash_is_removed() {
    let rig = Rig::new(noise(MIB));
    rig.read_all("/v.mp4").unwrap();
    rig.opener.flush();
    let data = rig.dir.path().join("cache/data");
    std::fs::write(data.join("stray"), vec![0; 4096]).unwrap();
    std::fs::create_dir(data.join("folder")).unwrap();
    std::fs::write(rig.dir.path().join("cache/index.tmp"), b"half").unwrap();
    let rig = rig.restart();
    assert!(rig.open("/v.mp4", Demand::Preroll).unwrap().from_cache);
    assert_eq!(rig.files().len(), 1);
    assert!(!rig.dir.path().join("cache/index.tmp").exists());
    assert!(rig.dir.path().join("cache/CACHEDIR.TAG").exists());
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
