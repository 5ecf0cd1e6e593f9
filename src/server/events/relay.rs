//! What replicas tell each other: each piece of news reaches everybody who is connected anywhere, once, in the order in
//! which its replica told it.
//!
//! A replica tells those who are connected to it itself and leaves out what comes back to it, so that a Redis that is
//! gone takes nothing from them. Its news is numbered, and every beat repeats the newest: what others missed while Redis
//! was gone they hear then, and what they have heard they know by its number.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock};

use redis::Script;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

use super::Shared;
use super::message::FEED_ROOMS;
use super::tally::Place;
use super::watchers::Numbers;
use crate::server::redis::Redis;

/// News that waits for being told to other replicas, at most.
pub(super) const WAITING_MAX: usize = 1024;
/// The newest news, as many as a beat repeats.
const REPEATED: usize = 16;
/// Replicas that are remembered; the one that was heard of longest ago goes first.
const ORIGINS_MAX: usize = 256;
/// How long rooms' numbers are kept after the last news, in milliseconds.
const NUMBERS_MS: u64 = 86_400_000;

/// Adds one to each of the numbers at `KEYS`, which are at least what `ARGV` says; the new ones.
static NUMBER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local numbers = {}
for i, key in ipairs(KEYS) do
  numbers[i] = math.max(tonumber(redis.call('GET', key) or '0'), tonumber(ARGV[i])) + 1
  redis.call('SET', key, string.format('%d', numbers[i]), 'PX', ARGV[#ARGV])
end
return numbers",
    )
});

/// What is told to other replicas.
#[derive(Debug)]
pub(super) enum News {
    /// Something for everybody in some rooms, and what it made of the rooms' numbers here.
    Told { rooms: Vec<String>, event: Value, numbers: Numbers },
    /// Somebody has come or gone.
    Count(Place),
    /// This replica is alive.
    Beat,
}

/// News with its number, as it is repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Numbered {
    no: u64,
    rooms: Vec<String>,
    told: Value,
    numbers: [Option<u64>; FEED_ROOMS.len()],
}

/// A message between replicas.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event")]
enum Message {
    #[serde(rename = "watchers_told")]
    Told { origin: String, news: Numbered },
    #[serde(rename = "watchers_count")]
    Count { origin: String, place: Place },
    /// `no` is the number of the newest.
    #[serde(rename = "watchers_beat")]
    Beat { origin: String, no: u64, repeated: VecDeque<Numbered> },
}

/// Tells other replicas what comes through `waiting`, one after the other.
pub(super) async fn publish(shared: Arc<Shared>, redis: Arc<Redis>, mut waiting: mpsc::Receiver<News>) {
    let (mut no, mut repeated) = (0, VecDeque::new());
    set_out(&shared, &redis).await;
    while let Some(news) = waiting.recv().await {
        let origin = shared.origin.clone();
        let message = match news {
            News::Told { rooms, event, numbers } => {
                let numbers = number(&redis, numbers).await;
                shared.watchers.raise(&numbers);
                no += 1;
                let news = Numbered { no, rooms, told: event, numbers: numbers.0 };
                repeated.push_back(news.clone());
                repeated.drain(..repeated.len().saturating_sub(REPEATED));
                Message::Told { origin, news }
            }
            News::Count(place) => Message::Count { origin, place },
            News::Beat => Message::Beat { origin, no, repeated: repeated.clone() },
        };
        // Redis is gone: what counts is repeated by the next beat that it hears.
        let _ = redis.tell_all(&json!(message).to_string()).await;
    }
}

/// Asks how much was told before this replica began.
async fn set_out(shared: &Shared, redis: &Redis) {
    let keys = FEED_ROOMS.map(key);
    let told = redis.ask(|mut redis| async move { redis::cmd("MGET").arg(&keys).query_async::<Vec<Option<u64>>>(&mut redis).await }).await;
    if let Ok(told) = told {
        shared.watchers.set_out(&Numbers(std::array::from_fn(|at| told.get(at).copied().flatten())));
    }
}

/// The rooms' numbers over all replicas after news that made `numbers` of them here.
async fn number(redis: &Redis, numbers: Numbers) -> Numbers {
    let meant: Vec<(usize, u64)> = numbers.0.iter().enumerate().filter_map(|(at, number)| Some((at, (*number)?))).collect();
    if meant.is_empty() {
        return numbers;
    }
    let mut script = NUMBER.prepare_invoke();
    for (at, number) in &meant {
        script.key(key(FEED_ROOMS[*at])).arg(number.saturating_sub(1));
    }
    script.arg(NUMBERS_MS);
    let told: Result<Vec<u64>, _> = redis.ask(|mut redis| async move { script.invoke_async(&mut redis).await }).await;
    let Ok(told) = told else { return numbers };
    let mut all = numbers;
    for ((at, _), number) in meant.into_iter().zip(told) {
        all.0[at] = Some(number);
    }
    all
}

fn key(room: &str) -> String {
    format!("feed:room:{room}:number")
}

/// Hears what other replicas tell.
pub(super) async fn hear(shared: Arc<Shared>, mut messages: broadcast::Receiver<Arc<str>>) {
    let mut origins = Origins::default();
    loop {
        let message = match messages.recv().await {
            Ok(message) => message,
            // What was missed is repeated by the next beat.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        // Others talk on this channel, too.
        let Ok(message) = serde_json::from_str::<Message>(&message) else { continue };
        match message {
            Message::Told { origin, news } if origin != shared.origin && origins.is_news(&origin, news.no) => deliver(&shared, news).await,
            Message::Count { origin, place } if origin != shared.origin => shared.counts.noticed(place),
            Message::Beat { origin, no, repeated } if origin != shared.origin => {
                // Of one that is not known yet nothing was missed: whoever is connected here has fetched pages since.
                let is_known = origins.knows(&origin);
                for news in repeated {
                    if origins.is_news(&origin, news.no) && is_known {
                        deliver(&shared, news).await;
                    }
                }
                origins.is_news(&origin, no);
            }
            // What this one has told itself, or has heard before.
            _ => {}
        }
    }
}

async fn deliver(shared: &Shared, news: Numbered) {
    shared.watchers.raise(&Numbers(news.numbers));
    shared.watchers.tell(&news.rooms, &news.told.to_string().into());
    shared.watchers.catch_up().await;
}

/// Which news of which replica was heard.
#[derive(Debug, Default)]
struct Origins {
    heard: HashMap<String, Heard>,
    times: u64,
}

/// The newest number, and which of the 64 before it were heard: the lowest bit is the one just before it.
#[derive(Debug)]
struct Heard {
    newest: u64,
    before: u64,
    /// Counts up with everything that is heard.
    time: u64,
}

impl Origins {
    fn knows(&self, origin: &str) -> bool {
        self.heard.contains_key(origin)
    }

    /// Whether number `no` of `origin` was not heard before; it is from now on.
    fn is_news(&mut self, origin: &str, no: u64) -> bool {
        self.times += 1;
        let time = self.times;
        let Some(heard) = self.heard.get_mut(origin) else {
            if self.heard.len() >= ORIGINS_MAX
                && let Some(oldest) = self.heard.iter().min_by_key(|(_, heard)| heard.time).map(|(origin, _)| origin.clone())
            {
                self.heard.remove(&oldest);
            }
            // What it told before is nothing to wait for.
            self.heard.insert(origin.to_owned(), Heard { newest: no, before: u64::MAX, time });
            return true;
        };
        heard.time = time;
        if no > heard.newest {
            let by = no - heard.newest;
            heard.before = if by > 64 { 0 } else { heard.before.checked_shl(u32::try_from(by).unwrap_or(64)).unwrap_or(0) | 1 << (by - 1) };
            heard.newest = no;
            return true;
        }
        let back = heard.newest - no;
        if back == 0 || back > 64 {
            return false;
        }
        let bit = 1 << (back - 1);
        let is_news = heard.before & bit == 0;
        heard.before |= bit;
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_known_again_and_what_was_missed_is_news() {
        let mut origins = Origins::default();
        assert!(origins.is_news("a", 5), "the first that is heard");
        for (no, is_news) in [(5, false), (4, false), (6, true), (9, true), (8, true), (7, true), (7, false), (6, false), (5, false)] {
            assert_eq!(origins.is_news("a", no), is_news, "{no}");
        }
        assert!(origins.is_news("b", 5), "each counts for itself");
        assert!(origins.is_news("a", 73) && origins.is_news("a", 10) && !origins.is_news("a", 9) && !origins.is_news("a", 8));
        assert!(origins.is_news("a", 1000) && origins.is_news("a", 999) && !origins.is_news("a", 900), "too old to be known");
    }

    #[test]
    fn of_many_replicas_those_heard_of_longest_ago_are_forgotten() {
        let mut origins = Origins::default();
        for nth in 0..=ORIGINS_MAX {
            origins.is_news(&nth.to_string(), 1);
            origins.is_news("0", 1);
        }
        assert_eq!(origins.heard.len(), ORIGINS_MAX);
        assert!(origins.knows("0") && !origins.knows("1"));
    }

    #[test]
    fn messages_are_read_as_they_were_written_and_others_are_left_alone() {
        let news = Numbered { no: 1, rooms: vec!["r".into()], told: json!({"event": "x"}), numbers: [None, Some(2), None] };
        let written = json!(Message::Told { origin: "a".into(), news: news.clone() }).to_string();
        assert!(matches!(serde_json::from_str(&written), Ok(Message::Told { news: read, .. }) if read == news));
        for other in ["", "{}", r#"{"event":"invalidated"}"#, r#"{"event":"watchers_beat"}"#] {
            assert!(serde_json::from_str::<Message>(other).is_err(), "{other}");
        }
    }
}
