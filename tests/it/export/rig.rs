//! Figures that are made up, a collector and a batch API that take down what comes, and exporters with little patience.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use flickreel::export::options::{Endpoint, ExportOptions, SegmentTarget, WriteKey};
use flickreel::export::{Exporters, Exporting, Pace, Published};
use flickreel::metrics::health::Status;
use flickreel::metrics::snapshot::{Cache, Display, Health, LatencyClasses, Loads, Pipelines, Preload, Process, Retries, Swipes};
use flickreel::metrics::{Quantiles, Snapshot};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Long enough for a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// Too long for any test: what waits for it never happens.
pub const NEVER: Duration = Duration::from_hours(1);

/// Figures of which no two are alike.
pub fn published() -> Published {
    let class = |p50: f64| Some(Quantiles { n: 7, p50, p95: p50 * 2.0, p99: p50 * 3.0, max: p50 * 4.0 }).into();
    let figures = Snapshot {
        latency_ms: LatencyClasses { warm: class(8.0), cold: class(160.0), ..LatencyClasses::default() },
        swipes: Swipes { committed: 15, painted: 14, abandoned: 1, waiting: 0 },
        display: Display { frames: Some(900), fps: Some(59.5), jank_pct: Some(0.25), black_frames: Some(0), ..Display::default() },
        pipelines: Pipelines { budget: 6, live: 4, prerolled: 3, playing: 1, ..Pipelines::default() },
        cache: Cache { hits: Some(300), misses: Some(100), hit_rate: Some(0.75), evictions: Some(5), ..Cache::default() },
        preload: Preload { queue: Some(2), completed: Some(20), failed: Some(1), ..Preload::default() },
        retries: Retries { trips: 9, ..Retries::default() },
        loads: Loads { ready_videos: 3, ..Loads::default() },
        health: Health { status: Status::Warning, reasons: 1, rolled_back: 2 },
        process: Process { cpu_cores: Some(0.5), rss_mb: Some(240.5), threads: Some(40), ..Process::default() },
        ..Snapshot::default()
    };
    Published { figures, profile: "wifi", renderer: "cpu" }
}

/// Exporters that look at once, on a runtime of their own.
pub struct Rig {
    pub exporters: Exporters,
    exporting: Option<Exporting>,
    pub runtime: Runtime,
    pub folder: TempDir,
}

impl Rig {
    pub fn start(options: &ExportOptions, pace: Pace) -> Self {
        Self::start_in(TempDir::new().unwrap(), options, pace)
    }

    pub fn start_in(folder: TempDir, options: &ExportOptions, pace: Pace) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (exporters, exporting) = Exporters::start(options, pace, &folder.path().join("telemetry"), runtime.handle());
        Self { exporters, exporting: Some(exporting), runtime, folder }
    }

    /// Ends as the program does. The folder, for the next start.
    pub fn finish(mut self) -> TempDir {
        drop(std::mem::take(&mut self.exporters));
        self.exporting.take().unwrap().finish(self.runtime.handle(), PATIENCE);
        self.folder
    }
}

/// A request as it came in.
#[derive(Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

/// A server on loopback that takes one request for each connection and answers it as it was told to.
pub struct Api {
    address: String,
    requests: Receiver<Request>,
}

/// What an answer is when nothing else was asked for.
const TAKEN: &str = "200 OK\r\n";

impl Api {
    /// Gives these answers (a status line without its version, and headers) first, then takes everything.
    pub fn start(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (told, requests) = sync_channel(1000);
        let mut answers = answers.iter().copied();
        let serve = move || serve(&listener, &told, &mut answers);
        std::thread::Builder::new().name("batch-api".into()).spawn(serve).unwrap();
        Self { address, requests }
    }

    pub fn options(&self) -> ExportOptions {
        let target =
            SegmentTarget { endpoint: Endpoint::parse(&self.address).unwrap(), write_key: WriteKey::parse("a-write-key").unwrap() };
        ExportOptions { segment: Some(target), ..ExportOptions::default() }
    }

    pub fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// The next request.
    pub fn request(&self) -> Request {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// The bodies of all requests that were not looked at.
    #[cfg(all(feature = "client", feature = "server"))]
    pub fn bodies(&self) -> String {
        self.requests.try_iter().map(|request| request.body).collect()
    }

    /// Whether no request is there that was not looked at.
    pub fn is_quiet(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

fn serve(listener: &TcpListener, told: &SyncSender<Request>, answers: &mut dyn Iterator<Item = &'static str>) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let Some(request) = read(&mut stream) else { continue };
        let answer = answers.next().unwrap_or(TAKEN);
        // An empty one is none: the connection breaks.
        if !answer.is_empty() {
            write!(stream, "HTTP/1.1 {answer}Content-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        }
        if told.send(request).is_err() {
            return;
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(Request { head, body: String::from_utf8(body).unwrap() })
}
