//! A few recently used blocks in memory, so that a demuxer's many small reads touch the disk once a block.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// Blocks kept at most: 8 MiB in all. The eviction looks at every one of them, which is why it is few.
const MAX_BLOCKS: usize = 128;

/// Recently used blocks of all media, by the number of the media's version in this process.
#[derive(Debug, Default)]
pub(super) struct HotBlocks(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    blocks: HashMap<(u64, u32), (Bytes, u64)>,
    tick: u64,
}

impl HotBlocks {
    /// A block, when it is here.
    pub fn get(&self, version: u64, block: u32) -> Option<Bytes> {
        let mut inner = self.lock();
        inner.tick += 1;
        let tick = inner.tick;
        let (bytes, used) = inner.blocks.get_mut(&(version, block))?;
        *used = tick;
        Some(bytes.clone())
    }

    /// Keeps a block, in place of the one that was used least recently.
    pub fn put(&self, version: u64, block: u32, bytes: Bytes) {
        let mut inner = self.lock();
        inner.tick += 1;
        let tick = inner.tick;
        inner.blocks.insert((version, block), (bytes, tick));
        if inner.blocks.len() > MAX_BLOCKS {
            let oldest = inner.blocks.iter().min_by_key(|(_, (_, used))| *used).map(|(at, _)| *at);
            if let Some(oldest) = oldest {
                inner.blocks.remove(&oldest);
            }
        }
    }

    /// Forgets all blocks of a version.
    pub fn forget(&self, version: u64) {
        self.lock().blocks.retain(|(of, _), _| *of != version);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_used_least_recently_goes_first() {
        let hot = HotBlocks::default();
        for block in 0..128 {
            hot.put(1, block, Bytes::from_static(b"x"));
        }
        assert!(hot.get(1, 0).is_some());
        hot.put(2, 0, Bytes::from_static(b"y"));
        assert!(hot.get(1, 0).is_some());
        assert!(hot.get(1, 1).is_none());
        hot.forget(1);
        assert!(hot.get(1, 0).is_none());
        assert!(hot.get(2, 0).is_some());
    }
}
