//! Whose turn it is: one replica runs a tick. A lock in Redis says who is at it, a mark beside it which tick was run last,
//! so that a replica whose clock is behind does not run the same one again.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Script;
use ring::rand::{SecureRandom, SystemRandom};

use crate::server::redis::{Redis, Unreachable};

const LOCK: &str = "feed:lock:prefetch";
const MARK: &str = "feed:lock:prefetch:tick";
/// A worker that has died holds up the others for this long at most.
const LOCK_LIVES: Duration = Duration::from_secs(30);
/// The lock is held on to this often: two of these may fail.
const HOLD_EVERY: Duration = Duration::from_secs(10);
/// How long it is known which tick was run last: longer than clocks of one cluster differ.
const MARK_LIVES: Duration = Duration::from_hours(1);

/// Deletes or prolongs the lock only where it is still ours.
const RELEASE: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
const PROLONG: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";

/// Whether a replica may run.
pub(super) enum Turn {
    /// It may, and holds the lock.
    Ours(Held),
    /// Another one runs, or has run this tick.
    Others,
    /// There is no Redis to ask: each runs for itself. To warm twice does no harm.
    Unknown,
}

/// The lock. It must be [released](Held::release).
pub(super) struct Held {
    redis: Arc<Redis>,
    value: String,
}

/// Asks for the turn of the tick that was `due`; without one for a turn now.
pub(super) async fn take(redis: &Arc<Redis>, due: Option<SystemTime>) -> Turn {
    let Some(value) = random() else { return Turn::Unknown };
    let lives = u64::try_from(LOCK_LIVES.as_millis()).unwrap_or(u64::MAX);
    let mut lock = redis::cmd("SET");
    lock.arg(LOCK).arg(&value).arg("NX").arg("PX").arg(lives);
    let taken: Result<Option<String>, Unreachable> = redis.ask(|mut redis| async move { lock.query_async(&mut redis).await }).await;
    let held = match taken {
        Err(Unreachable) => return Turn::Unknown,
        Ok(None) => return Turn::Others,
        Ok(Some(_)) => Held { redis: Arc::clone(redis), value },
    };
    let Some(due) = due.and_then(|due| due.duration_since(UNIX_EPOCH).ok()).map(|due| due.as_secs()) else { return Turn::Ours(held) };
    // Nobody but who holds the lock reads or writes the mark.
    let (mut read, mut write) = (redis::cmd("GET"), redis::cmd("SET"));
    read.arg(MARK);
    write.arg(MARK).arg(due).arg("EX").arg(MARK_LIVES.as_secs());
    let last: Result<Option<u64>, Unreachable> = redis.ask(|mut redis| async move { read.query_async(&mut redis).await }).await;
    if matches!(last, Ok(Some(last)) if last >= due) {
        held.release().await;
        return Turn::Others;
    }
    // Not written: another replica may run this tick, too, which does no harm.
    let _ = redis.ask(|mut redis| async move { write.exec_async(&mut redis).await }).await;
    Turn::Ours(held)
}

impl Held {
    /// Holds on to the lock until it is dropped; never done.
    pub async fn keep(&self) -> Infallible {
        loop {
            tokio::time::sleep(HOLD_EVERY).await;
            let lives = u64::try_from(LOCK_LIVES.as_millis()).unwrap_or(u64::MAX);
            let (script, value) = (Script::new(PROLONG), self.value.clone());
            let kept =
                self.redis.ask(|mut redis| async move { script.key(LOCK).arg(value).arg(lives).invoke_async::<i64>(&mut redis).await });
            if kept.await != Ok(1) {
                tracing::warn!("the lock of this tick is lost; another replica may warm the same meanwhile");
            }
        }
    }

    /// Lets the next one have it.
    pub async fn release(self) {
        let (script, value) = (Script::new(RELEASE), self.value);
        let released = self.redis.ask(|mut redis| async move { script.key(LOCK).arg(value).invoke_async::<i64>(&mut redis).await });
        if released.await.is_err() {
            tracing::warn!("the lock could not be given back; it goes by itself");
        }
    }
}

/// 128 bits that no other worker has.
fn random() -> Option<String> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}
