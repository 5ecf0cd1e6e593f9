//! What tests of the service start: the service itself, a Redis, a folder of clips.

use std::fs;
use std::net::{SocketAddr, TcpListener as Bound};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flickreel::server::{ServerConfig, serve};
use reqwest::{Client, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, sleep};

/// Longer than any wait of these tests on a busy machine.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// Waits until `is_so`.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// A folder with clips called `names`; each is the same small MP4.
pub fn folder(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let clip = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/reel/koi.mp4")).unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &clip).unwrap();
    }
    folder
}

/// A folder with clips that are streams which have not begun.
#[cfg(feature = "net")]
pub fn streams(names: &[&str]) -> TempDir {
    let folder = folder(names);
    for name in names {
        fs::write(folder.path().join(name).with_extension("json"), r#"{"live": {"status": "SCHEDULED"}}"#).unwrap();
    }
    folder
}

/// A service of its own, until it is dropped.
pub struct Served {
    pub address: SocketAddr,
    pub client: Client,
    task: AbortHandle,
}

impl Served {
    /// Starts one.
    pub async fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { serve(config, listener, std::future::pending()).await.unwrap() });
        Self::at(address, &task)
    }

    /// The one at `address` that `task` serves.
    pub fn at<T>(address: SocketAddr, task: &JoinHandle<T>) -> Self {
        // The process may have chosen how TLS is done already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { address, client: Client::builder().no_proxy().build().unwrap(), task: task.abort_handle() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path).await.bytes().await.unwrap()).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A Redis of its own, in memory alone, until it is dropped.
pub struct Redis {
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Redis {
    /// Starts one and waits until it answers.
    pub async fn start() -> Self {
        let port = Bound::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut redis = Self { port, folder: tempfile::tempdir().unwrap(), child: None };
        redis.restart().await;
        redis
    }

    pub fn address(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Kills it; what it kept is lost.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again at the same address, empty.
    pub async fn restart(&mut self) {
        self.stop();
        let (port, folder) = (self.port.to_string(), self.folder.path());
        let words = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let child = Command::new("redis-server").args(words).current_dir(folder).stdout(Stdio::null()).spawn();
        self.child = Some(child.expect("redis-server is installed"));
        until("Redis answers", async || self.ask(redis::cmd("PING")).await.is_some()).await;
    }

    /// Asks it something; `None` while it does not answer.
    pub async fn ask<'a>(&self, command: impl std::borrow::Borrow<redis::Cmd> + 'a) -> Option<redis::Value> {
        let client = redis::Client::open(self.address()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.ok()?;
        command.borrow().query_async(&mut connection).await.ok()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
