//! CPU, memory and threads of this process, as the system tells them. Linux only; elsewhere nothing is known.

use std::fs;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::snapshot::Process;

/// How often it looks.
const SAMPLE_EVERY: Duration = Duration::from_millis(500);
/// CPU time is counted in hundredths of a second: a share of less than this would be a guess.
const CPU_AFTER: Duration = Duration::from_secs(1);
/// PSS is read on every so many samples: the kernel walks every mapping for it, and holds up whoever maps or
/// unmaps memory meanwhile, which is what pipelines do.
const PSS_EVERY: u32 = 4;
/// Clock ticks a second in `/proc/self/stat`: `USER_HZ`, 100 on every Linux this program runs on.
const TICKS_PER_SECOND: f64 = 100.0;
const KIB_PER_MB: f64 = 1_000_000.0 / 1024.0;

/// What CPU use is told over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuOver {
    /// The last second or so, for somebody who looks on. PSS is left out.
    LastMoment,
    /// All the time since the sampler was started, for a report.
    WholeRun,
}

/// Looks from its own thread until it is dropped.
#[derive(Debug)]
pub struct ProcessSampler {
    stop: SyncSender<()>,
    latest: Arc<Mutex<Process>>,
    thread: Option<JoinHandle<()>>,
}

impl ProcessSampler {
    /// Begins to look.
    #[must_use]
    pub fn start(over: CpuOver) -> Self {
        let (stop, stopped) = sync_channel(1);
        let latest = Arc::new(Mutex::new(Process::default()));
        let told = Arc::clone(&latest);
        let look = move || {
            let mut since = (Instant::now(), cpu_seconds());
            let mut figures = Process::default();
            for sample in 0_u32.. {
                figures.threads = status_number("Threads:");
                figures.threads_peak = figures.threads_peak.max(figures.threads);
                figures.rss_mb = status_number("VmRSS:").map(mb);
                figures.peak_rss_mb = status_number("VmHWM:").map(mb);
                let ending =
                    stopped.recv_timeout(if sample == 0 { Duration::ZERO } else { SAMPLE_EVERY }) != Err(RecvTimeoutError::Timeout);
                if over == CpuOver::WholeRun && (ending || sample % PSS_EVERY == 0) {
                    figures.peak_pss_mb = larger(figures.peak_pss_mb, pss_mb());
                }
                let (now, cpu) = (Instant::now(), cpu_seconds());
                let passed = now.saturating_duration_since(since.0);
                if ending || passed >= CPU_AFTER {
                    let share = |(now, then): (f64, f64)| (now - then) / passed.as_secs_f64().max(f64::EPSILON);
                    figures.cpu_cores = cpu.zip(since.1).map(share);
                    if over == CpuOver::LastMoment {
                        since = (now, cpu);
                    }
                }
                *told.lock().unwrap_or_else(PoisonError::into_inner) = figures;
                if ending {
                    break;
                }
            }
        };
        // Without the thread the figures are left out; the rest goes on.
        let thread = std::thread::Builder::new().name("process-sampler".into()).spawn(look).ok();
        Self { stop, latest, thread }
    }

    /// What was seen last. Never waits for the system.
    #[must_use]
    pub fn latest(&self) -> Process {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks a last time and ends it.
    #[must_use]
    pub fn finish(mut self) -> Process {
        // Refused only when the thread is gone already, which joining it tells.
        let _ = self.stop.try_send(());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that looks at the process ended abruptly");
        }
        self.latest()
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
        let figures = ProcessSampler::start(CpuOver::WholeRun).finish();
        assert!(figures.cpu_cores.is_some_and(|cores| cores >= 0.0), "{figures:?}");
        assert!(figures.rss_mb.is_some_and(|mb| mb > 1.0), "{figures:?}");
        assert!(figures.peak_rss_mb.is_some_and(|mb| mb > 1.0), "{figures:?}");
        assert!(figures.peak_pss_mb.is_some_and(|mb| mb > 0.5), "{figures:?}");
        assert!(figures.threads_peak.is_some_and(|threads| threads >= 2), "{figures:?}");
    }
}
