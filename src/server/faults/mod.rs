//! A feed with faults: the clips of a folder over and over, some of them served in one of the ways in which servers
//! go wrong. For tests, and for a tester's hands.
//!
//! `/feed/videos` is a feed like any other; the title of a faulty item names its fault. `/faults` tells all items
//! with their faults and how often each was asked for.

mod answer;
mod fault;
mod film;
mod items;
mod wire;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::Query;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use fault::{Doses, Fault, UnknownFault};

use super::catalogue::Catalogue;
use super::feeds::{self, Feeds};
use super::refusal::Refusal;
use super::{ServerConfig, ServerError};
use items::Items;
use wire::{Next, Request};

/// Items of a feed at most.
pub const ITEMS_MAX: usize = 10_000;
/// Connections at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 512;
/// The longest an answer may take, whatever it is.
const ANSWER_WITHIN: Duration = Duration::from_mins(20);

/// What a feed with faults is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultOptions {
    /// How many items there are, up to [`ITEMS_MAX`]; the clips repeat as often as that takes.
    pub items: usize,
    /// Which share of them is faulty, 0.0 to 1.0.
    pub share: f64,
    /// The faults that they have in turn; all when there are none.
    pub faults: Vec<Fault>,
    /// Draws which items are faulty: the same seed draws the same ones.
    pub seed: u64,
    /// How much of each fault there is.
    pub doses: Doses,
}

impl Default for FaultOptions {
    /// Sixty items, a quarter of them faulty: each fault once.
    fn default() -> Self {
        Self { items: 60, share: 0.25, faults: Vec::new(), seed: 0, doses: Doses::default() }
    }
}

/// Serves the clips of a folder with faults until `shutdown` is done; what is under way ends with it.
///
/// # Errors
/// [`ServerError::Folder`] or [`ServerError::NoVideos`] when there is nothing to serve, [`ServerError::Stopped`] when
/// the listener fails.
pub async fn serve(
    config: ServerConfig,
    options: FaultOptions,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServerError> {
    let service = Arc::new(Service::new(&config, options).await?);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => {
                // An end that nobody meant shows in the log of whoever wonders where the feed went.
                tracing::info!("asked to end");
                return Ok(());
            }
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => drop(connections.spawn(Arc::clone(&service).connection(stream))),
                // It was gone before it was accepted.
                Err(err) if matches!(err.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {}
                Err(err) => return Err(ServerError::Stopped(err)),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

struct Service {
    items: Items,
    feeds: Feeds,
    doses: Doses,
}

impl Service {
    async fn new(config: &ServerConfig, options: FaultOptions) -> Result<Self, ServerError> {
        let catalogue = Catalogue::new(config.root.clone(), config.listing_lifetime);
        let clips = catalogue.videos().await.map_err(|err| ServerError::Folder { path: config.root.clone(), err })?;
        if clips.is_empty() {
            return Err(ServerError::NoVideos(config.root.clone()));
        }
        let options = FaultOptions { items: options.items.clamp(1, ITEMS_MAX), ..options };
        Ok(Self { items: Items::new(&clips, &options), feeds: Feeds::new(config.cursor_lifetime, None), doses: options.doses })
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // Heads and bodies are written apart; without this a body would wait for an acknowledgement. Where it
        // cannot be set things are slower and no less right.
        let _ = stream.set_nodelay(true);
        let mut stream = BufReader::new(stream);
        while let Some(request) = wire::read(&mut stream).await {
            let answered = timeout(ANSWER_WITHIN, self.answer(&mut stream, &request)).await;
            // An error is a client that has gone, or a clip: either way nothing more can be said on this connection.
            if !matches!(answered, Ok(Ok(Next::Request))) {
                break;
            }
        }
    }

    async fn answer(&self, stream: &mut wire::Stream, request: &Request) -> io::Result<Next> {
        let is_reading = matches!(request.method, Method::GET | Method::HEAD);
        match self.items.at(request.uri.path()) {
            Some(item) if is_reading => answer::answer(stream, item, &self.doses, request).await,
            _ if is_reading => wire::send(stream, request, self.told(&request.uri).await).await,
            _ => wire::send(stream, request, Refusal::bad_method().into_response()).await,
        }
    }

    /// What is at an address that is no media.
    async fn told(&self, uri: &Uri) -> Response {
        match uri.path() {
            "/feed/videos" => self.page(uri).await.into_response(),
            "/faults" => Json(self.items.told()).into_response(),
            "/health" => Json(json!({"status": "ok"})).into_response(),
            _ => Refusal::not_found().into_response(),
        }
    }

    async fn page(&self, uri: &Uri) -> Result<Response, Refusal> {
        let Query(query) = Query::try_from_uri(uri).map_err(|_| Refusal::bad_query())?;
        Ok(feeds::answer(&feeds::plain_page(&self.feeds, &query, &self.items.videos()).await?))
    }
}
