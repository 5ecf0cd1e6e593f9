//! Tests of the store on a real disk: what is found after a restart, what has to go, and what may stay.

use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tempfile::TempDir;

use super::admin::{Reply, Request, Row};
use super::open::DiskOptions;
use super::record::Kind;
use super::store::{About, Store};
use super::{DiskCache, DiskError};
use crate::cache::blobs::{get, put};
use crate::cache::error::CacheError;
use crate::cache::key::CacheKey;
use crate::cache::validator::Validator;
use crate::metrics::Counters;

const MIB: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

/// A store in a folder of its own, and what the wall clock says.
struct Rig {
    dir: TempDir,
    cap: u64,
    now: SystemTime,
    store: Option<Arc<Store>>,
}

impl Rig {
    fn new(cap: u64) -> Self {
        let mut rig = Self { dir: tempfile::tempdir().unwrap(), cap, now: SystemTime::UNIX_EPOCH + 20_000 * DAY, store: None };
        rig.reopen();
        rig
    }

    fn store(&self) -> &Arc<Store> {
        self.store.as_ref().unwrap()
    }

    /// Ends as a program that is quit does, and begins anew.
    fn reopen(&mut self) {
        if let Some(store) = self.store.take() {
            store.flush().unwrap();
        }
        self.open();
    }

    /// Ends as a program that is killed does, and begins anew.
    fn crash(&mut self) {
        self.store = None;
        self.open();
    }

    fn open(&mut self) {
        let options = DiskOptions { cap_bytes: self.cap, max_age: WEEK, now: self.now };
        self.store = Some(Arc::new(Store::open(self.dir.path(), options, Arc::new(Counters::default())).unwrap()));
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), CacheError> {
        put(self.store(), &key(name), &About { kind: Kind::Page, label: name.to_owned(), ..About::default() }, bytes)
    }

    fn get(&self, name: &str) -> Option<Vec<u8>> {
        get(self.store(), &key(name)).unwrap()
    }

    fn ask(&self, request: &Request) -> Reply {
        DiskCache::of(Arc::clone(self.store())).answer(request, &mut |_, _| {})
    }

    fn rows(&self) -> Vec<Row> {
        let Reply::List { entries } = self.ask(&Request::List) else { panic!() };
        entries
    }

    fn files(&self) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(self.dir.path().join("data")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    fn lose_index(&self) {
        std::fs::remove_file(self.dir.path().join("index")).unwrap();
    }
}

fn key(name: &str) -> CacheKey {
    CacheKey::new("page", name, "")
}

fn du(path: &Path) -> u64 {
    let own = std::fs::symlink_metadata(path).map_or(0, |found| found.blocks() * 512);
    own + std::fs::read_dir(path).into_iter().flatten().flatten().map(|child| du(&child.path())).sum::<u64>()
}

#[test]
fn a_lost_index_is_made_anew_from_the_files_beside_what_goes_on() {
    let mut rig = Rig::new(4 * MIB);
    for number in 0..80 {
        rig.put(&format!("v{number}"), &vec![number; 20_000]).unwrap();
    }
    rig.get("v0").unwrap();
    let stats = rig.store().stats();
    rig.store().flush().unwrap();
    rig.lose_index();
    rig.crash();
    // Everything is counted, and nothing is known yet; what is stored meanwhile stays.
    assert_eq!(rig.store().stats().unread, 80);
    assert!(rig.store().stats().disk_bytes >= du(rig.dir.path()));
    assert_eq!(rig.get("v0"), None);
    rig.put("v5", b"newer").unwrap();
    rig.store().settle();
    assert_eq!(rig.store().stats().unread, 0);
    assert_eq!(rig.get("v0").unwrap(), vec![0; 20_000]);
    assert_eq!(rig.get("v5").unwrap(), b"newer");
    assert_eq!(rig.store().stats().entries, stats.entries);
    assert_eq!(rig.files().len(), 80);
    assert_eq!(rig.rows().iter().find(|row| row.label == "v19").unwrap().length, 20_000);
}

#[test]
fn files_of_a_lost_index_make_room_before_they_are_looked_at() {
    let mut rig = Rig::new(MIB);
    for number in 0..70 {
        rig.put(&format!("v{number}"), &vec![1; 7000]).unwrap();
    }
    rig.store().flush().unwrap();
    rig.lose_index();
    rig.crash();
    assert_eq!(rig.store().stats().unread, 70);
    rig.put("new", &vec![2; 500_000]).unwrap();
    assert!(du(rig.dir.path()) <= MIB);
    rig.store().settle();
    assert_eq!(rig.get("new").unwrap(), vec![2; 500_000]);
    assert_eq!(rig.get("v0"), None, "the oldest went");
    assert_eq!(rig.get("v69").unwrap(), vec![1; 7000]);
}

#[test]
fn what_was_written_after_the_index_is_taken_in_or_removed() {
    let mut rig = Rig::new(4 * MIB);
    rig.put("known", b"known").unwrap();
    rig.store().flush().unwrap();
    rig.put("told", b"told by its own file").unwrap();
    let stale = rig.store().books().take_stale();
    for (name, seq, record) in stale {
        rig.store().folder.write_trailer(name, seq, &record).unwrap();
    }
    rig.put("untold", b"untold").unwrap();
    rig.crash();
    rig.store().settle();
    assert_eq!(rig.get("known").unwrap(), b"known");
    assert_eq!(rig.get("told").unwrap(), b"told by its own file");
    assert_eq!(rig.get("untold"), None);
    assert_eq!(rig.files().len(), 2);
}

#[test]
fn a_blob_replaces_another_only_once_it_is_whole() {
    let mut rig = Rig::new(4 * MIB);
    rig.put("page", b"old").unwrap();
    let about = About { kind: Kind::Page, ..About::default() };
    let half = rig.store().create_hidden(&key("page"), 200_000, Validator::default(), &about).unwrap();
    half.write(0, &vec![1; 65_536]).unwrap();
    assert_eq!(rig.get("page").unwrap(), b"old");
    drop(half);
    assert_eq!(rig.files().len(), 1);
    let half = rig.store().create_hidden(&key("page"), 200_000, Validator::default(), &about).unwrap();
    half.write(0, &vec![1; 65_536]).unwrap();
    rig.store().flush().unwrap();
    std::mem::forget(half);
    rig.store = None;
    // The lock of the forgotten one is still held in this process: look at what the index tells by a copy.
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("data")).unwrap();
    for path in rig.files().into_iter().chain([rig.dir.path().join("index")]) {
        std::fs::copy(&path, copy.path().join(path.strip_prefix(rig.dir.path()).unwrap())).unwrap();
    }
    rig.dir = copy;
    rig.open();
    rig.store().settle();
    assert_eq!(rig.get("page").unwrap(), b"old");
    assert_eq!(rig.files().len(), 1);
}

#[test]
fn row_24_a_clock_set_back_keeps_the_order_and_ends_what_is_old_all_the_same() {
    let mut rig = Rig::new(2 * MIB);
    rig.put("a", &vec![1; 500_000]).unwrap();
    rig.put("b", &vec![1; 500_000]).unwrap();
    rig.now -= 365 * DAY;
    rig.reopen();
    rig.put("c", &vec![1; 500_000]).unwrap();
    rig.put("d", &vec![1; 500_000]).unwrap();
    assert_eq!(rig.get("a"), None, "the least recently used went first");
    assert!(rig.get("b").is_some());
    for _ in 0..4 {
        rig.now += 2 * DAY;
        rig.reopen();
        rig.get("c").unwrap();
        rig.store().settle();
    }
    assert_eq!(rig.get("b"), None, "eight days later, by a clock that is a year behind");
    assert!(rig.get("c").is_some());
}

#[test]
fn row_25_a_clock_a_year_ahead_ends_nothing_at_once() {
    let mut rig = Rig::new(4 * MIB);
    for number in 0..10 {
        rig.put(&format!("v{number}"), &[1; 1000]).unwrap();
    }
    rig.now += 365 * DAY;
    rig.reopen();
    rig.store().settle();
    assert_eq!(rig.rows().len(), 10);
    rig.now -= 365 * DAY;
    rig.reopen();
    rig.store().settle();
    assert_eq!(rig.rows().len(), 10);
}

#[test]
fn what_nobody_used_for_a_week_is_removed_unless_it_is_pinned() {
    let mut rig = Rig::new(4 * MIB);
    rig.put("old", b"old").unwrap();
    rig.put("kept", b"kept").unwrap();
    let id = rig.rows().into_iter().find(|row| row.label == "kept").unwrap().id;
    assert!(matches!(rig.ask(&Request::Pin { id }), Reply::Entry(row) if row.pinned));
    for _ in 0..3 {
        rig.now += 3 * DAY;
        rig.reopen();
        rig.store().settle();
    }
    assert_eq!(rig.rows().iter().map(|row| row.label.as_str()).collect::<Vec<_>>(), ["kept"]);
    assert_eq!(rig.rows()[0].idle_s, 9 * DAY.as_secs());
}

#[test]
fn ten_entries_of_one_video_are_kept_and_those_used_last() {
    let rig = Rig::new(8 * MIB);
    let about = |video| About { video, ..About::default() };
    for number in 0..15 {
        put(rig.store(), &key(&format!("part {number}")), &about(7), b"part").unwrap();
        put(rig.store(), &key(&format!("other {number}")), &about(100 + number), b"other").unwrap();
    }
    let held = |name: &str| (0..15).filter(|number| rig.get(&format!("{name} {number}")).is_some()).collect::<Vec<_>>();
    assert_eq!(held("part"), (5..15).collect::<Vec<_>>());
    assert_eq!(held("other").len(), 15);
}

#[test]
fn what_is_pinned_stays_also_in_a_new_version_and_after_a_restart() {
    let mut rig = Rig::new(MIB);
    rig.put("kept", b"first").unwrap();
    let id = rig.rows()[0].id.clone();
    rig.ask(&Request::Pin { id: id[..4].to_uppercase() });
    rig.put("kept", b"second").unwrap();
    rig.reopen();
    for number in 0..30 {
        rig.put(&format!("v{number}"), &vec![1; 100_000]).unwrap();
    }
    assert_eq!(rig.get("kept").unwrap(), b"second");
    assert!(matches!(rig.ask(&Request::Unpin { id: id.clone() }), Reply::Entry(row) if !row.pinned));
    for number in 0..30 {
        rig.put(&format!("w{number}"), &vec![1; 100_000]).unwrap();
    }
    assert_eq!(rig.get("kept"), None);
    assert!(matches!(rig.ask(&Request::Pin { id }), Reply::Failed { sentence } if sentence.contains("No entry")));
    assert!(matches!(rig.ask(&Request::Pin { id: String::new() }), Reply::Failed { .. }));
}

#[test]
fn row_33_an_entry_with_the_same_name_and_another_identity_is_a_miss() {
    let rig = Rig::new(MIB);
    rig.put("a", b"of a").unwrap();
    let collision = CacheKey::with_identity(key("a").hash(), [9; 32]);
    assert!(rig.store().find(&collision).is_none());
    put(rig.store(), &collision, &About::default(), b"of another").unwrap();
    assert_eq!(get(rig.store(), &collision).unwrap().unwrap(), b"of another");
    assert_eq!(rig.get("a"), None);
}

#[test]
fn every_damage_is_found_and_removed_on_request() {
    let mut rig = Rig::new(8 * MIB);
    for number in 0..8 {
        rig.put(&format!("v{number}"), &vec![number; 150_000]).unwrap();
    }
    rig.reopen();
    rig.store().settle();
    let file = |label: &str| {
        let id = rig.rows().into_iter().find(|row| row.label == label).unwrap().id;
        rig.files().into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&id)).unwrap()
    };
    let flip = |label: &str, at: u64| {
        let file = std::fs::OpenOptions::new().read(true).write(true).open(file(label)).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    };
    flip("v0", 0);
    flip("v0", 70_000);
    flip("v1", 149_999);
    std::fs::remove_file(file("v2")).unwrap();
    std::fs::OpenOptions::new().write(true).open(file("v3")).unwrap().set_len(10).unwrap();
    std::fs::write(rig.dir.path().join("data/stray"), b"x").unwrap();
    let mut told = Vec::new();
    let cache = DiskCache::of(Arc::clone(rig.store()));
    let Reply::Verified(found) = cache.answer(&Request::Verify { repair: false }, &mut |done, all| told.push((done, all))) else {
        panic!()
    };
    assert_eq!((found.bad_blocks, found.bad_entries, found.strays, found.repaired), (3, 2, 1, false), "{found:?}");
    assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 == pair[1].1) && told.len() > 10, "{told:?}");
    let given_up = AtomicBool::new(false);
    let stop_after_one = &mut |done: u64, _: u64| given_up.store(done > 0, Ordering::Relaxed);
    let Reply::Verified(part) = cache.answer_unless(&given_up, &Request::Verify { repair: false }, stop_after_one) else { panic!() };
    assert_eq!(part.blocks, 1, "nobody waits for the rest: {part:?}");
    drop(cache);
    let Reply::Verified(again) = rig.ask(&Request::Verify { repair: true }) else { panic!() };
    assert_eq!((again.bad_blocks, again.bad_entries, again.strays, again.repaired), (3, 2, 1, true));
    let Reply::Verified(after) = rig.ask(&Request::Verify { repair: false }) else { panic!() };
    assert!(after.is_sound(), "{after:?}");
    // What a start removes is told, too.
    std::fs::write(rig.dir.path().join("data/stray"), b"x").unwrap();
    std::fs::write(rig.dir.path().join("data/0011223344556677.ff"), b"x").unwrap();
    rig.reopen();
    rig.store().settle();
    let Reply::Verified(found) = rig.ask(&Request::Verify { repair: false }) else { panic!() };
    assert_eq!((found.bad_blocks, found.bad_entries, found.strays), (0, 0, 2), "{found:?}");
    assert_eq!(rig.get("v7").unwrap(), vec![7; 150_000]);
    assert_eq!(rig.get("v0"), None);
}

#[test]
fn row_37_clearing_removes_all_and_what_is_in_use_is_read_to_its_end() {
    let rig = Rig::new(4 * MIB);
    for number in 0..5 {
        rig.put(&format!("v{number}"), &vec![number; 100_000]).unwrap();
    }
    let used = rig.store().find(&key("v1")).unwrap();
    assert!(used.pin.read(0).unwrap().is_some());
    let unread = rig.store().find(&key("v2")).unwrap();
    let Reply::Cleared(cleared) = rig.ask(&Request::Clear) else { panic!() };
    assert_eq!((cleared.entries, cleared.in_use), (5, 2));
    assert_eq!(unread.pin.read(0).unwrap(), None, "what is gone before it was opened is a miss, and no fault of the disk");
    drop(unread);
    assert_eq!(rig.files().len(), 0);
    assert_eq!(used.pin.read(1).unwrap().unwrap().len(), 100_000 - 65_536);
    let before = rig.store().stats().disk_bytes;
    drop(used);
    assert!(rig.store().stats().disk_bytes + 100_000 < before, "its room was counted until now");
    assert_eq!(rig.store().stats().entries, 0);
}

#[test]
fn clearing_can_spare_what_is_pinned_and_tells_how_far_it_is() {
    let (rig, mut heard) = (Rig::new(4 * MIB), Vec::new());
    (0..3).for_each(|number| drop(rig.put(&format!("v{number}"), &vec![number; 100_000])));
    let pinned = rig.store().rows()[1].id.clone();
    rig.store().set_kept(&pinned, true).unwrap();
    let cleared = rig.store().clear(true, &mut |done, total| heard.push((done, total)));
    assert_eq!((cleared.entries, heard), (2, vec![(0, 2), (1, 2)]));
    assert_eq!(rig.store().rows().iter().map(|row| &row.id).collect::<Vec<_>>(), [&pinned]);
}

#[test]
fn two_at_once_are_refused_and_a_folder_that_is_a_file_is_told() {
    let rig = Rig::new(MIB);
    let options = DiskOptions { cap_bytes: MIB, max_age: WEEK, now: rig.now };
    assert!(matches!(DiskCache::open(rig.dir.path(), options), Err(DiskError::InUse(_))));
    let file = rig.dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(matches!(DiskCache::open(&file, options), Err(DiskError::Unusable { .. })));
}

#[derive(Clone, Debug)]
enum Op {
    Put(u8, usize),
    Get(u8),
    Pin(u8),
    Unpin(u8),
    Flip(u8),
    RemoveFile(u8),
    Reopen,
    Crash,
    LoseIndex,
    Settle,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let name = 0..12_u8;
    prop_oneof![
        10 => (name.clone(), 1..180_000_usize).prop_map(|(name, len)| Op::Put(name, len)),
        10 => name.clone().prop_map(Op::Get),
        1 => name.clone().prop_map(Op::Pin),
        2 => name.clone().prop_map(Op::Unpin),
        1 => name.clone().prop_map(Op::Flip),
        1 => name.prop_map(Op::RemoveFile),
        1 => Just(Op::Reopen),
        1 => Just(Op::Crash),
        1 => Just(Op::LoseIndex),
        1 => Just(Op::Settle),
        1 => Just(Op::Clear),
    ]
}

/// What may be found under a name: what was put there last, or nothing.
#[derive(Clone, Default)]
struct Known {
    contents: Option<Vec<u8>>,
    pinned: bool,
    damaged: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    // 80 runs of 100 to 180: over 10,000 operations.
    #[test]
    fn what_is_found_is_what_was_stored_and_the_bound_holds(ops in proptest::collection::vec(op(), 100..180)) {
        let mut rig = Rig::new(MIB);
        let mut model = vec![Known::default(); 12];
        let label = |name: u8| format!("v{name}");
        let file_of = |rig: &Rig, name: u8| {
            let row = rig.store().rows().into_iter().find(|row| row.label == label(name))?;
            rig.files().into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&row.id))
        };
        for (step, op) in ops.into_iter().enumerate() {
            match op {
                Op::Put(name, len) => {
                    let bytes: Vec<u8> = (0..len).map(|at| u8::try_from((at + step) % 251).unwrap()).collect();
                    if rig.put(&label(name), &bytes).is_ok() {
                        let known = &mut model[usize::from(name)];
                        *known = Known { contents: Some(bytes), damaged: false, pinned: known.pinned && !known.damaged };
                    }
                }
                Op::Get(name) => {
                    let known = &model[usize::from(name)];
                    let found = rig.get(&label(name));
                    if let Some(found) = &found {
                        prop_assert!(known.contents.as_ref() == Some(found), "another content than was stored there last");
                    }
                    prop_assert!(found.is_some() || !known.pinned || known.damaged, "what is pinned stays");
                }
                Op::Pin(name) | Op::Unpin(name) => {
                    let pin = matches!(op, Op::Pin(_));
                    // So that there is room for others.
                    if pin && model.iter().filter(|known| known.pinned).count() > 1 {
                        continue;
                    }
                    if let Some(row) = rig.rows().into_iter().find(|row| row.label == label(name)) {
                        rig.store().set_kept(&row.id, pin).unwrap();
                        model[usize::from(name)].pinned = pin;
                    }
                }
                Op::Flip(name) => if let Some(path) = file_of(&rig, name) {
                    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
                    let mut byte = [0];
                    file.read_exact_at(&mut byte, 0).unwrap();
                    file.write_all_at(&[byte[0] ^ 4], 0).unwrap();
                    model[usize::from(name)].damaged = true;
                },
                Op::RemoveFile(name) => if let Some(path) = file_of(&rig, name) {
                    std::fs::remove_file(path).unwrap();
                    model[usize::from(name)].damaged = true;
                },
                Op::Reopen => rig.reopen(),
                Op::Crash => {
                    rig.crash();
                    for known in &mut model {
                        known.pinned = false;
                    }
                }
                Op::LoseIndex => {
                    rig.store().flush().unwrap();
                    let _ = std::fs::remove_file(rig.dir.path().join("index"));
                    rig.crash();
                    rig.store().settle();
                }
                Op::Settle => rig.store().settle(),
                Op::Clear => {
                    rig.ask(&Request::Clear);
                    for known in &mut model {
                        known.pinned = false;
                    }
                }
            }
            let (on_disk, books) = (du(rig.dir.path()), rig.store().stats().disk_bytes);
            prop_assert!(on_disk <= MIB, "{on_disk} on disk after step {step}");
            prop_assert!(on_disk <= books, "{on_disk} on disk and {books} in the books after step {step}");
            prop_assert!(books <= MIB, "{books} in the books after step {step}");
        }
    }
}
