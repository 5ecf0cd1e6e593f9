//! A small HTTP server that misbehaves on demand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// What the server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Sends all when asked for a part.
    NoRanges,
    /// Sends all without telling its length, and ends it by closing.
    NoLength,
    /// Sends a range that begins one byte later than asked for, and says so.
    WrongRange,
    /// Declares as many bytes more than it sends, then closes.
    Short(usize),
    /// Sends a range in chunks, as many bytes longer than it says.
    Long(usize),
    /// Closes after so many bytes of each body.
    Breaks(usize),
    /// Sends so many bytes of each body, then nothing more.
    Stalls(usize),
    /// Takes the request and never answers.
    Silent,
    /// Answers with this status.
    Status(u16),
    /// Redirects to itself.
    RedirectsForEver,
}

/// What the server has and does.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// The media, the same at every path.
    pub body: Arc<Vec<u8>>,
    /// Its `ETag`.
    pub etag: Option<&'static str>,
    /// What is wrong.
    pub fault: Fault,
}

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The path, with its query.
    pub path: String,
    /// First and last byte asked for.
    pub range: Option<(u64, Option<u64>)>,
    /// The `If-Range`.
    pub if_range: Option<String>,
}

/// The server. Ends with its runtime.
pub struct Faulty {
    address: String,
    behaviour: Arc<Mutex<Behaviour>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    sent: Arc<AtomicU64>,
    gate: watch::Sender<bool>,
    count: watch::Sender<usize>,
}

impl Faulty {
    /// Serves `body` from a port of its own.
    pub fn start(runtime: &Handle, body: Vec<u8>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Self {
            address,
            behaviour: Arc::new(Mutex::new(Behaviour { body: Arc::new(body), etag: Some("\"one\""), fault: Fault::None })),
            seen: Arc::default(),
            sent: Arc::default(),
            gate: watch::Sender::new(true),
            count: watch::Sender::new(0),
        };
        let (behaviour, seen, sent) = (Arc::clone(&server.behaviour), Arc::clone(&server.seen), Arc::clone(&server.sent));
        let (gate, count) = (server.gate.subscribe(), server.count.clone());
        let spawner = runtime.clone();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                // Head and body are written apart; without this the second would wait for an acknowledgement.
                stream.set_nodelay(true).unwrap();
                let connection = Connection {
                    stream,
                    behaviour: Arc::clone(&behaviour),
                    seen: Arc::clone(&seen),
                    sent: Arc::clone(&sent),
                    gate: gate.clone(),
                    count: count.clone(),
                };
                spawner.spawn(connection.serve());
            }
        });
        server
    }

    /// The address of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Changes what it does from the next request on.
    pub fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    /// Makes it do one thing wrong from the next request on.
    pub fn fault(&self, fault: Fault) {
        self.set(|behaviour| behaviour.fault = fault);
    }

    /// Lets bodies through, or holds them back after the head.
    pub fn open_gate(&self, open: bool) {
        self.gate.send_replace(open);
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests there were so far.
    pub fn requests(&self) -> usize {
        *self.count.borrow()
    }

    /// Body bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Waits until there were so many requests in all.
    pub async fn requested(&self, count: usize) {
        self.count.subscribe().wait_for(|seen| *seen >= count).await.unwrap();
    }
}

struct Connection {
    stream: TcpStream,
    behaviour: Arc<Mutex<Behaviour>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    sent: Arc<AtomicU64>,
    gate: watch::Receiver<bool>,
    count: watch::Sender<usize>,
}

impl Connection {
    async fn serve(mut self) {
        while let Some(request) = self.request().await {
            let behaviour = self.behaviour.lock().unwrap().clone();
            self.seen.lock().unwrap().push(request.clone());
            self.count.send_modify(|count| *count += 1);
            if self.answer(&request, &behaviour).await.is_none() {
                break;
            }
        }
    }

    async fn request(&mut self) -> Option<Seen> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).ok()?;
        let header = |name: &str| {
            head.lines().find_map(|line| {
                line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            })
        };
        let range = header("range").map(|range| {
            let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            (first.parse().unwrap(), last.parse().ok())
        });
        Some(Seen { path: head.split(' ').nth(1)?.to_owned(), range, if_range: header("if-range") })
    }

    /// Answers; `None` when the connection is to be closed.
    async fn answer(&mut self, request: &Seen, behaviour: &Behaviour) -> Option<()> {
        let length = behaviour.body.len() as u64;
        let etag = behaviour.etag.map(|etag| format!("ETag: {etag}\r\n")).unwrap_or_default();
        let same = request.if_range.as_deref().is_none_or(|wanted| Some(wanted) == behaviour.etag);
        let range = request.range.filter(|_| same && !matches!(behaviour.fault, Fault::NoRanges | Fault::NoLength));
        let (first, last) = range.map_or((0, length - 1), |(first, last)| (first, last.unwrap_or(u64::MAX).min(length - 1)));
        match behaviour.fault {
            Fault::Silent => {
                self.closed().await;
                return None;
            }
            Fault::Status(status) => return self.write(&format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n")).await,
            Fault::RedirectsForEver => {
                return self.write(&format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", request.path)).await;
            }
            _ if first >= length => {
                return self.write(&format!("HTTP/1.1 416 No\r\nContent-Range: bytes */{length}\r\nContent-Length: 0\r\n\r\n")).await;
            }
            _ => {}
        }
        let body = behaviour.body[usize::try_from(first).unwrap()..=usize::try_from(last).unwrap()].to_vec();
        let status = if range.is_some() { "206 Partial Content" } else { "200 OK" };
        let shift = u64::from(behaviour.fault == Fault::WrongRange);
        let content_range =
            if range.is_some() { format!("Content-Range: bytes {}-{}/{length}\r\n", first + shift, last) } else { String::new() };
        let declared = match behaviour.fault {
            Fault::NoLength => "Connection: close\r\n".to_owned(),
            Fault::Long(_) => "Transfer-Encoding: chunked\r\n".to_owned(),
            Fault::Short(more) if range.is_none() => format!("Content-Length: {}\r\n", body.len() + more),
            _ => format!("Content-Length: {}\r\n", body.len() as u64 - shift),
        };
        self.write(&format!("HTTP/1.1 {status}\r\n{etag}{content_range}{declared}\r\n")).await?;
        self.gate.wait_for(|open| *open).await.ok()?;
        let cut = match behaviour.fault {
            Fault::Short(less) if range.is_some() => body.len().saturating_sub(less),
            Fault::Breaks(after) | Fault::Stalls(after) => after.min(body.len()),
            _ => body.len(),
        };
        if let Fault::Long(more) = behaviour.fault {
            let body = [body, vec![b'!'; more]].concat();
            self.write(&format!("{:x}\r\n", body.len())).await?;
            self.send(&body).await?;
            return self.write("\r\n0\r\n\r\n").await;
        }
        self.send(&body[usize::try_from(shift).unwrap()..cut]).await?;
        if matches!(behaviour.fault, Fault::Stalls(_)) && cut < body.len() {
            self.closed().await;
        }
        let whole = cut == body.len() && !matches!(behaviour.fault, Fault::NoLength | Fault::Short(_));
        whole.then_some(())
    }

    /// Waits until the client is gone.
    async fn closed(&mut self) {
        while self.stream.read_u8().await.is_ok() {}
    }

    async fn write(&mut self, text: &str) -> Option<()> {
        self.stream.write_all(text.as_bytes()).await.ok()
    }

    async fn send(&mut self, body: &[u8]) -> Option<()> {
        for piece in body.chunks(16 * 1024) {
            self.stream.write_all(piece).await.ok()?;
            self.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        Some(())
    }
}
