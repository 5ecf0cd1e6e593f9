//! A distribution of times.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Times are kept in microseconds, from one to ten minutes.
const MAX_US: u64 = 600_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// A distribution of times, exact to three digits.
#[derive(Clone, Debug)]
pub struct Latency(Option<Histogram<u64>>);

/// What a report prints of a distribution, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Quantiles {
    /// How many.
    pub n: u64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

impl Default for Latency {
    fn default() -> Self {
        // The bounds are constants that the library accepts; were they ever refused, figures would be
        // missing rather than the program ending.
        Self(Histogram::new_with_bounds(1, MAX_US, SIGNIFICANT_DIGITS).ok())
    }
}

impl Latency {
    /// Adds a time.
    pub fn record(&mut self, time: Duration) {
        if let Some(histogram) = &mut self.0 {
            histogram.saturating_record(u64::try_from(time.as_micros()).unwrap_or(MAX_US).clamp(1, MAX_US));
        }
    }

    /// The distribution in figures; `None` while it is empty.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "microseconds of at most ten minutes")]
    pub fn quantiles(&self) -> Option<Quantiles> {
        let histogram = self.0.as_ref().filter(|histogram| !histogram.is_empty())?;
        // Rounded to microseconds: the histogram's three digits carry no more.
        let ms = |us: u64| us as f64 / 1000.0;
        Some(Quantiles {
            n: histogram.len(),
            p50: ms(histogram.value_at_quantile(0.50)),
            p95: ms(histogram.value_at_quantile(0.95)),
            p99: ms(histogram.value_at_quantile(0.99)),
            max: ms(histogram.max()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_distribution_has_no_figures() {
        assert_eq!(Latency::default().quantiles(), None);
    }

    #[test]
    fn quantiles_are_in_milliseconds() {
        let mut latency = Latency::default();
        for ms in 1..=100 {
            latency.record(Duration::from_millis(ms));
        }
        let figures = latency.quantiles().unwrap();
        assert_eq!(figures.n, 100);
        assert!((figures.p50 - 50.0).abs() < 0.1, "{figures:?}");
        assert!((figures.p95 - 95.0).abs() < 0.2, "{figures:?}");
        assert!((figures.max - 100.0).abs() < 0.2, "{figures:?}");
    }
}
