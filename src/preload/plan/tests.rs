//! What the plan says, by example and by property.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const WINDOW: Window = Window { ahead: 2, behind: 1, heads: 2, metadata: 1 };

fn here(index: usize, len: usize, window: Window) -> Here<'static> {
    Here { index, len, window, direction: Direction::Forward, passed: 0, ready: &|_| false }
}

fn prerolled(here: &Here<'_>) -> Vec<usize> {
    plan(here).into_iter().filter(|(_, stage)| *stage == Stage::Prerolled).map(|(at, _)| at).collect()
}

#[test]
fn the_window_reaches_one_back_and_two_ahead_with_the_current_first() {
    assert_eq!(
        plan(&here(5, 100, WINDOW)),
        [
            (5, Stage::Current),
            (6, Stage::Prerolled),
            (4, Stage::Prerolled),
            (7, Stage::Prerolled),
            (8, Stage::Head),
            (9, Stage::Head),
            (10, Stage::Metadata),
        ]
    );
}

#[test]
fn the_edges_of_the_list_are_not_crossed() {
    assert_eq!(plan(&here(0, 2, WINDOW)), [(0, Stage::Current), (1, Stage::Prerolled)]);
    assert_eq!(plan(&here(2, 2, WINDOW)), [(1, Stage::Prerolled)]);
    assert!(plan(&here(0, 0, WINDOW)).is_empty());
}

#[test]
fn who_swipes_back_has_the_window_behind_them() {
    let back = Here { direction: Direction::Backward, ..here(5, 100, WINDOW) };
    let all: Vec<_> = plan(&back).into_iter().map(|(at, _)| at).collect();
    assert_eq!(all, [5, 4, 6, 3, 2, 1, 0]);
}

#[test]
fn a_wider_window_prerolls_outward_from_the_current_item() {
    let window = Window { ahead: 3, behind: 1, heads: 0, metadata: 0 };
    let order: Vec<_> = plan(&here(4, 9, window)).into_iter().map(|(at, _)| at).collect();
    assert_eq!(order, [4, 5, 3, 6, 7]);
}

#[test]
fn nothing_is_readied_where_nothing_is_allowed() {
    assert_eq!(plan(&here(4, 9, Window::NONE)), [(4, Stage::Current)]);
    assert_eq!(plan(&Here { passed: 2, ..here(4, 9, Window::NONE) }), [(4, Stage::Current)]);
}

#[test]
fn what_will_be_passed_before_it_is_ready_is_left_out_unless_it_is_ready() {
    assert_eq!(prerolled(&Here { passed: 1, ..here(5, 100, WINDOW) }), [4, 7, 8]);
    assert_eq!(prerolled(&Here { passed: 1, ready: &|at| at == 6, ..here(5, 100, WINDOW) }), [6, 4, 7]);
}

#[test]
fn an_item_is_passed_in_vain_when_it_is_left_before_it_can_be_ready() {
    let ms = Duration::from_millis;
    let passed = |gap, ready_in| passed_in_vain(Some(ms(gap)), Some(ms(ready_in)));
    assert_eq!(passed(250, 100), 0, "ready before the first is even reached");
    assert_eq!(passed(250, 500), 0);
    assert_eq!(passed(250, 501), 1);
    assert_eq!(passed(250, 900), 2);
    assert_eq!(passed(250, 60_000), PASSED_MAX);
    assert_eq!(passed_in_vain(None, Some(ms(900))), 0);
    assert_eq!(passed_in_vain(Some(ms(250)), None), 0);
    assert_eq!(passed(0, 900), 0);
}

prop_compose! {
    fn windows()(ahead in 0..13_usize, behind in 0..13_usize, heads in 0..4_usize, metadata in 0..4_usize) -> Window {
        Window { ahead, behind: behind.min(12 - ahead.min(12)), heads, metadata }
    }
}

proptest! {
    #[test]
    fn whatever_the_window_each_item_is_planned_once_and_never_more_than_allowed(
        window in windows(), index in 0..40_usize, len in 0..40_usize, back: bool, passed in 0..=PASSED_MAX, ready in prop::collection::hash_set(0..40_usize, 0..6),
    ) {
        let direction = if back { Direction::Backward } else { Direction::Forward };
        let plan = plan(&Here { index, len, window, direction, passed, ready: &|at| ready.contains(&at) });
        let places: HashSet<_> = plan.iter().map(|(at, _)| at).collect();
        prop_assert_eq!(places.len(), plan.len());
        prop_assert!(plan.iter().all(|(at, _)| *at < len));
        prop_assert_eq!(plan.first().map(|(_, stage)| *stage) == Some(Stage::Current), index < len);
        let count = |stage| plan.iter().filter(|(_, planned)| *planned == stage).count();
        prop_assert!(count(Stage::Prerolled) <= window.ahead + window.behind);
        prop_assert!(count(Stage::Head) <= window.heads && count(Stage::Metadata) <= window.metadata);
        prop_assert!(plan.is_sorted_by(|(_, one), (_, other)| one >= other), "by urgency");
    }

    #[test]
    fn over_any_run_of_swipes_the_pace_is_bounded_and_ends(
        swipes in prop::collection::vec((any::<bool>(), 1..3000_u64), 1..60),
    ) {
        let mut pace = Pace::default();
        let mut now = Duration::ZERO;
        for (forward, wait) in swipes {
            now += Duration::from_millis(wait);
            pace.moved(if forward { Direction::Forward } else { Direction::Backward }, now);
            prop_assert!(pace.gap(now).is_none_or(|gap| gap <= Duration::from_millis(1200)));
            prop_assert!(passed_in_vain(pace.gap(now), Some(Duration::from_secs(100))) <= PASSED_MAX);
        }
        prop_assert!(pace.gap(now + Duration::from_secs(3)).is_none());
    }
}
