//! What a server is told at its start, and why it may not start.

use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::events::WatchOptions;
use super::presign::{BucketProblem, CdnProblem, PresignOptions};
use axum::http::HeaderValue;

/// How long a cursor is good for.
const CURSOR_LIFETIME: Duration = Duration::from_mins(10);
/// How long a listing of the folder is taken for true.
const LISTING_LIFETIME: Duration = Duration::from_secs(2);
/// Requests a minute for each client.
const RATE_LIMIT: Option<NonZeroU32> = NonZeroU32::new(100);

/// Why a server cannot start or go on. Each displays as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The folder of videos is not there or cannot be read.
    #[error("The folder “{}” can’t be read: {err}.", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        err: io::Error,
    },
    /// A file was named where a folder is needed.
    #[error("“{}” is not a folder.", .0.display())]
    NotAFolder(PathBuf),
    /// There is nothing in the folder to make a feed of.
    #[error("There is no video in the folder “{}”.", .0.display())]
    NoVideos(PathBuf),
    /// The file of feature flags cannot be served.
    #[error("The flags in “{}” can’t be served: {why}.", .path.display())]
    Flags {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// That is no address of a Redis.
    #[error("Redis can’t be used: {0}.")]
    Redis(String),
    /// That is not where a web page comes from.
    #[error("“{0}” is no origin of a web page; https://example.org is one.")]
    Origin(String),
    /// That is no bucket.
    #[error("The bucket can’t be used: {0}.")]
    Bucket(#[from] BucketProblem),
    /// That is no CDN.
    #[error("The CDN can’t be used: {0}.")]
    Cdn(#[from] CdnProblem),
    /// No more connections can be taken.
    #[error("The server stopped.")]
    Stopped(#[source] io::Error),
}

impl ServerError {
    /// Whether trying the same thing again may succeed without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Stopped(_))
    }
}

/// What a server is told at its start.
#[derive(Clone)]
pub struct ServerConfig {
    /// The folder of videos, with links resolved.
    pub(super) root: PathBuf,
    pub(super) cursor_lifetime: Duration,
    pub(super) listing_lifetime: Duration,
    /// What is told of feature flags at `/feed/flags`.
    pub(super) flags: Option<PathBuf>,
    /// The address of the Redis that replicas share.
    pub(super) redis: Option<String>,
    pub(super) service_token: Option<String>,
    pub(super) admin_token: Option<String>,
    /// Requests a minute for each client; `None`: as many as they like.
    pub(super) rate_limit: Option<NonZeroU32>,
    pub(super) behind_proxy: bool,
    /// Web pages of these origins may read the feed.
    pub(super) cors: Vec<HeaderValue>,
    /// The folder for what is kept on this machine alone.
    pub(super) state: Option<PathBuf>,
    /// The program that looks into videos.
    pub(super) probe: Option<PathBuf>,
    /// How connections that hear events are kept.
    pub(super) watching: WatchOptions,
    /// Where media lie, if not here.
    pub(super) presign: PresignOptions,
}

impl ServerConfig {
    /// A server of the videos below `root`.
    ///
    /// # Errors
    /// [`ServerError`] when `root` is not a folder that can be read.
    pub fn new(root: &Path) -> Result<Self, ServerError> {
        let unreadable = |err| ServerError::Folder { path: root.to_owned(), err };
        let real = root.canonicalize().map_err(unreadable)?;
        if !real.is_dir() {
            return Err(ServerError::NotAFolder(root.to_owned()));
        }
        std::fs::read_dir(&real).map_err(unreadable)?;
        Ok(Self {
            root: real,
            cursor_lifetime: CURSOR_LIFETIME,
            listing_lifetime: LISTING_LIFETIME,
            flags: None,
            redis: None,
            service_token: None,
            admin_token: None,
            rate_limit: RATE_LIMIT,
            behind_proxy: false,
            cors: Vec::new(),
            state: None,
            probe: None,
            watching: WatchOptions::default(),
            presign: PresignOptions::default(),
        })
    }

    /// The same with a file of feature flags, `{"flags": {NAME: {"percent": 0 to 100}}}`, at `/feed/flags`. It is read
    /// anew for every request, so that a flag can be taken back at once.
    ///
    /// # Errors
    /// [`ServerError::Flags`] when it is not there, larger than clients take, or no such JSON.
    pub fn with_flags(self, path: &Path) -> Result<Self, ServerError> {
        super::flags::read(path).map_err(|why| ServerError::Flags { path: path.to_owned(), why })?;
        Ok(Self { flags: Some(path.to_owned()), ..self })
    }

    /// The same as one of several replicas that share the Redis at `address`, `redis://HOST:PORT/DB`.
    #[must_use]
    pub fn with_redis(mut self, address: &str) -> Self {
        self.redis = Some(address.to_owned());
        self
    }

    /// The same with the token of those who may change what the feeds show. Without one nobody may.
    #[must_use]
    pub fn with_service_token(mut self, token: &str) -> Self {
        self.service_token = Some(token.to_owned());
        self
    }

    /// The same with the token of those who may do everything.
    #[must_use]
    pub fn with_admin_token(mut self, token: &str) -> Self {
        self.admin_token = Some(token.to_owned());
        self
    }

    /// The same with another number of requests a minute for each client; 0 is as many as they like.
    #[must_use]
    pub fn with_rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = NonZeroU32::new(per_minute);
        self
    }

    /// The same behind a proxy that writes who asks into `X-Forwarded-For`. Without one, whoever asks could write it.
    #[must_use]
    pub fn behind_proxy(mut self) -> Self {
        self.behind_proxy = true;
        self
    }

    /// The same for web pages of `origin`, such as `https://example.org`, too. Without it none may read the feed.
    ///
    /// # Errors
    /// [`ServerError::Origin`] when it is none.
    pub fn with_cors(mut self, origin: &str) -> Result<Self, ServerError> {
        let is_origin = url::Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == origin);
        let value = HeaderValue::from_str(origin).ok().filter(|_| is_origin);
        self.cors.push(value.ok_or_else(|| ServerError::Origin(origin.to_owned()))?);
        Ok(self)
    }

    /// The same with a folder of its own for what is kept on this machine: what was seen in videos, and their posters.
    /// Without one they have none.
    #[must_use]
    pub fn with_state(mut self, folder: &Path) -> Self {
        self.state = Some(folder.to_owned());
        self
    }

    /// The same with a folder for what is kept where the user's folders are; it is this folder of videos' own. Nothing is
    /// kept where the system does not say where they are.
    #[must_use]
    pub fn with_usual_state(self) -> Self {
        let state = super::state::usual(&self.root);
        Self { state, ..self }
    }

    /// The same with a program that looks into videos: this one, built with the feature `probe`.
    #[must_use]
    pub fn with_probe(mut self, program: &Path) -> Self {
        self.probe = Some(program.to_owned());
        self
    }

    /// The same with at most `connections` that hear events at one time. Others are refused with 503.
    #[must_use]
    pub fn with_watchers_max(mut self, connections: usize) -> Self {
        self.watching.connections_max = connections;
        self
    }

    /// The same with other times for connections that hear events: each is asked for a sign of life every `ping_every`
    /// and dropped when none came for `silent_after`.
    #[must_use]
    pub fn with_heartbeat(mut self, ping_every: Duration, silent_after: Duration) -> Self {
        (self.watching.ping_every, self.watching.silent_after) = (ping_every, silent_after);
        self
    }

    /// The same with media in a bucket or behind a CDN: pages name them there, with signatures.
    #[must_use]
    pub fn with_presign(mut self, presign: PresignOptions) -> Self {
        self.presign = presign;
        self
    }

    /// The same with another lifetime of cursors.
    #[must_use]
    pub fn with_cursor_lifetime(mut self, lifetime: Duration) -> Self {
        self.cursor_lifetime = lifetime;
        self
    }

    /// The same with another time for which a listing of the folder is taken for true.
    #[must_use]
    pub fn with_listing_lifetime(mut self, lifetime: Duration) -> Self {
        self.listing_lifetime = lifetime;
        self
    }
}
