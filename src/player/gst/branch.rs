//! What is put behind a demuxer's pads while a pipeline comes up: the picture branch at once, the sound
//! branch when the item is played for the first time.
//!
//! Until then the coded sound waits in its queue. An item that is only prerolled costs no sound decoder and no
//! stream on the sound server; and a stream that stands unplayed for a while would begin with as much silence
//! (`pulsesink` 1.22 counts the time it stood).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;

use super::arrivals::Arrivals;
use super::audio::{self, AudioOutput};
use super::captions;
use super::codec::{self, Codec, Element, Kind, Stream};
use super::fault::{self, Fault};
use super::guard;
use super::picture::PictureSink;
use super::segment_end::SegmentEnd;
use super::signals::Signals;
use super::traced;
use crate::feed::{Failure, FailureKind};
use crate::player::{TextStream, bounds};
use crate::words::failures as words;

/// Threads a video decoder may use: one keeps four pipelines on two cores from fighting, and slices of one
/// frame gain little at the sizes of a feed.
const DECODER_THREADS: i32 = 1;

const BASE: &str = "gstreamer1.0-plugins-base";
const GOOD: &str = "gstreamer1.0-plugins-good";

/// What is known of a pipeline's streams.
#[derive(Clone, Debug, Default)]
pub(super) struct ChainFacts {
    pub decoder: String,
    pub has_video: bool,
    pub has_audio: bool,
}

/// Held while a branch is put in.
#[derive(Default)]
struct Build {
    /// The pipeline is on its way out: nothing may be added any more.
    closed: bool,
    streams: usize,
    /// Pads of text.
    texts: Vec<gst::Pad>,
    /// Sound that waits to be played: the queue's pad, and what holds it back.
    held: Option<(gst::Pad, gst::PadProbeId, &'static Codec)>,
}

struct Loudness {
    /// Linear.
    volume: f64,
    muted: bool,
    /// The sound branch's volume element, once there is one.
    element: Option<gst::Element>,
}

impl Loudness {
    fn apply(&self) {
        if let Some(element) = &self.element {
            element.set_property("volume", self.volume);
            element.set_property("mute", self.muted);
        }
    }

    /// Whether the sound branch lets anything through at this moment. What it was told does not count.
    fn is_heard(&self) -> bool {
        self.element.as_ref().is_some_and(|element| {
            let is_open = !element.property::<bool>("mute") && element.property::<f64>("volume") > 0.0;
            is_open && element.current_state() == gst::State::Playing
        })
    }
}

/// Puts the branches of one pipeline together.
pub(super) struct Branches {
    pub output: audio::SharedOutput,
    pub signals: Arc<Signals>,
    pub pictures: Arc<PictureSink>,
    pub arrivals: Arc<Arrivals>,
    /// Where the picture branch ends.
    pub sink: gst::Element,
    pub queue: gst::Element,
    build: Mutex<Build>,
    // Never held for longer than it takes to read or set a value.
    loudness: Mutex<Loudness>,
    facts: Mutex<ChainFacts>,
    /// The end of the queue at which coded pictures come in.
    picture_queue: OnceLock<gst::Pad>,
    /// One state change or one joining at a time. Nothing under it waits for a device.
    joining: Mutex<()>,
    /// Whether there is sound that waits to be played.
    holds_sound: AtomicBool,
    /// What becomes of the end of a segment behind the queue.
    pub segment_end: Arc<SegmentEnd>,
}

impl Branches {
    pub fn new(
        output: audio::SharedOutput,
        signals: Arc<Signals>,
        pictures: Arc<PictureSink>,
        sink: gst::Element,
        queue: gst::Element,
    ) -> Self {
        let arrivals = Arrivals::new();
        if let Some(pad) = sink.static_pad("sink") {
            arrivals.watch_sink(&pad);
        }
        Self {
            output,
            signals,
            pictures,
            arrivals,
            sink,
            queue,
            build: Mutex::default(),
            loudness: Mutex::new(Loudness { volume: 1.0, muted: true, element: None }),
            facts: Mutex::default(),
            picture_queue: OnceLock::new(),
            joining: Mutex::default(),
            holds_sound: AtomicBool::new(false),
            segment_end: Arc::default(),
        }
    }

    pub fn facts(&self) -> ChainFacts {
        lock(&self.facts).clone()
    }

    pub fn set_loudness(&self, volume: f64, muted: bool) {
        let mut loudness = lock(&self.loudness);
        loudness.volume = volume;
        loudness.muted = muted;
        loudness.apply();
    }

    /// Whether it can be heard at this moment, by what its elements are really set to. Waits for no device.
    pub fn is_audible(&self) -> bool {
        lock(&self.loudness).is_heard()
    }

    /// How much coded video the queue holds. Its lock is never held while anything is pushed or waited for.
    pub fn queued(&self) -> Option<Duration> {
        self.picture_queue.get().map(|pad| Duration::from_nanos(pad.property::<u64>("current-level-time")))
    }

    /// Nothing is added from now on; what is being added is finished first.
    pub fn close(&self) {
        lock(&self.build).closed = true;
    }

    /// Lets go of every thread that waits for room in the queue or for a sink.
    pub fn flush(&self) {
        for pad in self.queue.sink_pads() {
            pad.send_event(gst::event::FlushStart::new());
        }
    }

    /// Changes the pipeline's state, but not while a branch joins it: an element that joins takes over the
    /// state that the pipeline is in.
    pub fn set_state(&self, pipeline: &gst::Pipeline, state: gst::State) -> bool {
        let _joining = lock(&self.joining);
        pipeline.set_state(state).is_ok()
    }

    /// A stream turned up. Called by the demuxer's thread.
    pub fn pad_added(&self, pipeline: &gst::Pipeline, pad: &gst::Pad) {
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let mut build = lock(&self.build);
        build.streams += 1;
        if build.closed || build.streams > bounds::STREAMS_MAX {
            return;
        }
        let facts = self.facts();
        let failure = match codec::stream_of(&caps) {
            Stream::Ignored => return,
            Stream::Text(form) => {
                if build.texts.len() < captions::STREAMS_MAX {
                    captions::watch(pad, build.texts.len(), form, &self.signals);
                    build.texts.push(pad.clone());
                }
                return;
            }
            Stream::Known(codec) if codec.kind == Kind::Audio => {
                if !facts.has_audio && codec.is_decodable() {
                    lock(&self.facts).has_audio = true;
                    self.hold_sound(&mut build, pad, codec);
                }
                return;
            }
            _ if facts.has_video => return,
            Stream::Known(codec) => self.add_picture(pipeline, pad, codec, &caps).err(),
            Stream::UnknownVideo(name) => Some(Failure::new(FailureKind::Unsupported, words::format(&name))),
            Stream::Encrypted => Some(fault::encrypted()),
        };
        lock(&self.facts).has_video = true;
        if let Some(failure) = failure {
            self.signals.fault(Fault::Item(failure));
        }
    }

    /// The streams of text, as far as they are known by now. Their tags come before what follows them.
    pub fn texts(&self) -> Vec<TextStream> {
        lock(&self.build).texts.iter().map(captions::about).collect()
    }

    /// All streams are known. Called by the demuxer's thread, like the above.
    pub fn no_more_pads(&self) {
        if !self.facts().has_video && !lock(&self.build).closed {
            self.signals.fault(Fault::Item(fault::no_picture()));
        }
    }

    fn add_picture(&self, pipeline: &gst::Pipeline, pad: &gst::Pad, codec: &Codec, caps: &gst::Caps) -> Result<(), Failure> {
        guard::check(caps)?;
        let mut elements = decoding(codec)?;
        if let Some(decoder) = elements.last() {
            lock(&self.facts).decoder = decoder.factory().map(|factory| factory.name().to_string()).unwrap_or_default();
            limit_threads(decoder);
            guard::watch(decoder, codec, &self.signals, &self.arrivals);
            traced::watch(decoder, self.pictures.generation());
            if codec.tells_colour {
                self.pictures.watch_coded(decoder);
            }
        }
        // Passes everything through that the sink takes as it is.
        let convert = make(("videoconvert", BASE))?;
        convert.set_property("n-threads", 1_u32);
        elements.push(convert);
        let queued = self.queue_up(pad)?;
        let _ = self.picture_queue.set(queued.clone());
        self.join(pipeline, &queued, &elements, Some(&self.sink))
    }

    /// Without an output the pad stays unlinked, which costs nothing.
    fn hold_sound(&self, build: &mut Build, pad: &gst::Pad, codec: &'static Codec) {
        if *lock(&self.output) == AudioOutput::None {
            return;
        }
        let held = self.queue_up(pad).map(|queued| {
            let probe = queued.add_probe(gst::PadProbeType::BLOCK_DOWNSTREAM, |_, _| gst::PadProbeReturn::Ok);
            probe.map(|probe| (queued, probe, codec))
        });
        match held {
            Ok(held) => {
                self.holds_sound.store(held.is_some(), Ordering::Release);
                build.held = held;
            }
            Err(failure) => tracing::warn!(reason = failure.sentence, "playing without sound"),
        }
    }

    pub fn holds_sound(&self) -> bool {
        self.holds_sound.load(Ordering::Acquire)
    }

    /// Lets sound that waits be heard. Connects to a sound server, so this is not for the control thread.
    pub fn release_sound(&self, pipeline: &gst::Pipeline) {
        let mut build = lock(&self.build);
        if build.closed {
            return;
        }
        let Some((pad, probe, codec)) = build.held.take() else {
            return;
        };
        self.holds_sound.store(false, Ordering::Release);
        if let Err(failure) = self.add_sound(pipeline, &pad, codec) {
            tracing::warn!(codec = codec.name, reason = failure.sentence, "playing without sound");
            lock(&self.facts).has_audio = false;
            // Silence is better than no picture: the queue must not stand still.
            let drained = make(("fakesink", "libgstreamer1.0-0")).and_then(|drain| {
                drain.set_property("async", false);
                self.join(pipeline, &pad, &[drain], None)
            });
            if let Err(failure) = drained {
                self.signals.fault(Fault::Item(failure));
            }
        }
        pad.remove_probe(probe);
    }

    fn add_sound(&self, pipeline: &gst::Pipeline, pad: &gst::Pad, codec: &Codec) -> Result<(), Failure> {
        let sink = lock(&self.output).sink().ok_or_else(|| fault::player("There is no sound device."))?;
        // This is where a sound server is waited for; from here on nothing blocks.
        sink.set_state(gst::State::Ready).map_err(|_| fault::player("The sound device does not open."))?;
        let join = || {
            let mut elements = sound_elements(codec)?;
            {
                let mut loudness = lock(&self.loudness);
                loudness.element = elements.last().cloned();
                loudness.apply();
            }
            elements.push(sink.clone());
            self.join(pipeline, pad, &elements, None)
        };
        let joined = join();
        if joined.is_err() && sink.parent().is_none() {
            // An element must not be dropped in any other state.
            let _ = sink.set_state(gst::State::Null);
        }
        joined
    }

    /// A queue for a stream; its pad on the far side.
    fn queue_up(&self, pad: &gst::Pad) -> Result<gst::Pad, Failure> {
        self.arrivals.watch_demuxer(pad);
        let input = self.queue.request_pad_simple("sink_%u").ok_or_else(|| fault::player("the queue gave no pad"))?;
        let output = self.queue.static_pad(&input.name().replace("sink", "src")).ok_or_else(|| fault::player("the queue has no end"))?;
        pad.link(&input).map_err(|err| fault::player(err.to_string()))?;
        self.segment_end.watch(&output);
        Ok(output)
    }

    /// Puts a branch into the pipeline behind a queue: the end first, so that nothing flows into an element
    /// that is not up.
    fn join(
        &self,
        pipeline: &gst::Pipeline,
        from: &gst::Pad,
        elements: &[gst::Element],
        end: Option<&gst::Element>,
    ) -> Result<(), Failure> {
        let broken = |err: gst::glib::BoolError| fault::player(err.to_string());
        let _joining = lock(&self.joining);
        pipeline.add_many(elements).map_err(broken)?;
        gst::Element::link_many(elements).map_err(broken)?;
        if let (Some(last), Some(end)) = (elements.last(), end) {
            last.link(end).map_err(broken)?;
        }
        for element in elements.iter().rev() {
            element.sync_state_with_parent().map_err(broken)?;
        }
        let into = elements.first().and_then(|first| first.static_pad("sink")).ok_or_else(|| fault::player("an empty branch"))?;
        from.link(&into).map_err(|err| fault::player(err.to_string()))?;
        Ok(())
    }
}

/// The parser, where it has one, and the decoder of a format.
fn decoding(codec: &Codec) -> Result<Vec<gst::Element>, Failure> {
    let mut elements = Vec::with_capacity(2);
    if let Some(parser) = codec.parser {
        elements.push(make_for(codec, &[parser])?);
    }
    if !codec.decoders.is_empty() {
        elements.push(make_for(codec, codec.decoders)?);
    }
    Ok(elements)
}

/// All of a sound branch but its sink; the volume comes last.
pub(super) fn sound_elements(codec: &Codec) -> Result<Vec<gst::Element>, Failure> {
    let mut elements = decoding(codec)?;
    // `scaletempo` keeps the pitch at another speed, and passes everything through at a clip's own.
    for element in [("audioconvert", BASE), ("scaletempo", GOOD), ("audioresample", BASE), ("volume", BASE)] {
        elements.push(make(element)?);
    }
    Ok(elements)
}

fn make_for(codec: &Codec, choices: &[Element]) -> Result<gst::Element, Failure> {
    let made = choices.iter().find_map(|(name, _)| gst::ElementFactory::make(name).build().ok());
    made.ok_or_else(|| {
        let (element, package) = choices.first().copied().unwrap_or_default();
        Failure::new(FailureKind::Unsupported, words::needs(Some(codec.name), element, package))
    })
}

/// An element, or the words that say which package brings it.
pub(super) fn make((element, package): Element) -> Result<gst::Element, Failure> {
    gst::ElementFactory::make(element).build().map_err(|_| Failure::new(FailureKind::Unsupported, words::needs(None, element, package)))
}

/// Frame threading would hold back one frame per thread before the first one comes out.
fn limit_threads(decoder: &gst::Element) {
    if decoder.has_property("thread-type") {
        decoder.set_property_from_str("thread-type", "slice");
    }
    for name in ["max-threads", "n-threads"] {
        if decoder.has_property(name) {
            decoder.set_property_from_str(name, &DECODER_THREADS.to_string());
        }
    }
    if decoder.factory().is_some_and(|factory| factory.name() == "vp9dec" || factory.name() == "vp8dec") {
        decoder.set_property_from_str("threads", &DECODER_THREADS.to_string());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
