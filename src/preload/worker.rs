//! Fetches the heads of items that are a little further ahead, as the newest plan says.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::plan::Stage;
use crate::cache::Opener;
use crate::feed::{Failure, Item, ItemId};
use crate::metrics::Counters;

/// A plan with its items: the most urgent first.
pub type Plan = Arc<[(Arc<Item>, Stage)]>;

/// Heads that are fetched at once. More would take the line away from what is about to be seen.
const MAX_AT_ONCE: usize = 2;

/// Starts the worker; it ends when the sender of the plan is gone.
pub fn spawn(runtime: &Handle, opener: Arc<Opener>, plan: watch::Receiver<Plan>, counters: Arc<Counters>) {
    runtime.spawn(work(opener, plan, counters));
}

async fn work(opener: Arc<Opener>, mut plan: watch::Receiver<Plan>, counters: Arc<Counters>) {
    let mut running: JoinSet<(ItemId, Result<(), Failure>)> = JoinSet::new();
    let mut under_way = HashSet::new();
    // Heads that are there or cannot be had; only those still planned are remembered.
    let mut settled = HashSet::new();
    let mut stops = Vec::new();
    loop {
        let heads: Vec<_> =
            plan.borrow_and_update().iter().filter(|(_, stage)| *stage == Stage::Head).map(|(item, _)| Arc::clone(item)).collect();
        let planned: HashSet<_> = heads.iter().map(|item| item.id.clone()).collect();
        settled.retain(|id| planned.contains(id));
        stops.retain(|(id, stop): &(ItemId, tokio::task::AbortHandle)| {
            let keep = planned.contains(id);
            if !keep {
                stop.abort();
                under_way.remove(id);
            }
            keep && !stop.is_finished()
        });
        for item in &heads {
            if under_way.len() >= MAX_AT_ONCE {
                break;
            }
            if settled.contains(&item.id) || !under_way.insert(item.id.clone()) {
                continue;
            }
            let (id, head) = (item.id.clone(), opener.fetch_head(item));
            stops.push((item.id.clone(), running.spawn(async move { (id, head.await) })));
        }
        Counters::set(&counters.preload_queue, heads.iter().filter(|item| !settled.contains(&item.id)).count() as u64);
        tokio::select! {
            changed = plan.changed() => if changed.is_err() { break },
            // One that was stopped is an error here, and has been dealt with.
            Some(ended) = running.join_next() => if let Ok((id, outcome)) = ended && under_way.remove(&id) {
                let counter = if outcome.is_ok() { &counters.preload_completed } else { &counters.preload_failed };
                Counters::add(counter, 1);
                if let Err(failure) = outcome {
                    tracing::debug!(kind = failure.kind.name(), "a head could not be fetched");
                }
                settled.insert(id);
            },
        }
    }
    Counters::set(&counters.preload_queue, 0);
}
