//! The thread that takes pipelines to NULL. That can hang in a decoder or a sound library, so it is watched:
//! a pipeline that takes too long is left behind with its thread, and a fresh thread does the rest.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::chain::Chain;
use super::mailbox::Mailbox;
use crate::player::pool::Attempt;

#[derive(Default)]
struct Work {
    waiting: VecDeque<(Attempt, Chain)>,
    /// What is being torn down, since when, and by which worker.
    current: Option<(Attempt, Instant)>,
    /// Workers with another number have been given up and end as soon as they can.
    worker: u64,
    ending: bool,
    ended: bool,
}

#[derive(Default)]
struct Shared {
    work: Mutex<Work>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The teardown worker, as the control thread sees it.
pub(super) struct Teardown {
    shared: Arc<Shared>,
    mailbox: Arc<Mailbox>,
    /// A teardown that takes this long will not end.
    patience: Duration,
    worker: Option<JoinHandle<()>>,
}

impl Teardown {
    pub fn start(mailbox: Arc<Mailbox>, patience: Duration) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let worker = spawn(Arc::clone(&shared), Arc::clone(&mailbox), 0)?;
        Ok(Self { shared, mailbox, patience, worker: Some(worker) })
    }

    /// Takes a pipeline over; its end is told through the mailbox.
    pub fn take(&self, attempt: Attempt, chain: Chain) {
        self.shared.lock().waiting.push_back((attempt, chain));
        self.shared.changed.notify_all();
    }

    /// When [`Teardown::stuck`] should be asked next.
    pub fn deadline(&self) -> Option<Instant> {
        self.shared.lock().current.map(|(_, since)| since + self.patience)
    }

    /// Gives up a pipeline that took too long, and carries on with the others.
    pub fn stuck(&mut self, now: Instant) -> Option<Attempt> {
        let mut work = self.shared.lock();
        let (attempt, since) = work.current?;
        if now < since + self.patience {
            return None;
        }
        work.current = None;
        work.worker += 1;
        let number = work.worker;
        drop(work);
        match spawn(Arc::clone(&self.shared), Arc::clone(&self.mailbox), number) {
            Ok(worker) => self.worker = Some(worker),
            Err(err) => tracing::error!(%err, "no thread for taking pipelines down"),
        }
        Some(attempt)
    }

    /// Lets the worker finish what waits, for `patience` at most. Whether it did.
    pub fn finish(mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut work = self.shared.lock();
        work.ending = true;
        self.shared.changed.notify_all();
        while !work.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            work = self.shared.changed.wait_timeout(work, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(work);
        self.worker.take().is_none_or(|worker| worker.join().is_ok())
    }
}

fn spawn(shared: Arc<Shared>, mailbox: Arc<Mailbox>, number: u64) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("player-teardown".to_owned()).spawn(move || run(&shared, &mailbox, number))
}

fn run(shared: &Shared, mailbox: &Mailbox, number: u64) {
    let mut work = shared.lock();
    while work.worker == number {
        let Some((attempt, chain)) = work.waiting.pop_front() else {
            if work.ending {
                work.ended = true;
                shared.changed.notify_all();
                return;
            }
            work = shared.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        work.current = Some((attempt, Instant::now()));
        drop(work);
        chain.tear_down();
        drop(chain);
        work = shared.lock();
        if work.worker == number {
            work.current = None;
            mailbox.torn_down(attempt);
        }
    }
}
