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
        let n = histogram.len();
        // One walk over what was recorded for all of them: asking for each walks over the whole range each time.
        let ranks = [50, 95, 99].map(|percent: u64| (n * percent).div_ceil(100).max(1));
        let mut found = [histogram.max(); 3];
        let (mut at, mut seen) = (0, 0);
        for bucket in histogram.iter_recorded() {
            seen += bucket.count_since_last_iteration();
            while at < ranks.len() && seen >= ranks[at] {
                found[at] = bucket.value_iterated_to().min(histogram.max());
                at += 1;
            }
            if at == ranks.len() {
                break;
            }
        }
        let [p50, p95, p99] = found.map(ms);
        Some(Quantiles { n, p50, p95, p99, max: ms(histogram.max()) })
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
    fn quantiles_are_those_of_the_histogram() {
        let mut latency = Latency::default();
        for count in 1..=400_u64 {
            latency.record(Duration::from_micros(count * count * 37 % 90_001 + 1));
            let (figures, histogram) = (latency.quantiles().unwrap(), latency.0.as_ref().unwrap());
            for (figure, quantile) in [(figures.p50, 0.5), (figures.p95, 0.95), (figures.p99, 0.99)] {
                #[expect(clippy::cast_precision_loss, reason = "microseconds of a tenth of a second")]
                let ms = histogram.value_at_quantile(quantile) as f64 / 1000.0;
                assert!((figure - ms).abs() < 1e-9, "{count}: {figure} is not {ms}");
            }
        }
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
