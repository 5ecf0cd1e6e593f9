//! A real Redis for tests.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// Longer than any wait of these tests on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// Waits until `is_so`.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < DEADLINE, "waited in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// A Redis of its own, in memory alone, until it is dropped.
pub struct Server {
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, folder: tempfile::tempdir().unwrap(), child: None };
        server.restart().await;
        server
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
        let port = self.port.to_string();
        let words = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let child = Command::new("redis-server").args(words).current_dir(self.folder.path()).stdout(Stdio::null()).spawn();
        self.child = Some(child.expect("redis-server is installed"));
        until("Redis answers", async || self.try_ask::<String>(redis::cmd("PING")).await.is_some()).await;
    }

    pub async fn ask<T: redis::FromRedisValue>(&self, words: &[&[u8]]) -> T {
        let mut command = redis::Cmd::new();
        command.arg(words);
        self.try_ask(command).await.unwrap()
    }

    async fn try_ask<T: redis::FromRedisValue>(&self, command: redis::Cmd) -> Option<T> {
        let client = redis::Client::open(self.address()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.ok()?;
        command.query_async(&mut connection).await.ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
