//! The voice of one pipeline: flags and figures through which its own threads speak to the control thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::mailbox::Mailbox;
use crate::captions::Cue;
use crate::player::Still;
use crate::player::pool::Attempt;

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
    /// A position that was asked for cannot be gone to.
    pub seek_refused: bool,
    /// The source got bytes it had waited for.
    pub fed: bool,
    /// A position that was gone to lies behind the last picture: the stream ended without one.
    pub nothing_there: bool,
    /// The picture that somebody wants to keep.
    pub still: Option<Arc<Still>>,
    /// Text that came by, and of which stream.
    pub cues: Vec<(usize, Cue)>,
    /// The first thing that went wrong; what follows is its consequence.
    pub fault: Option<Fault>,
}

/// How a source is off for bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hunger {
    /// How long the read under way has been waiting; `None` while none waits.
    pub starving_for: Option<Duration>,
    /// Since the last byte of that read came, or since it began to wait; zero while none waits.
    pub without_bytes: Duration,
    /// What all reads waited together, the one under way included.
    pub waited: Duration,
}

/// Texts that wait for the control thread at most. It takes them at every turn; a file in which more of them lie between two
/// pictures is not meant to be read.
const CUES_MAX: usize = 256;

/// What the streaming threads and the bus of one pipeline leave for the control thread.
pub(super) struct Signals {
    attempt: Attempt,
    mailbox: Arc<Mailbox>,
    news: Mutex<News>,
    born: Instant,
    /// Microseconds since `born`, plus one, at which the read under way began to wait; 0 while none waits.
    starving_since: AtomicU64,
    /// Microseconds since `born` at which bytes came last.
    bytes_at: AtomicU64,
    /// Microseconds that reads which are over have waited.
    waited: AtomicU64,
    /// Byte offset behind what the source read last.
    read_offset: AtomicU64,
    /// Stream time in nanoseconds of the last picture.
    position: AtomicU64,
    /// Nanoseconds for which it is to be seen; 0 when it does not say.
    length: AtomicU64,
    /// Pictures that left the sink, those not put on the board included.
    pictures: AtomicU64,
    /// Microseconds since `born` at which the last of them did.
    picture_at: AtomicU64,
    /// Pictures that nobody had picked up when the next one came.
    late: AtomicU64,
    /// Pictures that the sink threw away.
    dropped: AtomicU64,
}

impl Signals {
    pub fn new(attempt: Attempt, mailbox: Arc<Mailbox>) -> Self {
        Self {
            attempt,
            mailbox,
            news: Mutex::default(),
            born: Instant::now(),
            starving_since: AtomicU64::new(0),
            bytes_at: AtomicU64::new(0),
            waited: AtomicU64::new(0),
            read_offset: AtomicU64::new(0),
            position: AtomicU64::new(0),
            length: AtomicU64::new(0),
            pictures: AtomicU64::new(0),
            picture_at: AtomicU64::new(0),
            late: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
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

    /// Forgets that the clip came to its end: from now on it is somewhere else.
    pub fn forget_end(&self) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        (news.segment_done, news.eos) = (false, false);
    }

    /// Leaves text of a stream.
    pub fn cue(&self, stream: usize, cue: Cue) {
        self.tell(|news| {
            if news.cues.len() < CUES_MAX {
                news.cues.push((stream, cue));
            }
        });
    }

    pub fn take(&self) -> News {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// A read finds nothing at `offset` and waits. One read may say so many times.
    pub fn starving(&self, offset: u64) {
        self.read_offset.store(offset, Ordering::Relaxed);
        if self.starving_since.load(Ordering::Relaxed) == 0 {
            let now = self.now();
            self.bytes_at.store(now, Ordering::Relaxed);
            self.starving_since.store(now + 1, Ordering::Relaxed);
        }
    }

    /// Some bytes of a read came.
    pub fn nibbled(&self) {
        self.bytes_at.store(self.now(), Ordering::Relaxed);
    }

    /// A read is over; the next one is likely to begin at `offset`.
    pub fn fed(&self, offset: u64) {
        self.read_offset.store(offset, Ordering::Relaxed);
        let since = self.starving_since.swap(0, Ordering::Relaxed);
        if since != 0 {
            self.waited.fetch_add(self.now().saturating_sub(since - 1), Ordering::Relaxed);
            self.tell(|news| news.fed = true);
        }
    }

    /// How the source is off for bytes.
    pub fn hunger(&self) -> Hunger {
        let (now, since) = (self.now(), self.starving_since.load(Ordering::Relaxed));
        let waited = Duration::from_micros(self.waited.load(Ordering::Relaxed));
        if since == 0 {
            return Hunger { starving_for: None, without_bytes: Duration::ZERO, waited };
        }
        let age = |at: u64| Duration::from_micros(now.saturating_sub(at));
        let starving_for = age(since - 1);
        let without_bytes = age(self.bytes_at.load(Ordering::Relaxed)).min(starving_for);
        Hunger { starving_for: Some(starving_for), without_bytes, waited: waited + starving_for }
    }

    pub fn read_offset(&self) -> u64 {
        self.read_offset.load(Ordering::Relaxed)
    }

    /// A picture left the sink, shown or not.
    pub fn picture_left(&self) {
        self.picture_at.store(self.now(), Ordering::Relaxed);
        self.pictures.fetch_add(1, Ordering::Relaxed);
    }

    /// Since the last picture left the sink; since the beginning while none has.
    pub fn standing(&self) -> Duration {
        Duration::from_micros(self.now().saturating_sub(self.picture_at.load(Ordering::Relaxed)))
    }

    /// A picture counts as shown.
    pub fn picture_shown(&self, pts: Duration, length: Duration) {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.length.store(nanos(length), Ordering::Relaxed);
        self.position.store(nanos(pts), Ordering::Relaxed);
    }

    pub fn position(&self) -> Duration {
        Duration::from_nanos(self.position.load(Ordering::Relaxed))
    }

    /// For how long the last picture is to be seen, from its position on; `None` when it does not say.
    pub fn length(&self) -> Option<Duration> {
        Some(Duration::from_nanos(self.length.load(Ordering::Relaxed))).filter(|length| !length.is_zero())
    }

    pub fn pictures(&self) -> u64 {
        self.pictures.load(Ordering::Relaxed)
    }

    /// A picture was not picked up before the next one came.
    pub fn picture_late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    /// The sink threw a picture away.
    pub fn picture_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Pictures that came late, and those that were thrown away.
    pub fn losses(&self) -> (u64, u64) {
        (self.late.load(Ordering::Relaxed), self.dropped.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_read_that_gets_its_bytes_in_crumbs_is_one_wait() {
        let signals = Signals::new(Attempt(1), Arc::default());
        assert!(signals.hunger().starving_for.is_none());
        signals.starving(100);
        let first = signals.hunger().starving_for.unwrap();
        signals.nibbled();
        signals.starving(101);
        let hunger = signals.hunger();
        assert!(hunger.starving_for.unwrap() >= first && hunger.without_bytes <= hunger.starving_for.unwrap());
        assert!(!signals.take().fed);
        signals.fed(102);
        assert!(signals.take().fed);
        let over = signals.hunger();
        assert!(over.starving_for.is_none() && over.without_bytes.is_zero() && over.waited >= hunger.waited);
        assert_eq!(signals.read_offset(), 102);
    }
}
