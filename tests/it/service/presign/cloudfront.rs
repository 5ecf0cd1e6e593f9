//! Addresses and cookies of `CloudFront`, verified by the openssl program.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flickreel::server::ServerConfig;
use flickreel::server::presign::{CdnOptions, CdnProblem, CloudFront, PresignOptions, Signer};
use reqwest::header::SET_COOKIE;
use serde_json::Value;
use tempfile::TempDir;

use crate::service::rig::{Served, folder};

const BASE: &str = "https://cdn.example/reel/";

fn openssl(words: &[&str], folder: &Path) -> bool {
    let status = Command::new("openssl").args(words).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.expect("openssl is installed").success()
}

/// A folder with `key.pem` and `public.pem`, made by these words.
fn keys(words: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(openssl(&[&["genpkey", "-out", "key.pem"], words].concat(), folder.path()));
    assert!(openssl(&["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"], folder.path()));
    folder
}

fn rsa() -> TempDir {
    keys(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
}

fn ecdsa() -> TempDir {
    keys(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
}

fn cdn(keys: &TempDir) -> CloudFront {
    CloudFront::new(BASE, "K2JCJMDEHXQW5F", &fs::read(keys.path().join("key.pem")).unwrap()).unwrap()
}

fn decoded(text: &str) -> Vec<u8> {
    assert!(!text.contains(['+', '=', '/']), "{text}");
    STANDARD.decode(text.replace('-', "+").replace('_', "=").replace('~', "/")).unwrap()
}

/// Whether openssl takes the signature for one of the policy; and the policy.
fn verified(keys: &TempDir, policy: &str, signature: &str) -> (bool, Value) {
    let policy = decoded(policy);
    fs::write(keys.path().join("policy"), &policy).unwrap();
    fs::write(keys.path().join("signature"), decoded(signature)).unwrap();
    let good = openssl(&["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "policy"], keys.path());
    (good, serde_json::from_slice(&policy).unwrap())
}

fn value<'a>(url: &'a str, name: &str) -> &'a str {
    let (_, rest) = url.split_once(&format!("{name}=")).unwrap();
    rest.split(['&', ';']).next().unwrap()
}

#[tokio::test]
async fn an_address_is_signed_so_that_openssl_verifies_it_with_either_kind_of_key() {
    for keys in [rsa(), ecdsa()] {
        let cdn = cdn(&keys);
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let signed = cdn.sign("day 1/ä.mp4", now, Duration::from_hours(1)).await.unwrap();
        assert_eq!(signed.original_url, "https://cdn.example/reel/day%201/%C3%A4.mp4");
        assert!(signed.url.starts_with(&signed.original_url));
        assert_eq!(value(&signed.url, "Key-Pair-Id"), "K2JCJMDEHXQW5F");
        let (good, policy) = verified(&keys, value(&signed.url, "Policy"), value(&signed.url, "Signature"));
        assert!(good, "{}", cdn.place().auth_type);
        let statement = &policy["Statement"][0];
        assert_eq!(statement["Resource"], signed.original_url);
        assert_eq!(statement["Condition"]["DateLessThan"]["AWS:EpochTime"], 1_700_003_600);
        let other = cdn.sign("b.mp4", now, Duration::from_hours(1)).await.unwrap().url;
        assert!(!verified(&keys, value(&signed.url, "Policy"), value(&other, "Signature")).0, "the signature of another one");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_distribution() {
    let cdn = cdn(&ecdsa());
    for path in ["", "../a", "a//b", "./a"] {
        assert!(cdn.sign(path, UNIX_EPOCH, Duration::from_secs(1)).await.is_err(), "{path}");
    }
}

#[test]
fn keys_of_other_kinds_and_forms_are_refused_with_a_reason() {
    let other = keys(&["-algorithm", "ED25519"]);
    let refused =
        |keys: &TempDir, file: &str| CloudFront::new(BASE, "K", &fs::read(keys.path().join(file)).unwrap()).map(|_| ()).unwrap_err();
    assert_eq!(refused(&other, "key.pem"), CdnProblem::Kind);
    let old = rsa();
    assert!(openssl(&["rsa", "-in", "key.pem", "-traditional", "-out", "old.pem"], old.path()));
    assert_eq!(refused(&old, "old.pem"), CdnProblem::Pem);
    assert_eq!(refused(&old, "public.pem"), CdnProblem::Pem);
}

#[tokio::test]
async fn pages_name_media_at_the_cdn_and_set_cookies_that_cover_all_of_it_when_asked_to() {
    let (keys, clips) = (rsa(), folder(&["a.mp4"]));
    for cookies in [true, false] {
        let cdn = CdnOptions { cloudfront: cdn(&keys), cookies, cookie_domain: Some("example".into()) };
        let options = PresignOptions { cdn: Some(cdn), ..PresignOptions::default() };
        let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_presign(options)).await;
        let answer = served.get("/feed/videos").await;
        let set: Vec<_> = answer.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let url = page["videos"][0]["videoUrl"].as_str().unwrap();
        assert!(url.starts_with("https://cdn.example/reel/a.mp4?Policy="), "{url}");
        assert!(verified(&keys, value(url, "Policy"), value(url, "Signature")).0);
        if !cookies {
            assert!(set.is_empty(), "{set:?}");
            continue;
        }
        let [policy, signature, key_pair] = set.as_slice() else { panic!("{set:?}") };
        for (cookie, name) in [(policy, "CloudFront-Policy"), (signature, "CloudFront-Signature"), (key_pair, "CloudFront-Key-Pair-Id")] {
            assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
            assert!(cookie.ends_with("; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=None; Domain=example"), "{cookie}");
        }
        let (good, policy) = verified(&keys, value(policy, "CloudFront-Policy"), value(signature, "CloudFront-Signature"));
        assert!(good);
        assert_eq!(policy["Statement"][0]["Resource"], "https://cdn.example/reel/*");
    }
}
