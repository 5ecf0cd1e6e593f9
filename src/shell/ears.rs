//! Where the service of the open feed is listened to, and what it is told is watched: a stream of that feed and of no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::events::EventSender;
use crate::app::Event;
use crate::feed::FeedPage;
use crate::source::{SourceContext, Told, listen};

/// What is listened to.
pub(super) struct Ears {
    place: watch::Sender<Option<String>>,
    watched: watch::Sender<Option<String>>,
    /// The epoch of the feed whose page has named the place. Held for moments only: the UI thread asks.
    epoch: Mutex<Option<u64>>,
}

impl Ears {
    /// Starts the task that listens.
    pub fn start(runtime: &Handle, context: Arc<SourceContext>, events: EventSender) -> Self {
        let ears = Self::new();
        let (places, streams) = (ears.place.subscribe(), ears.watched.subscribe());
        runtime.spawn(async move {
            let tell = |told| {
                events.send(match told {
                    Told::Changed => Event::FeedChanged,
                    Told::Viewers(counts) => Event::Viewers(counts),
                });
            };
            if let Err(err) = listen(&context, places, streams, tell).await {
                tracing::warn!("what is new is not heard: {err}");
            }
        });
        ears
    }

    fn new() -> Self {
        Self { place: watch::Sender::new(None), watched: watch::Sender::new(None), epoch: Mutex::new(None) }
    }

    /// Listens where the first page of a feed says; a connection to the same place stays.
    pub fn listen_where(&self, epoch: u64, page: &FeedPage) {
        let mut named = self.named();
        *named = Some(epoch);
        if *self.place.borrow() != page.events {
            // What is watched has been of another feed up to now.
            self.watched.send_replace(None);
            self.place.send_replace(page.events.clone());
        }
    }

    /// Listens nowhere until a page says where.
    pub fn stop(&self) {
        let mut named = self.named();
        *named = None;
        self.watched.send_replace(None);
        self.place.send_replace(None);
    }

    /// Says what is watched: a stream, and the epoch of its feed. One of a feed that is not listened to is nobody's business.
    pub fn watches(&self, stream: Option<(u64, &str)>) {
        let named = self.named();
        let stream = stream.filter(|(epoch, _)| *named == Some(*epoch)).map(|(_, stream)| stream);
        self.watched.send_if_modified(|watched| {
            let is_new = watched.as_deref() != stream;
            if is_new {
                *watched = stream.map(str::to_owned);
            }
            is_new
        });
    }

    fn named(&self) -> MutexGuard<'_, Option<u64>> {
        // A panic elsewhere leaves the old epoch or the new one.
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(events: &str) -> FeedPage {
        FeedPage { events: Some(events.to_owned()), ..FeedPage::default() }
    }

    #[test]
    fn a_service_is_told_of_streams_of_its_own_feed_alone() {
        let ears = Ears::new();
        let watched = |stream| {
            ears.watches(stream);
            ears.watched.borrow().clone()
        };
        assert_eq!(watched(Some((1, "s1"))), None, "nobody has named a place");
        ears.listen_where(1, &page("http://one.example/ws"));
        assert_eq!(watched(Some((1, "s1"))).as_deref(), Some("s1"));
        ears.listen_where(2, &page("http://one.example/ws"));
        assert_eq!(watched(Some((1, "s1"))), None, "it is an item of the feed as it was");
        assert_eq!(watched(Some((2, "s1"))).as_deref(), Some("s1"));
        ears.listen_where(3, &page("http://other.example/ws"));
        assert_eq!(*ears.watched.borrow(), None, "the other service is told nothing of the first one's stream");
        assert_eq!((watched(Some((2, "s1"))), watched(Some((3, "s2"))).as_deref()), (None, Some("s2")));
        ears.stop();
        assert_eq!(*ears.watched.borrow(), None);
        assert_eq!(watched(Some((3, "s2"))), None, "nobody is listened to");
    }
}
