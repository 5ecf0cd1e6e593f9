//! The books of the disk cache: who takes how many bytes, who is in use, and who has to go. Pure.
//!
//! Space is reserved before it is written and counted in whole file-system blocks, so that what the ledger
//! says is never below what the disk holds.

use std::collections::HashMap;

/// What a file system hands out at the least, in bytes.
pub const FS_BLOCK: u64 = 4096;
/// What an entry takes beyond its blocks: its line in the index (twice, while that is rewritten), its name in
/// the folder, and a block for the map of a file with holes.
pub const ENTRY_OVERHEAD: u64 = 2 * FS_BLOCK;
/// What the cache takes beyond its entries: index and its successor, lock, tag, folders.
pub const FIXED_RESERVE: u64 = 64 * FS_BLOCK;
/// Evictions go on down to this share of the bound, so that not every write evicts.
const TRIM_PERCENT: u64 = 90;

/// The number of an entry.
pub type EntryId = u64;

/// The answer to a wish for space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// It is reserved.
    Granted,
    /// Remove these, tell [`Ledger::removed`] of each, and ask again.
    Evict(Vec<EntryId>),
    /// There is no way to make the room: what is left is in use.
    Refused,
}

#[derive(Clone, Copy, Debug, Default)]
struct Account {
    used: u64,
    reserved: u64,
    pins: u32,
    seq: u64,
    leaving: bool,
}

/// The books. Every entry has a number, bytes used and reserved, pins, and a place in the order of use.
#[derive(Clone, Debug)]
pub struct Ledger {
    cap: u64,
    total: u64,
    next_seq: u64,
    accounts: HashMap<EntryId, Account>,
}

impl Ledger {
    /// Empty books with a bound in bytes.
    #[must_use]
    pub fn new(cap: u64) -> Self {
        Self { cap, total: FIXED_RESERVE, next_seq: 1, accounts: HashMap::new() }
    }

    /// What `bytes` of one stored block take on disk.
    #[must_use]
    pub fn cost(bytes: u64) -> u64 {
        bytes.div_ceil(FS_BLOCK) * FS_BLOCK
    }

    /// Whether an entry of `length` could ever be held whole.
    #[must_use]
    pub fn could_hold(&self, length: u64) -> bool {
        Self::cost(length.min(u64::MAX - FS_BLOCK)).saturating_add(ENTRY_OVERHEAD + FIXED_RESERVE) <= self.cap
    }

    /// All bytes that are used or reserved; never more than the bound, once [`Self::over_cap`] is empty.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bound in bytes.
    #[must_use]
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// Takes in an entry that is on disk already, with the bytes its blocks take and its place in the order of use.
    pub fn adopt(&mut self, id: EntryId, bytes: u64, seq: u64) {
        let used = bytes + ENTRY_OVERHEAD;
        self.next_seq = self.next_seq.max(seq + 1);
        self.total += used;
        if let Some(before) = self.accounts.insert(id, Account { used, seq, ..Account::default() }) {
            self.total -= before.used + before.reserved;
        }
    }

    /// Who has to go before anything is written, because the bound is lower than what is there.
    pub fn over_cap(&mut self) -> Vec<EntryId> {
        if self.total <= self.cap { Vec::new() } else { self.victims(0, None).unwrap_or_else(|all| all) }
    }

    /// Asks for `bytes` for entry `id`, which is taken in when it is new.
    pub fn reserve(&mut self, id: EntryId, bytes: u64) -> Reserve {
        let wanted = bytes + if self.accounts.contains_key(&id) { 0 } else { ENTRY_OVERHEAD };
        if self.total + wanted > self.cap {
            return self.victims(wanted, Some(id)).map_or(Reserve::Refused, Reserve::Evict);
        }
        self.total += wanted;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.reserved += bytes;
        } else {
            let seq = self.next_seq;
            self.next_seq += 1;
            self.accounts.insert(id, Account { used: ENTRY_OVERHEAD, reserved: bytes, seq, ..Account::default() });
        }
        Reserve::Granted
    }

    /// Turns reserved bytes into used ones: they have been written.
    pub fn commit(&mut self, id: EntryId, bytes: u64) {
        if let Some(account) = self.accounts.get_mut(&id) {
            let moved = bytes.min(account.reserved);
            account.reserved -= moved;
            account.used += moved;
        }
    }

    /// Gives reserved bytes back: they were not written.
    pub fn release(&mut self, id: EntryId, bytes: u64) {
        if let Some(account) = self.accounts.get_mut(&id) {
            let freed = bytes.min(account.reserved);
            account.reserved -= freed;
            self.total -= freed;
        }
    }

    /// Says that the entry is in use: it will not be chosen to go, and it becomes the most recently used.
    pub fn pin(&mut self, id: EntryId) {
        let seq = self.next_seq;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.pins += 1;
            account.seq = seq;
            self.next_seq += 1;
        }
    }

    /// Says that one user of the entry is gone. It counts as used up to now.
    pub fn unpin(&mut self, id: EntryId) {
        let seq = self.next_seq;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.pins = account.pins.saturating_sub(1);
            account.seq = seq;
            self.next_seq += 1;
        }
    }

    /// How many users an entry has.
    #[must_use]
    pub fn pins(&self, id: EntryId) -> u32 {
        self.accounts.get(&id).map_or(0, |account| account.pins)
    }

    /// The place of an entry in the order of use: larger is later.
    #[must_use]
    pub fn seq(&self, id: EntryId) -> u64 {
        self.accounts.get(&id).map_or(0, |account| account.seq)
    }

    /// Strikes an entry: its bytes are gone from the disk.
    pub fn removed(&mut self, id: EntryId) {
        if let Some(account) = self.accounts.remove(&id) {
            self.total -= account.used + account.reserved;
        }
    }

    /// Those used least recently that make room for `wanted` bytes, marked as leaving; all that could go
    /// (unmarked) as the error when even that would not do.
    fn victims(&mut self, wanted: u64, but: Option<EntryId>) -> Result<Vec<EntryId>, Vec<EntryId>> {
        let mut order: Vec<_> = self
            .accounts
            .iter()
            .filter(|(id, account)| account.pins == 0 && account.reserved == 0 && !account.leaving && Some(**id) != but)
            .map(|(id, account)| (account.seq, *id, account.used))
            .collect();
        order.sort_unstable();
        let aim = (self.cap / 100 * TRIM_PERCENT).max(wanted.min(self.cap));
        let mut left = self.total + wanted;
        let mut chosen = Vec::new();
        for (_, id, used) in order {
            if left <= aim {
                break;
            }
            left -= used;
            chosen.push(id);
        }
        if left > self.cap || chosen.is_empty() {
            return Err(chosen);
        }
        for id in &chosen {
            if let Some(account) = self.accounts.get_mut(id) {
                account.leaving = true;
            }
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAP: u64 = FIXED_RESERVE + 100 * FS_BLOCK;

    fn hold(ledger: &mut Ledger, id: EntryId, bytes: u64) {
        assert_eq!(ledger.reserve(id, bytes), Reserve::Granted);
        ledger.commit(id, bytes);
    }

    #[test]
    fn the_entry_used_least_recently_goes_first_and_enough_go_at_once() {
        let mut ledger = Ledger::new(CAP);
        for id in 1..=3 {
            hold(&mut ledger, id, 30 * FS_BLOCK);
        }
        ledger.pin(1);
        ledger.unpin(1);
        assert_eq!(ledger.reserve(4, 10 * FS_BLOCK), Reserve::Evict(vec![2]));
        ledger.removed(2);
        assert_eq!(ledger.reserve(4, 10 * FS_BLOCK), Reserve::Granted);
    }

    #[test]
    fn what_is_in_use_stays_and_a_wish_that_cannot_be_met_evicts_nobody() {
        let mut ledger = Ledger::new(CAP);
        hold(&mut ledger, 1, 50 * FS_BLOCK);
        hold(&mut ledger, 2, 30 * FS_BLOCK);
        ledger.pin(1);
        assert_eq!(ledger.reserve(3, 60 * FS_BLOCK), Reserve::Refused);
        assert_eq!(ledger.reserve(3, 30 * FS_BLOCK), Reserve::Evict(vec![2]));
    }

    #[test]
    fn a_lower_bound_is_met_before_anything_is_written() {
        let mut ledger = Ledger::new(CAP);
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
    fn an_entry_of_the_whole_bound_fits_and_one_byte_more_does_not() {
        let ledger = Ledger::new(CAP);
        assert!(ledger.could_hold(98 * FS_BLOCK));
        assert!(!ledger.could_hold(98 * FS_BLOCK + 1));
        assert!(!ledger.could_hold(u64::MAX));
    }

    #[derive(Clone, Debug)]
    enum Op {
        Reserve(EntryId, u64),
        Commit(EntryId, u64),
        Release(EntryId, u64),
        Pin(EntryId),
        Unpin(EntryId),
        Remove(EntryId),
    }

    fn op() -> impl Strategy<Value = Op> {
        let id = 0..12u64;
        let bytes = (0..40u64).prop_map(|blocks| blocks * FS_BLOCK);
        prop_oneof![
            4 => (id.clone(), bytes.clone()).prop_map(|(id, bytes)| Op::Reserve(id, bytes)),
            3 => (id.clone(), bytes.clone()).prop_map(|(id, bytes)| Op::Commit(id, bytes)),
            1 => (id.clone(), bytes).prop_map(|(id, bytes)| Op::Release(id, bytes)),
            1 => id.clone().prop_map(Op::Pin),
            1 => id.clone().prop_map(Op::Unpin),
            1 => id.prop_map(Op::Remove),
        ]
    }

    proptest! {
        #[test]
        fn used_and_reserved_together_never_pass_the_bound(ops in proptest::collection::vec(op(), 1..200)) {
            let mut ledger = Ledger::new(CAP);
            // The model: bytes used and reserved, and pins, of every entry.
            let mut model: HashMap<EntryId, (u64, u64, u32)> = HashMap::new();
            for op in ops {
                match op {
                    Op::Reserve(id, bytes) => loop {
                        match ledger.reserve(id, bytes) {
                            Reserve::Granted => {
                                model.entry(id).or_insert((ENTRY_OVERHEAD, 0, 0)).1 += bytes;
                                break;
                            }
                            Reserve::Refused => break,
                            Reserve::Evict(victims) => {
                                prop_assert!(!victims.is_empty());
                                for victim in victims {
                                    let (_, reserved, pins) = model.remove(&victim).unwrap();
                                    prop_assert!(victim != id && pins == 0 && reserved == 0);
                                    ledger.removed(victim);
                                }
                            }
                        }
                    },
                    Op::Commit(id, bytes) => {
                        ledger.commit(id, bytes);
                        if let Some((used, reserved, _)) = model.get_mut(&id) {
                            let moved = bytes.min(*reserved);
                            *reserved -= moved;
                            *used += moved;
                        }
                    }
                    Op::Release(id, bytes) => {
                        ledger.release(id, bytes);
                        if let Some((_, reserved, _)) = model.get_mut(&id) {
                            *reserved -= bytes.min(*reserved);
                        }
                    }
                    Op::Pin(id) => {
                        ledger.pin(id);
                        if let Some((_, _, pins)) = model.get_mut(&id) {
                            *pins += 1;
                        }
                    }
                    Op::Unpin(id) => {
                        ledger.unpin(id);
                        if let Some((_, _, pins)) = model.get_mut(&id) {
                            *pins = pins.saturating_sub(1);
                        }
                    }
                    Op::Remove(id) => {
                        ledger.removed(id);
                        model.remove(&id);
                    }
                }
                let total: u64 = model.values().map(|(used, reserved, _)| used + reserved).sum();
                prop_assert_eq!(ledger.total(), total + FIXED_RESERVE);
                prop_assert!(ledger.total() <= CAP);
            }
        }
    }
}
