//! The preload plan: a target stage for each item near the current one, by what the network, the machine and the
//! swiping allow. Pure.

mod allowance;
mod conditions;
mod pace;
mod profile;

use std::time::Duration;

pub use allowance::{BATTERY_LOW_PERCENT, Limit, Squeeze, power_limit};
pub use conditions::{Conditions, Connectivity, Link, LinkKind, Memory, Power};
pub use pace::{Direction, Pace};
pub use profile::{Chooser, Profile, Reason};

/// What an item should be ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Length and kind known: its first block on disk.
    Metadata,
    /// What its start needs on disk.
    Head,
    /// A pipeline that stands on its first picture.
    Prerolled,
    /// The one that is shown.
    Current,
}

/// How far to look ahead and behind, in items. Ahead is where the swiping goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Items after the current one that are prerolled.
    pub ahead: usize,
    /// Items before the current one that are prerolled.
    pub behind: usize,
    /// Items beyond the prerolled ones, ahead, whose head is fetched.
    pub heads: usize,
    /// Items beyond those of which only length and kind are looked at.
    pub metadata: usize,
}

impl Default for Window {
    /// −1 … +2 prerolled (requirement A1), the heads of two more, and a look at another two.
    fn default() -> Self {
        Profile::Wifi.window()
    }
}

impl Window {
    /// Nothing but the current item.
    pub const NONE: Self = Self { ahead: 0, behind: 0, heads: 0, metadata: 0 };

    /// Items that are prerolled at once, the current one included.
    #[must_use]
    pub fn prerolled(&self) -> usize {
        self.ahead + 1 + self.behind
    }

    /// The lesser of both, each way.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            ahead: self.ahead.min(other.ahead),
            behind: self.behind.min(other.behind),
            heads: self.heads.min(other.heads),
            metadata: self.metadata.min(other.metadata),
        }
    }
}

/// Items right ahead that are given up at most, however fast somebody swipes.
const PASSED_MAX: usize = 3;

/// How many of the items right ahead will have been passed before they could be ready, when there is a swipe every
/// `gap` and an item takes `ready_in` to be ready.
#[must_use]
pub fn passed_in_vain(gap: Option<Duration>, ready_in: Option<Duration>) -> usize {
    let (Some(gap), Some(ready_in)) = (gap.filter(|gap| !gap.is_zero()), ready_in) else { return 0 };
    // The item at distance d comes after d gaps and is left after one more.
    let left_after = |distance: usize| gap * u32::try_from(distance + 1).unwrap_or(u32::MAX);
    (1..=PASSED_MAX).take_while(|&distance| left_after(distance) < ready_in).count()
}

/// Where we are in a list, and what is allowed there.
pub struct Here<'a> {
    /// The position; past the end: the tail tile, and what lies before it is planned.
    pub index: usize,
    /// Items in the list.
    pub len: usize,
    /// How far to look.
    pub window: Window,
    /// Where ahead is.
    pub direction: Direction,
    /// Items right ahead that will be passed before they could be ready.
    pub passed: usize,
    /// Whether the item at a position stands ready already: it is never given up for being passed.
    pub ready: &'a dyn Fn(usize) -> bool,
}

/// The plan, the most urgent first: the current item, then the next, the one before, the one after the next, and so
/// on outward; then heads, then those of which only the metadata is wanted.
#[must_use]
pub fn plan(here: &Here<'_>) -> Vec<(usize, Stage)> {
    let &Here { index, len, window, direction, passed, ready } = here;
    let at = |forward: bool, distance: usize| {
        let place = if forward { index.checked_add(distance) } else { index.checked_sub(distance) };
        place.filter(|&place| place < len)
    };
    let ahead = |distance| at(direction == Direction::Forward, distance);
    let behind = |distance| at(direction == Direction::Backward, distance);
    let mut plan = Vec::with_capacity(window.prerolled() + window.heads + window.metadata);
    plan.extend(at(true, 0).map(|index| (index, Stage::Current)));
    let reach = if window.ahead == 0 { 0 } else { window.ahead + passed };
    let mut left = window.ahead;
    for distance in 1..=reach.max(window.behind) {
        if let Some(index) = ahead(distance).filter(|&index| left > 0 && distance <= reach && (distance > passed || ready(index))) {
            plan.push((index, Stage::Prerolled));
            left -= 1;
        }
        plan.extend(behind(distance).filter(|_| distance <= window.behind).map(|index| (index, Stage::Prerolled)));
    }
    let heads = reach + 1..reach + 1 + window.heads;
    let metadata = heads.end..heads.end + window.metadata;
    plan.extend(heads.filter_map(ahead).map(|index| (index, Stage::Head)));
    plan.extend(metadata.filter_map(ahead).map(|index| (index, Stage::Metadata)));
    plan
}

#[cfg(test)]
mod tests;
