//! How a page is made and kept: whose turn it is, how long that may take, and what it replaces.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};

use super::entry::{Entry, State};
use super::flights::Landing;
use super::key::PageKey;
use super::stats::Stats;
use super::store::{Claim, PageStore};
use super::{Clock, now};
use crate::server::refusal::Refusal;

/// Nobody waits longer than this for a page that another replica makes: then it is made here, too.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How often it is asked whether the other replica has made it: at first, and at last.
const ASK_FIRST: Duration = Duration::from_millis(5);
const ASK_LAST: Duration = Duration::from_millis(80);
/// A page that takes longer to make is given up.
const MAKE_WITHIN: Duration = Duration::from_secs(10);

/// A page in the making: its JSON without the field `cached`.
pub(in crate::server) type Making = Pin<Box<dyn Future<Output = Result<Bytes, Refusal>> + Send>>;

/// What makes a page, each time it is called.
pub(in crate::server) type Make = Arc<dyn Fn() -> Making + Send + Sync>;

/// `maker` as what makes a page. It may be called later, in a task of its own.
pub(in crate::server) fn make<F, M>(maker: F) -> Make
where
    F: Fn() -> M + Send + Sync + 'static,
    M: Future<Output = Result<Bytes, Refusal>> + Send + 'static,
{
    Arc::new(move || Box::pin(maker()))
}

/// Everything that is needed to make a page.
pub(super) struct Order {
    pub key: PageKey,
    /// The one in which it was asked for.
    pub epoch: u64,
    pub make: Make,
    pub clock: Clock,
    pub stats: Arc<Stats>,
}

impl Order {
    /// Makes the page and keeps it in `store`, unless it is there by then. Called once at a time for a key and an epoch.
    pub async fn fill<S: PageStore>(self, store: S) -> Landing {
        let Ok(claim) = self.turn(&store).await else { return Landing::Gone };
        if claim.look.epoch != self.epoch {
            return Landing::Moved;
        }
        let old = claim.look.entry;
        if let Some(entry) = old.as_ref().filter(|entry| entry.state(now(&self.clock)) == State::Fresh) {
            // Made by another replica, or between this reader's look and its turn.
            if claim.granted {
                self.give_up(&store).await;
            }
            return Landing::Page { json: entry.json.clone(), cached: true };
        }
        self.stats.asked_origin(self.key.kind());
        match run(&self.make).await {
            Ok(json) => {
                let entry = Entry::new(self.key.kind(), json, now(&self.clock), old.as_ref(), store.lifetime_max());
                if store.keep(&self.key, &entry, self.epoch).await.is_err() {
                    tracing::debug!("a page could not be kept");
                }
                Landing::Page { json: entry.json, cached: false }
            }
            Err(refusal) => {
                self.give_up(&store).await;
                Landing::Failed(refusal)
            }
        }
    }

    /// Waits for the turn to make it, or for the page. After a while it is made in any case.
    async fn turn<S: PageStore>(&self, store: &S) -> Result<Claim, S::Gone> {
        let start = Instant::now();
        let mut pause = ASK_FIRST;
        loop {
            let claim = store.claim(&self.key, self.epoch).await?;
            let is_over = claim.look.epoch != self.epoch;
            let is_there = claim.look.entry.as_ref().is_some_and(|entry| entry.state(now(&self.clock)) == State::Fresh);
            if claim.granted || is_over || is_there || start.elapsed() > WAIT_MAX {
                return Ok(claim);
            }
            sleep(pause).await;
            pause = (pause * 2).min(ASK_LAST);
        }
    }

    async fn give_up<S: PageStore>(&self, store: &S) {
        if store.give_up(&self.key, self.epoch).await.is_err() {
            // The turn ends of itself, soon.
            tracing::debug!("the turn to make a page could not be given up");
        }
    }
}

/// One call of `make`.
pub(super) async fn run(make: &Make) -> Result<Bytes, Refusal> {
    timeout(MAKE_WITHIN, make()).await.unwrap_or_else(|_| {
        tracing::error!("a page took too long to make");
        Err(Refusal::broken_page())
    })
}
