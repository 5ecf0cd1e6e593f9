//! What happened, in the Redis that replicas share.
//!
//! | key | |
//! |---|---|
//! | `feed:facts:views`, `…:likes`, `…:shares`, `…:comments`, `…:completes`, `…:skips` | hashes: video → count |
//! | `feed:facts:hour:{hour}` | sorted set for 48 h: video → what its deeds of that hour weigh |
//! | `feed:facts:person:{user}` | hash: version, and the user in JSON |
//! | `feed:facts:streams` | hash: stream → state |
//!
//! A user is changed as a whole: read, changed here, and written if nobody was faster, in one step with what is counted
//! for the video. So a like counts once, whichever replicas hear of it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use redis::Script;
use tokio::sync::Mutex;

use super::deed::{self, Count, Deed, HOURS_KEPT, Tally};
use super::person::Person;
use crate::server::redis::{Redis, Unreachable};
use crate::server::status::StreamStatus;

/// Tries to change a user whom other replicas change at the same time.
const TRIES: usize = 16;
/// Locks for the users who are changed here: more than there are threads.
const TURNS: usize = 64;
/// Users are forgotten when nothing was heard of them for so long, in seconds.
const PERSON_S: u64 = 400 * 24 * 3600;
/// Videos of an hour that may trend.
const TRENDS_MAX: isize = 2000;
const STREAMS: &str = "feed:facts:streams";

/// KEYS: the hour, then (with a user) the person, then a hash for each count. ARGV: seconds to keep an hour, the video,
/// what it weighs, seconds to keep a person, the version that was read (empty without a user), the new one, the person,
/// then what each hash goes up by.
static WRITE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local first = 2
        if ARGV[5] ~= '' then
            if (redis.call('HGET', KEYS[2], 'version') or '0') ~= ARGV[5] then return 0 end
            redis.call('HSET', KEYS[2], 'version', ARGV[6], 'person', ARGV[7])
            redis.call('EXPIRE', KEYS[2], ARGV[4])
            first = 3
        end
        if ARGV[3] ~= '0' then
            redis.call('ZINCRBY', KEYS[1], ARGV[3], ARGV[2])
            redis.call('EXPIRE', KEYS[1], ARGV[1])
        end
        for i = first, #KEYS do
            if redis.call('HINCRBY', KEYS[i], ARGV[2], ARGV[8 + i - first]) < 0 then redis.call('HSET', KEYS[i], ARGV[2], 0) end
        end
        return 1
        ",
    )
});

/// What replicas know together.
pub struct Shared {
    redis: Arc<Redis>,
    /// Changes of one user wait for each other here, so that only other replicas can be faster.
    turns: [Mutex<()>; TURNS],
}

impl Shared {
    pub fn new(redis: Arc<Redis>) -> Self {
        Self { redis, turns: std::array::from_fn(|_| Mutex::default()) }
    }

    /// The Redis itself.
    pub fn redis(&self) -> &Redis {
        &self.redis
    }

    /// A user; one of whom nothing is known is an empty one.
    pub async fn person(&self, user: &str) -> Result<Person, Unreachable> {
        let key = person_key(user);
        let kept: (Option<u64>, Option<Vec<u8>>) = self
            .redis
            .ask(|mut redis| async move { redis::cmd("HMGET").arg(key).arg("version").arg("person").query_async(&mut redis).await })
            .await?;
        // The version is the hash's own: what cannot be understood must not stand in the way of being replaced.
        let person: Person = kept.1.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Ok(Person { version: kept.0.unwrap_or_default(), ..person })
    }

    /// Remembers a deed; what of it counts.
    pub async fn take(&self, deed: &Deed) -> Result<Vec<(Count, i64)>, Unreachable> {
        let Some(user) = &deed.user else {
            let counts = deed.counts();
            self.write(None, Some(deed), &counts).await?;
            return Ok(counts);
        };
        self.change_with(user, Some(deed), |person| person.take(deed)).await
    }

    /// Changes a user. `change` must raise their version.
    pub async fn change(&self, user: &str, change: impl Fn(&mut Person)) -> Result<(), Unreachable> {
        self.change_with(user, None, |person| {
            change(person);
            Vec::new()
        })
        .await
        .map(drop)
    }

    async fn change_with(
        &self,
        user: &str,
        deed: Option<&Deed>,
        change: impl Fn(&mut Person) -> Vec<(Count, i64)>,
    ) -> Result<Vec<(Count, i64)>, Unreachable> {
        let turn = usize::try_from(hash(user) % TURNS as u64).unwrap_or_default();
        let _turn = self.turns[turn].lock().await;
        for _ in 0..TRIES {
            let mut person = self.person(user).await?;
            let before = person.version;
            let counts = change(&mut person);
            if self.write(Some((user, before, &person)), deed, &counts).await? {
                return Ok(counts);
            }
        }
        // It is tried again later, like what is told while Redis is gone.
        tracing::warn!("a user is changed by too many at once");
        Err(Unreachable)
    }

    /// Writes a user, and what is counted. Whether nobody else has changed the user since `before`.
    async fn write(&self, user: Option<(&str, u64, &Person)>, deed: Option<&Deed>, counts: &[(Count, i64)]) -> Result<bool, Unreachable> {
        let mut call = WRITE.prepare_invoke();
        call.key(format!("feed:facts:hour:{}", deed.map_or(0, Deed::hour)));
        call.arg(HOURS_KEPT * 3600).arg(deed.map_or("", |deed| &deed.video)).arg(deed::weight(counts)).arg(PERSON_S);
        match user {
            Some((user, before, person)) => {
                // Maps of text and numbers: JSON always takes them.
                let json = serde_json::to_vec(person).unwrap_or_default();
                call.key(person_key(user)).arg(before).arg(person.version).arg(json);
            }
            None => {
                call.arg("").arg("").arg("");
            }
        }
        for (count, by) in counts {
            call.key(count_key(*count)).arg(*by);
        }
        self.redis.ask(|mut redis| async move { call.invoke_async(&mut redis).await }).await
    }

    /// What was counted for each of `videos`, in their order; the hours are left out.
    pub async fn tallies(&self, videos: &[&str]) -> Result<Vec<Tally>, Unreachable> {
        if videos.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = redis::pipe();
        for count in [Count::Views, Count::Likes] {
            asked.cmd("HMGET").arg(count_key(count)).arg(videos);
        }
        let found: (Vec<Option<u64>>, Vec<Option<u64>>) =
            self.redis.ask(|mut redis| async move { asked.query_async(&mut redis).await }).await?;
        let tally = |(views, likes): (Option<u64>, Option<u64>)| Tally {
            views: views.unwrap_or_default(),
            likes: likes.unwrap_or_default(),
            ..Tally::default()
        };
        Ok(found.0.into_iter().zip(found.1).map(tally).collect())
    }

    /// The videos that trend in the hour `now_h`, and how much.
    pub async fn trends(&self, now_h: u64) -> Result<HashMap<String, f64>, Unreachable> {
        let mut asked = redis::pipe();
        for (hour, _) in deed::fading(now_h) {
            asked.cmd("ZREVRANGE").arg(format!("feed:facts:hour:{hour}")).arg(0).arg(TRENDS_MAX - 1).arg("WITHSCORES");
        }
        let hours: Vec<Vec<(String, f64)>> = self.redis.ask(|mut redis| async move { asked.query_async(&mut redis).await }).await?;
        let mut trends: HashMap<String, f64> = HashMap::new();
        for ((_, share), videos) in deed::fading(now_h).zip(hours) {
            for (video, weight) in videos {
                *trends.entry(video).or_default() += weight * share;
            }
        }
        trends.retain(|_, trend| *trend > 0.0);
        Ok(trends)
    }

    /// Sets the state of a stream; what it was.
    pub async fn set_stream(&self, id: &str, status: StreamStatus) -> Result<Option<StreamStatus>, Unreachable> {
        let mut asked = redis::pipe();
        asked.atomic().cmd("HGET").arg(STREAMS).arg(id).cmd("HSET").arg(STREAMS).arg(id).arg(status_name(status)).ignore();
        let (old,): (Option<String>,) = self.redis.ask(|mut redis| async move { asked.query_async(&mut redis).await }).await?;
        Ok(old.as_deref().and_then(status_named))
    }

    /// The states of all streams that were ever set.
    pub async fn streams(&self) -> Result<HashMap<String, StreamStatus>, Unreachable> {
        let all: HashMap<String, String> =
            self.redis.ask(|mut redis| async move { redis::cmd("HGETALL").arg(STREAMS).query_async(&mut redis).await }).await?;
        Ok(all.into_iter().filter_map(|(id, status)| Some((id, status_named(&status)?))).collect())
    }
}

fn hash(user: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    user.hash(&mut hasher);
    hasher.finish()
}

fn person_key(user: &str) -> String {
    format!("feed:facts:person:{user}")
}

fn count_key(count: Count) -> String {
    format!("feed:facts:{}", count.name())
}

fn status_name(status: StreamStatus) -> &'static str {
    match status {
        StreamStatus::Scheduled => "SCHEDULED",
        StreamStatus::Live => "LIVE",
        StreamStatus::Ended => "ENDED",
    }
}

fn status_named(name: &str) -> Option<StreamStatus> {
    [StreamStatus::Scheduled, StreamStatus::Live, StreamStatus::Ended].into_iter().find(|status| status_name(*status) == name)
}
