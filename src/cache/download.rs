//! One request to a server: its head is checked, its body goes into the entry block by block, and from there
//! to disk.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, IF_RANGE, RANGE};
use tokio::time::{Instant, timeout, timeout_at};

use super::demand::Lane;
use super::entry::Entry;
use super::error::CacheError;
use super::response::understand;
use super::state::Verdict;
use super::traffic::Permit;
use crate::feed::Refusal;
use crate::metrics::Counters;
use crate::metrics::trace::{TRACE, Transfer, What};

/// The most that is read of media whose length the server does not tell: it is in memory until its end.
const UNKNOWN_LENGTH_BYTES: u64 = 64 * 1024 * 1024;

/// Fetches what `lane` is for, or as much of it as stays wanted.
pub(super) async fn run(entry: Arc<Entry>, lane: Lane, permit: Permit) {
    let mut transfer = TRACE.transfer(What::Media, entry.key.short());
    let outcome = fetch(&entry, lane, &permit, &mut transfer).await;
    transfer.ends(if outcome.is_ok() { "done" } else { "failed" });
    drop(transfer);
    if let Err(err) = &outcome {
        tracing::debug!(key = ?entry.key, from = lane.at, error = %err, "a download ended early");
    }
    entry.ended(lane.id, outcome, permit);
}

async fn fetch(entry: &Arc<Entry>, lane: Lane, permit: &Permit, transfer: &mut Transfer) -> Result<(), CacheError> {
    let context = &entry.context;
    let _active = Counters::under_way(&context.counters.network_active);
    let url = entry.address().await;
    let Some(mut response) = request(entry, lane, permit, &url).await? else { return Ok(()) };
    // An address that has expired, be it by a clock that ours knows nothing of, is asked for once.
    if let Some(url) = entry.address_after(&url, response.status().as_u16()).await {
        match request(entry, lane, permit, &url).await? {
            Some(again) => response = again,
            None => return Ok(()),
        }
    }
    let answer = match understand(response.status(), response.headers(), lane.at, lane.end) {
        Err(CacheError::Changed) => return entry.changed(lane.id),
        other => other?,
    };
    let Some((epoch, length)) = entry.answered(lane.id, &answer)? else { return Ok(()) };
    // All of a media whose length is known from before, even when this answer does not tell it.
    let body = answer.body.or(length);
    let declared = body.unwrap_or(UNKNOWN_LENGTH_BYTES);
    let mut got = 0;
    let mut last = Instant::now();
    loop {
        let wishes = entry.wishes.notified();
        match entry.verdict(lane.id) {
            Verdict::Stop => return Ok(()),
            Verdict::Pause => {
                wishes.await;
                last = Instant::now();
                continue;
            }
            Verdict::Go { urgent } => permit.set_urgent(urgent),
        }
        let listening = permit.listen();
        let chunk = tokio::select! {
            biased;
            chunk = timeout_at(last + context.timeouts.stall, response.chunk()) => chunk,
            () = wishes => continue,
        };
        let chunk = chunk.map_err(|_| CacheError::Stalled(context.timeouts.stall))?.map_err(network)?;
        let Some(chunk) = chunk else { break };
        listening.heard(chunk.len() as u64, got == 0);
        transfer.received(chunk.len());
        last = Instant::now();
        Counters::add(&context.counters.network_bytes, chunk.len() as u64);
        Counters::add(&entry.fetched, chunk.len() as u64);
        let wanted = usize::try_from(declared - got).unwrap_or(usize::MAX).min(chunk.len());
        got += wanted as u64;
        store(entry, epoch, entry.append(lane.id, &chunk[..wanted])).await;
        if wanted < chunk.len() {
            return Err(if body.is_some() { CacheError::Long { declared } } else { CacheError::TooLong(declared) });
        }
    }
    match body {
        Some(declared) if got < declared => Err(CacheError::Short { got, declared }),
        None if got == 0 => Err(CacheError::Empty),
        None => {
            store(entry, epoch, entry.ended_at(got)).await;
            Ok(())
        }
        Some(_) => Ok(()),
    }
}

/// Sends the request and waits for the head of the answer; `None` when nobody wants it any more.
async fn request(entry: &Entry, lane: Lane, permit: &Permit, url: &str) -> Result<Option<Response>, CacheError> {
    let context = &entry.context;
    let etag = {
        let state = entry.lock();
        state.held.length.and(state.validator.strong()).map(str::to_owned)
    };
    let range = if lane.end == u64::MAX { format!("bytes={}-", lane.at) } else { format!("bytes={}-{}", lane.at, lane.end - 1) };
    let mut request = context.client.get(url).header(ACCEPT_ENCODING, "identity").header(RANGE, range);
    if let Some(etag) = etag {
        request = request.header(IF_RANGE, etag);
    }
    Counters::add(&context.counters.network_requests, 1);
    let sent = permit.sent();
    let mut answer = std::pin::pin!(timeout(context.timeouts.answer, request.send()));
    loop {
        let wishes = entry.wishes.notified();
        match entry.verdict(lane.id) {
            Verdict::Stop => return Ok(None),
            Verdict::Go { urgent } => permit.set_urgent(urgent),
            Verdict::Pause => {}
        }
        tokio::select! {
            biased;
            answer = &mut answer => {
                let answer = answer.map_err(|_| CacheError::NoAnswer(context.timeouts.answer))?;
                let answer = answer.map_err(network)?;
                permit.answered(sent);
                return Ok(Some(answer));
            }
            () = wishes => {}
        }
    }
}

/// Writes completed blocks to disk; those that cannot be written stay in memory.
async fn store(entry: &Arc<Entry>, epoch: u64, blocks: Vec<(u32, Bytes)>) {
    // Media of unknown length is kept in memory until its end.
    if blocks.is_empty() || entry.lock().held.length.is_none() {
        return;
    }
    let writer = Arc::clone(entry);
    if let Err(err) = entry.context.runtime.spawn_blocking(move || writer.store(epoch, blocks)).await {
        tracing::error!(error = %err, "writing to the cache ended abruptly");
    }
}

/// A refusal comes wrapped in an error of the client, whose words would say that the server is out of reach.
fn network(err: reqwest::Error) -> CacheError {
    match Refusal::within(&err) {
        Some(refusal) => CacheError::Blocked(refusal.clone()),
        None => CacheError::Network(err.without_url()),
    }
}
