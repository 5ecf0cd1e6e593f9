//! Fetches the heads of items that the service calls warm, for a jump that no plan foresees: one after the other, and only
//! while the line does nothing else.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;

use super::worker::Plan;
use crate::cache::{Availability, Opener};
use crate::feed::Item;
use crate::metrics::Counters;

/// Items whose heads are fetched, at most: a tenth of what the disk cache holds by default.
const ITEMS_MAX: usize = 20;
/// How often it is looked whether the line is free.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What may be laid in.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// What the service of the open feed calls warm, the most wanted first.
    pub items: Arc<[Arc<Item>]>,
    /// Whether the network and the machine are so that nobody minds.
    pub allowed: bool,
}

/// Starts the worker; it ends when the sender of the plan or of the stock is gone. A new plan stops what it fetches: what
/// the plan needs comes first.
pub fn spawn(runtime: &Handle, opener: Arc<Opener>, plan: watch::Receiver<Plan>, stock: watch::Receiver<Stock>, counters: Arc<Counters>) {
    runtime.spawn(work(opener, plan, stock, counters));
}

async fn work(opener: Arc<Opener>, mut plan: watch::Receiver<Plan>, mut stock: watch::Receiver<Stock>, counters: Arc<Counters>) {
    loop {
        let now = stock.borrow_and_update().clone();
        let wanted = now.items.iter().take(ITEMS_MAX).filter(|_| now.allowed);
        for item in wanted {
            if !lay_in(&opener, item, &mut plan, &stock, &counters).await {
                break;
            }
        }
        if stock.changed().await.is_err() || plan.has_changed().is_err() {
            return;
        }
    }
}

/// Fetches the head of one item, when the line is free. False: something else is wanted by now.
async fn lay_in(
    opener: &Opener,
    item: &Item,
    plan: &mut watch::Receiver<Plan>,
    stock: &watch::Receiver<Stock>,
    counters: &Counters,
) -> bool {
    let mut changed = stock.clone();
    loop {
        if stock.has_changed().unwrap_or(true) || plan.has_changed().is_err() {
            return false;
        }
        let is_planned = plan.borrow_and_update().iter().any(|(planned, _)| planned.id == item.id);
        if is_planned || opener.availability(item) != Availability::None {
            return true;
        }
        if counters.network_active.load(Ordering::Relaxed) > 0 {
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                _ = changed.changed() => return false,
            }
            continue;
        }
        tokio::select! {
            outcome = opener.fetch_head(item) => {
                if let Err(failure) = outcome {
                    tracing::debug!(kind = failure.kind.name(), "an item could not be laid in");
                }
                return true;
            }
            _ = changed.changed() => return false,
            // Stopped; what came of it stays, and is enough.
            _ = plan.changed() => {}
        }
    }
}
