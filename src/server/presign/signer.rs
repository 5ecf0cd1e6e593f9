//! Who signs addresses, what goes wrong with that, and the clock that it goes by.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use super::keys::Place;

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The first wait before something throttled is tried again; each further one is twice as long.
const BACKOFF: Duration = Duration::from_millis(200);
/// The longest such wait.
const BACKOFF_MAX: Duration = Duration::from_secs(2);
/// How often is tried in all.
pub(super) const TRIES: u32 = 3;

/// An address and its signed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The address with its signature.
    pub url: String,
    /// The address without.
    pub original_url: String,
}

/// Why an address was not signed. Holds no address and no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Too many were asked for (429), or two at once (409).
    #[error("signing is throttled ({0})")]
    Throttled(u16),
    /// Who signs says no.
    #[error("signing is refused ({0})")]
    Refused(u16),
    /// There can be no address for such a path.
    #[error("the path can’t be part of an address")]
    Path,
    /// The key does not sign.
    #[error("the key can’t sign")]
    Key,
}

impl SignError {
    /// Whether it is tried again.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Throttled(_))
    }
}

/// Signs addresses of media.
pub trait Signer: Send + Sync + 'static {
    /// Where the media lies, and how it is signed.
    fn place(&self) -> &Place;

    /// Tells credentials and place from others, and nothing of either.
    fn fingerprint(&self) -> &str;

    /// Signs the address of `path`, good for `lifetime` from `now`.
    ///
    /// # Errors
    /// [`SignError`]; what is throttled is asked again a little later.
    fn sign<'a>(&'a self, path: &'a str, now: SystemTime, lifetime: Duration) -> Later<'a, Result<Signed, SignError>>;
}

/// What time it is, and how one waits. Tests have their own.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> SystemTime;

    /// Waits.
    fn sleep(&self, duration: Duration) -> Later<'_, ()>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Later<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// What is waited after try number `tries` (from 0) was throttled.
pub(super) fn backoff(tries: u32) -> Duration {
    BACKOFF.saturating_mul(2_u32.saturating_pow(tries)).min(BACKOFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_as_long_as_the_one_before_and_none_longer_than_two_seconds() {
        let waits: Vec<_> = (0..6).map(|tries| backoff(tries).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1_600, 2_000, 2_000]);
        assert_eq!(backoff(u32::MAX), BACKOFF_MAX);
    }

    #[test]
    fn only_what_is_throttled_is_tried_again() {
        assert!(SignError::Throttled(429).retryable() && SignError::Throttled(409).retryable());
        assert!(!SignError::Refused(403).retryable() && !SignError::Path.retryable() && !SignError::Key.retryable());
    }
}
