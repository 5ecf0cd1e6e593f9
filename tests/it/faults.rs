//! The feed with faults over loopback: each fault as a client meets it on the wire.

mod client;
mod kinds;
mod program;

use std::path::Path;

use flickreel::server::ServerConfig;
use flickreel::server::faults::{self, Doses, Fault, FaultOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::server::{STUB_VIDEO, write};
use client::{Answer, Connection};

/// Bytes in which every position can be told from its neighbours, behind a head that is known as a video.
fn clip() -> Vec<u8> {
    let mut bytes = STUB_VIDEO.to_vec();
    bytes.extend((0..10_000_u32).flat_map(u32::to_le_bytes));
    bytes
}

/// A server over a folder of its own.
struct FaultServer {
    _folder: TempDir,
    address: String,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl FaultServer {
    /// A server of `clip`, whose items are all faulty.
    async fn of(fault: Fault, items: usize, doses: Doses) -> Self {
        Self::start(&[("clip.mp4", &clip())], FaultOptions { items, share: 1.0, faults: vec![fault], seed: 0, doses }).await
    }

    async fn start(clips: &[(&str, &[u8])], options: FaultOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in clips {
            write(folder.path(), name, bytes);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (end, ended) = oneshot::channel::<()>();
        let config = config(folder.path());
        let task = tokio::spawn(async move {
            let shutdown = async { drop(ended.await) };
            faults::serve(config, options, listener, shutdown).await.unwrap();
        });
        Self { _folder: folder, address, end, task }
    }

    async fn connect(&self) -> Connection {
        Connection::to(&self.address).await
    }

    /// One request on a connection of its own.
    async fn get(&self, path: &str, headers: &str) -> Answer {
        self.connect().await.get(path, headers).await
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path, "").await.body).unwrap()
    }

    /// The paths of the media of all items.
    async fn media(&self) -> Vec<String> {
        let page = self.json("/feed/videos?limit=50").await;
        page["videos"].as_array().unwrap().iter().map(|video| video["videoUrl"].as_str().unwrap().to_owned()).collect()
    }

    /// The path of the media of the first item.
    async fn first(&self) -> String {
        self.media().await.swap_remove(0)
    }
}

fn config(folder: &Path) -> ServerConfig {
    ServerConfig::new(folder).unwrap()
}

#[tokio::test]
async fn a_quarter_of_the_items_is_faulty_in_every_way_and_says_so() {
    let server = FaultServer::start(&[("a.mp4", &clip()), ("b_c.mp4", &clip())], FaultOptions::default()).await;
    let (first, faults) = (server.json("/feed/videos?limit=50").await, server.json("/faults").await);
    let rest = server.json(&format!("/feed/videos?limit=50&cursor={}", first["nextCursor"].as_str().unwrap())).await;
    let videos: Vec<&Value> = first["videos"].as_array().unwrap().iter().chain(rest["videos"].as_array().unwrap()).collect();
    let told = faults.as_array().unwrap();
    assert_eq!((videos.len(), told.len()), (60, 60));
    let mut names = Vec::new();
    for (number, (video, told)) in videos.iter().zip(told).enumerate() {
        assert_eq!((&video["id"], &video["title"]), (&told["id"], &told["title"]));
        let clip = ["a", "b c"][number % 2];
        match told["fault"].as_str() {
            Some(fault) => {
                assert_eq!(video["title"], format!("{fault} · {clip}"));
                names.push(fault);
            }
            None => assert_eq!(video["title"], clip),
        }
        assert_eq!(told["requests"], 0);
    }
    assert_eq!(names, Fault::ALL.map(Fault::name));
    for key in ["id", "videoUrl"] {
        let mut all: Vec<_> = videos.iter().map(|video| video[key].as_str().unwrap()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 60, "{key}");
    }
}

#[tokio::test]
async fn items_without_a_fault_are_served_like_any_other() {
    let server = FaultServer::start(&[("a.mp4", &clip())], FaultOptions { items: 3, share: 0.0, ..FaultOptions::default() }).await;
    let (path, bytes) = (server.first().await, clip());
    let mut connection = server.connect().await;
    let whole = connection.get(&path, "").await;
    assert_eq!((whole.status, whole.header("content-type"), whole.body == bytes), (200, "video/mp4", true));
    // On the same connection.
    let part = connection.get(&path, "Range: bytes=1000-1999\r\n").await;
    assert_eq!((part.status, part.header("content-range")), (206, &*format!("bytes 1000-1999/{}", bytes.len())));
    assert_eq!(part.body, &bytes[1000..2000]);
    assert_eq!(connection.get(&path, "Range: bytes=99999999-\r\n").await.status, 416);
    let head = connection.ask("HEAD", &path, "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, &*bytes.len().to_string(), 0));
    assert_eq!(server.json("/faults").await[0]["requests"], 4);
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_a_reason() {
    let server = FaultServer::of(Fault::Empty, 1, Doses::default()).await;
    let mut connection = server.connect().await;
    for (method, path, status, code) in [
        ("GET", "/media/item%201/other.mp4", 404, "not_found"),
        ("GET", "/media/../clip.mp4", 404, "not_found"),
        ("GET", "/feed/videos?limit=x", 400, "bad_limit"),
        ("GET", "/feed/videos?limit=1&limit=2", 400, "bad_query"),
        ("GET", "/feed/videos?cursor=never-given", 410, "cursor_expired"),
        ("DELETE", "/feed/videos", 405, "bad_method"),
    ] {
        let answer = connection.ask(method, path, "").await;
        let told: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &told["code"]), (status, &code.into()), "{path}");
    }
    assert_eq!(server.json("/health").await["status"], "ok");
}

#[tokio::test]
async fn nonsense_costs_its_own_connection_alone() {
    let server = FaultServer::of(Fault::NotFound, 1, Doses::default()).await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000));
    for nonsense in ["\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01 hello\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", &long] {
        let mut connection = server.connect().await;
        connection.say(nonsense).await;
        assert_eq!(connection.rest().await, b"", "{nonsense:.20}");
    }
    assert_eq!(server.json("/health").await["status"], "ok");
}

#[tokio::test]
async fn the_server_ends_when_asked_with_connections_that_stall() {
    let server = FaultServer::of(Fault::Stall, 1, Doses::default()).await;
    let path = server.first().await;
    let mut connection = server.connect().await;
    connection.say(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    connection.head().await;
    server.end.send(()).unwrap();
    server.task.await.unwrap();
}
