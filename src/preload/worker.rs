//! Fetches what items that are a little further ahead should have on disk, as the newest plan says, and tells the cache
//! in which order all of the plan is to be loaded.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::plan::Stage;
use crate::cache::Opener;
use crate::feed::{Failure, Item, ItemId};
use crate::metrics::Counters;

/// A plan with its items: the most urgent first.
pub type Plan = Arc<[(Arc<Item>, Stage)]>;

/// What one item is fetched for.
type Task = (ItemId, Stage);

/// Items that are seen to at once. How many requests they may send is for the cache to say, which knows what else is
/// loaded; this keeps a plan of any length within bounds.
const MAX_AT_ONCE: usize = 16;

/// Starts the worker; it ends when the sender of the plan is gone.
pub fn spawn(runtime: &Handle, opener: Arc<Opener>, plan: watch::Receiver<Plan>, counters: Arc<Counters>) {
    runtime.spawn(work(opener, plan, counters));
}

async fn work(opener: Arc<Opener>, mut plan: watch::Receiver<Plan>, counters: Arc<Counters>) {
    let mut running: JoinSet<(Task, Result<(), Failure>)> = JoinSet::new();
    let mut under_way: Vec<(Task, AbortHandle)> = Vec::new();
    // What is there or cannot be had; only what is still planned is remembered.
    let mut settled: Vec<Task> = Vec::new();
    let mut ranked = None;
    loop {
        let newest = Arc::clone(&plan.borrow_and_update());
        if ranked.as_ref().is_none_or(|ranked| !Arc::ptr_eq(ranked, &newest)) {
            rank(&opener, &newest);
            ranked = Some(Arc::clone(&newest));
        }
        let ours: Vec<_> = newest.iter().filter(|(_, stage)| *stage <= Stage::Head).collect();
        settled.retain(|(id, stage)| ours.iter().any(|(item, planned)| item.id == *id && planned == stage));
        for (item, stage) in &ours {
            let task = (item.id.clone(), *stage);
            if under_way.len() >= MAX_AT_ONCE {
                break;
            }
            if settled.contains(&task) || under_way.iter().any(|(other, _)| *other == task) {
                continue;
            }
            let (opener, item, told) = (Arc::clone(&opener), Arc::clone(item), task.clone());
            let handle = running.spawn(async move {
                let outcome = if told.1 == Stage::Head { opener.fetch_head(&item).await } else { opener.fetch_metadata(&item).await };
                (told, outcome)
            });
            under_way.push((task, handle));
        }
        // After the new ones were begun: a request that is under way then goes on for them. What a pipeline takes over,
        // or will soon, is part of what that needs.
        under_way.retain(|((id, stage), handle)| {
            let keep = newest.iter().any(|(item, planned)| item.id == *id && planned >= stage);
            if !keep {
                handle.abort();
            }
            keep
        });
        let waits = |(item, stage): &&&(Arc<Item>, Stage)| !settled.contains(&(item.id.clone(), *stage));
        Counters::set(&counters.preload_queue, ours.iter().filter(waits).count() as u64);
        tokio::select! {
            changed = plan.changed() => if changed.is_err() { break },
            // One that was stopped is an error here, and has been dealt with.
            Some(ended) = running.join_next() => if let Ok((task, outcome)) = ended {
                under_way.retain(|(other, _)| *other != task);
                let counter = if outcome.is_ok() { &counters.preload_completed } else { &counters.preload_failed };
                Counters::add(counter, 1);
                if let Err(failure) = outcome {
                    tracing::debug!(kind = failure.kind.name(), "an item could not be fetched ahead");
                }
                settled.push(task);
            },
        }
    }
    Counters::set(&counters.preload_queue, 0);
}

/// Tells the cache the order of a plan. What is shown needs its first seconds before all else, which the cache sees to;
/// the rest of it comes after what its neighbours need to start, and before what only is to be known.
fn rank(opener: &Opener, plan: &Plan) {
    let at = |wanted: &dyn Fn(Stage) -> bool| plan.iter().filter(|(_, stage)| wanted(*stage)).map(|(item, _)| &**item).collect::<Vec<_>>();
    let current = at(&|stage| stage == Stage::Current);
    let starts = at(&|stage| (Stage::Head..Stage::Current).contains(&stage));
    let known = at(&|stage| stage < Stage::Head);
    opener.rank(current.first().copied(), starts.into_iter().chain(current.iter().copied()).chain(known));
}
