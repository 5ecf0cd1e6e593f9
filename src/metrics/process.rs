//! CPU, memory and threads of this process, as the system tells them. Linux only; elsewhere nothing is known.

use std::fs;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it looks.
const SAMPLE_EVERY: Duration = Duration::from_millis(500);
/// PSS is read on every so many samples: the kernel walks every mapping for it, and holds up whoever maps or
/// unmaps memory meanwhile, which is what pipelines do.
const PSS_EVERY: u32 = 4;
/// Clock ticks a second in `/proc/self/stat`: `USER_HZ`, 100 on every Linux this program runs on.
const TICKS_PER_SECOND: f64 = 100.0;
const KIB_PER_MB: f64 = 1_000_000.0 / 1024.0;

/// What the system tells of this process; what it does not tell is left out.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct ProcessFigures {
    /// CPU time / time: 1.0 is one core fully used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<f64>,
    /// The most memory since the process began, shared pages counted in full, in MB (10^6 bytes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_rss_mb: Option<f64>,
    /// The most memory seen, shared pages divided among those who share them, in MB (10^6 bytes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_pss_mb: Option<f64>,
    /// The most threads seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads_peak: Option<u64>,
}

/// Looks twice a second from its own thread until it is finished or dropped.
#[derive(Debug)]
pub struct ProcessSampler {
    stop: SyncSender<()>,
    thread: Option<JoinHandle<ProcessFigures>>,
}

impl ProcessSampler {
    /// Begins to look.
    #[must_use]
    pub fn start() -> Self {
        let (stop, stopped) = sync_channel(1);
        let look = move || {
            let begun = (Instant::now(), cpu_seconds());
            let mut peaks = ProcessFigures::default();
            for sample in 0_u32.. {
                peaks.threads_peak = peaks.threads_peak.max(status_number("Threads:"));
                if sample % PSS_EVERY == 0 {
                    peaks.peak_pss_mb = larger(peaks.peak_pss_mb, pss_mb());
                }
                if stopped.recv_timeout(SAMPLE_EVERY) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            peaks.peak_pss_mb = larger(peaks.peak_pss_mb, pss_mb());
            peaks.peak_rss_mb = status_number("VmHWM:").map(mb);
            peaks.cpu_cores = cpu_seconds().zip(begun.1).map(|(now, then)| (now - then) / begun.0.elapsed().as_secs_f64());
            peaks
        };
        // Without the thread the figures are left out; the replay itself goes on.
        let thread = std::thread::Builder::new().name("process-sampler".into()).spawn(look).ok();
        Self { stop, thread }
    }

    /// Ends it; the CPU figure is the mean since [`ProcessSampler::start`].
    #[must_use]
    pub fn finish(mut self) -> ProcessFigures {
        // Refused only when the thread is gone already, which joining it tells.
        let _ = self.stop.try_send(());
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    [a, b].into_iter().flatten().reduce(f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "memory of one process")]
fn mb(kib: u64) -> f64 {
    kib as f64 / KIB_PER_MB
}

fn pss_mb() -> Option<f64> {
    number_after(&fs::read_to_string("/proc/self/smaps_rollup").ok()?, "Pss:").map(mb)
}

fn status_number(key: &str) -> Option<u64> {
    number_after(&fs::read_to_string("/proc/self/status").ok()?, key)
}

/// The number on the line that begins with `key`.
fn number_after(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}

/// CPU time of this process so far, user and system.
fn cpu_seconds() -> Option<f64> {
    ticks(&fs::read_to_string("/proc/self/stat").ok()?).map(|ticks| ticks / TICKS_PER_SECOND)
}

/// utime + stime, fields 14 and 15 of proc(5). The name in field 2 may hold spaces and brackets, so counting
/// begins after the last bracket.
fn ticks(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_ticks_are_found_behind_a_name_with_spaces_and_brackets() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 9 0 100 0 0";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(ticks("nonsense"), None);
    }

    #[test]
    fn numbers_are_read_by_the_key_of_their_line() {
        let text = "Rss:  900 kB\nPss:             512 kB\nPss_Dirty: 7 kB\n";
        assert_eq!(number_after(text, "Pss:"), Some(512));
        assert_eq!(number_after(text, "Swap:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_run_has_figures_for_cpu_memory_and_threads() {
        let figures = ProcessSampler::start().finish();
        assert!(figures.cpu_cores.is_some_and(|cores| cores >= 0.0), "{figures:?}");
        assert!(figures.peak_rss_mb.is_some_and(|mb| mb > 1.0), "{figures:?}");
        assert!(figures.peak_pss_mb.is_some_and(|mb| mb > 0.5), "{figures:?}");
        assert!(figures.threads_peak.is_some_and(|threads| threads >= 2), "{figures:?}");
    }
}
