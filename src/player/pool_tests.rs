//! The pool's books under ordinary and under arbitrary sequences of targets and answers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn want(generation: u64, playing: bool) -> Want {
    Want { generation: Generation(generation), playing }
}

fn wants(generations: &[u64]) -> Vec<Want> {
    // The first one plays.
    generations.iter().enumerate().map(|(rank, generation)| want(*generation, rank == 0)).collect()
}

/// Carries out everything at once; attempts by generation.
fn settle(pool: &mut Pool, attempts: &mut BTreeMap<u64, Attempt>) -> Vec<Action> {
    let mut done = Vec::new();
    loop {
        let actions = pool.actions();
        if actions.is_empty() {
            return done;
        }
        for action in &actions {
            match *action {
                Action::Open { attempt, generation } => {
                    attempts.insert(generation.0, attempt);
                    pool.opened(attempt);
                }
                Action::Build(attempt) => {
                    pool.prerolled(attempt);
                }
                _ => {}
            }
        }
        done.extend(actions);
    }
}

#[test]
fn the_current_item_is_opened_built_and_played_first() {
    let (mut pool, mut attempts) = (Pool::new(6), BTreeMap::new());
    pool.set_target(&wants(&[7, 8, 6]));
    let done = settle(&mut pool, &mut attempts);
    assert_eq!(done[0], Action::Open { attempt: attempts[&7], generation: Generation(7) });
    assert_eq!(done.iter().find(|action| matches!(action, Action::Build(_))), Some(&Action::Build(attempts[&7])));
    assert_eq!(done.last(), Some(&Action::Play(attempts[&7])));
    let stats = pool.stats();
    assert_eq!((stats.playing, stats.prerolled, stats.live()), (1, 2, 3));
}

/// A pool of these items, all of them standing.
fn standing(budget: usize, generations: &[u64]) -> Pool {
    let mut pool = Pool::new(budget);
    pool.set_target(&wants(generations));
    settle(&mut pool, &mut BTreeMap::new());
    pool
}

#[test]
fn small_pictures_have_a_place_that_items_leave_and_only_one() {
    let mut pool = standing(4, &[7, 8, 6]);
    assert_eq!(pool.preview(Generation(8)), None, "of the current item alone");
    let attempt = pool.preview(Generation(7)).unwrap();
    assert_eq!(pool.preview(Generation(7)), None);
    assert_eq!((pool.stats().previews, pool.stats().live(), pool.stats().peak), (1, 4, 4));
    assert_eq!(pool.rows().last().map(|(of, row)| (*of, row.stage)), Some((attempt, "preview")));
    pool.end_preview();
    assert_eq!(pool.actions(), [Action::Release(attempt)]);
    assert_eq!(pool.stats().live(), 4, "it counts until it is gone");
    pool.torn_down(attempt);
    assert_eq!(pool.stats().live(), 3);
    assert_eq!(standing(3, &[7, 8, 6]).preview(Generation(7)), None);
}

#[test]
fn small_pictures_give_way_to_an_item_at_once_and_no_item_to_them() {
    let mut pool = standing(4, &[7, 8, 6]);
    let preview = pool.preview(Generation(7)).unwrap();
    pool.set_target(&wants(&[7, 8, 6, 9]));
    let Some(Action::Open { attempt, .. }) = pool.actions().pop() else { panic!("it is opened") };
    pool.opened(attempt);
    assert_eq!(pool.actions(), [Action::Release(preview)], "none of the items");
    assert_eq!(pool.preview(Generation(7)), None, "an item waits for the place");
    pool.torn_down(preview);
    assert_eq!(pool.actions(), [Action::Build(attempt)]);
}

#[test]
fn a_swipe_ends_small_pictures_when_its_first_frames_are_painted() {
    let mut pool = standing(6, &[7, 8, 6]);
    let attempt = pool.preview(Generation(7)).unwrap();
    pool.set_target(&wants(&[7, 8]));
    assert!(!pool.actions().contains(&Action::Release(attempt)), "it is the same item");
    pool.set_target(&wants(&[8, 7]));
    pool.hold(true);
    assert!(!pool.actions().contains(&Action::Release(attempt)));
    pool.hold(false);
    assert!(pool.actions().contains(&Action::Release(attempt)));
}

#[test]
fn while_held_the_winner_plays_and_nothing_is_made_or_ended() {
    let (mut pool, mut attempts) = (Pool::new(6), BTreeMap::new());
    pool.set_target(&wants(&[7, 8, 6]));
    settle(&mut pool, &mut attempts);
    pool.set_target(&wants(&[8, 9, 7]));
    pool.hold(true);
    let done = pool.actions();
    assert_eq!(done, [Action::Silence(attempts[&7]), Action::Play(attempts[&8]), Action::Pause(attempts[&7])]);
    assert_eq!(pool.actions(), []);
    // A second swipe, out of the window of the first.
    pool.set_target(&wants(&[9, 10]));
    assert_eq!(pool.actions(), [Action::Silence(attempts[&8]), Action::Pause(attempts[&8])]);
    assert_eq!(pool.actions(), []);
    pool.set_target(&wants(&[8, 9, 7]));
    pool.hold(false);
    let done = settle(&mut pool, &mut attempts);
    assert!(done.contains(&Action::Release(attempts[&6])) && done.contains(&Action::Build(attempts[&9])), "{done:?}");
}

#[test]
fn a_swipe_silences_the_loser_then_plays_the_winner_then_pauses_the_loser() {
    let (mut pool, mut attempts) = (Pool::new(6), BTreeMap::new());
    pool.set_target(&wants(&[1, 2]));
    settle(&mut pool, &mut attempts);
    pool.set_target(&wants(&[2, 1]));
    let (old, new) = (attempts[&1], attempts[&2]);
    assert_eq!(pool.actions(), [Action::Silence(old), Action::Play(new), Action::Pause(old)]);
}

#[test]
fn a_loser_that_left_the_window_is_silenced_before_the_winner_plays() {
    let (mut pool, mut attempts) = (Pool::new(6), BTreeMap::new());
    pool.set_target(&wants(&[1, 2]));
    settle(&mut pool, &mut attempts);
    pool.set_target(&wants(&[2]));
    let (old, new) = (attempts[&1], attempts[&2]);
    assert_eq!(pool.actions(), [Action::Silence(old), Action::Play(new), Action::Release(old)]);
}

#[test]
fn a_pipeline_counts_until_its_teardown_is_reported() {
    let (mut pool, mut attempts) = (Pool::new(2), BTreeMap::new());
    pool.set_target(&wants(&[1, 2]));
    settle(&mut pool, &mut attempts);
    pool.set_target(&wants(&[3, 4]));
    let done = settle(&mut pool, &mut attempts);
    assert!(!done.iter().any(|action| matches!(action, Action::Build(_))), "{done:?}");
    assert_eq!(pool.stats().tearing_down, 2);
    pool.torn_down(attempts[&1]);
    // The first free place is the current item's.
    assert_eq!(pool.actions(), [Action::Build(attempts[&3])]);
}

#[test]
fn the_current_item_takes_the_place_of_the_least_urgent_one() {
    let (mut pool, mut attempts) = (Pool::new(2), BTreeMap::new());
    pool.set_target(&wants(&[1, 2]));
    settle(&mut pool, &mut attempts);
    pool.set_target(&[want(3, true), want(1, false), want(2, false)]);
    let done = settle(&mut pool, &mut attempts);
    assert!(done.contains(&Action::Release(attempts[&2])) && !done.contains(&Action::Release(attempts[&1])), "{done:?}");
    pool.torn_down(attempts[&2]);
    assert_eq!(settle(&mut pool, &mut attempts), [Action::Build(attempts[&3]), Action::Play(attempts[&3])]);
}

#[test]
fn an_answer_to_an_attempt_that_was_given_up_is_refused() {
    let mut pool = Pool::new(6);
    pool.set_target(&wants(&[1]));
    let [Action::Open { attempt, .. }] = pool.actions()[..] else { panic!() };
    pool.set_target(&[]);
    assert_eq!(pool.actions(), [Action::Cancel(attempt)]);
    pool.set_target(&wants(&[1]));
    let [Action::Open { attempt: again, .. }] = pool.actions()[..] else { panic!() };
    assert_ne!(attempt, again);
    assert!(!pool.opened(attempt) && !pool.prerolled(attempt) && pool.failed(attempt).is_none());
    assert!(pool.opened(again));
}

#[test]
fn a_failed_item_stays_failed_until_it_is_assigned_anew() {
    let (mut pool, mut attempts) = (Pool::new(6), BTreeMap::new());
    pool.set_target(&wants(&[1, 2]));
    settle(&mut pool, &mut attempts);
    let failed = attempts[&1];
    assert_eq!(pool.failed(failed), Some(Generation(1)));
    assert_eq!(pool.actions(), [Action::Silence(failed), Action::Release(failed)]);
    pool.set_target(&wants(&[1, 2]));
    assert!(pool.actions().is_empty());
    pool.set_target(&wants(&[3, 2]));
    assert!(matches!(pool.actions()[..], [Action::Open { generation: Generation(3), .. }]));
}

#[test]
fn a_restarted_item_is_opened_again_and_plays_on() {
    let (mut pool, mut attempts) = (Pool::new(6), BTreeMap::new());
    pool.set_target(&wants(&[1]));
    settle(&mut pool, &mut attempts);
    let old = attempts[&1];
    pool.restart(old);
    let done = settle(&mut pool, &mut attempts);
    assert!(done.contains(&Action::Release(old)) && done.contains(&Action::Play(attempts[&1])), "{done:?}");
}

#[test]
fn a_stuck_teardown_gives_its_place_back_and_is_counted() {
    let (mut pool, mut attempts) = (Pool::new(1), BTreeMap::new());
    pool.set_target(&wants(&[1]));
    settle(&mut pool, &mut attempts);
    pool.set_target(&wants(&[2]));
    settle(&mut pool, &mut attempts);
    assert_eq!(pool.stats().tearing_down, 1);
    pool.abandoned(attempts[&1]);
    assert!(settle(&mut pool, &mut attempts).contains(&Action::Build(attempts[&2])));
    assert_eq!(pool.stats().stuck, 1);
}

/// Something that happens to the pool.
#[derive(Clone, Debug)]
enum Happening {
    Target { first: u64, count: u64, playing: bool },
    Opened(usize),
    Prerolled(usize),
    Failed(usize),
    Restart(usize),
    TornDown(usize),
    Stuck(usize),
    Hold(bool),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let which = 0..8_usize;
    let one = prop_oneof![
        4 => (0..12_u64, 0..6_u64, any::<bool>()).prop_map(|(first, count, playing)| Happening::Target { first, count, playing }),
        6 => which.clone().prop_map(Happening::Opened),
        6 => which.clone().prop_map(Happening::Prerolled),
        1 => which.clone().prop_map(Happening::Failed),
        1 => which.clone().prop_map(Happening::Restart),
        6 => which.clone().prop_map(Happening::TornDown),
        1 => which.prop_map(Happening::Stuck),
        2 => any::<bool>().prop_map(Happening::Hold),
    ];
    proptest::collection::vec(one, 0..120)
}

/// The world outside the pool: what it was told to do and has not answered yet.
#[derive(Default)]
struct World {
    opening: Vec<Attempt>,
    opened: Vec<Attempt>,
    prerolling: Vec<Attempt>,
    standing: Vec<Attempt>,
    playing: Vec<Attempt>,
    leaving: Vec<Attempt>,
    failed: Vec<Generation>,
    held: bool,
}

impl World {
    /// Whether nothing happens before somebody wants something else.
    fn is_quiet(&self) -> bool {
        !self.held && [&self.opening, &self.prerolling, &self.leaving].iter().all(|waiting| waiting.is_empty())
    }

    /// Whether the most urgent item plays, stands if that is all that is wanted, or has failed.
    fn is_served(&self, pool: &Pool, first: &Want) -> bool {
        let place = if first.playing { &self.playing } else { &self.standing };
        self.failed.contains(&first.generation) || pool.attempt(first.generation).is_some_and(|attempt| place.contains(&attempt))
    }

    /// One of those that are not on their way out; a pool that is held may know better.
    fn any(&self, which: usize) -> Option<Attempt> {
        [&self.opening, &self.opened, &self.prerolling, &self.standing, &self.playing].into_iter().flatten().nth(which).copied()
    }

    /// Everything that is under way comes to a good end.
    fn answer(&mut self, pool: &mut Pool) {
        for attempt in std::mem::take(&mut self.opening) {
            pool.opened(attempt);
            self.opened.push(attempt);
        }
        for attempt in std::mem::take(&mut self.prerolling) {
            pool.prerolled(attempt);
            self.standing.push(attempt);
        }
        for attempt in std::mem::take(&mut self.leaving) {
            pool.torn_down(attempt);
        }
    }

    fn live(&self) -> usize {
        self.prerolling.len() + self.standing.len() + self.playing.len() + self.leaving.len()
    }

    fn carry_out(&mut self, action: Action) {
        let take = |from: &mut Vec<Attempt>, attempt| {
            let before = from.len();
            from.retain(|other| *other != attempt);
            before - from.len()
        };
        match action {
            Action::Silence(attempt) => assert!(self.playing.contains(&attempt)),
            Action::Play(attempt) => {
                assert_eq!(take(&mut self.standing, attempt), 1);
                self.playing.push(attempt);
            }
            Action::Pause(attempt) => {
                assert_eq!(take(&mut self.playing, attempt), 1);
                self.standing.push(attempt);
            }
            Action::Cancel(attempt) => assert_eq!(take(&mut self.opening, attempt) + take(&mut self.opened, attempt), 1),
            Action::Release(attempt) => {
                let [a, b, c] = [&mut self.prerolling, &mut self.standing, &mut self.playing].map(|from| take(from, attempt));
                assert_eq!(a + b + c, 1);
                self.leaving.push(attempt);
            }
            Action::Build(attempt) => {
                assert_eq!(take(&mut self.opened, attempt), 1);
                self.prerolling.push(attempt);
            }
            Action::Open { attempt, .. } => self.opening.push(attempt),
        }
    }
}

fn pick(from: &mut Vec<Attempt>, which: usize) -> Option<Attempt> {
    (!from.is_empty()).then(|| from.remove(which % from.len()))
}

proptest! {
    #[test]
    fn the_budget_holds_and_the_last_target_is_reached_whatever_happens(budget in 1..8_usize, happenings in happenings()) {
        let (mut pool, mut world, mut target) = (Pool::new(budget), World::default(), Vec::new());
        for happening in happenings {
            match happening {
                Happening::Target { first, count, playing } => {
                    target = (first..first + count).map(|generation| want(generation, playing && generation == first)).collect();
                    world.failed.retain(|failed| target.iter().any(|wanted| wanted.generation == *failed));
                    pool.set_target(&target);
                }
                Happening::Opened(which) => if let Some(attempt) = pick(&mut world.opening, which) {
                    // One that is given up while the pool is held is cancelled later.
                    assert!(pool.opened(attempt) || world.held);
                    world.opened.push(attempt);
                },
                Happening::Prerolled(which) => if let Some(attempt) = pick(&mut world.prerolling, which) {
                    assert!(pool.prerolled(attempt) || world.held);
                    world.standing.push(attempt);
                },
                Happening::Failed(which) => if let Some(attempt) = world.any(which) { world.failed.extend(pool.failed(attempt)); },
                Happening::Restart(which) => if let Some(attempt) = world.any(which) { let _ = pool.restart(attempt); },
                Happening::TornDown(which) => if let Some(attempt) = pick(&mut world.leaving, which) { pool.torn_down(attempt); },
                Happening::Stuck(which) => if let Some(attempt) = pick(&mut world.leaving, which) { pool.abandoned(attempt); },
                Happening::Hold(held) => {
                    pool.hold(held);
                    world.held = held;
                }
            }
            for action in pool.actions() {
                world.carry_out(action);
                prop_assert!(world.playing.len() <= 2);
            }
            prop_assert!(world.live() <= budget);
            prop_assert!(world.playing.len() <= 1);
            prop_assert_eq!(pool.stats().live(), world.live());
            prop_assert!(pool.stats().peak <= budget);
            // Nobody else can move, so the current item must be there, or nobody will ever bring it.
            if world.is_quiet() && let Some(first) = target.first() {
                prop_assert!(world.is_served(&pool, first), "{:?} starves: {:?}", first, pool);
            }
        }
        // All that is under way comes to its end, and brings the current item.
        pool.hold(false);
        world.held = false;
        for _ in 0..200 {
            for action in pool.actions() {
                world.carry_out(action);
            }
            world.answer(&mut pool);
        }
        prop_assert!(world.is_quiet());
        if let Some(first) = target.first() {
            prop_assert!(world.is_served(&pool, first), "{:?} starves: {:?}", first, pool);
        }
        // A new round of assignments, and every answer comes: the target is reached.
        let fresh: Vec<_> = target.iter().map(|old| Want { generation: Generation(old.generation.0 + 100), ..*old }).collect();
        pool.set_target(&fresh);
        for _ in 0..200 {
            let actions = pool.actions();
            for action in actions {
                world.carry_out(action);
            }
            world.answer(&mut pool);
        }
        let reached = fresh.len().min(budget);
        prop_assert_eq!(world.live(), reached);
        prop_assert_eq!(world.playing.len(), usize::from(fresh.first().is_some_and(|first| first.playing)));
        for wanted in fresh.iter().take(reached) {
            let attempt = pool.attempt(wanted.generation);
            prop_assert!(attempt.is_some_and(|attempt| world.standing.contains(&attempt) || world.playing.contains(&attempt)));
        }
    }
}
