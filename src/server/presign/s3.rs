//! Signs addresses of an S3-compatible bucket (AWS Signature Version 4 in the query), which takes no request.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use rusty_s3::actions::{GetObject, HeadObject, PutObject};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use sha2::{Digest, Sha256};
use url::Url;

use super::keys::Place;
use super::signer::{Later, SignError, Signed, Signer};
use crate::feed::dates;

/// Bytes of the hash that tells credentials and places apart.
const FINGERPRINT_BYTES: usize = 8;

/// A bucket cannot be used; displays as half a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketProblem {
    /// It is no address of a service.
    #[error("the address of the bucket’s service is not readable ({0})")]
    Address(String),
    /// There is no name.
    #[error("the bucket has no name; --s3-bucket or FEED_S3_BUCKET tells it")]
    Name,
    /// Nobody told the credentials.
    #[error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")]
    Credentials,
}

impl BucketProblem {
    /// Whether trying the same again may help: never.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

/// How the addresses of objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `https://ENDPOINT/BUCKET/KEY`.
    #[default]
    Path,
    /// `https://BUCKET.ENDPOINT/KEY`.
    Virtual,
}

/// A bucket, and who reads it.
#[derive(Clone)]
pub struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    /// What stands before every path: empty, or ending in `/`.
    prefix: String,
    place: Place,
    fingerprint: String,
}

impl S3 {
    /// The bucket `name` at `endpoint`, in which media lie under `prefix`.
    ///
    /// # Errors
    /// [`BucketProblem`] when that is no bucket.
    pub fn new(
        endpoint: &str,
        name: &str,
        region: &str,
        prefix: &str,
        style: Style,
        credentials: Credentials,
    ) -> Result<Self, BucketProblem> {
        if name.is_empty() || name.contains('/') {
            return Err(BucketProblem::Name);
        }
        let address = |err: &dyn std::fmt::Display| BucketProblem::Address(err.to_string());
        let url = Url::parse(endpoint).map_err(|err| address(&err))?;
        let style = match style {
            Style::Path => UrlStyle::Path,
            Style::Virtual => UrlStyle::VirtualHost,
        };
        let bucket = Bucket::new(url, style, name.to_owned(), region.to_owned()).map_err(|err| address(&err))?;
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let place = Place { storage_type: "s3", auth_type: "sigv4", region: Some(region.to_owned()), service: Some("s3") };
        let fingerprint = fingerprint(&[bucket.base_url().as_str(), &prefix, region, credentials.key()]);
        Ok(Self { bucket, credentials, prefix, place, fingerprint })
    }

    /// The same as the place that is asked when the first one fails: its addresses are kept apart.
    #[must_use]
    pub fn as_fallback(mut self) -> Self {
        self.place.storage_type = "s3-fallback";
        self
    }

    /// The key of an object in the bucket.
    fn object(&self, path: &str) -> Result<String, SignError> {
        // Such parts would be resolved, as in a file system, and lead to another object.
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        if path.split('/').all(is_plain) { Ok(format!("{}{path}", self.prefix)) } else { Err(SignError::Path) }
    }

    fn at<'a>(action: &impl S3Action<'a>, now: SystemTime, lifetime: Duration) -> Result<String, SignError> {
        // The crate’s type for points in time is not among our dependencies, and reads the text of all.
        let now = dates::rfc3339(now).parse().map_err(|_| SignError::Key)?;
        Ok(action.sign_with_time(lifetime, &now).into())
    }

    /// An address to which the object at `path` can be sent by PUT, until `lifetime` after `now`.
    ///
    /// # Errors
    /// [`SignError::Path`] when no object can be called so.
    pub fn upload(&self, path: &str, now: SystemTime, lifetime: Duration) -> Result<String, SignError> {
        let object = self.object(path)?;
        Self::at(&PutObject::new(&self.bucket, Some(&self.credentials), &object), now, lifetime)
    }

    /// An address at which HEAD tells of the object at `path`, until `lifetime` after `now`.
    ///
    /// # Errors
    /// [`SignError::Path`] when no object can be called so.
    pub fn look(&self, path: &str, now: SystemTime, lifetime: Duration) -> Result<String, SignError> {
        let object = self.object(path)?;
        Self::at(&HeadObject::new(&self.bucket, Some(&self.credentials), &object), now, lifetime)
    }
}

impl Signer for S3 {
    fn place(&self) -> &Place {
        &self.place
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn sign<'a>(&'a self, path: &'a str, now: SystemTime, lifetime: Duration) -> Later<'a, Result<Signed, SignError>> {
        let signed = self.object(path).and_then(|object| {
            let url = Self::at(&GetObject::new(&self.bucket, Some(&self.credentials), &object), now, lifetime)?;
            Ok(Signed { url, original_url: self.bucket.object_url(&object).into() })
        });
        Box::pin(std::future::ready(signed))
    }
}

/// Tells what was signed with and for apart, and nothing of it.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // Lengths first, so that no two sets of parts run together to the same bytes.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(FINGERPRINT_BYTES) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn s3(key: &str) -> S3 {
        let credentials = Credentials::new(key, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        S3::new("https://s3.example", "clips", "eu-west-1", "/reel/", Style::Path, credentials).unwrap()
    }

    async fn signed(path: &str) -> Result<Signed, SignError> {
        s3("AKIAIOSFODNN7EXAMPLE").sign(path, UNIX_EPOCH + Duration::from_hours(380_376), Duration::from_hours(1)).await
    }

    #[tokio::test]
    async fn an_address_says_what_it_is_for_since_when_and_for_how_long() {
        let Signed { url, original_url } = signed("day 1/ä.mp4").await.unwrap();
        assert_eq!(original_url, "https://s3.example/clips/reel/day%201/%C3%A4.mp4");
        for part in ["X-Amz-Date=20130524T000000Z", "X-Amz-Expires=3600", "eu-west-1%2Fs3%2Faws4_request", "X-Amz-Signature="] {
            assert!(url.contains(part), "{url}");
        }
        assert!(url.starts_with(&original_url));
    }

    #[tokio::test]
    async fn no_path_leads_out_of_where_the_media_lie() {
        for path in ["", "/a", "a//b", "../a", "a/../b", "./a", "a/"] {
            assert_eq!(signed(path).await, Err(SignError::Path), "{path}");
        }
    }

    #[test]
    fn other_credentials_have_another_fingerprint_which_is_not_the_key() {
        let (one, other) = (s3("AKIA1"), s3("AKIA2"));
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert!(!one.fingerprint().contains("AKIA"));
        assert_ne!(one.place(), one.clone().as_fallback().place());
    }

    #[test]
    fn what_is_no_bucket_is_refused_with_a_reason() {
        let new =
            |endpoint: &str, name: &str| S3::new(endpoint, name, "r", "", Style::Path, Credentials::new("k", "s")).map(|_| ()).unwrap_err();
        assert!(matches!(new("file:///x", "b"), BucketProblem::Address(_)));
        assert!(matches!(new("x", "b"), BucketProblem::Address(_)));
        assert_eq!(new("https://s3.example", ""), BucketProblem::Name);
        assert_eq!(new("https://s3.example", "a/b"), BucketProblem::Name);
    }
}
