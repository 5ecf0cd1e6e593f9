//! What the control thread hears.
//!
//! Not a channel: each kind of news has one place that a later one of its kind joins or replaces, so no
//! streaming thread ever waits, nothing that matters is lost, and the whole is bounded by the number of
//! pipelines and of openings under way.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::audio::AudioOutput;
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
    /// Attempts whose [`Signals`](super::signals::Signals) have news.
    pub signalled: Vec<Attempt>,
    pub torn_down: Vec<Attempt>,
    /// There is a sound device again.
    pub sound: Option<AudioOutput>,
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

    /// A sound device was looked for and is there.
    pub fn found_sound(&self, output: AudioOutput) {
        self.with(|mail| mail.sound = Some(output));
    }

    /// A pipeline has news.
    pub fn signalled(&self, attempt: Attempt) {
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
