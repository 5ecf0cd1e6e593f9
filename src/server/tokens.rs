//! Who may do more than read: bearer tokens (RFC 6750), compared without telling by the time taken how much was right.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The hash of a token: the same length for all, and no secret in a dump of the memory.
type Hash = [u8; 32];

/// The tokens that a service was given.
pub(super) struct Tokens {
    service: Option<Hash>,
    admin: Option<Hash>,
}

impl Tokens {
    pub fn new(service: Option<&str>, admin: Option<&str>) -> Self {
        // A variable that is set to nothing is no token.
        let token = |token: Option<&str>| token.map(str::trim).filter(|token| !token.is_empty()).map(hash);
        Self { service: token(service), admin: token(admin) }
    }

    /// Whether a request may change what the feeds show. An admin may, too; without any such token nobody may.
    pub fn is_service(&self, headers: &HeaderMap) -> bool {
        let given = bearer(headers).map(hash);
        // Both are compared, whatever the first says.
        fits(given, self.service) | fits(given, self.admin)
    }

    /// Whether a request may do everything.
    pub fn is_admin(&self, headers: &HeaderMap) -> bool {
        fits(bearer(headers).map(hash), self.admin)
    }
}

/// The token that a request brings.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

fn fits(given: Option<Hash>, wanted: Option<Hash>) -> bool {
    match (given, wanted) {
        (Some(given), Some(wanted)) => given.ct_eq(&wanted).into(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_token_opens_what_it_is_for() {
        let tokens = Tokens::new(Some("s3cret"), Some("r00t"));
        assert!(tokens.is_service(&with("Bearer s3cret")) && tokens.is_service(&with("bearer r00t")));
        assert!(tokens.is_admin(&with("Bearer r00t")));
        assert!(!tokens.is_admin(&with("Bearer s3cret")));
    }

    #[test]
    fn no_token_and_a_wrong_one_open_nothing() {
        let tokens = Tokens::new(Some("s3cret"), None);
        for value in ["Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret1", "Basic s3cret", "s3cret"] {
            assert!(!tokens.is_service(&with(value)) && !tokens.is_admin(&with(value)), "{value}");
        }
        assert!(!tokens.is_service(&HeaderMap::new()));
        assert!(!Tokens::new(None, None).is_service(&with("Bearer ")), "a service without tokens lets nobody in");
        let blank = Tokens::new(Some(""), Some(" "));
        assert!(!blank.is_service(&with("Bearer ")) && !blank.is_admin(&with("Bearer ")), "nothing is no token");
    }
}
