//! Pages that were kept, and when they are shown: with servers that go away, break, or never answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flickreel::feed::{Cursor, FailureKind, FeedPage, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::source::{Later, Shelf, Source, SourceContext};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// A shelf in memory that tells when something is put on it or looked for.
#[derive(Default)]
struct Board {
    pages: Mutex<HashMap<String, Vec<u8>>>,
    put: Notify,
    asked: Notify,
}

impl Board {
    fn names(&self) -> Vec<String> {
        self.pages.lock().unwrap().keys().cloned().collect()
    }

    /// Waits until `count` pages are there.
    async fn holds(&self, count: usize) {
        while self.names().len() < count {
            self.put.notified().await;
        }
    }
}

impl Shelf for Board {
    fn get<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>> {
        self.asked.notify_one();
        Box::pin(async move { self.pages.lock().unwrap().get(name).cloned() })
    }

    fn put<'a>(&'a self, name: &'a str, _label: &'a str, bytes: Vec<u8>) -> Later<'a, ()> {
        Box::pin(async move {
            self.pages.lock().unwrap().insert(name.to_owned(), bytes);
            self.put.notify_one();
        })
    }
}

/// What a server does with a request.
#[derive(Clone, Debug, PartialEq)]
enum Mood {
    Answers(String),
    Status(&'static str),
    Hangs,
    BreaksOff,
}

/// A server of one feed whose mood changes.
struct Server {
    address: String,
    mood: watch::Sender<Mood>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let mood = watch::Sender::new(mood);
        let moods = mood.subscribe();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, moods.clone()));
            }
        });
        Self { address, mood, task }
    }

    /// Goes away: whoever connects from now on is refused.
    async fn shut_down(self) -> String {
        self.task.abort();
        let _ = self.task.await;
        self.address
    }
}

async fn serve(mut stream: TcpStream, mut moods: watch::Receiver<Mood>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        request.push(byte);
    }
    // One that hangs goes on when its mood is better.
    let Ok(mood) = moods.wait_for(|mood| *mood != Mood::Hangs).await.map(|mood| mood.clone()) else { return };
    let answer = match mood {
        Mood::Answers(body) => format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        Mood::Status(status) => format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        Mood::BreaksOff => "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{".to_owned(),
        Mood::Hangs => return,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

const PAGE: &str = r#"{"videos": [{"id": "a", "title": "One", "videoUrl": "/a.mp4?sig=secret&se=1", "thumbnailUrl": "/a.jpg?token=secret"}], "nextCursor": "2", "hasMore": true}"#;

fn http(address: &str) -> Source {
    Source::parse(&[address.to_owned()]).unwrap()
}

/// A client that has just started, over what is on the shelf.
fn context(board: &Arc<Board>) -> SourceContext {
    SourceContext::new(Arc::new(Counters::default())).unwrap().with_shelf(Arc::clone(board) as Arc<dyn Shelf>)
}

/// The first page of `address`, with its signature, from a client that has just started.
async fn page_of(board: &Arc<Board>, address: &str) -> FeedPage {
    http(address).page(&context(board), None).await.unwrap()
}

/// A shelf with the first page of a server.
async fn kept_from(server: &Server) -> Arc<Board> {
    let board = Arc::new(Board::default());
    assert!(!page_of(&board, &server.address).await.stored);
    board.holds(1).await;
    board
}

#[tokio::test]
async fn a_page_of_a_server_that_is_gone_is_shown_as_it_was() {
    let server = Server::start(Mood::Answers(PAGE.into())).await;
    let board = Arc::new(Board::default());
    let fresh = page_of(&board, &format!("{}?access_token=one", server.address)).await;
    board.holds(1).await;
    let kept = format!(
        "{:?}{:?}",
        board.names(),
        board.pages.lock().unwrap().values().map(|page| String::from_utf8_lossy(page)).collect::<Vec<_>>()
    );
    assert!(!kept.contains("secret") && !kept.contains("token"), "{kept}");
    let address = server.shut_down().await;
    // Another signature is another proof, not another feed.
    let stored = page_of(&board, &format!("{address}?access_token=two")).await;
    assert!(stored.stored && !fresh.stored);
    assert_eq!((stored.items[0].id.as_str(), stored.items[0].title.as_str()), ("a", "One"));
    assert_eq!(stored.items[0].media, MediaLocation::Url(format!("{address}/a.mp4")));
    assert_eq!(stored.next, fresh.next);
    let beyond = http(&address).page(&context(&board), Some(&Cursor("2".into()))).await;
    assert_eq!(beyond.unwrap_err().kind, FailureKind::Network, "this page was never kept");
}

#[tokio::test]
async fn a_server_that_breaks_off_or_has_a_problem_of_its_own_is_no_reason_to_show_nothing() {
    let server = Server::start(Mood::Answers(PAGE.into())).await;
    let board = kept_from(&server).await;
    for mood in [Mood::BreaksOff, Mood::Status("500 Internal Server Error"), Mood::Status("503 Service Unavailable")] {
        server.mood.send_replace(mood.clone());
        assert!(page_of(&board, &server.address).await.stored, "{mood:?}");
    }
}

#[tokio::test]
async fn what_the_server_says_of_the_feed_itself_is_told_although_a_page_is_kept() {
    let server = Server::start(Mood::Answers(PAGE.into())).await;
    let board = kept_from(&server).await;
    for (mood, kind) in [
        (Mood::Status("403 Forbidden"), FailureKind::Refused),
        (Mood::Status("404 Not Found"), FailureKind::Missing),
        (Mood::Status("429 Too Many Requests"), FailureKind::Server),
        (Mood::Answers("<p>Sign in".into()), FailureKind::NotAFeed),
        (Mood::Answers("[]".into()), FailureKind::NotAFeed),
    ] {
        server.mood.send_replace(mood.clone());
        let failure = http(&server.address).page(&context(&board), None).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{mood:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for_when_the_page_is_kept_and_its_late_answer_is_there_the_next_time() {
    let server = Server::start(Mood::Answers(PAGE.into())).await;
    let board = kept_from(&server).await;
    server.mood.send_replace(Mood::Hangs);
    let context = context(&board).with_patience(Duration::from_millis(20)).with_page_timeout(Duration::from_hours(1));
    assert!(http(&server.address).page(&context, None).await.unwrap().stored);
    board.pages.lock().unwrap().clear();
    server.mood.send_replace(Mood::Answers(PAGE.into()));
    board.holds(1).await;
    let again = http(&server.address).page(&context, None).await.unwrap();
    assert!(!again.stored, "the server has answered meanwhile");
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_waited_for_when_nothing_is_kept() {
    let server = Server::start(Mood::Hangs).await;
    let board = Arc::new(Board::default());
    let context = context(&board).with_patience(Duration::from_millis(20));
    let (page, ()) = tokio::join!(async { http(&server.address).page(&context, None).await.unwrap() }, async {
        board.asked.notified().await;
        server.mood.send_replace(Mood::Answers(PAGE.into()));
    });
    assert!(!page.stored);
}

#[tokio::test]
async fn a_kept_page_is_not_remembered_so_that_the_server_is_asked_again() {
    let server = Server::start(Mood::Answers(PAGE.into())).await;
    let board = kept_from(&server).await;
    server.mood.send_replace(Mood::Status("502 Bad Gateway"));
    let context = context(&board);
    let source = http(&server.address);
    assert!(source.page(&context, None).await.unwrap().stored);
    server.mood.send_replace(Mood::Answers(PAGE.into()));
    assert!(!source.page(&context, None).await.unwrap().stored);
}

#[tokio::test]
async fn a_damaged_page_on_the_shelf_is_none() {
    let server = Server::start(Mood::Answers(PAGE.into())).await;
    let board = kept_from(&server).await;
    let address = server.shut_down().await;
    for damaged in [&b"{\"videos\": ["[..], b"", b"[]", b"\xff"] {
        board.pages.lock().unwrap().values_mut().for_each(|page| *page = damaged.to_vec());
        let failure = http(&address).page(&context(&board), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Network);
    }
}
