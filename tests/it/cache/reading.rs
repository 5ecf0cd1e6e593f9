//! Reads of media that a good server has.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use flickreel::cache::{Availability, Demand, MediaOpener, Opened, ReadError};
use flickreel::feed::{FailureKind, Item, ItemId, MediaLocation};

use super::rig::{KIB, MIB, Rig, new_opener, noise, open, read};

#[test]
fn any_range_is_read_as_the_server_has_it() {
    let body = noise(3 * MIB + 1234);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    assert_eq!(opened.reader.len(), body.len() as u64);
    assert_eq!(opened.head, body[..1024]);
    let numbers: Vec<_> = noise(1200).chunks(6).map(|six| six.iter().fold(0_usize, |sum, byte| sum * 256 + usize::from(*byte))).collect();
    for number in numbers {
        let offset = number % body.len();
        let length = (number / body.len() % 200_000).min(body.len() - offset);
        assert!(read(&opened, offset as u64, length as u64).unwrap() == body[offset..offset + length], "{offset}+{length}");
    }
    let mut buf = [0; 10];
    assert_eq!(opened.reader.read_at(body.len() as u64, &mut buf), Ok(0));
    assert_eq!(opened.reader.read_at(u64::MAX, &mut buf), Ok(0));
}

#[test]
fn a_preroll_fetches_its_window_and_playing_fetches_the_rest() {
    let body = noise(8 * MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    read(&opened, 0, 10 * KIB).unwrap();
    rig.until_quiet();
    assert_eq!(rig.server.sent(), MIB);
    opened.reader.set_demand(Demand::Playing);
    rig.until(|| opened.reader.ready_from(0) == 8 * MIB);
    rig.until(|| rig.opener.is_complete(&rig.item("/v.mp4")));
    assert_eq!(rig.server.sent(), 8 * MIB, "nothing came twice");
    assert!(read(&opened, 0, 8 * MIB).unwrap() == body);
    assert_eq!(rig.counters.snapshot().network_bytes, 8 * MIB);
}

#[test]
fn a_reader_has_bytes_before_their_block_is_complete() {
    let rig = Rig::new(noise(MIB));
    rig.server.fault(crate::support::faulty::Fault::Stalls(5000));
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    assert_eq!(read(&opened, 4000, 1000).unwrap().len(), 1000);
    assert_eq!(opened.reader.ready_from(4000), 1000);
}

#[test]
fn a_jump_is_served_by_a_request_of_its_own() {
    let body = noise(16 * MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until_quiet();
    assert!(read(&opened, 15 * MIB + 77, 1000).unwrap() == body[15 * 1024 * 1024 + 77..][..1000]);
    assert_eq!(rig.server.seen()[1].range.unwrap().0, 15 * MIB);
    assert!(rig.server.sent() < 3 * MIB);
}

#[test]
fn the_index_at_the_end_of_an_mp4_is_fetched_before_anybody_asks() {
    let mut body = noise(6 * MIB);
    let moov_at = 5 * MIB + 1000;
    body[..8].copy_from_slice(b"\0\0\0\x18ftyp");
    body[24..28].copy_from_slice(&u32::try_from(moov_at - 24).unwrap().to_be_bytes());
    body[28..32].copy_from_slice(b"mdat");
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until_requests(2);
    rig.until(|| opened.reader.ready_from(moov_at) == 6 * MIB - moov_at);
    let hits = rig.counters.snapshot().cache_hit_bytes;
    assert!(read(&opened, moov_at, 1000).unwrap() == body[usize::try_from(moov_at).unwrap()..][..1000]);
    assert_eq!(rig.counters.snapshot().cache_hit_bytes, hits + 1000);
    rig.until_quiet();
    drop(opened);
    assert!(rig.open("/v.mp4", Demand::Preroll).unwrap().from_cache);
    assert!(rig.restart().open("/v.mp4", Demand::Preroll).unwrap().from_cache);
}

#[test]
fn a_waiting_read_is_interrupted_at_once_and_can_be_taken_up_again() {
    let body = noise(4 * MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until_quiet();
    rig.server.open_gate(false);
    let reader = Arc::clone(&opened.reader);
    let reading = std::thread::Builder::new().name("reading".into()).spawn(move || reader.read_at(3 * MIB, &mut [0; 10])).unwrap();
    rig.until_requests(2);
    opened.reader.set_interrupted(true);
    assert_eq!(reading.join().unwrap(), Err(ReadError::Interrupted));
    assert_eq!(opened.reader.read_at(0, &mut [0; 10]), Err(ReadError::Interrupted));
    opened.reader.set_interrupted(false);
    rig.server.open_gate(true);
    assert!(read(&opened, 3 * MIB, 10).unwrap() == body[3 * 1024 * 1024..][..10]);
}

#[test]
fn an_opening_that_is_given_up_ends_its_request() {
    let rig = Rig::new(noise(MIB));
    rig.server.open_gate(false);
    let (done, opened) = sync_channel(1);
    let answer = Box::new(move |result: Result<_, _>| done.send(result.is_ok()).unwrap());
    let ticket = rig.opener.open(Arc::new(rig.item("/v.mp4")), Demand::Playing, Duration::from_mins(1), answer);
    rig.until_requests(1);
    drop(ticket);
    assert!(!opened.recv().unwrap());
    rig.until_quiet();
}

#[test]
fn an_opening_takes_no_longer_than_it_may() {
    let rig = Rig::new(noise(MIB));
    rig.server.open_gate(false);
    let (done, opened) = sync_channel(1);
    let answer = Box::new(move |result: Result<Opened, _>| done.send(result.err()).unwrap());
    let _ticket = rig.opener.open(Arc::new(rig.item("/v.mp4")), Demand::Playing, Duration::from_millis(300), answer);
    let failure = opened.recv().unwrap().unwrap();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.causes.iter().any(|cause| cause.contains("300ms")), "{failure:?}");
}

#[test]
fn what_was_fetched_and_never_shown_counts_as_wasted() {
    let rig = Rig::new(noise(300 * KIB));
    for path in ["/a", "/b"] {
        let opened = rig.open(path, Demand::Playing).unwrap();
        read(&opened, 0, 300 * KIB).unwrap();
    }
    assert_eq!(rig.opener.wasted_bytes(), 600 * KIB);
    rig.opener.note_shown(&ItemId::new("/a"));
    assert_eq!(rig.opener.wasted_bytes(), 300 * KIB);
}

#[test]
fn without_a_disk_what_was_read_last_stays_in_memory() {
    let rig = Rig::new(noise(MIB));
    let (cache, _) = new_opener(&rig.runtime, None, 0, flickreel::cache::Timeouts::default());
    for _ in 0..2 {
        let opened = open(&cache, rig.item("/v.mp4"), Demand::Playing).unwrap();
        read(&opened, 0, MIB).unwrap();
    }
    assert_eq!(rig.server.requests(), 1);
    assert_eq!(cache.notice(), None);
}

#[test]
fn availability_tells_nothing_some_and_all() {
    let rig = Rig::new(noise(4 * MIB));
    let item = rig.item("/v.mp4");
    assert_eq!(rig.opener.availability(&item), Availability::None);
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until(|| rig.opener.availability(&item) == Availability::Partial { bytes: MIB, total: 4 * MIB });
    opened.reader.set_demand(Demand::Playing);
    rig.until(|| rig.opener.is_complete(&item));
}

#[test]
fn files_and_samples_are_read_where_they_are() {
    let rig = Rig::new(noise(1));
    let local = |media| open(&rig.opener, Item::bare(ItemId::new("x"), media), Demand::Preroll);
    let path = rig.dir.path().join("clip.mp4");
    let body = noise(70_000);
    std::fs::write(&path, &body).unwrap();
    let opened = local(MediaLocation::File(path.clone())).unwrap();
    assert_eq!(opened.head, body[..1024]);
    assert!(read(&opened, 60_000, 10_000).unwrap() == body[60_000..]);
    let sample = local(MediaLocation::Sample(0)).unwrap();
    assert_eq!(sample.head, b"a sample clip");
    assert!(local(MediaLocation::Sample(1)).is_err());

    let kind = |path: &std::path::Path| local(MediaLocation::File(path.to_owned())).map(|_| ()).unwrap_err().kind;
    assert_eq!(kind(&rig.dir.path().join("nowhere.mp4")), FailureKind::Missing);
    assert_eq!(kind(rig.dir.path()), FailureKind::Unreadable);
    let fifo = rig.dir.path().join("fifo.mp4");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(kind(&fifo), FailureKind::Unreadable);
    let _socket = std::os::unix::net::UnixListener::bind(rig.dir.path().join("socket.mp4")).unwrap();
    assert_eq!(kind(&rig.dir.path().join("socket.mp4")), FailureKind::Unreadable);
    std::fs::write(&path, b"").unwrap();
    assert_eq!(kind(&path), FailureKind::Corrupt);
}
