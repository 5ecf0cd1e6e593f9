//! The blocks of one media that are there: on disk, in memory, or half arrived.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::blocks::{BLOCK_BYTES, BlockSet, block_count, block_len, block_of, block_start};
use crate::metrics::RangeMap;

/// A block in memory.
#[derive(Debug)]
enum Live {
    /// Being downloaded: its first bytes. Readers may have them at once.
    Growing(Vec<u8>),
    /// Complete; on its way to disk, or here because the disk is of no use.
    Full(Bytes),
}

impl Live {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Growing(bytes) => bytes,
            Self::Full(bytes) => bytes,
        }
    }
}

/// What is there of one media.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Length of the media in bytes, once known.
    pub length: Option<u64>,
    stored: BlockSet,
    live: BTreeMap<u32, Live>,
}

impl Held {
    /// What an index tells.
    pub fn on_disk(length: u64, blocks: impl IntoIterator<Item = u32>) -> Self {
        let mut held = Self { length: Some(length), ..Self::default() };
        blocks.into_iter().for_each(|block| held.stored.insert(block));
        held
    }

    /// How many bytes of a block are there, from its start.
    pub fn filled(&self, block: u32) -> u64 {
        match self.live.get(&block) {
            Some(live) => live.bytes().len() as u64,
            None if self.stored.contains(block) => self.length.map_or(0, |length| block_len(block, length)),
            None => 0,
        }
    }

    /// Whether all of a block is there.
    pub fn complete(&self, block: u32) -> bool {
        self.stored.contains(block) || matches!(self.live.get(&block), Some(Live::Full(_)))
    }

    /// Whether a block is on disk.
    pub fn is_stored(&self, block: u32) -> bool {
        self.stored.contains(block)
    }

    /// Whether the start of a block is in memory.
    pub fn is_live(&self, block: u32) -> bool {
        self.live.contains_key(&block)
    }

    /// A block that is complete and in memory.
    pub fn full(&self, block: u32) -> Option<Bytes> {
        if let Some(Live::Full(bytes)) = self.live.get(&block) { Some(bytes.clone()) } else { None }
    }

    /// All blocks that are complete and in memory.
    pub fn all_full(&self) -> Vec<(u32, Bytes)> {
        self.live.keys().filter_map(|block| Some((*block, self.full(*block)?))).collect()
    }

    /// The bytes of a block that are in memory.
    pub fn live(&self, block: u32) -> Option<&[u8]> {
        self.live.get(&block).map(Live::bytes)
    }

    /// How many bytes from `offset` on are there without a gap, looking no further than `limit`.
    pub fn ready_from(&self, offset: u64, limit: u64) -> u64 {
        let length = self.length.unwrap_or(0);
        let mut end = offset;
        while end < length && end - offset < limit {
            let block = block_of(end);
            let there = block_start(block) + self.filled(block);
            end = end.max(there);
            if there < block_start(block) + block_len(block, length) {
                break;
            }
        }
        end.min(length).saturating_sub(offset)
    }

    /// Whether all of `from..to` is there.
    pub fn has(&self, from: u64, to: u64) -> bool {
        from >= to || self.ready_from(from, to - from) >= to - from
    }

    /// Bytes that are there, and the length of the media, when that is known.
    pub fn there(&self) -> Option<(u64, u64)> {
        let length = self.length?;
        Some(((0..block_count(length)).map(|block| self.filled(block)).sum(), length))
    }

    /// Which parts of the media are there, when its length is known.
    pub fn range_map(&self) -> Option<RangeMap> {
        let length = self.length?;
        // One that is in memory may not be there to its end.
        let stored = self.stored.iter().filter(|block| !self.live.contains_key(block));
        let blocks = stored.chain(self.live.keys().copied());
        Some(RangeMap::of(length, blocks.map(|block| block_start(block)..block_start(block) + self.filled(block))))
    }

    /// Copies bytes that are in memory; 0 when they are elsewhere or missing.
    pub fn copy_live(&self, offset: u64, buf: &mut [u8]) -> usize {
        let block = block_of(offset);
        let from = usize::try_from(offset - block_start(block)).unwrap_or(usize::MAX);
        let Some(there) = self.live(block).and_then(|bytes| bytes.get(from..)) else { return 0 };
        let count = there.len().min(buf.len());
        buf[..count].copy_from_slice(&there[..count]);
        count
    }

    /// Puts a piece into a block at `within`; returns the block when that completed it.
    pub fn put(&mut self, block: u32, within: u64, piece: &[u8]) -> Option<Bytes> {
        if self.stored.contains(block) {
            return None;
        }
        let whole = self.length.map_or(BLOCK_BYTES, |length| block_len(block, length));
        let live = self.live.entry(block).or_insert_with(|| Live::Growing(Vec::new()));
        let Live::Growing(bytes) = live else { return None };
        // Another download may be ahead of this one in the same block; a gap cannot be filled in later.
        let overlap = usize::try_from((bytes.len() as u64).checked_sub(within)?).ok()?;
        bytes.extend_from_slice(piece.get(overlap..)?);
        if (bytes.len() as u64) < whole {
            return None;
        }
        let full = Bytes::from(std::mem::take(bytes));
        *live = Live::Full(full.clone());
        Some(full)
    }

    /// Sets the length of media that has come to its end; returns all of its blocks.
    pub fn end_at(&mut self, length: u64) -> Vec<(u32, Bytes)> {
        self.length = Some(length);
        let mut all = Vec::with_capacity(self.live.len());
        for (block, live) in &mut self.live {
            if let Live::Growing(bytes) = live {
                *live = Live::Full(Bytes::from(std::mem::take(bytes)));
            }
            if let Live::Full(bytes) = live {
                all.push((*block, bytes.clone()));
            }
        }
        all
    }

    /// A block is on disk from now on.
    pub fn stored(&mut self, block: u32) {
        self.stored.insert(block);
        self.live.remove(&block);
    }

    /// A block that was on disk cannot be had.
    pub fn lost(&mut self, block: u32) {
        self.stored.remove(block);
    }

    /// No block that was on disk can be had.
    pub fn lost_all(&mut self) {
        self.stored = BlockSet::default();
    }

    /// Keeps no more than `limit` blocks in memory: the complete ones furthest from all `readers` go.
    pub fn forget_distant(&mut self, limit: usize, readers: &[u64]) {
        while self.live.len() > limit {
            let distance = |block: u32| readers.iter().map(|at| block_start(block).abs_diff(*at)).min().unwrap_or(0);
            let full = self.live.iter().filter(|(_, live)| matches!(live, Live::Full(_))).map(|(block, _)| *block);
            let Some(furthest) = full.max_by_key(|block| distance(*block)) else { break };
            self.live.remove(&furthest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 64 * 1024;

    #[test]
    fn the_bytes_of_a_block_are_there_as_they_arrive() {
        let mut held = Held { length: Some(100_000), ..Held::default() };
        assert_eq!(held.put(0, 0, &[1; 1000]), None);
        assert_eq!(held.ready_from(10, u64::MAX), 990);
        let mut buf = [0; 2000];
        assert_eq!(held.copy_live(10, &mut buf), 990);
        assert!(held.has(0, 1000) && !held.has(0, 1001));
        assert_eq!(held.put(0, 1000, &vec![2; BLOCK - 1000]).map(|bytes| bytes.len()), Some(BLOCK));
        assert_eq!(held.put(1, 0, &vec![3; 100_000 - BLOCK]).map(|bytes| bytes.len()), Some(100_000 - BLOCK));
        assert_eq!(held.ready_from(0, u64::MAX), 100_000);
        assert_eq!(held.there(), Some((100_000, 100_000)));
    }

    #[test]
    fn the_map_shows_what_is_stored_and_what_is_on_its_way() {
        assert_eq!(Held::default().range_map(), None);
        let mut held = Held::on_disk(3 * BLOCK as u64, [1]);
        held.put(0, 0, &vec![1; BLOCK / 2]);
        let cells = held.range_map().unwrap().cells;
        let parts: Vec<_> = cells.chunks(8).map(|part| part.iter().map(|cell| u32::from(*cell)).sum::<u32>() / 8).collect();
        assert_eq!(parts, [255, 0, 255, 255, 0, 0]);
        held.stored(0);
        held.lost(1);
        let cells = held.range_map().unwrap().cells;
        assert!(cells[..16].iter().all(|cell| *cell == 255) && cells[16..].iter().all(|cell| *cell == 0), "{cells:?}");
    }

    #[test]
    fn two_downloads_of_one_block_neither_repeat_nor_skip_bytes() {
        let mut held = Held { length: Some(100_000), ..Held::default() };
        held.put(0, 0, b"abcdef");
        held.put(0, 2, b"cdefgh");
        held.put(0, 1, b"bc");
        held.put(0, 20, b"far");
        assert_eq!(held.live(0), Some(&b"abcdefgh"[..]));
    }

    #[test]
    fn media_of_unknown_length_is_complete_at_its_end() {
        let mut held = Held::default();
        held.put(0, 0, &vec![1; BLOCK]);
        held.put(1, 0, &[2; 10]);
        assert_eq!(held.there(), None);
        assert_eq!(held.end_at(BLOCK as u64 + 10).len(), 2);
        assert!(held.complete(1) && held.has(0, BLOCK as u64 + 10));
    }

    #[test]
    fn what_is_furthest_from_the_readers_is_forgotten_first() {
        let mut held = Held { length: Some(10 * BLOCK as u64), ..Held::default() };
        for block in 0..10 {
            held.put(block, 0, &vec![0; BLOCK]);
        }
        held.forget_distant(3, &[5 * BLOCK as u64]);
        let left: Vec<_> = (0..10).filter(|block| held.is_live(*block)).collect();
        assert_eq!(left.len(), 3);
        assert!(left.iter().all(|block| (4..=6).contains(block)), "{left:?}");
    }
}
