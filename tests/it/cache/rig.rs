//! A cache, a server and a folder.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant, SystemTime};

use flickreel::cache::{
    CacheOptions, DEFAULT_MAX_AGE, Demand, DiskCache, DiskOptions, MediaOpener, Opened, Opener, ReadError, Reply, Request, Row, Stats,
    Timeouts, Verified,
};
use flickreel::feed::{Failure, Item, ItemId, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::source::Gate;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::faulty::Faulty;

pub const KIB: u64 = 1024;
pub const MIB: u64 = 1024 * KIB;
/// Nothing that a test waits for takes so long; it is there so that a broken test ends.
const PATIENCE: Duration = Duration::from_mins(1);

/// The folder that a cache lies in, below it as `cache`.
pub struct Dir {
    path: PathBuf,
    temporary: Option<TempDir>,
}

impl Dir {
    /// A temporary one.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { path: dir.path().to_owned(), temporary: Some(dir) }
    }

    /// One that stays.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), temporary: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A cache with what it needs. The server has a runtime of its own and stays when the cache is restarted.
pub struct Rig {
    pub server: Faulty,
    pub dir: Dir,
    pub opener: Opener,
    pub counters: Arc<Counters>,
    pub runtime: Runtime,
    /// From the next restart on.
    pub cap: u64,
    /// What the wall clock says at the next restart.
    pub now: SystemTime,
    timeouts: Timeouts,
    server_runtime: Runtime,
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Bytes that look like nothing, so that a shift by one shows.
pub fn noise(length: u64) -> Vec<u8> {
    let mut state = length ^ 0x9e37_79b9_7f4a_7c15;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length).map(|_| next().to_le_bytes()[3]).collect()
}

/// An opener on `runtime`, with its counters.
pub fn new_opener(runtime: &Runtime, dir: Option<&Path>, cap_bytes: u64, timeouts: Timeouts) -> (Opener, Arc<Counters>) {
    opener_at(SystemTime::now(), runtime, dir, cap_bytes, timeouts)
}

/// What requests are sent with, for a feed on this machine.
pub fn client() -> reqwest::Client {
    let gate = Gate::default();
    gate.open(Some(&"http://127.0.0.1/".parse().unwrap()));
    flickreel::source::client(&gate).unwrap()
}

/// The same when the wall clock says `now`.
fn opener_at(now: SystemTime, runtime: &Runtime, dir: Option<&Path>, cap_bytes: u64, timeouts: Timeouts) -> (Opener, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let options = CacheOptions {
        dir: dir.map(|dir| dir.join("cache")),
        cap_bytes,
        max_age: DEFAULT_MAX_AGE,
        now,
        counters: Arc::clone(&counters),
        samples: vec![b"a sample clip"],
        runtime: runtime.handle().clone(),
        client: client(),
    };
    (Opener::with_timeouts(options, timeouts), counters)
}

impl Rig {
    pub fn new(body: Vec<u8>) -> Self {
        Self::with(body, 100 * MIB, Timeouts::default())
    }

    /// With times to wait that let a failure show soon.
    pub fn impatient(body: Vec<u8>) -> Self {
        Self::with(body, 100 * MIB, impatient())
    }

    pub fn with(body: Vec<u8>, cap: u64, timeouts: Timeouts) -> Self {
        Self::at(Dir::new(), body, cap, timeouts)
    }

    /// In a folder that may have been used before.
    pub fn at(dir: Dir, body: Vec<u8>, cap: u64, timeouts: Timeouts) -> Self {
        let (runtime, server_runtime) = (runtime(), runtime());
        let server = Faulty::start(server_runtime.handle(), body);
        let now = SystemTime::now();
        let (opener, counters) = opener_at(now, &runtime, Some(dir.path()), cap, timeouts);
        Self { server, dir, opener, counters, runtime, cap, now, timeouts, server_runtime }
    }

    /// Ends the cache as a program that is quit does, and begins another one in the same folder.
    pub fn restart(self) -> Self {
        self.restart_with(|| {})
    }

    /// The same, with something done between the two.
    pub fn restart_with(self, between: impl FnOnce()) -> Self {
        // A download counts as under way until what it brought is on disk.
        self.until_quiet();
        let Self { server, dir, opener: old, runtime: old_runtime, cap, now, timeouts, server_runtime, .. } = self;
        old.flush();
        drop(old);
        old_runtime.shutdown_timeout(PATIENCE);
        between();
        let runtime = runtime();
        let (opener, counters) = opener_at(now, &runtime, Some(dir.path()), cap, timeouts);
        Self { server, dir, opener, counters, runtime, cap, now, timeouts, server_runtime }
    }

    /// Ends the cache as a program that is quit does; what it leaves lies in the folder.
    pub fn end(self) -> TempDir {
        self.until_quiet();
        let Self { dir, opener, runtime, .. } = self;
        opener.flush();
        drop(opener);
        runtime.shutdown_timeout(PATIENCE);
        dir.temporary.expect("the folder is a temporary one")
    }

    pub fn item(&self, path: &str) -> Item {
        Item::bare(ItemId::new(path.to_owned()), MediaLocation::Url(self.server.url(path)))
    }

    pub fn open(&self, path: &str, demand: Demand) -> Result<Opened, Failure> {
        open(&self.opener, self.item(path), demand)
    }

    /// Opens `path`, shows it and reads all of it.
    pub fn read_all(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.opener.note_shown(&self.item(path).id);
        let opened = self.open(path, Demand::Playing)?;
        read(&opened, 0, opened.reader.len()).map_err(ReadError::into_failure)
    }

    /// Waits until `condition` holds.
    pub fn until(&self, condition: impl Fn() -> bool) {
        assert!(comes(condition), "what was waited for did not come: {:?}", self.counters.snapshot());
    }

    /// Waits until no request is under way.
    pub fn until_quiet(&self) {
        self.until(|| self.counters.snapshot().network_active == 0);
    }

    pub fn until_requests(&self, count: usize) {
        self.server_runtime.block_on(async { tokio::time::timeout(PATIENCE, self.server.requested(count)).await.unwrap() });
    }

    /// Waits until nothing is under way and everything that was read has been written.
    pub fn settle(&self) {
        self.until_quiet();
        self.opener.flush();
    }

    /// The cache in its folder.
    pub fn cache_dir(&self) -> PathBuf {
        self.dir.path().join("cache")
    }

    /// The disk cache that the opener uses.
    pub fn disk(&self) -> DiskCache {
        self.runtime.block_on(self.opener.disk()).expect("there is a disk cache")
    }

    /// What the cache says of itself.
    pub fn stats(&self) -> Stats {
        stats(&self.disk())
    }

    /// Asserts that what lies on disk is within the books, and these within the bound.
    pub fn assert_bounded(&self) {
        let stats = self.stats();
        let du = du(&self.cache_dir());
        assert!(du <= stats.disk_bytes && stats.disk_bytes <= self.cap, "{du} on disk of {stats:?}");
    }

    /// The data files of the cache.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(self.dir.path().join("cache/data")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// What the cache takes on disk, as the file system counts.
    pub fn du(&self) -> u64 {
        du(self.dir.path())
    }
}

/// Waits until `condition` holds.
pub fn until(condition: impl Fn() -> bool) {
    assert!(comes(condition), "what was waited for did not come");
}

/// Looks every few milliseconds whether `condition` holds, until patience is at an end.
fn comes(condition: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while !condition() {
        if began.elapsed() > PATIENCE {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(3));
    }
    true
}

/// Times to wait that let a failure show soon.
pub fn impatient() -> Timeouts {
    let (short, long) = (Duration::from_millis(300), Duration::from_secs(20));
    Timeouts { answer: short, stall: short, read: long, backoff: Duration::from_millis(1), silence: short }
}

/// Opens a cache folder as `flickreel cache` does.
pub fn open_disk(dir: &Path, cap_bytes: u64) -> DiskCache {
    DiskCache::open(dir, DiskOptions { cap_bytes, max_age: DEFAULT_MAX_AGE, now: SystemTime::now() }).unwrap()
}

/// What a disk cache says of itself.
pub fn stats(disk: &DiskCache) -> Stats {
    match disk.answer(&Request::Stats, &mut |_, _| {}) {
        Reply::Stats(stats) => stats,
        other => panic!("{other:?}"),
    }
}

/// What is in a disk cache.
pub fn rows(disk: &DiskCache) -> Vec<Row> {
    match disk.answer(&Request::List, &mut |_, _| {}) {
        Reply::List { entries } => entries,
        other => panic!("{other:?}"),
    }
}

/// What a check of a disk cache finds.
pub fn verified(disk: &DiskCache) -> Verified {
    match disk.answer(&Request::Verify { repair: false }, &mut |_, _| {}) {
        Reply::Verified(verified) => verified,
        other => panic!("{other:?}"),
    }
}

/// What a folder takes on disk, as the file system counts.
pub fn du(path: &Path) -> u64 {
    let own = std::fs::symlink_metadata(path).map_or(0, |found| found.blocks() * 512);
    let children = std::fs::read_dir(path).into_iter().flatten().flatten();
    own + children.map(|child| du(&child.path())).sum::<u64>()
}

pub fn open(opener: &Opener, item: Item, demand: Demand) -> Result<Opened, Failure> {
    let (done, answer) = sync_channel(1);
    let _ticket = opener.open(Arc::new(item), demand, PATIENCE, Box::new(move |result| done.send(result).unwrap()));
    answer.recv_timeout(PATIENCE).unwrap()
}

/// Reads `length` bytes from `offset`, however many reads that takes.
pub fn read(opened: &Opened, offset: u64, length: u64) -> Result<Vec<u8>, ReadError> {
    let mut out = vec![0; usize::try_from(length).unwrap()];
    let mut done = 0;
    while done < out.len() {
        let read = opened.reader.read_at(offset + done as u64, &mut out[done..])?;
        assert_ne!(read, 0, "nothing before the end");
        done += read;
    }
    Ok(out)
}
