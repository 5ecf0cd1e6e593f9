//! What was warmed, for clients that start: `feed:prefetch:{videoId}` in Redis, for ten minutes.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::ConnectionManager;
use redis::{Pipeline, RedisResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::server::redis::{Redis, Unreachable};

/// What keys begin with.
const PREFIX: &str = "feed:prefetch:";
/// How long a manifest is kept.
const LIFETIME: Duration = Duration::from_mins(10);
/// Longest manifest kept, in bytes.
const BYTES_MAX: usize = 64 << 10;
/// Manifests looked at for one answer: two runs of two hundred items, and some.
const LOOKED_AT_MAX: usize = 500;
/// Keys that Redis looks at in one step.
const SCAN_STEP: usize = 1000;
/// Steps for one answer, at most: a Redis that is full of other things is not searched for long.
const SCAN_STEPS_MAX: usize = 200;

/// An item that was warmed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct Manifest {
    /// The item as the service tells it.
    pub video: Value,
    /// When it was warmed, in milliseconds since the Unix epoch.
    pub warmed_at_ms: u64,
    /// Its place among the items of that run.
    pub place: usize,
    /// How much of the media was asked for, in bytes.
    pub head_bytes: u64,
    /// Length of the media, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Manifest {
    /// The identity of the item.
    pub fn id(&self) -> Option<&str> {
        self.video.get("id")?.as_str()
    }
}

/// Milliseconds since the Unix epoch.
pub(super) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Keeps manifests by the ids of their items; how many were.
///
/// # Errors
/// [`Unreachable`].
pub(super) async fn keep(redis: &Redis, manifests: &[(&str, Manifest)]) -> Result<usize, Unreachable> {
    let mut all = Pipeline::new();
    let mut kept = 0;
    for (id, manifest) in manifests {
        let Ok(json) = serde_json::to_vec(manifest) else { continue };
        if json.len() <= BYTES_MAX {
            all.cmd("SET").arg(format!("{PREFIX}{id}")).arg(json).arg("EX").arg(LIFETIME.as_secs()).ignore();
            kept += 1;
        }
    }
    if kept > 0 {
        redis.ask(|mut redis| async move { all.exec_async(&mut redis).await }).await?;
    }
    Ok(kept)
}

/// The newest manifests, `most` of them, those of one run in the order of its feeds.
///
/// # Errors
/// [`Unreachable`].
pub(in crate::server) async fn newest(redis: &Redis, most: usize) -> Result<Vec<Manifest>, Unreachable> {
    let all: Vec<Option<Vec<u8>>> = redis.ask(read_all).await?;
    let mut manifests: Vec<Manifest> = all.into_iter().flatten().filter_map(|json| serde_json::from_slice(&json).ok()).collect();
    manifests.sort_by_key(|manifest| (Reverse(manifest.warmed_at_ms), manifest.place));
    manifests.truncate(most);
    Ok(manifests)
}

async fn read_all(mut redis: ConnectionManager) -> RedisResult<Vec<Option<Vec<u8>>>> {
    // Redis may tell a key twice.
    let mut keys: HashSet<Vec<u8>> = HashSet::new();
    let mut cursor = 0_u64;
    for _ in 0..SCAN_STEPS_MAX {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{PREFIX}*")).arg("COUNT").arg(SCAN_STEP);
        let (next, some): (u64, Vec<Vec<u8>>) = scan.query_async(&mut redis).await?;
        keys.extend(some);
        cursor = next;
        if cursor == 0 || keys.len() >= LOOKED_AT_MAX {
            break;
        }
    }
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    redis::cmd("MGET").arg(keys.into_iter().take(LOOKED_AT_MAX).collect::<Vec<_>>()).query_async(&mut redis).await
}
