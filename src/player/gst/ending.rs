//! What comes at the end of a clip: it begins again, or it stays at its last picture.

use gstreamer as gst;

use super::signals::News;
use super::slot::{Jump, Live, Looping};

/// Times a clip may start over without a single picture before it is taken for broken.
const EMPTY_LOOPS_MAX: u32 = 50;

/// What came of the end of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is not there yet, or was told already.
    None,
    /// It begins again, with a flush of which no picture tells.
    Flushed,
    /// It stays at its last picture.
    Stays,
    /// It does not begin again.
    Broken,
}

impl Live {
    /// It was told to play. `false`: it came to its end before, and does not begin again.
    #[must_use]
    pub fn started(&mut self) -> bool {
        if !self.finished {
            self.seek(Jump::Speed);
        }
        let ended = std::mem::take(&mut self.ended);
        // Else its end comes by itself.
        self.closing |= ended && !self.loops;
        !ended || self.closing || self.start_over()
    }

    /// Takes in whether the clip has come to its end.
    #[must_use]
    pub fn hear_end(&mut self, news: &News) -> End {
        // The end of the sinks from before a seek is not the end of what comes after it. A demuxer may be done before the
        // first picture stands: a short clip fits into the queue.
        let at_sinks = news.eos && !self.seeking;
        if self.finished || !(news.segment_done || at_sinks) {
            return End::None;
        }
        // Streams that have ended are begun again by a flush alone.
        self.closing |= at_sinks && self.looping == Looping::Segments;
        if !self.playing || self.loops {
            let flushes = self.looping == Looping::Flushing || self.closing;
            return match self.start_over() {
                false => End::Broken,
                true if flushes => End::Flushed,
                true => End::None,
            };
        }
        // An empty queue may have let the end of the segment pass before anybody wanted the clip to end with it.
        self.finished = at_sinks || self.chain.segment_is_over();
        self.closing = !self.finished;
        if self.finished { End::Stays } else { End::None }
    }

    /// The clip came to its end. `false`: it brought no pictures, again and again.
    ///
    /// One that stands waits for its turn: its demuxer waits for room in the queue, and the seek would wait for it.
    #[must_use]
    fn start_over(&mut self) -> bool {
        self.ended = !self.playing;
        if self.ended {
            return true;
        }
        if self.signals.pictures() == self.pictures_at_loop {
            self.empty_loops += 1;
        } else {
            self.empty_loops = 0;
        }
        self.pictures_at_loop = self.signals.pictures();
        if self.empty_loops > EMPTY_LOOPS_MAX {
            return false;
        }
        if std::mem::take(&mut self.closing) {
            // The end of the streams is undone by a flush alone.
            self.chain.set_ends(!self.loops);
            self.seeking = self.chain.seek(self.rate, gst::SeekFlags::FLUSH | self.segment_flag(), gst::ClockTime::ZERO);
            return self.seeking;
        }
        self.turning = true;
        if self.looping == Looping::Segments {
            self.chain.seek_aside(self.rate, gst::SeekFlags::SEGMENT, gst::ClockTime::ZERO);
            return true;
        }
        self.seek_refused()
    }
}
