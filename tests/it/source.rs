//! Sources: folders with all that lies about in real ones, and HTTP feeds that answer well, badly or never.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flickreel::feed::{Cursor, Failure, FailureKind, FeedPage, Filter, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::source::{Source, SourceContext, TrustedHosts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{STUB_VIDEO, TestServer, write};

fn context() -> SourceContext {
    SourceContext::new(Arc::new(Counters::default())).unwrap()
}

fn folder(path: &Path) -> Source {
    Source::Folder(path.to_owned())
}

fn http(address: &str) -> Source {
    Source::parse(&[address.to_owned()]).unwrap()
}

fn ids(page: &FeedPage) -> Vec<&str> {
    page.items.iter().map(|item| item.id.as_str()).collect()
}

/// All pages, one after the other.
async fn walk(source: &Source, context: &SourceContext) -> Vec<FeedPage> {
    let mut pages = vec![source.page(context, None).await.unwrap()];
    while let Some(cursor) = pages.last().unwrap().next.clone() {
        pages.push(source.page(context, Some(&cursor)).await.unwrap());
    }
    pages
}

#[tokio::test]
async fn a_large_folder_comes_in_pages_and_every_video_once() {
    let root = tempfile::tempdir().unwrap();
    for number in 0..120 {
        write(root.path(), &format!("clip {number}.mp4"), STUB_VIDEO);
    }
    let pages = walk(&folder(root.path()), &context()).await;
    assert_eq!(pages.iter().map(|page| page.items.len()).collect::<Vec<_>>(), [50, 50, 20]);
    let expected: Vec<String> = (0..120).map(|number| format!("clip {number}.mp4")).collect();
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_video_in_a_heap_of_photos_is_found() {
    let root = tempfile::tempdir().unwrap();
    for number in 0..1_500 {
        write(root.path(), &format!("photo {number}.jpg"), b"\xff\xd8\xff");
    }
    write(root.path(), "z.mp4", STUB_VIDEO);
    let pages = walk(&folder(root.path()), &context()).await;
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), ["z.mp4"]);
    assert_eq!(pages.iter().map(|page| page.skipped).sum::<usize>(), 1_500);
    assert!(pages.iter().all(|page| page.finite), "however many photos there are, the list goes on to the end");
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_about_in_a_real_folder_is_sorted_out() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "Mia/1_good_one.mp4", STUB_VIDEO);
    write(root.path(), "2 cut short.mp4", &STUB_VIDEO[..12]);
    write(root.path(), "3 no ending", b"\x1a\x45\xdf\xa3webm");
    write(root.path(), "4 empty.mp4", b"");
    write(root.path(), "5 a page.webm", b"<html>");
    symlink(root.path().join("gone"), root.path().join("6 gone.mp4")).unwrap();
    symlink(root.path().join("7 circle.mov"), root.path().join("7 circle.mov")).unwrap();
    write(root.path(), "8 folder.mp4/inside.mp4", STUB_VIDEO);
    for (name, bytes) in [
        ("a.jpg", &b"\xff\xd8\xff"[..]),
        ("b.txt", b"text"),
        ("c.mp3", b"ID3\x04"),
        ("d.m4a", b"\0\0\0\x18ftypM4A "),
        ("e.ts", b"let a = 1;"),
        ("f", b""),
    ] {
        write(root.path(), name, bytes);
    }
    let page = folder(root.path()).page(&context(), None).await.unwrap();
    let told: Vec<_> = page.items.iter().map(|item| (item.title.as_str(), item.problem.as_ref().map(|problem| problem.kind))).collect();
    assert_eq!(
        told,
        [
            ("2 cut short", None),
            ("3 no ending", None),
            ("4 empty", Some(FailureKind::Corrupt)),
            ("5 a page", Some(FailureKind::Corrupt)),
            ("6 gone", Some(FailureKind::Missing)),
            ("7 circle", Some(FailureKind::Unreadable)),
            ("inside", None),
            ("1 good one", None),
        ]
    );
    assert_eq!(page.skipped, 6);
    assert_eq!((page.items[7].maker.as_str(), page.items[7].id.as_str()), ("Mia", "Mia/1_good_one.mp4"));
    for item in &page.items {
        assert!(item.problem.as_ref().is_none_or(|problem| problem.sentence.ends_with('.')));
    }
}

#[tokio::test]
async fn later_pages_of_a_folder_do_not_shift_when_files_come() {
    let root = tempfile::tempdir().unwrap();
    for number in 10..70 {
        write(root.path(), &format!("{number}.mp4"), STUB_VIDEO);
    }
    let (source, context) = (folder(root.path()), context());
    let first = source.page(&context, None).await.unwrap();
    write(root.path(), "1.mp4", STUB_VIDEO);
    let second = source.page(&context, first.next.as_ref()).await.unwrap();
    assert_eq!(ids(&second)[0], "60.mp4");
    let again = source.page(&context, None).await.unwrap();
    assert_eq!(ids(&again)[0], "1.mp4");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_told_of() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("gone");
    let failure = folder(&path).page(&context(), None).await.unwrap_err();
    assert_eq!((failure.kind, failure.sentence.as_str()), (FailureKind::Missing, "The folder “gone” can’t be read."));
    assert!(!failure.causes.is_empty());
}

#[tokio::test]
async fn files_keep_the_order_in_which_they_were_given() {
    let root = tempfile::tempdir().unwrap();
    for name in ["b.mp4", "a.mp4", "photo.jpg"] {
        write(root.path(), name, if name.ends_with("mp4") { STUB_VIDEO } else { b"\xff\xd8" });
    }
    let path = |name: &str| root.path().join(name);
    let page = Source::Files(vec![path("b.mp4"), path("photo.jpg"), path("a.mp4")]).page(&context(), None).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(page.skipped, 1);
    let alone = Source::Files(vec![path("photo.jpg")]).page(&context(), None).await.unwrap();
    assert_eq!(alone.items[0].problem, Some(Failure::new(FailureKind::Unsupported, "This file is not a video.")));
}

#[tokio::test]
async fn the_sample_reel_is_a_feed_of_one_page() {
    let page = Source::Sample.page(&context(), None).await.unwrap();
    assert!(!page.items.is_empty() && page.next.is_none());
    assert_eq!(page.items[0].media, MediaLocation::Sample(0));
}

#[tokio::test]
async fn a_server_is_walked_to_its_end_by_its_host_alone() {
    let names: Vec<String> = (0..45).map(|number| format!("clip {number}.mp4")).collect();
    let server = TestServer::of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let context = context();
    let pages = walk(&http(&server.address), &context).await;
    assert_eq!(pages.iter().map(|page| page.items.len()).collect::<Vec<_>>(), [20, 20, 5]);
    let last = pages[2].items.last().unwrap();
    assert_eq!((last.title.as_str(), &last.media), ("clip 44", &MediaLocation::Url(format!("{}/media/clip%2044.mp4", server.address))));
}

#[tokio::test]
async fn a_cursor_the_server_forgot_starts_the_feed_afresh_once() {
    let server = TestServer::with(&["a.mp4", "b.mp4"], |config| config.with_cursor_lifetime(Duration::ZERO)).await;
    // Who leaves something out has a walk of their own, with cursors that nobody else has.
    let (source, context) = (http(&format!("{}/feed/videos?limit=1&exclude=none", server.address)), context());
    let first = source.page(&context, None).await.unwrap();
    let again = source.page(&context, first.next.as_ref()).await.unwrap();
    assert_eq!(again.items, first.items);
    assert_ne!(again.next, first.next);
    let failure = source.page(&context, again.next.as_ref()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Missing);
}

/// A server that answers every request with the same bytes, then closes; counts the requests.
async fn responder(answer: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (count, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                read_request(&mut stream).await;
                // The client may have seen enough before the end.
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, count)
}

async fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        request.push(byte);
    }
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

async fn failure_of(answer: Vec<u8>) -> Failure {
    let (address, _) = responder(answer).await;
    let source = http(&format!("{address}/feed?token=secret"));
    let context = context();
    context.note_opened(&source);
    let failure = source.page(&context, None).await.unwrap_err();
    assert!(failure.sentence.ends_with('.'), "{failure:?}");
    assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
    failure
}

#[tokio::test]
async fn an_answer_that_is_no_success_is_told_by_its_class() {
    for (status, kind) in [
        ("401 Unauthorized", FailureKind::Refused),
        ("403 Forbidden", FailureKind::Refused),
        ("404 Not Found", FailureKind::Missing),
        ("410 Gone", FailureKind::Missing),
        ("429 Too Many Requests", FailureKind::Server),
        ("500 Internal Server Error", FailureKind::Server),
        ("503 Service Unavailable", FailureKind::Server),
        ("304 Not Modified", FailureKind::Server),
        ("302 Found\r\nLocation: ?again", FailureKind::Blocked),
    ] {
        assert_eq!(failure_of(answer(status, b"")).await.kind, kind, "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_feed_is_told_so() {
    for (head, body) in [
        ("200 OK\r\nContent-Type: text/html; charset=utf-8", &b"{\"videos\": []}"[..]),
        ("200 OK", b" \n<!doctype html><p>Hello"),
        ("200 OK\r\nContent-Type: application/json", b"{\"videos\": [{\"id\": "),
        ("200 OK\r\nContent-Type: application/json", b"[1, 2]"),
        ("200 OK\r\nContent-Type: application/json", b"\xff\xfe"),
        ("200 OK", b""),
        ("204 No Content", b""),
    ] {
        assert_eq!(failure_of(answer(head, body)).await.kind, FailureKind::NotAFeed, "{head}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_can_be_tried_again() {
    let cut = failure_of(answer("200 OK\r\nContent-Length: 500", b"{\"videos\": [")).await;
    assert_eq!(cut.kind, FailureKind::Network);
    assert_eq!(failure_of(b"HTTP/1.1".to_vec()).await.kind, FailureKind::Network);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = http(&address).page(&context(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Network);
    assert!(failure.kind.retryable() && !failure.causes.is_empty());
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let counters = Arc::new(Counters::default());
    let context = SourceContext::new(Arc::clone(&counters)).unwrap().with_page_timeout(Duration::from_millis(50));
    let failure = http(&address).page(&context, None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!((counters.snapshot().network_requests, counters.snapshot().network_active), (1, 0));
}

#[tokio::test]
async fn an_endless_answer_is_given_up_at_the_limit() {
    let body = b" ".repeat(8 << 20);
    let failure = failure_of(answer("200 OK\r\nContent-Type: application/json", &body)).await;
    assert_eq!(failure.kind, FailureKind::NotAFeed);
    assert!(failure.sentence.contains("larger than 2 MiB"), "{}", failure.sentence);
}

/// A gzip stream of three million spaces in twenty thousand bytes: one literal, then "the last byte, 258 times".
fn gzip_bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut bits, mut count) = (0_u64, 0);
    // RFC 1951: a last block with fixed codes; codes begin with their highest bit, bytes with their lowest.
    let space = [false, true, false, true, false, false, false, false];
    let run = [true, true, false, false, false, true, false, true, false, false, false, false, false];
    let block = [true, true, false];
    for bit in block.into_iter().chain(space).chain(std::iter::repeat_n(run, 12_000).flatten()) {
        bits |= u64::from(bit) << count;
        count += 1;
        if count == 8 {
            bytes.push(u8::try_from(bits).unwrap());
            (bits, count) = (0, 0);
        }
    }
    bytes
}

#[tokio::test]
async fn an_answer_that_swells_in_decompression_is_given_up_at_the_limit() {
    let bomb = gzip_bomb();
    assert!(bomb.len() < 30_000);
    let failure = failure_of(answer("200 OK\r\nContent-Encoding: gzip", &bomb)).await;
    assert!(failure.sentence.contains("larger than 2 MiB"), "{failure:?}");
}

#[tokio::test]
async fn json_that_is_nested_without_end_is_no_feed() {
    for depth in [200, 1_000_000] {
        let body = format!("{{\"videos\": {}", "[".repeat(depth));
        let failure = failure_of(answer("200 OK\r\nContent-Type: application/json", body.as_bytes())).await;
        assert_eq!(failure.kind, FailureKind::NotAFeed);
        assert!(failure.sentence.ends_with("is not readable as a feed."), "{}", failure.sentence);
        assert!(failure.causes[0].starts_with("recursion limit exceeded"), "{failure:?}");
    }
}

#[tokio::test]
async fn what_the_filter_hides_is_left_out_of_feeds_and_folders_and_counted_apart() {
    let json = br#"{"videos": [{"id": "a", "title": "Buy NOW", "videoUrl": "a.mp4"}, {"id": "b", "makerId": "Mia", "videoUrl": "b.mp4"},
        {"id": "c", "tags": ["Prank"], "videoUrl": "c.mp4"}, {"id": "d", "title": "Buying", "videoUrl": "d.mp4"}, 7]}"#;
    let (address, _) = responder(answer("200 OK", json)).await;
    let filter = Filter::new(["mia".into()], ["buy now".into()], ["prank".into()]);
    let context = context().with_filter(filter);
    let page = http(&address).page(&context, None).await.unwrap();
    assert_eq!((ids(&page), page.filtered, page.skipped), (vec!["d"], 3, 1));
    let root = tempfile::tempdir().unwrap();
    for name in ["buy_now.mp4", "good.mp4", "Mia/her.mp4"] {
        write(root.path(), name, STUB_VIDEO);
    }
    let page = folder(root.path()).page(&context, None).await.unwrap();
    assert_eq!((ids(&page), page.filtered), (vec!["good.mp4"], 2));
    let by_hand = Source::Files(vec![root.path().join("buy_now.mp4")]);
    assert_eq!(by_hand.page(&context, None).await.unwrap().items.len(), 1, "who opens a file wants to see it");
}

#[tokio::test]
async fn bad_items_are_skipped_and_an_empty_page_is_a_page() {
    let json = br#"{"videos": [{"id": "a", "videoUrl": "a.mp4"}, {"id": 1}, "x", {"id": "b", "videoUrl": "javascript:1"}], "nextCursor": "2", "hasMore": true}"#;
    let (address, _) = responder(answer("200 OK", json)).await;
    let page = http(&format!("{address}/my/feed")).page(&context(), None).await.unwrap();
    assert_eq!((page.items.len(), page.skipped, page.next), (2, 2, Some(Cursor("2".into()))));
    assert_eq!(page.items[1].problem.as_ref().map(|problem| problem.kind), Some(FailureKind::Blocked));
    assert_eq!(page.items[0].media, MediaLocation::Url(format!("{address}/my/a.mp4")));
    let (address, _) = responder(answer("200 OK", b"{\"videos\": []}")).await;
    assert_eq!(http(&address).page(&context(), None).await.unwrap(), FeedPage::default());
}

#[tokio::test]
async fn media_of_the_feeds_own_host_and_of_trusted_ones_plays_and_that_of_others_says_why_not() {
    let json = br#"{"videos": [{"id": "a", "videoUrl": "a.mp4"}, {"id": "b", "videoUrl": "https://cdn.example.org/b.mp4"}, {"id": "c", "videoUrl": "https://badexample.org/c.mp4"}]}"#;
    let (address, _) = responder(answer("200 OK", json)).await;
    let context = context().with_trusted_hosts(TrustedHosts::new(["example.org".to_owned()]));
    let page = http(&address).page(&context, None).await.unwrap();
    assert_eq!((ids(&page), page.skipped), (vec!["a", "b", "c"], 0));
    let refused: Vec<_> = page.items.iter().map(|item| item.problem.as_ref().map(|problem| problem.sentence.as_str())).collect();
    assert_eq!(refused, [None, None, Some("badexample.org is not one of the trusted hosts.")]);
}

#[tokio::test]
async fn a_page_is_asked_for_once_until_it_is_forgotten_and_failures_are_not_kept() {
    let (address, count) = responder(answer("200 OK", b"{\"videos\": [{\"id\": \"a\", \"videoUrl\": \"a.mp4\"}]}")).await;
    let (source, context) = (http(&address), context());
    let (first, second) = tokio::join!(source.page(&context, None), source.page(&context, None));
    assert_eq!(first.unwrap(), second.unwrap());
    source.page(&context, None).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    context.forget();
    source.page(&context, None).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
    let (address, count) = responder(answer("500 No", b"")).await;
    for _ in 0..2 {
        assert!(http(&address).page(&context, None).await.is_err());
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn a_deep_folder_is_read_without_its_hidden_parts() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a/b/c/d/e/f/deep.mp4", STUB_VIDEO);
    write(root.path(), "a/.trash/gone.mp4", STUB_VIDEO);
    fs::create_dir(root.path().join("nothing")).unwrap();
    let page = runtime.block_on(folder(root.path()).page(&context(), None)).unwrap();
    assert_eq!(ids(&page), ["a/b/c/d/e/f/deep.mp4"]);
    assert_eq!(page.items[0].maker, "a/b/c/d/e/f");
}
