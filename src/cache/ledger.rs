//! The books of the disk cache: who takes how many bytes, who is in use, and who has to go. Pure.
//!
//! Space is reserved before it is written and counted in whole file-system blocks, so that what the ledger
//! says is never below what the disk holds.

use std::collections::HashMap;

/// What a file system hands out at the least, in bytes.
pub const FS_BLOCK: u64 = 4096;
/// Evictions go on down to this share of the bound, so that not every write evicts.
const TRIM_PERCENT: u64 = 90;
/// What was fetched ahead and not watched yet may take this share of the bound.
const UNWATCHED_PERCENT: u64 = 50;

/// The number of an entry.
pub type EntryId = u64;

/// The answer to a wish for space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// It is reserved.
    Granted,
    /// Remove these, tell [`Ledger::removed`] of each, and ask again.
    Evict(Vec<EntryId>),
    /// There is no way to make the room: what is left is in use, kept, or not to be thrown away for this.
    Refused,
}

#[derive(Clone, Copy, Debug, Default)]
struct Account {
    used: u64,
    reserved: u64,
    pins: u32,
    seq: u64,
    kept: bool,
    unwatched: bool,
    leaving: bool,
}

impl Account {
    fn bytes(&self) -> u64 {
        self.used + self.reserved
    }

    fn unwatched_bytes(&self) -> u64 {
        if self.unwatched { self.bytes() } else { 0 }
    }

    fn pinned_bytes(&self) -> u64 {
        if self.pins > 0 || self.kept { self.used } else { 0 }
    }
}

/// What the books add up to, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Reserved and not written yet.
    pub reserved: u64,
    /// Of entries that a person asked to keep.
    pub kept: u64,
    /// Fetched ahead and not watched yet.
    pub unwatched: u64,
    /// How many entries are in use.
    pub in_use: u64,
}

/// The books. Every entry has a number, bytes used and reserved, users, and a place in the order of use.
#[derive(Clone, Debug)]
pub struct Ledger {
    cap: u64,
    base: u64,
    total: u64,
    reserved: u64,
    pinned: u64,
    unwatched: u64,
    next_seq: u64,
    accounts: HashMap<EntryId, Account>,
}

impl Ledger {
    /// Empty books with a bound in bytes, of which `base` is taken by what is no entry.
    #[must_use]
    pub fn new(cap: u64, base: u64) -> Self {
        Self { cap, base, total: 0, reserved: 0, pinned: 0, unwatched: 0, next_seq: 1, accounts: HashMap::new() }
    }

    /// Whether an entry that takes `bytes` in all could ever be held whole.
    #[must_use]
    pub fn could_hold(&self, bytes: u64) -> bool {
        bytes.saturating_add(self.base) <= self.cap
    }

    /// All bytes that are used or reserved; never more than the bound, once [`Self::over_cap`] is empty.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.base + self.total
    }

    /// Bytes that are reserved and not written yet.
    #[must_use]
    pub fn reserved_bytes(&self) -> u64 {
        self.reserved
    }

    /// Bytes used by entries that may not go now, because they are in use or kept.
    #[must_use]
    pub fn pinned_bytes(&self) -> u64 {
        self.pinned
    }

    /// The bound in bytes.
    #[must_use]
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// Says what is taken by what is no entry: the index and the folders themselves.
    pub fn set_base(&mut self, bytes: u64) {
        self.base = bytes;
    }

    /// What the books add up to.
    #[must_use]
    pub fn sums(&self) -> Sums {
        self.accounts.values().fold(Sums { reserved: self.reserved, unwatched: self.unwatched, ..Sums::default() }, |sums, account| Sums {
            kept: sums.kept + if account.kept { account.used } else { 0 },
            in_use: sums.in_use + u64::from(account.pins > 0),
            ..sums
        })
    }

    /// Takes in an entry that is on disk already, with what it takes and its place in the order of use.
    pub fn adopt(&mut self, id: EntryId, bytes: u64, seq: u64) {
        self.removed(id);
        self.next_seq = self.next_seq.max(seq + 1);
        self.accounts.insert(id, Account { seq, ..Account::default() });
        self.change(id, |account| account.used = bytes);
    }

    /// Gives an entry another place in the order of use: its own file tells where it was.
    pub fn set_seq(&mut self, id: EntryId, seq: u64) {
        self.next_seq = self.next_seq.max(seq + 1);
        self.change(id, |account| account.seq = seq);
    }

    /// Who has to go before anything is written, because the bound is lower than what is there.
    pub fn over_cap(&mut self) -> Vec<EntryId> {
        if self.total() <= self.cap { Vec::new() } else { self.victims(0, None).unwrap_or_else(|all| all) }
    }

    /// Asks for `bytes` for entry `id`, which is taken in when it is new.
    pub fn reserve(&mut self, id: EntryId, bytes: u64) -> Reserve {
        if self.accounts.get(&id).is_some_and(|account| account.unwatched) && self.unwatched + bytes > self.cap / 100 * UNWATCHED_PERCENT {
            return Reserve::Refused;
        }
        if self.total() + bytes > self.cap {
            return self.victims(bytes, Some(id)).map_or(Reserve::Refused, Reserve::Evict);
        }
        if !self.accounts.contains_key(&id) {
            self.accounts.insert(id, Account { seq: self.next_seq, ..Account::default() });
            self.next_seq += 1;
        }
        self.change(id, |account| account.reserved += bytes);
        Reserve::Granted
    }

    /// Turns reserved bytes into used ones: they have been written.
    pub fn commit(&mut self, id: EntryId, bytes: u64) {
        self.change(id, |account| {
            let moved = bytes.min(account.reserved);
            account.reserved -= moved;
            account.used += moved;
        });
    }

    /// Gives reserved bytes back: they were not written.
    pub fn release(&mut self, id: EntryId, bytes: u64) {
        self.change(id, |account| account.reserved = account.reserved.saturating_sub(bytes));
    }

    /// Gives used bytes back: they are a hole again.
    pub fn freed(&mut self, id: EntryId, bytes: u64) {
        self.change(id, |account| account.used = account.used.saturating_sub(bytes));
    }

    /// Corrects what an entry takes by what the file system says, when that is more.
    pub fn found(&mut self, id: EntryId, bytes: u64) {
        self.change(id, |account| account.used = account.used.max(bytes));
    }

    /// Says that the entry is in use: it will not be chosen to go, and it becomes the most recently used.
    pub fn pin(&mut self, id: EntryId) {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.change(id, |account| {
            account.pins += 1;
            account.seq = seq;
        });
    }

    /// Says that one user of the entry is gone. It counts as used up to now.
    pub fn unpin(&mut self, id: EntryId) {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.change(id, |account| {
            account.pins = account.pins.saturating_sub(1);
            account.seq = seq;
        });
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

    /// What an entry takes, in bytes.
    #[must_use]
    pub fn used(&self, id: EntryId) -> u64 {
        self.accounts.get(&id).map_or(0, |account| account.used)
    }

    /// What is reserved for an entry and not written yet, in bytes.
    #[must_use]
    pub fn reserved(&self, id: EntryId) -> u64 {
        self.accounts.get(&id).map_or(0, |account| account.reserved)
    }

    /// Says whether a person asked to keep the entry: it will not be chosen to go.
    pub fn set_kept(&mut self, id: EntryId, kept: bool) {
        self.change(id, |account| account.kept = kept);
    }

    /// Says whether the entry was fetched ahead for an item that nobody has watched yet: it goes after all that
    /// was watched, and all such together get half of the bound.
    pub fn set_unwatched(&mut self, id: EntryId, unwatched: bool) {
        self.change(id, |account| account.unwatched = unwatched);
    }

    /// What was fetched ahead is like anything else from now on: its feed is not open any more.
    pub fn abandon_unwatched(&mut self) {
        self.accounts.values_mut().for_each(|account| account.unwatched = false);
        self.unwatched = 0;
    }

    /// Whether an entry may go: nobody uses it, and nobody asked to keep it.
    #[must_use]
    pub fn may_go(&self, id: EntryId) -> bool {
        self.accounts.get(&id).is_some_and(|account| account.pins == 0 && account.reserved == 0 && !account.leaving && !account.kept)
    }

    /// Strikes an entry: its bytes are gone from the disk.
    pub fn removed(&mut self, id: EntryId) {
        self.change(id, |account| *account = Account::default());
        self.accounts.remove(&id);
    }

    fn change(&mut self, id: EntryId, change: impl FnOnce(&mut Account)) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        let before = *account;
        change(account);
        self.total = self.total - before.bytes() + account.bytes();
        self.reserved = self.reserved - before.reserved + account.reserved;
        self.pinned = self.pinned - before.pinned_bytes() + account.pinned_bytes();
        self.unwatched = self.unwatched - before.unwatched_bytes() + account.unwatched_bytes();
    }

    /// Those used least recently that make room for `wanted` bytes, marked as leaving; all that could go
    /// (unmarked) as the error when even that would not do. What nobody has watched yet goes last, and only as
    /// far as it has to.
    fn victims(&mut self, wanted: u64, but: Option<EntryId>) -> Result<Vec<EntryId>, Vec<EntryId>> {
        let may_go = |id: &EntryId| self.may_go(*id) && Some(*id) != but;
        let mut order: Vec<_> = self
            .accounts
            .iter()
            .filter(|(id, _)| may_go(id))
            .map(|(id, account)| (account.unwatched, account.seq, *id, account.used))
            .collect();
        order.sort_unstable();
        let aim = (self.cap / 100 * TRIM_PERCENT).max((self.base + wanted).min(self.cap));
        let mut left = self.total() + wanted;
        let mut chosen = Vec::new();
        for (unwatched, _, id, used) in order {
            if left <= if unwatched { self.cap } else { aim } {
                break;
            }
            left -= used;
            chosen.push(id);
        }
        if left > self.cap || chosen.is_empty() {
            return Err(chosen);
        }
        for id in &chosen {
            self.change(*id, |account| account.leaving = true);
        }
        Ok(chosen)
    }
}
