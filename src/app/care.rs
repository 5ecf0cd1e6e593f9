//! How the program is, and what follows: health is judged by the figures of each second, and a behaviour that is being
//! tried out is given up when a bound breaks.

use std::time::Duration;

use super::event::Effect;
use super::flags::{Flag, Flags, Served};
use super::model::Model;
use super::readying;
use super::tile::Phase;
use crate::feed::{Failure, FailureKind, ItemId};
use crate::metrics::{Health, Snapshot};

impl Model {
    /// Whether the program is well, as of the last look.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Which behaviours are switched on.
    #[must_use]
    pub fn flags(&self) -> &Flags {
        &self.flags
    }

    /// Videos that stand on a picture.
    #[must_use]
    pub fn ready_videos(&self) -> usize {
        self.tiles.values().filter(|tile| tile.phase == Phase::Ready).count()
    }
}

/// All figures at `now`: health is judged anew.
pub(super) fn looked(model: &mut Model, figures: &Snapshot, now: Duration, effects: &mut Vec<Effect>) {
    model.health.look(figures, now);
    let Some(breach) = model.health.breach() else { return };
    for flag in model.flags.roll_back(breach) {
        model.say(crate::words::notices::rolled_back(flag.about(), breach.words()), now);
        effects.push(Effect::RolledBack(flag, breach));
        switched_off(model, flag, now, effects);
    }
}

/// A feed service said which behaviours are to be tried out. What that switches off ends at once; what it switches on
/// begins with the next start, so that nothing changes under the viewer.
pub(super) fn served(model: &mut Model, served: Served, now: Duration, effects: &mut Vec<Effect>) {
    for flag in model.flags.serve(&served) {
        switched_off(model, flag, now, effects);
    }
    effects.push(Effect::RememberFlags(served));
}

fn switched_off(model: &mut Model, flag: Flag, now: Duration, effects: &mut Vec<Effect>) {
    match flag {
        Flag::PreloadPlusThree => readying::no_more(model, now, effects),
        // These are asked for wherever they matter.
        Flag::AutoSkipFailed | Flag::WideWindowEcho => {}
    }
}

/// The load of an item failed, unless it had been shown before: then it was no load. Without a connection every load
/// fails, which says nothing about the program; nor does what a machine that falls asleep leaves half done.
pub(super) fn load_failed(model: &mut Model, id: &ItemId, failure: &Failure) {
    let loading = model.tiles.get(id).is_some_and(|tile| matches!(tile.phase, Phase::Loading { .. }));
    if loading && !model.is_offline() && !model.presence.asleep {
        model.figures.loads.failed += 1;
        model.figures.loads.timed_out += u64::from(failure.kind == FailureKind::Timeout);
    }
}
