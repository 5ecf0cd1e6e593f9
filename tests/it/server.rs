//! The feed service over loopback: pages, cursors, ranges, and what it keeps to itself.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use flickreel::server::{self, ServerConfig, ServerError};
use flickreel::source::{self, Gate, SAMPLE_CLIPS};
use reqwest::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The least that is known as a video.
pub const STUB_VIDEO: &[u8] = b"\0\0\0\x18ftypisom\0\0\0\0isommp42";

/// A server over a folder of its own.
pub struct TestServer {
    pub folder: TempDir,
    pub address: String,
    client: reqwest::Client,
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServerError>>,
}

impl TestServer {
    /// A server of these files, each a stub of a video.
    pub async fn of(names: &[&str]) -> Self {
        Self::with(names, |config| config).await
    }

    pub async fn with(names: &[&str], adjust: impl FnOnce(ServerConfig) -> ServerConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            write(folder.path(), name, STUB_VIDEO);
        }
        let config = adjust(ServerConfig::new(folder.path()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(server::serve(config, listener, async move {
            let _ = ended.await;
        }));
        Self { folder, address, client: source::client(&Gate::default()).unwrap(), end, task }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        json_of(self.get(path).await).await
    }

    async fn titles(&self, path: &str) -> Vec<String> {
        titles(&self.json(path).await)
    }
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

pub fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn titles(page: &Value) -> Vec<String> {
    page["videos"].as_array().unwrap().iter().map(|video| video["title"].as_str().unwrap().to_owned()).collect()
}

fn age(folder: &Path, name: &str, age: Duration) {
    File::options().write(true).open(folder.join(name)).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn walking_the_cursors_brings_every_video_once_and_in_natural_order() {
    let names: Vec<String> = (1..=45).map(|number| format!("clip {number}.mp4")).collect();
    let server = TestServer::of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (mut seen, mut session, mut path) = (Vec::new(), None, "/feed/videos?limit=20".to_owned());
    loop {
        let page = server.json(&path).await;
        seen.extend(titles(&page));
        let this = page["feedSessionId"].as_str().unwrap().to_owned();
        assert_eq!(session.get_or_insert_with(|| this.clone()), &this);
        assert_eq!(page["hasMore"].as_bool().unwrap(), page["nextCursor"].is_string());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/feed/videos?limit=20&cursor={cursor}");
    }
    assert_eq!(seen, (1..=45).map(|number| format!("clip {number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_walk_is_not_disturbed_by_files_that_come_and_go() {
    let server = TestServer::with(&["b.mp4", "d.mp4", "f.mp4"], |config| config.with_listing_lifetime(Duration::ZERO)).await;
    let first = server.json("/feed/videos?limit=2").await;
    write(server.folder.path(), "a.mp4", STUB_VIDEO);
    fs::remove_file(server.folder.path().join("b.mp4")).unwrap();
    let second = server.json(&format!("/feed/videos?cursor={}", first["nextCursor"].as_str().unwrap())).await;
    assert_eq!((titles(&first), titles(&second)), (vec!["b".to_owned(), "d".to_owned()], vec!["f".to_owned()]));
    assert_eq!(server.titles("/feed/videos").await, ["a", "d", "f"]);
}

#[tokio::test]
async fn a_cursor_can_be_asked_for_again() {
    let server = TestServer::of(&["a.mp4", "b.mp4"]).await;
    let first = server.json("/feed/videos?limit=1").await;
    let next = format!("/feed/videos?cursor={}", first["nextCursor"].as_str().unwrap());
    assert_eq!(server.titles(&next).await, ["b"]);
    assert_eq!(server.titles(&next).await, ["b"]);
}

#[tokio::test]
async fn an_expired_cursor_is_told_by_a_code_of_its_own() {
    let server = TestServer::with(&["a.mp4", "b.mp4"], |config| config.with_cursor_lifetime(Duration::ZERO)).await;
    let first = server.json("/feed/videos?limit=1").await;
    for cursor in [first["nextCursor"].as_str().unwrap(), "never-given"] {
        let response = server.get(&format!("/feed/videos?cursor={cursor}")).await;
        assert_eq!(response.status(), StatusCode::GONE);
        assert_eq!(json_of(response).await["code"], "cursor_expired");
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_followed_is_refused_with_a_reason() {
    let server = TestServer::of(&[]).await;
    for (query, code) in [
        ("limit=0", "bad_limit"),
        ("limit=51", "bad_limit"),
        ("limit=x", "bad_limit"),
        ("algorithm=best", "bad_algorithm"),
        ("limit=1&limit=2", "bad_query"),
    ] {
        let response = server.get(&format!("/feed/videos?{query}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(json_of(response).await["code"], code, "{query}");
    }
    assert_eq!(server.get("/nowhere").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.request(Method::POST, "/feed/videos").send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.json("/health").await["status"], "ok");
}

#[tokio::test]
async fn an_item_tells_what_its_headers_tell_and_invents_nothing() {
    let server = TestServer::of(&["stub.mp4"]).await;
    write(server.folder.path(), "Mia/Night_sky #aurora.mp4", SAMPLE_CLIPS[0].bytes);
    write(server.folder.path(), "notes.txt", b"not a video");
    write(server.folder.path(), ".hidden.mp4", STUB_VIDEO);
    let page = server.json("/feed/videos").await;
    assert_eq!(titles(&page), ["Night sky #aurora", "stub"]);
    let known = &page["videos"][0];
    assert_eq!((known["makerId"].as_str(), known["quality"].as_str()), (Some("Mia"), Some("hd")));
    assert_eq!((known["metadata"]["width"].as_u64(), known["metadata"]["height"].as_u64()), (Some(720), Some(1280)));
    assert_eq!(known["metadata"]["aspectRatio"], "9:16");
    assert_eq!(known["sizeBytes"].as_u64(), Some(SAMPLE_CLIPS[0].bytes.len() as u64));
    assert_eq!(known["tags"][0], "aurora");
    let seconds = known["durationSeconds"].as_f64().unwrap();
    assert!((4.0..9.0).contains(&seconds), "{seconds}");
    let unknown = page["videos"][1].as_object().unwrap();
    for key in ["durationSeconds", "quality", "viewCount", "likeCount"] {
        assert!(!unknown.contains_key(key), "{key}");
    }
    assert!(unknown["metadata"].get("width").is_none());
}

#[tokio::test]
async fn an_item_keeps_its_identity_while_its_file_is_rewritten() {
    let server = TestServer::with(&["a.mp4"], |config| config.with_listing_lifetime(Duration::ZERO)).await;
    let before = server.json("/feed/videos").await["videos"][0].clone();
    write(server.folder.path(), "a.mp4", &[STUB_VIDEO, b"more"].concat());
    let after = server.json("/feed/videos").await["videos"][0].clone();
    assert_eq!(before["id"], after["id"]);
    assert_ne!(before["etag"], after["etag"]);
}

#[tokio::test]
async fn feeds_can_be_ordered_and_narrowed() {
    let server = TestServer::of(&["a #sea.mp4", "b #Sky #sea.mp4", "c.mp4"]).await;
    age(server.folder.path(), "a #sea.mp4", Duration::from_hours(1));
    age(server.folder.path(), "b #Sky #sea.mp4", Duration::from_hours(3));
    age(server.folder.path(), "c.mp4", Duration::from_hours(48));
    assert_eq!(server.titles("/feed/videos?algorithm=newest").await, ["a #sea", "b #Sky #sea", "c"]);
    assert_eq!(server.titles("/feed/trending").await, ["a #sea", "b #Sky #sea"]);
    assert_eq!(server.titles("/feed/videos?tags=sky,other").await, ["b #Sky #sea"]);
    let page = server.json("/feed/videos").await;
    let ids: Vec<&str> = page["videos"].as_array().unwrap().iter().map(|video| video["id"].as_str().unwrap()).collect();
    assert_eq!(server.titles(&format!("/feed/videos?exclude={},{}", ids[0], ids[2])).await, ["b #Sky #sea"]);
}

/// Bytes in which every position can be told from its neighbours, behind a head that is known as a video.
fn long_video() -> Vec<u8> {
    let mut bytes = STUB_VIDEO.to_vec();
    bytes.extend((0..300_000_u32).flat_map(u32::to_le_bytes));
    bytes
}

#[tokio::test]
async fn a_video_is_served_whole_and_in_single_ranges() {
    let server = TestServer::of(&[]).await;
    let bytes = long_video();
    write(server.folder.path(), "a b/ü.mp4", &bytes);
    let url = server.json("/feed/videos").await["videos"][0]["videoUrl"].as_str().unwrap().to_owned();
    let whole = server.get(&url).await;
    assert_eq!((whole.status(), header(&whole, CONTENT_TYPE), header(&whole, ACCEPT_RANGES)), (StatusCode::OK, "video/mp4", "bytes"));
    assert!(header(&whole, ETAG).starts_with('"') && header(&whole, LAST_MODIFIED).ends_with("GMT"));
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let len = bytes.len();
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-70999", 1_000, 71_000),
        ("bytes=-5", len - 5, len),
        ("bytes=7-", 7, len),
        ("bytes=1-99999999", 1, len),
    ] {
        let part = server.request(Method::GET, &url).header(RANGE, range).send().await.unwrap();
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(header(&part, CONTENT_RANGE), format!("bytes {from}-{}/{len}", to - 1));
        assert_eq!(part.bytes().await.unwrap(), &bytes[from..to], "{range}");
    }
}

#[tokio::test]
async fn a_range_behind_the_end_is_answered_with_the_length() {
    let server = TestServer::of(&["a.mp4"]).await;
    let response = server.request(Method::GET, "/media/a.mp4").header(RANGE, "bytes=24-").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header(&response, CONTENT_RANGE), "bytes */24");
}

#[tokio::test]
async fn a_range_of_a_file_that_has_changed_is_answered_with_the_whole() {
    let server = TestServer::of(&["a.mp4"]).await;
    let etag = header(&server.get("/media/a.mp4").await, ETAG).to_owned();
    let part =
        |validator: String| server.request(Method::GET, "/media/a.mp4").header(RANGE, "bytes=4-7").header(IF_RANGE, validator).send();
    assert_eq!(part(etag.clone()).await.unwrap().bytes().await.unwrap(), "ftyp");
    assert_eq!(part("\"other\"".to_owned()).await.unwrap().status(), StatusCode::OK);
    assert_eq!(part(format!("W/{etag}")).await.unwrap().status(), StatusCode::OK);
    let same = server.request(Method::GET, "/media/a.mp4").header(IF_NONE_MATCH, etag).send().await.unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn head_tells_the_length_without_the_bytes() {
    let server = TestServer::of(&["a.mp4"]).await;
    let response = server.request(Method::HEAD, "/media/a.mp4").header(RANGE, "bytes=0-3").send().await.unwrap();
    assert_eq!((response.status(), header(&response, CONTENT_LENGTH)), (StatusCode::OK, "24"));
    assert!(response.bytes().await.unwrap().is_empty());
}

/// Sends a path exactly as it is: a client library would tidy it first.
async fn raw_status(server: &TestServer, path: &str) -> String {
    let mut stream = TcpStream::connect(server.address.trim_start_matches("http://")).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn nothing_but_the_videos_of_the_folder_is_served() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.mp4", STUB_VIDEO);
    let server = TestServer::of(&["in/a.mp4", ".hidden/b.mp4", ".c.mp4"]).await;
    write(server.folder.path(), "notes.txt", b"mine");
    write(server.folder.path(), "photo.heic", b"\0\0\0\x18ftypheic");
    let escape = outside.path().join("secret.mp4").to_str().unwrap().replace('/', "%2F");
    let name = server.folder.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(raw_status(&server, "/media/in/a.mp4").await, "200");
    let climbing = format!("/media/in/../../{name}/in/a.mp4");
    for path in [
        "/media/",
        "/media/in",
        "/media/../in/a.mp4",
        "/media/in/%2e%2e/in/a.mp4",
        "/media/in%2F..%2Fin%2Fa.mp4",
        &climbing,
        "/media/.hidden/b.mp4",
        "/media/.c.mp4",
        "/media/notes.txt",
        "/media/photo.heic",
        "/media/%00",
        &format!("/media/{escape}"),
        &format!("/media//{}", outside.path().join("secret.mp4").display()),
    ] {
        assert_eq!(raw_status(&server, path).await, "404", "{path}");
    }
    assert_eq!(server.titles("/feed/videos").await, ["a"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_followed_inside_the_folder_and_not_out_of_it() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.mp4", STUB_VIDEO);
    let server = TestServer::of(&["a.mp4"]).await;
    let root = server.folder.path();
    symlink(outside.path(), root.join("out")).unwrap();
    symlink(outside.path().join("secret.mp4"), root.join("out.mp4")).unwrap();
    symlink(root.join("a.mp4"), root.join("again.mp4")).unwrap();
    symlink(root, root.join("circle")).unwrap();
    assert_eq!(server.titles("/feed/videos").await, ["a", "again"]);
    assert_eq!(server.get("/media/again.mp4").await.status(), StatusCode::OK);
    for path in ["/media/out.mp4", "/media/out/secret.mp4"] {
        assert_eq!(server.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_server_ends_when_asked() {
    let server = TestServer::of(&["a.mp4"]).await;
    assert_eq!(server.get("/health").await.status(), StatusCode::OK);
    server.end.send(()).unwrap();
    server.task.await.unwrap().unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_told_in_a_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_flickreel-server")).args(["serve", "/no/such/folder"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("The folder “/no/such/folder” can’t be read"), "{error}");
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn the_first_line_printed_is_the_address() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.mp4", STUB_VIDEO);
    let state = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_flickreel-server"))
        .arg("serve")
        .arg(folder.path())
        .args(["--listen", "127.0.0.1:0", "--no-probe"])
        .env("XDG_STATE_HOME", state.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
    let status =
        source::client(&Gate::default()).unwrap().get(format!("{address}/feed/videos")).send().await.map(|response| response.status());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(status.unwrap(), StatusCode::OK);
}
