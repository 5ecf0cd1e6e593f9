//! Keeps the seeks of a pipeline and its end apart. Demuxers of GStreamer 1.22 take a seek that reaches them while they
//! are reset, and read what is no longer there (`avidemux` ends the process).

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A seek that takes longer hangs in its decoder, which ends with the pipeline.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

#[derive(Default)]
struct State {
    under_way: usize,
    closed: bool,
}

/// The seeks of one pipeline that are under way.
#[derive(Default)]
pub(super) struct Seeks {
    state: Mutex<State>,
    ended: Condvar,
}

/// A seek under way.
pub(super) struct Turn(Arc<Seeks>);

impl Seeks {
    /// Begins a seek; `None` once the pipeline ends.
    pub fn begin(self: &Arc<Self>) -> Option<Turn> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        state.under_way += 1;
        Some(Turn(Arc::clone(self)))
    }

    /// From now on no seek begins; waits for those under way, unless they hang.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let waited = self.ended.wait_timeout_while(state, ENDS_WITHIN, |state| state.under_way > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_waits_for_a_seek_under_way_and_none_begins_after_it() {
        let seeks = Arc::new(Seeks::default());
        let turn = seeks.begin().unwrap();
        std::thread::scope(|scope| {
            let ending = scope.spawn(|| seeks.close());
            while !seeks.lock().closed {
                std::thread::yield_now();
            }
            assert!(seeks.begin().is_none());
            assert!(!ending.is_finished());
            drop(turn);
        });
        assert_eq!(seeks.lock().under_way, 0);
    }

    #[test]
    fn a_seek_that_hangs_does_not_hold_up_the_end() {
        let seeks = Arc::new(Seeks::default());
        let _hangs = seeks.begin().unwrap();
        seeks.close();
        assert!(seeks.begin().is_none());
    }
}
