//! The cookies that let a CDN answer without a signature in every address.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use super::cloudfront::CloudFront;
use super::signer::Clock;

/// Their names, in the order of what proves the right.
const NAMES: [&str; 3] = ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"];

/// Cookies for all media of a CDN, made anew when half of their life is over.
pub(in crate::server) struct Cookies {
    cdn: CloudFront,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    /// The domain that feed and CDN share.
    domain: Option<String>,
    made: Mutex<Option<(SystemTime, [HeaderValue; 3])>>,
}

impl Cookies {
    pub fn new(cdn: CloudFront, clock: Arc<dyn Clock>, lifetime: Duration, domain: Option<String>) -> Self {
        Self { cdn, clock, lifetime, domain, made: Mutex::new(None) }
    }

    /// Sets them on an answer. Without a word where they cannot be signed: the addresses are signed, too.
    pub fn set(&self, headers: &mut HeaderMap) {
        for cookie in self.current().into_iter().flatten() {
            headers.append(SET_COOKIE, cookie);
        }
    }

    fn current(&self) -> Option<[HeaderValue; 3]> {
        let now = self.clock.now();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, cookies)) = &*made
            && now.duration_since(*at).is_ok_and(|age| age < self.lifetime / 2)
        {
            return Some(cookies.clone());
        }
        let proof = self.cdn.proof(&self.cdn.all(), now + self.lifetime).ok()?;
        let domain = self.domain.as_ref().map(|domain| format!("; Domain={domain}")).unwrap_or_default();
        let mut cookies = NAMES.iter().zip(proof).map(|(name, value)| {
            // `None`: the CDN is another host than the feed.
            let words = format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=None{domain}", self.lifetime.as_secs());
            HeaderValue::from_str(&words).ok()
        });
        let cookies = [cookies.next()??, cookies.next()??, cookies.next()??];
        *made = Some((now, cookies.clone()));
        Some(cookies)
    }
}
