//! A slow line: a TCP relay with a rate that all connections share and a delay, each way, whose network can be lost
//! and brought back.
//!
//! A new connection waits for two delays before its first bytes leave, as the handshake over a real line would. That
//! a real line starts slowly and loses packets is not imitated.

mod pump;
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use pump::{Connection, Lane};

/// What a line is like, each way.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// What all connections together are given.
    pub bytes_per_second: u64,
    /// How long a byte is on its way: half of the round trip.
    pub delay: Duration,
}

/// How the network is lost. New connections are refused either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Connections are reset.
    Reset,
    /// Nothing comes any more on connections that stay; it comes when the network is back.
    Silence,
}

/// The state of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    There,
    Lost(Loss),
}

/// The relay. Ends when it is dropped.
pub struct Relay {
    address: SocketAddr,
    network: watch::Sender<Network>,
    listening: watch::Receiver<bool>,
    down: Arc<Lane>,
    runtime: Runtime,
    /// Keeps the port while nobody listens at it: what is only bound refuses.
    _port: TcpSocket,
}

impl Relay {
    /// A line to the server at `to`.
    pub fn start(to: SocketAddr, line: Line) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("line").enable_all().build().unwrap();
        let port = shared_socket("127.0.0.1:0".parse().unwrap());
        let address = port.local_addr().unwrap();
        let (network, state) = watch::channel(Network::There);
        let (listens, listening) = watch::channel(false);
        let (up, down) = (Arc::new(Lane::new(line)), Arc::new(Lane::new(line)));
        let connection = Connection { to, up, down: Arc::clone(&down), network: state };
        runtime.spawn(listen(address, connection, listens));
        let relay = Self { address, network, listening, down, runtime, _port: port };
        relay.until_listening(true);
        relay
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that have come from the server and were handed on so far.
    pub fn carried(&self) -> u64 {
        self.down.carried()
    }

    /// Loses the network.
    pub fn cut(&self, loss: Loss) {
        self.network.send_replace(Network::Lost(loss));
        self.until_listening(false);
    }

    /// Brings it back.
    pub fn restore(&self) {
        self.network.send_replace(Network::There);
        self.until_listening(true);
    }

    fn until_listening(&self, listening: bool) {
        self.runtime.block_on(async { drop(self.listening.clone().wait_for(|is| *is == listening).await.unwrap()) });
    }
}

/// A socket at a port that others of ours may be bound to as well.
fn shared_socket(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

async fn listen(address: SocketAddr, connection: Connection, listens: watch::Sender<bool>) {
    let mut network = connection.network.clone();
    while network.wait_for(|network| *network == Network::There).await.is_ok() {
        let listener = shared_socket(address).listen(64).unwrap();
        listens.send_replace(true);
        tokio::select! {
            () = accept(&listener, &connection) => {}
            _ = network.wait_for(|network| *network != Network::There) => {}
        }
        drop(listener);
        listens.send_replace(false);
    }
}

async fn accept(listener: &TcpListener, connection: &Connection) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(connection.clone().carry(client));
    }
}
