//! The one HTTP client that sources, the disk cache and the preload worker share.

use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

use super::{Gate, SourceError};

/// A server that does not accept a connection in this time is treated as out of reach.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections kept to one host: as many as requests run at once against it.
const IDLE_CONNECTIONS_PER_HOST: usize = 6;
/// Shorter than the minute after which many servers close an idle connection without a word.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// Finds out about a connection that died silently, after suspend for example.
const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// Builds the client. Build one and clone it: clones share their connections.
///
/// It sets no limit on the whole of a request, because a media request may last as long as the clip; who asks
/// for a page sets one. It accepts gzip; a media request must say `Accept-Encoding: identity`. Its redirects and
/// lookups go through `gate`; the address of a request is checked by whoever takes it from a feed.
///
/// # Errors
/// [`SourceError::Client`] when TLS cannot be set up.
pub fn client(gate: &Gate) -> Result<reqwest::Client, SourceError> {
    builder(gate)
        .redirect(gate.redirects())
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
        .map_err(SourceError::Client)
}

/// The client of the one connection over which a service tells what is new. It becomes a WebSocket, which HTTP/2 as it is
/// spoken here cannot, and is led nowhere else.
pub(super) fn events_client(gate: &Gate) -> Result<reqwest::Client, SourceError> {
    builder(gate).redirect(Policy::none()).http1_only().pool_max_idle_per_host(0).build().map_err(SourceError::Client)
}

fn builder(gate: &Gate) -> ClientBuilder {
    // An error says that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("flickreel/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(Arc::new(gate.clone()))
        .tcp_keepalive(TCP_KEEPALIVE)
        .referer(false)
}
