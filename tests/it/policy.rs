//! What a feed may make the program ask: real requests to a server on this machine, by addresses, redirects and names
//! that lead elsewhere.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use flickreel::cache::{CacheOptions, DEFAULT_MAX_AGE, Demand, MediaOpener, Opener, Timeouts};
use flickreel::feed::{Failure, FailureKind, Item, ItemId, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::source::{Gate, Later, Lookup, Source, SourceContext, TrustedHosts, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PAGE: &str = r#"{"videos": [{"id": "a", "videoUrl": "/a.mp4"}]}"#;

/// A server that answers each path as it was told to, and remembers what it was asked.
struct Server {
    at: SocketAddr,
    answers: Arc<Mutex<HashMap<String, String>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { at: listener.local_addr().unwrap(), answers: Arc::default(), seen: Arc::default() };
        let (answers, seen) = (Arc::clone(&server.answers), Arc::clone(&server.seen));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { break };
                    request.push(byte);
                }
                let path = String::from_utf8(request).unwrap().split(' ').nth(1).unwrap_or_default().to_owned();
                let path = path.split('?').next().unwrap_or_default().to_owned();
                let answer = answers.lock().unwrap().get(&path).cloned();
                seen.lock().unwrap().push(path);
                let answer = answer.unwrap_or_else(|| "HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        server
    }

    /// Answers `path` with a body.
    fn serve(&self, path: &str, body: &str) {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        self.answers.lock().unwrap().insert(path.into(), head + body);
    }

    /// Answers `path` by sending on to `location`.
    fn redirect(&self, path: &str, location: &str) {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        self.answers.lock().unwrap().insert(path.into(), answer);
    }

    /// An address of it, by a name that leads to it.
    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.at.port())
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// What names lead to; nobody else is asked.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<HashMap<String, Vec<IpAddr>>>>);

impl Names {
    fn set(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.0.lock().unwrap().insert(name.into(), addresses);
    }
}

impl Lookup for Names {
    fn addresses<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        let found = self.0.lock().unwrap().get(name).cloned();
        Box::pin(async { found.ok_or_else(|| io::Error::other("there is no such name")) })
    }
}

/// A client as the program has it, for a feed that was opened.
struct Rig {
    context: SourceContext,
    source: Source,
    names: Names,
}

impl Rig {
    fn open(feed: &str) -> Self {
        let names = Names::default();
        let gate = Gate::with(names.clone(), []);
        let context = SourceContext::with_client(client(&gate).unwrap(), gate, Arc::new(Counters::default()));
        let source = Source::parse(&[feed.to_owned()]).unwrap();
        context.note_opened(&source);
        Self { context, source, names }
    }

    /// The feed's first page could not be had.
    async fn page_failure(&self) -> Failure {
        self.context.forget();
        self.source.page(&self.context, None).await.unwrap_err()
    }

    /// What becomes of media at `url`, all the way through the cache.
    async fn media(&self, url: &str) -> Result<(), Failure> {
        let timeouts = Timeouts { backoff: Duration::from_millis(1), ..Timeouts::default() };
        let options = CacheOptions {
            dir: None,
            cap_bytes: 0,
            max_age: DEFAULT_MAX_AGE,
            now: SystemTime::UNIX_EPOCH,
            counters: Arc::new(Counters::default()),
            samples: Vec::new(),
            runtime: tokio::runtime::Handle::current(),
            client: self.context.client().clone(),
        };
        let opener = Opener::with_timeouts(options, timeouts);
        let item = Item::bare(ItemId::new("v"), MediaLocation::Url(url.to_owned()));
        let (done, answer) = tokio::sync::oneshot::channel();
        let _ticket = opener.open(
            Arc::new(item),
            Demand::Preroll,
            Duration::from_secs(10),
            Box::new(move |opened| drop(done.send(opened.map(|_| ())))),
        );
        answer.await.unwrap()
    }

    async fn media_failure(&self, url: &str) -> Failure {
        self.media(url).await.unwrap_err()
    }
}

fn elsewhere(words: &str) -> String {
    format!("A redirect was not followed: {words}, and the feed is not from there.")
}

/// Where a server on 127.0.0.1 may not send a request on to, and what is said of it.
fn forbidden_redirects(port: u16) -> Vec<(String, String)> {
    vec![
        (format!("http://127.0.0.2:{port}/a"), elsewhere("127.0.0.2 is this machine itself")),
        (format!("http://localhost:{port}/a"), elsewhere("localhost is a name of this machine itself")),
        (format!("http://[::1]:{port}/a"), elsewhere("[::1] is this machine itself")),
        ("http://169.254.169.254/latest/meta-data".into(), elsewhere("169.254.169.254 is an address of the local link")),
        ("http://2130706434/a".into(), elsewhere("127.0.0.2 is this machine itself")),
        (
            "http://me:secret@cdn.example/a".into(),
            "A redirect was not followed: an address with a user name or a password is not opened for a feed.".into(),
        ),
        ("file:///etc/passwd".into(), "A redirect was not followed: an address that begins with file: is not opened for a feed.".into()),
        ("data:,x".into(), "A redirect was not followed: an address that begins with data: is not opened for a feed.".into()),
        ("ftp://cdn.example/a".into(), "A redirect was not followed: an address that begins with ftp: is not opened for a feed.".into()),
        ("http://[bad".into(), "A redirect was not followed: this is not a valid address.".into()),
    ]
}

fn assert_blocked(failure: &Failure, sentence: &str) {
    assert_eq!((failure.kind, failure.sentence.as_str()), (FailureKind::Blocked, sentence), "{failure:?}");
    assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
}

#[tokio::test]
async fn a_feed_on_this_machine_plays_its_own_media_and_follows_redirects_on_its_own_host() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/moved"));
    server.redirect("/moved", "/feed");
    server.serve("/feed", PAGE);
    server.redirect("/a.mp4", &server.url("127.0.0.1", "/b.mp4"));
    server.serve("/b.mp4", "bytes");
    let page = rig.source.page(&rig.context, None).await.unwrap();
    let MediaLocation::Url(url) = &page.items[0].media else { panic!("{page:?}") };
    assert_eq!((rig.media(url).await, page.items[0].problem.as_ref()), (Ok(()), None));
    assert_eq!(server.seen(), ["/moved", "/feed", "/a.mp4", "/b.mp4"]);
}

#[tokio::test]
async fn a_redirect_of_the_feed_to_a_forbidden_address_is_refused_with_its_sentence() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/feed?token=secret"));
    for (location, sentence) in forbidden_redirects(server.at.port()) {
        server.redirect("/feed", &location);
        assert_blocked(&rig.page_failure().await, &sentence);
    }
    assert!(server.seen().iter().all(|path| path == "/feed"), "{:?}", server.seen());
}

#[tokio::test]
async fn a_redirect_of_media_to_a_forbidden_address_is_refused_with_its_sentence_and_never_tried_again() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/feed"));
    for (number, (location, sentence)) in forbidden_redirects(server.at.port()).into_iter().enumerate() {
        let path = format!("/{number}.mp4");
        server.redirect(&path, &location);
        assert_blocked(&rig.media_failure(&server.url("127.0.0.1", &format!("{path}?token=secret"))).await, &sentence);
        assert_eq!(server.seen().iter().filter(|seen| **seen == path).count(), 1, "{location}");
    }
}

#[tokio::test]
async fn redirects_without_end_are_followed_five_times() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/feed"));
    server.redirect("/feed", "/feed?again");
    assert_blocked(&rig.page_failure().await, "The server redirected more than 5 times.");
    assert_eq!(server.seen().len(), 6);
    server.redirect("/a.mp4", "/a.mp4");
    assert_blocked(&rig.media_failure(&server.url("127.0.0.1", "/a.mp4")).await, "The server redirected more than 5 times.");
    assert_eq!(server.seen().len(), 12);
}

#[tokio::test]
async fn a_chain_of_redirects_is_checked_at_every_hop() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/feed"));
    server.redirect("/1.mp4", "/2.mp4");
    server.redirect("/2.mp4", "/3.mp4");
    server.redirect("/3.mp4", "http://10.0.0.1/4.mp4");
    let failure = rig.media_failure(&server.url("127.0.0.1", "/1.mp4")).await;
    assert_blocked(&failure, &elsewhere("10.0.0.1 is an address of a private network"));
    assert_eq!(server.seen(), ["/1.mp4", "/2.mp4", "/3.mp4"]);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_network_is_not_asked() {
    let server = Server::start().await;
    let rig = Rig::open("http://feed.example/videos");
    for (address, words) in [
        ("127.0.0.1", "127.0.0.1, which is this machine itself"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1, which is an IPv4 address written as IPv6"),
        ("169.254.169.254", "169.254.169.254, which is an address of the local link"),
        ("100.64.0.1", "100.64.0.1, which is an address within a provider’s network"),
    ] {
        rig.names.set("cdn.example", &["8.8.8.8", address]);
        let failure = rig.media_failure(&server.url("cdn.example", "/a.mp4?token=secret")).await;
        assert_blocked(&failure, &format!("cdn.example leads to {words}, and the feed is not from there."));
    }
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_to_a_name_that_leads_to_this_machine_is_not_followed() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/feed"));
    rig.names.set("cdn.example", &["127.0.0.1"]);
    server.redirect("/a.mp4", &server.url("cdn.example", "/b.mp4"));
    let failure = rig.media_failure(&server.url("127.0.0.1", "/a.mp4")).await;
    assert_blocked(&failure, "cdn.example leads to 127.0.0.1, which is this machine itself, and the feed is not from there.");
    assert_eq!(server.seen(), ["/a.mp4"]);
}

#[tokio::test]
async fn the_name_that_was_typed_may_lead_to_this_machine_until_another_feed_is_opened() {
    let server = Server::start().await;
    server.serve("/feed", PAGE);
    server.serve("/a.mp4", "bytes");
    let rig = Rig::open(&server.url("feed.example", "/feed"));
    rig.names.set("feed.example", &["127.0.0.1"]);
    let page = rig.source.page(&rig.context, None).await.unwrap();
    let MediaLocation::Url(url) = &page.items[0].media else { panic!("{page:?}") };
    assert_eq!(rig.media(url).await, Ok(()));
    assert_eq!(server.seen(), ["/feed", "/a.mp4"]);
    rig.context.note_opened(&Source::parse(&["http://other.example/".to_owned()]).unwrap());
    let sentence = "feed.example leads to 127.0.0.1, which is this machine itself, and the feed is not from there.";
    assert_blocked(&rig.media_failure(url).await, sentence);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_the_system_says_of_a_name_is_held_to_the_same_rules() {
    let server = Server::start().await;
    server.serve("/feed", PAGE);
    let source = Source::parse(&[server.url("localhost", "/feed")]).unwrap();
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    let failure = source.page(&context, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Blocked, "no viewer has opened it: {failure:?}");
    assert!(failure.sentence.starts_with("localhost leads to ") && failure.sentence.contains("this machine itself"), "{failure:?}");
    assert_eq!(server.seen(), Vec::<String>::new());
    context.note_opened(&source);
    assert_eq!(source.page(&context, None).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_name_that_cannot_be_found_is_a_matter_of_the_network() {
    let rig = Rig::open("http://feed.example/videos");
    assert_eq!(rig.page_failure().await.kind, FailureKind::Network);
    assert_eq!(rig.media_failure("http://cdn.example/a.mp4").await.kind, FailureKind::Network);
}

#[tokio::test]
async fn items_that_the_policy_refuses_stay_in_the_feed_and_say_why() {
    let server = Server::start().await;
    let rig = Rig::open(&server.url("127.0.0.1", "/feed"));
    let json = r#"{"videos": [{"id": "a", "title": "A", "videoUrl": "a.mp4"}, {"id": "b", "title": "B", "videoUrl": "http://192.168.1.1/b.mp4"},
        {"id": "c", "title": "C", "videoUrl": "file:///etc/passwd"}, {"id": "d", "title": "D", "videoUrl": "https://cdn.example/d.mp4"}]}"#;
    server.serve("/feed", json);
    let context = rig.context.clone().with_trusted_hosts(TrustedHosts::new(["other.example".to_owned()]));
    let page = rig.source.page(&context, None).await.unwrap();
    let told: Vec<_> =
        page.items.iter().map(|item| (item.title.as_str(), item.problem.as_ref().map(|problem| problem.sentence.as_str()))).collect();
    assert_eq!(
        told,
        [
            ("A", None),
            ("B", Some("192.168.1.1 is an address of a private network, and the feed is not from there.")),
            ("C", Some("An address that begins with file: is not opened for a feed.")),
            ("D", Some("cdn.example is not one of the trusted hosts.")),
        ]
    );
    assert_eq!(page.skipped, 0);
}
