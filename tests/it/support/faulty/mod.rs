//! A small HTTP/1.1 server with media, which misbehaves on demand.
//!
//! It serves the same media at every path, well. [`Faulty::fault`] and [`Faulty::set`] change that for all
//! paths, [`Faulty::fault_for`] and [`Faulty::set_for`] for one; a change holds from the next request on. A
//! path is what stands before the `?`. What came in is told by [`Faulty::seen`], how much went out by
//! [`Faulty::sent`]. The gate ([`Faulty::open_gate`], [`Faulty::let_through`]) holds bodies back, so that a
//! test can do something at a known place in the middle of one.

mod connection;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::watch;

use connection::Connection;

/// What the server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Sends all when asked for a part.
    NoRanges,
    /// Sends all without telling its length, and ends it by closing.
    NoLength,
    /// Sends the media over and over, in chunks, and never comes to an end.
    Endless,
    /// Sends a range that begins one byte later than asked for, and says so.
    WrongRange,
    /// Sends the range asked for under this `Content-Range`, in which `{first}`, `{last}` and `{total}` stand for
    /// the right numbers and `{first+1}`, `{last+1}` and `{total+1}` for one more. None at all when it is empty.
    RangeSays(&'static str),
    /// Answers a range with `multipart/byteranges`.
    Multipart,
    /// Declares as many bytes more than it sends, then closes.
    Short(usize),
    /// Sends a range in chunks, as many bytes longer than it says.
    Long(usize),
    /// Sends as many bytes more than its `Content-Length` says, then closes.
    Spills(usize),
    /// Closes after so many bytes of each body.
    Breaks(usize),
    /// Closes after so many bytes of a body and has [`Behaviour::next`] from then on.
    Changes(usize),
    /// Sends so many bytes of each body, then nothing more.
    Stalls(usize),
    /// Sends so many bytes at a time, with some milliseconds in between.
    Trickles(usize),
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
    /// The media.
    pub body: Arc<Vec<u8>>,
    /// Its `ETag`.
    pub etag: Option<&'static str>,
    /// Its `Last-Modified`.
    pub last_modified: Option<&'static str>,
    /// What is wrong.
    pub fault: Fault,
    /// The media and its `ETag` after [`Fault::Changes`].
    pub next: Option<(Arc<Vec<u8>>, Option<&'static str>)>,
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
    shared: Arc<Shared>,
}

/// What all connections share.
struct Shared {
    /// At all paths that have none of their own.
    everywhere: Mutex<Behaviour>,
    /// By path.
    own: Mutex<HashMap<String, Behaviour>>,
    seen: Mutex<Vec<Seen>>,
    /// Body bytes sent.
    sent: AtomicU64,
    /// Body bytes that may be sent in all.
    allowed: watch::Sender<u64>,
    /// How many requests there were.
    count: watch::Sender<usize>,
}

impl Faulty {
    /// Serves `body` from a port of its own.
    pub fn start(runtime: &Handle, body: Vec<u8>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let body = Arc::new(body);
        let everywhere = Behaviour { body, etag: Some("\"one\""), last_modified: None, fault: Fault::None, next: None };
        let shared = Arc::new(Shared {
            everywhere: Mutex::new(everywhere),
            own: Mutex::default(),
            seen: Mutex::default(),
            sent: AtomicU64::default(),
            allowed: watch::Sender::new(u64::MAX),
            count: watch::Sender::new(0),
        });
        let (spawner, server) = (runtime.clone(), Self { address, shared: Arc::clone(&shared) });
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                // Head and body are written apart; without this the second would wait for an acknowledgement.
                stream.set_nodelay(true).unwrap();
                spawner.spawn(Connection::new(stream, Arc::clone(&shared)).serve());
            }
        });
        server
    }

    /// The address of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Changes what it does at all paths that have no behaviour of their own.
    pub fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.everywhere.lock().unwrap());
    }

    /// Changes what it does at one path, which begins as what it does everywhere at the moment.
    pub fn set_for(&self, path: &str, change: impl FnOnce(&mut Behaviour)) {
        let everywhere = self.shared.everywhere.lock().unwrap().clone();
        change(self.shared.own.lock().unwrap().entry(path.to_owned()).or_insert(everywhere));
    }

    /// Makes it do one thing wrong at all paths that have no behaviour of their own.
    pub fn fault(&self, fault: Fault) {
        self.set(|behaviour| behaviour.fault = fault);
    }

    /// Makes it do one thing wrong at one path.
    pub fn fault_for(&self, path: &str, fault: Fault) {
        self.set_for(path, |behaviour| behaviour.fault = fault);
    }

    /// Lets bodies through, or holds them back after the head.
    pub fn open_gate(&self, open: bool) {
        self.shared.allowed.send_replace(if open { u64::MAX } else { 0 });
    }

    /// Lets so many bytes of bodies through and holds the rest back.
    pub fn let_through(&self, bytes: u64) {
        self.shared.allowed.send_replace(self.sent() + bytes);
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The requests for one path so far.
    pub fn seen_of(&self, path: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| bare(&seen.path) == path).collect()
    }

    /// How many requests there were so far.
    pub fn requests(&self) -> usize {
        *self.shared.count.borrow()
    }

    /// Body bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// Waits until there were so many requests in all.
    pub async fn requested(&self, count: usize) {
        self.shared.count.subscribe().wait_for(|seen| *seen >= count).await.unwrap();
    }
}

impl Shared {
    /// What it does at `path`.
    fn behaviour(&self, path: &str) -> Behaviour {
        let own = self.own.lock().unwrap().get(bare(path)).cloned();
        own.unwrap_or_else(|| self.everywhere.lock().unwrap().clone())
    }

    /// The media at `path` becomes the next one.
    fn change(&self, path: &str) {
        let mut own = self.own.lock().unwrap();
        let mut everywhere = self.everywhere.lock().unwrap();
        let behaviour = own.get_mut(bare(path)).unwrap_or(&mut *everywhere);
        behaviour.fault = Fault::None;
        if let Some((body, etag)) = behaviour.next.take() {
            (behaviour.body, behaviour.etag) = (body, etag);
        }
    }
}

/// A path without its query.
fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}
