//! Figures: counters that any thread may touch, histograms, and the snapshot that overlay, report and
//! exporters all read.

mod counters;
pub mod health;
mod latency;
mod network;
pub mod process;
mod range_map;
pub mod snapshot;
pub mod trace;
mod usage;

pub use counters::{Counters, CountersSnapshot, UnderWay};
pub use health::Health;
pub use latency::{Latency, Quantiles};
pub use network::NetworkEstimate;
pub use process::{CpuOver, ProcessSampler};
pub use range_map::{RANGE_CELLS, RangeMap};
pub use snapshot::Snapshot;
pub use usage::{Interaction, Preference, UsageEvent};
