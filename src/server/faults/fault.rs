//! The faults by name, and how much of each there is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What is wrong with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Every answer comes late.
    Latency,
    /// Bodies come slowly.
    Throttle,
    /// The body stops and the connection stays open.
    Stall,
    /// Some requests are answered, then no more.
    RefuseAfterRequests,
    /// All requests are answered for a while, then no more.
    RefuseAfterTime,
    /// The connection is reset in the body.
    Reset,
    /// The body ends before it should.
    Truncated,
    /// The headers do not say how long the media is or where the part belongs.
    WrongLength,
    /// The headers come byte by byte.
    SlowHeaders,
    /// Each address leads to another one.
    Redirects,
    /// The film's headers are noise.
    BadMoov,
    /// The film's headers are behind its pictures: nothing is wrong with that.
    MoovAtEnd,
    /// The media is not there.
    NotFound,
    /// The server breaks at first, then does not.
    ServerError,
    /// There is nothing in it.
    Empty,
}

impl Fault {
    /// All of them, in the order in which items get them.
    pub const ALL: [Self; 15] = [
        Self::Latency,
        Self::Throttle,
        Self::Stall,
        Self::RefuseAfterRequests,
        Self::RefuseAfterTime,
        Self::Reset,
        Self::Truncated,
        Self::WrongLength,
        Self::SlowHeaders,
        Self::Redirects,
        Self::BadMoov,
        Self::MoovAtEnd,
        Self::NotFound,
        Self::ServerError,
        Self::Empty,
    ];

    /// Its name on the command line, in titles and in `GET /faults`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Throttle => "throttle",
            Self::Stall => "stall",
            Self::RefuseAfterRequests => "refuse-after-requests",
            Self::RefuseAfterTime => "refuse-after-time",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::WrongLength => "wrong-length",
            Self::SlowHeaders => "slow-headers",
            Self::Redirects => "redirects",
            Self::BadMoov => "bad-moov",
            Self::MoovAtEnd => "moov-at-end",
            Self::NotFound => "not-found",
            Self::ServerError => "server-error",
            Self::Empty => "empty",
        }
    }

    /// What it does, in a line without a full stop. Amounts are those of [`Doses::default`].
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Latency => "answers after 3 s",
            Self::Throttle => "sends 40 kB a second",
            Self::Stall => "stops sending at a place in the file and keeps the connection open",
            Self::RefuseAfterRequests => "answers 403 from the second request on",
            Self::RefuseAfterTime => "answers 403 from 5 s after the first request on",
            Self::Reset => "resets the connection at a place in the file",
            Self::Truncated => "closes the connection at a place in the file, short of Content-Length",
            Self::WrongLength => "says that the file is half as long again, or that the part begins a byte later",
            Self::SlowHeaders => "sends its headers a byte at a time, 4 a second",
            Self::Redirects => "redirects for ever",
            Self::BadMoov => "has noise for moov, the film’s headers",
            Self::MoovAtEnd => "has moov behind the pictures, which plays",
            Self::NotFound => "answers 404",
            Self::ServerError => "answers 500 twice, then well",
            Self::Empty => "has no bytes",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no fault has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault '{0}'")]
pub struct UnknownFault(String);

impl UnknownFault {
    /// Whether the same name may mean something later: never.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        Self::ALL.into_iter().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

/// How much of each fault there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doses {
    /// What [`Fault::Latency`] waits before it answers.
    pub latency: Duration,
    /// How fast a body of [`Fault::Throttle`] is.
    pub bytes_per_second: u64,
    /// What [`Fault::SlowHeaders`] waits before each byte.
    pub header_pause: Duration,
    /// How many requests [`Fault::RefuseAfterRequests`] answers.
    pub requests: u32,
    /// How long [`Fault::RefuseAfterTime`] answers, from its first request on.
    pub time: Duration,
    /// How many requests [`Fault::ServerError`] breaks at.
    pub errors: u32,
    /// How long [`Fault::Stall`] keeps a connection open for a client that does not go.
    pub patience: Duration,
}

impl Default for Doses {
    fn default() -> Self {
        Self {
            latency: Duration::from_secs(3),
            bytes_per_second: 40_000,
            header_pause: Duration::from_millis(250),
            requests: 1,
            time: Duration::from_secs(5),
            errors: 2,
            patience: Duration::from_mins(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_by_its_name_and_says_what_it_does() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
            assert!(!fault.about().is_empty() && !fault.about().ends_with('.'), "{fault}");
        }
        assert_eq!("rain".parse::<Fault>().unwrap_err().to_string(), "there is no fault 'rain'");
    }
}
