//! What is readied ahead: the plan with all that decides about it.

use std::collections::VecDeque;
use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use super::tile::Phase;
use super::update::assign;
use crate::player::{BUDGET_BEYOND_WINDOW, BUDGET_MAX};
use crate::preload::plan::{
    Chooser, Conditions, Connectivity, Direction, Here, Limit, LinkKind, Pace, Profile, Reason, Squeeze, Stage, Window, passed_in_vain,
    plan, power_limit,
};

/// Items beside the current one that may be prerolled: the budget without it and without those on their way out.
const NEIGHBOURS_MAX: usize = BUDGET_MAX - BUDGET_BEYOND_WINDOW - 1;
/// Times to readiness that are remembered.
const TIMES_KEPT: usize = 9;

/// What was asked for about readying ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preloading {
    /// A profile; `None`: chosen by what is known of the network.
    pub profile: Option<Profile>,
    /// Items after the current one that are prerolled; `None`: as the profile says.
    pub ahead: Option<usize>,
    /// Items before it.
    pub behind: Option<usize>,
    /// Items more after it than the best profile says, where no number was asked for.
    pub more: usize,
}

impl Preloading {
    /// The window of a profile. What was asked for holds for the profile that was asked for, and else for the
    /// best one: a narrow network narrows it.
    fn window(&self, profile: Profile) -> Window {
        let window = profile.window();
        if self.profile.is_none() && profile != Profile::Wifi {
            return window;
        }
        let more = if profile == Profile::Wifi { self.more } else { 0 };
        let ahead = self.ahead.unwrap_or(window.ahead + more).min(NEIGHBOURS_MAX);
        Window { ahead, behind: self.behind.unwrap_or(window.behind).min(NEIGHBOURS_MAX - ahead), ..window }
    }

    /// The widest window that may ever hold.
    #[must_use]
    pub fn widest(&self) -> Window {
        self.window(self.profile.unwrap_or(Profile::Wifi))
    }
}

/// All that decides about the plan.
#[derive(Clone, Debug)]
pub(super) struct Readying {
    asked: Preloading,
    chooser: Chooser,
    squeeze: Squeeze,
    pub(super) conditions: Conditions,
    /// Bits a second and the way there and back, as measured.
    pub(super) measured: (Option<u64>, Option<Duration>),
    pace: Pace,
    /// Items right ahead that will be passed before they could be ready.
    passed: usize,
    /// How long the last items took to be ready.
    times: VecDeque<Duration>,
    /// The viewer wants items readied whatever the battery says.
    pub(super) anyway: bool,
}

impl Readying {
    pub(super) fn new(asked: Preloading, anyway: bool) -> Self {
        Self {
            asked,
            chooser: Chooser::new(asked.profile),
            squeeze: Squeeze::default(),
            conditions: Conditions::default(),
            measured: (None, None),
            pace: Pace::default(),
            passed: 0,
            times: VecDeque::new(),
            anyway,
        }
    }

    /// The window that holds now.
    fn window(&self) -> Window {
        if self.power_limit().is_some() {
            return Window::NONE;
        }
        self.squeeze.cut(self.asked.window(self.chooser.profile()))
    }

    fn power_limit(&self) -> Option<Limit> {
        power_limit(self.conditions.power).filter(|_| !self.anyway)
    }

    /// How long an item takes to be ready: the median of the last ones.
    fn ready_in(&self) -> Option<Duration> {
        let mut times: Vec<_> = self.times.iter().collect();
        times.sort_unstable();
        times.get(times.len() / 2).map(|time| **time)
    }

    fn look_at_pace(&mut self, now: Duration) -> bool {
        let passed = passed_in_vain(self.pace.gap(now), self.ready_in());
        std::mem::replace(&mut self.passed, passed) != passed
    }
}

impl Model {
    /// What should be ready for what, as positions in the list, the most urgent first.
    pub(super) fn places_planned(&self) -> Vec<(usize, Stage)> {
        if self.is_looking() {
            // Where the viewer will be is not known yet.
            return Vec::new();
        }
        let items = self.feed.items();
        plan(&Here {
            index: self.feed.index(),
            len: items.len(),
            window: self.readying.window(),
            direction: self.readying.pace.direction(),
            passed: self.readying.passed,
            ready: &|at| items.get(at).and_then(|item| self.tiles.get(&item.id)).is_some_and(|tile| tile.phase == Phase::Ready),
        })
    }

    /// The window that holds now.
    #[must_use]
    pub fn window(&self) -> Window {
        self.readying.window()
    }

    /// The profile that holds, and why.
    #[must_use]
    pub fn profile(&self) -> (Profile, Reason) {
        (self.readying.chooser.profile(), self.readying.chooser.reason())
    }

    /// Why less is readied than the profile says.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        self.readying.power_limit().or(self.readying.squeeze.limit())
    }

    /// Whether nobody minds if more is fetched than the plan asks for.
    #[must_use]
    pub fn may_stock(&self) -> bool {
        let quick = matches!(self.readying.chooser.profile(), Profile::Wifi | Profile::Testing);
        let Conditions { power, link, .. } = self.readying.conditions;
        // A viewer who has what is near readied on battery has not asked for this.
        quick && self.limit().is_none() && power_limit(power).is_none() && link.metered != Some(true) && link.kind != LinkKind::Cellular
    }

    /// Whether items are readied although electric power is short, because the viewer wants it.
    #[must_use]
    pub fn readies_anyway(&self) -> bool {
        self.readying.anyway && power_limit(self.readying.conditions.power).is_some()
    }

    /// What the machine and its network allow.
    #[must_use]
    pub fn conditions(&self) -> &Conditions {
        &self.readying.conditions
    }

    /// What the line carries in bits a second, and how long it takes there and back, as far as measured.
    #[must_use]
    pub fn measured(&self) -> (Option<u64>, Option<Duration>) {
        self.readying.measured
    }

    /// Items right ahead that are not readied because they will have been passed before that.
    #[must_use]
    pub fn passed_in_vain(&self) -> usize {
        self.readying.passed
    }
}

/// A swipe from one position to another.
pub(super) fn moved(model: &mut Model, from: usize, to: usize, now: Duration) {
    let readying = &mut model.readying;
    if from.abs_diff(to) == 1 {
        readying.pace.moved(if to > from { Direction::Forward } else { Direction::Backward }, now);
    } else {
        readying.pace.jumped();
    }
    readying.look_at_pace(now);
}

/// An item that was assigned became ready.
pub(super) fn became_ready(model: &mut Model, took: Duration) {
    let times = &mut model.readying.times;
    if times.len() == TIMES_KEPT {
        times.pop_front();
    }
    times.push_back(took);
}

/// What the machine and its network allow is another thing now.
pub(super) fn conditions_changed(model: &mut Model, conditions: Conditions, now: Duration, effects: &mut Vec<Effect>) {
    let before = std::mem::replace(&mut model.readying.conditions, conditions);
    let reaches = |link: crate::preload::plan::Link| matches!(link.connectivity, Connectivity::Full);
    let another = before.link.kind != conditions.link.kind && before != Conditions::default();
    if another || reaches(conditions.link) && !reaches(before.link) && before.link.connectivity != Connectivity::Unknown {
        // What failed on the other network says nothing about this one.
        model.retries.clear();
    }
    model.readying.squeeze.observe(conditions.memory, now);
    network_changed(model, now, effects);
}

/// What is measured of the network is another thing now.
pub(super) fn measured(
    model: &mut Model,
    bits_per_second: Option<u64>,
    round_trip: Option<Duration>,
    now: Duration,
    effects: &mut Vec<Effect>,
) {
    model.readying.measured = (bits_per_second, round_trip);
    network_changed(model, now, effects);
}

fn network_changed(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let (bits_per_second, round_trip) = model.readying.measured;
    let link = model.readying.conditions.link;
    model.readying.chooser.observe(bits_per_second, round_trip, link, now);
    replan(model, now, effects);
}

/// The viewer wants items readied whatever the battery says, or no longer does.
pub(super) fn toggle_anyway(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    set_anyway(model, !model.readying.anyway, now, effects);
}

/// The viewer wants items readied whatever the battery says, or does not.
pub(super) fn set_anyway(model: &mut Model, anyway: bool, now: Duration, effects: &mut Vec<Effect>) {
    model.readying.anyway = anyway;
    replan(model, now, effects);
}

/// The viewer wants another profile; `None`: chosen by what is known of the network.
pub(super) fn ask_for(model: &mut Model, profile: Option<Profile>, now: Duration, effects: &mut Vec<Effect>) {
    model.readying.asked.profile = profile;
    model.readying.chooser = Chooser::new(profile);
    network_changed(model, now, effects);
}

/// No more items are readied than the profile says, from now on.
pub(super) fn no_more(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    model.readying.asked.more = 0;
    replan(model, now, effects);
}

/// Plans anew and says so.
pub(super) fn replan(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    assign(model, now);
    effects.extend([Effect::Target, Effect::Plan]);
}

/// What has become due with time: the pace is over, a step back from short memory, a measurement that has lasted.
pub(super) fn tick(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let due = |at: Option<Duration>| at.is_some_and(|at| at <= now);
    let readying = &mut model.readying;
    let mut changed = readying.passed > 0 && due(readying.pace.rests_at()) && readying.look_at_pace(now);
    changed |= due(readying.squeeze.changes_at()) && readying.squeeze.advance(now);
    if due(readying.chooser.changes_at()) {
        let (bits_per_second, round_trip) = readying.measured;
        changed |= readying.chooser.observe(bits_per_second, round_trip, readying.conditions.link, now);
    }
    if changed {
        replan(model, now, effects);
    }
}

/// When [`tick`] has something to do.
pub(super) fn due_at(model: &Model) -> impl Iterator<Item = Duration> {
    let readying = &model.readying;
    let pace = readying.pace.rests_at().filter(|_| readying.passed > 0);
    pace.into_iter().chain(readying.squeeze.changes_at()).chain(readying.chooser.changes_at())
}
