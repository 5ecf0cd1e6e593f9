//! What a service is told of the place that its media lie in, and what is made of it.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Presigner;
use super::cloudfront::CloudFront;
use super::cookies::Cookies;
use super::entry::LIFETIME;
use super::origins::{Origins, PROBE};
use super::s3::S3;
use super::signer::SystemClock;
use crate::server::redis::Redis;

/// A CDN before the media.
#[derive(Clone)]
pub struct CdnOptions {
    /// The distribution and its key.
    pub cloudfront: CloudFront,
    /// Whether cookies are set, beside addresses that are signed.
    pub cookies: bool,
    /// The domain that feed and CDN share, for the cookies.
    pub cookie_domain: Option<String>,
}

/// Where media lie.
#[derive(Clone)]
pub struct PresignOptions {
    /// The bucket; `None` where the CDN reads from elsewhere.
    pub bucket: Option<S3>,
    /// What is asked while the first place does not answer.
    pub fallback: Option<S3>,
    /// What stands before the bucket.
    pub cdn: Option<CdnOptions>,
    /// How long a signature is good for.
    pub lifetime: Duration,
    /// How often the first place is asked whether it answers.
    pub probe: Duration,
}

impl Default for PresignOptions {
    fn default() -> Self {
        Self { bucket: None, fallback: None, cdn: None, lifetime: LIFETIME, probe: PROBE }
    }
}

/// The signed addresses of a service.
pub(in crate::server) struct Presign {
    pub origins: Origins,
    pub cookies: Option<Cookies>,
}

impl Presign {
    /// Begins to sign what `options` tell of; `None` when that is nothing. Must be called within a runtime.
    pub fn start(options: &PresignOptions, redis: Option<&Arc<Redis>>) -> Option<Self> {
        let shared = |presigner: Presigner| {
            let presigner = presigner.with_lifetime(options.lifetime);
            match redis {
                Some(redis) => presigner.shared(Arc::clone(redis)),
                None => Arc::new(presigner),
            }
        };
        let first = match (&options.cdn, &options.bucket) {
            (Some(cdn), _) => Presigner::new(cdn.cloudfront.clone()),
            (None, Some(bucket)) => Presigner::new(bucket.clone()),
            (None, None) => return None,
        };
        let first = shared(first);
        // Without a fallback of its own a CDN has the bucket behind it.
        let behind = options.cdn.as_ref().and(options.bucket.as_ref());
        let second = options.fallback.as_ref().or(behind).map(|bucket| shared(Presigner::new(bucket.clone().as_fallback())));
        let origins = match (second, client()) {
            (Some(second), Some(client)) => Origins::with_fallback(first, second, client, options.probe),
            _ => Origins::of(first),
        };
        let cookies = options
            .cdn
            .as_ref()
            .filter(|cdn| cdn.cookies)
            .map(|cdn| Cookies::new(cdn.cloudfront.clone(), Arc::new(SystemClock), options.lifetime, cdn.cookie_domain.clone()));
        Some(Self { origins, cookies })
    }
}

/// The client that asks whether a place answers.
pub(super) fn client() -> Option<reqwest::Client> {
    // An error says that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(5)).build();
    client.inspect_err(|err| tracing::error!(%err, "requests can’t be sent")).ok()
}
