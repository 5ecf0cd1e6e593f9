//! What an edge says of an answer: whether it had it. Pure.

use axum::http::HeaderMap;
use serde::Serialize;

/// Whether an edge had what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EdgeState {
    /// It had it.
    Hit,
    /// It had it, too old, and gave it nevertheless.
    Stale,
    /// It had to fetch it.
    Miss,
    /// It does not keep such things.
    Bypass,
    /// It does not say.
    Unknown,
}

impl EdgeState {
    /// As in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "HIT",
            Self::Stale => "STALE",
            Self::Miss => "MISS",
            Self::Bypass => "BYPASS",
            Self::Unknown => "?",
        }
    }

    /// Reads `X-Cache` (`CloudFront`, Fastly, Varnish), `X-Cache-Status` (nginx, by convention) and `CF-Cache-Status`
    /// (Cloudflare); where there is none of them, `Age` (RFC 9111, 5.1).
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let said = ["x-cache", "x-cache-status", "cf-cache-status"].into_iter().filter_map(text).map(Self::of_word);
        let mut said = said.filter(|state| *state != Self::Unknown);
        // Some edges write an age of zero into what they have just fetched.
        let aged = || text("age").and_then(|age| age.trim().parse::<u64>().ok()).is_some_and(|age| age > 0);
        said.next().unwrap_or_else(|| if aged() { Self::Hit } else { Self::Unknown })
    }

    fn of_word(value: &str) -> Self {
        // Of several edges in a row the one nearest to us speaks last.
        let nearest = value.rsplit(',').next().unwrap_or_default().trim();
        let word = nearest.split([' ', '_', '-', '/']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "HIT" | "REFRESHHIT" | "REVALIDATED" => Self::Hit,
            "STALE" | "UPDATING" => Self::Stale,
            "MISS" | "EXPIRED" => Self::Miss,
            "BYPASS" | "DYNAMIC" | "PASS" => Self::Bypass,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> EdgeState {
        EdgeState::of(&headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect())
    }

    #[test]
    fn each_edge_is_understood_in_its_own_words() {
        for (name, value, wanted) in [
            ("x-cache", "Hit from cloudfront", EdgeState::Hit),
            ("x-cache", "RefreshHit from cloudfront", EdgeState::Hit),
            ("x-cache", "Miss from cloudfront", EdgeState::Miss),
            ("x-cache", "HIT, MISS", EdgeState::Miss),
            ("x-cache", "MISS, HIT", EdgeState::Hit),
            ("x-cache", "TCP_HIT", EdgeState::Unknown),
            ("x-cache", "Error from cloudfront", EdgeState::Unknown),
            ("x-cache-status", "EXPIRED", EdgeState::Miss),
            ("x-cache-status", "UPDATING", EdgeState::Stale),
            ("cf-cache-status", "DYNAMIC", EdgeState::Bypass),
            ("cf-cache-status", "REVALIDATED", EdgeState::Hit),
            ("age", "12", EdgeState::Hit),
            ("age", "0", EdgeState::Unknown),
            ("age", "x", EdgeState::Unknown),
        ] {
            assert_eq!(of(&[(name, value)]), wanted, "{name}: {value}");
        }
        assert_eq!(of(&[]), EdgeState::Unknown);
        assert_eq!(of(&[("x-cache-status", "MISS"), ("age", "7")]), EdgeState::Miss, "the age is the origin's");
    }
}
