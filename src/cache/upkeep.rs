//! The task that opens the disk cache and looks after it: what a start did not wait for, the index, and what is
//! too old.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, interval, sleep};

use super::context::{Context, Readiness};
use super::disk::DiskOptions;
use super::disk::store::Store;

/// Changes are gathered for this long before the entries' own files tell of them.
const TRAILER_DEBOUNCE: Duration = Duration::from_millis(200);
/// So often, before the index does: that waits for the disk.
const TRAILERS_PER_INDEX: u32 = 5;
/// How often it is looked whether something is too old.
const EXPIRE_EVERY: Duration = Duration::from_hours(1);

/// Opens the disk cache in `dir`; then, for as long as it is used, keeps its index on disk up to date.
pub(super) async fn run(context: Arc<Context>, dir: PathBuf, options: DiskOptions) {
    let began = Instant::now();
    let counters = Arc::clone(&context.counters);
    let opened = context.runtime.spawn_blocking(move || Store::open(&dir, options, counters)).await;
    let store = match opened {
        Ok(Ok(store)) => Arc::new(store),
        Ok(Err(err)) => {
            context.disk_failed(&err);
            context.readiness.send_replace(Readiness::Off);
            return;
        }
        Err(err) => {
            tracing::error!(error = %err, "opening the cache ended abruptly");
            context.readiness.send_replace(Readiness::Off);
            return;
        }
    };
    tracing::debug!(elapsed = ?began.elapsed(), "the disk cache is ready");
    let (runtime, changed) = (context.runtime.clone(), Arc::clone(&store.changed));
    context.readiness.send_replace(Readiness::Ready(Arc::clone(&store)));
    // From here on nothing is kept alive from here: a name that is merely hidden by another one would keep it.
    let weak = (Arc::downgrade(&context), Arc::downgrade(&store));
    drop(context);
    runtime.spawn_blocking(move || store.settle());
    look_after(&runtime, &changed, &weak.0, &weak.1).await;
}

/// Writes down what changes, and removes what is too old, for as long as somebody uses the cache.
async fn look_after(runtime: &Handle, changed: &Notify, context: &Weak<Context>, store: &Weak<Store>) {
    let mut expiring = interval(EXPIRE_EVERY);
    expiring.tick().await;
    loop {
        tokio::select! {
            () = changed.notified() => {}
            _ = expiring.tick() => {
                let Some(store) = store.upgrade() else { return };
                runtime.spawn_blocking(move || store.expire());
            }
        }
        for _ in 1..TRAILERS_PER_INDEX {
            sleep(TRAILER_DEBOUNCE).await;
            let Some(store) = store.upgrade() else { return };
            runtime.spawn_blocking(move || store.write_trailers());
        }
        sleep(TRAILER_DEBOUNCE).await;
        let (Some(context), Some(store)) = (context.upgrade(), store.upgrade()) else { return };
        let written = runtime.spawn_blocking(move || store.flush()).await;
        if let Ok(Err(err)) = written {
            context.disk_failed(&err);
        }
    }
}
