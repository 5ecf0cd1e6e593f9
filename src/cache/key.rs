//! Names what is cached: a hash of where media comes from, without what only proves the right to read it.

use std::fmt;

use sha2::{Digest, Sha256};
use url::Url;

use crate::feed::is_signature;

/// The name of one media in the cache. Equal for addresses that differ in their signature alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey {
    hash: [u8; 32],
    identity: [u8; 32],
}

impl CacheKey {
    /// The key of media of a `kind` with a stable `identity`, seen with the rights of `scope`.
    #[must_use]
    pub fn new(kind: &str, identity: &str, scope: &str) -> Self {
        let of = |domain: &str| {
            let mut hash = Sha256::new();
            for part in [domain, kind, identity, scope] {
                // Lengths first, so that no two sets of parts run together to the same bytes.
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
            hash.finalize().into()
        };
        Self { hash: of("name"), identity: of("identity") }
    }

    /// The key of an http or https address; `None` for anything else.
    #[must_use]
    pub fn of_url(address: &str, scope: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = url.host_str()?;
        let port = url.port_or_known_default()?;
        let has_sig = url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("sig"));
        let mut kept: Vec<_> = url.query_pairs().filter(|(name, _)| !is_signature(name, has_sig)).collect();
        kept.sort();
        let mut query = Sha256::new();
        for (name, value) in &kept {
            for part in [name, value] {
                query.update((part.len() as u64).to_le_bytes());
                query.update(part.as_bytes());
            }
        }
        let query: [u8; 32] = query.finalize().into();
        Some(Self::new("url", &format!("{}://{host}:{port}{}?{}", url.scheme(), url.path(), hex(&query)), scope))
    }

    /// The beginning of the hash: enough to tell the media of a session apart in a trace.
    #[must_use]
    pub fn short(&self) -> u64 {
        self.hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The hash that names the entry.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// A key with these two hashes.
    #[cfg(all(test, not(feature = "shuttle")))]
    pub(super) fn with_identity(hash: [u8; 32], identity: [u8; 32]) -> Self {
        Self { hash, identity }
    }

    /// A second, independent hash, compared on lookup: an entry is served only when both agree.
    pub(super) fn identity(&self) -> [u8; 32] {
        self.identity
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.hash[..6]))
    }
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> CacheKey {
        CacheKey::of_url(address, "").unwrap()
    }

    #[test]
    fn only_the_signature_changing_keeps_the_key() {
        assert_eq!(key("https://a.example/v.mp4?X-Amz-Signature=1&X-Amz-Date=2&v=3"), key("https://a.example/v.mp4?v=3&x-amz-signature=9"));
        assert_eq!(key("https://a.example/v.mp4?Policy=p&Signature=s&Key-Pair-Id=k"), key("https://a.example/v.mp4"));
        assert_eq!(key("https://a.example/v.mp4?sv=1&se=2&sp=r&sig=x"), key("https://a.example/v.mp4?sv=7&sig=y"));
        assert_eq!(key("https://a.example:443/v.mp4#t=5"), key("https://A.example/v.mp4"));
    }

    #[test]
    fn anything_else_changing_changes_the_key() {
        let base = key("https://a.example/v.mp4?id=1&q=2");
        assert_eq!(base, key("https://a.example/v.mp4?q=2&id=1"));
        for other in [
            "http://a.example/v.mp4?id=1&q=2",
            "https://b.example/v.mp4?id=1&q=2",
            "https://a.example:8443/v.mp4?id=1&q=2",
            "https://a.example/w.mp4?id=1&q=2",
            "https://a.example/v.mp4?id=2&q=2",
            "https://a.example/v.mp4?id=1&q=2&sp=1",
            "https://a.example/v.mp4?id=12&q=",
        ] {
            assert_ne!(base, key(other), "{other}");
        }
        assert_ne!(base, CacheKey::of_url("https://a.example/v.mp4?id=1&q=2", "someone").unwrap());
    }

    #[test]
    fn what_is_no_web_address_has_no_key() {
        for address in ["", "file:///etc/passwd", "ftp://a.example/x", "https://", "nonsense", "data:,x"] {
            assert!(CacheKey::of_url(address, "").is_none(), "{address}");
        }
    }
}
