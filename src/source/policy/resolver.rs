//! Looks names up, and lets no answer through that leads where a feed may not lead.

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Gate;
use crate::source::Later;

/// Finds the addresses of a name. The one of the system, unless a test has another.
pub trait Lookup: Send + Sync {
    /// All addresses of `name`. Must not keep a thread of the runtime waiting.
    ///
    /// # Errors
    /// What the system says when there are none.
    fn addresses<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the system, asked on a thread that may wait.
pub(super) struct System;

impl Lookup for System {
    fn addresses<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// The client connects to what this answers and to nothing else, so an answer that changes afterwards is of no use.
impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let gate = self.clone();
        Box::pin(async move {
            let addresses = gate.look_up(name.as_str()).await?;
            // The client puts in the port of the address that is asked.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
