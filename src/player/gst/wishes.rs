//! One-shot wishes, and how a clip is to be played, on their way to the pipelines.

use super::control::Control;
use super::slot::Jump;
use crate::player::{PlayerCommand, PlayerEvent, PlayerTarget};

impl Control {
    /// Carries out a wish; one for an assignment that is gone means nothing any more.
    pub(super) fn wish(&mut self, command: &PlayerCommand) {
        let (generation, jump) = match *command {
            PlayerCommand::Seek { generation, to, exact } => (generation, Some(Jump::To { to, exact })),
            PlayerCommand::Step { generation, forward } => (generation, Some(Jump::Step { forward })),
            PlayerCommand::Still { generation } => (generation, None),
            // The mailbox has told it apart.
            PlayerCommand::Shutdown => return,
        };
        let live = self.pool.attempt(generation).and_then(|attempt| self.lives.get_mut(&attempt));
        match (live, jump) {
            (Some(live), Some(jump)) => live.seek(jump),
            (Some(live), None) if live.reported => live.give_still(),
            (None, Some(_)) => {}
            (_, None) => self.say(PlayerEvent::Still { generation, still: None }),
        }
    }

    /// Takes over how clips are to be played.
    pub(super) fn set_manner(&mut self, target: &PlayerTarget) {
        let rate = if target.rate.is_finite() && target.rate > 0.0 { target.rate } else { 1.0 };
        self.manner = (rate, target.loops);
        for live in self.lives.values_mut() {
            live.set_manner(rate, target.loops);
        }
    }
}
