//! What tells one version of a media on a server from another.

/// The longest `ETag` or date that is kept, in bytes; a longer one is treated as absent.
pub(super) const MAX_VALIDATOR_BYTES: usize = 256;

/// What tells one version of a media from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Validator {
    /// The `ETag`, as sent.
    pub etag: Option<String>,
    /// The `Last-Modified`, as sent.
    pub last_modified: Option<String>,
}

impl Validator {
    /// The `ETag` when it is a strong one: only such a one may be sent in `If-Range` (RFC 9110, 13.1.5).
    pub fn strong(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| etag.starts_with('"'))
    }

    /// Whether `other` says that the media is another one. What is absent on either side says nothing.
    pub fn contradicts(&self, other: &Self) -> bool {
        match (&self.etag, &other.etag) {
            (Some(ours), Some(theirs)) => ours != theirs,
            _ => matches!((&self.last_modified, &other.last_modified), (Some(ours), Some(theirs)) if ours != theirs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_etag_contradicts_another_and_absence_says_nothing() {
        let of =
            |etag: Option<&str>, date: Option<&str>| Validator { etag: etag.map(str::to_owned), last_modified: date.map(str::to_owned) };
        assert!(of(Some("\"a\""), None).contradicts(&of(Some("\"b\""), None)));
        assert!(!of(Some("\"a\""), Some("x")).contradicts(&of(None, None)));
        assert!(!of(Some("\"a\""), Some("x")).contradicts(&of(Some("\"a\""), Some("y"))));
        assert!(of(None, Some("x")).contradicts(&of(Some("\"a\""), Some("y"))));
        assert_eq!(of(Some("W/\"a\""), None).strong(), None);
    }
}
