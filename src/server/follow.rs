//! Follows the folder: pages that were made of other videos are let go, and who watches is told when there are other ones.

use std::sync::Weak;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use super::events::Change;
use super::pages::Scope;
use super::service::Service;

/// A folder into which much is copied is not told of for each file.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Follows the changes of the catalogue, and of streams that were told of late, for as long as there is a service.
pub(super) async fn follow(service: Weak<Service>, mut changes: Receiver<u64>, mut late: Receiver<u64>) {
    let mut known = None;
    loop {
        let Some(service) = service.upgrade() else { return };
        let told = service.feeds.shown(&service).await.ok();
        match (&known, told) {
            // What is known of the videos has changed, and they are the same: no reason to call anybody.
            (Some(before), Some(now)) if *before == now => {
                service.pages.invalidate(&Scope::All).await;
            }
            (Some(_), Some(now)) => {
                known = Some(now);
                service.hub.changed(&Change::of_videos()).await;
            }
            (None, now) => known = now,
            // It cannot be read at the moment.
            (Some(_), None) => {}
        }
        drop(service);
        tokio::time::sleep(TELL_EVERY).await;
        tokio::select! {
            told = changes.changed() => if told.is_err() { return },
            told = late.changed() => if told.is_err() { return },
        }
    }
}
