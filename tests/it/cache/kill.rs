//! A process that is killed while it writes: what it leaves is never served wrong and never over the bound.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flickreel::cache::{Demand, Timeouts};
use flickreel::feed::{Item, ItemId, MediaLocation};

use super::rig::{KIB, MIB, Rig, du, new_opener, noise, open, read, runtime};

/// Kills in a run of the tests; the variable asks for more.
const KILLS: usize = 25;
const CAP: u64 = 4 * MIB;
const DIR: &str = "FLICKREEL_TEST_KILL_DIR";
const SERVER: &str = "FLICKREEL_TEST_KILL_SERVER";

/// What the killed process does: reads one item after the other, for ever. Does nothing as a test.
#[test]
fn reads_until_killed() {
    let (Ok(dir), Ok(server)) = (std::env::var(DIR), std::env::var(SERVER)) else { return };
    let runtime = runtime();
    let (cache, _) = new_opener(&runtime, Some(&PathBuf::from(dir)), CAP, Timeouts::default());
    for number in 0_u64.. {
        let path = format!("{server}/{}.mp4", number % 20);
        let opened = open(&cache, Item::bare(ItemId::new(path.clone()), MediaLocation::Url(path)), Demand::Playing).unwrap();
        read(&opened, 0, opened.reader.len()).unwrap();
        if number % 3 == 0 {
            cache.flush();
        }
    }
}

fn spawn(rig: &Rig, dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cache::kill::reads_until_killed", "--nocapture"])
        .env(DIR, dir)
        .env(SERVER, rig.server.url(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_process_killed_while_it_writes_leaves_nothing_wrong_behind() {
    let body = noise(400 * KIB + 7);
    // The cache of the rig itself lies elsewhere, so that the folder is free for the process.
    let rig = Rig::with(body.clone(), CAP, Timeouts::default());
    let dir = tempfile::tempdir().unwrap();
    let kills = std::env::var("FLICKREEL_TEST_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(KILLS);
    let mut served_from_disk = 0;
    for kill in 0..kills {
        let mut child = spawn(&rig, dir.path());
        // By now it is in the middle of something, each time of something else.
        rig.until_requests(rig.server.requests() + 3 + kill % 11);
        child.kill().unwrap();
        child.wait().unwrap();

        let runtime = runtime();
        let (cache, counters) = new_opener(&runtime, Some(dir.path()), CAP, Timeouts::default());
        for number in 0..20 {
            let opened = open(&cache, rig.item(&format!("/{number}.mp4")), Demand::Playing).unwrap();
            assert!(read(&opened, 0, opened.reader.len()).unwrap() == body, "item {number} after kill {kill}");
            served_from_disk += usize::from(opened.from_cache);
            assert!(du(dir.path()) <= CAP, "{}", du(dir.path()));
        }
        assert_eq!(cache.notice(), None, "the lock of a process that is gone is free");
        assert!(counters.snapshot().cache_disk_peak_bytes <= CAP);
        drop(cache);
        runtime.shutdown_timeout(std::time::Duration::from_mins(1));
    }
    assert!(served_from_disk > 0);
}
