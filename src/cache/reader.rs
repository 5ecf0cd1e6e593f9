//! Reads media that comes from a server: from memory, from disk, or as it arrives.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;

use super::blocks::{block_of, block_start};
use super::bytes_port::{ByteReader, Demand, ReadError};
use super::demand::Goal;
use super::entry::Hold;
use super::patience::Patience;
use crate::metrics::Counters;

/// [`ByteReader::ready_from`] looks no further: nobody buffers more before playing on.
const READY_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// What a reader with this demand wants bytes for.
pub(super) fn goal_of(demand: Demand) -> Goal {
    match demand {
        Demand::Peek => Goal::Peek,
        Demand::Preroll => Goal::Preroll,
        Demand::Playing => Goal::Playing,
    }
}

/// One reader of an entry.
pub(super) struct EntryReader {
    hold: Hold,
    epoch: u64,
    length: u64,
    interrupted: AtomicBool,
    /// The block read last, so that the small reads of a demuxer cost a copy and no more.
    last: Mutex<Option<(u32, Bytes)>>,
}

impl EntryReader {
    pub fn new(hold: Hold, epoch: u64, length: u64) -> Self {
        Self { hold, epoch, length, interrupted: AtomicBool::new(false), last: Mutex::new(None) }
    }

    /// Copies what is there from `offset` on, without waiting.
    pub fn read_ready(&self, offset: u64, buf: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buf.len() && offset + (done as u64) < self.length {
            let copied = self.copy_from_block(offset + done as u64, &mut buf[done..]);
            if copied == 0 {
                break;
            }
            done += copied;
        }
        done
    }

    fn copy_from_block(&self, offset: u64, buf: &mut [u8]) -> usize {
        let block = block_of(offset);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, bytes)) = &*last
            && *of == block
        {
            return copy(bytes, offset, buf);
        }
        let entry = &self.hold.entry;
        let pin = {
            let state = entry.lock();
            let copied = state.held.copy_live(offset, buf);
            if copied > 0 {
                return copied;
            }
            if !state.held.is_stored(block) || entry.epoch() != self.epoch {
                return 0;
            }
            state.pin.clone()
        };
        let bytes = entry.context.hot.get(self.epoch, block).or_else(|| {
            let bytes = entry.read_stored(pin.as_ref()?, block)?;
            entry.context.hot.put(self.epoch, block, bytes.clone());
            Some(bytes)
        });
        let Some(bytes) = bytes else {
            entry.lock().held.lost(block);
            return 0;
        };
        let copied = copy(&bytes, offset, buf);
        *last = Some((block, bytes));
        copied
    }

    /// Waits until the byte at `offset` is there.
    fn wait_for(&self, offset: u64) -> Result<(), ReadError> {
        let entry = &self.hold.entry;
        let allowed = entry.context.timeouts.read;
        let mut patience = Patience::new(allowed, Instant::now());
        let mut state = entry.lock();
        let failures = state.failures;
        state.ask_again();
        if let Some(holder) = state.holder(self.hold.id) {
            holder.at = offset;
            holder.waiting = Some(offset);
        }
        drop(state);
        entry.wishes_changed();
        let mut state = entry.lock();
        let outcome = loop {
            if self.interrupted.load(Ordering::Acquire) {
                break Err(ReadError::Interrupted);
            }
            if entry.epoch() != self.epoch {
                break Err(ReadError::Failed(state.gone()));
            }
            if block_start(block_of(offset)) + state.held.filled(block_of(offset)) > offset {
                break Ok(());
            }
            if state.failures != failures
                && let Some(failure) = &state.failure
            {
                break Err(ReadError::Failed(failure.clone()));
            }
            let Some(turn) = patience.turn(entry.context.traffic.holds_back(&entry.key), Instant::now()) else {
                break Err(ReadError::TimedOut(allowed));
            };
            state = entry.arrived.wait_timeout(state, turn).map_or_else(|err| err.into_inner().0, |(state, _)| state);
        };
        if let Some(holder) = state.holder(self.hold.id) {
            holder.waiting = None;
        }
        outcome
    }

    /// Tells the downloads where this reader is, when it has come to another block.
    fn moved_to(&self, offset: u64) {
        let entry = &self.hold.entry;
        let mut state = entry.lock();
        let Some(holder) = state.holder(self.hold.id) else { return };
        let before = std::mem::replace(&mut holder.at, offset);
        drop(state);
        if block_of(before) != block_of(offset) {
            entry.wishes_changed();
        }
    }
}

impl ByteReader for EntryReader {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        if buf.is_empty() || offset >= self.length {
            return Ok(0);
        }
        let counters = &self.hold.entry.context.counters;
        let mut counter = &counters.cache_hit_bytes;
        loop {
            if self.interrupted.load(Ordering::Acquire) {
                return Err(ReadError::Interrupted);
            }
            if self.hold.entry.epoch() != self.epoch {
                return Err(ReadError::Failed(self.hold.entry.lock().gone()));
            }
            let read = self.read_ready(offset, buf);
            if read > 0 {
                Counters::add(counter, read as u64);
                self.moved_to(offset + read as u64);
                return Ok(read);
            }
            counter = &counters.cache_miss_bytes;
            self.wait_for(offset)?;
        }
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.hold.entry.lock().held.ready_from(offset, READY_LIMIT_BYTES)
    }

    fn set_interrupted(&self, interrupted: bool) {
        self.interrupted.store(interrupted, Ordering::Release);
        // Under the lock, so that a read that is about to wait does not miss it.
        let _state = self.hold.entry.lock();
        self.hold.entry.arrived.notify_all();
    }

    fn set_demand(&self, demand: Demand) {
        let entry = &self.hold.entry;
        let mut state = entry.lock();
        let Some(holder) = state.holder(self.hold.id) else { return };
        let goal = goal_of(demand);
        if std::mem::replace(&mut holder.goal, goal) == goal {
            return;
        }
        state.ask_again();
        drop(state);
        if goal == Goal::Playing {
            entry.watched();
        }
        entry.wishes_changed();
    }
}

fn copy(block: &[u8], offset: u64, buf: &mut [u8]) -> usize {
    let from = usize::try_from(offset - block_start(block_of(offset))).unwrap_or(usize::MAX);
    let Some(there) = block.get(from..) else { return 0 };
    let count = there.len().min(buf.len());
    buf[..count].copy_from_slice(&there[..count]);
    count
}
