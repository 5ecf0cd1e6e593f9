//! What the recorder keeps, what goes, and what is still under way when it is read.

use super::ring::{CHUNK, CHUNKS};
use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn on() -> &'static Recorder {
    let recorder: &'static Recorder = Box::leak(Box::default());
    recorder.start(Instant::now(), None);
    recorder
}

fn all(recorder: &Recorder) -> Vec<Record> {
    recorder.taken(Duration::ZERO).records
}

#[test]
fn nothing_is_kept_before_it_is_asked_for() {
    let recorder: &'static Recorder = Box::leak(Box::default());
    recorder.frame(ms(1), ms(2), true);
    drop(recorder.work(What::Decode, 1, 1));
    drop(recorder.transfer(What::Media, 7));
    recorder.state(What::Item, 1, 1, "loading");
    recorder.start(Instant::now(), None);
    assert_eq!(all(recorder), []);
    recorder.frame(ms(1), ms(2), true);
    assert_eq!(all(recorder).len(), 1);
}

#[test]
fn work_that_begins_while_it_is_off_is_left_out_as_a_whole() {
    let recorder: &'static Recorder = Box::leak(Box::default());
    let (work, transfer) = (recorder.work(What::Decode, 1, 1), recorder.transfer(What::Media, 7));
    recorder.start(Instant::now(), None);
    drop((work, transfer));
    assert_eq!(all(recorder), []);
}

#[test]
fn records_are_in_the_order_of_their_beginning_with_what_surrounds_first() {
    let recorder = on();
    recorder.frame(ms(30), ms(35), false);
    recorder.add(ms(10), What::Upload, 0, How::Work { took: ms(1), amount: 1 });
    recorder.frame(ms(10), ms(20), false);
    let begun: Vec<_> = all(recorder).iter().map(|record| (record.what, record.at)).collect();
    assert_eq!(begun, [(What::Frame, ms(10)), (What::Upload, ms(10)), (What::Frame, ms(30))]);
}

#[test]
fn a_request_tells_its_first_byte_once_and_its_end_however_it_comes() {
    let recorder = on();
    let mut transfer = recorder.transfer(What::Media, 7);
    for bytes in [0, 100, 50] {
        transfer.received(bytes);
    }
    transfer.ends("done");
    drop(transfer);
    drop(recorder.transfer(What::Media, 8));
    let told: Vec<_> = all(recorder).into_iter().map(|record| (record.id, record.how)).collect();
    let expected = [
        (1, How::Begun { item: 7 }),
        (1, How::Step("first byte")),
        (1, How::Ended { bytes: 150, outcome: "done" }),
        (2, How::Begun { item: 8 }),
        (2, How::Ended { bytes: 0, outcome: "given up" }),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_stands_when_the_asked_time_begins_is_there_from_then_on() {
    let recorder = on();
    let state = |at, id, state| recorder.add(ms(at), What::Item, id, How::State { state, of: 1 });
    state(10, 1, "loading");
    state(20, 1, "ready");
    state(20, 2, "loading");
    recorder.add(ms(30), What::Item, 2, How::Gone);
    recorder.add(ms(40), What::Media, 3, How::Begun { item: 9 });
    recorder.add(ms(50), What::Media, 4, How::Begun { item: 9 });
    recorder.add(ms(60), What::Media, 4, How::Ended { bytes: 5, outcome: "done" });
    state(200, 1, "playing");
    let told: Vec<_> = recorder.taken(ms(100)).records.into_iter().map(|record| (record.at, record.id, record.how)).collect();
    let expected = [
        (ms(100), 3, How::Begun { item: 9 }),
        (ms(100), 1, How::State { state: "ready", of: 1 }),
        (ms(200), 1, How::State { state: "playing", of: 1 }),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_oldest_make_room_and_are_counted() {
    let recorder = on();
    let pushed = CHUNK * (CHUNKS + 2) + 5;
    for at in 0..pushed {
        recorder.frame(ms(at as u64), ms(at as u64), false);
    }
    let taken = recorder.taken(Duration::ZERO);
    assert!(taken.records.len() <= RECORDS_MAX / 2);
    assert_eq!(taken.records.len() as u64 + taken.dropped, pushed as u64);
    assert_eq!(taken.records.last().map(|record| record.at), Some(ms(pushed as u64 - 1)), "the newest are there");
    drop(recorder.work(What::Decode, 1, 1));
    let decoded = recorder.taken(Duration::ZERO).records.iter().filter(|record| record.what == What::Decode).count();
    assert_eq!(decoded, 1, "frames take no room from what other threads tell");
}

#[test]
fn what_is_older_than_asked_for_goes_and_is_no_loss() {
    let recorder: &'static Recorder = Box::leak(Box::default());
    recorder.start(Instant::now().checked_sub(Duration::from_mins(10)).unwrap(), Some(Duration::from_mins(2)));
    for _ in 0..CHUNK {
        recorder.frame(ms(1), ms(2), false);
    }
    let now = recorder.now();
    for _ in 0..CHUNK {
        recorder.frame(now, now, false);
    }
    let taken = recorder.taken(Duration::ZERO);
    assert_eq!((taken.records.len(), taken.dropped), (CHUNK, 0));
}

#[test]
fn threads_come_with_their_names() {
    let recorder = on();
    let told = std::thread::Builder::new().name("a-worker".into()).spawn(|| drop(recorder.work(What::Decode, 1, 1))).unwrap();
    told.join().unwrap();
    let taken = recorder.taken(Duration::ZERO);
    assert_eq!(taken.threads, [(taken.records[0].thread, "a-worker".to_owned())]);
}
