//! Rows 13 to 18 and 21: there is not enough room, or nobody says how much is needed.

use std::sync::Arc;

use flickreel::cache::{BlobKind, Demand, Reply, Request, Timeouts};
use flickreel::feed::FailureKind;

use crate::cache::rig::{KIB, MIB, Rig, impatient, noise, read, rows};
use crate::support::faulty::Fault;

#[test]
fn row_13_a_reader_gets_all_bytes_whatever_is_evicted_meanwhile() {
    let body = noise(2 * MIB);
    let rig = Rig::with(body.clone(), 6 * MIB, Timeouts::default());
    rig.read_all("/open.mp4").unwrap();
    // After a restart nothing of it is in memory, and its file is not open yet.
    let rig = rig.restart();
    let opened = rig.open("/open.mp4", Demand::Preroll).unwrap();
    for item in 0..8 {
        assert!(rig.read_all(&format!("/{item}.mp4")).unwrap() == body);
        rig.settle();
        rig.assert_bounded();
    }
    assert!(rig.stats().evictions >= 6, "{:?}", rig.stats());
    assert!(read(&opened, 0, 2 * MIB).unwrap() == body);
    assert_eq!(rig.server.seen_of("/open.mp4").len(), 1);
    drop(opened);
    // It is like any other from now on.
    for item in 0..8 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.read_all("/open.mp4").unwrap();
    assert_eq!(rig.server.seen_of("/open.mp4").len(), 2);
}

#[test]
fn row_14_when_everything_is_in_use_the_next_one_is_played_past_the_cache() {
    let body = noise(MIB);
    let rig = Rig::with(body.clone(), 4 * MIB, Timeouts::default());
    let watch = |item: u8| {
        rig.opener.note_shown(&rig.item(&format!("/{item}.mp4")).id);
        rig.open(&format!("/{item}.mp4"), Demand::Playing).unwrap()
    };
    let held: Vec<_> = (0..6).map(watch).collect();
    for opened in &held {
        assert!(read(opened, 0, MIB).unwrap() == body);
    }
    rig.settle();
    rig.assert_bounded();
    assert_eq!(rig.stats().evictions, 0);
    assert!(rig.stats().disk_bytes > 3 * MIB, "what there was room for is kept: {:?}", rig.stats());
    for opened in &held {
        assert!(read(opened, 0, MIB).unwrap() == body);
    }
    assert_eq!(rig.server.requests(), 6);
    assert_eq!(rig.opener.notice(), None, "a lack of room is no fault of the disk");
}

#[test]
fn row_14_when_everything_was_pinned_by_a_person_the_next_one_is_played_past_the_cache() {
    let body = noise(MIB);
    let rig = Rig::with(body.clone(), 4 * MIB, Timeouts::default());
    for item in 0..3 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.settle();
    for row in rows(&rig.disk()) {
        assert!(matches!(rig.disk().answer(&Request::Pin { id: row.id }, &mut |_, _| {}), Reply::Entry(row) if row.pinned));
    }
    for item in 3..6 {
        assert!(rig.read_all(&format!("/{item}.mp4")).unwrap() == body);
    }
    rig.settle();
    rig.assert_bounded();
    assert_eq!((rig.stats().pinned, rig.stats().videos_ready), (3, 3));
    let rig = rig.restart();
    assert_eq!(rig.stats().pinned, 3, "a pin outlives the program");
    for item in 0..3 {
        assert!(rig.opener.is_complete(&rig.item(&format!("/{item}.mp4"))));
    }
}

/// Reads a video of a MiB in a cache with such a bound that has a small one in it already: whether it was stored,
/// and whether the small one is still there.
fn stored_within(cap: u64) -> (bool, bool) {
    let rig = Rig::with(noise(MIB), cap, Timeouts::default());
    rig.server.set_for("/small.mp4", |behaviour| behaviour.body = Arc::new(noise(KIB)));
    rig.read_all("/small.mp4").unwrap();
    rig.settle();
    assert!(rig.read_all("/large.mp4").unwrap() == noise(MIB));
    rig.settle();
    rig.assert_bounded();
    // The opener knows what is in memory too; a restarted one does not.
    let rig = rig.restart();
    rig.assert_bounded();
    (rig.opener.is_complete(&rig.item("/large.mp4")), rig.opener.is_complete(&rig.item("/small.mp4")))
}

#[test]
fn row_15_an_entry_of_the_bound_is_stored_and_one_byte_more_is_played_past_the_cache() {
    // Looks for the smallest bound that the video fits into: with one byte less it is larger than the bound.
    let (mut fits_not, mut fits) = (MIB, 2 * MIB);
    while fits - fits_not > 1 {
        let middle = u64::midpoint(fits, fits_not);
        if stored_within(middle).0 { fits = middle } else { fits_not = middle }
    }
    assert!(stored_within(fits).0);
    assert_eq!(stored_within(fits - 1), (false, true), "and what was there stays");
    assert!(fits < MIB + MIB / 4, "what is no media takes {} bytes", fits - MIB);
}

#[test]
fn row_15_an_entry_of_ten_times_the_bound_is_played_past_the_cache_and_the_others_stay() {
    let rig = Rig::with(noise(MIB), 3 * MIB, Timeouts::default());
    rig.read_all("/small.mp4").unwrap();
    rig.settle();
    let large = noise(30 * MIB);
    rig.server.set_for("/large.mp4", |behaviour| behaviour.body = Arc::new(large.clone()));
    assert!(rig.read_all("/large.mp4").unwrap() == large);
    rig.settle();
    rig.assert_bounded();
    assert_eq!(rig.stats().evictions, 0);
    assert!(rig.opener.is_complete(&rig.item("/small.mp4")));
    assert_eq!(rig.files().len(), 1);
    assert_eq!(rig.opener.notice(), None);
}

#[test]
fn row_16_media_without_a_length_that_outgrows_the_bound_is_played_past_the_cache() {
    let rig = Rig::with(noise(MIB), 3 * MIB, impatient());
    rig.read_all("/small.mp4").unwrap();
    let large = noise(9 * MIB);
    rig.server.set_for("/large.mp4", |behaviour| (behaviour.body, behaviour.fault) = (Arc::new(large.clone()), Fault::NoLength));
    assert!(rig.read_all("/large.mp4").unwrap() == large);
    rig.settle();
    rig.assert_bounded();
    assert_eq!((rig.stats().evictions, rig.files().len()), (0, 1));
}

#[test]
fn row_16_a_body_without_an_end_stops_at_the_reservation() {
    let rig = Rig::with(noise(MIB), 3 * MIB, impatient());
    rig.read_all("/small.mp4").unwrap();
    rig.settle();
    rig.server.fault_for("/endless.mp4", Fault::Endless);
    let failure = rig.read_all("/endless.mp4").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported, "{failure:?}");
    rig.settle();
    assert!(rig.counters.snapshot().network_bytes < 70 * MIB, "{}", rig.counters.snapshot().network_bytes);
    rig.assert_bounded();
    assert_eq!(rig.stats().reserved_bytes, 0);
    assert!(rig.opener.is_complete(&rig.item("/small.mp4")));
    assert_eq!(rig.files().len(), 1);
}

#[test]
fn row_17_what_a_server_sends_beyond_what_it_declared_is_discarded() {
    for fault in [Fault::Long(1), Fault::Long(1000), Fault::Long(200_000), Fault::Spills(1), Fault::Spills(200_000)] {
        for length in [300 * KIB, 3 * 64 * KIB, 1] {
            let body = noise(length);
            let rig = Rig::with(body.clone(), 100 * MIB, impatient());
            rig.server.fault(fault);
            // The surplus is an error, but what came before it is what was declared.
            match rig.read_all("/v.mp4") {
                Ok(read) => assert!(read == body, "{fault:?}"),
                Err(failure) => assert_eq!(failure.kind, FailureKind::Server, "{fault:?}"),
            }
            rig.settle();
            rig.assert_bounded();
            assert_eq!(rig.stats().reserved_bytes, 0);
            assert!(rows(&rig.disk()).iter().all(|row| row.length == length && row.bytes <= length), "{:?}", rows(&rig.disk()));
            rig.server.fault(Fault::None);
            let rig = rig.restart();
            assert!(rig.read_all("/v.mp4").unwrap() == body, "{fault:?}");
        }
    }
}

#[test]
fn row_18_ten_thousand_files_of_one_byte_are_counted_by_blocks() {
    let rig = Rig::with(noise(1), 100 * MIB, Timeouts::default());
    let blobs = rig.opener.blobs();
    rig.runtime.block_on(async {
        for number in 0..10_000 {
            blobs.put(BlobKind::Page, &format!("page {number}"), "", vec![7]).await;
        }
    });
    rig.settle();
    rig.assert_bounded();
    let stats = rig.stats();
    assert!(stats.disk_bytes > 10_000 * 4 * KIB, "{stats:?}");
    assert_eq!((stats.pages, stats.evictions), (10_000, 0), "they fit");
    drop(blobs);
    let mut rig = rig;
    rig.cap = 16 * MIB;
    let rig = rig.restart();
    rig.assert_bounded();
    let left = rig.stats().pages;
    assert!(left > 1000 && left < 16 * MIB / (4 * KIB), "{left}");
}

#[test]
fn row_18_a_thousand_videos_of_one_byte_are_counted_by_blocks() {
    let rig = Rig::with(noise(1), 3 * MIB, Timeouts::default());
    for item in 0..1000 {
        assert_eq!(rig.read_all(&format!("/{item}.mp4")).unwrap(), noise(1));
        if item % 100 == 0 {
            rig.until_quiet();
            rig.assert_bounded();
        }
    }
    rig.settle();
    rig.assert_bounded();
    assert!(rig.stats().evictions > 300, "{:?}", rig.stats());
}

#[test]
fn row_21_a_lower_bound_is_met_at_the_start() {
    let mut rig = Rig::new(noise(MIB));
    for item in 0..8 {
        rig.read_all(&format!("/{item}.mp4")).unwrap();
    }
    rig.cap = 4 * MIB;
    let rig = rig.restart();
    rig.assert_bounded();
    let before = rig.server.requests();
    assert!(rig.open("/7.mp4", Demand::Preroll).unwrap().from_cache, "the newest stay");
    assert!(!rig.opener.is_complete(&rig.item("/0.mp4")));
    assert_eq!(rig.server.requests(), before);
    assert_eq!(rig.files().len() as u64, rig.stats().entries);
}
