//! What is counted of pages, by feed, and told to Prometheus.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::key::Kind;
use super::store::Usage;

/// Upper limits of the histogram of response times, in seconds.
const SECONDS: [f64; 11] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0];

/// The names that pages are counted under.
const FEEDS: [&str; 4] = ["discover", "community", "user", "other"];

/// `feed="discover"` and so on.
type Label = [(&'static str, &'static str); 1];
type Counters = Family<Label, Counter>;

/// How a reader was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// With a page that was kept.
    Hit,
    /// With one that was kept and has expired, while it is renewed.
    StaleHit,
    /// With one that was made for it.
    Miss,
    /// With one that was being made for another reader.
    Coalesced,
}

/// What is counted of pages.
pub(super) struct Stats {
    hits: Counters,
    stale_hits: Counters,
    misses: Counters,
    coalesced: Counters,
    origin_queries: Counters,
    response_seconds: Family<Label, Histogram>,
    evictions: Counter,
    slow: Counter,
    bytes: Gauge,
    bytes_max: Gauge,
}

impl Stats {
    pub fn new() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let stats = Self {
            hits: Counters::default(),
            stale_hits: Counters::default(),
            misses: Counters::default(),
            coalesced: Counters::default(),
            origin_queries: Counters::default(),
            response_seconds: Family::new_with_constructor(histogram),
            evictions: Counter::default(),
            slow: Counter::default(),
            bytes: Gauge::default(),
            bytes_max: Gauge::default(),
        };
        // A rate needs its zero: what was never counted would not be told at all.
        for feed in FEEDS {
            for counters in [&stats.hits, &stats.stale_hits, &stats.misses, &stats.coalesced, &stats.origin_queries] {
                drop(counters.get_or_create(&[("feed", feed)]));
            }
        }
        stats
    }

    /// A reader has its page, after `elapsed`.
    pub fn answered(&self, kind: Kind, how: Answered, elapsed: Duration) {
        let label = [("feed", kind.label())];
        let counters: &[&Counters] = match how {
            Answered::Hit => &[&self.hits],
            Answered::StaleHit => &[&self.hits, &self.stale_hits],
            Answered::Miss => &[&self.misses],
            Answered::Coalesced => &[&self.misses, &self.coalesced],
        };
        for counters in counters {
            counters.get_or_create(&label).inc();
        }
        self.response_seconds.get_or_create(&label).observe(elapsed.as_secs_f64());
    }

    /// A page is made.
    pub fn asked_origin(&self, kind: Kind) {
        self.origin_queries.get_or_create(&[("feed", kind.label())]).inc();
    }

    /// What the stores tell of themselves: counted since the start, and held now.
    pub fn measured(&self, evictions: u64, slow: u64, usage: Usage) {
        self.evictions.inc_by(evictions.saturating_sub(self.evictions.get()));
        self.slow.inc_by(slow.saturating_sub(self.slow.get()));
        self.bytes.set(usage.bytes.try_into().unwrap_or(i64::MAX));
        self.bytes_max.set(usage.bytes_max.map_or(0, |max| max.try_into().unwrap_or(i64::MAX)));
    }

    pub fn snapshot(&self) -> PageStats {
        let feed = |label: &'static str| {
            let get = |counters: &Counters| counters.get_or_create(&[("feed", label)]).get();
            FeedStats {
                hits: get(&self.hits),
                stale_hits: get(&self.stale_hits),
                misses: get(&self.misses),
                coalesced: get(&self.coalesced),
                origin_queries: get(&self.origin_queries),
            }
        };
        let [discover, community, user, other] = FEEDS.map(feed);
        let [evictions, slow] = [&self.evictions, &self.slow].map(Counter::get);
        PageStats { discover, community, user, other, evictions, slow, bytes: u64::try_from(self.bytes.get()).unwrap_or(0) }
    }

    pub fn register(&self, registry: &mut Registry) {
        let mut count = |name, help, counters: &Counters| registry.register(name, help, counters.clone());
        count("cache_hits", "Pages answered from the cache", &self.hits);
        count("cache_stale_hits", "Pages among them that had expired and were being renewed", &self.stale_hits);
        count("cache_misses", "Pages that were not in the cache", &self.misses);
        count("cache_coalesced", "Pages among them that were being made for another reader already", &self.coalesced);
        count("cache_origin_queries", "Pages that were made", &self.origin_queries);
        registry.register("cache_response_seconds", "From the question for a page to the page", self.response_seconds.clone());
        registry.register("cache_evictions", "Pages that had to go for others", self.evictions.clone());
        registry.register("cache_slow_operations", "Operations of the shared store that took longer than 10 ms", self.slow.clone());
        registry.register("cache_store_bytes", "Bytes that the store of pages holds", self.bytes.clone());
        registry.register("cache_store_limit_bytes", "Bytes that it may hold, 0 where nobody says", self.bytes_max.clone());
    }
}

/// What was counted of one feed's pages since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct FeedStats {
    /// Answered from the cache.
    pub hits: u64,
    /// Hits among them that had expired and were being renewed.
    pub stale_hits: u64,
    /// Not in the cache.
    pub misses: u64,
    /// Misses among them that were being made for another reader already.
    pub coalesced: u64,
    /// Pages made.
    pub origin_queries: u64,
}

/// What was counted of pages since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::server) struct PageStats {
    pub discover: FeedStats,
    pub community: FeedStats,
    pub user: FeedStats,
    pub other: FeedStats,
    /// Pages in memory that had to go for others.
    pub evictions: u64,
    /// Operations of Redis that took longer than 10 ms.
    pub slow: u64,
    /// Bytes that the store holds now.
    pub bytes: u64,
}

impl PageStats {
    /// Hits among all questions, 0 to 1; `None` before the first one.
    pub fn hit_rate(&self) -> Option<f64> {
        let feeds = [self.discover, self.community, self.user, self.other];
        let [hits, misses]: [u64; 2] = [feeds.iter().map(|feed| feed.hits).sum(), feeds.iter().map(|feed| feed.misses).sum()];
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_under_the_names_that_dashboards_ask_for() {
        let stats = Stats::new();
        assert_eq!(stats.snapshot().hit_rate(), None);
        for how in [Answered::Miss, Answered::Coalesced, Answered::Hit, Answered::StaleHit] {
            stats.answered(Kind::Discover, how, Duration::from_millis(2));
        }
        stats.asked_origin(Kind::Discover);
        let all = stats.snapshot();
        assert_eq!(all.discover, FeedStats { hits: 2, stale_hits: 1, misses: 2, coalesced: 1, origin_queries: 1 });
        assert_eq!(all.hit_rate(), Some(0.5));
        let mut registry = Registry::default();
        stats.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            "cache_hits_total{feed=\"discover\"} 2",
            "cache_misses_total{feed=\"discover\"} 2",
            "cache_misses_total{feed=\"community\"} 0",
            "cache_response_seconds_bucket{le=\"0.0025\",feed=\"discover\"} 4",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        let board = include_str!("../../../packaging/cloud/dashboard.json");
        let board: serde_json::Value = serde_json::from_str(board).unwrap();
        let mut asked = Vec::new();
        for panel in board["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                let names = target["expr"].as_str().unwrap().split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
                asked.extend(names.filter(|name| name.starts_with("cache_")).map(str::to_owned));
            }
        }
        assert!(asked.len() > 10, "{asked:?}");
        for name in asked {
            assert!(text.lines().any(|line| line.starts_with(&name)), "{name} is on the dashboard and nowhere else");
        }
    }
}
