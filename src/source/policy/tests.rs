//! The rules about addresses, case by case.

use proptest::prelude::*;
use url::Url;

use super::Policy;
use crate::feed::Refusal;
use crate::source::TrustedHosts;

const PUBLIC: &str = "https://feed.example/videos?page=1";

fn policy(feed: &str, trusted: &[&str]) -> (Policy, Url) {
    let feed = Url::parse(feed).unwrap();
    let trusted = TrustedHosts::new(trusted.iter().map(|host| (*host).to_owned()));
    (Policy::for_feed(&feed, &trusted), feed)
}

/// What `feed` makes of the address `text`.
fn address(feed: &str, text: &str) -> Result<Url, Refusal> {
    let (policy, base) = policy(feed, &[]);
    policy.address(&base, text)
}

fn sentence(feed: &str, text: &str) -> String {
    match address(feed, text) {
        Ok(url) => format!("{url} is allowed"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn every_address_that_a_public_feed_may_not_name_is_refused_with_its_own_sentence() {
    let elsewhere = |words: &str| format!("{words}, and the feed is not from there.");
    for (text, expected) in [
        ("file:///etc/passwd", "An address that begins with file: is not opened for a feed.".to_owned()),
        ("data:video/mp4;base64,AAAA", "An address that begins with data: is not opened for a feed.".to_owned()),
        ("javascript:alert(1)", "An address that begins with javascript: is not opened for a feed.".to_owned()),
        ("FTP://example.org/a.mp4", "An address that begins with ftp: is not opened for a feed.".to_owned()),
        ("rtsp://example.org/a", "An address that begins with rtsp: is not opened for a feed.".to_owned()),
        ("blob:https://example.org/1", "An address that begins with blob: is not opened for a feed.".to_owned()),
        ("http://[bad", "This is not a valid address.".to_owned()),
        ("https://", "This is not a valid address.".to_owned()),
        ("https://./a.mp4", "This is not a valid address.".to_owned()),
        ("https://a b/", "This is not a valid address.".to_owned()),
        ("https://256.1.1.1/", "This is not a valid address.".to_owned()),
        ("https://me@example.org/a.mp4", "An address with a user name or a password is not opened for a feed.".to_owned()),
        ("https://:secret@example.org/", "An address with a user name or a password is not opened for a feed.".to_owned()),
        ("https://me@feed.example/a.mp4", "An address with a user name or a password is not opened for a feed.".to_owned()),
        ("http://example.org/a.mp4", "example.org would be asked without encryption, and the feed came by https.".to_owned()),
        ("http://feed.example/a.mp4", "feed.example would be asked without encryption, and the feed came by https.".to_owned()),
        ("https://localhost/a", elsewhere("localhost is a name of this machine itself")),
        ("https://LocalHost./a", elsewhere("localhost. is a name of this machine itself")),
        ("https://any.localhost/a", elsewhere("any.localhost is a name of this machine itself")),
        ("https://%6cocalhost/a", elsewhere("localhost is a name of this machine itself")),
        ("https://127.0.0.1/a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://127.1/a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://0x7f.1/a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://2130706433/a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://017700000001/a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://127。0。0。1/a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://①②⑦.0.0.1/a", elsewhere("127.0.0.1 is this machine itself")),
        ("//127.0.0.1/a", elsewhere("127.0.0.1 is this machine itself")),
        ("\\\\127.0.0.1\\a", elsewhere("127.0.0.1 is this machine itself")),
        ("https://[::1]/a", elsewhere("[::1] is this machine itself")),
        ("https://0/a", elsewhere("0.0.0.0 is the address of no machine")),
        ("https://[::]/a", elsewhere("[::] is the address of no machine")),
        ("https://10.0.0.1/a", elsewhere("10.0.0.1 is an address of a private network")),
        ("https://172.16.0.1/a", elsewhere("172.16.0.1 is an address of a private network")),
        ("https://192.168.1.1/a", elsewhere("192.168.1.1 is an address of a private network")),
        ("https://[fd00::1]/a", elsewhere("[fd00::1] is an address of a private IPv6 network")),
        ("https://169.254.169.254/latest/meta-data", elsewhere("169.254.169.254 is an address of the local link")),
        ("https://[fe80::1]/a", elsewhere("[fe80::1] is an address of the local link")),
        ("https://100.64.0.1/a", elsewhere("100.64.0.1 is an address within a provider’s network")),
        ("https://224.0.0.1/a", elsewhere("224.0.0.1 is an address of many machines")),
        ("https://192.0.2.1/a", elsewhere("192.0.2.1 is an address for documentation")),
        ("https://198.18.0.1/a", elsewhere("198.18.0.1 is an address for measurements")),
        ("https://255.255.255.255/a", elsewhere("255.255.255.255 is a reserved address")),
        ("https://[::ffff:8.8.8.8]/a", elsewhere("[::ffff:808:808] is an IPv4 address written as IPv6")),
        ("https://[::7f00:1]/a", elsewhere("[::7f00:1] is an IPv4 address written as IPv6")),
        ("https://[64:ff9b::8.8.8.8]/a", elsewhere("[64:ff9b::808:808] is an IPv4 address behind a translator")),
        ("https://[2002:7f00:1::]/a", elsewhere("[2002:7f00:1::] is an IPv4 address behind a tunnel")),
    ] {
        assert_eq!(sentence(PUBLIC, text), expected, "{text}");
    }
}

#[test]
fn what_a_public_feed_may_name_is_allowed() {
    for (text, url) in [
        ("a.mp4?sig=1", "https://feed.example/a.mp4?sig=1"),
        ("//cdn.example/a.mp4", "https://cdn.example/a.mp4"),
        (" https://cdn.example:8443/a.mp4 ", "https://cdn.example:8443/a.mp4"),
        ("https://8.8.8.8/a.mp4", "https://8.8.8.8/a.mp4"),
        ("https://[2606:4700::1111]/a.mp4", "https://[2606:4700::1111]/a.mp4"),
        ("https://notlocalhost/a.mp4", "https://notlocalhost/a.mp4"),
        ("https://localhost.example/a.mp4", "https://localhost.example/a.mp4"),
    ] {
        assert_eq!(address(PUBLIC, text).unwrap().as_str(), url);
    }
    assert!(address("http://feed.example/", "http://cdn.example/a.mp4").is_ok(), "the viewer has typed http");
}

#[test]
fn a_feed_on_a_private_host_may_name_that_host_at_any_port_and_no_other_private_one() {
    for (feed, own, other) in [
        ("http://127.0.0.1:8080/feed", "http://127.0.0.1:9/a.mp4", "http://127.0.0.2:8080/a.mp4"),
        ("http://127.0.0.1:8080/feed", "https://0x7f.1/a.mp4", "http://localhost:8080/a.mp4"),
        ("http://localhost:8080/feed", "http://LOCALHOST.:9/a.mp4", "http://127.0.0.1:8080/a.mp4"),
        ("http://192.168.1.5/feed", "a.mp4", "http://192.168.1.6/a.mp4"),
        ("http://[fd00::1]/feed", "http://[fd00:0::1]:81/a.mp4", "http://[fd00::2]/a.mp4"),
        ("http://[::ffff:127.0.0.1]/feed", "/a.mp4", "http://127.0.0.1/a.mp4"),
    ] {
        assert!(address(feed, own).is_ok(), "{feed} {own}");
        assert!(matches!(address(feed, other), Err(Refusal::Zone { .. })), "{feed} {other}");
        assert!(address(feed, "https://cdn.example/a.mp4").is_ok(), "{feed}");
    }
}

#[test]
fn a_list_of_trusted_hosts_lets_those_pass_and_the_host_that_was_typed() {
    let (policy, feed) = policy(PUBLIC, &["cdn.example", "127.0.0.1"]);
    for allowed in ["a.mp4", "https://cdn.example/a", "https://a.CDN.example./a"] {
        assert!(policy.address(&feed, allowed).is_ok(), "{allowed}");
    }
    let refused = |text: &str| policy.address(&feed, text).unwrap_err().to_string();
    assert_eq!(refused("https://badcdn.example/a"), "badcdn.example is not one of the trusted hosts.");
    assert_eq!(refused("https://cdn.example.evil.example/a"), "cdn.example.evil.example is not one of the trusted hosts.");
    assert_eq!(refused("https://www.feed.example/a"), "www.feed.example is not one of the trusted hosts.");
    assert!(refused("https://127.0.0.1/a").contains("this machine itself"), "trust is no leave to reach into a private network");
}

#[test]
fn a_user_name_that_was_typed_is_good_for_the_place_it_was_typed_for() {
    let feed = "https://me:secret@feed.example/videos";
    assert!(address(feed, "a.mp4").is_ok() && address(feed, "https://feed.example/a.mp4").is_ok());
    for other in ["https://me:secret@cdn.example/a", "https://me:secret@feed.example:8443/a", "https://me:other@feed.example/a"] {
        assert_eq!(address(feed, other), Err(Refusal::Credentials), "{other}");
    }
}

#[test]
fn a_redirect_is_held_to_the_same_rules_and_the_sixth_is_not_followed() {
    let (policy, _) = policy(PUBLIC, &[]);
    let hop = |text: &str, asked| policy.hop(&Url::parse(text).unwrap(), asked).map_err(|refusal| refusal.to_string());
    assert_eq!(hop("https://cdn.example/", 5), Ok(()));
    assert_eq!(hop("https://cdn.example/", 6), Err("The server redirected more than 5 times.".to_owned()));
    assert_eq!(
        hop("https://169.254.169.254/", 1),
        Err("A redirect was not followed: 169.254.169.254 is an address of the local link, and the feed is not from there.".to_owned())
    );
    assert_eq!(
        hop("http://cdn.example/", 1),
        Err("A redirect was not followed: cdn.example would be asked without encryption, and the feed came by https.".to_owned())
    );
}

#[test]
fn without_a_feed_nothing_private_and_nothing_unencrypted_is_asked() {
    let check = |text: &str| Policy::default().check(&Url::parse(text).unwrap());
    assert!(check("https://example.org/").is_ok());
    assert!(check("http://example.org/").is_err() && check("https://127.0.0.1/").is_err());
}

proptest! {
    #[test]
    fn no_private_address_passes_for_a_public_feed_however_it_is_written(
        network in prop::sample::select(vec![(10_u32, 8_u32), (127, 8), (0xa9fe, 16), (0xc0a8, 16), (0x191, 10), (0xac1, 12), (0xe, 4)]),
        host in any::<u32>(),
        style in 0..5,
    ) {
        let (prefix, length) = network;
        let number = (prefix << (32 - length)) | (host >> length);
        let [a, b, c, d] = number.to_be_bytes();
        let written = match style {
            0 => format!("{a}.{b}.{c}.{d}"),
            1 => format!("{number}"),
            2 => format!("{number:#x}"),
            3 => format!("0{number:o}"),
            _ => format!("[::ffff:{a}.{b}.{c}.{d}]"),
        };
        for scheme in ["http", "https"] {
            let refused = address("http://feed.example/", &format!("{scheme}://{written}/a.mp4"));
            prop_assert!(matches!(refused, Err(Refusal::Zone { .. })), "{}: {:?}", written, refused);
        }
    }

    #[test]
    fn no_text_makes_it_stumble(text in any::<String>()) {
        let _ = address(PUBLIC, &text);
        if let Ok(url) = address(PUBLIC, &format!("https://{text}")) {
            prop_assert_eq!(url.scheme(), "https");
            prop_assert!(url.username().is_empty());
        }
    }
}
