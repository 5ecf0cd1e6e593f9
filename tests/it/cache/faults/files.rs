//! Rows 8 to 12: a file of an entry is damaged, replaced or gone.

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;

use flickreel::cache::{Demand, Timeouts};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::cache::rig::{KIB, MIB, Rig, noise, read, rows, verified};

const BLOCK: u64 = 64 * KIB;

/// A cache with one video of a MiB in it, whole and written.
fn whole() -> (Rig, Vec<u8>) {
    let rig = Rig::new(noise(MIB));
    let body = rig.read_all("/v.mp4").unwrap();
    rig.settle();
    (rig, body)
}

#[test]
fn row_08_a_flipped_bit_in_a_block_is_a_miss_fetched_again_and_counted() {
    let (rig, body) = whole();
    let rig = rig.restart();
    // The opening waits for the index, so that the change comes after the file was looked at.
    drop(rig.open("/v.mp4", Demand::Preroll).unwrap());
    let file = OpenOptions::new().read(true).write(true).open(&rig.files()[0]).unwrap();
    let at = 5 * BLOCK + 7;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.counters.snapshot().cache_bad_blocks, 1);
    rig.until_quiet();
    assert_eq!(rig.server.seen()[1].range, Some((5 * BLOCK, Some(6 * BLOCK - 1))));
    let rig = rig.restart();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 2, "the good block was stored");
    rig.assert_bounded();
}

#[test]
fn row_08_a_check_finds_a_flipped_bit_in_every_block() {
    let (rig, _) = whole();
    assert!(verified(&rig.disk()).is_sound());
    let file = OpenOptions::new().read(true).write(true).open(&rig.files()[0]).unwrap();
    for block in 0..16 {
        let at = block * BLOCK + block * 4000;
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 0x80], at).unwrap();
        assert_eq!(verified(&rig.disk()).bad_blocks, block + 1);
    }
}

#[test]
fn row_09_a_file_cut_short_extended_or_emptied_is_a_miss() {
    type Change = fn(u64) -> u64;
    let changes: [Change; 4] = [|_| 0, |_| MIB / 2, |length| length - 1, |length| length + 1];
    for change in changes {
        let (rig, body) = whole();
        let path = rig.files().remove(0);
        let rig = rig.restart_with(|| {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(change(file.metadata().unwrap().len())).unwrap();
        });
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        assert_eq!(rig.server.requests(), 2);
        rig.settle();
        rig.assert_bounded();
        let rig = rig.restart();
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        assert_eq!(rig.server.requests(), 2, "it is whole again");
    }
}

#[test]
fn row_09_a_file_cut_short_while_it_is_being_read_is_a_miss() {
    let (rig, body) = whole();
    let rig = rig.restart();
    let opened = rig.open("/v.mp4", Demand::Playing).unwrap();
    assert!(read(&opened, 0, 10).unwrap() == body[..10]);
    OpenOptions::new().write(true).open(&rig.files()[0]).unwrap().set_len(3 * BLOCK + 5).unwrap();
    assert!(read(&opened, 0, MIB).unwrap() == body);
    drop(opened);
    rig.settle();
    rig.assert_bounded();
    let rig = rig.restart();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
}

#[test]
fn row_10_an_entry_replaced_by_a_link_a_pipe_or_a_folder_is_not_followed() {
    type Replace = fn(&Path, &Path);
    let replacements: [Replace; 3] = [
        |path, target| symlink(target, path).unwrap(),
        |path, _| mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap(),
        |path, _| std::fs::create_dir_all(path.join("with/something")).unwrap(),
    ];
    for replace in replacements {
        let (rig, body) = whole();
        let target = rig.dir.path().join("precious");
        let path = rig.files().remove(0);
        // As long as the entry, so that its length does not tell.
        let precious = vec![7; usize::try_from(std::fs::metadata(&path).unwrap().len()).unwrap()];
        std::fs::write(&target, &precious).unwrap();
        // While it runs …
        std::fs::remove_file(&path).unwrap();
        replace(&path, &target);
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        rig.settle();
        // … and at the next start.
        let path = rig.files().remove(0);
        let rig = rig.restart_with(|| {
            std::fs::remove_file(&path).unwrap();
            replace(&path, &target);
        });
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        rig.settle();
        assert!(std::fs::read(&target).unwrap() == precious);
        rig.assert_bounded();
    }
}

#[test]
fn row_10_an_index_that_is_a_link_a_pipe_or_a_folder_is_not_followed() {
    type Replace = fn(&Path, &Path);
    let replacements: [Replace; 3] = [
        |path, target| symlink(target, path).unwrap(),
        |path, _| mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap(),
        |path, _| std::fs::create_dir(path).unwrap(),
    ];
    for replace in replacements {
        let (rig, body) = whole();
        let index = rig.cache_dir().join("index");
        let target = rig.dir.path().join("precious");
        std::fs::write(&target, b"mine").unwrap();
        let rig = rig.restart_with(|| {
            std::fs::remove_file(&index).unwrap();
            replace(&index, &target);
        });
        assert!(rig.read_all("/v.mp4").unwrap() == body);
        rig.settle();
        assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    }
}

#[test]
fn row_11_a_file_that_others_deleted_is_evicted_all_the_same() {
    let rig = Rig::with(noise(MIB), 6 * MIB, Timeouts::default());
    for item in 0..4 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.settle();
    rig.files().iter().for_each(|file| std::fs::remove_file(file).unwrap());
    for item in 4..12 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
        rig.settle();
        rig.assert_bounded();
    }
    assert!(rig.stats().evictions >= 6, "{:?}", rig.stats());
    assert_eq!(rows(&rig.disk()).len(), rig.files().len());
    assert_eq!(rig.opener.notice(), None);
}

#[test]
fn row_12_a_folder_removed_while_running_is_made_anew() {
    let rig = Rig::new(noise(MIB));
    rig.opener.note_shown(&rig.item("/a.mp4").id);
    let opened = rig.open("/a.mp4", Demand::Playing).unwrap();
    rig.until(|| opened.reader.ready_from(0) == MIB);
    let body = noise(MIB);
    std::fs::remove_dir_all(rig.cache_dir()).unwrap();
    assert!(read(&opened, 0, MIB).unwrap() == body, "what is open stays readable");
    assert!(rig.read_all("/b.mp4").unwrap() == body);
    drop(opened);
    rig.settle();
    assert_eq!(rig.opener.notice(), None);
    rig.assert_bounded();
    assert!(rig.cache_dir().join("CACHEDIR.TAG").exists());
    let rig = rig.restart();
    assert!(rig.read_all("/b.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 2);
}
