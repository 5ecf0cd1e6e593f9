//! Threads by a number and their name. GStreamer's come and go, and are not made by Rust.

use std::cell::Cell;
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Record;

/// Names that are kept. A long session has ever new threads; the oldest are forgotten.
const NAMES: usize = 4096;

static NEXT: AtomicU32 = AtomicU32::new(1);
static KNOWN: Mutex<VecDeque<(u32, String)>> = Mutex::new(VecDeque::new());

thread_local! {
    static OWN: Cell<u32> = const { Cell::new(0) };
}

/// The number of this thread. The first time its name is looked up.
pub(super) fn current() -> u32 {
    let own = OWN.get();
    if own != 0 {
        return own;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    OWN.set(number);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() == NAMES {
        known.pop_front();
    }
    known.push_back((number, name()));
    number
}

/// The names of the threads in `records`.
pub(super) fn names(records: &[Record]) -> Vec<(u32, String)> {
    let told: HashSet<u32> = records.iter().map(|record| record.thread).collect();
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().filter(|(number, _)| told.contains(number)).cloned().collect()
}

fn name() -> String {
    if let Some(name) = std::thread::current().name() {
        return name.to_owned();
    }
    // The system knows the names of threads that were not made by Rust.
    let told = std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default();
    if told.trim().is_empty() { "a thread".to_owned() } else { told.trim().to_owned() }
}
