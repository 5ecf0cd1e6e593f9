//! Connections: taken, bounded in number and in patience, and finished when the service ends.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::ServerError;

/// Answers under way may finish for this long after the server was asked to end. Long enough for a page, and
/// a player that streams a film does not hold up the end.
const GRACE: Duration = Duration::from_secs(5);
/// How long the headers of a request may take, the pause before them included.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// Connections at a time; who comes then waits to be taken.
const CONNECTIONS_MAX: usize = 10_000;
/// A pause when the system has no room for a connection: it comes back when others end.
const FULL_PAUSE: Duration = Duration::from_millis(100);

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub IpAddr);

/// Serves `router` until `shutdown` is done; then lets answers under way finish for a few seconds.
///
/// # Errors
/// [`ServerError::Stopped`] when the listener fails.
pub(super) async fn listen(router: Router, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<(), ServerError> {
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let taken = async {
            // Nobody closes the semaphore.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            (accepted, place) = taken => match accepted {
                Ok((stream, peer)) => (stream, peer, place),
                Err(err) if is_passing(&err) => continue,
                Err(err) if is_full(&err) => {
                    tracing::warn!(%err, "no room for another connection");
                    tokio::time::sleep(FULL_PAUSE).await;
                    continue;
                }
                Err(err) => return Err(ServerError::Stopped(err)),
            }
        };
        let service = TowerToHyperService::new(router.clone().layer(Extension(Peer(peer_of(peer)))));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(soon(stream)), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks is its client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    // Nobody is taken any more.
    drop(listener);
    // Who has not finished until then is left.
    let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
    Ok(())
}

/// What is written is sent at once: pages and heads of media are small.
fn soon(stream: TcpStream) -> TcpStream {
    if let Err(err) = stream.set_nodelay(true) {
        tracing::debug!(%err, "a connection sends when it likes");
    }
    stream
}

/// IPv4 within IPv6 is IPv4.
fn peer_of(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}

/// Whether the one connection failed that was about to be taken.
fn is_passing(err: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(err.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Whether the process or the system has no more files or memory, which passes.
fn is_full(err: &std::io::Error) -> bool {
    // EMFILE, ENFILE, ENOBUFS, ENOMEM.
    matches!(err.raw_os_error(), Some(24 | 23 | 105 | 12))
}
