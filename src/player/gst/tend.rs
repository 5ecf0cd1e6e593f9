//! What the control thread does by the clock: positions, waiting for bytes, watchdogs, and the pool's figures.

use std::time::{Duration, Instant};

use super::control::Control;
use super::fault;
use super::slot::Live;
use crate::feed::{Failure, FailureKind};
use crate::player::PlayerEvent;

/// Positions are told four times a second.
const POSITION_EVERY: Duration = Duration::from_millis(250);
/// While playback waits for bytes they are looked for this often.
const WAITING_EVERY: Duration = Duration::from_millis(100);
/// A source that waits this long while no picture comes has stalled playback.
const STALLED_AFTER: Duration = Duration::from_millis(300);
/// Bytes that must be there before playback goes on, so that it does not stop again at once.
const RESUME_BYTES: u64 = 256 << 10;
/// Playback goes on with fewer when they take this long.
const RESUME_ANYWAY_AFTER: Duration = Duration::from_secs(3);
/// A pipeline without its first picture after this time will not get one.
const FIRST_PICTURE_WITHIN: Duration = Duration::from_secs(15);
/// The pool's figures are told no more often than this.
const POOL_EVERY: Duration = Duration::from_millis(100);

impl Control {
    pub(super) fn tend(&mut self, now: Instant) {
        self.tend_playing(now);
        let late: Vec<_> = self.lives.iter().filter(|(_, live)| !live.reported && now >= live.built_at + FIRST_PICTURE_WITHIN).collect();
        let late: Vec<_> = late.into_iter().map(|(attempt, live)| (*attempt, overdue(live))).collect();
        for (attempt, failure) in late {
            self.fail(attempt, failure);
        }
    }

    fn tend_playing(&mut self, now: Instant) {
        let mut said = Vec::new();
        for live in self.lives.values_mut().filter(|live| live.playing) {
            let generation = live.generation;
            if let Some(since) = live.waiting_since {
                let waited = now.saturating_duration_since(since);
                if may_resume(live, waited) && live.chain.run(true) {
                    live.waiting_since = None;
                    said.push(PlayerEvent::Resumed { generation, waited });
                }
            } else if live.signals.starving_for() >= Some(STALLED_AFTER) && live.signals.since_last_picture() >= STALLED_AFTER {
                // The clock stops too, so that sound and picture go on together.
                if live.chain.run(false) {
                    live.waiting_since = Some(now);
                    said.push(PlayerEvent::Buffering { generation });
                }
            } else if now >= self.position_due {
                said.push(PlayerEvent::Position { generation, position: live.signals.position() });
            }
        }
        if now >= self.position_due {
            self.position_due = now + POSITION_EVERY;
        }
        for event in said {
            self.say(event);
        }
    }

    /// When [`Control::tend`] has something to do.
    pub(super) fn tending_due(&self) -> Option<Instant> {
        let watchdogs = self.lives.values().filter(|live| !live.reported).map(|live| live.built_at + FIRST_PICTURE_WITHIN);
        let playing = self.lives.values().filter(|live| live.playing).map(|live| match live.waiting_since {
            Some(_) => Instant::now() + WAITING_EVERY,
            None => self.position_due,
        });
        let pool = (self.pool_told.0 != self.pool.stats()).then(|| self.pool_told.1 + POOL_EVERY);
        watchdogs.chain(playing).chain(pool).min()
    }

    /// Tells the pool's figures when they changed, `anyway` even when they were told a moment ago.
    pub(super) fn tell_pool(&mut self, now: Instant, anyway: bool) {
        let stats = self.pool.stats();
        if stats == self.pool_told.0 || (!anyway && now < self.pool_told.1 + POOL_EVERY) {
            return;
        }
        self.pool_told = (stats, now);
        let rows = self.pool.rows().into_iter().map(|(attempt, mut row)| {
            if let Some(live) = self.lives.get(&attempt) {
                row.decoder = live.chain.facts().decoder;
            }
            row
        });
        let rows = rows.collect();
        self.say(PlayerEvent::Pool { stats, rows });
    }
}

fn may_resume(live: &Live, waited: Duration) -> bool {
    if live.signals.starving_for().is_some() {
        return false;
    }
    let reader = &live.chain.reader;
    let from = live.signals.read_offset();
    let enough = RESUME_BYTES.min(reader.len().saturating_sub(from));
    reader.ready_from(from) >= enough || waited >= RESUME_ANYWAY_AFTER
}

fn overdue(live: &Live) -> Failure {
    let seconds = FIRST_PICTURE_WITHIN.as_secs();
    if live.signals.starving_for().is_some() {
        return Failure::new(FailureKind::Timeout, format!("The first picture did not come within {seconds} seconds."));
    }
    if live.chain.facts().has_video { fault::corrupt(format!("It gave no picture within {seconds} seconds.")) } else { fault::no_picture() }
}
