//! Under which names signed addresses are kept.

use std::fmt::Write;

/// What all keys begin with.
pub(super) const PREFIX: &str = "presigned:";
/// How often credentials were rotated, for all replicas.
pub(super) const VERSION: &str = "presigned:version";

/// Where media lies and how the right to read it is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it lies in: `s3`, `s3-fallback`, `cloudfront`. Two places of one service have two of these.
    pub storage_type: &'static str,
    /// How it is signed: `sigv4`, `rsa-sha256`, `ecdsa-sha256`.
    pub auth_type: &'static str,
    /// The region that is signed for.
    pub region: Option<String>,
    /// The service that is signed for.
    pub service: Option<&'static str>,
}

impl Place {
    /// `presigned:{storageType}:{path}:auth={authType}[:region=…][:service=…]`. `path` is that of the media below the
    /// place where all of it lies.
    #[must_use]
    pub fn key(&self, path: &str) -> String {
        let mut key = format!("{PREFIX}{}:{path}:auth={}", self.storage_type, self.auth_type);
        // Writing to a string does not fail.
        if let Some(region) = &self.region {
            let _ = write!(key, ":region={region}");
        }
        if let Some(service) = self.service {
            let _ = write!(key, ":service={service}");
        }
        key
    }
}

/// Who holds this may sign what is kept at `key`; the others wait for what it signs.
pub(super) fn lock(key: &str) -> String {
    format!("presigned:lock:{}", key.trim_start_matches(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_the_place_the_path_and_the_kind_of_signature() {
        let s3 = Place { storage_type: "s3", auth_type: "sigv4", region: Some("eu-west-1".into()), service: Some("s3") };
        assert_eq!(s3.key("day 1/ä.mp4"), "presigned:s3:day 1/ä.mp4:auth=sigv4:region=eu-west-1:service=s3");
        let cdn = Place { storage_type: "cloudfront", auth_type: "rsa-sha256", region: None, service: None };
        assert_eq!(cdn.key("a.mp4"), "presigned:cloudfront:a.mp4:auth=rsa-sha256");
    }

    #[test]
    fn two_places_of_one_service_keep_their_addresses_apart() {
        let first = Place { storage_type: "s3", auth_type: "sigv4", region: None, service: None };
        let second = Place { storage_type: "s3-fallback", ..first.clone() };
        assert_ne!(first.key("a.mp4"), second.key("a.mp4"));
        assert_ne!(lock(&first.key("a.mp4")), lock(&second.key("a.mp4")));
    }
}
