//! The gate by itself: what a person can follow, and random wishes, ends, silences and plans.

use proptest::prelude::*;

use super::*;

const SILENCE: Duration = Duration::from_millis(800);
const START: Duration = Duration::ZERO;

fn key(number: usize) -> CacheKey {
    CacheKey::new("test", &number.to_string(), "")
}

/// A gate with a plan of the media 0 (which is shown) to 9.
fn gate() -> Gate {
    let mut gate = Gate::new(SILENCE);
    gate.set_plan(Some(key(0)), (0..10).map(key));
    gate
}

#[test]
fn two_go_at_once_and_the_best_of_those_that_wait_goes_next() {
    let mut gate = gate();
    let first = gate.ask(key(5), false, false, START).unwrap();
    gate.ask(key(6), false, false, START).unwrap();
    for waiting in [9, 2, 77, 4] {
        assert_eq!(gate.ask(key(waiting), false, false, START), None);
    }
    assert_eq!(gate.next(false, START), None);
    gate.ended(first);
    assert_eq!(gate.next(false, START), Some(key(2)));
    assert_eq!(gate.ask(key(4), false, false, START), None, "one that comes by may not push in");
    gate.ask(key(2), false, false, START).unwrap();
    assert_eq!(gate.all_waiting(), [key(4), key(9), key(77)]);
}

#[test]
fn what_is_urgent_never_waits_and_holds_others_up_unless_the_line_is_fast() {
    let mut gate = gate();
    for _ in 0..3 {
        gate.ask(key(0), true, false, START).unwrap();
    }
    assert_eq!(gate.ask(key(1), false, false, START), None);
    assert_eq!(gate.next(false, START), None);
    assert_eq!(gate.next(true, START), Some(key(1)));
    gate.ask(key(1), false, true, START).unwrap();
    gate.ask(key(2), false, true, START).unwrap();
    assert_eq!(gate.ask(key(3), false, true, START), None, "two places are two on a fast line too");
}

#[test]
fn a_request_that_brings_nothing_holds_nobody_up_until_it_does() {
    let mut gate = gate();
    let urgent = gate.ask(key(0), true, false, START).unwrap();
    assert_eq!(gate.ask(key(1), false, false, START), None);
    assert_eq!(gate.look_again_at(START), Some(SILENCE));
    assert_eq!(gate.next(false, SILENCE), Some(key(1)));
    gate.progress(urgent, SILENCE);
    assert_eq!(gate.next(false, SILENCE), None);
    assert!(!gate.set_urgent(urgent, true));
    assert!(gate.set_urgent(urgent, false), "what was urgent is not any more");
    assert_eq!(gate.next(false, SILENCE), Some(key(1)));
    assert_eq!(gate.look_again_at(3 * SILENCE), None);
}

#[test]
fn a_media_is_held_back_while_it_waits_and_nothing_of_it_is_under_way() {
    let mut gate = gate();
    let head = gate.ask(key(1), false, false, START).unwrap();
    gate.ask(key(2), false, false, START).unwrap();
    gate.ask(key(1), false, false, START);
    gate.ask(key(3), false, false, START);
    assert!(!gate.is_held_back(&key(1)) && !gate.is_held_back(&key(2)) && gate.is_held_back(&key(3)));
    gate.ended(head);
    assert!(gate.is_held_back(&key(1)));
}

#[test]
fn among_equals_the_first_to_wait_goes_first() {
    let mut gate = Gate::new(SILENCE);
    let running: Vec<_> = (0..2).map(|number| gate.ask(key(number), false, false, START).unwrap()).collect();
    for number in [5, 3, 4] {
        assert_eq!(gate.ask(key(number), false, false, START), None);
    }
    gate.ended(running[0]);
    assert_eq!(gate.ask(key(3), false, false, START), None);
    assert!(gate.ask(key(5), false, false, START).is_some());
    assert_eq!(gate.all_waiting(), [key(3), key(4)]);
}

#[test]
fn a_new_plan_puts_those_that_wait_in_another_order() {
    let mut gate = gate();
    for number in 1..5 {
        gate.ask(key(number), false, false, START);
    }
    assert!(!gate.is_outranked(&key(1)));
    gate.set_plan(Some(key(4)), [4, 3, 2, 1].into_iter().map(key));
    assert_eq!(gate.all_waiting(), [key(4), key(3)]);
    assert!(gate.is_outranked(&key(1)));
    assert!(gate.is_current(&key(4)) && !gate.is_current(&key(0)));
    gate.wants_nothing(&key(4));
    assert_eq!(gate.all_waiting(), [key(3)]);
}

/// What happens to a gate.
#[derive(Clone, Debug)]
enum Step {
    /// A media asks, urgently or not.
    Ask(usize, bool),
    /// One of those under way brings something.
    Progress(prop::sample::Index, bool),
    /// One of those under way ends.
    End(prop::sample::Index),
    /// So many milliseconds go by.
    Wait(u64),
    /// A plan of some of the media, in some order.
    Plan(Vec<usize>),
    /// A media wants nothing more.
    Withdraw(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..8_usize, any::<bool>()).prop_map(|(key, urgent)| Step::Ask(key, urgent)),
        3 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(which, urgent)| Step::Progress(which, urgent)),
        4 => any::<prop::sample::Index>().prop_map(Step::End),
        2 => (1..1000_u64).prop_map(Step::Wait),
        1 => proptest::collection::vec(0..8_usize, 0..8).prop_map(Step::Plan),
        1 => (0..8_usize).prop_map(Step::Withdraw),
    ];
    proptest::collection::vec(step, 1..120)
}

/// A gate as those use it who wait in it: whenever something has changed, all that may go, go.
struct Model {
    gate: Gate,
    now: Duration,
    fast: bool,
    /// What was let go, by number: whether it is urgent, and when it last brought something.
    running: Vec<(u64, bool, Duration)>,
    plan: Vec<usize>,
}

impl Model {
    fn lively(&self) -> impl Iterator<Item = &(u64, bool, Duration)> {
        self.running.iter().filter(|(_, _, last)| self.now < *last + SILENCE)
    }

    fn rank(&self, of: &CacheKey) -> usize {
        self.plan.iter().position(|number| key(*number) == *of).unwrap_or(usize::MAX)
    }

    fn ask(&mut self, of: CacheKey, urgent: bool) -> Result<(), TestCaseError> {
        let lively = self.lively().filter(|(_, urgent, _)| !urgent).count();
        let held_up = !self.fast && self.lively().any(|(_, urgent, _)| *urgent);
        let best = self.gate.all_waiting().iter().all(|other| self.rank(&of) <= self.rank(other));
        let Some(id) = self.gate.ask(of, urgent, self.fast, self.now) else {
            prop_assert!(!urgent, "what is urgent waited");
            prop_assert!(self.gate.all_waiting().contains(&of));
            return Ok(());
        };
        if !urgent {
            prop_assert!(lively < PLACES, "a third one went");
            prop_assert!(!held_up, "one went while what plays is short of bytes");
            prop_assert!(best, "one went before a better one");
        }
        self.running.push((id, urgent, self.now));
        Ok(())
    }

    fn pump(&mut self) -> Result<(), TestCaseError> {
        while let Some(next) = self.gate.next(self.fast, self.now) {
            let waiting = self.gate.waiting();
            self.ask(next, false)?;
            prop_assert!(self.gate.waiting() < waiting, "one that may go did not");
        }
        Ok(())
    }

    fn take(&mut self, which: prop::sample::Index) -> Option<(u64, bool, Duration)> {
        (!self.running.is_empty()).then(|| self.running.remove(which.index(self.running.len())))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_more_than_two_go_the_best_goes_first_and_nobody_waits_for_ever(steps in steps(), fast in any::<bool>()) {
        let mut model = Model { gate: Gate::new(SILENCE), now: START, fast, running: Vec::new(), plan: Vec::new() };
        for step in steps {
            match step {
                Step::Ask(number, urgent) => model.ask(key(number), urgent)?,
                Step::Progress(which, urgent) => {
                    if let Some((id, _, _)) = model.take(which) {
                        model.gate.progress(id, model.now);
                        model.gate.set_urgent(id, urgent);
                        model.running.push((id, urgent, model.now));
                    }
                }
                Step::End(which) => {
                    if let Some((id, _, _)) = model.take(which) {
                        model.gate.ended(id);
                    }
                }
                Step::Wait(ms) => model.now += Duration::from_millis(ms),
                Step::Plan(plan) => {
                    model.gate.set_plan(plan.first().copied().map(key), plan.iter().copied().map(key));
                    model.plan = plan;
                }
                Step::Withdraw(number) => model.gate.wants_nothing(&key(number)),
            }
            model.pump()?;
            // Whoever waits can say when it will be worth looking again.
            prop_assert!(model.gate.waiting() == 0 || model.gate.look_again_at(model.now).is_some());
        }
        // Everything that is under way ends or falls silent: all that waited have gone.
        while model.gate.waiting() > 0 {
            let waiting = model.gate.waiting();
            match model.running.pop() {
                Some((id, _, _)) => model.gate.ended(id),
                None => prop_assert!(false, "{waiting} wait for nothing"),
            }
            model.pump()?;
        }
        model.now += SILENCE;
        prop_assert_eq!(model.gate.look_again_at(model.now), None);
    }
}
