//! Figures: counters that any thread may touch, histograms, and the snapshot that overlay, report and
//! exporters all read.

mod counters;
mod latency;
mod network;

pub use counters::{Counters, CountersSnapshot};
pub use latency::{Latency, Quantiles};
pub use network::NetworkEstimate;
