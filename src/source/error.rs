//! What can go wrong between an address and a page of items.

use std::io;
use std::time::Duration;

use crate::feed::{Failure, FailureKind, Refusal};
use crate::words::sources as words;

/// Why a source cannot be opened or a page cannot be had. Each displays as one sentence for a viewer and never
/// shows a query string.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No word was given to be understood.
    #[error("{}", words::NOTHING_GIVEN)]
    NothingGiven,
    /// A path at which there is nothing.
    #[error("{}", words::no_such_path(.0))]
    NoSuchPath(String),
    /// What is probably an address without its scheme.
    #[error("{}", words::scheme_missing(.0))]
    SchemeMissing(String),
    /// Several words of which not all are files.
    #[error("{}", words::mixed(.0))]
    Mixed(String),
    /// An address of another scheme than `http` and `https`.
    #[error("{}", words::scheme(.0))]
    Scheme(String),
    /// Text that begins like an address and is none.
    #[error("{}", words::bad_address(.0))]
    BadAddress(String),
    /// A folder that cannot be listed.
    #[error("{}", words::folder(name))]
    Folder {
        /// The folder's name.
        name: String,
        /// What the system said.
        #[source]
        err: io::Error,
    },
    /// A worker ended before its answer came; the program is ending.
    #[error("{}", words::BROKEN_OFF)]
    BrokenOff,
    /// The HTTP client could not be set up.
    #[error("{}", words::NO_NETWORK)]
    Client(#[source] reqwest::Error),
    /// No connection, or it broke.
    #[error("{}", words::unreachable(host))]
    Unreachable {
        /// The host that was asked.
        host: String,
        /// What the client said, without the address.
        #[source]
        err: reqwest::Error,
    },
    /// The connection broke in the middle of an answer.
    #[error("{}", words::broke(host))]
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
    #[error("{}", words::timed_out(host, .after.as_secs_f32()))]
    TimedOut {
        /// The host that was asked.
        host: String,
        /// The time it was given.
        after: Duration,
    },
    /// An answer that is not a success.
    #[error("{}", words::status(host, *.status))]
    Status {
        /// The host that was asked.
        host: String,
        /// The HTTP status code.
        status: u16,
    },
    /// A web page instead of a feed.
    #[error("{}", words::web_page(.0))]
    WebPage(String),
    /// An answer over the limit.
    #[error("{}", words::too_large(host, .limit >> 20))]
    TooLarge {
        /// The host that was asked.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// Text that is not JSON.
    #[error("{}", words::not_json(host))]
    Json {
        /// The host that was asked.
        host: String,
        /// Where it stops being JSON.
        #[source]
        err: serde_json::Error,
    },
    /// JSON that is not a feed.
    #[error("{}", words::no_list(.0))]
    Shape(String),
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
