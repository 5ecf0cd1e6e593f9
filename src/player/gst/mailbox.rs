//! What the control thread hears, and the flags through which a pipeline's own threads speak to it.
//!
//! Not a channel: each kind of news has one place that a later one of its kind joins or replaces, so no
//! streaming thread ever waits, nothing that matters is lost, and the whole is bounded by the number of
//! pipelines and of openings under way.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fault::Fault;
use crate::cache::Opened;
use crate::feed::Failure;
use crate::player::pool::Attempt;
use crate::player::{PlayerCommand, PlayerTarget};

/// Commands that may wait; more are given back to whoever sends them.
const COMMANDS_MAX: usize = 64;

/// What arrived since the control thread last looked.
#[derive(Default)]
pub(super) struct Mail {
    pub target: Option<PlayerTarget>,
    pub commands: VecDeque<PlayerCommand>,
    pub opened: Vec<(Attempt, Result<Opened, Failure>)>,
    /// Attempts whose [`Signals`] have news.
    pub signalled: Vec<Attempt>,
    pub torn_down: Vec<Attempt>,
    /// The player is to end.
    pub ending: bool,
    rung: bool,
}

/// The control thread's only ear.
#[derive(Default)]
pub(super) struct Mailbox {
    mail: Mutex<Mail>,
    bell: Condvar,
}

impl Mailbox {
    pub fn set_target(&self, target: PlayerTarget) {
        let old = self.with(|mail| mail.target.replace(target));
        drop(old);
    }

    pub fn command(&self, command: PlayerCommand) -> Result<(), PlayerCommand> {
        self.with(|mail| {
            if command == PlayerCommand::Shutdown {
                mail.ending = true;
                return Ok(());
            }
            if mail.commands.len() >= COMMANDS_MAX {
                return Err(command);
            }
            mail.commands.push_back(command);
            Ok(())
        })
    }

    pub fn opened(&self, attempt: Attempt, answer: Result<Opened, Failure>) {
        self.with(|mail| mail.opened.push((attempt, answer)));
    }

    pub fn torn_down(&self, attempt: Attempt) {
        self.with(|mail| mail.torn_down.push(attempt));
    }

    fn signalled(&self, attempt: Attempt) {
        self.with(|mail| {
            if !mail.signalled.contains(&attempt) {
                mail.signalled.push(attempt);
            }
        });
    }

    /// Takes all there is; waits until there is something, or until `deadline`.
    pub fn take(&self, deadline: Option<Instant>) -> Mail {
        let mut mail = self.lock();
        while !mail.rung {
            mail = match deadline {
                None => self.bell.wait(mail).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.bell.wait_timeout(mail, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        std::mem::take(&mut *mail)
    }

    fn with<R>(&self, change: impl FnOnce(&mut Mail) -> R) -> R {
        let mut mail = self.lock();
        let result = change(&mut mail);
        mail.rung = true;
        drop(mail);
        self.bell.notify_one();
        result
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// News of one pipeline, each kind at most once until the control thread takes it.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "kinds of news, any of which may be there")]
pub(super) struct News {
    /// A picture is on the board that was not there before.
    pub picture: bool,
    pub async_done: bool,
    pub segment_done: bool,
    pub eos: bool,
    pub looped: bool,
    pub clock_lost: bool,
    /// The source got bytes it had waited for.
    pub fed: bool,
    /// The first thing that went wrong; what follows is its consequence.
    pub fault: Option<Fault>,
}

/// The voice of one pipeline: what its streaming threads and its bus leave for the control thread.
pub(super) struct Signals {
    attempt: Attempt,
    mailbox: Arc<Mailbox>,
    news: Mutex<News>,
    born: Instant,
    /// Microseconds since `born`, plus one, at which the source began to wait; 0 while it does not.
    starving_since: AtomicU64,
    /// Byte offset that the source read last.
    read_offset: AtomicU64,
    /// Microseconds since `born` of the last picture that left the sink.
    picture_at: AtomicU64,
    /// Stream time in microseconds of the last picture.
    position: AtomicU64,
    /// Pictures that left the sink, those not put on the board included.
    pictures: AtomicU64,
}

impl Signals {
    pub fn new(attempt: Attempt, mailbox: Arc<Mailbox>) -> Self {
        Self {
            attempt,
            mailbox,
            news: Mutex::default(),
            born: Instant::now(),
            starving_since: AtomicU64::new(0),
            read_offset: AtomicU64::new(0),
            picture_at: AtomicU64::new(0),
            position: AtomicU64::new(0),
            pictures: AtomicU64::new(0),
        }
    }

    /// Leaves news and wakes the control thread.
    pub fn tell(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
        self.mailbox.signalled(self.attempt);
    }

    /// Leaves a fault, unless there is an earlier one.
    pub fn fault(&self, fault: Fault) {
        self.tell(|news| {
            news.fault.get_or_insert(fault);
        });
    }

    pub fn take(&self) -> News {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub fn starving(&self, offset: u64) {
        self.read_offset.store(offset, Ordering::Relaxed);
        self.starving_since.store(self.now() + 1, Ordering::Relaxed);
    }

    pub fn fed(&self, offset: u64) {
        self.read_offset.store(offset, Ordering::Relaxed);
        if self.starving_since.swap(0, Ordering::Relaxed) != 0 {
            self.tell(|news| news.fed = true);
        }
    }

    /// How long the source has been waiting for bytes.
    pub fn starving_for(&self) -> Option<Duration> {
        let since = self.starving_since.load(Ordering::Relaxed);
        (since != 0).then(|| Duration::from_micros(self.now().saturating_sub(since - 1)))
    }

    pub fn read_offset(&self) -> u64 {
        self.read_offset.load(Ordering::Relaxed)
    }

    /// A picture left the sink, shown or not.
    pub fn picture_left(&self) {
        self.pictures.fetch_add(1, Ordering::Relaxed);
    }

    /// A picture counts as shown.
    pub fn picture_shown(&self, pts: Duration) {
        self.picture_at.store(self.now(), Ordering::Relaxed);
        self.position.store(u64::try_from(pts.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn since_last_picture(&self) -> Duration {
        Duration::from_micros(self.now().saturating_sub(self.picture_at.load(Ordering::Relaxed)))
    }

    pub fn position(&self) -> Duration {
        Duration::from_micros(self.position.load(Ordering::Relaxed))
    }

    pub fn pictures(&self) -> u64 {
        self.pictures.load(Ordering::Relaxed)
    }
}
