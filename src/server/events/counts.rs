//! Counts those who watch, are present or type at a stream, over all replicas that share a Redis, and tells the count.
//!
//! In Redis each place is a sorted set of members with the time at which they are over, by Redis's own clock. Who is
//! connected here is said anew with every beat, so that those of a replica that has died are over by themselves. While
//! Redis is gone only those who are connected here are counted.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::ConnectionManager;
use redis::{RedisResult, Script};
use serde_json::json;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::Shared;
use super::message::{FEED_ROOMS, room_of};
use super::relay::News;
use super::tally::{Doing, Due, Place, Tally};

/// How often it is said who is connected here, and counted what other replicas did not tell.
const BEAT_EVERY: Duration = Duration::from_secs(4);

/// Members of `KEYS[1]` come and go, as pairs of name and milliseconds (none: gone); how many there are then.
static COUNT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local longest = 0
for i = 1, #ARGV, 2 do
  local left = tonumber(ARGV[i + 1])
  if left > 0 then
    redis.call('ZADD', KEYS[1], now + left, ARGV[i])
    longest = math.max(longest, left)
  else
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
if longest > redis.call('PTTL', KEYS[1]) then redis.call('PEXPIRE', KEYS[1], longest) end
return redis.call('ZCARD', KEYS[1])",
    )
});

/// Who does what at which stream, here.
#[derive(Default)]
pub(super) struct Counts {
    tally: Mutex<Tally>,
    woken: Notify,
}

impl Counts {
    /// A member is there, or still is.
    pub fn join(&self, place: Place, member: u64) {
        self.tally().join(place, member, Instant::now());
        self.woken.notify_one();
    }

    /// A member is there no more.
    pub fn leave(&self, place: &Place, member: u64) {
        self.tally().leave(place, member);
        self.woken.notify_one();
    }

    /// Another replica says that somebody has come or gone.
    pub fn noticed(&self, place: Place) {
        self.tally().noticed(place);
        self.woken.notify_one();
    }

    /// How many there are, as last told.
    pub fn told(&self, place: &Place) -> u64 {
        self.tally().told(place)
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts and tells whenever there is something to count.
pub(super) async fn keep(shared: Arc<Shared>) {
    let mut beats = interval(BEAT_EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_there = shared.redis.as_ref().map(|redis| redis.presence());
    loop {
        let next = shared.counts.tally().next(Instant::now());
        let due = async {
            match next {
                Some(at) => sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.counts.woken.notified() => {}
            () = due => {}
            _ = beats.tick() => beat(&shared).await,
            // What Redis has lost it is told at once.
            () = returned(is_there.as_mut()) => beat(&shared).await,
        }
        count(&shared, Instant::now()).await;
    }
}

/// Done when Redis is there again after it was gone.
async fn returned(is_there: Option<&mut watch::Receiver<bool>>) {
    if let Some(is_there) = is_there {
        while is_there.changed().await.is_ok() {
            if *is_there.borrow_and_update() {
                return;
            }
        }
    }
    std::future::pending::<()>().await;
}

async fn beat(shared: &Shared) {
    shared.counts.tally().beat();
    shared.publish(News::Beat).await;
}

/// Counts what is due and tells what has changed.
pub(super) async fn count(shared: &Shared, now: Instant) {
    let all = shared.counts.tally().due(now);
    for due in all {
        let count = match &shared.redis {
            Some(redis) => redis.ask(|redis| ask(&due, &shared.origin, redis)).await.unwrap_or(due.here),
            None => due.here,
        };
        let changed = shared.counts.tally().counted(&due.place, count, now);
        if let Some(before) = changed {
            tell(shared, &due.place, count, before);
        }
        if due.is_ours {
            shared.publish(News::Count(due.place)).await;
        }
    }
}

async fn ask(due: &Due, origin: &str, mut redis: ConnectionManager) -> RedisResult<u64> {
    let mut script = COUNT.key(key(&due.place));
    for (member, left) in &due.members {
        script.arg(format!("{origin}.{member}")).arg(u64::try_from(left.as_millis()).unwrap_or(u64::MAX));
    }
    script.invoke_async(&mut redis).await
}

fn key((doing, stream): &Place) -> String {
    match doing {
        Doing::Viewing => format!("feed:room:viewers:{stream}"),
        Doing::Online => format!("feed:presence:{stream}"),
        Doing::Typing => format!("feed:room:typing:{stream}"),
    }
}

/// How many watch a stream is told in the feeds' rooms, too: lists of streams show it.
fn tell(shared: &Shared, (doing, stream): &Place, count: u64, before: u64) {
    let action = if count > before { "joined" } else { "left" };
    let text = shown(*doing, stream, count, action);
    let room = room_of(stream);
    match doing {
        Doing::Viewing => {
            let [discover, community, videos] = FEED_ROOMS;
            shared.watchers.tell(&[discover, community, videos, &room], &text);
        }
        Doing::Online | Doing::Typing => shared.watchers.tell(&[room], &text),
    }
}

/// The message that tells a count.
pub(super) fn shown(doing: Doing, stream: &str, count: u64, action: &str) -> axum::extract::ws::Utf8Bytes {
    match doing {
        Doing::Viewing => super::event("viewer_count_updated", &json!({"stream_id": stream, "count": count, "action": action})),
        Doing::Online => super::event("presence_updated", &json!({"stream_id": stream, "online": count})),
        Doing::Typing => super::event("typing_updated", &json!({"stream_id": stream, "count": count})),
    }
}
