//! The real feed service as a process, and a relay before it that counts what it sends and can refuse to.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::response::Response;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::io::ReaderStream;

use super::desktop::text;

/// Bytes of a body that are on their way between the relay's two sides at most.
const IN_FLIGHT_BYTES: usize = 64 * 1024;

/// `flickreel-server` on a folder.
pub struct Service {
    process: Child,
    address: String,
    /// What it keeps goes with it.
    _state: TempDir,
}

impl Service {
    /// `serve`.
    pub fn start(folder: &Path) -> Self {
        Self::serve(folder, &[])
    }

    /// `serve`, with these words.
    pub fn serve(folder: &Path, words: &[&str]) -> Self {
        // Decoders beside the test would take the time of what is tested.
        Self::spawn("serve", folder, &[&["--no-probe"], words].concat())
    }

    /// `faults`, with these words.
    pub fn faults(folder: &Path, words: &[&str]) -> Self {
        Self::spawn("faults", folder, words)
    }

    fn spawn(command: &str, folder: &Path, words: &[&str]) -> Self {
        let state = TempDir::new().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_flickreel-server"))
            .env("XDG_STATE_HOME", state.path())
            .args([command, text(folder), "--listen", "127.0.0.1:0"])
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { process, address, _state: state }
    }

    /// Where it is, as `http://` and a socket.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of its feed.
    pub fn feed(&self) -> String {
        format!("{}/feed/videos", self.address)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A line that carries so many bytes a second, whoever they are for.
struct Pace {
    bytes_per_second: u64,
    /// When it is free again.
    free: tokio::sync::Mutex<Instant>,
}

impl Pace {
    async fn carry(&self, bytes: usize) {
        let takes = Duration::from_nanos(bytes as u64 * 1_000_000_000 / self.bytes_per_second);
        let until = {
            let mut free = self.free.lock().await;
            *free = (*free).max(Instant::now()) + takes;
            *free
        };
        tokio::time::sleep_until(until).await;
    }
}

/// What the relay knows.
struct Relay {
    behind: String,
    client: reqwest::Client,
    reachable: AtomicBool,
    pace: Option<Pace>,
    media_bytes: watch::Sender<u64>,
    media_requests: AtomicU64,
    other_requests: AtomicU64,
}

/// The service behind its relay.
pub struct Origin {
    relay: Arc<Relay>,
    address: String,
    runtime: Runtime,
    _service: Service,
}

impl Origin {
    /// Serves as fast as it goes.
    pub fn serve(folder: &Path) -> Self {
        Self::start(folder, None)
    }

    /// Serves media over a line that carries so many bytes a second.
    pub fn paced(folder: &Path, bytes_per_second: u64) -> Self {
        Self::start(folder, Some(Pace { bytes_per_second, free: tokio::sync::Mutex::new(Instant::now()) }))
    }

    fn start(folder: &Path, pace: Option<Pace>) -> Self {
        let service = Service::start(folder);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let relay = Arc::new(Relay {
            behind: service.address.clone(),
            // What is compressed has to be passed on as it is.
            client: reqwest::Client::builder().no_proxy().no_gzip().build().unwrap(),
            reachable: AtomicBool::new(true),
            pace,
            media_bytes: watch::Sender::new(0),
            media_requests: AtomicU64::new(0),
            other_requests: AtomicU64::new(0),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("relay").enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(forward).with_state(Arc::clone(&relay));
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { relay, address, runtime, _service: service }
    }

    /// The address of the feed.
    pub fn feed(&self) -> String {
        format!("{}/feed/videos", self.address)
    }

    /// Media bytes sent so far. Some of them may never have been taken.
    pub fn media_bytes(&self) -> u64 {
        *self.relay.media_bytes.borrow()
    }

    /// Requests for media so far, the refused ones included.
    pub fn media_requests(&self) -> u64 {
        self.relay.media_requests.load(Ordering::SeqCst)
    }

    /// Requests for anything else so far, the refused ones included.
    pub fn other_requests(&self) -> u64 {
        self.relay.other_requests.load(Ordering::SeqCst)
    }

    /// From now on it answers, or refuses whatever it is asked.
    pub fn set_reachable(&self, reachable: bool) {
        self.relay.reachable.store(reachable, Ordering::SeqCst);
    }

    /// Waits until so many media bytes were sent in all; `false` when that takes longer than `patience`.
    pub fn sends(&self, bytes: u64, patience: Duration) -> bool {
        let mut sent = self.relay.media_bytes.subscribe();
        self.runtime.block_on(async { tokio::time::timeout(patience, sent.wait_for(|sent| *sent >= bytes)).await.is_ok() })
    }

    /// Where what has to wait for the network can run.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

async fn forward(State(relay): State<Arc<Relay>>, request: Request) -> Response {
    let is_media = request.uri().path().starts_with("/media/");
    let counter = if is_media { &relay.media_requests } else { &relay.other_requests };
    counter.fetch_add(1, Ordering::SeqCst);
    if !relay.reachable.load(Ordering::SeqCst) {
        return refusal(StatusCode::SERVICE_UNAVAILABLE);
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut headers = request.headers().clone();
    headers.remove(HOST);
    let asked = relay.client.request(request.method().clone(), format!("{}{path}", relay.behind)).headers(headers);
    let Ok(mut answer) = asked.send().await else { return refusal(StatusCode::BAD_GATEWAY) };
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| **name != CONNECTION && **name != TRANSFER_ENCODING) {
        response = response.header(name, value);
    }
    let (mut inward, outward) = tokio::io::duplex(IN_FLIGHT_BYTES);
    tokio::spawn(async move {
        // A body that breaks off on either side breaks off on the other.
        while let Ok(Some(chunk)) = answer.chunk().await {
            if is_media {
                if let Some(pace) = &relay.pace {
                    pace.carry(chunk.len()).await;
                }
                relay.media_bytes.send_modify(|sent| *sent += chunk.len() as u64);
            }
            if inward.write_all(&chunk).await.is_err() {
                return;
            }
        }
    });
    response.body(Body::from_stream(ReaderStream::new(outward))).unwrap()
}

fn refusal(status: StatusCode) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap()
}
