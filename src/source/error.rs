//! What can go wrong between an address and a page of items.

use std::io;
use std::time::Duration;

use crate::feed::{Failure, FailureKind, Refusal};

/// Why a source cannot be opened or a page cannot be had. Each displays as one sentence for a viewer and never
/// shows a query string.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No word was given to be understood.
    #[error("No folder, file or address was given.")]
    NothingGiven,
    /// A path at which there is nothing.
    #[error("There is no file or folder at “{0}”.")]
    NoSuchPath(String),
    /// What is probably an address without its scheme.
    #[error("There is no file or folder at “{0}”. If it is an address, begin it with https:// or http://.")]
    SchemeMissing(String),
    /// Several words of which not all are files.
    #[error("Several things were given and “{0}” is not a file; give one folder, one address, or files alone.")]
    Mixed(String),
    /// An address of another scheme than `http` and `https`.
    #[error("Addresses that begin with {0}: can’t be opened; http:// and https:// can.")]
    Scheme(String),
    /// Text that begins like an address and is none.
    #[error("“{0}” is not a valid address.")]
    BadAddress(String),
    /// A folder that cannot be listed.
    #[error("The folder “{name}” can’t be read.")]
    Folder {
        /// The folder's name.
        name: String,
        /// What the system said.
        #[source]
        err: io::Error,
    },
    /// A worker ended before its answer came; the program is ending.
    #[error("Reading the source was broken off.")]
    BrokenOff,
    /// The HTTP client could not be set up.
    #[error("The network can’t be used.")]
    Client(#[source] reqwest::Error),
    /// No connection, or it broke.
    #[error("The server {host} can’t be reached.")]
    Unreachable {
        /// The host that was asked.
        host: String,
        /// What the client said, without the address.
        #[source]
        err: reqwest::Error,
    },
    /// The connection broke in the middle of an answer.
    #[error("The connection to the server {host} broke.")]
    Broken {
        /// The host that was asked.
        host: String,
        /// What the client said, without the address.
        #[source]
        err: reqwest::Error,
    },
    /// An address that is not asked, at a redirect or behind a name.
    #[error(transparent)]
    Blocked(#[from] Refusal),
    /// No whole answer in time.
    #[error("The server {host} did not answer within {} seconds.", .after.as_secs_f32())]
    TimedOut {
        /// The host that was asked.
        host: String,
        /// The time it was given.
        after: Duration,
    },
    /// An answer that is not a success.
    #[error("{}", status_sentence(host, *.status))]
    Status {
        /// The host that was asked.
        host: String,
        /// The HTTP status code.
        status: u16,
    },
    /// A web page instead of a feed.
    #[error("The server {0} answered with a web page, not with a video feed.")]
    WebPage(String),
    /// An answer over the limit.
    #[error("The answer of the server {host} is larger than {} MiB.", .limit >> 20)]
    TooLarge {
        /// The host that was asked.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// Text that is not JSON.
    #[error("The answer of the server {host} is not readable as a feed.")]
    Json {
        /// The host that was asked.
        host: String,
        /// Where it stops being JSON.
        #[source]
        err: serde_json::Error,
    },
    /// JSON that is not a feed.
    #[error("The answer of the server {0} holds no list of videos.")]
    Shape(String),
}

fn status_sentence(host: &str, status: u16) -> String {
    match status {
        401 | 403 => format!("The server {host} refused to show this feed ({status})."),
        404 | 410 => format!("The server {host} has no feed at this address ({status})."),
        408 => format!("The server {host} gave up waiting ({status})."),
        429 => format!("The server {host} was asked too often ({status}); wait a moment."),
        500..=599 => format!("The server {host} has a problem of its own ({status})."),
        _ => format!("The server {host} answered in a way that is not understood ({status})."),
    }
}

impl SourceError {
    /// Whether trying the same thing again may succeed without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.kind().retryable()
    }

    /// Whether it says nothing about the feed itself: the server was not reached, did not answer, or has a
    /// problem of its own. A page as it was before is as good as any then.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Broken { .. } | Self::TimedOut { .. } | Self::Status { status: 500..=599, .. })
    }

    /// The failure a viewer is told of.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = Failure::new(self.kind(), self.to_string());
        match std::error::Error::source(self) {
            Some(cause) => failure.caused_by(cause),
            None => failure,
        }
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::NothingGiven | Self::NoSuchPath(_) | Self::SchemeMissing(_) | Self::Mixed(_) => FailureKind::Missing,
            Self::Folder { err, .. } if err.kind() == io::ErrorKind::NotFound => FailureKind::Missing,
            Self::Folder { .. } | Self::BrokenOff => FailureKind::Unreadable,
            Self::Client(_) | Self::Unreachable { .. } | Self::Broken { .. } => FailureKind::Network,
            Self::TimedOut { .. } => FailureKind::Timeout,
            Self::Status { status, .. } => match status {
                401 | 403 => FailureKind::Refused,
                404 | 410 => FailureKind::Missing,
                408 => FailureKind::Timeout,
                _ => FailureKind::Server,
            },
            Self::Blocked(_) => FailureKind::Blocked,
            Self::Scheme(_) | Self::BadAddress(_) | Self::WebPage(_) | Self::TooLarge { .. } | Self::Json { .. } | Self::Shape(_) => {
                FailureKind::NotAFeed
            }
        }
    }
}

impl From<SourceError> for Failure {
    fn from(err: SourceError) -> Self {
        err.failure()
    }
}
