//! What can be lost while a clip plays and is got back by making its pipeline anew: the sound device, the decoder.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::audio::{AudioChoice, AudioOutput};
use super::control::Control;
use super::seeker::Seeker;
use crate::feed::Failure;
use crate::player::PlayerEvent;
use crate::player::pool::Attempt;

impl Control {
    /// The sound device went away: all goes on without one.
    pub(super) fn lose_sound(&mut self, attempt: Attempt, reason: &str) {
        tracing::warn!(reason, "the sound device is gone");
        if self.output() != AudioOutput::None {
            self.set_output(AudioOutput::None);
            self.say(PlayerEvent::AudioOutput(None));
        }
        self.seek_output();
        self.restart(attempt);
    }

    /// The decoder gave up or fell silent after it had played: it is made again once, and then believed.
    pub(super) fn lose_decoder(&mut self, attempt: Attempt, failure: Failure) {
        let Some(generation) = self.pool.generation(attempt) else {
            return;
        };
        if !self.restarts.allow(generation, Instant::now()) {
            return self.fail(attempt, failure);
        }
        tracing::warn!(generation = generation.0, causes = ?failure.causes, "a decoder stopped and is made again");
        self.restart(attempt);
    }

    /// Makes a pipeline anew, where it stands.
    fn restart(&mut self, attempt: Attempt) {
        let position = self.lives.get(&attempt).map(|live| live.signals.position());
        if let Some(generation) = self.pool.restart(attempt) {
            self.resume_at.extend(position.map(|position| (generation, position)));
        }
    }

    pub(super) fn output(&self) -> AudioOutput {
        *self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_output(&mut self, output: AudioOutput) {
        *self.output.lock().unwrap_or_else(PoisonError::into_inner) = output;
    }

    /// Has a sound device looked for as long as there is none and one is wanted.
    pub(super) fn seek_output(&mut self) {
        let wanted = self.output() == AudioOutput::None && self.options.audio != AudioChoice::Silent;
        if wanted && self.seeker.is_none() {
            let seeker = Seeker::start(self.options.audio, Arc::clone(&self.mailbox));
            self.seeker = seeker.inspect_err(|err| tracing::warn!(%err, "no thread that looks for a sound device")).ok();
        }
    }

    /// There is a sound device again. Pipelines that were made without one are made anew, where they stand.
    pub(super) fn found_output(&mut self, output: AudioOutput) {
        self.seeker = None;
        if self.output() != AudioOutput::None {
            return;
        }
        tracing::info!("there is a sound device again");
        self.set_output(output);
        self.say(PlayerEvent::AudioOutput(output.name()));
        let silent: Vec<_> = self.lives.iter().filter(|(_, live)| live.chain.facts().has_audio).map(|(attempt, _)| *attempt).collect();
        for attempt in silent {
            self.restart(attempt);
        }
    }
}
