//! Reads for small pictures: what is on this machine, and the rest only where that is allowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::signals::Signals;
use crate::cache::{ByteReader, Demand, ReadError};

/// A reader that waits for no bytes unless it may.
pub(super) struct Sparing {
    inner: Arc<dyn ByteReader>,
    signals: Arc<Signals>,
    /// It waits for bytes that have to be fetched.
    fetches: AtomicBool,
    /// A read found nothing since this was last asked.
    dry: AtomicBool,
}

impl Sparing {
    pub fn new(inner: Arc<dyn ByteReader>, signals: Arc<Signals>) -> Arc<Self> {
        Arc::new(Self { inner, signals, fetches: AtomicBool::new(false), dry: AtomicBool::new(false) })
    }

    /// Whether it waits for bytes from now on.
    pub fn set_fetches(&self, fetches: bool) {
        self.fetches.store(fetches, Ordering::Release);
    }

    /// Whether a read found nothing since the last call: its demuxer stands still until it is sent elsewhere.
    pub fn take_dry(&self) -> bool {
        self.dry.swap(false, Ordering::AcqRel)
    }
}

impl ByteReader for Sparing {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        if !self.fetches.load(Ordering::Acquire) && offset < self.len() && self.ready_from(offset) == 0 {
            self.dry.store(true, Ordering::Release);
            self.signals.tell(|_| {});
            // A demuxer takes this for a flush: it rests without a fault and goes on at the next seek.
            return Err(ReadError::Interrupted);
        }
        self.inner.read_at(offset, buf)
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.inner.ready_from(offset)
    }

    fn set_interrupted(&self, interrupted: bool) {
        self.inner.set_interrupted(interrupted);
    }

    fn set_demand(&self, demand: Demand) {
        self.inner.set_demand(demand);
    }
}
