//! The items of a feed with faults: clips over and over, some of them with something wrong.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::FaultOptions;
use super::fault::Fault;
use crate::server::catalogue::{Video, Videos};
use crate::server::{feeds, media};

/// Where a body breaks that breaks early: within the headers of most films, so that nothing is seen of them.
const EARLY_BYTES: u64 = 4096;

/// One item.
pub(super) struct FaultyItem {
    pub video: Arc<Video>,
    pub fault: Option<Fault>,
    /// Whether the fault shows the second of its two faces.
    pub is_odd: bool,
    requests: AtomicU32,
    first_request: OnceLock<Instant>,
}

impl FaultyItem {
    /// Counts a request at `now`: which one it is, from 1, and how long ago the first one was.
    pub fn count(&self, now: Instant) -> (u32, Duration) {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        let first = *self.first_request.get_or_init(|| now);
        (before.saturating_add(1), now.saturating_duration_since(first))
    }

    /// The first byte that a body does not come to, when it breaks: in the middle or near the start.
    pub fn breaks_at(&self) -> u64 {
        let middle = self.video.bytes / 2;
        if self.is_odd { middle.min(EARLY_BYTES) } else { middle }
    }

    fn told(&self) -> Told<'_> {
        Told {
            id: &self.video.id,
            title: feeds::title_of(&self.video),
            fault: self.fault.map(Fault::name),
            requests: self.requests.load(Ordering::Relaxed),
        }
    }
}

/// An item as `GET /faults` tells it.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    id: &'a str,
    title: String,
    /// `null` for an item without one.
    fault: Option<&'static str>,
    /// Requests for its media so far.
    requests: u32,
}

/// All items, by their place in the feed and by the path of their media.
pub(super) struct Items {
    list: Vec<FaultyItem>,
    by_path: HashMap<String, usize>,
}

impl Items {
    /// The clips in turn; which of the items are faulty is drawn by the seed, and they get the faults in turn.
    ///
    /// The first item is a good one unless all are faulty: a feed that begins with nothing to see is a matter of
    /// its own.
    pub fn new(clips: &[Arc<Video>], options: &FaultOptions) -> Self {
        let kinds = if options.faults.is_empty() { &Fault::ALL[..] } else { &options.faults };
        let count = if clips.is_empty() { 0 } else { options.items };
        let places = draw(count, options.share, options.seed);
        let mut faults = kinds.iter().cycle().copied().enumerate();
        let item = |(at, clip): (usize, &Arc<Video>)| {
            let drawn = places.contains(&at).then(|| faults.next()).flatten();
            // Neighbours in the list of faults show different faces, and in the next round each shows its other one.
            let is_odd = drawn.is_some_and(|(nth, _)| (nth / kinds.len() + nth % kinds.len()) % 2 == 1);
            let fault = drawn.map(|(_, fault)| fault);
            let number = at + 1;
            let id = format!("{number:04}-{}", fault.map_or("good", Fault::name));
            let name = clip.relative.rsplit('/').next().unwrap_or_default();
            let name = fault.map_or_else(|| name.to_owned(), |fault| format!("{fault} · {name}"));
            let video = Arc::new(clip.again(id, format!("item {number}/{name}")));
            FaultyItem { video, fault, is_odd, requests: AtomicU32::new(0), first_request: OnceLock::new() }
        };
        let list: Vec<_> = clips.iter().cycle().take(count).enumerate().map(item).collect();
        let by_path = list.iter().enumerate().map(|(at, item)| (media::address_of(&item.video.relative), at)).collect();
        Self { list, by_path }
    }

    /// What the feed lists.
    pub fn videos(&self) -> Videos {
        self.list.iter().map(|item| Arc::clone(&item.video)).collect()
    }

    /// The item whose media is at a path, as it stands in its address.
    pub fn at(&self, path: &str) -> Option<&FaultyItem> {
        self.list.get(*self.by_path.get(path)?)
    }

    /// All items with their faults.
    pub fn told(&self) -> Vec<Told<'_>> {
        self.list.iter().map(FaultyItem::told).collect()
    }
}

/// The places of the faulty ones among `count` items.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a bounded count")]
fn draw(count: usize, share: f64, seed: u64) -> BTreeSet<usize> {
    let wanted = (count as f64 * share.clamp(0.0, 1.0)).round() as usize;
    let mut places: Vec<usize> = (usize::from(wanted < count)..count).collect();
    let mut dice = Dice::new(seed);
    // Fisher and Yates: as many swaps as places are wanted.
    for at in 0..wanted.min(places.len()) {
        let other = at + dice.below(places.len() - at);
        places.swap(at, other);
    }
    places.into_iter().take(wanted).collect()
}

/// Numbers that are the same for the same seed (xorshift64*, Vigna 2016).
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed.wrapping_add(0x9e37_79b9_7f4a_7c15).max(1))
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, 0 for a bound of 0.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from((self.next() >> 32) % bound.max(1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_items_is_drawn_and_never_the_first_one() {
        for seed in 0..50 {
            let places = draw(60, 0.25, seed);
            assert_eq!(places.len(), 15);
            assert!(!places.contains(&0) && places.iter().all(|place| *place < 60), "{places:?}");
        }
    }

    #[test]
    fn another_seed_draws_others_and_the_same_one_the_same() {
        assert_eq!(draw(60, 0.25, 7), draw(60, 0.25, 7));
        assert_ne!(draw(60, 0.25, 7), draw(60, 0.25, 8));
    }

    #[test]
    fn none_some_or_all_may_be_faulty() {
        assert_eq!((draw(10, 0.0, 1).len(), draw(10, 1.0, 1).len(), draw(0, 1.0, 1).len(), draw(1, 0.25, 1).len()), (0, 10, 0, 0));
    }
}
