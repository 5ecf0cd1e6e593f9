//! What happened, kept: what viewers did with videos, what they wish, and which streams run.
//!
//! On one machine the book in memory is the place of truth, with a database in the state folder behind it where there is
//! one. Replicas share a Redis instead; while that is gone the book stands in for it, and what it hears is written when
//! Redis is back.

mod book;
mod deed;
mod disk;
mod person;
mod preferences;
mod queue;
mod routes;
mod shared;
mod wishes;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

pub(super) use deed::{Deed, Kind, Tally, hour_of};
pub(super) use person::Person;
pub(super) use preferences::Preferences;
pub(super) use routes::{routes, user_of};

use super::redis::Redis;
use super::status::StreamStatus;
use book::Book;
use disk::Disk;
use queue::{Deferred, Queue};
use shared::Shared;

/// What changes is kept on disk this long after at the latest…
const KEEP_AFTER: Duration = Duration::from_secs(1);
/// … or when so much has changed.
const CHANGES_MAX: usize = 500;
/// How long what trends is taken for true: a busy feed changes at most this often.
const TRENDS_FOR: Duration = Duration::from_secs(1);

/// What trends: videos, and how much.
pub(super) type Trends = Arc<HashMap<String, f64>>;

/// All that is known of what happened.
pub(super) struct Facts {
    book: Arc<Book>,
    disk: Option<Arc<Disk>>,
    shared: Option<Arc<Shared>>,
    queue: Arc<Queue>,
    /// Something has changed that is to be kept on disk.
    changed: Arc<Notify>,
    /// Locked while it is found out, so that requests wait for one finding instead of each doing its own.
    trends: tokio::sync::Mutex<Option<(Instant, Trends)>>,
    late: Arc<watch::Sender<u64>>,
    keeper: Option<AbortHandle>,
}

/// Seconds since 1970.
pub(super) fn seconds_of(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Facts {
    /// Begins with what is kept: in `redis`, else in the folder `state`, else nothing. A folder that cannot be used is
    /// warned of. Must be called within a runtime.
    pub fn start(state: Option<&Path>, redis: Option<Arc<Redis>>) -> Self {
        let opened = state.filter(|_| redis.is_none()).and_then(|state| match Disk::open(state) {
            Ok(opened) => Some(opened),
            Err(err) => {
                tracing::warn!(%err, "what viewers do is not kept on disk");
                None
            }
        });
        let (disk, book) = match opened {
            Some((disk, kept)) => (Some(Arc::new(disk)), Book::with(true, kept)),
            None => (None, Book::new(false)),
        };
        let (book, changed, queue) = (Arc::new(book), Arc::new(Notify::new()), Arc::new(Queue::default()));
        let shared = redis.map(|redis| Arc::new(Shared::new(redis)));
        let late = Arc::new(watch::Sender::new(0));
        let keeper = match (&disk, &shared) {
            (_, Some(shared)) => Some(
                tokio::spawn(queue::keep_up(Arc::clone(&queue), Arc::clone(shared), Arc::clone(&book), Arc::clone(&late))).abort_handle(),
            ),
            (Some(disk), None) => Some(tokio::spawn(keep(Arc::clone(&book), Arc::clone(disk), Arc::clone(&changed))).abort_handle()),
            (None, None) => None,
        };
        Self { book, disk, shared, queue, changed, trends: tokio::sync::Mutex::default(), late, keeper }
    }

    /// Remembers a deed. Whether it counts: a second like does not.
    pub async fn record(&self, deed: Deed) -> bool {
        if let Some(shared) = &self.shared {
            if self.queue.push_behind_others(&Deferred::Deed(deed.clone())) {
                return !self.book.take(&deed).is_empty();
            }
            if let Ok(counts) = shared.take(&deed).await {
                return !counts.is_empty();
            }
            let counts = self.book.take(&deed);
            self.queue.push(Deferred::Deed(deed));
            return !counts.is_empty();
        }
        if let Some(user) = &deed.user {
            self.load(user).await;
        }
        let counts = self.book.take(&deed);
        self.note_change();
        !counts.is_empty()
    }

    /// A user; one of whom nothing is known is an empty one.
    pub async fn person(&self, user: &str) -> Person {
        if let Some(shared) = &self.shared {
            if let Ok(person) = shared.person(user).await {
                return person;
            }
        } else {
            self.load(user).await;
        }
        self.book.person(user).unwrap_or_default()
    }

    /// Sets what a user wishes.
    pub async fn wish(&self, user: &str, wishes: Preferences) {
        if let Some(shared) = &self.shared {
            if self.queue.push_behind_others(&Deferred::Wishes(user.to_owned(), wishes.clone())) {
                self.book.change(user, |person| person.wish(wishes));
            } else if shared.change(user, |person| person.wish(wishes.clone())).await.is_err() {
                self.book.change(user, |person| person.wish(wishes.clone()));
                self.queue.push(Deferred::Wishes(user.to_owned(), wishes));
            }
            return;
        }
        self.load(user).await;
        self.book.change(user, |person| person.wish(wishes));
        self.note_change();
    }

    /// The views and likes that were counted for each of `videos`, in their order.
    pub async fn tallies(&self, videos: &[&str]) -> Vec<Tally> {
        if let Some(shared) = &self.shared
            && let Ok(tallies) = shared.tallies(videos).await
        {
            return tallies;
        }
        self.book.tallies(videos.iter().copied())
    }

    /// What trends at `now`, or did a moment ago.
    pub async fn trends(&self, now: SystemTime) -> Trends {
        let mut known = self.trends.lock().await;
        if let Some((at, trends)) = &*known
            && at.elapsed() < TRENDS_FOR
        {
            return Arc::clone(trends);
        }
        let now_h = hour_of(seconds_of(now));
        let shared = match &self.shared {
            Some(shared) => shared.trends(now_h).await.ok(),
            None => None,
        };
        let trends = Arc::new(shared.unwrap_or_else(|| self.book.trends(now_h)));
        *known = Some((Instant::now(), Arc::clone(&trends)));
        trends
    }

    /// Counts how often states of streams were written late, because Redis had been gone: pages made meanwhile are old.
    pub fn late(&self) -> watch::Receiver<u64> {
        self.late.subscribe()
    }

    /// Whether replicas share them.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Sets the state of a stream; what it was, if it was ever set.
    pub async fn set_stream(&self, id: &str, status: StreamStatus) -> Option<StreamStatus> {
        if let Some(shared) = &self.shared {
            // The book has it, too: while Redis is gone it tells what was known last.
            let here = self.book.set_stream(id, status);
            if self.queue.push_behind_others(&Deferred::Stream(id.to_owned(), status)) {
                return here;
            }
            let old = shared.set_stream(id, status).await;
            if old.is_err() {
                self.queue.push(Deferred::Stream(id.to_owned(), status));
            }
            return old.unwrap_or(here);
        }
        let old = self.book.set_stream(id, status);
        self.note_change();
        old
    }

    /// The states of all streams that were ever set.
    pub async fn streams(&self) -> HashMap<String, StreamStatus> {
        if let Some(shared) = &self.shared
            && let Ok(streams) = shared.streams().await
        {
            // For when Redis is gone: other replicas have set some of them.
            self.book.know_streams(&streams);
            return streams;
        }
        self.book.streams()
    }

    /// Keeps what is not kept yet: the service ends.
    pub async fn close(&self) {
        if let Some(disk) = &self.disk {
            keep_now(&self.book, disk).await;
        }
    }

    /// Brings a user from the disk into the book.
    async fn load(&self, user: &str) {
        let Some(disk) = self.disk.as_ref().filter(|_| self.book.person(user).is_none()) else { return };
        let (disk, name) = (Arc::clone(disk), user.to_owned());
        if let Ok(Some(person)) = tokio::task::spawn_blocking(move || disk.person(&name)).await {
            self.book.learn(user, person);
        }
    }

    fn note_change(&self) {
        if self.disk.is_some() {
            self.changed.notify_one();
        }
    }
}

impl Drop for Facts {
    fn drop(&mut self) {
        self.keeper.iter().for_each(AbortHandle::abort);
    }
}

/// Keeps on disk what changes, many changes at once.
async fn keep(book: Arc<Book>, disk: Arc<Disk>, changed: Arc<Notify>) {
    loop {
        changed.notified().await;
        let due = sleep(KEEP_AFTER);
        tokio::pin!(due);
        while book.changed() < CHANGES_MAX {
            tokio::select! {
                () = &mut due => break,
                () = changed.notified() => {}
            }
        }
        keep_now(&book, &disk).await;
    }
}

async fn keep_now(book: &Arc<Book>, disk: &Arc<Disk>) {
    let (book, disk) = (Arc::clone(book), Arc::clone(disk));
    let kept = tokio::task::spawn_blocking(move || {
        let batch = book.take_changed();
        if batch.is_empty() {
            return;
        }
        if let Err(err) = disk.keep(&batch) {
            tracing::error!(%err, "what viewers did can’t be kept; it is tried again with the next change");
            book.mark_changed(&batch);
        }
    });
    if let Err(err) = kept.await {
        tracing::error!(%err, "what viewers did was not kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_state_of_a_stream_is_told_with_what_it_was_and_kept() {
        let state = tempfile::tempdir().unwrap();
        let facts = Facts::start(Some(state.path()), None);
        assert_eq!(facts.streams().await.get("s"), None);
        assert_eq!(facts.set_stream("s", StreamStatus::Live).await, None);
        assert_eq!(facts.set_stream("s", StreamStatus::Ended).await, Some(StreamStatus::Live));
        facts.close().await;
        drop(facts);
        // The task that keeps holds the database until it has ended.
        let facts = loop {
            let facts = Facts::start(Some(state.path()), None);
            if facts.disk.is_some() {
                break facts;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(facts.streams().await.get("s"), Some(&StreamStatus::Ended));
    }

    #[tokio::test]
    async fn what_changes_is_kept_before_the_end_as_well() {
        let state = tempfile::tempdir().unwrap();
        let facts = Facts::start(Some(state.path()), None);
        facts.wish("mia", Preferences { auto_play: Some(true), ..Preferences::default() }).await;
        let start = Instant::now();
        while facts.disk.as_ref().unwrap().person("mia").is_none() {
            assert!(start.elapsed() < Duration::from_mins(1), "waited in vain");
            sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_used_costs_the_memory_of_it_alone() {
        let state = tempfile::NamedTempFile::new().unwrap();
        let facts = Facts::start(Some(state.path()), None);
        facts.wish("mia", Preferences { auto_play: Some(true), ..Preferences::default() }).await;
        assert_eq!(facts.person("mia").await.preferences.auto_play, Some(true));
    }
}
