//! The prefetch worker: reads what is trending, warms the edge with what clients ask for first, and keeps manifests for
//! clients that start.

mod edge;
mod ending;
mod gather;
pub(super) mod manifest;
mod place;
mod report;
mod schedule;
mod turn;
mod warm;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::Value;

use super::ServerError;
use super::redis::Redis;
use crate::feed::dates::rfc3339;
use gather::{Found, Gathered, below, gather};
use manifest::Manifest;
use place::Places;
use turn::Turn;
use warm::{Target, Warmed};

pub use edge::EdgeState;
pub use ending::Ending;
pub use report::{Report, Row};
pub use schedule::{Schedule, ScheduleError};
pub use warm::{HEAD_BYTES, What};

/// A connection must be there within this time.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// The clock is looked at this often while a tick is waited for: it may have been set, or the machine asleep.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Why a worker cannot start. Each displays as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum PrefetchError {
    /// That is no base address of a service or an edge.
    #[error("“{0}” is no address to ask: http:// or https:// and a host are needed.")]
    Address(String),
    /// The Redis cannot be used.
    #[error(transparent)]
    Redis(#[from] ServerError),
    /// No client can be made.
    #[error("No requests can be sent.")]
    Client(#[source] reqwest::Error),
}

/// What a worker is told at its start.
#[derive(Clone, Debug)]
pub struct PrefetchConfig {
    api: Url,
    edge: Url,
    token: Option<String>,
    redis: Option<String>,
    bucket: Option<(String, String)>,
}

impl PrefetchConfig {
    /// A worker for the service at `api` and the edge at `edge`, both `http` or `https`.
    ///
    /// # Errors
    /// [`PrefetchError::Address`].
    pub fn new(api: &str, edge: &str) -> Result<Self, PrefetchError> {
        let base = |words: &str| {
            let url = Url::parse(words).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty());
            // What was written may hold a password or a signature: its beginning is told at most.
            url.ok_or_else(|| PrefetchError::Address(crate::feed::without_signature(words)))
        };
        Ok(Self { api: base(api)?, edge: base(edge)?, token: None, redis: None, bucket: None })
    }

    /// The same with the token that the service lets pages be read with.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The same with the Redis that keeps manifests and knows whose turn it is.
    #[must_use]
    pub fn with_redis(mut self, address: &str) -> Self {
        self.redis = Some(address.to_owned());
        self
    }

    /// The same with the bucket behind the edge: items that name files in it are warmed at the edge.
    #[must_use]
    pub fn with_bucket(mut self, bucket: &str, region: &str) -> Self {
        self.bucket = Some((bucket.to_owned(), region.to_owned()));
        self
    }
}

/// What became of a tick.
#[derive(Debug)]
pub enum Outcome {
    /// It was run here.
    Done(Report),
    /// Another replica runs it, or has run it.
    Elsewhere,
}

/// A worker.
pub struct Prefetcher {
    client: Client,
    api: Url,
    places: Places,
    token: Option<String>,
    redis: Option<Arc<Redis>>,
}

impl Prefetcher {
    /// Puts it together; nothing is asked yet. Must be called within a runtime.
    ///
    /// # Errors
    /// [`PrefetchError`].
    pub fn new(config: PrefetchConfig) -> Result<Self, PrefetchError> {
        // An error says that a provider is installed already, which is all that is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("flickreel-prefetch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_WITHIN)
            // Where a redirect leads to is nothing that anybody has configured.
            .redirect(Policy::none())
            // A proxy in between might answer in the edge's stead.
            .no_proxy()
            .build()
            .map_err(PrefetchError::Client)?;
        let PrefetchConfig { api, edge, token, redis, bucket } = config;
        let bucket = bucket.as_ref().map(|(bucket, region)| (bucket.as_str(), region.as_str()));
        let places = Places::new(edge, api.clone(), bucket);
        Ok(Self { client, api, places, token, redis: redis.as_deref().map(Redis::start).transpose()? })
    }

    /// Runs the tick that was `due`, or one now, unless another replica does.
    pub async fn run(&self, due: Option<SystemTime>, ending: &Ending) -> Outcome {
        let turn = match &self.redis {
            Some(redis) => turn::take(redis, due).await,
            None => Turn::Unknown,
        };
        let held = match turn {
            Turn::Others => return Outcome::Elsewhere,
            Turn::Ours(held) => held,
            Turn::Unknown => {
                tracing::warn!("there is no Redis to keep manifests in; the edge is warmed all the same");
                return Outcome::Done(self.warm(ending).await);
            }
        };
        let report = tokio::select! {
            report = self.warm(ending) => report,
            never = held.keep() => match never {},
        };
        held.release().await;
        Outcome::Done(report)
    }

    /// Reads the pages and says what would be warmed.
    pub async fn dry_run(&self, ending: &Ending) -> Report {
        let gathered = gather(&self.client, &self.api, self.token.as_deref(), ending).await;
        let targets = self.targets(&gathered.items);
        let done = targets.iter().map(|target| target.at.as_ref().err().map(|why| Warmed::failed(*why))).collect::<Vec<_>>();
        Report { rows: rows(&gathered.items, &targets, &done, true), dry_run: true, ..told(&gathered, ending) }
    }

    /// Runs every tick of a schedule until the end comes, and tells what each came to. A tick that falls into a run is left
    /// out.
    pub async fn run_on(&self, schedule: &Schedule, ending: &Ending, tell: impl Fn(&Report)) {
        while let Some(due) = schedule.next(SystemTime::now()) {
            tracing::info!("the next tick comes at {}", rfc3339(due));
            if !wait_until(due, ending).await {
                return;
            }
            match self.run(Some(due), ending).await {
                Outcome::Done(report) => tell(&report),
                Outcome::Elsewhere => tracing::info!("another replica sees to this tick"),
            }
        }
        tracing::error!("the schedule has no next tick");
    }

    async fn warm(&self, ending: &Ending) -> Report {
        let gathered = gather(&self.client, &self.api, self.token.as_deref(), ending).await;
        let targets = self.targets(&gathered.items);
        let done = warm::warm(&self.client, &targets, ending).await;
        let mut report = Report { rows: rows(&gathered.items, &targets, &done, false), ..told(&gathered, ending) };
        report.ended_early |= done.iter().any(Option::is_none);
        let manifests = manifests(&gathered.items, &targets, &done, SystemTime::now());
        if let Some(redis) = &self.redis {
            match manifest::keep(redis, &manifests).await {
                Ok(kept) => report.manifests = kept,
                Err(err) => tracing::warn!(%err, "the manifests are not kept"),
            }
        }
        report
    }

    /// What of the items is to be asked for: media first of all.
    fn targets(&self, items: &[Found]) -> Vec<Target> {
        let base = below(&self.api, "/feed/videos");
        let of = |what: What, field: &'static str| {
            let base = &base;
            items.iter().enumerate().filter_map(move |(item, found)| {
                let address = found.json.get(field).and_then(Value::as_str).filter(|address| !address.is_empty())?;
                Some(Target { item, what, at: self.places.at_edge(base, address) })
            })
        };
        let media = of(What::Media, "videoUrl");
        media.chain(of(What::Playlist, "hlsManifestUrl")).chain(of(What::Poster, "thumbnailUrl")).collect()
    }
}

/// Waits for a moment by the clock on the wall; whether it came before the end did.
async fn wait_until(due: SystemTime, ending: &Ending) -> bool {
    while let Ok(left) = due.duration_since(SystemTime::now()) {
        tokio::select! {
            () = tokio::time::sleep(left.min(LOOK_EVERY)) => {}
            () = ending.comes() => return false,
        }
        if left.is_zero() {
            break;
        }
    }
    !ending.has_come()
}

/// What of a report is known from the pages.
fn told(gathered: &Gathered, ending: &Ending) -> Report {
    Report {
        pages: gathered.pages,
        page_failures: gathered.failures.clone(),
        items: gathered.items.len(),
        skipped: gathered.skipped,
        ended_early: ending.has_come(),
        ..Report::default()
    }
}

/// The rows of what was done; with `all` also of what was not.
fn rows(items: &[Found], targets: &[Target], done: &[Option<Warmed>], all: bool) -> Vec<Row> {
    let rows = targets.iter().zip(done).filter(|(_, warmed)| all || warmed.is_some());
    rows.map(|(target, warmed)| {
        let id = items[target.item].id.clone();
        let Some(warmed) = warmed else {
            return Row { id, what: target.what, before: None, after: None, bytes: 0, ms: 0, failure: None };
        };
        let ms = u64::try_from(warmed.took.as_millis()).unwrap_or(u64::MAX);
        let failure = warmed.failure.clone();
        Row { id, what: target.what, before: warmed.before, after: warmed.after, bytes: warmed.bytes, ms, failure }
    })
    .collect()
}

/// Manifests of the items whose media came.
fn manifests<'a>(items: &'a [Found], targets: &[Target], done: &[Option<Warmed>], now: SystemTime) -> Vec<(&'a str, Manifest)> {
    let came = targets.iter().zip(done).filter(|(target, _)| target.what == What::Media);
    let came = came.filter_map(|(target, warmed)| Some((target.item, warmed.as_ref().filter(|warmed| warmed.failure.is_none())?)));
    came.map(|(place, warmed)| {
        let Found { id, json } = &items[place];
        let (length, etag) = (warmed.length, warmed.etag.clone());
        let manifest = Manifest { video: json.clone(), warmed_at_ms: manifest::millis(now), place, head_bytes: warmed.bytes, length, etag };
        (id.as_str(), manifest)
    })
    .collect()
}
