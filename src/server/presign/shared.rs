//! Signed addresses that replicas share in Redis: what one has signed the others hand out, one of them signs at a time,
//! and a flush is heard by all.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use redis::Script;
use ring::rand::{SystemRandom, generate};
use serde_json::{Value, json};

use super::entry::{Entry, ms};
use super::keys::{self, PREFIX, VERSION};
use crate::server::redis::{Redis, Unreachable};

/// A replica that ended while it signed holds up the others for this long at most.
const LOCK: Duration = Duration::from_secs(5);
/// Keys that are looked at in one step of a flush.
const SCAN_COUNT: usize = 500;
/// The message that tells of a flush.
const FLUSHED: &str = "presign_flush";

/// The addresses that replicas share.
pub(super) struct Shared(pub Arc<Redis>);

/// The right to sign what is kept at a key.
pub(super) struct Lock {
    key: String,
    token: String,
}

impl Shared {
    /// What is kept at `key`; what cannot be read is as if absent.
    pub async fn get(&self, key: &str) -> Option<Entry> {
        let get = redis::cmd("GET").arg(key).to_owned();
        let json: Option<String> = self.0.ask(|mut redis| async move { get.query_async(&mut redis).await }).await.ok()?;
        serde_json::from_str(&json?).ok()
    }

    /// Keeps an entry for as long as it may be handed out.
    pub async fn put(&self, key: &str, entry: &Entry, now: SystemTime) {
        let left = entry.handed_out_until().saturating_sub(ms(now)).max(1);
        let Ok(json) = serde_json::to_string(entry) else { return };
        let set = redis::cmd("SET").arg(key).arg(json).arg("PX").arg(left).to_owned();
        // That it is gone was said already; others will sign for themselves.
        let _ = self.0.ask(|mut redis| async move { set.exec_async(&mut redis).await }).await;
    }

    /// Takes the right to sign what is kept at `key`; `None` while another replica has it.
    ///
    /// # Errors
    /// [`Unreachable`]: then there is nobody to wait for. The same is said where the system has no random numbers.
    pub async fn lock(&self, key: &str) -> Result<Option<Lock>, Unreachable> {
        let random = generate::<[u8; 16]>(&SystemRandom::new()).map_err(|_| Unreachable)?;
        let lock = Lock { key: keys::lock(key), token: format!("{:032x}", u128::from_ne_bytes(random.expose())) };
        let milliseconds = u64::try_from(LOCK.as_millis()).unwrap_or(u64::MAX);
        let set = redis::cmd("SET").arg(&lock.key).arg(&lock.token).arg("NX").arg("PX").arg(milliseconds).to_owned();
        let answer: Option<String> = self.0.ask(|mut redis| async move { set.query_async(&mut redis).await }).await?;
        Ok(answer.map(|_| lock))
    }

    /// Gives the right back, unless it has lapsed and is somebody else's by now.
    pub async fn unlock(&self, lock: Lock) {
        let script = Script::new("if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end");
        let _: Result<i64, _> =
            self.0.ask(|mut redis| async move { script.key(lock.key).arg(lock.token).invoke_async(&mut redis).await }).await;
    }

    /// How often credentials were rotated.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn version(&self) -> Result<u64, Unreachable> {
        let get = redis::cmd("GET").arg(VERSION).to_owned();
        let version: Option<u64> = self.0.ask(|mut redis| async move { get.query_async(&mut redis).await }).await?;
        Ok(version.unwrap_or_default())
    }

    /// Forgets all addresses and tells every replica; returns the new version and how many were forgotten.
    ///
    /// # Errors
    /// [`Unreachable`]: some of them may be forgotten then.
    pub async fn flush(&self) -> Result<(u64, u64), Unreachable> {
        // First: what is signed from now on has the new number.
        let incr = redis::cmd("INCR").arg(VERSION).to_owned();
        let version: u64 = self.0.ask(|mut redis| async move { incr.query_async(&mut redis).await }).await?;
        let (mut cursor, mut cleared) = (0_u64, 0_u64);
        loop {
            let scan = redis::cmd("SCAN").arg(cursor).arg("MATCH").arg(format!("{PREFIX}*")).arg("COUNT").arg(SCAN_COUNT).to_owned();
            let (next, found): (u64, Vec<String>) = self.0.ask(|mut redis| async move { scan.query_async(&mut redis).await }).await?;
            let found: Vec<_> = found.into_iter().filter(|key| key != VERSION).collect();
            if !found.is_empty() {
                let del = redis::cmd("UNLINK").arg(found).to_owned();
                cleared += self.0.ask(|mut redis| async move { del.query_async::<u64>(&mut redis).await }).await?;
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        self.0.tell_all(&json!({"event": FLUSHED, "version": version}).to_string()).await?;
        Ok((version, cleared))
    }
}

/// The new version, where a message of replicas tells of a flush.
pub(super) fn flushed(message: &str) -> Option<u64> {
    let message: Value = serde_json::from_str(message).ok()?;
    (message.get("event")?.as_str()? == FLUSHED).then_some(())?;
    message.get("version")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_tells_of_a_flush_is_taken_for_one() {
        assert_eq!(flushed(r#"{"event":"presign_flush","version":7}"#), Some(7));
        for other in ["", "7", "{}", r#"{"event":"feed_changed","version":7}"#, r#"{"event":"presign_flush"}"#] {
            assert_eq!(flushed(other), None, "{other}");
        }
    }
}
