//! Memory and threads of another process over time, as the system tells them.

use std::time::{Duration, Instant};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// What was seen at one time.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Since the process was started.
    pub at: Duration,
    /// Memory, shared pages counted in full, in bytes: what other programs share or let go changes nothing.
    pub rss: u64,
    pub threads: u64,
}

/// Looks at a process.
pub struct Watch {
    process: u32,
    began: Instant,
    pub samples: Vec<Sample>,
}

impl Watch {
    pub fn new(process: u32, began: Instant) -> Self {
        Self { process, began, samples: Vec::new() }
    }

    /// Waits for a while, then looks once. A process that has just gone is not seen.
    pub fn wait_and_look(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "the time between two looks is what is waited for")]
        std::thread::sleep(EVERY);
        self.samples.extend(look(self.process, self.began.elapsed()));
    }
}

fn look(process: u32, at: Duration) -> Option<Sample> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let number = |key: &str| status.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse::<u64>().ok();
    Some(Sample { at, rss: number("VmRSS:")? * 1024, threads: number("Threads:")? })
}

/// The medians of memory in MB (10^6 bytes) and of threads between two times.
///
/// # Panics
/// When nothing was seen in between.
pub fn medians(samples: &[Sample], from: Duration, to: Duration) -> (f64, u64) {
    let within = || samples.iter().filter(|sample| (from..to).contains(&sample.at));
    #[expect(clippy::cast_precision_loss, reason = "memory of one process")]
    let memory = |bytes: u64| bytes as f64 / 1e6;
    (memory(median(within().map(|sample| sample.rss))), median(within().map(|sample| sample.threads)))
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    *values.get(values.len() / 2).expect("nothing was seen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_threads() {
        let sample = look(std::process::id(), Duration::ZERO).unwrap();
        assert!(sample.rss > 1_000_000 && sample.threads >= 1, "{sample:?}");
        assert!(look(u32::MAX, Duration::ZERO).is_none());
    }

    #[test]
    fn medians_are_taken_between_the_times_alone() {
        let at = |second, rss, threads| Sample { at: Duration::from_secs(second), rss, threads };
        let samples = [at(0, 900_000_000, 99), at(1, 5_000_000, 7), at(2, 6_000_000, 8), at(3, 7_000_000, 9), at(4, 1, 1)];
        let (memory, threads) = medians(&samples, Duration::from_secs(1), Duration::from_secs(4));
        assert!((memory - 6.0).abs() < 0.01);
        assert_eq!(threads, 8);
    }
}
