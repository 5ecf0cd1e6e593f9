//! One test for each fault.

use std::time::{Duration, Instant};

use flickreel::server::faults::{Doses, Fault, FaultOptions};
use flickreel::source::SAMPLE_CLIPS;

use super::client::End;
use super::{FaultServer, clip};

/// Where the body of the second item with the same fault breaks.
const EARLY: usize = 4096;

fn place_of(bytes: &[u8], kind: [u8; 4]) -> usize {
    bytes.windows(4).position(|four| four == kind).unwrap()
}

#[tokio::test]
async fn latency_comes_before_the_head() {
    let latency = Duration::from_millis(300);
    let server = FaultServer::of(Fault::Latency, 1, Doses { latency, ..Doses::default() }).await;
    let path = server.first().await;
    let asked = Instant::now();
    let answer = server.get(&path, "Range: bytes=0-9\r\n").await;
    assert!(asked.elapsed() >= latency);
    assert_eq!((answer.status, &answer.body[..]), (206, &clip()[..10]));
}

#[tokio::test]
async fn a_throttled_body_takes_its_time_and_is_the_right_one() {
    let server = FaultServer::of(Fault::Throttle, 1, Doses { bytes_per_second: 100_000, ..Doses::default() }).await;
    let path = server.first().await;
    let asked = Instant::now();
    let answer = server.get(&path, "").await;
    // The last pause comes after the last byte.
    assert!(asked.elapsed() >= Duration::from_millis(300), "{:?}", asked.elapsed());
    assert_eq!((answer.status, answer.end, answer.body == clip()), (200, End::Complete, true));
}

#[tokio::test]
async fn a_body_that_stalls_keeps_its_connection() {
    let server = FaultServer::of(Fault::Stall, 2, Doses::default()).await;
    let bytes = clip();
    for (path, place) in server.media().await.iter().zip([bytes.len() / 2, EARLY]) {
        let mut connection = server.connect().await;
        connection.say(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert!(connection.head().await.contains(&format!("content-length: {}\r\n", bytes.len())));
        assert_eq!(connection.up_to(place).await, (bytes[..place].to_vec(), End::Complete));
        assert!(connection.is_silent(Duration::from_millis(200)).await);
        // What lies before the place comes, what lies behind it never does.
        let before = server.get(path, &format!("Range: bytes=10-{}\r\n", place - 1)).await;
        assert_eq!((before.end, &before.body[..]), (End::Complete, &bytes[10..place]));
        let mut behind = server.connect().await;
        behind.say(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes={place}-\r\n\r\n")).await;
        behind.head().await;
        assert!(behind.is_silent(Duration::from_millis(200)).await);
    }
}

#[tokio::test]
async fn a_stalled_connection_ends_when_nobody_gives_up() {
    let patience = Duration::from_millis(50);
    let server = FaultServer::of(Fault::Stall, 1, Doses { patience, ..Doses::default() }).await;
    let path = server.first().await;
    assert_eq!(server.get(&path, "").await.end, End::Closed);
}

#[tokio::test]
async fn requests_are_refused_after_so_many_or_so_long() {
    let server = FaultServer::of(Fault::RefuseAfterRequests, 2, Doses { requests: 2, ..Doses::default() }).await;
    let media = server.media().await;
    for status in [200, 200, 403, 403] {
        assert_eq!(server.get(&media[0], "").await.status, status);
    }
    assert_eq!(server.get(&media[1], "").await.status, 200, "each item counts for itself");
    let server = FaultServer::of(Fault::RefuseAfterTime, 2, Doses { time: Duration::ZERO, ..Doses::default() }).await;
    let media = server.media().await;
    assert_eq!((server.get(&media[0], "").await.status, server.get(&media[0], "").await.status), (200, 403));
    assert_eq!(server.get(&media[1], "").await.status, 200, "each item has its own clock");
}

#[tokio::test]
async fn a_reset_breaks_off_what_a_truncated_body_ends_quietly() {
    for (fault, end) in [(Fault::Reset, End::Reset), (Fault::Truncated, End::Closed)] {
        let server = FaultServer::of(fault, 2, Doses::default()).await;
        let bytes = clip();
        for (path, place) in server.media().await.iter().zip([bytes.len() / 2, EARLY]) {
            let answer = server.get(path, "").await;
            assert_eq!((answer.status, answer.end), (200, end), "{fault}");
            // A reset takes with it what was not yet read.
            assert!(answer.body.len() <= place && bytes.starts_with(&answer.body), "{fault}: {}", answer.body.len());
            assert!(fault == Fault::Reset || answer.body.len() == place);
            assert_eq!(answer.header("content-length"), bytes.len().to_string());
            let before = server.get(path, &format!("Range: bytes=0-{}\r\n", place - 1)).await;
            assert_eq!((before.end, before.body.len()), (End::Complete, place), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_wrong_length_says_more_than_there_is_or_another_place() {
    let server = FaultServer::of(Fault::WrongLength, 2, Doses::default()).await;
    let (media, bytes) = (server.media().await, clip());
    let (len, said) = (bytes.len(), bytes.len() / 2 * 3);
    let part = server.get(&media[0], "Range: bytes=1000-\r\n").await;
    assert_eq!((part.status, part.header("content-range")), (206, &*format!("bytes 1000-{}/{said}", said - 1)));
    assert_eq!((part.end, &part.body[..]), (End::Closed, &bytes[1000..]));
    let beyond = server.get(&media[0], &format!("Range: bytes={len}-\r\n")).await;
    assert_eq!((beyond.status, beyond.end, beyond.body.len()), (206, End::Closed, 0));
    let late = server.get(&media[1], "Range: bytes=1000-1999\r\n").await;
    assert_eq!((late.status, late.header("content-range")), (206, &*format!("bytes 1001-1999/{len}")));
    assert_eq!((late.end, &late.body[..]), (End::Complete, &bytes[1001..2000]));
}

#[tokio::test]
async fn slow_headers_come_byte_by_byte() {
    let header_pause = Duration::from_millis(2);
    let server = FaultServer::of(Fault::SlowHeaders, 1, Doses { header_pause, ..Doses::default() }).await;
    let path = server.first().await;
    let asked = Instant::now();
    let answer = server.get(&path, "").await;
    assert!(asked.elapsed() >= header_pause * u32::try_from(answer.head.len()).unwrap());
    assert_eq!((answer.status, answer.body == clip()), (200, true));
}

#[tokio::test]
async fn redirects_lead_from_one_to_the_next() {
    let server = FaultServer::of(Fault::Redirects, 1, Doses::default()).await;
    let mut path = server.first().await;
    let mut seen = Vec::new();
    let mut connection = server.connect().await;
    for _ in 0..20 {
        let answer = connection.get(&path, "").await;
        assert_eq!(answer.status, 302);
        seen.push(path);
        path = answer.header("location").to_owned();
        assert!(!seen.contains(&path), "{path}");
    }
}

#[tokio::test]
async fn headers_of_films_are_damaged_or_moved_on_the_fly() {
    let film = SAMPLE_CLIPS[0].bytes;
    let options = FaultOptions { items: 2, share: 1.0, faults: vec![Fault::BadMoov, Fault::MoovAtEnd], ..FaultOptions::default() };
    let server = FaultServer::start(&[("film.mp4", film)], options).await;
    let media = server.media().await;
    let (bad, moved) = (server.get(&media[0], "").await, server.get(&media[1], "").await);
    assert_eq!((bad.body.len(), moved.body.len()), (film.len(), film.len()));
    assert_eq!(place_of(&bad.body, *b"moov"), place_of(film, *b"moov"));
    assert!(!bad.body.windows(4).any(|four| four == b"stsd"));
    assert!(place_of(film, *b"moov") < place_of(film, *b"mdat") && place_of(&moved.body, *b"mdat") < place_of(&moved.body, *b"moov"));
    // A part is a part of what the whole is.
    let at = place_of(&moved.body, *b"moov") - 1000;
    let part = server.get(&media[1], &format!("Range: bytes={at}-{}\r\n", at + 1999)).await;
    assert_eq!(part.body, &moved.body[at..at + 2000]);
}

#[tokio::test]
async fn an_item_may_be_gone_broken_for_a_while_or_empty() {
    let faults = vec![Fault::NotFound, Fault::ServerError, Fault::Empty];
    let options = FaultOptions { items: 3, share: 1.0, faults, ..FaultOptions::default() };
    let server = FaultServer::start(&[("clip.mp4", &clip())], options).await;
    let media = server.media().await;
    assert_eq!(server.get(&media[0], "").await.status, 404);
    let mut connection = server.connect().await;
    for status in [500, 500, 206, 206] {
        assert_eq!(connection.get(&media[1], "Range: bytes=0-3\r\n").await.status, status);
    }
    let empty = server.get(&media[2], "Range: bytes=0-3\r\n").await;
    assert_eq!((empty.status, empty.header("content-length"), empty.body.len()), (200, "0", 0));
}
