//! One living pipeline as the control thread sees it: its chain, and where it is in preroll, seeking,
//! looping and waiting for bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;

use super::chain::Chain;
use super::signals::Signals;
use crate::feed::Generation;
use crate::player::rebuffer::{Rebuffer, Supply};
use crate::player::watch::{Beginning, Sight};
use crate::player::{MediaInfo, PipelineRow, bounds};

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
    /// When playback stops for want of bytes, and when it goes on.
    pub rebuffer: Rebuffer,
    /// A state change or a seek is under way, since it was first seen.
    unsettled: Option<Instant>,
    /// Length of the clip, when known.
    duration: Option<Duration>,
    /// It was told to begin again, and has not refused.
    turning: bool,
    /// It came to its end before it played: a short clip fits into the queue.
    ended: bool,
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
            rebuffer: Rebuffer::default(),
            unsettled: None,
            duration: None,
            turning: false,
            ended: false,
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
        if self.chain.segments && self.chain.seek(gst::SeekFlags::FLUSH | gst::SeekFlags::SEGMENT | exact, clock_time(self.start_at)) {
            self.looping = Looping::Segments;
            self.seeking = true;
        } else {
            self.looping = Looping::Flushing;
            self.seeking = self.chain.seek(gst::SeekFlags::FLUSH | exact, clock_time(self.start_at));
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
        self.chain.seek_aside(gst::SeekFlags::FLUSH | segment | how, clock_time(jump.to));
        self.seeking = true;
        self.jumping = true;
        self.ended = false;
    }

    /// A seek that was asked for aside cannot be done. `false`: nothing else can be done either.
    #[must_use]
    pub fn seek_refused(&mut self) -> bool {
        if std::mem::take(&mut self.turning) {
            self.looping = Looping::Flushing;
            self.seeking = self.chain.seek(gst::SeekFlags::FLUSH, gst::ClockTime::ZERO);
            return self.seeking;
        }
        // It stays where it is.
        self.seeking = false;
        self.jumping = false;
        true
    }

    /// It was told to play. `false`: it came to its end before, and does not begin again.
    #[must_use]
    pub fn started(&mut self) -> bool {
        !std::mem::take(&mut self.ended) || self.start_over()
    }

    /// Whether it is flushed at its end to begin again.
    pub fn loops_by_flushing(&self) -> bool {
        self.looping == Looping::Flushing
    }

    /// The clip came to its end. `false`: it brought no pictures, again and again.
    ///
    /// One that stands waits for its turn: its demuxer waits for room in the queue, and the seek would wait for it.
    #[must_use]
    pub fn start_over(&mut self) -> bool {
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
        self.turning = true;
        if self.looping == Looping::Segments {
            self.chain.seek_aside(gst::SeekFlags::SEGMENT, gst::ClockTime::ZERO);
            return true;
        }
        self.seek_refused()
    }

    /// What was found in it.
    pub fn info(&mut self) -> MediaInfo {
        let (facts, pictures) = (self.chain.facts(), self.chain.pictures.facts());
        self.duration = bounds::duration(self.chain.pipeline.query_duration::<gst::ClockTime>().map(Into::into));
        MediaInfo { size: pictures.size, fps: pictures.fps, duration: self.duration, decoder: facts.decoder, has_audio: facts.has_audio }
    }

    /// Fills in what can be seen of it without waiting for any of its threads.
    pub fn describe(&self, row: &mut PipelineRow, now: Instant) {
        let pictures = self.chain.pictures.facts();
        row.state = self.chain.state();
        (row.size, row.fps) = (pictures.size, pictures.fps);
        row.queued = self.chain.queued();
        row.position = self.pictured.then(|| self.signals.position());
        (row.late, row.dropped) = self.signals.losses();
        row.age = now.saturating_duration_since(self.built_at);
    }

    /// How far it has come without its first picture.
    pub fn beginning(&self, now: Instant) -> Beginning {
        let hunger = self.signals.hunger();
        Beginning { age: now.saturating_duration_since(self.built_at), without_bytes: hunger.without_bytes, waited: hunger.waited }
    }

    /// Whether it is looked at a few times a second.
    pub fn is_tended(&self) -> bool {
        self.reported && (self.playing || self.seeking)
    }

    /// Looks at a pipeline that plays or seeks: what it shows, and what it has in hand.
    pub fn look(&mut self, now: Instant) -> (Sight, Supply) {
        let (hunger, flow) = (self.signals.hunger(), self.chain.flow());
        self.unsettled = if self.chain.is_settled(self.playing) { None } else { self.unsettled.or(Some(now)) };
        let unsettled = self.unsettled.map(|since| now.saturating_duration_since(since));
        let sight = Sight {
            idle: flow.idle,
            ended: flow.ended,
            decoding: flow.decoding,
            demuxer_silent: flow.demuxer_silent,
            unsettled,
            starving: hunger.starving_for.is_some(),
        };
        let (length, from) = (self.chain.reader.len(), self.signals.read_offset());
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
        let rate = self.duration.map(|duration| length as f64 / duration.as_secs_f64());
        let supply = Supply {
            // The clock does not count while a state change is under way.
            late: unsettled.unwrap_or(flow.late),
            standing: self.signals.standing(),
            starving_for: hunger.starving_for,
            waited: hunger.waited,
            ahead: self.chain.reader.ready_from(from),
            rest: length.saturating_sub(from),
            rate,
        };
        (sight, supply)
    }
}

fn clock_time(time: Duration) -> gst::ClockTime {
    gst::ClockTime::try_from(time).unwrap_or(gst::ClockTime::ZERO)
}
