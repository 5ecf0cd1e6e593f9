//! What a page is kept under, and which pages a change takes along.

use md5::{Digest, Md5};
use serde_json::Value;
use sha2::Sha256;

use super::python::{dumps, repr, round_to_hundredths};

/// Text of a client that is longer than this stands in a key as its hash, in bytes.
const PLAIN_MAX: usize = 64;
/// Where nothing was given: no text of a client looks like it.
const NOTHING: &str = "~";

/// What sort of page it is: that decides how long it is good for and where it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Discover,
    Community,
    User,
    LiveList,
    Stream,
}

impl Kind {
    /// The name it is counted under: `discover`, `community`, `user` or `other`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Community => "community",
            Self::User => "user",
            Self::LiveList | Self::Stream => "other",
        }
    }
}

/// What a page is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::server) struct PageKey {
    text: String,
    /// Stands for all that the short hashes in `text` stand for: two that meet there are told apart by it.
    whole: u64,
    kind: Kind,
}

impl PageKey {
    /// A page of the discover feed. `filters` is a JSON object that names every filter, null for what is not given; `5.0` is
    /// another number than `5`.
    pub fn discover(filters: &Value, page: usize, per_page: usize) -> Self {
        let filters = dumps(filters);
        let text = format!("feed:discover:{}:page:{page}:limit:{per_page}", hash(&filters));
        Self { text, whole: whole(&filters), kind: Kind::Discover }
    }

    /// A page of the community feed within `place`: latitude and longitude in degrees, radius in kilometres.
    pub fn community(place: Option<(f64, f64, f64)>, filters: &Value, page: usize, per_page: usize) -> Self {
        let (place, filters) = (place.map(|(latitude, longitude, radius_km)| area(latitude, longitude, radius_km)), dumps(filters));
        let hashed = place.as_deref().map_or_else(|| NOTHING.to_owned(), hash);
        let text = format!("feed:community:{hashed}:{}:page:{page}:limit:{per_page}", hash(&filters));
        Self { text, whole: whole(&format!("{} {filters}", place.unwrap_or_default())), kind: Kind::Community }
    }

    /// A page for one user, or for everybody who is not known. `algorithm` is any text that says what else makes this page
    /// another one.
    pub fn user_page(user: Option<&str>, cursor: Option<&str>, algorithm: &str, limit: usize) -> Self {
        let [user, cursor] = [user, cursor].map(|text| text.map_or_else(|| NOTHING.to_owned(), plain));
        Self { text: format!("feed:page:{user}:{cursor}:{}:limit:{limit}", plain(algorithm)), whole: 0, kind: Kind::User }
    }

    /// The list of streams that are live now.
    pub fn live_list(limit: usize) -> Self {
        Self { text: format!("feed:discover:live:limit:{limit}"), whole: 0, kind: Kind::LiveList }
    }

    /// What is told of the stream `id`.
    pub fn stream(id: &str) -> Self {
        Self { text: format!("feed:page:{NOTHING}stream:{}", plain(id)), whole: 0, kind: Kind::Stream }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn whole(&self) -> u64 {
        self.whole
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }
}

/// Which pages are let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) enum Scope {
    /// `feed:discover:*`.
    Discover,
    /// `feed:community:*`.
    Community,
    /// `feed:community:{area}:*`: one area alone, by the hash of its place ([`area`]).
    Area(String),
    /// Those of every feed: `feed:discover:*`, `feed:community:*` and `feed:page:*`.
    All,
}

/// How the keys of the discover feed begin.
pub(super) const DISCOVER: &str = "feed:discover:";
/// How the keys of the community feed begin.
pub(super) const COMMUNITY: &str = "feed:community:";
/// How the keys of all other pages begin.
pub(super) const PAGE: &str = "feed:page:";

impl Scope {
    /// How the keys of these pages begin.
    pub(super) fn prefixes(&self) -> Vec<String> {
        match self {
            Self::Discover => vec![DISCOVER.to_owned()],
            Self::Community => vec![COMMUNITY.to_owned()],
            Self::Area(area) => vec![format!("{COMMUNITY}{area}:")],
            Self::All => [DISCOVER, COMMUNITY, PAGE].map(str::to_owned).to_vec(),
        }
    }
}

/// A place as it is hashed: the same for places that agree to two decimals of a degree, which is about a kilometre.
fn area(latitude: f64, longitude: f64, radius_km: f64) -> String {
    let [latitude, longitude] = [latitude, longitude].map(|degrees| repr(round_to_hundredths(degrees)));
    format!("{latitude}:{longitude}:{}", repr(radius_km))
}

/// Eight bytes of SHA-256. The names of pages have only 32 bits of MD5, which somebody may find a second text for.
fn whole(text: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    digest.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The first 8 hex digits of the MD5 of `text`.
fn hash(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes())[..4])
}

/// `text` of a client as a part of a key: as it is where it is short and harmless, or else its hash. Two texts never meet, and
/// none reaches into the next part.
fn plain(text: &str) -> String {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.len() <= PLAIN_MAX && text.bytes().all(harmless) {
        return text.to_owned();
    }
    format!("{NOTHING}{}", hex(&Sha256::digest(text.as_bytes())[..16]))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_hashed_as_every_other_program_hashes_them() {
        let hashes = [
            (json!({"category": null, "sort": "live_first"}), "b7796ffe"),
            (json!({"category": "electronics", "sort": "live_first"}), "e02631ab"),
            (json!({"category": "fashion", "sort": "live_first"}), "1b706855"),
            (
                json!({"category": null, "condition": null, "max_price": null, "min_price": null, "neighborhood": null, "sort": "nearest"}),
                "e96f9af9",
            ),
            (json!({"category": "Küche – 😀", "sort": "recent"}), "e0110da7"),
            (json!({"max_price": 1e16, "min_price": 1e-5}), "fac774f0"),
            (json!({"max_price": 199.99, "min_price": 0}), "49757a0b"),
        ];
        for (filters, hash) in hashes {
            let key = PageKey::discover(&filters, 2, 20);
            assert_eq!(key.as_str(), format!("feed:discover:{hash}:page:2:limit:20"));
        }
    }

    #[test]
    fn places_are_hashed_as_every_other_program_hashes_them() {
        let areas = [
            ((25.2, 55.27, 5.0), "97110275"),
            ((25.2048, 55.2708, 5.0), "97110275"),
            ((25.1, 55.17, 5.0), "d9e12ec4"),
            ((-0.001, 179.995, 0.5), "99ee598a"),
            ((-33.865, 151.2094, 10.0), "7ee61387"),
            ((0.125, 0.375, 25.0), "36ec51e6"),
            ((2.675, 1e-9, 1e16), "072f5a38"),
        ];
        for ((latitude, longitude, radius_km), hash) in areas {
            assert_eq!(super::hash(&area(latitude, longitude, radius_km)), hash, "{latitude} {longitude} {radius_km}");
        }
        let key = PageKey::community(Some((25.2, 55.27, 5.0)), &json!({"sort": "nearest"}), 1, 20);
        assert!(key.as_str().starts_with(&Scope::Area("97110275".into()).prefixes()[0]), "{key:?}");
    }

    #[test]
    fn no_text_of_a_client_makes_the_key_of_another() {
        let key = |user, cursor, algorithm| PageKey::user_page(user, cursor, algorithm, 20).text;
        assert_eq!(key(Some("u-1"), Some("c_2"), "newest"), "feed:page:u-1:c_2:newest:limit:20");
        assert_eq!(key(None, None, "newest"), "feed:page:~:~:newest:limit:20");
        assert_ne!(key(Some("a:b"), Some("c"), "newest"), key(Some("a"), Some("b:c"), "newest"));
        assert_ne!(key(Some("~"), None, "newest"), key(None, None, "newest"));
        assert_ne!(key(Some(""), None, "newest"), key(None, None, "newest"));
        assert_ne!(key(Some("u"), None, "newest"), key(Some("u"), None, "trending"));
        let long = key(Some(&"x".repeat(100_000)), Some("*?[a]\r\n"), "newest");
        assert!(long.len() < 128 && !long.contains(['*', '?', '[', '\n']), "{long}");
    }
}
