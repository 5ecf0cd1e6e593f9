//! Fetches whole small things beside the media: posters and captions.

use std::time::Duration;

use reqwest::header::ACCEPT;

use crate::feed::Refusal;
use crate::metrics::Counters;
use crate::metrics::trace::{TRACE, Transfer, What};

/// It must be there within this time.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// Which things are asked for, and how.
pub(super) struct Asking {
    /// For the trace.
    pub what: What,
    /// Media types that can be read.
    pub accept: &'static str,
    /// The largest that is taken, in bytes.
    pub bytes_max: usize,
}

/// Why there is none.
pub(super) enum Missed {
    /// The network is to blame: another time it may be there.
    ForNow,
    /// There is none.
    ForGood,
}

/// All bytes at an address.
///
/// # Errors
/// [`Missed`].
pub(super) async fn fetch(client: &reqwest::Client, counters: &Counters, address: &str, asking: &Asking) -> Result<Vec<u8>, Missed> {
    Counters::add(&counters.network_requests, 1);
    let _active = Counters::under_way(&counters.network_active);
    let mut transfer = TRACE.transfer(asking.what, 0);
    let fetching = fetch_unbounded(client, counters, address, asking, &mut transfer);
    let fetched = tokio::time::timeout(TIMEOUT, fetching).await.unwrap_or(Err(Missed::ForNow));
    transfer.ends(if fetched.is_ok() { "done" } else { "failed" });
    fetched
}

async fn fetch_unbounded(
    client: &reqwest::Client,
    counters: &Counters,
    address: &str,
    asking: &Asking,
    transfer: &mut Transfer,
) -> Result<Vec<u8>, Missed> {
    let request = client.get(address).header(ACCEPT, asking.accept);
    let refused = |err: reqwest::Error| if Refusal::within(&err).is_some() { Missed::ForGood } else { Missed::ForNow };
    let mut response = request.send().await.map_err(refused)?;
    let status = response.status();
    if !status.is_success() {
        // A redirect that is an answer still leads to no address.
        return Err(if status.is_client_error() || status.is_redirection() { Missed::ForGood } else { Missed::ForNow });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Missed::ForNow)? {
        Counters::add(&counters.network_bytes, chunk.len() as u64);
        transfer.received(chunk.len());
        if body.len() + chunk.len() > asking.bytes_max {
            return Err(Missed::ForGood);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
