//! What became of the addresses that were asked for.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// Counts since the start.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    hits: Counter,
    misses: Counter,
    calls: Counter,
    renewals: Counter,
    failures: Counter,
}

/// What they were at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Addresses that were there when they were asked for.
    pub hits: u64,
    /// Addresses that had to be signed, or fetched from what replicas share, first.
    pub misses: u64,
    /// How often something was signed, tries that were throttled included.
    pub calls: u64,
    /// Addresses that were renewed before they expired.
    pub renewals: u64,
    /// Addresses that could not be signed.
    pub failures: u64,
}

impl Stats {
    pub(super) fn hit(&self) {
        self.hits.inc();
    }

    pub(super) fn miss(&self) {
        self.misses.inc();
    }

    pub(super) fn call(&self) {
        self.calls.inc();
    }

    pub(super) fn renewal(&self) {
        self.renewals.inc();
    }

    pub(super) fn failure(&self) {
        self.failures.inc();
    }

    /// What they are now.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            hits: self.hits.get(),
            misses: self.misses.get(),
            calls: self.calls.get(),
            renewals: self.renewals.get(),
            failures: self.failures.get(),
        }
    }

    /// Lets Prometheus read them, as `presign_hits_total` and so on.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("presign_hits", "Signed addresses that were there when they were asked for", self.hits.clone());
        registry.register("presign_misses", "Signed addresses that had to be signed or fetched first", self.misses.clone());
        registry.register("presign_signing_calls", "How often something was signed", self.calls.clone());
        registry.register("presign_renewals", "Signed addresses that were renewed before they expired", self.renewals.clone());
        registry.register("presign_failures", "Addresses that could not be signed", self.failures.clone());
    }
}
