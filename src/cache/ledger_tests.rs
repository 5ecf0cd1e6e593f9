//! Tests of the books, most of all against a model.

use std::collections::HashMap;

use super::ledger::*;
use proptest::prelude::*;

const BASE: u64 = 10 * FS_BLOCK;
const CAP: u64 = BASE + 100 * FS_BLOCK;

fn hold(ledger: &mut Ledger, id: EntryId, bytes: u64) {
    assert_eq!(ledger.reserve(id, bytes), Reserve::Granted);
    ledger.commit(id, bytes);
}

#[test]
fn the_entry_used_least_recently_goes_first_and_enough_go_at_once() {
    let mut ledger = Ledger::new(CAP, BASE);
    for id in 1..=3 {
        hold(&mut ledger, id, 30 * FS_BLOCK);
    }
    ledger.pin(1);
    ledger.unpin(1);
    assert_eq!(ledger.reserve(4, 20 * FS_BLOCK), Reserve::Evict(vec![2]));
    ledger.removed(2);
    assert_eq!(ledger.reserve(4, 10 * FS_BLOCK), Reserve::Granted);
}

#[test]
fn what_is_in_use_stays_and_a_wish_that_cannot_be_met_evicts_nobody() {
    let mut ledger = Ledger::new(CAP, BASE);
    hold(&mut ledger, 1, 50 * FS_BLOCK);
    hold(&mut ledger, 2, 30 * FS_BLOCK);
    ledger.pin(1);
    assert_eq!(ledger.reserve(3, 60 * FS_BLOCK), Reserve::Refused);
    assert_eq!(ledger.reserve(3, 30 * FS_BLOCK), Reserve::Evict(vec![2]));
}

#[test]
fn a_lower_bound_is_met_before_anything_is_written() {
    let mut ledger = Ledger::new(CAP, BASE);
    for id in 1..=5 {
        ledger.adopt(id, 40 * FS_BLOCK, id);
    }
    for id in ledger.over_cap() {
        ledger.removed(id);
    }
    assert!(ledger.total() <= CAP);
    assert!(ledger.over_cap().is_empty());
    assert_eq!(ledger.seq(5), 5);
    assert_eq!(ledger.seq(1), 0);
}

#[test]
fn row_15_an_entry_of_the_whole_bound_fits_and_one_byte_more_does_not() {
    let ledger = Ledger::new(CAP, BASE);
    assert!(ledger.could_hold(100 * FS_BLOCK));
    assert!(!ledger.could_hold(100 * FS_BLOCK + 1));
    assert!(!ledger.could_hold(u64::MAX));
}

#[test]
fn what_was_fetched_ahead_goes_after_what_was_watched_and_only_as_far_as_it_has_to() {
    let mut ledger = Ledger::new(CAP, BASE);
    hold(&mut ledger, 1, 20 * FS_BLOCK);
    hold(&mut ledger, 2, 20 * FS_BLOCK);
    ledger.set_unwatched(1, true);
    ledger.set_unwatched(2, true);
    hold(&mut ledger, 3, 50 * FS_BLOCK);
    assert_eq!(ledger.reserve(4, 20 * FS_BLOCK), Reserve::Evict(vec![3]));
    ledger.removed(3);
    assert_eq!(ledger.reserve(4, 20 * FS_BLOCK), Reserve::Granted);
    ledger.commit(4, 20 * FS_BLOCK);
    ledger.pin(4);
    assert_eq!(ledger.reserve(5, 50 * FS_BLOCK), Reserve::Evict(vec![1]));
}

#[test]
fn what_was_fetched_ahead_gets_half_of_the_bound_until_it_is_watched() {
    let mut ledger = Ledger::new(CAP, BASE);
    hold(&mut ledger, 1, 0);
    ledger.set_unwatched(1, true);
    assert_eq!(ledger.reserve(1, CAP / 2), Reserve::Refused);
    hold(&mut ledger, 1, 50 * FS_BLOCK);
    hold(&mut ledger, 2, 0);
    ledger.set_unwatched(2, true);
    assert_eq!(ledger.reserve(2, 10 * FS_BLOCK), Reserve::Refused);
    ledger.set_unwatched(1, false);
    assert_eq!(ledger.reserve(2, 10 * FS_BLOCK), Reserve::Granted);
    ledger.abandon_unwatched();
    assert_eq!(ledger.sums().unwatched, 0);
    assert_eq!(ledger.reserve(2, 30 * FS_BLOCK), Reserve::Granted);
}

#[test]
fn what_a_person_keeps_stays() {
    let mut ledger = Ledger::new(CAP, BASE);
    hold(&mut ledger, 1, 60 * FS_BLOCK);
    ledger.set_kept(1, true);
    hold(&mut ledger, 2, 30 * FS_BLOCK);
    assert_eq!(ledger.reserve(3, 20 * FS_BLOCK), Reserve::Evict(vec![2]));
    ledger.removed(2);
    assert_eq!(ledger.reserve(3, 50 * FS_BLOCK), Reserve::Refused);
    ledger.set_kept(1, false);
    assert_eq!(ledger.reserve(3, 50 * FS_BLOCK), Reserve::Evict(vec![1]));
}

#[test]
fn row_26_equal_places_in_the_order_go_by_number() {
    let mut ledger = Ledger::new(CAP, BASE);
    for id in [3, 1, 2] {
        ledger.adopt(id, 30 * FS_BLOCK, 7);
    }
    assert_eq!(ledger.reserve(4, 40 * FS_BLOCK), Reserve::Evict(vec![1, 2]));
}

#[derive(Clone, Debug)]
enum Op {
    Reserve(EntryId, u64),
    Commit(EntryId, u64),
    Release(EntryId, u64),
    Pin(EntryId),
    Unpin(EntryId),
    Remove(EntryId),
    Freed(EntryId, u64),
    Keep(EntryId, bool),
    Unwatched(EntryId, bool),
    Abandon,
}

/// What the model knows of an entry.
#[derive(Clone, Copy, Default)]
struct Known {
    used: u64,
    reserved: u64,
    pins: u32,
    kept: bool,
    unwatched: bool,
}

fn op() -> impl Strategy<Value = Op> {
    let id = 0..12u64;
    let bytes = (0..40u64).prop_map(|blocks| blocks * FS_BLOCK);
    prop_oneof![
        4 => (id.clone(), bytes.clone()).prop_map(|(id, bytes)| Op::Reserve(id, bytes)),
        3 => (id.clone(), bytes.clone()).prop_map(|(id, bytes)| Op::Commit(id, bytes)),
        1 => (id.clone(), bytes.clone()).prop_map(|(id, bytes)| Op::Release(id, bytes)),
        1 => (id.clone(), bytes).prop_map(|(id, bytes)| Op::Freed(id, bytes)),
        1 => (id.clone(), any::<bool>()).prop_map(|(id, on)| Op::Keep(id, on)),
        1 => (id.clone(), any::<bool>()).prop_map(|(id, on)| Op::Unwatched(id, on)),
        1 => Just(Op::Abandon),
        1 => id.clone().prop_map(Op::Pin),
        1 => id.clone().prop_map(Op::Unpin),
        1 => id.prop_map(Op::Remove),
    ]
}

proptest! {
    // 256 runs of up to 200: over 20,000 operations.
    #[test]
    fn used_and_reserved_together_never_pass_the_bound(ops in proptest::collection::vec(op(), 1..200)) {
        let mut ledger = Ledger::new(CAP, BASE);
        let mut model: HashMap<EntryId, Known> = HashMap::new();
        for op in ops {
            match op {
                Op::Reserve(id, bytes) => loop {
                    match ledger.reserve(id, bytes) {
                        Reserve::Granted => {
                            let known = model.entry(id).or_default();
                            known.reserved += bytes;
                            let unwatched: u64 = model.values().filter(|known| known.unwatched).map(|known| known.used + known.reserved).sum();
                            prop_assert!(!model[&id].unwatched || unwatched <= CAP / 2);
                            break;
                        }
                        Reserve::Refused => break,
                        Reserve::Evict(victims) => {
                            prop_assert!(!victims.is_empty());
                            for victim in victims {
                                let known = model.remove(&victim).unwrap();
                                prop_assert!(victim != id && known.pins == 0 && known.reserved == 0 && !known.kept);
                                ledger.removed(victim);
                            }
                        }
                    }
                },
                Op::Commit(id, bytes) => {
                    ledger.commit(id, bytes);
                    if let Some(known) = model.get_mut(&id) {
                        let moved = bytes.min(known.reserved);
                        known.reserved -= moved;
                        known.used += moved;
                    }
                }
                Op::Release(id, bytes) => {
                    ledger.release(id, bytes);
                    if let Some(known) = model.get_mut(&id) {
                        known.reserved -= bytes.min(known.reserved);
                    }
                }
                Op::Freed(id, bytes) => {
                    ledger.freed(id, bytes);
                    if let Some(known) = model.get_mut(&id) {
                        known.used -= bytes.min(known.used);
                    }
                }
                Op::Pin(id) => {
                    ledger.pin(id);
                    if let Some(known) = model.get_mut(&id) {
                        known.pins += 1;
                    }
                }
                Op::Unpin(id) => {
                    ledger.unpin(id);
                    if let Some(known) = model.get_mut(&id) {
                        known.pins = known.pins.saturating_sub(1);
                    }
                }
                Op::Keep(id, on) => {
                    ledger.set_kept(id, on);
                    if let Some(known) = model.get_mut(&id) {
                        known.kept = on;
                    }
                }
                Op::Unwatched(id, on) => {
                    ledger.set_unwatched(id, on);
                    if let Some(known) = model.get_mut(&id) {
                        known.unwatched = on;
                    }
                }
                Op::Abandon => {
                    ledger.abandon_unwatched();
                    for known in model.values_mut() {
                        known.unwatched = false;
                    }
                }
                Op::Remove(id) => {
                    ledger.removed(id);
                    model.remove(&id);
                }
            }
            let total: u64 = model.values().map(|known| known.used + known.reserved).sum();
            prop_assert_eq!(ledger.total(), total + BASE);
            prop_assert!(ledger.total() <= CAP);
            let sums = ledger.sums();
            prop_assert_eq!(sums.reserved, model.values().map(|known| known.reserved).sum::<u64>());
            prop_assert_eq!(sums.kept, model.values().filter(|known| known.kept).map(|known| known.used).sum::<u64>());
            let unwatched = model.values().filter(|known| known.unwatched).map(|known| known.used + known.reserved).sum::<u64>();
            prop_assert_eq!(sums.unwatched, unwatched);
            prop_assert_eq!(ledger.reserved_bytes(), sums.reserved);
            let pinned = model.values().filter(|known| known.pins > 0 || known.kept).map(|known| known.used).sum::<u64>();
            prop_assert_eq!(ledger.pinned_bytes(), pinned);
        }
    }
}
