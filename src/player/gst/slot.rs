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

/// How long a picture is taken to last that does not say so.
const USUAL_LENGTH: Duration = Duration::from_millis(40);

/// How a clip starts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looping {
    /// Not decided: the pipeline has not stood yet.
    Undecided,
    /// Segments follow one another without a gap.
    Segments,
    /// The demuxer has no segment seeks: at its end it is flushed and begins again.
    Flushing,
}

/// Where a seek goes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Jump {
    /// A position that was asked for, exact to the picture or not.
    To { to: Duration, exact: bool },
    /// One picture on, or back.
    Step { forward: bool },
    /// Where it is, at the speed that is wanted now.
    Speed,
    /// Where it is, so that its picture comes again.
    Again,
}

impl Jump {
    /// What any other seek brings along.
    fn is_minor(self) -> bool {
        matches!(self, Self::Speed | Self::Again)
    }
}

/// One pipeline.
#[expect(clippy::struct_excessive_bools, reason = "each is a step that may come before or after the others")]
pub(super) struct Live {
    pub generation: Generation,
    pub chain: Chain,
    pub signals: Arc<Signals>,
    pub built_at: Instant,
    start_at: Duration,
    pub(super) looping: Looping,
    /// The speed it was given last, and the one that is wanted.
    pub(super) rate: f64,
    wanted_rate: f64,
    /// It begins again at its end.
    pub(super) loops: bool,
    /// An end was put behind what is queued.
    pub(super) closing: bool,
    /// It came to its end and stays there.
    pub finished: bool,
    /// Where it stood when it was told to go where a picture may not be.
    left: Option<Duration>,
    /// Where the last seek goes to.
    sought: Option<Duration>,
    /// A flushing seek is under way; another one waits for its end.
    pub(super) seeking: bool,
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
    pub(super) turning: bool,
    /// It came to its end before it played: a short clip fits into the queue.
    pub(super) ended: bool,
    pub(super) pictures_at_loop: u64,
    pub(super) empty_loops: u32,
}

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
            rate: 1.0,
            wanted_rate: 1.0,
            loops: true,
            closing: false,
            finished: false,
            left: None,
            sought: None,
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
            self.left = None;
        }
    }

    /// Whether a position that was asked for was reached since the last call.
    pub fn take_arrival(&mut self) -> bool {
        std::mem::take(&mut self.arrived)
    }

    fn arm(&mut self) {
        self.chain.pictures.veil(false);
        if !self.chain.segments && self.start_at.is_zero() && !self.is_other_speed_wanted() {
            self.looping = Looping::Flushing;
            self.stood = true;
            return;
        }
        let exact = if self.start_at.is_zero() { gst::SeekFlags::empty() } else { gst::SeekFlags::ACCURATE };
        let (flush, start_at) = (gst::SeekFlags::FLUSH | exact, clock_time(self.start_at));
        self.rate = self.wanted_rate;
        if self.chain.segments && self.chain.seek(self.rate, flush | gst::SeekFlags::SEGMENT, start_at) {
            self.looping = Looping::Segments;
            self.seeking = true;
        } else {
            self.looping = Looping::Flushing;
            self.seeking = self.chain.seek(self.rate, flush, start_at);
        }
        // From the start, what stands now is what was asked for.
        self.stood = self.start_at.is_zero() || !self.seeking;
    }

    /// Goes to a position, after the seek that is under way if there is one.
    pub fn seek(&mut self, jump: Jump) {
        if matches!(jump, Jump::Speed) && !self.is_other_speed_wanted() {
            return;
        }
        if self.seeking || self.looping == Looping::Undecided {
            if self.pending.is_none() || !jump.is_minor() {
                self.pending = Some(jump);
            }
            return;
        }
        let position = self.signals.position();
        let to = match jump {
            Jump::To { to, .. } => Some(to),
            Jump::Step { forward } => self.step_from(position, forward),
            Jump::Speed | Jump::Again => Some(position),
        };
        let Some(to) = to else { return };
        let nearest = matches!(jump, Jump::To { exact: false, .. });
        let how = if nearest { gst::SeekFlags::KEY_UNIT | gst::SeekFlags::SNAP_NEAREST } else { gst::SeekFlags::ACCURATE };
        self.signals.forget_end();
        self.left = Some(position).filter(|_| !jump.is_minor());
        self.sought = Some(to);
        self.rate = self.wanted_rate;
        self.chain.seek_aside(self.rate, gst::SeekFlags::FLUSH | self.segment_flag() | how, clock_time(to));
        self.seeking = true;
        self.jumping = true;
        (self.ended, self.closing, self.finished) = (false, false, false);
        self.chain.set_ends(!self.loops);
    }

    /// Where it is, or where it was told to go while it is on its way.
    pub fn position(&self) -> Duration {
        let sought = match self.pending {
            Some(Jump::To { to, .. }) => Some(to),
            _ => self.sought.filter(|_| self.seeking),
        };
        sought.unwrap_or_else(|| self.signals.position())
    }

    /// A seek found no picture where it went: back to where it came from. `false`: none did.
    pub fn turn_back(&mut self) -> bool {
        let Some(from) = self.left.take().filter(|_| self.seeking) else { return false };
        self.seeking = false;
        let jump = self.pending.take().unwrap_or(Jump::To { to: from, exact: true });
        self.seek(jump);
        // Once is enough.
        self.left = None;
        true
    }

    /// How it is to be played from now on.
    pub fn set_manner(&mut self, rate: f64, loops: bool) {
        (self.wanted_rate, self.loops) = (rate, loops);
        if !self.closing {
            // What is about to end does so, and then begins again.
            self.chain.set_ends(!loops);
        }
        if self.playing && !self.finished {
            self.seek(Jump::Speed);
        }
    }

    /// Gives the picture that is seen away, or the next one of a clip that plays.
    pub fn give_still(&mut self) {
        self.chain.pictures.want_still();
        if !self.playing {
            self.seek(Jump::Again);
        }
    }

    fn is_other_speed_wanted(&self) -> bool {
        (self.rate - self.wanted_rate).abs() > f64::EPSILON
    }

    pub(super) fn segment_flag(&self) -> gst::SeekFlags {
        if self.looping == Looping::Segments { gst::SeekFlags::SEGMENT } else { gst::SeekFlags::empty() }
    }

    /// Where the picture after or before the one at `position` is; `None` where there is none.
    fn step_from(&self, position: Duration, forward: bool) -> Option<Duration> {
        let fps = self.chain.pictures.facts().fps;
        let usual = if fps > 0.0 { Duration::from_secs_f64(1.0 / fps) } else { USUAL_LENGTH };
        if !forward {
            return self.chain.picture_before(position, usual);
        }
        let next = position + self.signals.length().unwrap_or(usual);
        // Half a picture is not enough for one more.
        (self.duration.is_none_or(|duration| next + usual / 2 < duration)).then_some(next)
    }

    /// A seek that was asked for aside cannot be done. `false`: nothing else can be done either.
    #[must_use]
    pub fn seek_refused(&mut self) -> bool {
        if std::mem::take(&mut self.turning) {
            self.looping = Looping::Flushing;
            self.seeking = self.chain.seek(self.rate, gst::SeekFlags::FLUSH, gst::ClockTime::ZERO);
            return self.seeking;
        }
        // It stays where it is.
        self.seeking = false;
        self.jumping = false;
        true
    }

    /// What was found in it.
    pub fn info(&mut self) -> MediaInfo {
        let (facts, pictures) = (self.chain.facts(), self.chain.pictures.facts());
        self.duration = bounds::duration(self.chain.pipeline.query_duration::<gst::ClockTime>().map(Into::into));
        MediaInfo {
            size: pictures.size,
            fps: pictures.fps,
            duration: self.duration,
            decoder: facts.decoder,
            has_audio: facts.has_audio,
            captions: self.chain.texts(),
        }
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
        self.reported && (self.playing && !self.finished || self.seeking)
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
        let rate = self.duration.map(|duration| length as f64 / duration.as_secs_f64() * self.rate);
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
