//! Signed addresses, kept: each is signed once for all who ask, renewed in the background before it expires, and never
//! handed out when its life is nearly over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use moka::future::Cache;
use moka::ops::compute::Op;
use tokio::sync::broadcast::error::RecvError;

use super::entry::{Entry, LIFETIME, Standing, ms};
use super::shared::{self, Lock, Shared};
use super::signer::{Clock, SignError, Signer, SystemClock, TRIES, backoff};
use super::stats::Stats;
use crate::server::redis::Redis;

/// Addresses kept in memory at most; those used longest ago go first.
const KEPT_MAX: u64 = 100_000;
/// After a failure nothing is tried for the same address for this long.
const PAUSE: Duration = Duration::from_secs(1);
/// How often is looked whether another replica is done with signing.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How often at most, before one signs for oneself.
const LOOKS_MAX: u32 = 40;
/// A flush that was told while a replica did not hear is noticed after this long.
const ASK_VERSION: Duration = Duration::from_secs(5);

/// Which of the addresses that are kept will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Any that is good for a while.
    Any,
    /// One that is not about to be renewed: somebody's has just expired.
    Fresh,
}

/// What is kept of an address.
#[derive(Clone, Default)]
struct Kept {
    entry: Option<Arc<Entry>>,
    /// Why the last attempt failed, and until when nothing is tried, in milliseconds since 1970.
    failed: Option<(SignError, u64)>,
}

/// Signed addresses of one place.
pub struct Presigner {
    signer: Box<dyn Signer>,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    kept: Cache<String, Kept>,
    shared: Option<Shared>,
    version: AtomicU64,
    /// Whether the version is the one of the replicas. While their Redis is away it cannot be known.
    is_version_known: AtomicBool,
    stats: Stats,
}

impl Presigner {
    /// Addresses that `signer` signs, kept in memory, good for an hour each.
    #[must_use]
    pub fn new(signer: impl Signer) -> Self {
        Self {
            signer: Box::new(signer),
            clock: Arc::new(SystemClock),
            lifetime: LIFETIME,
            kept: Cache::new(KEPT_MAX),
            shared: None,
            version: AtomicU64::new(0),
            is_version_known: AtomicBool::new(true),
            stats: Stats::default(),
        }
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The same with another time for which a signature is good.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// The same, shared with other replicas, and hearing of their flushes. Must be called within a runtime.
    pub(in crate::server) fn shared(mut self, redis: Arc<Redis>) -> Arc<Self> {
        let (mut messages, mut presence) = (redis.messages(), redis.presence());
        self.shared = Some(Shared(redis));
        self.is_version_known = AtomicBool::new(false);
        let this = Arc::new(self);
        let weak = Arc::downgrade(&this);
        // It ends with the connection, or soon after the last who asks is gone.
        tokio::spawn(async move {
            loop {
                let told = tokio::select! {
                    message = messages.recv() => match message {
                        Ok(message) => match shared::flushed(&message) {
                            Some(version) => Some(version),
                            None => continue,
                        },
                        Err(RecvError::Lagged(_)) => None,
                        Err(RecvError::Closed) => return,
                    },
                    changed = presence.changed() => if changed.is_ok() { None } else { return },
                    () = tokio::time::sleep(ASK_VERSION) => None,
                };
                let Some(this) = weak.upgrade() else { return };
                match told {
                    Some(version) => this.rotated(version),
                    None => this.ask_version().await,
                }
            }
        });
        this
    }

    /// A signed address of the media at `path`. One that is about to expire is handed out as long as it may be, and
    /// renewed meanwhile.
    ///
    /// # Errors
    /// [`SignError`] when there is none that may be handed out and it cannot be signed, after retries.
    pub async fn url(self: &Arc<Self>, path: &str, wanted: Wanted) -> Result<String, SignError> {
        if !self.is_version_known.load(Ordering::Acquire) {
            self.ask_version().await;
        }
        let key = self.signer.place().key(path);
        let now = self.clock.now();
        let kept = self.kept.get(&key).await.unwrap_or_default();
        let standing = kept.entry.as_ref().map_or(Standing::Spent, |entry| self.standing(entry, now));
        let is_paused = kept.failed.as_ref().is_some_and(|(_, until)| ms(now) < *until);
        match (standing, kept.entry) {
            (Standing::Fresh, Some(entry)) => {
                self.stats.hit();
                Ok(entry.url.clone())
            }
            (Standing::RenewSoon, Some(entry)) if wanted == Wanted::Any || is_paused => {
                self.stats.hit();
                if !is_paused {
                    self.renew(key, path.to_owned());
                }
                Ok(entry.url.clone())
            }
            (standing, entry) => {
                self.stats.miss();
                match (self.sign_once(&key, path, wanted).await, entry) {
                    // The old one is still good.
                    (Err(_), Some(entry)) if standing == Standing::RenewSoon => Ok(entry.url.clone()),
                    (signed, _) => signed.map(|entry| entry.url.clone()),
                }
            }
        }
    }

    /// Forgets all addresses, here and on the other replicas; to be called when credentials were rotated. Returns how many
    /// were forgotten: those that replicas share, where there are several, and else those in memory.
    pub async fn flush(&self) -> u64 {
        self.kept.run_pending_tasks().await;
        let here = self.kept.entry_count();
        let next = self.version.load(Ordering::Acquire) + 1;
        let there = match &self.shared {
            Some(shared) => shared.flush().await.ok(),
            None => None,
        };
        let (version, cleared) = there.unwrap_or((next, here));
        self.rotated(version);
        cleared
    }

    /// Counts since the start.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    fn standing(&self, entry: &Entry, now: SystemTime) -> Standing {
        let is_ours = entry.version == self.version.load(Ordering::Acquire) && entry.signed_by == self.signer.fingerprint();
        if is_ours { entry.standing(now) } else { Standing::Spent }
    }

    /// Another version: what was signed before is not handed out any more.
    fn rotated(&self, version: u64) {
        self.is_version_known.store(true, Ordering::Release);
        if self.version.swap(version, Ordering::AcqRel) != version {
            tracing::info!(version, "signed addresses are forgotten");
            self.kept.invalidate_all();
        }
    }

    async fn ask_version(&self) {
        if let Some(shared) = &self.shared
            && let Ok(version) = shared.version().await
        {
            self.rotated(version);
        }
    }

    /// Renews in the background what is handed out meanwhile, once however many ask.
    fn renew(self: &Arc<Self>, key: String, path: String) {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let renewing = this.kept.entry_by_ref(&key).and_try_compute_if_nobody_else(async |kept| {
                let kept = kept.map(moka::Entry::into_value).unwrap_or_default();
                let entry = kept.entry.filter(|entry| this.standing(entry, this.clock.now()) == Standing::RenewSoon);
                let Some(entry) = entry else { return Ok(Op::Nop) };
                let kept = match this.made(&key, &path, true).await {
                    Ok(Some(entry)) => {
                        this.stats.renewal();
                        Kept { entry: Some(entry), failed: None }
                    }
                    // Another replica is at it: what it signs is found a moment later.
                    Ok(None) => Kept { entry: Some(entry), failed: Some((SignError::Throttled(409), this.pause())) },
                    Err(err) => Kept { entry: Some(entry), failed: Some((err, this.pause())) },
                };
                Ok::<_, SignError>(Op::Put(kept))
            });
            // What has failed is kept with the entry.
            let _ = renewing.await;
        });
    }

    /// Signs what nobody may be given any more, once for all who wait.
    async fn sign_once(&self, key: &str, path: &str, wanted: Wanted) -> Result<Arc<Entry>, SignError> {
        let result = self.kept.entry_by_ref(key).and_compute_with(async |kept| {
            let kept = kept.map(moka::Entry::into_value).unwrap_or_default();
            let now = self.clock.now();
            let is_good = |entry: &Arc<Entry>| match self.standing(entry, now) {
                Standing::Fresh => true,
                Standing::RenewSoon => wanted == Wanted::Any,
                Standing::Spent => false,
            };
            // Who waited finds what the first one got, be it an address or a reason.
            if kept.entry.as_ref().is_some_and(is_good) || kept.failed.as_ref().is_some_and(|(_, until)| ms(now) < *until) {
                return Op::Nop;
            }
            match self.made(key, path, false).await {
                Ok(entry) => Op::Put(Kept { entry, failed: None }),
                Err(err) => Op::Put(Kept { entry: kept.entry, failed: Some((err, self.pause())) }),
            }
        });
        let kept = result.await.into_entry().map(moka::Entry::into_value).unwrap_or_default();
        let now = self.clock.now();
        match (kept.entry.filter(|entry| self.standing(entry, now) != Standing::Spent), kept.failed) {
            (Some(entry), _) => Ok(entry),
            (None, Some((err, _))) => Err(err),
            // Flushed in the same moment: who asks again is signed for anew.
            (None, None) => Err(SignError::Throttled(409)),
        }
    }

    fn pause(&self) -> u64 {
        ms(self.clock.now() + PAUSE)
    }

    /// What another replica has signed, or signed here. `None` where another replica is signing and `is_renewal` says that
    /// there is no hurry.
    async fn made(&self, key: &str, path: &str, is_renewal: bool) -> Result<Option<Arc<Entry>>, SignError> {
        let Some(shared) = &self.shared else { return self.signed(path).await.map(Some) };
        let mut held: Option<Lock> = None;
        for _ in 0..LOOKS_MAX {
            let there = shared.get(key).await;
            if let Some(entry) = there.filter(|entry| self.standing(entry, self.clock.now()) == Standing::Fresh) {
                return Ok(Some(Arc::new(entry)));
            }
            match shared.lock(key).await {
                Ok(Some(lock)) => {
                    held = Some(lock);
                    break;
                }
                Ok(None) if is_renewal => return Ok(None),
                Ok(None) => self.clock.sleep(LOOK_AGAIN).await,
                // There is nobody to wait for.
                Err(_) => break,
            }
        }
        // Whoever had the right before may just have used it.
        if held.is_some()
            && let Some(entry) = shared.get(key).await.filter(|entry| self.standing(entry, self.clock.now()) == Standing::Fresh)
        {
            if let Some(lock) = held {
                shared.unlock(lock).await;
            }
            return Ok(Some(Arc::new(entry)));
        }
        let signed = self.signed(path).await;
        if let Ok(entry) = &signed {
            shared.put(key, entry, self.clock.now()).await;
        }
        if let Some(lock) = held {
            shared.unlock(lock).await;
        }
        signed.map(Some)
    }

    async fn signed(&self, path: &str) -> Result<Arc<Entry>, SignError> {
        let version = self.version.load(Ordering::Acquire);
        let mut tries = 0;
        loop {
            // Signatures count in whole seconds.
            let now = UNIX_EPOCH + Duration::from_secs(ms(self.clock.now()) / 1000);
            self.stats.call();
            match self.signer.sign(path, now, self.lifetime).await {
                Ok(signed) => {
                    let place = self.signer.place();
                    return Ok(Arc::new(Entry {
                        url: signed.url,
                        original_url: signed.original_url,
                        created_at: ms(now),
                        expires_at: ms(now + self.lifetime),
                        path: path.to_owned(),
                        storage_type: place.storage_type.to_owned(),
                        auth_type: place.auth_type.to_owned(),
                        region: place.region.clone(),
                        service: place.service.map(str::to_owned),
                        version,
                        signed_by: self.signer.fingerprint().to_owned(),
                    }));
                }
                Err(err) if err.retryable() && tries + 1 < TRIES => {
                    self.clock.sleep(backoff(tries)).await;
                    tries += 1;
                }
                Err(err) => {
                    self.stats.failure();
                    tracing::warn!(%err, "an address could not be signed");
                    return Err(err);
                }
            }
        }
    }
}
