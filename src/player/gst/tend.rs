//! What the control thread does by the clock: positions, waiting for bytes, watchdogs.

use std::time::{Duration, Instant};

use super::control::Control;
use super::fault;
use super::slot::Live;
use crate::feed::{Failure, FailureKind};
use crate::player::PlayerEvent;
use crate::player::pool::Attempt;
use crate::player::watch::NoBeginning;
use crate::words::failures as words;

/// Positions are told four times a second.
const POSITION_EVERY: Duration = Duration::from_millis(250);
/// While playback waits for bytes they are looked for this often.
const WAITING_EVERY: Duration = Duration::from_millis(100);
/// No watchdog looks more often than this.
const LOOK_EVERY: Duration = Duration::from_millis(10);

impl Control {
    pub(super) fn tend(&mut self, now: Instant) {
        let frozen = self.tend_playing(now);
        let waited = self.options.patience.frozen;
        for attempt in frozen {
            self.lose_decoder(attempt, fault::decoder_lost(format!("No new picture came for {waited:?} while the clock ran.")));
        }
        let late = self.lives.iter().filter(|(_, live)| !live.reported).filter_map(|(attempt, live)| {
            let verdict = live.beginning(now).verdict(self.load_timeout, &self.options.patience)?;
            Some((*attempt, self.overdue(live, verdict)))
        });
        let late: Vec<_> = late.collect();
        for (attempt, failure) in late {
            self.fail(attempt, failure);
        }
    }

    /// Positions, and waits for bytes. Those whose picture is frozen.
    fn tend_playing(&mut self, now: Instant) -> Vec<Attempt> {
        let (mut said, mut frozen) = (Vec::new(), Vec::new());
        for (attempt, live) in self.lives.iter_mut().filter(|(_, live)| live.is_tended()) {
            let generation = live.generation;
            let (sight, supply) = live.look(now);
            if live.rebuffer.is_waiting() {
                if let Some(waited) = live.rebuffer.should_resume(&supply, now)
                    && live.chain.run(true)
                {
                    live.rebuffer.resumed(now);
                    said.push(PlayerEvent::Resumed { generation, waited });
                } else if now >= self.position_due {
                    said.push(PlayerEvent::Waiting { generation, in_hand: live.rebuffer.in_hand(&supply) });
                }
            } else if live.playing && live.rebuffer.should_stop(&supply) {
                // The clock stops too, so that sound and picture go on together.
                if live.chain.run(false) {
                    live.rebuffer.stopped(now);
                    said.push(PlayerEvent::Buffering { generation });
                }
            } else if sight.is_frozen(&self.options.patience) {
                frozen.push(*attempt);
            } else if live.playing && now >= self.position_due {
                said.push(PlayerEvent::Position { generation, position: live.position() });
            }
        }
        if now >= self.position_due {
            self.position_due = now + POSITION_EVERY;
        }
        for event in said {
            self.say(event);
        }
        frozen
    }

    /// When [`Control::tend`] has something to do.
    pub(super) fn tending_due(&self) -> Option<Instant> {
        let now = Instant::now();
        let beginnings = self.lives.values().filter(|live| !live.reported).map(|live| {
            // Not at once again, should the verdict wait for the clock's next tick.
            now + live.beginning(now).next_look(self.load_timeout, &self.options.patience).max(LOOK_EVERY)
        });
        let playing = self.lives.values().filter(|live| live.is_tended()).map(|live| {
            // Nobody is to look at a picture that stands without being told why.
            let soon = live.rebuffer.is_waiting() || live.signals.hunger().starving_for.is_some();
            if soon { self.position_due.min(now + WAITING_EVERY) } else { self.position_due }
        });
        beginnings.chain(playing).chain(self.telling_due()).min()
    }

    fn overdue(&self, live: &Live, verdict: NoBeginning) -> Failure {
        let (load, work) = (self.load_timeout, self.options.patience.first_picture);
        let too_late = |cause: String| Failure::new(FailureKind::Timeout, words::PICTURE_LATE).because(cause);
        match verdict {
            NoBeginning::NoBytes => too_late(format!("Not a byte came for {load:?}.")),
            NoBeginning::TooSlow => too_late("The bytes came too slowly.".to_owned()),
            NoBeginning::NoPicture if live.chain.facts().has_video => fault::corrupt(format!("It gave no picture within {work:?}.")),
            NoBeginning::NoPicture => fault::no_picture(),
        }
    }
}
