//! Captions on their way from the worker that reads them to the model.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::events::EventSender;
use crate::app::{Event, Model};
use crate::cache::Blobs;
use crate::metrics::Counters;
use crate::preload::captions::{self, CaptionOptions, Wanted};

/// Starts the worker; it reads what it is sent.
pub(super) fn start(
    runtime: &Handle,
    client: reqwest::Client,
    blobs: Blobs,
    counters: Arc<Counters>,
    events: EventSender,
) -> watch::Sender<Wanted> {
    let (sender, wanted) = watch::channel::<Wanted>(Arc::from([]));
    let tell = Arc::new(move |at, result| events.send(Event::Captions { at, result }));
    captions::spawn(runtime, CaptionOptions { client, blobs, counters, tell }, wanted);
    sender
}

/// Tells which captions are wanted, when that has changed.
pub(super) fn want(sender: &watch::Sender<Wanted>, model: &Model) {
    let is_same = model.captions_wanted().eq(sender.borrow().iter());
    if !is_same {
        sender.send_replace(model.captions_wanted().cloned().collect());
    }
}

/// The languages of the desktop as tags, the most wanted first.
pub(super) fn languages() -> Vec<String> {
    sys_locale::get_locales().filter(|tag| tag != "C" && tag != "POSIX").collect()
}
