//! Why an item or a feed cannot be shown, in one shape that every room maps its own errors to.

use crate::words::failures::headlines;

/// The class of a failure. It decides whether trying again can help, and the words a viewer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The server could not be reached or the connection broke.
    Network,
    /// No answer within the time allowed.
    Timeout,
    /// The server refused: 401 or 403, for example an expired link.
    Refused,
    /// An address that is not asked, whatever a feed says (see [`Refusal`](super::Refusal)).
    Blocked,
    /// 404 or 410, or a file that is gone.
    Missing,
    /// The server answered with an error of its own (5xx) or with something that is not what was asked for.
    Server,
    /// A file that may not be read, or an input/output error of the disk.
    Unreadable,
    /// The media is damaged or cut short.
    Corrupt,
    /// The media is encrypted.
    Encrypted,
    /// No decoder for it is installed or allowed.
    Unsupported,
    /// There is no picture in it.
    NoPicture,
    /// A feed that is not a feed: HTML, broken JSON, a wrong shape.
    NotAFeed,
    /// The decoder stopped in the middle of a clip that it had been playing, and did so again when it was made anew.
    DecoderLost,
    /// The player broke in a way that is not the media's fault.
    Player,
}

impl FailureKind {
    /// Whether trying the same thing again may succeed without anybody changing anything.
    #[must_use]
    pub fn retryable(self) -> bool {
        matches!(self, Self::Network | Self::Timeout | Self::Server | Self::DecoderLost | Self::Player)
    }

    /// The headline a viewer reads, without a full stop.
    #[must_use]
    pub fn headline(self) -> &'static str {
        match self {
            Self::Network => headlines::NETWORK,
            Self::Timeout => headlines::TIMEOUT,
            Self::Refused => headlines::REFUSED,
            Self::Blocked => headlines::BLOCKED,
            Self::Missing => headlines::MISSING,
            Self::Server => headlines::SERVER,
            Self::Unreadable => headlines::UNREADABLE,
            Self::Corrupt => headlines::CORRUPT,
            Self::Encrypted => headlines::ENCRYPTED,
            Self::Unsupported => headlines::UNSUPPORTED,
            Self::NoPicture => headlines::NO_PICTURE,
            Self::NotAFeed => headlines::NOT_A_FEED,
            Self::DecoderLost => headlines::DECODER_LOST,
            Self::Player => headlines::PLAYER,
        }
    }

    /// A short name for logs, reports and counters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Blocked => "blocked",
            Self::Missing => "missing",
            Self::Server => "server",
            Self::Unreadable => "unreadable",
            Self::Corrupt => "corrupt",
            Self::Encrypted => "encrypted",
            Self::Unsupported => "unsupported",
            Self::NoPicture => "no-picture",
            Self::NotAFeed => "not-a-feed",
            Self::DecoderLost => "decoder-lost",
            Self::Player => "player",
        }
    }
}

/// A failure as a viewer and a tester see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its class.
    pub kind: FailureKind,
    /// What happened, in one sentence with a full stop. Never holds a query string or a token.
    pub sentence: String,
    /// The chain of causes, outermost first; may be empty.
    pub causes: Vec<String>,
}

impl Failure {
    /// A failure with its sentence and no causes.
    pub fn new(kind: FailureKind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), causes: Vec::new() }
    }

    /// The same failure with the causes of `err`, outermost first.
    #[must_use]
    pub fn caused_by(mut self, err: &dyn std::error::Error) -> Self {
        let mut next = Some(err);
        while let Some(err) = next {
            self.causes.push(err.to_string());
            next = err.source();
        }
        self
    }

    /// The same failure with one more cause, in words.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }
}
