//! The task that looks which parts of the items near us are on this machine, as long as somebody looks at that.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::client::SharedPlan;
use super::events::EventSender;
use crate::app::Event;
use crate::cache::Opener;
use crate::feed::{Item, ItemId};
use crate::metrics::RangeMap;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts the task; it ends when one of the senders is gone.
pub(super) fn spawn(
    runtime: &Handle,
    opener: Arc<Opener>,
    wanted: watch::Receiver<bool>,
    plan: watch::Receiver<SharedPlan>,
    events: EventSender,
) {
    let (look, tell) = (move |item: &Item| opener.range_map(item), move |maps| events.send(Event::RangeMaps(maps)));
    runtime.spawn(watch_maps(wanted, plan, LOOK_EVERY, look, tell));
}

async fn watch_maps(
    mut wanted: watch::Receiver<bool>,
    plan: watch::Receiver<SharedPlan>,
    look_every: Duration,
    look: impl Fn(&Item) -> Option<RangeMap> + Send,
    tell: impl Fn(Vec<(ItemId, RangeMap)>) + Send,
) {
    let mut tick = interval(look_every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while wanted.wait_for(|wanted| *wanted).await.is_ok() && plan.has_changed().is_ok() {
        tick.tick().await;
        let items = Arc::clone(&plan.borrow());
        // Also when nothing has changed: what is told may be dropped on the way.
        tell(items.iter().filter_map(|(item, _)| Some((item.id.clone(), look(item)?))).collect());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::sync::mpsc;
    use tokio::time::timeout;

    use super::*;
    use crate::feed::MediaLocation;
    use crate::preload::plan::Stage;

    /// Long enough for many looks.
    const A_WHILE: Duration = Duration::from_millis(50);
    /// What may still be on its way when nobody looks any more.
    const LOOKS_MAX: usize = 100;

    #[tokio::test]
    async fn maps_are_told_again_and_again_while_somebody_looks_and_not_otherwise() {
        let item = |id: &str, media| (Arc::new(Item::bare(ItemId::new(id), media)), Stage::Head);
        let items = [item("v0", MediaLocation::Url("https://a.example/v0".to_owned())), item("v1", MediaLocation::Sample(0))];
        let (plans, plan) = watch::channel::<SharedPlan>(Arc::from(items));
        let (wanted, is_wanted) = watch::channel(false);
        let (tell, mut told) = mpsc::channel(64);
        let there = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&there);
        let look = move |item: &Item| {
            let bytes = seen.fetch_add(1, Ordering::Relaxed);
            matches!(item.media, MediaLocation::Url(_)).then(|| RangeMap::of(1000, std::iter::once(0..bytes)))
        };
        // A full channel is what nobody looks at.
        let task = tokio::spawn(watch_maps(is_wanted, plan, Duration::from_millis(2), look, move |maps| drop(tell.try_send(maps))));
        assert!(timeout(A_WHILE, told.recv()).await.is_err(), "nobody looks");
        wanted.send_replace(true);
        for time in 0..3 {
            // Two items are looked at each time.
            let map = RangeMap::of(1000, std::iter::once(0..2 * time));
            assert_eq!(told.recv().await, Some(vec![(ItemId::new("v0"), map)]));
        }
        wanted.send_replace(false);
        for told_before in 0..=LOOKS_MAX {
            assert!(told_before < LOOKS_MAX, "nobody looks any more");
            if timeout(A_WHILE, told.recv()).await.is_err() {
                break;
            }
        }
        drop(plans);
        wanted.send_replace(true);
        task.await.unwrap();
    }
}
