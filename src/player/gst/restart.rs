//! What can be lost while a clip plays and is got back by making its pipeline anew: the sound device, the decoder.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::audio::AudioOutput;
use super::control::Control;
use crate::feed::Failure;
use crate::player::PlayerEvent;
use crate::player::pool::Attempt;

/// Without a sound device, one is looked for no more often than this.
const SEEK_OUTPUT_EVERY: Duration = Duration::from_secs(5);

impl Control {
    /// The sound device went away: all goes on without one.
    pub(super) fn lose_sound(&mut self, attempt: Attempt, reason: &str) {
        tracing::warn!(reason, "the sound device is gone");
        if self.output() != AudioOutput::None {
            self.set_output(AudioOutput::None);
            self.say(PlayerEvent::AudioOutput(None));
        }
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
        self.output_sought = Instant::now();
    }

    /// A sound device may have come (back): the next pipelines use it.
    pub(super) fn seek_output(&mut self) {
        if self.output() != AudioOutput::None || self.output_sought.elapsed() < SEEK_OUTPUT_EVERY {
            return;
        }
        let output = AudioOutput::decide(self.options.audio);
        self.set_output(output);
        if output != AudioOutput::None {
            self.say(PlayerEvent::AudioOutput(output.name()));
        }
    }
}
