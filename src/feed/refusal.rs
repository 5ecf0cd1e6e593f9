//! Why an address is not asked: one sentence for each rule that a feed can break.

use std::error::Error;

use super::{Failure, FailureKind};
use crate::words::sources as words;

/// The most of a host that a sentence names, in characters: a name is longer than that only to push out the rest.
const HOST_CHARS: usize = 80;

/// What is special about an address that belongs to no public machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// 127.0.0.0/8 and `::1`.
    Loopback,
    /// `localhost` and the names below it.
    LocalName,
    /// A name that was seen to lead to a private network, or that of a proxy.
    PrivateName,
    /// 0.0.0.0/8 and `::`.
    Unspecified,
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and the site-local addresses of old.
    Private,
    /// `fc00::/7`.
    UniqueLocal,
    /// 169.254.0.0/16, where clouds keep their secrets, and `fe80::/10`.
    LinkLocal,
    /// 100.64.0.0/10.
    CarrierGrade,
    /// 224.0.0.0/4 and `ff00::/8`.
    Multicast,
    /// Addresses that stand in books.
    Documentation,
    /// 198.18.0.0/15 and `2001:2::/48`.
    Benchmark,
    /// Given to nobody, or to a protocol.
    Reserved,
    /// `::ffff:0:0/96`, `::ffff:0:0:0/96` and `::/96`: IPv4 in the clothes of IPv6.
    Mapped,
    /// `64:ff9b::/96` and `64:ff9b:1::/48`: IPv4 behind a translator.
    Nat64,
    /// `2002::/16` and `2001::/32`: IPv4 at the end of a tunnel.
    Tunnel,
}

impl Zone {
    /// What an address of it is, in words that follow "is".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Loopback => words::zones::LOOPBACK,
            Self::LocalName => words::zones::LOCAL_NAME,
            Self::PrivateName => words::zones::PRIVATE_NAME,
            Self::Unspecified => words::zones::UNSPECIFIED,
            Self::Private => words::zones::PRIVATE,
            Self::UniqueLocal => words::zones::UNIQUE_LOCAL,
            Self::LinkLocal => words::zones::LINK_LOCAL,
            Self::CarrierGrade => words::zones::CARRIER_GRADE,
            Self::Multicast => words::zones::MULTICAST,
            Self::Documentation => words::zones::DOCUMENTATION,
            Self::Benchmark => words::zones::BENCHMARK,
            Self::Reserved => words::zones::RESERVED,
            Self::Mapped => words::zones::MAPPED,
            Self::Nat64 => words::zones::NAT64,
            Self::Tunnel => words::zones::TUNNEL,
        }
    }
}

/// Why an address is not asked. Each displays as one sentence and never shows a path, a query string or a user name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Text that is no address, or one without a host.
    #[error("{}", words::MALFORMED)]
    Malformed,
    /// `file:`, `data:` and all others but `http` and `https`.
    #[error("{}", words::scheme_refused(.0))]
    Scheme(String),
    /// A user name or a password that the viewer has not typed.
    #[error("{}", words::CREDENTIALS)]
    Credentials,
    /// An address of this machine or of a network that only the viewer can reach.
    #[error("{}", words::zone(host, .zone.words()))]
    Zone {
        /// The host as the address names it.
        host: String,
        /// What is special about it.
        zone: Zone,
    },
    /// A name that leads to such an address.
    #[error("{}", words::resolved(host, address, .zone.words()))]
    Resolved {
        /// The name.
        host: String,
        /// The first such address that it leads to.
        address: String,
        /// What is special about it.
        zone: Zone,
    },
    /// `http` from a feed that was opened by `https`.
    #[error("{}", words::unencrypted(.0))]
    Unencrypted(String),
    /// There is a list of trusted hosts, and this one is not on it.
    #[error("{}", words::untrusted(.0))]
    Untrusted(String),
    /// More redirects than are followed for one request.
    #[error("{}", words::redirects(*.0))]
    Redirects(usize),
    /// A redirect to an address that is not asked for the reason inside.
    #[error("{}", words::redirect(&begun_small(.0)))]
    Redirect(Box<Refusal>),
}

impl Refusal {
    /// The refusal of a host for where it is.
    #[must_use]
    pub fn zone(host: &str, zone: Zone) -> Self {
        Self::Zone { host: shown(host), zone }
    }

    /// The refusal of a name for where it leads.
    #[must_use]
    pub fn resolved(host: &str, address: String, zone: Zone) -> Self {
        Self::Resolved { host: shown(host), address, zone }
    }

    /// The refusal of a host that is asked without encryption.
    #[must_use]
    pub fn unencrypted(host: &str) -> Self {
        Self::Unencrypted(shown(host))
    }

    /// The refusal of a host that is not on the list.
    #[must_use]
    pub fn untrusted(host: &str) -> Self {
        Self::Untrusted(shown(host))
    }

    /// The refusal of an address for its scheme.
    #[must_use]
    pub fn scheme(scheme: &str) -> Self {
        Self::Scheme(shown(&scheme.to_ascii_lowercase()))
    }

    /// What this means for a redirect that leads there.
    #[must_use]
    pub fn of_redirect(self) -> Self {
        Self::Redirect(Box::new(self))
    }

    /// What is said of an answer that is a redirect still: an HTTP client follows these statuses by itself, unless
    /// it cannot make an address of their `Location`. `None` for an answer that is no redirect.
    #[must_use]
    pub fn of_answer(status: u16, location: Option<&[u8]>) -> Option<Self> {
        let location = location.filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308))?;
        let location = String::from_utf8_lossy(location);
        let scheme = location.trim().split_once(':').map(|(scheme, _)| scheme).filter(|scheme| is_scheme(scheme));
        let other = scheme.filter(|scheme| !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https"));
        Some(other.map_or(Self::Malformed, Self::scheme).of_redirect())
    }

    /// The refusal among the causes of an error, if there is one: an HTTP client wraps it in errors of its own.
    #[must_use]
    pub fn within<'a>(err: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(err);
        while let Some(err) = next {
            if let Some(found) = err.downcast_ref() {
                return Some(found);
            }
            next = err.source();
        }
        None
    }

    /// The failure a viewer is told of.
    #[must_use]
    pub fn failure(&self) -> Failure {
        Failure::new(FailureKind::Blocked, self.to_string())
    }
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn shown(host: &str) -> String {
    match host.char_indices().nth(HOST_CHARS) {
        Some((at, _)) => format!("{}…", &host[..at]),
        None => host.to_owned(),
    }
}

/// A sentence that goes on behind a colon.
fn begun_small(inner: &Refusal) -> String {
    let mut sentence = inner.to_string();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As an HTTP client does.
    #[derive(Debug, thiserror::Error)]
    #[error("the request failed")]
    struct Wrapped(#[source] Box<dyn Error + Send + Sync>);

    #[test]
    fn a_refusal_is_found_however_deep_it_is_wrapped() {
        let refusal = Refusal::zone("localhost", Zone::LocalName);
        let wrapped = Wrapped(Box::new(Wrapped(Box::new(refusal.clone()))));
        assert_eq!(Refusal::within(&wrapped), Some(&refusal));
        assert_eq!(Refusal::within(&Wrapped("other".into())), None);
    }

    #[test]
    fn what_a_redirect_names_is_told_in_one_sentence() {
        for (location, sentence) in [
            ("file:///etc/passwd", "A redirect was not followed: an address that begins with file: is not opened for a feed."),
            (" DATA:text/html,x", "A redirect was not followed: an address that begins with data: is not opened for a feed."),
            ("http://[bad", "A redirect was not followed: this is not a valid address."),
            ("", "A redirect was not followed: this is not a valid address."),
        ] {
            assert_eq!(Refusal::of_answer(302, Some(location.as_bytes())).unwrap().to_string(), sentence);
        }
        assert_eq!((Refusal::of_answer(302, None), Refusal::of_answer(300, Some(b"/a"))), (None, None));
    }

    #[test]
    fn a_host_without_end_does_not_fill_a_sentence() {
        let sentence = Refusal::untrusted(&"é".repeat(5_000)).to_string();
        assert_eq!(sentence.chars().count(), HOST_CHARS + "… is not one of the trusted hosts.".chars().count());
    }

    #[test]
    fn a_refusal_is_a_failure_that_nobody_tries_again() {
        let failure = Refusal::Malformed.failure();
        assert_eq!((failure.kind, failure.kind.retryable()), (FailureKind::Blocked, false));
    }
}
