//! A client that takes down what comes over the wire, however wrong it is.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Long enough for a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With as many bytes as were declared.
    Complete,
    /// The connection was closed before.
    Closed,
    /// The connection was reset before.
    Reset,
}

/// What came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    pub end: End,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let value =
        head.lines().find_map(|line| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value));
    value.unwrap_or_default()
}

pub struct Connection(TcpStream);

impl Connection {
    pub async fn to(address: &str) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    pub async fn get(&mut self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, headers).await
    }

    /// Sends a request and waits for its whole answer, or for as much of it as comes.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &str) -> Answer {
        self.say(&format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n")).await;
        let head = self.head().await;
        let declared = if method == "HEAD" { 0 } else { header(&head, "content-length").parse().unwrap() };
        let (body, end) = self.up_to(declared).await;
        Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body, end }
    }

    pub async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, self.0.read_u8()).await.unwrap().unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// So many bytes, or as many as come.
    pub async fn up_to(&mut self, count: usize) -> (Vec<u8>, End) {
        let mut bytes = Vec::new();
        let mut some = [0; 4096];
        while bytes.len() < count {
            let most = some.len().min(count - bytes.len());
            match timeout(PATIENCE, self.0.read(&mut some[..most])).await.unwrap() {
                Ok(0) => return (bytes, End::Closed),
                Ok(got) => bytes.extend(&some[..got]),
                Err(err) if err.kind() == ErrorKind::ConnectionReset => return (bytes, End::Reset),
                Err(err) => panic!("{err}"),
            }
        }
        (bytes, End::Complete)
    }

    /// All that comes until the other side ends the connection, in whatever way.
    pub async fn rest(&mut self) -> Vec<u8> {
        self.up_to(usize::MAX).await.0
    }

    /// Whether nothing comes for a while and the connection stays open.
    pub async fn is_silent(&mut self, time: Duration) -> bool {
        timeout(time, self.0.read_u8()).await.is_err()
    }
}
