//! What carries the bytes of one connection, and the lane that all of them share.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::{Line, Loss, Network};

/// What is sent at once, so that connections take turns on the lane.
const PIECE_BYTES: usize = 2048;
/// Pieces of a connection that are on their way at most: 2 MB, more than any line in a test holds.
const PIECES_ON_THE_WAY: usize = 1024;

/// One direction of the line.
pub struct Lane {
    line: Line,
    /// When it is free again.
    free: Mutex<Instant>,
    carried: AtomicU64,
}

impl Lane {
    pub fn new(line: Line) -> Self {
        Self { line, free: Mutex::new(Instant::now()), carried: AtomicU64::new(0) }
    }

    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }

    /// When the last of so many bytes has left.
    fn departure(&self, bytes: usize) -> Instant {
        let mut free = self.free.lock().unwrap();
        let takes = Duration::from_nanos(bytes as u64 * 1_000_000_000 / self.line.bytes_per_second);
        *free = (*free).max(Instant::now()) + takes;
        *free
    }
}

/// What every connection is made of.
#[derive(Clone)]
pub struct Connection {
    pub to: SocketAddr,
    pub up: Arc<Lane>,
    pub down: Arc<Lane>,
    pub network: watch::Receiver<Network>,
}

impl Connection {
    /// Carries bytes both ways until both sides have ended. What ends in an error on one side, or with the
    /// network, is reset on both.
    pub async fn carry(self, mut client: TcpStream) {
        let Ok(mut server) = TcpStream::connect(self.to).await else {
            let _ = client.set_zero_linger();
            return;
        };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let now = Instant::now();
        let handshake = now + 2 * self.up.line.delay;
        let mut network = self.network.clone();
        let ended = {
            let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
            let up = pump(from_client, to_server, &self.up, handshake, self.network.clone());
            let down = pump(from_server, to_client, &self.down, now, self.network.clone());
            tokio::select! {
                ended = async { tokio::try_join!(up, down) } => ended.is_ok(),
                _ = network.wait_for(|network| *network == Network::Lost(Loss::Reset)) => false,
            }
        };
        if !ended {
            let _ = (client.set_zero_linger(), server.set_zero_linger());
        }
    }
}

/// Carries bytes one way until their end, which is handed on.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    lane: &Lane,
    not_before: Instant,
    network: watch::Receiver<Network>,
) -> io::Result<()> {
    let (queue, mut on_the_way) = mpsc::channel(PIECES_ON_THE_WAY);
    let mut there = network.clone();
    let take = async move {
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            let count = from.read(&mut piece).await?;
            if count == 0 {
                return Ok(());
            }
            piece.truncate(count);
            is_there(&mut there).await?;
            let departure = lane.departure(count).max(not_before);
            sleep_until(departure).await;
            // Refused when the other half has ended in an error, which is told there.
            let _ = queue.send((departure + lane.line.delay, piece)).await;
        }
    };
    let mut there = network;
    let give = async {
        while let Some((arrival, piece)) = on_the_way.recv().await {
            sleep_until(arrival).await;
            is_there(&mut there).await?;
            to.write_all(&piece).await?;
            lane.carried.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        // A side that has gone altogether cannot be told.
        let _ = to.shutdown().await;
        Ok(())
    };
    tokio::try_join!(take, give).map(|((), ())| ())
}

/// Waits while the network is silent.
async fn is_there(network: &mut watch::Receiver<Network>) -> io::Result<()> {
    network.wait_for(|network| *network == Network::There).await.map(drop).map_err(io::Error::other)
}
