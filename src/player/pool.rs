//! Which item gets a pipeline, and which has to give its own back. Pure: it hears what happened and answers
//! with [`Action`]s; whoever owns the pipelines carries them out, in the order given.
//!
//! A pipeline counts against the budget from the moment it is built until its teardown is reported, so a
//! burst of swipes can never have more of them alive than allowed.

use super::{PipelineRow, PoolStats};
use crate::feed::Generation;

/// One try at readying one assignment. A released assignment that is wanted again gets a new one, so answers
/// to an earlier try are told apart even where the generation is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt(pub u64);

/// What is wanted of one assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// The assignment.
    pub generation: Generation,
    /// It should play.
    pub playing: bool,
}

/// Something to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make it unheard this moment; a pause or a release follows in the same list.
    Silence(Attempt),
    /// Let it play and be heard.
    Play(Attempt),
    /// Let it stand.
    Pause(Attempt),
    /// Give up an opening, or bytes that were opened and not used.
    Cancel(Attempt),
    /// Tear the pipeline down, and report [`Pool::torn_down`] once it is gone.
    Release(Attempt),
    /// Build a pipeline from what was opened.
    Build(Attempt),
    /// Open the item's bytes.
    Open {
        /// The name of this try.
        attempt: Attempt,
        /// The assignment.
        generation: Generation,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing is there and nothing is asked for.
    Idle,
    /// The head of the file is on its way.
    Opening,
    /// The bytes are there; a place for the pipeline is not, yet.
    Opened,
    /// Built; no picture yet.
    Prerolling,
    /// Stands on a picture.
    Standing,
    /// Plays.
    Playing,
    /// Cannot play. Stays so until its generation changes.
    Failed,
}

impl Stage {
    fn has_pipeline(self) -> bool {
        matches!(self, Self::Prerolling | Self::Standing | Self::Playing)
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    want: Want,
    attempt: Attempt,
    stage: Stage,
    /// It has played before: it is paused rather than prerolled.
    played: bool,
}

/// The pool's books.
#[derive(Debug)]
pub struct Pool {
    budget: usize,
    /// By urgency, the most urgent first.
    slots: Vec<Slot>,
    /// Given up, to be told in the next actions.
    dropped: Vec<Slot>,
    /// The pipeline that makes small pictures of an assignment, and whether it is wanted no longer.
    preview: Option<(Attempt, Generation, bool)>,
    /// Pipelines on their way out, and for which assignment; a guest has none.
    leaving: Vec<(Attempt, Option<Generation>)>,
    stuck: usize,
    peak: usize,
    last_attempt: u64,
    /// Nothing is built, opened or torn down for now.
    held: bool,
}

impl Pool {
    /// An empty pool that never has more than `budget` pipelines (at least one).
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self {
            budget: budget.max(1),
            slots: Vec::new(),
            dropped: Vec::new(),
            preview: None,
            leaving: Vec::new(),
            stuck: 0,
            peak: 0,
            last_attempt: 0,
            held: false,
        }
    }

    /// Takes a new target, the most urgent first. The first entry that wants to play is the one that does.
    pub fn set_target(&mut self, wants: &[Want]) {
        let mut old = std::mem::take(&mut self.slots);
        let mut one_plays = false;
        for want in wants {
            if self.slots.iter().any(|slot| slot.want.generation == want.generation) {
                continue;
            }
            let want = Want { playing: want.playing && !one_plays, ..*want };
            one_plays |= want.playing;
            let slot = match old.iter().position(|slot| slot.want.generation == want.generation) {
                Some(at) => Slot { want, ..old.swap_remove(at) },
                None => Slot { want, attempt: Attempt(0), stage: Stage::Idle, played: false },
            };
            self.slots.push(slot);
        }
        self.dropped.extend(old);
        // Small pictures are made of the current item alone.
        if let Some((_, of, over)) = &mut self.preview {
            *over |= self.slots.first().is_none_or(|slot| slot.want.generation != *of);
        }
    }

    /// The bytes of an attempt are there. `false`: nobody waits for them any more.
    pub fn opened(&mut self, attempt: Attempt) -> bool {
        self.advance(attempt, &[Stage::Opening], Stage::Opened)
    }

    /// A pipeline stands on its first picture. `false`: it was given up meanwhile.
    pub fn prerolled(&mut self, attempt: Attempt) -> bool {
        self.advance(attempt, &[Stage::Prerolling], Stage::Standing)
    }

    /// An attempt cannot play; its pipeline, if it has one, is released by the next actions. The assignment
    /// it belonged to, or `None` when it was given up meanwhile.
    pub fn failed(&mut self, attempt: Attempt) -> Option<Generation> {
        self.leave(attempt, Stage::Failed)
    }

    /// An attempt has to be made afresh: its pipeline is released and the item opened again.
    pub fn restart(&mut self, attempt: Attempt) -> Option<Generation> {
        self.leave(attempt, Stage::Idle)
    }

    /// Counts a pipeline that belongs to no assignment; it is reported [`Pool::torn_down`] like the others.
    pub fn guest(&mut self) -> Attempt {
        self.last_attempt += 1;
        let attempt = Attempt(self.last_attempt);
        self.leaving.push((attempt, None));
        self.peak = self.peak.max(self.live());
        attempt
    }

    /// A place for a pipeline that makes small pictures of the most urgent assignment. `None`: of another one, or no place is
    /// left beside those that the items want.
    pub fn preview(&mut self, generation: Generation) -> Option<Attempt> {
        let is_first = self.slots.first().is_some_and(|slot| slot.want.generation == generation && slot.stage.has_pipeline());
        let waits = self.slots.iter().any(|slot| slot.stage == Stage::Opened);
        if !is_first || waits || self.held || self.preview.is_some() || self.live() >= self.budget {
            return None;
        }
        self.last_attempt += 1;
        let attempt = Attempt(self.last_attempt);
        self.preview = Some((attempt, generation, false));
        self.peak = self.peak.max(self.live());
        Some(attempt)
    }

    /// Small pictures are wanted no longer; the next actions release their pipeline.
    pub fn end_preview(&mut self) {
        if let Some((.., over)) = &mut self.preview {
            *over = true;
        }
    }

    /// A released pipeline is gone.
    pub fn torn_down(&mut self, attempt: Attempt) {
        self.leaving.retain(|(leaving, _)| *leaving != attempt);
    }

    /// A released pipeline gives no sign of life: it is written off, and its place is free.
    pub fn abandoned(&mut self, attempt: Attempt) {
        let before = self.leaving.len();
        self.torn_down(attempt);
        self.stuck += before - self.leaving.len();
    }

    /// The assignment of a living attempt.
    #[must_use]
    pub fn generation(&self, attempt: Attempt) -> Option<Generation> {
        self.find(attempt).map(|slot| slot.want.generation)
    }

    /// The living attempt of an assignment.
    #[must_use]
    pub fn attempt(&self, generation: Generation) -> Option<Attempt> {
        self.slots.iter().find(|slot| slot.want.generation == generation && slot.stage != Stage::Idle).map(|slot| slot.attempt)
    }

    /// Whether an attempt has been told to play and nothing else since.
    #[must_use]
    pub fn is_playing(&self, attempt: Attempt) -> bool {
        self.find(attempt).is_some_and(|slot| slot.stage == Stage::Playing)
    }

    /// Whether an attempt belongs to the most urgent assignment.
    #[must_use]
    pub fn is_first(&self, attempt: Attempt) -> bool {
        self.slots.first().is_some_and(|slot| slot.attempt == attempt)
    }

    /// While held, only playing and pausing is decided: making and ending pipelines waits.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// What has to be done now. Every action is taken as done: what fails is reported by [`Pool::failed`].
    pub fn actions(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        self.switch(&mut actions);
        if self.held {
            return actions;
        }
        self.release_dropped(&mut actions);
        self.release_preview(&mut actions);
        self.evict(&mut actions);
        self.build(&mut actions);
        self.open(&mut actions);
        self.peak = self.peak.max(self.live());
        actions
    }

    /// Counts by state.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        let count = |stages: &[Stage]| self.slots.iter().filter(|slot| stages.contains(&slot.stage)).count();
        PoolStats {
            opening: count(&[Stage::Opening, Stage::Opened]),
            prerolling: count(&[Stage::Prerolling]),
            prerolled: count(&[Stage::Standing]),
            playing: count(&[Stage::Playing]),
            previews: usize::from(self.preview.is_some()),
            tearing_down: self.leaving.len() + self.given_up().count(),
            stuck: self.stuck,
            peak: self.peak,
            budget: self.budget,
            // What can be heard is not the pool's to say.
            audible: 0,
        }
    }

    /// One row for each item that has, or waits for, a pipeline, with its attempt.
    #[must_use]
    pub fn rows(&self) -> Vec<(Attempt, PipelineRow)> {
        let row = |attempt, generation, stage| (attempt, PipelineRow { generation, stage, ..PipelineRow::default() });
        let slots = self.slots.iter().filter_map(|slot| {
            let stage = match slot.stage {
                Stage::Idle | Stage::Failed => return None,
                Stage::Opening | Stage::Opened => "opening",
                Stage::Prerolling => "prerolling",
                Stage::Standing if slot.played => "paused",
                Stage::Standing => "prerolled",
                Stage::Playing => "playing",
            };
            Some(row(slot.attempt, slot.want.generation, stage))
        });
        let leaving = self.leaving.iter().filter_map(|&(attempt, generation)| Some(row(attempt, generation?, "teardown")));
        let given_up = self.given_up().map(|slot| row(slot.attempt, slot.want.generation, "teardown"));
        let preview = self.preview.map(|(attempt, generation, _)| row(attempt, generation, "preview"));
        slots.chain(preview).chain(leaving).chain(given_up).collect()
    }

    /// Those with a pipeline that is still to be released, because the pool is held.
    fn given_up(&self) -> impl Iterator<Item = &Slot> {
        self.dropped.iter().filter(|slot| slot.stage.has_pipeline())
    }

    fn live(&self) -> usize {
        self.slots.iter().chain(&self.dropped).filter(|slot| slot.stage.has_pipeline()).count()
            + self.leaving.len()
            + usize::from(self.preview.is_some())
    }

    fn find(&self, attempt: Attempt) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.attempt == attempt && slot.stage != Stage::Idle)
    }

    fn advance(&mut self, attempt: Attempt, from: &[Stage], to: Stage) -> bool {
        let slot = self.slots.iter_mut().find(|slot| slot.attempt == attempt && from.contains(&slot.stage));
        if let Some(slot) = slot {
            slot.stage = to;
            return true;
        }
        false
    }

    fn leave(&mut self, attempt: Attempt, to: Stage) -> Option<Generation> {
        let slot = self.slots.iter_mut().find(|slot| slot.attempt == attempt && !matches!(slot.stage, Stage::Idle | Stage::Failed))?;
        let generation = slot.want.generation;
        self.dropped.push(*slot);
        slot.stage = to;
        Some(generation)
    }

    /// The loser goes silent, the winner starts, the loser is paused: in this order nothing is heard twice
    /// and the winner does not wait for the loser.
    fn switch(&mut self, actions: &mut Vec<Action>) {
        let losers = |slot: &&Slot| slot.stage == Stage::Playing;
        actions.extend(self.dropped.iter().filter(losers).map(|slot| Action::Silence(slot.attempt)));
        actions.extend(self.slots.iter().filter(losers).filter(|slot| !slot.want.playing).map(|slot| Action::Silence(slot.attempt)));
        for slot in self.slots.iter_mut().filter(|slot| slot.want.playing && slot.stage == Stage::Standing) {
            slot.stage = Stage::Playing;
            slot.played = true;
            actions.push(Action::Play(slot.attempt));
        }
        for slot in self.slots.iter_mut().filter(|slot| !slot.want.playing && slot.stage == Stage::Playing) {
            slot.stage = Stage::Standing;
            actions.push(Action::Pause(slot.attempt));
        }
        // A loser that left the window is released in the same breath, unless that has to wait.
        for slot in self.dropped.iter_mut().filter(|slot| self.held && slot.stage == Stage::Playing) {
            slot.stage = Stage::Standing;
            actions.push(Action::Pause(slot.attempt));
        }
    }

    fn release_dropped(&mut self, actions: &mut Vec<Action>) {
        for slot in std::mem::take(&mut self.dropped) {
            match slot.stage {
                Stage::Idle | Stage::Failed => {}
                Stage::Opening | Stage::Opened => actions.push(Action::Cancel(slot.attempt)),
                Stage::Prerolling | Stage::Standing | Stage::Playing => {
                    self.leaving.push((slot.attempt, Some(slot.want.generation)));
                    actions.push(Action::Release(slot.attempt));
                }
            }
        }
    }

    /// Small pictures give way before any item does.
    fn release_preview(&mut self, actions: &mut Vec<Action>) {
        let opened = self.slots.iter().filter(|slot| slot.stage == Stage::Opened).count();
        let coming = self.budget.saturating_sub(self.live()) + self.leaving.len();
        if let Some((attempt, of, _)) = self.preview.take_if(|(.., over)| *over || opened > coming) {
            self.leaving.push((attempt, Some(of)));
            actions.push(Action::Release(attempt));
        }
    }

    /// Takes places from less urgent items, as many as the places already on their way out do not cover.
    fn evict(&mut self, actions: &mut Vec<Action>) {
        let mut coming = self.budget.saturating_sub(self.live()) + self.leaving.len();
        for rank in 0..self.slots.len() {
            if self.slots[rank].stage != Stage::Opened {
                continue;
            }
            if coming > 0 {
                coming -= 1;
                continue;
            }
            let Some(victim) = self.slots.iter_mut().skip(rank + 1).rev().find(|slot| slot.stage.has_pipeline() && !slot.want.playing)
            else {
                return;
            };
            self.leaving.push((victim.attempt, Some(victim.want.generation)));
            actions.push(Action::Release(victim.attempt));
            victim.stage = Stage::Idle;
        }
    }

    fn build(&mut self, actions: &mut Vec<Action>) {
        let mut free = self.budget.saturating_sub(self.live());
        for slot in self.slots.iter_mut().filter(|slot| slot.stage == Stage::Opened) {
            if free == 0 {
                return;
            }
            free -= 1;
            slot.stage = Stage::Prerolling;
            actions.push(Action::Build(slot.attempt));
        }
    }

    /// Opens what can hope for a place; the rest of the window is the preloader's business.
    fn open(&mut self, actions: &mut Vec<Action>) {
        for slot in self.slots.iter_mut().take(self.budget).filter(|slot| slot.stage == Stage::Idle) {
            self.last_attempt += 1;
            slot.attempt = Attempt(self.last_attempt);
            slot.stage = Stage::Opening;
            slot.played = false;
            actions.push(Action::Open { attempt: slot.attempt, generation: slot.want.generation });
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
