//! Counters and gauges without locks.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Counters and gauges that any thread may touch.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[$doc])* pub $name: AtomicU64,)* }

        /// The values of [`Counters`] at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct CountersSnapshot { $($(#[$doc])* pub $name: u64,)* }

        impl Counters {
            /// The values now.
            #[must_use]
            pub fn snapshot(&self) -> CountersSnapshot {
                CountersSnapshot { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Media bytes the player read that were on disk (or in memory) when it asked.
    cache_hit_bytes,
    /// Media bytes the player read that were not there when it asked.
    cache_miss_bytes,
    /// Entries evicted from the disk cache.
    cache_evictions,
    /// Bytes the disk cache takes now, reservations included (gauge).
    cache_disk_bytes,
    /// The most bytes the disk cache ever took.
    cache_disk_peak_bytes,
    /// The bound of the disk cache in bytes (gauge); 0 without a disk cache.
    cache_cap_bytes,
    /// Blocks whose checksum did not match and that were fetched again.
    cache_bad_blocks,
    /// Bytes on disk of entries that may not be evicted now, because they are in use or kept (gauge).
    cache_pinned_bytes,
    /// Bytes that are reserved on disk and not written yet (gauge).
    cache_reserved_bytes,
    /// Items planned to be readied and not yet ready (gauge).
    preload_queue,
    /// Items that reached their target stage.
    preload_completed,
    /// Items that were given a target stage and failed.
    preload_failed,
    /// Bytes received from servers.
    network_bytes,
    /// Requests sent to servers.
    network_requests,
    /// Requests under way (gauge).
    network_active,
    /// Videos whose next request waits until more urgent ones are done (gauge).
    network_waiting,
    /// Pictures thrown away by the sink because they were late, as GStreamer counts them.
    video_dropped,
}

/// Something that a gauge counts while it goes on; one that is given up is over, too.
#[derive(Debug)]
pub struct UnderWay<'a>(&'a AtomicU64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        Counters::sub(self.0, 1);
    }
}

impl Counters {
    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }

    /// Takes from a gauge, not below 0.
    pub fn sub(gauge: &AtomicU64, amount: u64) {
        let _ = gauge.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |value| Some(value.saturating_sub(amount)));
    }

    /// Counts one more in a gauge for as long as what is returned lives, whatever ends it.
    pub fn under_way(gauge: &AtomicU64) -> UnderWay<'_> {
        Self::add(gauge, 1);
        UnderWay(gauge)
    }

    /// Sets a gauge.
    pub fn set(gauge: &AtomicU64, value: u64) {
        gauge.store(value, Ordering::Relaxed);
    }

    /// Sets the disk gauge and keeps its peak.
    pub fn set_disk_bytes(&self, bytes: u64) {
        self.cache_disk_bytes.store(bytes, Ordering::Relaxed);
        self.cache_disk_peak_bytes.fetch_max(bytes, Ordering::Relaxed);
    }
}

impl CountersSnapshot {
    /// Share of the media bytes read that were there when asked for, 0.0 to 1.0; `None` before the first read.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
    pub fn hit_rate(&self) -> Option<f64> {
        let read = self.cache_hit_bytes + self.cache_miss_bytes;
        (read > 0).then(|| self.cache_hit_bytes as f64 / read as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hit_rate_is_unknown_before_the_first_read() {
        let counters = Counters::default();
        assert_eq!(counters.snapshot().hit_rate(), None);
        Counters::add(&counters.cache_hit_bytes, 3);
        Counters::add(&counters.cache_miss_bytes, 1);
        assert_eq!(counters.snapshot().hit_rate(), Some(0.75));
    }

    #[test]
    fn a_gauge_never_wraps_below_zero() {
        let counters = Counters::default();
        Counters::sub(&counters.preload_queue, 1);
        assert_eq!(counters.snapshot().preload_queue, 0);
    }
}
