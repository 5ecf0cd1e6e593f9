//! One connection to the server that misbehaves: requests come in, answers go out as wrong as asked for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Behaviour, Fault, Seen, Shared};

/// The most that is written at once, in bytes.
const PIECE_BYTES: usize = 16 * 1024;
/// What lies between two pieces of a body that trickles.
const TRICKLE_PAUSE: Duration = Duration::from_millis(2);

pub struct Connection {
    stream: TcpStream,
    shared: Arc<Shared>,
}

/// What of the media is asked for, and how it is to be sent.
struct Part<'a> {
    body: &'a [u8],
    first: u64,
    last: u64,
    total: u64,
    /// A range was asked for and is given.
    ranged: bool,
}

impl Connection {
    pub fn new(stream: TcpStream, shared: Arc<Shared>) -> Self {
        Self { stream, shared }
    }

    pub async fn serve(mut self) {
        while let Some(request) = self.request().await {
            let behaviour = self.shared.behaviour(&request.path);
            self.shared.seen.lock().unwrap().push(request.clone());
            self.shared.count.send_modify(|count| *count += 1);
            if self.answer(&request, &behaviour).await.is_none() {
                break;
            }
        }
    }

    async fn request(&mut self) -> Option<Seen> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).ok()?;
        let header = |name: &str| {
            head.lines().find_map(|line| {
                line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            })
        };
        let range = header("range").map(|range| {
            let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            (first.parse().unwrap(), last.parse().ok())
        });
        Some(Seen { path: head.split(' ').nth(1)?.to_owned(), range, if_range: header("if-range") })
    }

    /// Answers; `None` when the connection is to be closed.
    async fn answer(&mut self, request: &Seen, behaviour: &Behaviour) -> Option<()> {
        let fault = behaviour.fault;
        let total = behaviour.body.len() as u64;
        match fault {
            Fault::Silent => {
                self.closed().await;
                return None;
            }
            Fault::Status(status) => return self.write(&format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n")).await,
            Fault::RedirectsForEver => {
                return self.write(&format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", request.path)).await;
            }
            _ => {}
        }
        let same = request.if_range.as_deref().is_none_or(|wanted| Some(wanted) == behaviour.etag);
        let range = request.range.filter(|_| same && !matches!(fault, Fault::NoRanges | Fault::NoLength | Fault::Endless));
        let (first, last) = range.map_or((0, total - 1), |(first, last)| (first, last.unwrap_or(u64::MAX).min(total - 1)));
        if first >= total {
            return self.write(&format!("HTTP/1.1 416 No\r\nContent-Range: bytes */{total}\r\nContent-Length: 0\r\n\r\n")).await;
        }
        let body = &behaviour.body[usize::try_from(first).unwrap()..=usize::try_from(last).unwrap()];
        let part = Part { body, first, last, total, ranged: range.is_some() };
        self.write(&head(behaviour, &part)).await?;
        self.body(request, fault, &part).await
    }

    /// Sends the body of an answer, or what the fault makes of it; `None` when the connection is to be closed.
    async fn body(&mut self, request: &Seen, fault: Fault, part: &Part<'_>) -> Option<()> {
        let body = part.body;
        match fault {
            Fault::Endless => loop {
                self.chunk(body).await?;
            },
            Fault::Long(more) => {
                self.chunk(&[body, &vec![b'!'; more]].concat()).await?;
                self.write("0\r\n\r\n").await
            }
            Fault::Spills(more) => {
                self.send(&[body, &vec![b'!'; more]].concat()).await?;
                None
            }
            Fault::Multipart if part.ranged => self.send(&multipart(part)).await,
            Fault::WrongRange if part.ranged => self.send(&body[1..]).await,
            Fault::Short(less) => {
                self.send(&body[..if part.ranged { body.len().saturating_sub(less) } else { body.len() }]).await?;
                None
            }
            Fault::NoLength => {
                self.send(body).await?;
                None
            }
            Fault::Breaks(after) if after < body.len() => {
                self.send(&body[..after]).await?;
                None
            }
            Fault::Changes(after) => {
                self.send(&body[..after.min(body.len())]).await?;
                self.shared.change(&request.path);
                None
            }
            Fault::Stalls(after) if after < body.len() => {
                self.send(&body[..after]).await?;
                self.closed().await;
                None
            }
            Fault::Trickles(bytes) => {
                for piece in body.chunks(bytes) {
                    self.send(piece).await?;
                    tokio::time::sleep(TRICKLE_PAUSE).await;
                }
                Some(())
            }
            _ => self.send(body).await,
        }
    }

    /// Waits until the client is gone.
    async fn closed(&mut self) {
        while self.stream.read_u8().await.is_ok() {}
    }

    async fn write(&mut self, text: &str) -> Option<()> {
        self.stream.write_all(text.as_bytes()).await.ok()
    }

    /// Sends body bytes as one chunk of a chunked body.
    async fn chunk(&mut self, body: &[u8]) -> Option<()> {
        self.write(&format!("{:x}\r\n", body.len())).await?;
        self.send(body).await?;
        self.write("\r\n").await
    }

    /// Sends body bytes as the gate lets them through.
    async fn send(&mut self, mut body: &[u8]) -> Option<()> {
        let mut gate = self.shared.allowed.subscribe();
        while !body.is_empty() {
            let sent = &self.shared.sent;
            let allowed = *gate.wait_for(|allowed| *allowed > sent.load(Ordering::Relaxed)).await.ok()?;
            let wanted = body.len().min(PIECE_BYTES) as u64;
            let room = |sent: u64| wanted.min(allowed.saturating_sub(sent));
            // Another connection may have used up what the gate allows.
            let Ok(before) = sent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sent| (room(sent) > 0).then(|| sent + room(sent)))
            else {
                continue;
            };
            let (piece, rest) = body.split_at(usize::try_from(room(before)).unwrap());
            self.stream.write_all(piece).await.ok()?;
            body = rest;
        }
        Some(())
    }
}

/// The head of an answer with a body.
fn head(behaviour: &Behaviour, part: &Part<'_>) -> String {
    let Part { body, first, last, total, ranged } = part;
    let header = |name: &str, value: Option<String>| value.map(|value| format!("{name}: {value}\r\n")).unwrap_or_default();
    let says = match behaviour.fault {
        Fault::WrongRange => "bytes {first+1}-{last}/{total}",
        Fault::RangeSays(says) => says,
        Fault::Multipart => "",
        _ => "bytes {first}-{last}/{total}",
    };
    let mut range = says.to_owned();
    for (name, number) in [("first", first), ("last", last), ("total", total)] {
        range = range.replace(&format!("{{{name}}}"), &number.to_string()).replace(&format!("{{{name}+1}}"), &(number + 1).to_string());
    }
    let length = match behaviour.fault {
        Fault::NoLength => "Connection: close".to_owned(),
        Fault::Long(_) | Fault::Endless => "Transfer-Encoding: chunked".to_owned(),
        Fault::Short(more) if !ranged => format!("Content-Length: {}", body.len() + more),
        Fault::Multipart if *ranged => {
            format!("Content-Type: multipart/byteranges; boundary=part\r\nContent-Length: {}", multipart(part).len())
        }
        Fault::WrongRange if *ranged => format!("Content-Length: {}", body.len() - 1),
        _ => format!("Content-Length: {}", body.len()),
    };
    format!(
        "HTTP/1.1 {}\r\n{}{}{}{length}\r\n\r\n",
        if *ranged { "206 Partial Content" } else { "200 OK" },
        header("ETag", behaviour.etag.map(str::to_owned)),
        header("Last-Modified", behaviour.last_modified.map(str::to_owned)),
        header("Content-Range", Some(range).filter(|range| *ranged && !range.is_empty())),
    )
}

fn multipart(part: &Part<'_>) -> Vec<u8> {
    let head = format!("--part\r\nContent-Type: video/mp4\r\nContent-Range: bytes {}-{}/{}\r\n\r\n", part.first, part.last, part.total);
    [head.as_bytes(), part.body, b"\r\n--part--\r\n"].concat()
}
