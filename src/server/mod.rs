//! The feed service: a folder of videos as a paged feed, and the videos themselves in ranges.
//!
//! Nothing but this program is needed: what it keeps is in memory, until it is told of a Redis that replicas share.

mod catalogue;
mod config;
mod events;
mod facts;
pub mod faults;
mod feeds;
mod figures;
mod flags;
mod follow;
mod hydrate;
mod limits;
mod listen;
mod media;
mod pages;
pub mod prefetch;
pub mod presign;
#[cfg(feature = "probe")]
pub mod probe;
mod redis;
mod refusal;
mod routes;
mod service;
mod state;
mod status;
#[cfg(test)]
mod test_redis;
mod tokens;

use std::future::Future;
use std::sync::Arc;

use tokio::net::TcpListener;

use service::Service;

pub use config::{ServerConfig, ServerError};

/// Serves until `shutdown` is done; then lets answers under way finish for a few seconds.
///
/// # Errors
/// [`ServerError`] when what `config` names cannot be used, or the listener fails.
pub async fn serve(
    config: ServerConfig,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let service = Service::start(config)?;
    let watched = Arc::clone(&service);
    let shutdown = async move {
        shutdown.await;
        watched.hub.farewell().await;
    };
    let served = listen::listen(routes::router(Arc::clone(&service)), listener, shutdown).await;
    service.facts.close().await;
    served
}
