//! Signed addresses and cookies of `CloudFront`: a policy of one's own, signed with RSA or ECDSA over SHA-256.
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html>

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;
use url::Url;

use super::keys::Place;
use super::s3::fingerprint;
use super::signer::{Later, SignError, Signed, Signer};

/// A CDN cannot be used; displays as half a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CdnProblem {
    /// It is no address of one.
    #[error("the address of the CDN is not readable; https://HOST is")]
    Address,
    /// The key is in another form than PKCS#8.
    #[error("the key is not a PKCS#8 key in PEM (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 -nocrypt makes one of it")]
    Pem,
    /// The key is neither of the two kinds.
    #[error("the key is neither an RSA key of 2048 bits or more nor an ECDSA key on P-256")]
    Kind,
}

impl CdnProblem {
    /// Whether trying the same again may help: never.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

/// What signs.
enum Key {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
}

/// A distribution, and a key that it trusts. Cheap to clone.
#[derive(Clone)]
pub struct CloudFront(Arc<Inner>);

struct Inner {
    /// Without a `/` at its end.
    base: String,
    key_pair: String,
    key: Key,
    random: SystemRandom,
    place: Place,
    fingerprint: String,
}

impl CloudFront {
    /// The distribution at `base`, whose media lie under the paths that they have in the folder. `key_pair` is the id of
    /// the public key there; `pem` is the private one, PKCS#8.
    ///
    /// # Errors
    /// [`CdnProblem`].
    pub fn new(base: &str, key_pair: &str, pem: &[u8]) -> Result<Self, CdnProblem> {
        let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.filter(|url| url.query().is_none() && url.fragment().is_none()).ok_or(CdnProblem::Address)?;
        let base = url.as_str().trim_end_matches('/').to_owned();
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| CdnProblem::Pem)?;
        let der = der.secret_pkcs8_der();
        let random = SystemRandom::new();
        let (key, auth_type) = if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            (Key::Rsa(Box::new(pair)), "rsa-sha256")
        } else {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &random).map_err(|_| CdnProblem::Kind)?;
            (Key::Ecdsa(Box::new(pair)), "ecdsa-sha256")
        };
        let place = Place { storage_type: "cloudfront", auth_type, region: None, service: None };
        let fingerprint = fingerprint(&[&base, key_pair]);
        Ok(Self(Arc::new(Inner { base, key_pair: key_pair.to_owned(), key, random, place, fingerprint })))
    }

    /// The three values that prove the right to read what `resource` names (a `*` stands for anything) until `expires`:
    /// policy, signature and the id of the key, in this order, as they stand in addresses and cookies.
    ///
    /// # Errors
    /// [`SignError::Key`].
    pub fn proof(&self, resource: &str, expires: SystemTime) -> Result<[String; 3], SignError> {
        let seconds = expires.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // Written by hand would do, but for what a resource may contain.
        let policy = json!({"Statement": [{"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": seconds}}}]}).to_string();
        let signature = self.signature(policy.as_bytes())?;
        Ok([url_safe(policy.as_bytes()), url_safe(&signature), self.0.key_pair.clone()])
    }

    /// What a cookie for all media covers.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}/*", self.0.base)
    }

    fn signature(&self, policy: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.0.key {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.0.random, policy, &mut signature).map_err(|_| SignError::Key)?;
                Ok(signature)
            }
            Key::Ecdsa(pair) => {
                let signature = pair.sign(&self.0.random, policy).map_err(|_| SignError::Key)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

impl Signer for CloudFront {
    fn place(&self) -> &Place {
        &self.0.place
    }

    fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    fn sign<'a>(&'a self, path: &'a str, now: SystemTime, lifetime: Duration) -> Later<'a, Result<Signed, SignError>> {
        let signed = move || {
            // The parts are escaped one by one, and those that would be resolved are refused.
            let mut url = Url::parse(&self.0.base).map_err(|_| SignError::Path)?;
            if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                return Err(SignError::Path);
            }
            url.path_segments_mut().map_err(|()| SignError::Path)?.pop_if_empty().extend(path.split('/'));
            // In a policy it would stand for anything.
            let original_url = String::from(url).replace('*', "%2A");
            let [policy, signature, key_pair] = self.proof(&original_url, now + lifetime)?;
            let url = format!("{original_url}?Policy={policy}&Signature={signature}&Key-Pair-Id={key_pair}");
            Ok(Signed { url, original_url })
        };
        // RSA takes a millisecond, once in an hour for each media.
        Box::pin(async move { signed() })
    }
}

/// Base64 in which what means something in an address is replaced as `CloudFront` has it.
fn url_safe(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_means_something_in_an_address() {
        assert_eq!(url_safe(&[0xfb, 0xf0, 0x00]), "-~AA");
        assert_eq!(url_safe(&[0xff]), "~w__");
    }

    #[test]
    fn what_is_no_key_in_pkcs8_is_refused_with_a_way_out() {
        let refused = |pem: &str| CloudFront::new("https://cdn.example", "K", pem.as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!(refused(""), CdnProblem::Pem);
        assert_eq!(refused("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"), CdnProblem::Pem);
        assert_eq!(refused("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), CdnProblem::Kind);
        assert!(CdnProblem::Pem.to_string().contains("openssl pkcs8 -topk8"));
        assert_eq!(CloudFront::new("cdn.example", "K", b"").map(|_| ()).unwrap_err(), CdnProblem::Address);
    }
}
