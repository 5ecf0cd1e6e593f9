//! The blocks that media is cut into: their size, their arithmetic, and a set of them.

use crate::metrics::RangeMap;

/// Bytes of a block. Small enough that a jump wastes little, large enough that a checksum and an index entry
/// for each cost nothing.
pub(super) const BLOCK_BYTES: u64 = 64 * 1024;
/// The longest media that is handled; beyond it block numbers would not fit and a server is lying anyway.
pub(super) const MAX_LENGTH: u64 = 1 << 40;

/// The block that holds `offset`.
pub(super) fn block_of(offset: u64) -> u32 {
    (offset.min(MAX_LENGTH) / BLOCK_BYTES) as u32
}

/// Where a block begins.
pub(super) fn block_start(block: u32) -> u64 {
    u64::from(block) * BLOCK_BYTES
}

/// Bytes of `block` in media of `length`; the last one is shorter, and past the end there are none.
pub(super) fn block_len(block: u32, length: u64) -> u64 {
    length.saturating_sub(block_start(block)).min(BLOCK_BYTES)
}

/// How many blocks media of `length` has.
pub(super) fn block_count(length: u64) -> u32 {
    block_of(length.saturating_add(BLOCK_BYTES - 1))
}

/// Which parts of media of `length` are there, of which these blocks are.
pub(super) fn range_map(length: u64, blocks: impl IntoIterator<Item = u32>) -> RangeMap {
    RangeMap::of(length, blocks.into_iter().map(|block| block_start(block)..block_start(block) + block_len(block, length)))
}

/// A set of blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BlockSet(Vec<u64>);

impl BlockSet {
    /// Whether `block` is in it.
    pub fn contains(&self, block: u32) -> bool {
        self.0.get(block as usize / 64).is_some_and(|word| word >> (block % 64) & 1 == 1)
    }

    /// Adds `block`.
    pub fn insert(&mut self, block: u32) {
        let at = block as usize / 64;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (block % 64);
    }

    /// Takes `block` out.
    pub fn remove(&mut self, block: u32) {
        if let Some(word) = self.0.get_mut(block as usize / 64) {
            *word &= !(1 << (block % 64));
        }
    }

    /// All that are in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let words = (0_u32..).step_by(64).zip(&self.0);
        words.flat_map(|(first, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| first + bit))
    }

    /// How many are in it.
    #[cfg(test)]
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_is_as_long_as_what_is_left() {
        assert_eq!(block_count(0), 0);
        assert_eq!(block_count(1), 1);
        assert_eq!(block_count(BLOCK_BYTES), 1);
        assert_eq!(block_count(BLOCK_BYTES + 1), 2);
        assert_eq!(block_len(0, BLOCK_BYTES + 1), BLOCK_BYTES);
        assert_eq!(block_len(1, BLOCK_BYTES + 1), 1);
        assert_eq!(block_len(2, BLOCK_BYTES + 1), 0);
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_not_taken_out() {
        let mut set = BlockSet::default();
        for block in [0, 63, 64, 1000] {
            set.insert(block);
        }
        set.remove(63);
        set.remove(5000);
        assert_eq!(set.count(), 3);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 64, 1000]);
        assert!(set.contains(0) && set.contains(64) && set.contains(1000));
        assert!(!set.contains(63) && !set.contains(5000));
    }
}
