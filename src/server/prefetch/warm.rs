//! Warms the edge: a GET of what a client asks for first, as it asks for it, and a second one that tells whether the edge
//! keeps it now. `HEAD` would not do: edges answer it without fetching the body.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::edge::EdgeState;
use super::ending::Ending;
use super::gather::said;

/// How much of each media file is warmed: the most that the client asks for before it plays (`PREROLL_BYTES` of its
/// `cache/sizes`). Whatever smaller head it takes lies within. An edge that cuts media into slices of 1 MiB fetches one.
pub const HEAD_BYTES: u64 = 1 << 20;
/// Largest playlist and poster read, in bytes.
const WHOLE_BYTES_MAX: u64 = 4 << 20;
/// Requests at once.
const AT_ONCE: usize = 10;
/// A request must be answered as a whole within this time.
const WITHIN: Duration = Duration::from_secs(5);
/// How often the edge is asked whether it keeps something, and how long it is given in between: an edge may still be
/// putting away what it has sent to its end already.
const PROOFS: usize = 4;
const PROOF_PAUSE: Duration = Duration::from_millis(50);

/// What of an item is warmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The head of its media file.
    Media,
    /// Its HLS playlist.
    Playlist,
    /// Its poster.
    Poster,
}

impl What {
    /// As in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Playlist => "playlist",
            Self::Poster => "poster",
        }
    }
}

/// Something to be asked for at the edge.
#[derive(Debug)]
pub(super) struct Target {
    /// Which item it is of, by its place.
    pub item: usize,
    pub what: What,
    /// Its address there, or why it has none.
    pub at: Result<Url, &'static str>,
}

/// How it went.
#[derive(Debug)]
pub(super) struct Warmed {
    pub before: Option<EdgeState>,
    pub after: Option<EdgeState>,
    /// Bytes that came.
    pub bytes: u64,
    pub took: Duration,
    /// Length of the whole thing in bytes.
    pub length: Option<u64>,
    pub etag: Option<String>,
    pub failure: Option<String>,
}

impl Warmed {
    /// Nothing came, and why.
    pub fn failed(why: impl Into<String>) -> Self {
        Self { before: None, after: None, bytes: 0, took: Duration::ZERO, length: None, etag: None, failure: Some(why.into()) }
    }
}

/// Asks for all `targets`, some at a time; what it came to, in their order. `None`: not asked, the end came before.
pub(super) async fn warm(client: &Client, targets: &[Target], ending: &Ending) -> Vec<Option<Warmed>> {
    let mut done: Vec<Option<Warmed>> = targets.iter().map(|_| None).collect();
    let mut running = JoinSet::new();
    for (place, target) in targets.iter().enumerate() {
        if running.len() >= AT_ONCE {
            note(&mut done, running.join_next().await);
        }
        if ending.has_come() {
            break;
        }
        match &target.at {
            Err(why) => done[place] = Some(Warmed::failed(*why)),
            Ok(at) => {
                let (client, at, what) = (client.clone(), at.clone(), target.what);
                running.spawn(async move { (place, one(&client, &at, what).await) });
            }
        }
    }
    while let Some(ended) = running.join_next().await {
        note(&mut done, Some(ended));
    }
    done
}

fn note(done: &mut [Option<Warmed>], ended: Option<Result<(usize, Warmed), tokio::task::JoinError>>) {
    match ended {
        Some(Ok((place, warmed))) => done[place] = Some(warmed),
        Some(Err(err)) => tracing::error!(%err, "warming ended abruptly"),
        None => {}
    }
}

async fn one(client: &Client, at: &Url, what: What) -> Warmed {
    let start = Instant::now();
    let mut warmed = first(client, at, what).await;
    warmed.took = start.elapsed();
    if warmed.failure.is_none() {
        warmed.after = if warmed.before == Some(EdgeState::Hit) { warmed.before } else { proof(client, at, what).await };
    }
    warmed
}

/// As the client asks: an edge may answer another `Accept-Encoding` from another place.
fn asking(client: &Client, at: &Url, what: What) -> RequestBuilder {
    let request = client.get(at.clone()).timeout(WITHIN);
    match what {
        What::Media => request.header(ACCEPT_ENCODING, "identity").header(RANGE, format!("bytes=0-{}", HEAD_BYTES - 1)),
        What::Playlist => request,
        What::Poster => request.header(ACCEPT, "image/webp, image/png, image/jpeg"),
    }
}

async fn first(client: &Client, at: &Url, what: What) -> Warmed {
    let mut response = match asking(client, at, what).send().await {
        Ok(response) => response,
        Err(err) => return Warmed::failed(said(err)),
    };
    let before = Some(EdgeState::of(response.headers()));
    let mut warmed = Warmed { before, failure: refused(&response, what), ..Warmed::failed("") };
    warmed.etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    warmed.length = length(&response);
    if warmed.failure.is_some() {
        return warmed;
    }
    let most = if what == What::Media { HEAD_BYTES } else { WHOLE_BYTES_MAX };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => warmed.bytes += chunk.len() as u64,
            Ok(None) => return warmed,
            Err(err) => {
                warmed.failure = Some(said(err));
                return warmed;
            }
        }
        if warmed.bytes > most {
            warmed.failure = Some(format!("more than {} MiB", most >> 20));
            return warmed;
        }
    }
}

/// Why an answer warms nothing.
fn refused(response: &Response, what: What) -> Option<String> {
    match (response.status(), what) {
        (StatusCode::PARTIAL_CONTENT, What::Media) => None,
        // A file may be no longer than its head, and then some servers send it as a whole.
        (StatusCode::OK, What::Media) => {
            response.content_length().is_none_or(|length| length > HEAD_BYTES).then(|| "the edge sends no ranges".to_owned())
        }
        (status, What::Playlist | What::Poster) if status.is_success() => None,
        (status, _) if status.is_redirection() => Some(format!("status {}: not followed", status.as_u16())),
        (status, _) => Some(format!("status {}", status.as_u16())),
    }
}

fn length(response: &Response) -> Option<u64> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    match response.status() {
        StatusCode::PARTIAL_CONTENT => text(CONTENT_RANGE)?.rsplit_once('/')?.1.parse().ok(),
        _ => text(CONTENT_LENGTH)?.parse().ok(),
    }
}

/// What the edge says when it is asked again. Its head is enough, the body is left.
async fn proof(client: &Client, at: &Url, what: What) -> Option<EdgeState> {
    let mut said = None;
    for _ in 0..PROOFS {
        let state = EdgeState::of(asking(client, at, what).send().await.ok()?.headers());
        said = Some(state);
        if state != EdgeState::Miss {
            break;
        }
        tokio::time::sleep(PROOF_PAUSE).await;
    }
    said
}
