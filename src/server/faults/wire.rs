//! HTTP/1.1 by hand (RFC 9112), as far as reading videos needs it: what hyper sends is never as wrong as it has to
//! be here. Requests come in, answers go out.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// How long a client may take to send a head, or to send nothing between two requests.
const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// A connection.
pub(super) type Stream = BufReader<TcpStream>;

/// A request without its body, which nothing here needs.
#[derive(Debug)]
pub(super) struct Request {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    /// Whether another request may follow.
    pub keeps_alive: bool,
}

impl Request {
    /// A header as text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request may come.
    Request,
    /// It is over.
    Close,
}

/// The next request; `None` when the client has gone, takes too long, or says what is no request.
pub(super) async fn read(stream: &mut Stream) -> Option<Request> {
    let head = timeout(HEAD_WITHIN, async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == HEAD_BYTES_MAX {
                return None;
            }
            head.push(stream.read_u8().await.ok()?);
        }
        Some(head)
    });
    parse(&head.await.ok()??)
}

fn parse(head: &[u8]) -> Option<Request> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, uri) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let is_newest = match words.next()? {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ => return None,
    };
    let mut headers = HeaderMap::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value.trim()).ok()?);
    }
    let says_close = headers.get(CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    // A body would stand where the next request is looked for.
    let has_body = headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    Some(Request { method, uri, headers, keeps_alive: is_newest && !says_close && !has_body })
}

/// Waits until the client has gone.
pub(super) async fn gone(stream: &mut Stream) {
    while stream.read_u8().await.is_ok() {}
}

/// Sends an answer as it should be.
///
/// # Errors
/// When the client has gone, or the body breaks off.
pub(super) async fn send(stream: &mut Stream, request: &Request, response: Response<Body>) -> io::Result<Next> {
    send_slowly(stream, request, response, Duration::ZERO).await
}

/// The same with a pause before each byte of the head.
///
/// # Errors
/// When the client has gone, or the body breaks off.
pub(super) async fn send_slowly(stream: &mut Stream, request: &Request, response: Response<Body>, pause: Duration) -> io::Result<Next> {
    let (parts, mut body) = response.into_parts();
    let (mut headers, status) = (parts.headers, parts.status);
    if let (false, Some(length)) = (headers.contains_key(CONTENT_LENGTH), body.size_hint().exact())
        && status != StatusCode::NOT_MODIFIED
    {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let has_body = request.method != Method::HEAD && status != StatusCode::NOT_MODIFIED;
    // A body of unknown length ends with the connection.
    let keeps_alive = request.keeps_alive && (told.is_some() || !has_body);
    let head = head(status, &headers, keeps_alive);
    if pause.is_zero() {
        stream.write_all(&head).await?;
    } else {
        for byte in &head {
            tokio::time::sleep(pause).await;
            stream.write_all(&[*byte]).await?;
        }
    }
    let mut sent = 0;
    while has_body && let Some(bytes) = next_of(&mut body).await {
        let bytes = bytes.map_err(io::Error::other)?;
        stream.write_all(&bytes).await?;
        sent += bytes.len() as u64;
    }
    // A file that became shorter meanwhile: the reader has to notice.
    let is_short = has_body && told.is_some_and(|told| sent < told);
    Ok(if keeps_alive && !is_short { Next::Request } else { Next::Close })
}

/// The head of an answer.
pub(super) fn head(status: StatusCode, headers: &HeaderMap, keeps_alive: bool) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default()).into_bytes();
    let close = (!keeps_alive).then(|| (&CONNECTION, HeaderValue::from_static("close")));
    let all = headers.iter().map(|(name, value)| (name, value.clone())).chain(close);
    for (name, value) in all {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    head
}

/// The next bytes of a body.
async fn next_of(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    loop {
        let frame = match std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await? {
            Ok(frame) => frame,
            Err(err) => return Some(Err(err)),
        };
        // Trailers, which nobody sends here, are no bytes.
        if let Ok(bytes) = frame.into_data() {
            return Some(Ok(bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_headers() {
        let request = parse(b"GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\nRange:bytes=0-5\r\n\r\n").unwrap();
        assert_eq!((&request.method, request.uri.path(), request.uri.query()), (&Method::GET, "/a%20b", Some("c=d")));
        assert_eq!((request.header(&axum::http::header::RANGE), request.keeps_alive), (Some("bytes=0-5"), true));
    }

    #[test]
    fn a_connection_ends_with_a_client_that_says_so_or_sends_a_body() {
        for (line, more) in [("HTTP/1.0", ""), ("HTTP/1.1", "Connection: Close\r\n"), ("HTTP/1.1", "Content-Length: 3\r\n")] {
            assert!(!parse(format!("GET / {line}\r\n{more}\r\n").as_bytes()).unwrap().keeps_alive, "{line} {more}");
        }
    }

    #[test]
    fn what_is_no_request_is_none() {
        for wrong in ["\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "G{T / HTTP/1.1\r\n\r\n"] {
            assert!(parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(parse(b"GET /\xff HTTP/1.1\r\n\r\n").is_none());
    }
}
