//! What all entries share: the runtime, the client, the store and the counters.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::disk::store::Store;
use super::error::CacheError;
use super::hot::HotBlocks;
use super::renewal::Renewer;
use super::traffic::Traffic;
use super::usage::Usage;
use crate::metrics::Counters;
use crate::words::notices as words;

/// How long the cache waits for what. Tests wait less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the head of a server's answer.
    pub answer: Duration,
    /// For the next byte of a body.
    pub stall: Duration,
    /// For a read of a player.
    pub read: Duration,
    /// Before the first retry; twice as long before the second.
    pub backoff: Duration,
    /// For a request that brings nothing, before others go on without it.
    pub silence: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            answer: seconds(10),
            stall: seconds(10),
            read: seconds(15),
            backoff: Duration::from_millis(250),
            silence: Duration::from_millis(750),
        }
    }
}

/// Whether the disk cache is there.
#[derive(Clone)]
pub(super) enum Readiness {
    /// Its index is being read.
    Loading,
    /// It is there.
    Ready(Arc<Store>),
    /// It is not: memory only.
    Off,
}

/// What all entries share.
pub(super) struct Context {
    pub runtime: Handle,
    pub client: reqwest::Client,
    pub counters: Arc<Counters>,
    pub timeouts: Timeouts,
    pub hot: HotBlocks,
    /// The line that all downloads share.
    pub traffic: Traffic,
    /// What was fetched for whom, and what was shown.
    pub usage: Usage,
    pub readiness: watch::Sender<Readiness>,
    /// Who is asked when an address has expired.
    pub renewer: OnceLock<Box<dyn Renewer>>,
    notice: Mutex<Option<String>>,
    numbers: AtomicU64,
}

impl Context {
    pub fn new(runtime: Handle, client: reqwest::Client, counters: Arc<Counters>, timeouts: Timeouts) -> Self {
        Self {
            runtime,
            client,
            traffic: Traffic::new(timeouts.silence, Arc::clone(&counters)),
            counters,
            timeouts,
            hot: HotBlocks::default(),
            usage: Usage::default(),
            readiness: watch::Sender::new(Readiness::Loading),
            renewer: OnceLock::new(),
            notice: Mutex::new(None),
            numbers: AtomicU64::new(0),
        }
    }

    /// The disk cache, when it is there by now.
    pub fn store(&self) -> Option<Arc<Store>> {
        if let Readiness::Ready(store) = &*self.readiness.borrow() { Some(Arc::clone(store)) } else { None }
    }

    /// Waits until it is known whether there is a disk cache.
    pub async fn ready(&self) {
        let mut readiness = self.readiness.subscribe();
        // The sender lives in `self`: the wait cannot fail.
        let _ = readiness.wait_for(|readiness| !matches!(readiness, Readiness::Loading)).await;
    }

    /// A number that has not been given before in this process.
    pub fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes note of a disk that cannot be used, for the viewer to be told once. A lack of room is none.
    pub fn disk_failed(&self, err: &CacheError) {
        let sentence = match err {
            CacheError::NoRoom => return,
            CacheError::Locked => words::CACHE_LOCKED,
            CacheError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => words::DISK_FULL,
            _ => words::NO_DISK_CACHE,
        };
        let mut notice = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        if notice.as_deref() != Some(sentence) {
            let cause = std::error::Error::source(err).map(ToString::to_string);
            tracing::warn!(error = %err, cause, "{sentence}");
            *notice = Some(sentence.to_owned());
        }
    }

    /// What a viewer should be told about the disk cache, if anything.
    pub fn notice(&self) -> Option<String> {
        self.notice.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
