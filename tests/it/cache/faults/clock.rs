//! Rows 24 to 26: the wall clock is wrong, or tells nothing.

use std::time::{Duration, SystemTime};

use flickreel::cache::{BlobKind, Timeouts};

use crate::cache::rig::{MIB, Rig, noise, rows};

const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(365 * 24);
const ITEMS: usize = 5;

/// A cache with some videos in it, the last one used last, which is closed.
fn filled() -> Rig {
    let rig = Rig::with(noise(MIB), 100 * MIB, Timeouts::default());
    for item in 0..ITEMS {
        rig.read_all(&path(item)).unwrap();
    }
    rig.settle();
    rig
}

fn path(item: usize) -> String {
    format!("/{item}.mp4")
}

/// Starts again when the wall clock says `now`, and does all that a start has to do.
fn start_at(mut rig: Rig, now: SystemTime) -> Rig {
    rig.now = now;
    let rig = rig.restart();
    // What a start does later comes before the next index.
    rig.until(|| rig.stats().unread == 0);
    rig
}

/// Which of the videos are there, the most recently used first.
fn order(rig: &Rig) -> Vec<String> {
    rows(&rig.disk()).into_iter().map(|row| format!("/{}", row.label)).collect()
}

fn newest_first(items: impl DoubleEndedIterator<Item = usize>) -> Vec<String> {
    items.rev().map(path).collect()
}

#[test]
fn row_24_a_clock_that_is_set_back_a_year_keeps_the_order_of_use() {
    let now = SystemTime::now();
    let mut rig = start_at(filled(), now - YEAR);
    assert_eq!(order(&rig), newest_first(0..ITEMS));
    rig.read_all(&path(0)).unwrap();
    rig.settle();
    rig.cap = 4 * MIB;
    let rig = start_at(rig, now - 2 * YEAR);
    let left = order(&rig);
    assert_eq!(left[0], path(0), "used last, whatever the clock said then");
    assert!(!left.contains(&path(1)), "{left:?}");
}

#[test]
fn row_24_a_clock_that_is_set_back_does_not_make_anything_last_for_ever() {
    let mut now = SystemTime::now() - YEAR;
    let mut rig = start_at(filled(), now);
    assert_eq!(order(&rig).len(), ITEMS);
    // From then on, the clock goes on as it should, and so do the ages.
    for _ in 0..9 {
        now += DAY;
        rig = start_at(rig, now);
        rig.runtime.block_on(rig.opener.blobs().put(BlobKind::Page, "news", "news", vec![1]));
    }
    rig.until(|| order(&rig) == ["/news"]);
}

#[test]
fn row_25_a_clock_that_is_a_year_ahead_ends_nothing_at_once() {
    let now = SystemTime::now();
    let rig = start_at(filled(), now + YEAR);
    rig.settle();
    assert_eq!(order(&rig), newest_first(0..ITEMS));
    // And nothing when it is right again, nor when it jumps once more.
    let rig = start_at(rig, now);
    rig.settle();
    assert_eq!(order(&rig), newest_first(0..ITEMS));
    for item in 0..ITEMS {
        rig.read_all(&path(item)).unwrap();
    }
    let rig = start_at(rig, now + YEAR);
    rig.settle();
    assert_eq!(order(&rig), newest_first(0..ITEMS));
    assert_eq!(rig.server.requests(), ITEMS);
}

#[test]
fn row_26_what_was_used_at_equal_times_goes_in_the_order_of_use() {
    // All of it happens within a second or two of a clock that counts seconds, and then at the same time again.
    let now = SystemTime::now();
    for _ in 0..3 {
        let mut rig = start_at(filled(), now);
        for item in [3, 0, 4, 1, 2] {
            rig.read_all(&path(item)).unwrap();
        }
        let rig_order = [2, 1, 4, 0, 3].map(path);
        rig = start_at(rig, now);
        assert_eq!(order(&rig), rig_order);
        rig.cap = 5 * MIB;
        let rig = start_at(rig, now);
        let left = order(&rig);
        assert_eq!(left, rig_order[..left.len()]);
        assert!((2..5).contains(&left.len()), "{left:?}");
    }
}
