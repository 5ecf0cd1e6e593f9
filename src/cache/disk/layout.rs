//! How an entry lies in its file, and what that takes on disk.
//!
//! A file begins with the bytes of the entry, each where it belongs, holes where they are not there yet; after
//! them comes the trailer, which repeats the entry's line of the index.

use super::index::trailer_room;
use super::record::BLOCK_LINE_BYTES;
use crate::cache::blocks::{BLOCK_BYTES, MAX_LENGTH, block_count};
use crate::cache::ledger::FS_BLOCK;

/// What an entry takes beside its file: its line in the index, twice while that is rewritten, and its name in
/// the folder.
const LINE_BYTES: u64 = 2048;
/// Extents of a file that one block of its map holds (ext4: 340); up to four need none.
const EXTENTS_PER_MAP_BLOCK: u64 = 300;

/// Length of the file of an entry of `length`.
pub(super) fn file_length(length: u64) -> u64 {
    length + trailer_room(length)
}

/// The length of the entry whose file is so long, if there is one.
pub(super) fn length_of(file_length: u64) -> Option<u64> {
    let after = file_length.checked_sub(trailer_room(0))?;
    // Each block adds a little to the trailer, so there is at most one more than a first guess has.
    let least = u64::from(block_count(after.min(2 * MAX_LENGTH) * BLOCK_BYTES / (BLOCK_BYTES + BLOCK_LINE_BYTES)));
    (least.saturating_sub(1)..=least + 1)
        .filter_map(|blocks| after.checked_sub(blocks * BLOCK_LINE_BYTES))
        .find(|length| *length > 0 && *length <= MAX_LENGTH && self::file_length(*length) == file_length)
}

/// What an entry of `length` takes on disk before it has a block, in bytes.
pub(in crate::cache) fn entry_cost(length: u64) -> u64 {
    let trailer = file_length(length).div_ceil(FS_BLOCK) - length / FS_BLOCK;
    let extents = u64::from(block_count(length)) + 1;
    let map = if extents > 4 { extents.div_ceil(EXTENTS_PER_MAP_BLOCK) } else { 0 };
    LINE_BYTES + (trailer + map) * FS_BLOCK
}

/// What a block of an entry of `length` takes on disk, in bytes. What the last one shares with the trailer is
/// the trailer's.
pub(in crate::cache) fn block_cost(block: u32, length: u64) -> u64 {
    let start = u64::from(block) * BLOCK_BYTES;
    (length / FS_BLOCK * FS_BLOCK).saturating_sub(start).min(BLOCK_BYTES)
}

/// What an entry of `length` takes on disk once it is whole, in bytes.
pub(in crate::cache) fn whole_cost(length: u64) -> u64 {
    entry_cost(length) + length / FS_BLOCK * FS_BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_trailer_add_up_to_the_whole_file() {
        for length in [1, 100, 3000, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1_000_000, 30_000_000] {
            let blocks: u64 = (0..block_count(length)).map(|block| block_cost(block, length)).sum();
            assert_eq!(entry_cost(length) + blocks, whole_cost(length), "{length}");
            assert!(whole_cost(length) - LINE_BYTES >= file_length(length), "{length}");
            assert!(whole_cost(length) - LINE_BYTES < file_length(length) + 4 * FS_BLOCK, "{length}");
        }
    }

    #[test]
    fn the_length_of_an_entry_is_told_by_the_length_of_its_file() {
        let edges = (0..40_u64).flat_map(|blocks| (0..12).map(move |more| (blocks * BLOCK_BYTES + more).saturating_sub(5)));
        for length in edges.chain([1_000_000, 99_999_999, MAX_LENGTH]).filter(|length| *length > 0) {
            assert_eq!(length_of(file_length(length)), Some(length));
        }
        assert_eq!(length_of(0), None);
        assert_eq!(length_of(trailer_room(0)), None);
        assert_eq!(length_of(u64::MAX), None);
    }

    #[test]
    fn ten_thousand_tiny_entries_fit_into_a_hundred_megabytes() {
        assert!(10_000 * whole_cost(1) < 100 * 1024 * 1024 * 9 / 10);
    }
}
