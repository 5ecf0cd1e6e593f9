//! One pipeline, put together by hand: source, demuxer, queue, and for the first picture and the first sound
//! a parser, a decoder and a sink. `uridecodebin3` would do the same with three times the threads and memory.

use std::sync::{Arc, Weak};
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;

use super::arrivals::Flow;
use super::audio::SharedOutput;
use super::branch::{Branches, ChainFacts, make};
use super::codec;
use super::fault;
use super::picture::PictureSink;
use super::seeks::Seeks;
use super::signals::Signals;
use super::source::ByteSrc;
use crate::cache::{ByteReader, Opened};
use crate::feed::{Container, Failure, FailureKind};
use crate::player::TextStream;
use crate::words::failures as words;

/// Coded buffers each branch may hold ahead of its decoder.
const QUEUE_BUFFERS: u32 = 12;
/// Bytes each branch may hold, however few buffers they are.
const QUEUE_BYTES: u32 = 8 << 20;

/// One pipeline and what hangs on it.
pub(super) struct Chain {
    pub pipeline: gst::Pipeline,
    pub pictures: Arc<PictureSink>,
    pub reader: Arc<dyn ByteReader>,
    /// It can loop by segments.
    pub segments: bool,
    branches: Arc<Branches>,
    signals: Arc<Signals>,
    seeks: Arc<Seeks>,
    /// The pad at which seeks enter, on their way up.
    entry: Option<gst::Pad>,
}

impl Chain {
    /// Puts a pipeline together; it is in NULL.
    pub fn build(opened: &Opened, output: SharedOutput, pictures: Arc<PictureSink>, signals: &Arc<Signals>) -> Result<Self, Failure> {
        let container = Container::sniff(&opened.head).ok_or_else(|| Failure::new(FailureKind::Unsupported, words::UNKNOWN_KIND))?;
        let codec::Demuxer { element, segments } = codec::demuxer(container);
        let demuxer = make(element)?;
        let source: gst::Element = ByteSrc::new(Arc::clone(&opened.reader), Arc::clone(signals)).upcast();
        // It grows where a stream waits for another, so that badly interleaved files do not stop.
        let queue = make(("multiqueue", "libgstreamer1.0-0"))?;
        queue.set_property("max-size-buffers", QUEUE_BUFFERS);
        queue.set_property("max-size-bytes", QUEUE_BYTES);
        queue.set_property("max-size-time", 0_u64);
        let sink: gst::Element = pictures.element().upcast();
        let entry = sink.static_pad("sink");
        let pipeline = gst::Pipeline::new();
        let add = pipeline.add_many([&source, &demuxer, &queue, &sink]).and_then(|()| source.link(&demuxer));
        add.map_err(|err| fault::player(err.to_string()))?;

        let branches = Arc::new(Branches::new(output, Arc::clone(signals), Arc::clone(&pictures), sink, queue));
        let (weak, adder) = (pipeline.downgrade(), Arc::clone(&branches));
        demuxer.connect_pad_added(move |_, pad| {
            if let Some(pipeline) = weak.upgrade() {
                adder.pad_added(&pipeline, pad);
            }
        });
        let adder = Arc::clone(&branches);
        demuxer.connect_no_more_pads(move |_| adder.no_more_pads());
        let (reader, signals, seeks) = (Arc::clone(&opened.reader), Arc::clone(signals), Arc::default());
        Ok(Self { pipeline, pictures, reader, segments, branches, signals, seeks, entry })
    }

    /// Loudness from now on: linear volume, and whether anything is heard at all.
    pub fn set_loudness(&self, volume: f64, muted: bool) {
        self.branches.set_loudness(volume, muted);
    }

    pub fn facts(&self) -> ChainFacts {
        self.branches.facts()
    }

    /// The streams of text that are read along.
    pub fn texts(&self) -> Vec<TextStream> {
        self.branches.texts()
    }

    /// Its branches, for whoever wants to know of them as long as there are any.
    pub fn branches(&self) -> Weak<Branches> {
        Arc::downgrade(&self.branches)
    }

    /// How much coded video lies between demuxer and decoder; `None` before there is any.
    pub fn queued(&self) -> Option<Duration> {
        self.branches.queued()
    }

    /// The state it is in, in one word. Waits for no state change.
    pub fn state(&self) -> &'static str {
        match self.pipeline.state(gst::ClockTime::ZERO) {
            (Ok(gst::StateChangeSuccess::Async), ..) => "changing",
            (_, gst::State::Playing, _) => "playing",
            (_, gst::State::Paused, _) => "paused",
            (_, gst::State::Ready, _) => "ready",
            _ => "null",
        }
    }

    /// Starts or pauses. `false`: the pipeline refused.
    pub fn run(&self, playing: bool) -> bool {
        if !playing {
            return self.branches.set_state(&self.pipeline, gst::State::Paused);
        }
        let started = self.branches.set_state(&self.pipeline, gst::State::Playing);
        if self.branches.holds_sound() {
            // The picture goes ahead; sound follows as soon as its device is there.
            let branches = Arc::clone(&self.branches);
            self.pipeline.call_async(move |pipeline| branches.release_sound(pipeline));
        }
        started
    }

    /// Whether it does what it was told last: no state change and no seek is under way.
    pub fn is_settled(&self, playing: bool) -> bool {
        let (outcome, state, _) = self.pipeline.state(gst::ClockTime::ZERO);
        matches!(outcome, Ok(gst::StateChangeSuccess::Success | gst::StateChangeSuccess::NoPreroll))
            && (!playing || state == gst::State::Playing)
    }

    /// What passes through it, by its clock; to be asked of one that plays.
    pub fn flow(&self) -> Flow {
        self.branches.arrivals.flow(self.pipeline.current_running_time().unwrap_or_default().into())
    }

    /// Seeks on a thread of GStreamer's: where the decoder hangs a flushing seek hangs too, and the control thread
    /// must not. That it is refused is told.
    pub fn seek_aside(&self, rate: f64, flags: gst::SeekFlags, to: gst::ClockTime) {
        let (signals, seeks, entry) = (Arc::clone(&self.signals), Arc::clone(&self.seeks), self.entry.clone());
        self.pipeline.call_async(move |_| {
            let Some(_turn) = seeks.begin() else { return };
            if !seek(entry.as_ref(), rate, flags, to) {
                signals.tell(|news| news.seek_refused = true);
            }
        });
    }

    /// Seeks on this thread, for a pipeline that stands or is at its end. `false`: it is refused.
    pub fn seek(&self, rate: f64, flags: gst::SeekFlags, to: gst::ClockTime) -> bool {
        seek(self.entry.as_ref(), rate, flags, to)
    }

    /// Whether the end of a segment is the end of the clip: its end is told once all of it was seen and heard.
    pub fn set_ends(&self, ends: bool) {
        self.branches.segment_end.set_ends(ends);
    }

    /// Whether the end of a segment left the queue, and was not the end of the clip.
    pub fn segment_is_over(&self) -> bool {
        self.branches.segment_end.has_passed()
    }

    /// A stream time within the picture before the one that is shown at `shown`, of pictures that last about `length`.
    pub fn picture_before(&self, shown: Duration, length: Duration) -> Option<Duration> {
        self.branches.arrivals.picture_before(shown, length)
    }

    /// From now on nothing is shown; waiting reads end.
    pub fn close(&self) {
        self.pictures.close();
        self.reader.set_interrupted(true);
    }

    /// Brings the pipeline to NULL; blocks until its threads are gone.
    pub fn tear_down(&self) {
        self.reader.set_interrupted(true);
        self.branches.close();
        // A seek that does not flush waits for its demuxer, which may wait for room in the queue until the end of time.
        self.branches.flush();
        self.seeks.close();
        // NULL cannot fail in a way that could be answered.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Enters at a pad, not at the pipeline: that holds its state lock for as long as the seek takes, and a pause or
/// a release would wait for it.
fn seek(entry: Option<&gst::Pad>, rate: f64, flags: gst::SeekFlags, to: gst::ClockTime) -> bool {
    let event = gst::event::Seek::new(rate, flags, gst::SeekType::Set, to, gst::SeekType::None, gst::ClockTime::NONE);
    entry.is_some_and(|pad| pad.push_event(event))
}

impl Drop for Chain {
    fn drop(&mut self) {
        // Teardown has done this already, unless the control thread came to a sudden end.
        if self.pipeline.current_state() != gst::State::Null {
            self.tear_down();
        }
    }
}
