//! How long the pure parts take: the model in a long feed, the plan, the books, the spring, the snapshot, the trace.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "no more than a test")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use flickreel::app::{Event, Key, Model, Monitor, Options, Outside, update};
use flickreel::cache::ledger::{Ledger, Reserve};
use flickreel::feed::{FeedPage, Item, ItemId, MediaLocation};
use flickreel::gesture::Motion;
use flickreel::metrics::trace::{Recorder, What};
use flickreel::preload::plan::{Direction, Here, Window, plan};

/// A feed that somebody has scrolled for a day.
const ITEMS: usize = 10_000;
const PERIOD: Duration = Duration::from_micros(16_667);

fn item(number: usize) -> Item {
    Item::bare(ItemId::new(format!("item-{number}")), MediaLocation::Url(format!("https://media.example/{number}.mp4")))
}

/// A client in the middle of a long feed, and the time there.
fn long_feed() -> (Model, Duration) {
    let mut model = Model::new(&Options::default());
    let mut now = Duration::from_secs(1);
    update(&mut model, Event::Opened { label: "a feed".into(), hint: false }, now);
    let items = (0..ITEMS).map(item).collect();
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..FeedPage::default() }) }, now);
    while model.feed().index() < ITEMS / 2 {
        now += Duration::from_secs(1);
        update(&mut model, Event::Key { key: Key::Next, repeat: false }, now);
    }
    (model, now)
}

fn model(c: &mut Criterion) {
    let (mut model, mut now) = long_feed();
    let mut forward = false;
    c.bench_function("update: a swipe in a feed of 10,000", |b| {
        b.iter(|| {
            forward = !forward;
            now += Duration::from_secs(1);
            update(&mut model, Event::Key { key: if forward { Key::Next } else { Key::Previous }, repeat: false }, now)
        });
    });
    assert!(model.feed().index().abs_diff(ITEMS / 2) <= 1, "it swiped there and back");
    c.bench_function("update: a display frame in a feed of 10,000", |b| {
        b.iter(|| {
            now += PERIOD;
            update(&mut model, Event::Frame, now)
        });
    });
    let (monitor, outside) = (Monitor::default(), Outside::default());
    c.bench_function("snapshot of all figures", |b| b.iter(|| model.snapshot(&monitor, black_box(&outside), now)));
}

fn preload_plan(c: &mut Criterion) {
    let here =
        Here { index: ITEMS / 2, len: ITEMS, window: Window::default(), direction: Direction::Forward, passed: 1, ready: &|_| false };
    c.bench_function("plan", |b| b.iter(|| plan(black_box(&here))));
}

fn ledger(c: &mut Criterion) {
    const BYTES: u64 = 8192;
    let mut ledger = Ledger::new(ITEMS as u64 * BYTES, 0);
    for id in 0..ITEMS as u64 {
        ledger.adopt(id, BYTES, id + 1);
    }
    let mut next = ITEMS as u64;
    c.bench_function("ledger: room for one more among 10,000", |b| {
        b.iter(|| {
            if let Reserve::Evict(leaving) = ledger.reserve(next, BYTES) {
                for id in leaving {
                    ledger.removed(id);
                }
                assert_eq!(ledger.reserve(next, BYTES), Reserve::Granted);
            }
            ledger.commit(next, BYTES);
            next += 1;
        });
    });
}

fn spring(c: &mut Criterion) {
    c.bench_function("gesture: a swipe's spring, frame by frame", |b| {
        b.iter(|| {
            let (mut motion, mut now) = (Motion::default(), Duration::from_secs(1));
            motion.go_to(black_box(1), now);
            while motion.advance(now) {
                now += PERIOD;
            }
            motion.position()
        });
    });
}

fn trace(c: &mut Criterion) {
    let off = Recorder::new();
    c.bench_function("trace: a state while it is off", |b| b.iter(|| off.state(What::Pipeline, black_box(1), 2, "playing")));
    let on = Recorder::new();
    on.start(Instant::now(), None);
    c.bench_function("trace: a state while it is on", |b| b.iter(|| on.state(What::Pipeline, black_box(1), 2, "playing")));
}

criterion_group!(benches, model, preload_plan, ledger, spring, trace);
criterion_main!(benches);
