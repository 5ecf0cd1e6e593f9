//! What can go wrong between a server, the disk and a reader, and what a viewer is told of it.

use std::io;
use std::time::Duration;

use crate::feed::{Failure, FailureKind, Refusal};
use crate::words::failures as words;

/// An error of the cache room. Never holds an address: signatures must not reach a log.
#[derive(Debug, thiserror::Error)]
pub(super) enum CacheError {
    /// No connection, or it broke.
    #[error("the request failed")]
    Network(#[source] reqwest::Error),
    /// A redirect, or what the name of the server leads to, is not allowed.
    #[error(transparent)]
    Blocked(Refusal),
    /// The server did not answer in time.
    #[error("no answer within {0:?}")]
    NoAnswer(Duration),
    /// The server answered, then went silent.
    #[error("no byte within {0:?}")]
    Stalled(Duration),
    /// A status that is not a success.
    #[error("the server answered {0}")]
    Status(u16),
    /// A range that was not asked for.
    #[error("the server sent another range than the one asked for: {0}")]
    WrongRange(&'static str),
    /// Fewer bytes than declared.
    #[error("the server declared {declared} bytes and sent {got}")]
    Short {
        /// Bytes that came.
        got: u64,
        /// Bytes that were declared.
        declared: u64,
    },
    /// More bytes than declared.
    #[error("the server sent more than the {declared} bytes it declared")]
    Long {
        /// Bytes that were declared.
        declared: u64,
    },
    /// A length that is beyond what can be handled, or unknown and beyond the bound.
    #[error("the media is longer than the {0} bytes that can be handled")]
    TooLong(u64),
    /// The media is another one than at the last request.
    #[error("the media changed on the server")]
    Changed,
    /// All of it came, and it is not what the feed said it would be.
    #[error("the SHA-256 of the media is not the one that the feed gave")]
    Unpromised,
    /// Nothing in it.
    #[error("the media is empty")]
    Empty,
    /// Not an http or https address.
    #[error("not an http or https address")]
    BadAddress,
    /// A file or folder that cannot be used.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process owns the folder.
    #[error("the folder is in use by another process")]
    Locked,
    /// The bound leaves no room.
    #[error("there is no room within the bound")]
    NoRoom,
}

/// Wraps an input/output error with what was tried.
pub(super) fn io_error(what: &'static str) -> impl FnOnce(io::Error) -> CacheError {
    move |source| CacheError::Io { what, source }
}

const NOT_FOUND: u16 = 404;
const GONE: u16 = 410;
const RANGE_NOT_SATISFIABLE: u16 = 416;
const REQUEST_TIMEOUT: u16 = 408;
const TOO_MANY_REQUESTS: u16 = 429;

impl CacheError {
    /// Whether the same thing may succeed later.
    pub fn retryable(&self) -> bool {
        self.kind().retryable()
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::Network(_) | Self::Short { .. } => FailureKind::Network,
            Self::Blocked(_) => FailureKind::Blocked,
            Self::NoAnswer(_) | Self::Stalled(_) => FailureKind::Timeout,
            Self::Status(NOT_FOUND | GONE) | Self::BadAddress => FailureKind::Missing,
            Self::Status(REQUEST_TIMEOUT | RANGE_NOT_SATISFIABLE | TOO_MANY_REQUESTS) => FailureKind::Server,
            Self::Status(status) if (400..500).contains(status) => FailureKind::Refused,
            Self::Status(_) | Self::WrongRange(_) | Self::Long { .. } | Self::Changed => FailureKind::Server,
            Self::TooLong(_) => FailureKind::Unsupported,
            Self::Empty | Self::Unpromised => FailureKind::Corrupt,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => FailureKind::Missing,
            Self::Io { .. } | Self::Locked | Self::NoRoom => FailureKind::Unreadable,
        }
    }

    /// The failure a viewer is told of.
    pub fn into_failure(self) -> Failure {
        let sentence = match &self {
            Self::Blocked(refusal) => return refusal.failure(),
            Self::Network(err) if err.is_connect() => words::UNREACHED.to_owned(),
            Self::Network(_) => words::BROKE.to_owned(),
            Self::NoAnswer(_) => words::NO_ANSWER.to_owned(),
            Self::Stalled(_) => words::STALLED.to_owned(),
            Self::Status(status) => words::status(*status, reason(*status)),
            Self::WrongRange(_) => words::WRONG_RANGE.to_owned(),
            Self::Short { .. } => words::SHORT.to_owned(),
            Self::Long { .. } => words::LONG.to_owned(),
            Self::TooLong(_) => words::TOO_LONG.to_owned(),
            Self::Changed => words::CHANGED.to_owned(),
            Self::Unpromised => words::UNPROMISED.to_owned(),
            Self::Empty => words::EMPTY.to_owned(),
            Self::BadAddress => words::BAD_ADDRESS.to_owned(),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => words::NO_LONGER_THERE.to_owned(),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => words::MAY_NOT_BE_READ.to_owned(),
            Self::Io { .. } | Self::Locked | Self::NoRoom => words::CANNOT_BE_READ.to_owned(),
        };
        Failure::new(self.kind(), sentence).caused_by(&self)
    }
}

/// The words of a status, when it has any.
fn reason(status: u16) -> Option<&'static str> {
    reqwest::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_becomes_a_kind_and_a_sentence_that_names_it() {
        let failure = CacheError::Status(403).into_failure();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert_eq!(failure.sentence, "The server answered 403 (Forbidden).");
        assert_eq!(CacheError::Status(410).into_failure().kind, FailureKind::Missing);
        assert_eq!(CacheError::Status(503).into_failure().kind, FailureKind::Server);
        assert!(CacheError::Status(503).retryable());
        assert!(!CacheError::Status(404).retryable());
    }
}
