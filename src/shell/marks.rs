//! The task that looks how much of the items near us is on this machine, and says so when it has changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::client::SharedPlan;
use super::events::EventSender;
use crate::app::{Event, Mark};
use crate::cache::{Availability, Opener};
use crate::feed::{Item, ItemId, MediaLocation};

/// How often it looks while the plan stays the same.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts the task; it ends when the sender of the plan is gone.
pub(super) fn spawn(runtime: &Handle, opener: Arc<Opener>, plan: watch::Receiver<SharedPlan>, events: EventSender) {
    runtime.spawn(watch_marks(plan, LOOK_EVERY, move |item| opener.availability(item), move |marks| events.send(Event::Marks(marks))));
}

async fn watch_marks(
    mut plan: watch::Receiver<SharedPlan>,
    look_every: Duration,
    availability: impl Fn(&Item) -> Availability + Send,
    tell: impl Fn(Vec<(ItemId, Mark)>) + Send,
) {
    let mut tick = interval(look_every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Vec::new();
    loop {
        tokio::select! {
            changed = plan.changed() => if changed.is_err() { return },
            _ = tick.tick() => {}
        }
        let items = Arc::clone(&plan.borrow_and_update());
        // What lies on this machine anyway needs no mark.
        let remote = items.iter().filter(|(item, _)| matches!(item.media, MediaLocation::Url(_)));
        let marks: Vec<_> = remote.map(|(item, _)| (item.id.clone(), mark(availability(item)))).collect();
        if marks != told {
            told.clone_from(&marks);
            tell(marks);
        }
    }
}

fn mark(availability: Availability) -> Mark {
    match availability {
        Availability::None => Mark::Absent,
        Availability::Partial { bytes, total } => Mark::of(bytes, total),
        Availability::Complete => Mark::Ready,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::sync::mpsc;

    use super::*;
    use crate::preload::plan::Stage;

    fn plan(media: &[MediaLocation]) -> SharedPlan {
        let item = |(at, media): (usize, &MediaLocation)| (Arc::new(Item::bare(ItemId::new(format!("v{at}")), media.clone())), Stage::Head);
        media.iter().enumerate().map(item).collect()
    }

    #[tokio::test]
    async fn marks_are_told_when_they_change_and_only_of_what_comes_over_a_network() {
        let url = |path: &str| MediaLocation::Url(format!("https://a.example/{path}"));
        let (plans, plan_seen) = watch::channel(plan(&[]));
        let there = Arc::new(Mutex::new(Availability::None));
        let (tell, mut told) = mpsc::channel(8);
        let look = Arc::clone(&there);
        let soon = Duration::from_millis(2);
        tokio::spawn(watch_marks(plan_seen, soon, move |_| *look.lock().unwrap(), move |marks| tell.try_send(marks).unwrap()));
        plans.send_replace(plan(&[MediaLocation::Sample(0), url("a"), url("b")]));
        let of = |mark| vec![(ItemId::new("v1"), mark), (ItemId::new("v2"), mark)];
        assert_eq!(told.recv().await, Some(of(Mark::Absent)));
        for (now, mark) in [
            (Availability::Partial { bytes: 1, total: 3 }, Mark::Partial(33)),
            (Availability::Partial { bytes: 2, total: 3 }, Mark::Partial(66)),
            (Availability::Complete, Mark::Ready),
        ] {
            *there.lock().unwrap() = now;
            assert_eq!(told.recv().await, Some(of(mark)));
        }
        plans.send_replace(plan(&[MediaLocation::Sample(0)]));
        assert_eq!(told.recv().await, Some(Vec::new()));
        drop(plans);
        assert_eq!(told.recv().await, None, "nothing is told twice, and the task ends with the plan");
    }
}
