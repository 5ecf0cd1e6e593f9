//! Rows 27 to 30: ranges that overlap, holes, and servers that do not keep to a range or to a version.

use std::sync::Arc;

use flickreel::cache::{Demand, Opened, ReadError, Timeouts};
use flickreel::feed::FailureKind;
use proptest::prelude::*;

use crate::cache::rig::{KIB, MIB, Rig, impatient, noise, read};
use crate::support::faulty::Fault;

const LENGTH: u64 = 2 * MIB + 77;

/// Reads ranges one after the other and compares them with the media.
fn read_ranges(opened: &Opened, body: &[u8], ranges: &[(u64, u64)]) {
    for (offset, length) in ranges {
        let length = (*length).min(body.len() as u64 - offset);
        let expected = &body[usize::try_from(*offset).unwrap()..][..usize::try_from(length).unwrap()];
        assert!(read(opened, *offset, length).unwrap() == expected, "{offset}+{length}");
    }
}

fn ranges() -> impl Strategy<Value = Vec<(u64, u64)>> {
    // Some begin and end where a block does, or next to it.
    let edge = (0..LENGTH / (64 * KIB), 0..3_u64).prop_map(|(block, more)| (block * 64 * KIB + more).saturating_sub(1));
    let offset = prop_oneof![0..LENGTH, edge];
    let length = prop_oneof![1..300_u64, 1..200 * KIB, Just(64 * KIB)];
    proptest::collection::vec((offset, length), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn row_27_overlapping_and_adjacent_ranges_of_two_readers_are_byte_exact(
        one in ranges(),
        two in ranges(),
        fault in prop_oneof![
            Just(Fault::None), Just(Fault::NoRanges), Just(Fault::NoLength), Just(Fault::Breaks(100_000)), Just(Fault::Trickles(40_000))
        ],
        demand in prop_oneof![Just(Demand::Preroll), Just(Demand::Playing)],
    ) {
        let body = noise(LENGTH);
        let rig = Rig::with(body.clone(), 100 * MIB, impatient());
        rig.server.fault(fault);
        std::thread::scope(|scope| {
            for ranges in [&one, &two] {
                let (rig, body) = (&rig, &body);
                scope.spawn(move || read_ranges(&rig.open("/v.mp4", demand).unwrap(), body, ranges));
            }
        });
        rig.settle();
        rig.assert_bounded();
        // What was stored is what the server has, wherever it came from.
        let rig = rig.restart();
        prop_assert!(crate::cache::rig::verified(&rig.disk()).is_sound());
        rig.server.fault(Fault::None);
        prop_assert!(rig.read_all("/v.mp4").unwrap() == body);
        prop_assert_eq!(rig.counters.snapshot().cache_bad_blocks, 0);
    }
}

#[test]
fn row_28_only_the_hole_between_two_ranges_is_fetched() {
    let body = noise(16 * MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until_quiet();
    assert!(read(&opened, 9 * MIB, 10).unwrap() == body[9 * 1024 * 1024..][..10]);
    rig.until_quiet();
    drop(opened);
    let rig = rig.restart();
    let there: Vec<_> = rig.server.seen().iter().map(|seen| seen.range.unwrap()).collect();
    assert_eq!(there, [(0, Some(MIB - 1)), (9 * MIB, Some(10 * MIB - 1))]);
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    rig.settle();
    assert_eq!(rig.server.sent(), 16 * MIB, "nothing came twice");
    let asked: Vec<_> = rig.server.seen()[2..].iter().map(|seen| seen.range.unwrap()).collect();
    assert_eq!(asked, [(MIB, Some(9 * MIB - 1)), (10 * MIB, None)]);
}

#[test]
fn row_28_only_the_rest_is_fetched_when_the_beginning_is_there() {
    let body = noise(4 * MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until(|| opened.reader.ready_from(0) == MIB);
    rig.until_quiet();
    drop(opened);
    let rig = rig.restart();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    rig.until_quiet();
    assert_eq!(rig.server.seen()[1].range, Some((MIB, None)));
    assert_eq!(rig.server.sent(), 4 * MIB);
}

/// Reads media of which the beginning came well and the rest comes with `fault`: the right bytes or none. What
/// was stored of it meanwhile is the media.
fn never_stitched(fault: Fault, then: impl Fn(&Rig)) {
    let body = noise(4 * MIB);
    let rig = Rig::with(body.clone(), 100 * MIB, impatient());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until(|| opened.reader.ready_from(0) == MIB);
    rig.until_quiet();
    rig.server.fault(fault);
    for offset in [3 * MIB, MIB, 2 * MIB + 13] {
        match read(&opened, offset, 300 * KIB) {
            Ok(bytes) => assert!(bytes == body[usize::try_from(offset).unwrap()..][..300 * 1024], "{fault:?}"),
            Err(ReadError::Failed(_)) => {}
            Err(err) => panic!("{fault:?}: {err}"),
        }
    }
    drop(opened);
    rig.until_quiet();
    then(&rig);
    rig.server.fault(Fault::None);
    let rig = rig.restart();
    assert!(rig.read_all("/v.mp4").unwrap() == body, "{fault:?}");
    rig.settle();
    rig.assert_bounded();
}

#[test]
fn row_29_a_range_that_is_not_the_one_asked_for_is_never_stitched() {
    let refused = [
        Fault::WrongRange,
        Fault::RangeSays("bytes {first+1}-{last}/{total}"),
        Fault::RangeSays("bytes 0-{last}/{total}"),
        Fault::RangeSays("bytes {first}-{last+1}/{total}"),
        Fault::RangeSays("bytes {first}-0/{total}"),
        Fault::RangeSays("bytes {first}-{last}/*"),
        Fault::RangeSays("bytes */{total}"),
        Fault::RangeSays("bytes {first}-{last}/1"),
        Fault::RangeSays("bytes -{first}-{last}/{total}"),
        Fault::RangeSays("bytes {first}-{last}/99999999999999999999999"),
        Fault::RangeSays("items {first}-{last}/{total}"),
        Fault::RangeSays("nonsense"),
        Fault::RangeSays(""),
        Fault::Multipart,
    ];
    for fault in refused {
        never_stitched(fault, |rig| {
            let item = rig.item("/v.mp4");
            let there = flickreel::cache::Availability::Partial { bytes: MIB, total: 4 * MIB };
            assert_eq!(rig.opener.availability(&item), there, "nothing of it was taken: {fault:?}");
        });
    }
    // Another length is another version.
    never_stitched(Fault::RangeSays("bytes {first}-{last}/{total+1}"), |_| {});
}

#[test]
fn row_29_all_instead_of_a_range_is_never_stitched() {
    for fault in [Fault::NoRanges, Fault::NoLength] {
        never_stitched(fault, |rig| assert!(rig.server.requests() <= 5, "{fault:?}: {} requests", rig.server.requests()));
    }
}

#[test]
fn row_29_a_status_instead_of_a_range_is_never_stitched() {
    for status in [416, 204, 206, 304, 404, 500] {
        never_stitched(Fault::Status(status), |_| {});
    }
}

#[test]
fn row_29_a_server_that_never_sends_the_range_asked_for_is_told_of() {
    let rig = Rig::impatient(noise(MIB));
    rig.server.fault(Fault::WrongRange);
    let failure = rig.read_all("/v.mp4").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Server, "{failure:?}");
    assert_eq!(rig.server.requests(), 3, "one attempt and two retries");
    assert_eq!(rig.stats().entries, 0);
}

#[test]
fn row_30_media_that_changes_in_the_middle_of_a_body_is_discarded_and_begun_anew() {
    let versions: [(Vec<u8>, Option<&'static str>, Option<&'static str>); 3] = [
        // The ETag alone, the length alone, and both.
        (noise(4 * MIB + 2)[..4 * 1024 * 1024].to_vec(), Some("\"one\""), Some("\"two\"")),
        (noise(3 * MIB), None, None),
        (noise(5 * MIB), Some("\"one\""), Some("\"two\"")),
    ];
    for (new, before, after) in versions {
        let old = noise(4 * MIB);
        let rig = Rig::with(old.clone(), 100 * MIB, impatient());
        rig.server.set(|behaviour| {
            (behaviour.etag, behaviour.fault) = (before, Fault::Changes(1_500_000));
            behaviour.next = Some((Arc::new(new.clone()), after));
        });
        let opened = rig.open("/v.mp4", Demand::Playing).unwrap();
        let read = read(&opened, 0, opened.reader.len());
        assert!(matches!(&read, Err(ReadError::Failed(_))), "old and new are never one: {:?}", read.map(|bytes| bytes.len()));
        assert!(opened.reader.read_at(0, &mut [0; 10]).is_err(), "what is left of the old version is not served either");
        // Whoever begins anew gets the new one, without what is left of the old one being asked for again.
        assert!(rig.read_all("/v.mp4").unwrap() == new);
        drop(opened);
        rig.settle();
        rig.assert_bounded();
        assert_eq!(rig.files().len(), 1, "the old version is gone from the disk");
        let rig = rig.restart();
        let requests = rig.server.requests();
        assert!(rig.read_all("/v.mp4").unwrap() == new);
        assert_eq!(rig.server.requests(), requests);
    }
}

#[test]
fn row_30_media_that_changed_between_two_runs_is_discarded() {
    for (etag, date) in [(Some("\"two\""), None), (None, Some("Tue, 02 Jan 2024 00:00:00 GMT"))] {
        let (old, new) = (noise(4 * MIB), noise(4 * MIB + 2)[..4 * 1024 * 1024].to_vec());
        let rig = Rig::with(old, 100 * MIB, Timeouts::default());
        rig.server.set(|behaviour| {
            behaviour.etag = etag.map(|_| "\"one\"");
            behaviour.last_modified = date.map(|_| "Mon, 01 Jan 2024 00:00:00 GMT");
        });
        let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
        rig.until(|| opened.reader.ready_from(0) == MIB);
        drop(opened);
        let rig = rig.restart();
        rig.server.set(|behaviour| {
            (behaviour.body, behaviour.etag, behaviour.last_modified) = (Arc::new(new.clone()), etag, date);
        });
        // Its beginning is on disk; the first request for more tells that it is another one, soon or at once.
        match rig.open("/v.mp4", Demand::Playing) {
            Ok(opened) => assert!(read(&opened, 0, 4 * MIB).is_err_and(|err| matches!(err, ReadError::Failed(_)))),
            Err(failure) => assert_eq!(failure.kind, FailureKind::Server, "{failure:?}"),
        }
        assert!(rig.read_all("/v.mp4").unwrap() == new);
    }
}

#[test]
fn row_30_a_range_past_the_end_of_what_has_become_shorter_is_a_change() {
    let rig = Rig::impatient(noise(4 * MIB));
    rig.server.set(|behaviour| behaviour.etag = None);
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until_quiet();
    rig.server.set(|behaviour| behaviour.body = Arc::new(noise(MIB)));
    assert!(read(&opened, 3 * MIB, 10).is_err());
    drop(opened);
    assert!(rig.read_all("/v.mp4").unwrap() == noise(MIB));
}
