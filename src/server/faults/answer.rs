//! Answers for the media of faulty items, each as wrong as its fault has it.

use std::io;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, LOCATION, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::response::IntoResponse;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use super::fault::{Doses, Fault};
use super::film::Film;
use super::items::FaultyItem;
use super::wire::{self, Next, Request, Stream};
use crate::server::media::{self, Opened, Part};
use crate::server::refusal::Refusal;

/// Bytes read from the clip and written at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Pieces a second of a body that is slow.
const PIECES_PER_SECOND: u64 = 10;

/// Answers a request for the media of `item`.
///
/// # Errors
/// When the client has gone, or the clip cannot be read; the connection is of no use then.
pub(super) async fn answer(stream: &mut Stream, item: &FaultyItem, doses: &Doses, request: &Request) -> io::Result<Next> {
    let (nth, since) = item.count(Instant::now());
    let Some(fault) = item.fault else { return well(stream, item, request).await };
    match fault {
        Fault::Latency => {
            sleep(doses.latency).await;
            well(stream, item, request).await
        }
        Fault::SlowHeaders => wire::send_slowly(stream, request, good(item, request).await, doses.header_pause).await,
        Fault::RefuseAfterRequests if nth > doses.requests => refuse(stream, request).await,
        Fault::RefuseAfterTime if since > doses.time => refuse(stream, request).await,
        Fault::ServerError if nth <= doses.errors => {
            say(stream, request, Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "this answer is a fault")).await
        }
        Fault::RefuseAfterRequests | Fault::RefuseAfterTime | Fault::ServerError => well(stream, item, request).await,
        Fault::NotFound => say(stream, request, Refusal::not_found()).await,
        Fault::Empty => say(stream, request, (StatusCode::OK, Body::empty())).await,
        Fault::Redirects => say(stream, request, (StatusCode::FOUND, [(LOCATION, format!("{}?hop={nth}", request.uri.path()))])).await,
        Fault::Throttle | Fault::Stall | Fault::Reset | Fault::Truncated | Fault::WrongLength | Fault::BadMoov | Fault::MoovAtEnd => {
            by_hand(stream, item, fault, doses, request).await
        }
    }
}

async fn say(stream: &mut Stream, request: &Request, answer: impl IntoResponse) -> io::Result<Next> {
    wire::send(stream, request, answer.into_response()).await
}

async fn refuse(stream: &mut Stream, request: &Request) -> io::Result<Next> {
    say(stream, request, Refusal::new(StatusCode::FORBIDDEN, "expired", "this address has expired")).await
}

async fn well(stream: &mut Stream, item: &FaultyItem, request: &Request) -> io::Result<Next> {
    wire::send(stream, request, good(item, request).await).await
}

/// The answer of a server without faults.
async fn good(item: &FaultyItem, request: &Request) -> Response<Body> {
    match open(item).await {
        Some(opened) => media::answer(opened, &request.method, &request.headers),
        None => Refusal::not_found().into_response(),
    }
}

async fn open(item: &FaultyItem) -> Option<Opened> {
    let path = item.video.path.clone();
    tokio::task::spawn_blocking(move || media::open_file(&path)).await.ok().flatten()
}

/// What is said of a body and what is sent.
struct Sending {
    status: StatusCode,
    /// `Content-Range`.
    range: Option<String>,
    /// `Content-Length`.
    declared: u64,
    /// First byte sent, and one past the last.
    from: u64,
    to: u64,
}

impl Sending {
    /// What is right for a file of `len` bytes.
    fn new(part: &Part, len: u64) -> Self {
        match *part {
            Part::Whole => Self { status: StatusCode::OK, range: None, declared: len, from: 0, to: len },
            Part::Range(start, count) => Self {
                status: StatusCode::PARTIAL_CONTENT,
                range: Some(format!("bytes {start}-{}/{len}", start + count - 1)),
                declared: count,
                from: start,
                to: start + count,
            },
            Part::Outside => {
                Self { status: StatusCode::RANGE_NOT_SATISFIABLE, range: Some(format!("bytes */{len}")), declared: 0, from: 0, to: 0 }
            }
        }
    }

    /// A file that is said to be half as long again as its `len`.
    fn of_a_longer_file(range: Option<&str>, len: u64) -> Self {
        let said = len + len / 2;
        let mut sending = Self::new(&part_of(range, said), said);
        (sending.from, sending.to) = (sending.from.min(len), sending.to.min(len));
        sending
    }

    /// A part that begins one byte late; the whole is sent under a length that is one byte short.
    fn one_byte_late(mut self, len: u64) -> Self {
        if self.declared > 1 {
            self.declared -= 1;
            if self.range.is_some() {
                self.from += 1;
                self.range = Some(format!("bytes {}-{}/{len}", self.from, self.to - 1));
            }
        }
        self
    }

    fn headers(&self, opened: &Opened, etag: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(opened.content_type));
        headers.insert(CONTENT_LENGTH, self.declared.into());
        for (name, value) in [(ETAG, Some(etag)), (CONTENT_RANGE, self.range.as_deref())] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

fn part_of(range: Option<&str>, len: u64) -> Part {
    range.map_or(Part::Whole, |range| media::part_of(range, len))
}

/// Sends bytes under a head that hyper would not send, or in a way in which it would not send them.
async fn by_hand(stream: &mut Stream, item: &FaultyItem, fault: Fault, doses: &Doses, request: &Request) -> io::Result<Next> {
    let Some(opened) = open(item).await else { return say(stream, request, Refusal::not_found()).await };
    let (len, etag) = (opened.bytes, media::etag(opened.bytes, opened.modified));
    let is_head = request.method == Method::HEAD;
    let unchanged = request.header(&IF_RANGE).is_none_or(|validator| validator == etag);
    let range = request.header(&RANGE).filter(|_| unchanged && !is_head);
    let sending = match fault {
        Fault::WrongLength if item.is_odd => Sending::new(&part_of(range, len), len).one_byte_late(len),
        Fault::WrongLength => Sending::of_a_longer_file(range, len),
        _ => Sending::new(&part_of(range, len), len),
    };
    // What is declared wrongly cannot be told from the next answer.
    let is_honest = sending.declared == sending.to - sending.from;
    let keeps_alive = request.keeps_alive && is_honest;
    stream.write_all(&wire::head(sending.status, &sending.headers(&opened, &etag), keeps_alive)).await?;
    let next = if keeps_alive { Next::Request } else { Next::Close };
    if is_head {
        return Ok(next);
    }
    let mut film = tokio::task::spawn_blocking(move || Film::new(opened, fault)).await.map_err(io::Error::other)??;
    let breaks = matches!(fault, Fault::Stall | Fault::Reset | Fault::Truncated) && sending.to > item.breaks_at();
    let to = if breaks { item.breaks_at().max(sending.from) } else { sending.to };
    let pace = (fault == Fault::Throttle).then_some(doses.bytes_per_second);
    send(stream, &mut film, sending.from, to, pace).await?;
    if !breaks {
        return Ok(next);
    }
    match fault {
        // For a client that does not go the connection ends some time.
        Fault::Stall => drop(timeout(doses.patience, wire::gone(stream)).await),
        Fault::Reset => stream.get_ref().set_zero_linger()?,
        _ => {}
    }
    Ok(Next::Close)
}

/// Sends bytes of a film, so many a second.
async fn send(stream: &mut Stream, film: &mut Film, from: u64, to: u64, pace: Option<u64>) -> io::Result<()> {
    let piece = pace.map_or(CHUNK_BYTES as u64, |pace| (pace / PIECES_PER_SECOND).max(1));
    let mut at = from;
    while at < to {
        let bytes = film.read(at, usize::try_from(piece.min(to - at)).unwrap_or(CHUNK_BYTES)).await?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        stream.write_all(&bytes).await?;
        at += bytes.len() as u64;
        if let Some(pace) = pace {
            sleep(Duration::from_nanos((bytes.len() as u64).saturating_mul(1_000_000_000) / pace.max(1))).await;
        }
    }
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_file_is_promised_and_only_what_is_there_is_sent() {
        let sending = Sending::of_a_longer_file(Some("bytes=50-"), 100);
        assert_eq!((sending.range.as_deref(), sending.declared), (Some("bytes 50-149/150"), 100));
        assert_eq!((sending.from, sending.to), (50, 100));
        let beyond = Sending::of_a_longer_file(Some("bytes=120-130"), 100);
        assert_eq!((beyond.declared, beyond.from, beyond.to), (11, 100, 100));
        assert_eq!(Sending::of_a_longer_file(None, 100).declared, 150);
    }

    #[test]
    fn a_part_that_begins_late_says_so() {
        let sending = Sending::new(&Part::Range(10, 20), 100).one_byte_late(100);
        assert_eq!((sending.range.as_deref(), sending.declared), (Some("bytes 11-29/100"), 19));
        assert_eq!((sending.from, sending.to), (11, 30));
        let whole = Sending::new(&Part::Whole, 100).one_byte_late(100);
        assert_eq!((whole.range, whole.declared, whole.from, whole.to), (None, 99, 0, 100));
        assert_eq!(Sending::new(&Part::Outside, 100).one_byte_late(100).declared, 0);
    }
}
