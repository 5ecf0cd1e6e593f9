//! Tests of the gauges: at every moment they say what the ledger says.

use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::open::DiskOptions;
use super::store::{About, Store};
use crate::cache::blocks::BLOCK_BYTES;
use crate::cache::key::CacheKey;
use crate::cache::validator::Validator;
use crate::metrics::Counters;

const LENGTH: u64 = 3 * BLOCK_BYTES;

fn store(dir: &std::path::Path) -> Arc<Store> {
    let options = DiskOptions { cap_bytes: 4 * 1024 * 1024, max_age: Duration::from_hours(24), now: SystemTime::now() };
    Arc::new(Store::open(dir, options, Arc::new(Counters::default())).unwrap())
}

/// What the gauges say: bytes on disk, those that may not go, and those that are reserved.
fn gauges(store: &Store) -> (u64, u64, u64) {
    // Before the books are opened, which renews them.
    let gauges = store.counters.snapshot();
    let said = (gauges.cache_disk_bytes, gauges.cache_pinned_bytes, gauges.cache_reserved_bytes);
    let books = store.books();
    assert_eq!(said, (books.ledger.total(), books.ledger.pinned_bytes(), books.ledger.reserved_bytes()));
    said
}

#[test]
fn after_every_step_the_gauges_say_what_the_ledger_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let key = CacheKey::new("video", "v", "");
    let (empty, none, _) = gauges(&store);
    assert_eq!(none, 0);
    let pin = store.create(&key, LENGTH, Validator::default(), &About::default()).unwrap();
    let (_, made, _) = gauges(&store);
    assert!(made > 0, "what is in use may not go");
    let block = vec![7; usize::try_from(BLOCK_BYTES).unwrap()];
    pin.write(0, &block).unwrap();
    pin.write(1, &block).unwrap();
    let (two_blocks, pinned, reserved) = gauges(&store);
    assert_eq!((two_blocks, pinned, reserved), (empty + pinned, made + 2 * BLOCK_BYTES, 0));

    // A block that went bad is a hole again.
    let file = std::fs::read_dir(dir.path().join("data")).unwrap().next().unwrap().unwrap().path();
    std::fs::OpenOptions::new().write(true).open(file).unwrap().write_all_at(b"other bytes", 0).unwrap();
    assert_eq!(pin.read(0).unwrap(), None);
    assert_eq!(gauges(&store), (two_blocks - BLOCK_BYTES, pinned - BLOCK_BYTES, 0));

    // What a person keeps may not go either, in use or not.
    let row = store.rows().pop().unwrap();
    store.set_kept(&row.id, true).unwrap();
    drop(pin);
    assert_eq!(gauges(&store).1, pinned - BLOCK_BYTES);
    store.set_kept(&row.id, false).unwrap();
    assert_eq!(gauges(&store).1, 0);

    let found = store.find(&key).unwrap();
    assert_eq!(gauges(&store).1, pinned - BLOCK_BYTES);
    let id = store.books().find(&key).unwrap().0;
    store.reserve(id, BLOCK_BYTES).unwrap();
    assert_eq!(gauges(&store), (two_blocks, pinned - BLOCK_BYTES, BLOCK_BYTES));
    store.books().ledger.release(id, BLOCK_BYTES);
    assert_eq!(gauges(&store).2, 0);

    store.discard(id).unwrap();
    assert_eq!(gauges(&store).1, pinned - BLOCK_BYTES, "its bytes stay until its last user is gone");
    drop(found);
    assert_eq!(gauges(&store), (empty, 0, 0));
}

#[test]
fn a_start_shows_what_is_kept_from_last_time() {
    let dir = tempfile::tempdir().unwrap();
    let key = CacheKey::new("video", "v", "");
    let kept = {
        let store = store(dir.path());
        let pin = store.create(&key, LENGTH, Validator::default(), &About::default()).unwrap();
        pin.write(0, &vec![7; usize::try_from(BLOCK_BYTES).unwrap()]).unwrap();
        let row = store.rows().pop().unwrap();
        store.set_kept(&row.id, true).unwrap();
        drop(pin);
        store.flush().unwrap();
        gauges(&store).1
    };
    assert!(kept >= BLOCK_BYTES);
    assert!(gauges(&store(dir.path())).1 >= kept);
}
