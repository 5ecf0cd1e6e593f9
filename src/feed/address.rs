//! Addresses without what only proves the right to read them: what may be kept, and what tells media apart.

use std::borrow::Cow;

/// Query parameters that are part of a signature whatever else stands in the query, in lower case.
const SIGNATURE: [&str; 20] = [
    "signature",
    "expires",
    "expiry",
    "key-pair-id",
    "policy",
    "token",
    "access_token",
    "auth",
    "auth_key",
    "sig",
    "exp",
    "hmac",
    "hash",
    "hdnea",
    "hdnts",
    "hdntl",
    "awsaccesskeyid",
    "googleaccessid",
    "ossaccesskeyid",
    "security-token",
];
/// Families of such parameters, by their beginning.
const SIGNATURE_PREFIXES: [&str; 4] = ["x-amz-", "x-goog-", "x-oss-", "x-bz-"];
/// Short names that belong to a signature only next to a `sig` (Azure's shared access signatures).
const BESIDE_SIG: [&str; 14] = ["se", "sp", "sv", "sr", "st", "spr", "sip", "ss", "srt", "skoid", "sktid", "skt", "ske", "sks"];

/// Whether the query parameter `name` (decoded, in any case) is part of a signature or a right to read. `has_sig`
/// says that one called `sig` stands in the same query: next to it some short names are too.
#[must_use]
pub fn is_signature(name: &str, has_sig: bool) -> bool {
    let name = name.to_ascii_lowercase();
    SIGNATURE.contains(&name.as_str())
        || SIGNATURE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (has_sig && BESIDE_SIG.contains(&name.as_str()))
}

/// An `http` or `https` address without user name, password, signature, tokens, expiry and fragment. The rest
/// stays as it is written, so that the address can be asked for again.
#[must_use]
pub fn without_signature(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let (place, query) = address.split_once('?').map_or((address, None), |(place, query)| (place, Some(query)));
    let place = match place.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            Cow::Owned(format!("{scheme}://{host}{path}"))
        }
        None => Cow::Borrowed(place),
    };
    let name = |pair: &str| percent_decoded(pair.split('=').next().unwrap_or_default());
    let query = query.unwrap_or_default();
    let has_sig = query.split('&').any(|pair| name(pair).eq_ignore_ascii_case("sig"));
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !is_signature(&name(pair), has_sig)).collect();
    if kept.is_empty() { place.into_owned() } else { format!("{place}?{}", kept.join("&")) }
}

/// The host of an address, with its port if it names one; `None` where there is none.
#[must_use]
pub fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host)).filter(|host| !host.is_empty())
}

/// A part of an address with its percent signs resolved: `%73ig` signs as well as `sig`. What is no UTF-8 becomes `\u{fffd}`.
#[must_use]
pub fn percent_decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let escaped = escaped.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proves_a_right_is_taken_out_and_the_rest_stays_as_it_is_written() {
        for (address, left) in [
            ("https://a.example/v%20w.mp4?v=3&X-Amz-Signature=1&x=a%26b#t=5", "https://a.example/v%20w.mp4?v=3&x=a%26b"),
            ("https://a.example/v.mp4?Policy=p&Signature=s&Key-Pair-Id=k", "https://a.example/v.mp4"),
            ("https://a.example/v.mp4?sv=1&se=2&sp=r&sig=x&id=7", "https://a.example/v.mp4?id=7"),
            ("https://a.example/v.mp4?%73ig=x&to%6ben=y", "https://a.example/v.mp4"),
            ("https://me:pass@a.example:8443/f?limit=20", "https://a.example:8443/f?limit=20"),
            ("https://a.example", "https://a.example"),
            ("https://a.example/x@y?next=https://b.example/", "https://a.example/x@y?next=https://b.example/"),
        ] {
            assert_eq!(without_signature(address), left);
        }
    }

    #[test]
    fn the_host_is_what_stands_between_user_and_path() {
        assert_eq!(host_of("https://me:pass@a.example:8443/f?x=http://b.example/"), Some("a.example:8443"));
        assert_eq!(host_of("https://a.example?x=1"), Some("a.example"));
        assert_eq!(host_of("http://[::1]:80/"), Some("[::1]:80"));
        assert_eq!(host_of("file:///etc"), None);
        assert_eq!(host_of("a.example/v"), None);
    }

    #[test]
    fn short_names_are_kept_where_nothing_is_signed() {
        assert_eq!(without_signature("https://a.example/v?se=2&sp=1"), "https://a.example/v?se=2&sp=1");
    }

    #[test]
    fn broken_escapes_are_left_as_they_are() {
        for address in ["https://a.example/?%=1", "https://a.example/?%zz=1&%e", "https://a.example/?a%f"] {
            assert_eq!(without_signature(address), address);
        }
    }
}
