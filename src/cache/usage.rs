//! What was fetched for whom: bytes for items that nobody ever saw were wasted.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::key::CacheKey;
use crate::feed::ItemId;

/// Bytes fetched in this session, by media, and what was shown of it.
#[derive(Default)]
pub(super) struct Usage(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    fetched: HashMap<CacheKey, Arc<AtomicU64>>,
    keys: HashMap<ItemId, CacheKey>,
    shown: HashSet<CacheKey>,
    /// Shown before anything was fetched for them.
    shown_items: HashSet<ItemId>,
}

impl Usage {
    /// The count of bytes fetched for the media of `item`.
    pub fn fetched(&self, item: &ItemId, key: CacheKey) -> Arc<AtomicU64> {
        let mut inner = self.lock();
        if inner.shown_items.remove(item) {
            inner.shown.insert(key);
        }
        inner.keys.insert(item.clone(), key);
        Arc::clone(inner.fetched.entry(key).or_default())
    }

    /// Notes that an item was shown; returns the key of its media, when something was fetched for it.
    pub fn note_shown(&self, item: &ItemId) -> Option<CacheKey> {
        let mut inner = self.lock();
        let key = inner.keys.get(item).copied();
        match key {
            Some(key) => drop(inner.shown.insert(key)),
            None => drop(inner.shown_items.insert(item.clone())),
        }
        key
    }

    /// Whether media was shown in this session.
    pub fn is_shown(&self, key: &CacheKey) -> bool {
        self.lock().shown.contains(key)
    }

    /// Bytes fetched for media that was not shown so far.
    pub fn wasted_bytes(&self) -> u64 {
        let inner = self.lock();
        inner.fetched.iter().filter(|(key, _)| !inner.shown.contains(key)).map(|(_, bytes)| bytes.load(Ordering::Relaxed)).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_for_an_item_that_was_shown_are_not_wasted() {
        let usage = Usage::default();
        let item = |name: &str| ItemId::new(name.to_owned());
        let key = |name: &str| CacheKey::new("test", name, "");
        usage.fetched(&item("a"), key("a")).store(10, Ordering::Relaxed);
        usage.fetched(&item("b"), key("b")).store(5, Ordering::Relaxed);
        usage.note_shown(&item("c"));
        usage.fetched(&item("c"), key("c")).store(7, Ordering::Relaxed);
        assert_eq!(usage.wasted_bytes(), 15);
        usage.note_shown(&item("a"));
        assert_eq!(usage.wasted_bytes(), 5);
    }
}
