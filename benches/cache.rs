//! How long the disk cache takes: to look an item up, to read, to insert where something has to go for it, to open.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "no more than a test")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant, SystemTime};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use flickreel::cache::{
    Availability, BlobKind, CacheOptions, DEFAULT_MAX_AGE, Demand, DiskCache, DiskOptions, MediaOpener, Opened, Opener, Reply, Request,
};
use flickreel::feed::{Item, ItemId, MediaLocation};
use flickreel::metrics::Counters;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use faulty::Faulty;

#[allow(dead_code, reason = "the tests make it misbehave; here it does not")]
#[path = "../tests/it/support/faulty/mod.rs"]
mod faulty;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// What a user has, and what of it these measurements need.
const CAP: u64 = 100 * MIB;
const ENTRIES: u64 = 10_000;
/// Media that is read: twice what the cache keeps in memory, so that it is read from disk however often.
const MEDIA: u64 = 16 * MIB;
const PATIENCE: Duration = Duration::from_mins(1);

/// A cache in a folder of its own.
struct Bench {
    runtime: Runtime,
    opener: Opener,
    counters: Arc<Counters>,
    dir: TempDir,
    cap: u64,
}

impl Bench {
    fn new(cap: u64) -> Self {
        Self::within(tempfile::tempdir().unwrap(), cap)
    }

    fn within(dir: TempDir, cap: u64) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let counters = Arc::new(Counters::default());
        let options = CacheOptions {
            dir: Some(dir.path().to_owned()),
            cap_bytes: cap,
            max_age: DEFAULT_MAX_AGE,
            now: SystemTime::now(),
            counters: Arc::clone(&counters),
            samples: Vec::new(),
            runtime: runtime.handle().clone(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        Self { opener: Opener::new(options), runtime, counters, dir, cap }
    }

    /// Ends as a program that is quit does.
    fn quit(self) -> (TempDir, u64) {
        let Self { runtime, opener, dir, cap, .. } = self;
        opener.flush();
        drop(opener);
        runtime.shutdown_timeout(PATIENCE);
        (dir, cap)
    }

    fn restart(self) -> Self {
        let (dir, cap) = self.quit();
        Self::within(dir, cap)
    }

    /// Stores blobs of so many bytes under these numbers.
    fn put(&self, numbers: impl Iterator<Item = u64>, bytes: u64) {
        let blobs = self.opener.blobs();
        let bytes = vec![7; usize::try_from(bytes).unwrap()];
        self.runtime.block_on(async {
            for number in numbers {
                blobs.put(BlobKind::Poster, &number.to_string(), "a poster", bytes.clone()).await;
            }
        });
    }

    fn open(&self, item: &Item) -> Opened {
        let (done, answer) = sync_channel(1);
        let tell = Box::new(move |opened| done.send(opened).unwrap());
        let _ticket = self.opener.open(Arc::new(item.clone()), Demand::Playing, Duration::from_mins(1), tell);
        answer.recv_timeout(PATIENCE).unwrap().unwrap()
    }

    /// Fetches an item until all of it is on disk.
    fn fetch(&self, item: &Item) {
        let opened = self.open(item);
        let mut buf = vec![0; usize::try_from(MIB).unwrap()];
        let mut at = 0;
        while at < opened.reader.len() {
            at += opened.reader.read_at(at, &mut buf).unwrap() as u64;
        }
        // A download counts as under way until what it brought is on disk.
        self.until(|| self.opener.is_complete(item) && self.counters.snapshot().network_active == 0);
    }

    fn until(&self, condition: impl Fn() -> bool) {
        let wait = async {
            let mut tick = tokio::time::interval(Duration::from_millis(5));
            while !condition() {
                tick.tick().await;
            }
        };
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, wait).await.unwrap() });
    }
}

/// A server on a runtime of its own.
fn server(media: u64) -> (Runtime, Faulty, Item) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let body = (0..media).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let server = Faulty::start(runtime.handle(), body);
    let item = Item::bare(ItemId::new("a video".to_owned()), MediaLocation::Url(server.url("/a.mp4")));
    (runtime, server, item)
}

fn open_disk(dir: &Path, cap_bytes: u64) -> DiskCache {
    DiskCache::open(dir, DiskOptions { cap_bytes, max_age: DEFAULT_MAX_AGE, now: SystemTime::now() }).unwrap()
}

fn lookup(c: &mut Criterion) {
    let (_serving, _server, item) = server(100 * KIB);
    let bench = Bench::new(CAP);
    bench.put(1..ENTRIES, 1);
    bench.fetch(&item);
    // So that the index alone knows of it.
    let bench = bench.restart();
    bench.until(|| bench.opener.availability(&item) == Availability::Complete);
    c.bench_function("lookup among 10,000 entries", |b| b.iter(|| bench.opener.availability(black_box(&item))));
}

fn read(c: &mut Criterion) {
    let (_serving, server, item) = server(MEDIA);
    let bench = Bench::new(CAP);
    bench.fetch(&item);
    let bench = bench.restart();
    let requests = server.requests();
    let opened = bench.open(&item);
    assert!(opened.from_cache);
    let mut buf = vec![0; usize::try_from(256 * KIB).unwrap()];
    let mut at = 0;
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Bytes(256 * KIB));
    group.bench_function("read of 256 KiB from disk", |b| {
        b.iter(|| {
            let mut done = 0;
            while done < buf.len() {
                done += opened.reader.read_at(at + done as u64, &mut buf[done..]).unwrap();
            }
            at = (at + 256 * KIB) % MEDIA;
        });
    });
    group.finish();
    assert_eq!(server.requests(), requests, "all of it came from disk");
}

fn insert(c: &mut Criterion) {
    let bench = Bench::new(CAP);
    let mut next = 0;
    // As many as would fill it twice.
    bench.put(0..2 * CAP / (64 * KIB), 64 * KIB);
    let mut group = c.benchmark_group("insert");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(64 * KIB));
    group.bench_function("insert of 64 KiB into a full cache", |b| {
        b.iter_custom(|count| {
            let began = Instant::now();
            bench.put((next..next + count).map(|number| number + CAP), 64 * KIB);
            next += count;
            began.elapsed()
        });
    });
    group.finish();
}

fn open(c: &mut Criterion) {
    let bench = Bench::new(CAP);
    bench.put(0..ENTRIES, 1);
    let (dir, cap) = bench.quit();
    let Reply::Stats(stats) = open_disk(dir.path(), cap).answer(&Request::Stats, &mut |_, _| {}) else { panic!() };
    assert_eq!((stats.entries, stats.unread), (ENTRIES, 0));
    let mut group = c.benchmark_group("open");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.bench_function("open with 10,000 entries", |b| {
        b.iter_custom(|count| {
            let once = |_| {
                let began = Instant::now();
                let cache = open_disk(dir.path(), cap);
                let took = began.elapsed();
                drop(cache);
                took
            };
            (0..count).map(once).sum()
        });
    });
    group.finish();
}

criterion_group!(benches, lookup, read, insert, open);
criterion_main!(benches);
