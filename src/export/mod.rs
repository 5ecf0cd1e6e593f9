//! Figures and usage events for programs that gather them: a DogStatsD collector, Prometheus, a server that speaks
//! the batch API of Segment. Each is off until it is asked for, and then runs beside the client, never in its way.

mod dogstatsd;
pub mod options;
mod prometheus;
pub mod segment;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::metrics::{Snapshot, UsageEvent};
use options::ExportOptions;
use segment::{Told, UsageStore};

/// How often figures are wanted.
const FIGURES_EVERY: Duration = Duration::from_secs(1);
/// Usage events that may wait for the disk. A viewer who swipes as fast as keys repeat makes some sixty a second.
const QUEUED_EVENTS: usize = 256;

/// All figures at one moment, and what they are told apart by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    /// The figures.
    pub figures: Snapshot,
    /// The name of the preload profile that holds.
    pub profile: &'static str,
    /// What renders: `cpu` or `gpu`.
    pub renderer: &'static str,
}

/// What was published last; `None` before the first time.
type Latest = watch::Receiver<Option<Published>>;

/// How long exporters wait for what. Tests wait less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two flushes to a DogStatsD collector.
    pub flush: Duration,
    /// Between two looks at the queue of usage events.
    pub send: Duration,
    /// Before a batch is sent again, at first; twice as long each time, up to five minutes.
    pub backoff: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { flush: seconds(15), send: seconds(30), backoff: seconds(2) }
    }
}

/// What the window holds of the exporters.
#[derive(Debug, Default)]
pub struct Exporters {
    figures: Option<watch::Sender<Option<Published>>>,
    usage: Option<mpsc::Sender<Told>>,
    dropped: Arc<AtomicU64>,
    prometheus: Option<SocketAddr>,
    due: Duration,
}

/// The tasks of the exporters.
#[derive(Debug, Default)]
pub struct Exporting {
    /// Those that have something to do when the [`Exporters`] are gone.
    last_words: Vec<JoinHandle<()>>,
    others: Vec<JoinHandle<()>>,
}

impl Exporting {
    /// Lets the exporters, once the [`Exporters`] are gone, send and store what they still have, for as long as
    /// `patience` lasts; then all of them end. To be called outside of the runtime.
    pub fn finish(mut self, runtime: &Handle, patience: Duration) {
        let last_words = std::mem::take(&mut self.last_words);
        if last_words.is_empty() {
            return;
        }
        let all = async {
            for task in last_words {
                // One that ended abruptly has nothing more to say either.
                let _ = task.await;
            }
        };
        if runtime.block_on(async { tokio::time::timeout(patience, all).await }).is_err() {
            tracing::info!("the exporters were not done in time");
        }
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        for task in self.others.iter().chain(&self.last_words) {
            task.abort();
        }
    }
}

impl Exporters {
    /// Starts what is asked for, on `runtime`; usage events wait in the folder `telemetry`. What cannot start is
    /// logged, and the rest goes on without it.
    #[must_use]
    pub fn start(options: &ExportOptions, pace: Pace, telemetry: &Path, runtime: &Handle) -> (Self, Exporting) {
        let mut this = Self::default();
        let mut tasks = Exporting::default();
        let (publish, latest) = watch::channel(None);
        if let Some(collector) = &options.dogstatsd {
            tracing::info!("figures go to the DogStatsD collector {collector}");
            tasks.last_words.push(runtime.spawn(dogstatsd::run(collector.clone(), latest.clone(), pace.flush)));
        }
        if let Some(port) = options.prometheus {
            match prometheus::listen(port, runtime) {
                Ok((listener, address)) => {
                    tracing::info!("Prometheus can read figures at http://{address}/metrics");
                    this.prometheus = Some(address);
                    tasks.others.push(runtime.spawn(prometheus::serve(listener, latest.clone())));
                }
                Err(err) => tracing::warn!("Prometheus cannot read figures at port {port} of this machine: {err}."),
            }
        }
        if let Some(target) = &options.segment {
            match segment::client(target) {
                Ok(client) => {
                    tracing::info!("usage events go to {}", target.endpoint.host());
                    let store = Arc::new(UsageStore::new(telemetry));
                    let (usage, told) = mpsc::channel(QUEUED_EVENTS);
                    this.usage = Some(usage);
                    tasks.last_words.push(runtime.spawn(segment::keep(told, Arc::clone(&store), Arc::clone(&this.dropped))));
                    tasks.others.push(runtime.spawn(segment::send(store, client, target.clone(), pace)));
                }
                Err(err) => tracing::warn!("usage events cannot be sent: {err}"),
            }
        }
        if options.dogstatsd.is_some() || this.prometheus.is_some() {
            this.figures = Some(publish);
        }
        (this, tasks)
    }

    /// Where Prometheus can read figures.
    #[must_use]
    pub fn prometheus(&self) -> Option<SocketAddr> {
        self.prometheus
    }

    /// When figures are wanted next, as time since the program started; `None` when nobody wants any.
    #[must_use]
    pub fn figures_due(&self) -> Option<Duration> {
        self.figures.as_ref().map(|_| self.due)
    }

    /// Tells the exporters all figures at `now`. Never waits.
    pub fn publish(&mut self, latest: Published, now: Duration) {
        if let Some(figures) = &self.figures {
            figures.send_replace(Some(latest));
            self.due = now + FIGURES_EVERY;
        }
    }

    /// Tells of something that happened, with the items that wait to be readied at that moment. Never waits: what
    /// does not fit into the queue is dropped and counted.
    pub fn usage(&self, event: UsageEvent, queue_depth: impl FnOnce() -> u64) {
        let Some(usage) = &self.usage else { return };
        if usage.try_send(Told { event, queue_depth: queue_depth(), at: SystemTime::now() }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Usage events that did not fit into the queue.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
