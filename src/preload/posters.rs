//! Fetches the posters of items that have no picture yet: from memory, from disk, from their server.

use std::collections::HashSet;
use std::sync::Arc;

use moka::future::Cache;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::decode::{Poster, decode};
use super::small::{self, Asking, Missed};
use crate::cache::{BlobKind, Blobs};
use crate::feed::{Item, ItemId, without_signature};
use crate::metrics::Counters;
use crate::metrics::trace::What;

/// The items whose posters are wanted, the most urgent first.
pub type Wanted = Arc<[Arc<Item>]>;
/// Called with each poster that is wanted, on a thread of the runtime.
pub type Show = Arc<dyn Fn(&Item, &Poster) + Send + Sync>;

/// Posters that are fetched at once: they must not take the line away from videos.
const MAX_AT_ONCE: usize = 2;
/// What is asked for. Its largest file has two MiB.
const ASKING: Asking = Asking { what: What::Poster, accept: "image/webp, image/png, image/jpeg", bytes_max: 2 << 20 };
/// Pixels kept in memory, in bytes.
const MEMORY_BYTES: u64 = 16 << 20;

/// What the worker works with.
pub struct PosterOptions {
    /// The client that requests are sent with.
    pub client: reqwest::Client,
    /// Where posters are kept on disk.
    pub blobs: Blobs,
    /// Where it counts.
    pub counters: Arc<Counters>,
    /// Where posters go.
    pub show: Show,
}

/// Starts the worker; it ends when the sender of the list is gone.
pub fn spawn(runtime: &Handle, options: PosterOptions, wanted: watch::Receiver<Wanted>) {
    let memory = Cache::builder()
        .max_capacity(MEMORY_BYTES)
        .weigher(|name: &String, found: &Found| {
            let pixels = found.as_ref().map_or(0, |poster| poster.rgba.len());
            u32::try_from(name.len() + size_of::<Poster>() + pixels).unwrap_or(u32::MAX)
        })
        .build();
    runtime.spawn(work(Arc::new(Worker { options, memory }), wanted));
}

async fn work(worker: Arc<Worker>, mut wanted: watch::Receiver<Wanted>) {
    let mut running = JoinSet::new();
    let mut under_way: Vec<(ItemId, AbortHandle)> = Vec::new();
    // Shown, or not to be had; only those still wanted are remembered.
    let mut settled: HashSet<ItemId> = HashSet::new();
    loop {
        let items = Arc::clone(&wanted.borrow_and_update());
        let is_wanted = |id: &ItemId| items.iter().any(|item| item.id == *id);
        settled.retain(is_wanted);
        under_way.retain(|(id, task)| {
            let keep = is_wanted(id);
            if !keep {
                task.abort();
            }
            keep
        });
        for item in items.iter() {
            if under_way.len() >= MAX_AT_ONCE {
                break;
            }
            if settled.contains(&item.id) || under_way.iter().any(|(id, _)| *id == item.id) {
                continue;
            }
            let (worker, item) = (Arc::clone(&worker), Arc::clone(item));
            let id = item.id.clone();
            let task = running.spawn(async move {
                worker.show(&item).await;
                item.id.clone()
            });
            under_way.push((id, task));
        }
        tokio::select! {
            changed = wanted.changed() => if changed.is_err() { return },
            // One that was stopped is an error here, and has been dealt with.
            Some(ended) = running.join_next() => if let Ok(id) = ended {
                under_way.retain(|(other, _)| *other != id);
                settled.insert(id);
            },
        }
    }
}

/// A poster, or that there is none to be had.
type Found = Option<Arc<Poster>>;

struct Worker {
    options: PosterOptions,
    /// By address without signature.
    memory: Cache<String, Found>,
}

impl Worker {
    async fn show(&self, item: &Item) {
        let Some(address) = &item.poster else { return };
        if let Some(poster) = self.find(address, if item.title.is_empty() { item.id.as_str() } else { &item.title }).await {
            (self.options.show)(item, &poster);
        }
    }

    async fn find(&self, address: &str, label: &str) -> Found {
        let name = without_signature(address);
        if let Some(found) = self.memory.get(&name).await {
            return found;
        }
        if let Some(bytes) = self.options.blobs.get(BlobKind::Poster, &name).await
            && let (_, Some(poster)) = decoded(bytes).await
        {
            self.memory.insert(name, Some(Arc::clone(&poster))).await;
            return Some(poster);
        }
        self.options.blobs.until_line_is_free().await;
        let (bytes, found) = match small::fetch(&self.options.client, &self.options.counters, address, &ASKING).await {
            Ok(bytes) => decoded(bytes).await,
            Err(Missed::ForNow) => return None,
            Err(Missed::ForGood) => (Vec::new(), None),
        };
        if found.is_some() {
            let (blobs, name, label) = (self.options.blobs.clone(), name.clone(), label.to_owned());
            tokio::spawn(async move { blobs.put(BlobKind::Poster, &name, &label, bytes).await });
        }
        self.memory.insert(name, found.clone()).await;
        found
    }
}

/// Decodes where nobody waits; hands the bytes back.
async fn decoded(bytes: Vec<u8>) -> (Vec<u8>, Found) {
    let decoding = tokio::task::spawn_blocking(move || {
        let poster = decode(&bytes).map(Arc::new);
        (bytes, poster)
    });
    decoding.await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::small::TIMEOUT;
    use super::*;
    use crate::cache::{CacheOptions, Opener};

    /// A worker, and a server that gives this answer to every request and counts them.
    async fn worker(answer: &'static [u8]) -> (Worker, String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/poster", listener.local_addr().unwrap());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    request.push(stream.read_u8().await.unwrap());
                }
                stream.write_all(answer).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let counters = Arc::new(Counters::default());
        let options = CacheOptions {
            dir: None,
            cap_bytes: 0,
            max_age: TIMEOUT,
            now: std::time::SystemTime::UNIX_EPOCH,
            counters: Arc::clone(&counters),
            samples: Vec::new(),
            runtime: Handle::current(),
            client: client.clone(),
        };
        let blobs = Opener::new(options).blobs();
        let options = PosterOptions { client, blobs, counters, show: Arc::new(|_, _| {}) };
        (Worker { options, memory: Cache::new(8) }, address, count)
    }

    #[tokio::test]
    async fn what_is_no_poster_is_not_asked_for_again_and_what_the_network_kept_back_is() {
        for (answer, requests) in [
            (&b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nno picture"[..], 1),
            (b"HTTP/1.1 404 No\r\nConnection: close\r\n\r\n", 1),
            (b"HTTP/1.1 302 No\r\nLocation: file:///etc/passwd\r\nConnection: close\r\n\r\n", 1),
            (b"HTTP/1.1 503 No\r\nConnection: close\r\n\r\n", 2),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nx", 2),
        ] {
            let (worker, address, count) = worker(answer).await;
            for _ in 0..2 {
                assert_eq!(worker.find(&address, "").await, None);
            }
            assert_eq!(count.load(Ordering::Relaxed), requests, "{}", String::from_utf8_lossy(answer));
        }
    }
}
