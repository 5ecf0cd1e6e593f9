//! Usage events for a server that speaks the batch API of Segment: made anonymous, kept on disk until they are taken,
//! and sent in batches. Only whoever writes both the server and its key into the config file sends any.

mod post;
mod record;
mod store;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use uuid::Uuid;

pub use post::client;
pub use record::Told;
pub use store::{Identity, QUEUE_BYTES_MAX, UsageStore, Waiting};

use super::Pace;
use super::options::SegmentTarget;
use post::Verdict;

/// Events that are written at once at most.
const AT_ONCE: usize = 64;
/// Events of a batch at most.
const BATCH_EVENTS: usize = 100;
/// Bytes of a batch at most: the server takes 500 kB.
const BATCH_BYTES: usize = 500_000;
/// The longest pause before a batch is sent again, unless the server asks for a longer one.
const BACKOFF_MOST: Duration = Duration::from_mins(5);

/// Puts what is told onto the disk until nobody tells anything any more.
pub(super) async fn keep(mut told: mpsc::Receiver<Told>, store: Arc<UsageStore>, dropped: Arc<AtomicU64>) {
    let session = Uuid::new_v4();
    let mut dropped_before = 0;
    let mut events = Vec::new();
    while told.recv_many(&mut events, AT_ONCE).await > 0 {
        let dropped_now = dropped.load(Ordering::Relaxed);
        if dropped_now > dropped_before {
            tracing::warn!("{} usage events came too fast and are not counted", dropped_now - dropped_before);
            dropped_before = dropped_now;
        }
        let (store, events) = (Arc::clone(&store), std::mem::take(&mut events));
        let stored = tokio::task::spawn_blocking(move || store.push(&events, session)).await;
        match stored {
            Ok(Ok(())) => {}
            Ok(Err(err)) => tracing::warn!("usage events cannot be kept: {err}"),
            // The runtime ends.
            Err(_) => return,
        }
    }
}

/// How a turn of sending ended.
enum Turn {
    /// Nothing waits.
    Empty,
    /// A batch is gone, taken or refused for good.
    Gone,
    /// It is to be sent again; not before this has passed, when the server says so.
    Again(Option<Duration>),
}

/// Sends what waits on the disk, batch by batch, for ever.
pub(super) async fn send(store: Arc<UsageStore>, client: reqwest::Client, target: SegmentTarget, pace: Pace) {
    let mut failures = 0;
    loop {
        let pause = match turn(&store, &client, &target).await {
            Turn::Gone => {
                failures = 0;
                continue;
            }
            Turn::Empty => pace.send,
            Turn::Again(asked) => {
                failures += 1;
                asked.unwrap_or_default().max(backoff(pace.backoff, failures))
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn turn(store: &Arc<UsageStore>, client: &reqwest::Client, target: &SegmentTarget) -> Turn {
    let host = target.endpoint.host();
    let Some(batch) = on_disk(store, UsageStore::front).await else { return Turn::Again(None) };
    if batch.is_empty() {
        return Turn::Empty;
    }
    match post::post(client, target, post::body(&batch, SystemTime::now())).await {
        Verdict::Taken => tracing::debug!("{} usage events are sent", batch.len()),
        Verdict::Refused(status) => tracing::warn!("{host} refused {} usage events ({status}), so they are dropped.", batch.len()),
        Verdict::Later(why, pause) => {
            tracing::info!("{} usage events are sent again later: {why}", batch.len());
            return Turn::Again(pause);
        }
    }
    match on_disk(store, move |store| store.remove(&batch)).await {
        Some(()) => Turn::Gone,
        // What cannot be removed would be sent over and over.
        None => Turn::Again(Some(BACKOFF_MOST)),
    }
}

/// Does something with the disk where waiting is allowed; what fails is logged.
async fn on_disk<T: Send + 'static>(
    store: &Arc<UsageStore>,
    work: impl FnOnce(&UsageStore) -> std::io::Result<T> + Send + 'static,
) -> Option<T> {
    let store = Arc::clone(store);
    match tokio::task::spawn_blocking(move || work(&store)).await {
        Ok(Ok(done)) => Some(done),
        Ok(Err(err)) => {
            tracing::warn!("usage events cannot be read: {err}");
            None
        }
        Err(_) => None,
    }
}

/// The pause after so many failures in a row: between the half and the whole of what doubles each time, so that
/// clients that lost the same server do not come back to it together.
fn backoff(first: Duration, failures: u32) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(BACKOFF_MOST);
    let [drawn, ..] = *Uuid::new_v4().as_bytes();
    whole.mul_f64(0.5 + 0.5 * f64::from(drawn) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_are_never_all_alike() {
        let first = Duration::from_secs(2);
        for (failures, whole) in [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (1000, 300)] {
            let whole = Duration::from_secs(whole);
            let drawn: Vec<_> = (0..50).map(|_| backoff(first, failures)).collect();
            assert!(drawn.iter().all(|pause| (whole / 2..=whole).contains(pause)), "{failures}: {drawn:?}");
            assert!(drawn.iter().any(|pause| *pause != drawn[0]), "{failures}");
        }
    }
}
