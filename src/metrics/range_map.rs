//! Which parts of a media are on this machine, coarse enough to be painted as a strip of cells.

use std::ops::Range;

/// Into how many equal parts a media is cut.
pub const RANGE_CELLS: usize = 48;

/// Which parts of one media are on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeMap {
    /// Length of the media in bytes.
    pub total: u64,
    /// One value for each of [`RANGE_CELLS`] equal parts, in order: 0 is nothing of it, 255 is all of it. Neither is said
    /// before it is so.
    pub cells: Vec<u8>,
}

impl RangeMap {
    /// The map of a media of `total` bytes, of which these ranges are there. They are in any order and do not overlap; what
    /// lies past the end counts for nothing.
    #[must_use]
    pub fn of(total: u64, ranges: impl IntoIterator<Item = Range<u64>>) -> Self {
        let mut there = [0_u128; RANGE_CELLS];
        let whole = u128::from(total);
        // In units of 1/48 byte every part is a whole number long, and as long as the others: `total` of them.
        let scaled = |at: u64| u128::from(at.min(total)) * RANGE_CELLS as u128;
        for range in ranges {
            let (mut at, end) = (scaled(range.start), scaled(range.end));
            while at < end {
                let part = at / whole;
                let until = end.min((part + 1) * whole);
                if let Some(there) = usize::try_from(part).ok().and_then(|part| there.get_mut(part)) {
                    *there += until - at;
                }
                at = until;
            }
        }
        Self { total, cells: there.iter().map(|there| share(*there, whole)).collect() }
    }
}

/// A part of a whole as 0 to 255.
fn share(part: u128, whole: u128) -> u8 {
    match part {
        0 => 0,
        part if part >= whole => u8::MAX,
        part => u8::try_from((part * 255 / whole).clamp(1, 254)).unwrap_or(254),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(total: u64, ranges: &[Range<u64>]) -> Vec<u8> {
        RangeMap::of(total, ranges.iter().cloned()).cells
    }

    #[test]
    fn nothing_is_0_all_is_255_and_half_is_half_of_the_cells() {
        assert_eq!(cells(4800, &[]), [0; RANGE_CELLS]);
        assert_eq!(cells(4800, std::slice::from_ref(&(0..4800))), [255; RANGE_CELLS]);
        let half = cells(4800, std::slice::from_ref(&(0..2400)));
        assert!(half[..24].iter().all(|cell| *cell == 255) && half[24..].iter().all(|cell| *cell == 0), "{half:?}");
        assert_eq!(cells(4800, &[0..50, 4750..4800])[..2], [127, 0]);
    }

    #[test]
    fn the_first_byte_shows_and_the_last_missing_one_does_too() {
        let first = cells(1 << 40, std::slice::from_ref(&(0..1)));
        assert_eq!((first[0], first[1]), (1, 0));
        let all_but_one = cells(1 << 40, &[0..77, 78..1 << 40]);
        assert_eq!((all_but_one[0], all_but_one[1]), (254, 255));
    }

    #[test]
    fn media_of_fewer_bytes_than_cells_and_of_none_have_maps_too() {
        assert_eq!(cells(1, std::slice::from_ref(&(0..1))), [255; RANGE_CELLS]);
        let third = cells(3, std::slice::from_ref(&(1..2)));
        assert!((0..RANGE_CELLS).all(|cell| third[cell] == if (16..32).contains(&cell) { 255 } else { 0 }), "{third:?}");
        assert_eq!(cells(0, std::slice::from_ref(&(0..10))), [0; RANGE_CELLS]);
        assert_eq!(cells(u64::MAX, std::slice::from_ref(&(0..u64::MAX))), [255; RANGE_CELLS]);
    }

    #[test]
    fn what_lies_past_the_end_counts_for_nothing() {
        assert_eq!(cells(96, &[90..200, 300..400]), cells(96, std::slice::from_ref(&(90..96))));
    }

    proptest! {
        /// Against the plain way: 48 looks at each byte.
        #[test]
        fn every_cell_is_the_share_of_its_part_that_is_there(bytes in prop::collection::vec(any::<bool>(), 1..400)) {
            let total = bytes.len();
            let there = |at: &usize| bytes[at / RANGE_CELLS];
            let ranges = (0_u64..).zip(&bytes).filter(|(_, there)| **there).map(|(at, _)| at..at + 1);
            let map = RangeMap::of(total as u64, ranges);
            prop_assert_eq!(map.cells.len(), RANGE_CELLS);
            for (part, cell) in map.cells.iter().enumerate() {
                let count = (part * total..(part + 1) * total).filter(there).count();
                let expected = if count == 0 { 0 } else if count == total { 255 } else { (count * 255 / total).clamp(1, 254) };
                prop_assert_eq!(usize::from(*cell), expected, "part {}", part);
            }
        }

        #[test]
        fn neither_the_order_of_ranges_nor_where_one_is_cut_changes_the_map(
            total in 1..=u64::MAX,
            cuts in prop::collection::vec(any::<u64>(), 2..12),
        ) {
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut % total).collect();
            cuts.sort_unstable();
            let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
            let pieces: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).rev().collect();
            prop_assert_eq!(RangeMap::of(total, pieces), RangeMap::of(total, std::iter::once(first..last)));
        }
    }
}
