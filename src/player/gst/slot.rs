//! One living pipeline as the control thread sees it: its chain, and where it is in preroll, seeking,
//! looping and waiting for bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;

use super::chain::Chain;
use super::mailbox::Signals;
use crate::feed::Generation;
use crate::player::MediaInfo;

/// How a clip starts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looping {
    /// Not decided: the pipeline has not stood yet.
    Undecided,
    /// Segments follow one another without a gap.
    Segments,
    /// The demuxer has no segment seeks: at its end it is flushed and begins again.
    Flushing,
}

/// A position that was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    pub to: Duration,
    pub exact: bool,
}

/// One pipeline.
#[expect(clippy::struct_excessive_bools, reason = "each is a step that may come before or after the others")]
pub(super) struct Live {
    pub generation: Generation,
    pub chain: Chain,
    pub signals: Arc<Signals>,
    pub built_at: Instant,
    start_at: Duration,
    looping: Looping,
    /// A flushing seek is under way; another one waits for its end.
    seeking: bool,
    pending: Option<Jump>,
    /// The seek under way was asked for.
    jumping: bool,
    /// A position that was asked for is reached.
    arrived: bool,
    /// The first picture is on the board.
    pub pictured: bool,
    /// `ASYNC_DONE` came, for the start position.
    pub stood: bool,
    pub reported: bool,
    pub playing: bool,
    /// Paused by us until bytes come, since this moment.
    pub waiting_since: Option<Instant>,
    pictures_at_loop: u64,
    empty_loops: u32,
}

/// Times a clip may start over without a single picture before it is taken for broken.
const EMPTY_LOOPS_MAX: u32 = 50;

impl Live {
    pub fn new(generation: Generation, chain: Chain, signals: Arc<Signals>, start_at: Duration, now: Instant) -> Self {
        // Pictures from before the wanted position would be seen as a jump.
        chain.pictures.veil(!start_at.is_zero());
        Self {
            generation,
            chain,
            signals,
            built_at: now,
            start_at,
            looping: Looping::Undecided,
            seeking: false,
            pending: None,
            jumping: false,
            arrived: false,
            pictured: false,
            stood: false,
            reported: false,
            playing: false,
            waiting_since: None,
            pictures_at_loop: 0,
            empty_loops: 0,
        }
    }

    /// Whether the pipeline stands on its picture, as far as anyone was told to wait for.
    pub fn ready(&self) -> bool {
        self.pictured && self.stood
    }

    /// The pipeline stands: after the first time, segment looping is armed by a seek; after each, a seek that
    /// waited may go.
    pub fn async_done(&mut self) {
        self.seeking = false;
        if self.looping == Looping::Undecided {
            self.arm();
            return;
        }
        self.stood = true;
        if let Some(jump) = self.pending.take() {
            self.seek(jump);
        } else {
            self.arrived = std::mem::take(&mut self.jumping);
        }
    }

    /// Whether a position that was asked for was reached since the last call.
    pub fn take_arrival(&mut self) -> bool {
        std::mem::take(&mut self.arrived)
    }

    fn arm(&mut self) {
        self.chain.pictures.veil(false);
        if !self.chain.segments && self.start_at.is_zero() {
            self.looping = Looping::Flushing;
            self.stood = true;
            return;
        }
        let exact = if self.start_at.is_zero() { gst::SeekFlags::empty() } else { gst::SeekFlags::ACCURATE };
        if self.chain.segments && self.seek_flags(gst::SeekFlags::FLUSH | gst::SeekFlags::SEGMENT | exact, self.start_at) {
            self.looping = Looping::Segments;
            self.seeking = true;
        } else {
            self.looping = Looping::Flushing;
            self.seeking = self.seek_flags(gst::SeekFlags::FLUSH | exact, self.start_at);
        }
        // From the start, what stands now is what was asked for.
        self.stood = self.start_at.is_zero() || !self.seeking;
    }

    /// Goes to a position, after the seek that is under way if there is one.
    pub fn seek(&mut self, jump: Jump) {
        if self.seeking || self.looping == Looping::Undecided {
            self.pending = Some(jump);
            return;
        }
        let how = if jump.exact { gst::SeekFlags::ACCURATE } else { gst::SeekFlags::KEY_UNIT | gst::SeekFlags::SNAP_NEAREST };
        let segment = if self.looping == Looping::Segments { gst::SeekFlags::SEGMENT } else { gst::SeekFlags::empty() };
        self.seeking = self.seek_flags(gst::SeekFlags::FLUSH | segment | how, jump.to);
        self.jumping = self.seeking;
    }

    /// The clip came to its end. `false`: it brought no pictures, again and again.
    #[must_use]
    pub fn start_over(&mut self) -> bool {
        if self.playing && self.signals.pictures() == self.pictures_at_loop {
            self.empty_loops += 1;
        } else {
            self.empty_loops = 0;
        }
        self.pictures_at_loop = self.signals.pictures();
        if self.empty_loops > EMPTY_LOOPS_MAX {
            return false;
        }
        if self.looping == Looping::Segments && self.seek_flags(gst::SeekFlags::SEGMENT, Duration::ZERO) {
            return true;
        }
        self.looping = Looping::Flushing;
        self.seeking = self.seek_flags(gst::SeekFlags::FLUSH, Duration::ZERO);
        self.seeking
    }

    fn seek_flags(&self, flags: gst::SeekFlags, to: Duration) -> bool {
        let to = gst::ClockTime::try_from(to).unwrap_or(gst::ClockTime::ZERO);
        self.chain.pipeline.seek(1.0, flags, gst::SeekType::Set, to, gst::SeekType::None, gst::ClockTime::NONE).is_ok()
    }

    pub fn info(&self) -> MediaInfo {
        let (facts, pictures) = (self.chain.facts(), self.chain.pictures.facts());
        let duration = self.chain.pipeline.query_duration::<gst::ClockTime>().map(Into::into);
        MediaInfo { size: pictures.size, fps: pictures.fps, duration, decoder: facts.decoder, has_audio: facts.has_audio }
    }
}
