//! The feed service: a folder of videos as a paged feed, and the videos themselves in ranges.
//!
//! Nothing but this program is needed: cursors and listings live in memory.

mod config;
pub mod faults;
mod feed;
mod flags;
mod library;
mod media;
mod mp4;
mod routes;

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use config::{ServerConfig, ServerError};

/// Answers under way may finish for this long after the server was asked to end. Long enough for a page, and
/// a player that streams a film does not hold up the end.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `shutdown` is done; then lets answers under way finish for a few seconds.
///
/// # Errors
/// [`ServerError::Stopped`] when the listener fails.
pub async fn serve(
    config: ServerConfig,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let (ending, ended) = oneshot::channel::<()>();
    let graceful = axum::serve(listener, routes::router(&config)).with_graceful_shutdown(async move {
        shutdown.await;
        // Nobody hears it when the server has ended of itself.
        let _ = ending.send(());
    });
    tokio::select! {
        result = graceful.into_future() => result.map_err(ServerError::Stopped),
        () = async {
            // Dropped unsent only when the server has ended, and then the other arm answers.
            if ended.await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(GRACE).await;
        } => Ok(()),
    }
}
