//! The preload plan: a target stage for each item near the current one. Pure.

mod conditions;

use std::ops::Range;

pub use conditions::{Conditions, Connectivity, Link, LinkKind, Memory, Power};

/// What an item should be ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its first bytes on disk.
    Head,
    /// A pipeline that stands on its first picture.
    Prerolled,
    /// The one that is shown.
    Current,
}

/// How far to look ahead and behind, in items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Items after the current one that are prerolled.
    pub ahead: usize,
    /// Items before the current one that are prerolled.
    pub behind: usize,
    /// Items beyond the prerolled ones, forward, whose head is fetched.
    pub heads: usize,
}

impl Default for Window {
    /// −1 … +2 prerolled (requirement A1), and the heads of two more.
    fn default() -> Self {
        Self { ahead: 2, behind: 1, heads: 2 }
    }
}

impl Window {
    /// Items that are prerolled at once, the current one included.
    #[must_use]
    pub fn prerolled(&self) -> usize {
        self.ahead + 1 + self.behind
    }
}

/// The plan around `index` in a list of `len` items, the most urgent first: the current item, then the next,
/// the one before, the one after the next, and so on outward; heads last. An index past the end (the tail
/// tile) plans what lies before it.
#[must_use]
pub fn plan(index: usize, len: usize, window: Window) -> Vec<(usize, Stage)> {
    let mut plan = Vec::with_capacity(window.prerolled() + window.heads);
    if index < len {
        plan.push((index, Stage::Current));
    }
    for distance in 1..=window.ahead.max(window.behind) {
        if distance <= window.ahead && index + distance < len {
            plan.push((index + distance, Stage::Prerolled));
        }
        if distance <= window.behind && distance <= index && index - distance < len {
            plan.push((index - distance, Stage::Prerolled));
        }
    }
    let heads: Range<usize> = index + window.ahead + 1..index + window.ahead + 1 + window.heads;
    plan.extend(heads.filter(|&at| at < len).map(|at| (at, Stage::Head)));
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_reaches_one_back_and_two_ahead_with_the_current_first() {
        let plan = plan(5, 100, Window::default());
        assert_eq!(
            plan,
            [(5, Stage::Current), (6, Stage::Prerolled), (4, Stage::Prerolled), (7, Stage::Prerolled), (8, Stage::Head), (9, Stage::Head),]
        );
    }

    #[test]
    fn the_edges_of_the_list_are_not_crossed() {
        assert_eq!(plan(0, 2, Window::default()), [(0, Stage::Current), (1, Stage::Prerolled)]);
        assert_eq!(plan(2, 2, Window::default()), [(1, Stage::Prerolled)]);
        assert!(plan(0, 0, Window::default()).is_empty());
    }

    #[test]
    fn a_wider_window_prerolls_outward_from_the_current_item() {
        let window = Window { ahead: 3, behind: 1, heads: 0 };
        let order: Vec<_> = plan(4, 9, window).into_iter().map(|(at, _)| at).collect();
        assert_eq!(order, [4, 5, 3, 6, 7]);
    }
}
