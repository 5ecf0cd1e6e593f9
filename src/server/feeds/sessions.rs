//! Walks through a feed: what was listed when one began, so that every video comes once and a page comes again as it was.
//!
//! A walk is known by a token that nobody can guess unless the walk is everybody's, and a cursor is that token with a
//! place: any replica can go on from it. In Redis a walk is a list, of which a page reads only its own part; packed as a
//! whole it would be unpacked for each page, and hashes of names hardly pack. Here it is kept, too: what was begun here
//! goes on here while Redis is gone.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use moka::future::Cache;

use super::listing::{Entry, Listing};
use crate::server::redis::{Redis, Unreachable};

/// Videos of a walk at most: more than anybody swipes through.
pub const VIDEOS_MAX: usize = 10_000;
/// Bytes of walks in memory, about.
const BYTES_MAX: u64 = 128 << 20;
/// Bytes of a walk beside its videos, and of each video, about.
const WALK_BYTES: usize = 300;
const VIDEO_BYTES: usize = 24;
/// Redis is told this often within the life of a walk that it is still gone on with.
const TOUCHES: u32 = 10;

/// A walk that has begun.
#[derive(Clone, Debug)]
struct Walk {
    feed: &'static str,
    ids: Arc<[Arc<str>]>,
}

/// A part of a walk: what a page holds.
#[derive(Clone, Debug)]
pub struct Part {
    /// `videos` or `trending`.
    pub feed: String,
    /// The token of the walk.
    pub session: String,
    pub entries: Vec<Entry>,
    /// The cursor to the next page, if there is one.
    pub next: Option<String>,
}

/// The walks that are gone on with.
pub struct Sessions {
    here: Cache<String, Walk>,
    redis: Option<Arc<Redis>>,
    /// Walks of which Redis has been told a moment ago.
    touched: Cache<String, ()>,
    lifetime: Duration,
}

impl Sessions {
    /// Walks are good for `lifetime` after they were gone on with last.
    pub fn new(lifetime: Duration, redis: Option<Arc<Redis>>) -> Self {
        let weigh = |_: &String, walk: &Walk| u32::try_from(WALK_BYTES + walk.ids.len() * VIDEO_BYTES).unwrap_or(u32::MAX);
        Self {
            here: Cache::builder().max_capacity(BYTES_MAX).weigher(weigh).time_to_idle(lifetime).build(),
            touched: Cache::builder().max_capacity(10_000).time_to_live(lifetime / TOUCHES).build(),
            redis,
            lifetime,
        }
    }

    /// Begins the walk `token` through `entries`, or goes on with it where it has begun.
    pub async fn begin(&self, token: &str, feed: &'static str, entries: &[Entry]) {
        if !self.here.contains_key(token) {
            let ids = entries.iter().take(VIDEOS_MAX).map(|entry| Arc::from(entry.id())).collect();
            self.here.insert(token.to_owned(), Walk { feed, ids }).await;
        }
        self.touch(token).await;
    }

    /// Goes on with the walk of a cursor. `false`: it has expired, or there never was one.
    pub async fn go_on(&self, cursor: &str) -> bool {
        match place_of(cursor) {
            Some((token, _)) => self.touch(token).await,
            None => false,
        }
    }

    /// The part of a walk at which `cursor` stands; its videos are looked up in `listing`, and those that have gone
    /// meanwhile are left out. `None`: it has expired, or there never was one.
    pub async fn part(&self, cursor: &str, limit: usize, listing: &Listing) -> Option<Part> {
        let (token, start) = place_of(cursor)?;
        let (feed, ids, total) = if let Some(Ok(Some(read))) = self.read(token, start, limit).await {
            read
        } else {
            let walk = self.here.get(token).await?;
            if let Some(redis) = &self.redis {
                // It was emptied since it was told of the walk; while it is gone this fails at once.
                let _ = self.put(redis, token, &walk).await;
            }
            let end = walk.ids.len().min(start.saturating_add(limit));
            let ids = walk.ids.get(start..end).unwrap_or_default();
            (walk.feed.to_owned(), ids.iter().map(ToString::to_string).collect(), walk.ids.len())
        };
        let end = start.saturating_add(limit);
        Some(Part {
            feed,
            session: token.to_owned(),
            entries: ids.iter().filter_map(|id| listing.find(id).cloned()).collect(),
            next: (end < total).then(|| cursor_at(token, end)),
        })
    }

    /// The feed, a part of the identities, and how many there are. `None`: there is no Redis.
    async fn read(&self, token: &str, start: usize, limit: usize) -> Option<Result<Option<(String, Vec<String>, usize)>, Unreachable>> {
        let redis = self.redis.as_ref()?;
        let (key, mut asked) = (key_of(token), redis::pipe());
        asked.cmd("LINDEX").arg(&key).arg(0);
        // The feed's name stands before the first.
        asked.cmd("LRANGE").arg(&key).arg(start + 1).arg(start.saturating_add(limit));
        asked.cmd("LLEN").arg(&key);
        let read = redis.ask(|mut redis| async move { asked.query_async(&mut redis).await }).await;
        Some(read.map(|(feed, ids, len): (Option<String>, Vec<String>, usize)| feed.map(|feed| (feed, ids, len.saturating_sub(1)))))
    }

    /// Makes a walk last from now on. `false`: there is none.
    async fn touch(&self, token: &str) -> bool {
        let walk = self.here.get(token).await;
        let Some(redis) = &self.redis else { return walk.is_some() };
        if self.touched.get(token).await.is_some() {
            return true;
        }
        let (key, lifetime) = (key_of(token), self.lifetime_ms());
        let told =
            redis.ask(|mut redis| async move { redis::cmd("PEXPIRE").arg(key).arg(lifetime).query_async::<bool>(&mut redis).await }).await;
        let is_told = match (told, &walk) {
            (Ok(true), _) => true,
            // It begins, or Redis has lost it.
            (Ok(false), Some(walk)) => self.put(redis, token, walk).await.is_ok(),
            (Ok(false), None) => return false,
            (Err(Unreachable), _) => false,
        };
        if is_told {
            self.touched.insert(token.to_owned(), ()).await;
        }
        // Without Redis it goes on here alone.
        is_told || walk.is_some()
    }

    async fn put(&self, redis: &Redis, token: &str, walk: &Walk) -> Result<(), Unreachable> {
        let (key, mut asked) = (key_of(token), redis::pipe());
        asked.atomic().cmd("DEL").arg(&key).cmd("RPUSH").arg(&key).arg(walk.feed);
        for id in walk.ids.iter() {
            asked.arg(id.as_bytes());
        }
        asked.cmd("PEXPIRE").arg(&key).arg(self.lifetime_ms());
        redis.ask(|mut redis| async move { asked.exec_async(&mut redis).await }).await
    }

    fn lifetime_ms(&self) -> u64 {
        u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The cursor to a place of a walk.
pub fn cursor_at(token: &str, start: usize) -> String {
    format!("{token}-{start}")
}

/// The place behind the part of `cursor` that has `limit` videos.
pub fn cursor_behind(cursor: &str, limit: usize) -> Option<String> {
    place_of(cursor).map(|(token, start)| cursor_at(token, start + limit))
}

/// The token and the place of a cursor, if it looks like one of ours.
fn place_of(cursor: &str) -> Option<(&str, usize)> {
    let (token, start) = cursor.split_once('-')?;
    let is_token = token.len() == 32 && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let start = start.parse().ok().filter(|number: &usize| number.to_string() == start).filter(|start| *start <= VIDEOS_MAX)?;
    is_token.then_some((token, start))
}

fn key_of(token: &str) -> String {
    format!("feed:session:{token}")
}

/// 128 bits that cannot be guessed: each state is keyed with random numbers of the system.
pub fn random_token() -> String {
    let half = || RandomState::new().hash_one(SystemTime::now());
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ() {
        assert_ne!(random_token(), random_token());
        assert_eq!(random_token().len(), 32);
    }

    #[test]
    fn a_cursor_names_its_place_and_anything_else_names_none() {
        let token = random_token();
        assert_eq!(place_of(&cursor_at(&token, 40)), Some((token.as_str(), 40)));
        assert_eq!(cursor_behind(&cursor_at(&token, 40), 20), Some(cursor_at(&token, 60)));
        let other = token.to_uppercase() + "g";
        for bad in ["", "-", "7", &token, &format!("{other}-1"), &format!("{token}-x"), &format!("{token}--1"), &format!("{token}-10001")] {
            assert_eq!(place_of(bad), None, "{bad}");
        }
    }
}
