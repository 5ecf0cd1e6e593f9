//! What could not be told to a Redis that was gone, in order, until it is back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use super::book::Book;
use super::deed::Deed;
use super::preferences::Preferences;
use super::shared::Shared;
use crate::server::redis::Unreachable;
use crate::server::status::StreamStatus;

/// Changes that wait at most; then the oldest go.
const WAITING_MAX: usize = 10_000;

/// A change that was refused so often is left out.
const REFUSALS_MAX: u32 = 3;

/// A change that waits.
#[derive(Clone, Debug, PartialEq)]
pub enum Deferred {
    Deed(Deed),
    /// What a user wishes.
    Wishes(String, Preferences),
    Stream(String, StreamStatus),
}

/// The changes that wait.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    came: Notify,
}

#[derive(Default)]
struct Waiting {
    changes: VecDeque<Deferred>,
    /// One that was taken out and is not written yet.
    is_writing: bool,
}

impl Queue {
    pub fn push(&self, change: Deferred) {
        self.open(|waiting| waiting.push(change));
        self.came.notify_one();
    }

    /// Lets a change wait that comes while older ones do, so that what is newer is never written before them. Whether it has
    /// to: if not, it may be written at once.
    pub fn push_behind_others(&self, change: &Deferred) -> bool {
        let has_to_wait = self.open(|waiting| {
            let is_busy = waiting.is_writing || !waiting.changes.is_empty();
            if is_busy {
                waiting.push(change.clone());
            }
            is_busy
        });
        if has_to_wait {
            self.came.notify_one();
        }
        has_to_wait
    }

    /// The oldest change, to be written now; none are under way when there is none.
    fn pop(&self) -> Option<Deferred> {
        self.open(|waiting| {
            let change = waiting.changes.pop_front();
            waiting.is_writing = change.is_some();
            change
        })
    }

    fn put_back(&self, change: Deferred) {
        self.open(|waiting| waiting.changes.push_front(change));
    }

    fn open<T>(&self, with: impl FnOnce(&mut Waiting) -> T) -> T {
        with(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Waiting {
    fn push(&mut self, change: Deferred) {
        if self.changes.len() >= WAITING_MAX {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }
}

/// Writes what waits whenever Redis is there; then the book, which stood in for it, is emptied.
pub async fn keep_up(queue: Arc<Queue>, shared: Arc<Shared>, book: Arc<Book>, late: Arc<watch::Sender<u64>>) {
    let mut presence = shared.redis().presence();
    loop {
        queue.came.notified().await;
        let (mut refusals, mut has_turned) = (0, false);
        while let Some(change) = queue.pop() {
            if presence.wait_for(|is_there| *is_there).await.is_err() {
                return;
            }
            let is_written = write(&shared, &change).await.is_ok();
            has_turned |= is_written && matches!(change, Deferred::Stream(..));
            refusals = if is_written || !*presence.borrow() { 0 } else { refusals + 1 };
            // What a Redis that is there refuses again and again it would refuse for ever.
            if !is_written && refusals < REFUSALS_MAX {
                queue.put_back(change);
            }
        }
        if let Ok(streams) = shared.streams().await {
            book.replace(streams);
        }
        if has_turned {
            late.send_modify(|count| *count += 1);
        }
    }
}

async fn write(shared: &Shared, change: &Deferred) -> Result<(), Unreachable> {
    match change {
        Deferred::Deed(deed) => shared.take(deed).await.map(drop),
        Deferred::Wishes(user, wishes) => shared.change(user, |person| person.wish(wishes.clone())).await,
        Deferred::Stream(id, status) => shared.set_stream(id, *status).await.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_much_waits_and_the_oldest_goes() {
        let queue = Queue::default();
        for number in 0..=WAITING_MAX {
            queue.push(Deferred::Stream(number.to_string(), StreamStatus::Live));
        }
        assert_eq!(queue.open(|waiting| waiting.changes.len()), WAITING_MAX);
        assert_eq!(queue.pop(), Some(Deferred::Stream("1".into(), StreamStatus::Live)));
    }

    #[test]
    fn what_comes_while_older_changes_wait_or_are_written_waits_behind_them() {
        let queue = Queue::default();
        let change = |id: &str| Deferred::Stream(id.to_owned(), StreamStatus::Live);
        assert!(!queue.push_behind_others(&change("a")));
        queue.push(change("b"));
        assert!(queue.push_behind_others(&change("c")));
        assert_eq!((queue.pop(), queue.pop()), (Some(change("b")), Some(change("c"))));
        assert!(queue.push_behind_others(&change("d")), "the last one is being written");
        assert_eq!((queue.pop(), queue.pop()), (Some(change("d")), None));
        assert!(!queue.push_behind_others(&change("e")));
    }
}
