//! In which order videos come. Pure: the same for the same facts, whoever asks and however often.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::listing::Entry;
use crate::server::facts::Person;

/// A video with no deeds is in the trending feed while it is this young.
const YOUNG: Duration = Duration::from_hours(24);
/// What a tag that a user asked for weighs beside those that they came to like.
const WISHED_TAG: i32 = 5;

/// How much each video trends.
pub type Trends = HashMap<String, f64>;

/// The newest first; of the same age in the folder's order.
pub fn newest(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|entry| Reverse(entry.created()));
    entries
}

/// What trends most first; then, and of what trends equally, the newest.
pub fn trending(entries: Vec<Entry>, trends: &Trends) -> Vec<Entry> {
    let mut entries = newest(entries);
    entries.sort_by(|a, b| trend(b, trends).total_cmp(&trend(a, trends)));
    entries
}

/// The same without what neither trends nor is young at `now`.
pub fn trending_only(mut entries: Vec<Entry>, trends: &Trends, now: SystemTime) -> Vec<Entry> {
    entries.retain(|entry| trend(entry, trends) > 0.0 || now.duration_since(entry.created()).is_ok_and(|age| age <= YOUNG));
    trending(entries, trends)
}

fn trend(entry: &Entry, trends: &Trends) -> f64 {
    trends.get(entry.id()).copied().unwrap_or_default()
}

/// The makers whom `person` follows, the newest first; all in the folder's order when they follow nobody who is there.
pub fn following(entries: Vec<Entry>, person: &Person) -> Vec<Entry> {
    let makers = person.followed();
    let followed: Vec<Entry> = entries.iter().filter(|entry| makers.contains(entry.maker.as_str())).cloned().collect();
    if followed.is_empty() { entries } else { newest(followed) }
}

/// What has not been seen comes first, in the order of the taste of `person`: the sum of what they feel about its maker and
/// its tags, and of the tags they asked for. Then comes what has been seen, the longest ago first. What is equal is drawn
/// by `seed`, so that no video waits for ever behind its equals.
pub fn personalized(entries: Vec<Entry>, person: &Person, seed: &str) -> Vec<Entry> {
    let wished: BTreeSet<&str> = person.preferences.preferred_tags.iter().map(String::as_str).collect();
    let taste = |entry: &Entry| {
        let of_tag = |tag: &String| {
            let felt = person.tags.get(tag).copied().unwrap_or_default();
            if wished.contains(tag.as_str()) { felt + WISHED_TAG } else { felt }
        };
        person.makers.get(&entry.maker).copied().unwrap_or_default() + entry.tags.iter().map(of_tag).sum::<i32>()
    };
    let mut ranked: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let seen_at = person.seen.get(entry.id()).copied();
            (seen_at, taste(&entry), draw(seed, entry.id()), entry)
        })
        .collect();
    ranked.sort_by(by_rank);
    ranked.into_iter().map(|(.., entry)| entry).collect()
}

type Ranked = (Option<u64>, i32, u64, Entry);

/// `None` is less than any time at which something was seen.
fn by_rank(a: &Ranked, b: &Ranked) -> Ordering {
    (a.0, Reverse(a.1), a.2).cmp(&(b.0, Reverse(b.1), b.2))
}

/// Takes out the makers whom `person` does not want to see.
pub fn unblocked(mut entries: Vec<Entry>, person: &Person) -> Vec<Entry> {
    let blocked: BTreeSet<&str> = person.preferences.blocked_makers.iter().map(String::as_str).collect();
    entries.retain(|entry| !blocked.contains(entry.maker.as_str()));
    entries
}

fn draw(seed: &str, id: &str) -> u64 {
    let hash = Sha256::new().chain_update(seed).chain_update([0]).chain_update(id).finalize();
    hash.iter().take(8).fold(0, |drawn, byte| drawn << 8 | u64::from(*byte))
}
