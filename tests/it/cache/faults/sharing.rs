//! Rows 22 and 35 to 37: several processes, several readers, readers that go away, and a cache that is cleared.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::time::Duration;

use flickreel::cache::{Demand, MediaOpener, Reply, Request, Timeouts};
use flickreel::feed::{Item, ItemId, MediaLocation};

use crate::cache::rig::{KIB, MIB, Rig, du, new_opener, noise, open, read, runtime, stats, until};
use crate::support::apart;

/// Longer than any test waits.
const LONG: Duration = Duration::from_hours(1);

#[test]
fn row_22_of_two_processes_that_start_together_the_second_does_without_the_disk() {
    let this = row_22_of_two_processes_that_start_together_the_second_does_without_the_disk;
    if let Some(server) = apart::here(&this) {
        let runtime = runtime();
        let (cache, counters) = new_opener(&runtime, Some(&std::env::temp_dir()), 100 * MIB, Timeouts::default());
        let item = Item::bare(ItemId::new("v"), MediaLocation::Url(format!("{server}/v.mp4")));
        let opened = open(&cache, item, Demand::Playing).unwrap();
        assert!(read(&opened, 0, MIB).unwrap() == noise(MIB));
        let has = runtime.block_on(cache.disk()).is_some();
        assert_eq!(has, counters.snapshot().cache_disk_bytes > 0);
        println!("has the cache: {has}, says: {:?}", cache.notice());
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return;
    }
    let rig = Rig::new(noise(MIB));
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        let mut children = [(); 2].map(|()| apart::start(&this, &rig.server.url(""), dir.path()));
        let mut outputs = children.each_mut().map(|child| BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap));
        let mut said = outputs.each_mut().map(|lines| {
            let line = lines.find(|line| line.contains("has the cache")).unwrap();
            line[line.find("has").unwrap()..].to_owned()
        });
        said.sort();
        assert!(said[0].starts_with("has the cache: false, says: Some(\"Another Flickreel is using"), "{said:?}");
        assert_eq!(said[1], "has the cache: true, says: None");
        for mut child in children {
            drop(child.stdin.take());
            assert!(child.wait().unwrap().success());
        }
    }
}

#[test]
fn row_35_a_hundred_tasks_that_want_one_key_share_one_request() {
    let body = noise(200 * KIB);
    let rig = Rig::new(body.clone());
    rig.server.open_gate(false);
    let heads: Vec<_> = (0..50).map(|_| rig.runtime.spawn(rig.opener.fetch_head(&rig.item("/v.mp4?token=a")))).collect();
    std::thread::scope(|scope| {
        for reader in 0..50 {
            let (rig, body) = (&rig, &body);
            scope.spawn(move || assert!(&rig.read_all(&format!("/v.mp4?token={reader}")).unwrap() == body));
        }
        rig.until_requests(1);
        rig.server.open_gate(true);
    });
    for head in heads {
        rig.runtime.block_on(head).unwrap().unwrap();
    }
    assert_eq!(rig.server.requests(), 1);
    rig.settle();
    assert_eq!((rig.stats().entries, rig.files().len()), (1, 1));
}

/// How a download ends before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GivenUp {
    /// The opening is.
    Opening,
    /// Its reader goes away.
    Reader,
    /// The head that is fetched ahead is not wanted any more.
    Head,
    /// The runtime that it runs on ends.
    Runtime,
}

/// Gives up a download after so many bytes have come, and asserts that nothing stays reserved or uncounted.
fn give_up(how: GivenUp, bytes: u64) {
    // Without patience running out: nothing but its being given up ends a request.
    let rig = Rig::with(noise(MIB), 100 * MIB, Timeouts { answer: LONG, stall: LONG, ..Timeouts::default() });
    let disk = rig.disk();
    rig.server.let_through(bytes);
    let item = Arc::new(rig.item("/v.mp4"));
    match how {
        GivenUp::Head => {
            let head = rig.runtime.spawn(rig.opener.fetch_head(&item));
            rig.until(|| rig.server.sent() == bytes);
            head.abort();
        }
        GivenUp::Opening => {
            let ticket = rig.opener.open(item, Demand::Playing, Duration::from_mins(1), Box::new(drop));
            rig.until(|| rig.server.sent() == bytes);
            drop(ticket);
        }
        GivenUp::Reader | GivenUp::Runtime => {
            let opened = (bytes > KIB).then(|| rig.open("/v.mp4", Demand::Playing).unwrap());
            let ticket = (bytes <= KIB).then(|| rig.opener.open(item, Demand::Playing, Duration::from_mins(1), Box::new(drop)));
            rig.until(|| rig.server.sent() == bytes);
            if how == GivenUp::Reader {
                drop((opened, ticket));
            } else {
                let Rig { opener, runtime, dir, server, .. } = rig;
                runtime.shutdown_background();
                drop((opened, ticket, opener));
                until(|| stats(&disk).in_use == 0 && stats(&disk).reserved_bytes == 0);
                assert!(du(&dir.path().join("cache")) <= stats(&disk).disk_bytes, "{how:?} after {bytes}");
                drop(server);
                return;
            }
        }
    }
    rig.until_quiet();
    until(|| stats(&disk).in_use == 0 && stats(&disk).reserved_bytes == 0);
    rig.assert_bounded();
    // What came is of use, and the rest can be had.
    rig.server.open_gate(true);
    assert!(rig.read_all("/v.mp4").unwrap() == noise(MIB), "{how:?} after {bytes}");
}

#[test]
fn row_36_a_download_given_up_at_any_moment_leaves_nothing_reserved() {
    // An opening is done when the first bytes are there.
    for bytes in [0, 1, 500, 1000] {
        give_up(GivenUp::Opening, bytes);
    }
    for how in [GivenUp::Reader, GivenUp::Head, GivenUp::Runtime] {
        // Before, at and behind the edges of what is read at once, of a block, and of the whole.
        for bytes in [0, 1, 1500, 16 * KIB, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 100_000, 128 * KIB, 300_000, 512 * KIB] {
            give_up(how, bytes);
        }
    }
}

#[test]
fn row_36_fetching_ahead_given_up_at_every_await_leaves_nothing_reserved() {
    let rig = Rig::new(noise(600 * KIB));
    let disk = rig.disk();
    // The future is dropped after it was woken so many times.
    for polls in 0..12 {
        let path = format!("/{polls}.mp4");
        rig.server.open_gate(false);
        let requests = rig.server.requests();
        rig.runtime.block_on(async {
            let mut head = std::pin::pin!(rig.opener.fetch_head(&rig.item(&path)));
            for poll in 0..polls {
                let mut once = std::pin::pin!(async {
                    tokio::select! {
                        biased;
                        _ = &mut head => true,
                        () = tokio::task::yield_now() => false,
                    }
                });
                if once.as_mut().await {
                    break;
                }
                // Something comes in between two of them.
                if poll > 0 {
                    rig.server.requested(requests + 1).await;
                    rig.server.let_through(40 * KIB);
                }
            }
        });
        rig.server.open_gate(true);
        rig.until_quiet();
        until(|| stats(&disk).in_use == 0 && stats(&disk).reserved_bytes == 0);
        rig.assert_bounded();
    }
}

fn clear(rig: &Rig) {
    assert!(matches!(rig.disk().answer(&Request::Clear, &mut |_, _| {}), Reply::Cleared(_)));
}

#[test]
fn row_37_what_is_played_while_the_cache_is_cleared_plays_on() {
    let body = noise(8 * MIB);
    let rig = Rig::new(body.clone());
    rig.read_all("/other.mp4").unwrap();
    rig.opener.note_shown(&rig.item("/v.mp4").id);
    // In the middle of a download, part of it written and part of it still to come.
    rig.server.let_through(3 * MIB);
    let opened = rig.open("/v.mp4", Demand::Playing).unwrap();
    assert!(read(&opened, 0, 2 * MIB).unwrap() == body[..2 * 1024 * 1024]);
    clear(&rig);
    assert_eq!((rig.stats().entries, rig.files().len()), (0, 0));
    assert!(du(&rig.cache_dir()) < MIB / 2);
    rig.server.open_gate(true);
    assert!(read(&opened, 0, 8 * MIB).unwrap() == body);
    rig.until_quiet();
    assert_eq!(rig.opener.notice(), None);
    rig.assert_bounded();
    drop(opened);
    until(|| rig.stats().in_use == 0);
    rig.assert_bounded();
    // And from then on everything is stored as ever.
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    let rig = rig.restart();
    let requests = rig.server.requests();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), requests);
}

#[test]
fn row_37_what_lies_on_disk_and_is_played_while_the_cache_is_cleared_plays_on() {
    let body = noise(4 * MIB);
    let rig = Rig::new(body.clone());
    rig.read_all("/v.mp4").unwrap();
    let rig = rig.restart();
    let opened = rig.open("/v.mp4", Demand::Playing).unwrap();
    for _ in 0..3 {
        clear(&rig);
        assert!(read(&opened, 0, 4 * MIB).unwrap() == body);
    }
    assert_eq!(rig.opener.notice(), None);
    rig.settle();
    rig.assert_bounded();
    drop(opened);
    rig.settle();
    assert_eq!(rig.stats().bad_blocks, 0, "what a person removed is not damaged");
    rig.assert_bounded();
}
