//! What a source is called in what is remembered of it: the same whenever it is opened, and without anything secret.

use sha2::{Digest, Sha256};

use super::Source;
use crate::feed::without_signature;

impl Source {
    /// The name under which things about this source are kept. An address has lost its signature, its tokens and its user
    /// name; several files together are told by a hash of their paths.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Http(url) => without_signature(url.as_str()),
            Self::Folder(_) | Self::Sample => self.to_words().concat(),
            Self::Files(files) if files.len() == 1 => self.to_words().concat(),
            Self::Files(_) => {
                let hash = Sha256::digest(self.to_words().join("\n").as_bytes());
                // Half of it is enough to tell what one viewer opens.
                let number = hash.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
                format!("files:{number:032x}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        Source::Http(address.parse().unwrap()).key()
    }

    #[test]
    fn a_feed_is_the_same_whatever_its_signature_says_and_another_one_is_not() {
        assert_eq!(key("https://me:pass@a.example/feed?tags=x&token=secret#top"), "https://a.example/feed?tags=x");
        assert_ne!(key("https://a.example/feed?tags=x"), key("https://a.example/feed?tags=y"));
    }

    #[test]
    fn files_are_told_from_one_another_and_from_their_folder() {
        let files = |names: &[&str]| Source::Files(names.iter().map(Into::into).collect()).key();
        let keys =
            [files(&["/v/a"]), files(&["/v/a", "/v/b"]), files(&["/v/b", "/v/a"]), Source::Folder("/v".into()).key(), Source::Sample.key()];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key}");
        }
        assert_eq!(files(&["/v/a", "/v/b"]), files(&["/v/a", "/v/b"]));
    }
}
