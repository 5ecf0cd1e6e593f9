//! The task that tells what transfers measured of the line, when that has changed.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::client::SharedPlan;
use super::events::EventSender;
use crate::app::Event;
use crate::cache::Opener;
use crate::metrics::NetworkEstimate;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A change by less than one part in so many is none.
const PARTS: u64 = 16;

/// Starts the task; it ends when the sender of the plan is gone.
pub(super) fn spawn(runtime: &Handle, opener: Arc<Opener>, mut plan: watch::Receiver<SharedPlan>, events: EventSender) {
    runtime.spawn(async move {
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = NetworkEstimate::default();
        loop {
            tokio::select! {
                changed = plan.changed() => if changed.is_err() { return } else { continue },
                _ = tick.tick() => {}
            }
            let NetworkEstimate { bits_per_second, round_trip } = opener.network();
            let millis = |time: Option<Duration>| time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
            if differs(bits_per_second, told.bits_per_second) || differs(millis(round_trip), millis(told.round_trip)) {
                told = NetworkEstimate { bits_per_second, round_trip };
                events.send(Event::Line { bits_per_second, round_trip });
            }
        }
    });
}

/// Whether a figure has changed by so much that somebody would want to know.
fn differs(now: Option<u64>, before: Option<u64>) -> bool {
    match (now, before) {
        (Some(now), Some(before)) => now.abs_diff(before) > before / PARTS,
        (now, before) => now != before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wavers_is_not_told() {
        assert!(!differs(None, None));
        assert!(differs(Some(1), None));
        assert!(!differs(Some(1_050_000), Some(1_000_000)));
        assert!(differs(Some(1_100_000), Some(1_000_000)));
        assert!(differs(Some(900_000), Some(1_000_000)));
    }
}
