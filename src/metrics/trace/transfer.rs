//! A request on its way: sent, first byte, end.

use super::{How, Recorder, What};

/// A request that is under way. It ends when this is dropped, whoever drops it.
#[must_use = "the request ends when this is dropped"]
#[derive(Debug)]
pub struct Transfer {
    recorder: Option<&'static Recorder>,
    what: What,
    id: u64,
    bytes: u64,
    outcome: &'static str,
}

impl Transfer {
    pub(super) fn begin(recorder: &'static Recorder, what: What, item: u64) -> Self {
        let on = recorder.is_on();
        let id = if on { recorder.number() } else { 0 };
        if on {
            recorder.add(recorder.now(), what, id, How::Begun { item });
        }
        Self { recorder: on.then_some(recorder), what, id, bytes: 0, outcome: "given up" }
    }

    /// So many bytes came.
    pub fn received(&mut self, bytes: usize) {
        let Some(recorder) = self.recorder else { return };
        if self.bytes == 0 && bytes > 0 {
            recorder.add(recorder.now(), self.what, self.id, How::Step("first byte"));
        }
        self.bytes += bytes as u64;
    }

    /// How it ends, if nothing else comes.
    pub fn ends(&mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder {
            recorder.add(recorder.now(), self.what, self.id, How::Ended { bytes: self.bytes, outcome: self.outcome });
        }
    }
}
