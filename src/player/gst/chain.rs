//! One pipeline, put together by hand: source, demuxer, and for the first picture and the first sound a
//! parser, a decoder and a sink. `uridecodebin3` would do the same with three times the threads and memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gst::prelude::*;
use gstreamer as gst;

use super::audio::AudioOutput;
use super::codec::{self, Codec, Element, Kind, Stream};
use super::fault::{self, Fault};
use super::mailbox::Signals;
use super::picture::PictureSink;
use super::source::ByteSrc;
use crate::cache::Opened;
use crate::feed::{Container, Failure, FailureKind};

/// Threads a video decoder may use: one keeps four pipelines on two cores from fighting, and slices of one
/// frame gain little at the sizes of a feed.
const DECODER_THREADS: i32 = 1;
/// Coded buffers each branch may hold ahead of its decoder.
const QUEUE_BUFFERS: u32 = 12;
/// Bytes each branch may hold, however few buffers they are.
const QUEUE_BYTES: u32 = 8 << 20;
/// Streams of a file that are looked at.
const STREAMS_MAX: usize = 32;
/// The largest picture that is decoded, in pixels: 8192 × 4096.
const PICTURE_PIXELS_MAX: i64 = 8192 * 4096;

/// What is known of a chain's streams.
#[derive(Clone, Debug, Default)]
pub(super) struct ChainFacts {
    pub decoder: String,
    pub has_video: bool,
    pub has_audio: bool,
}

/// Held while a branch is put in, which may wait for a sound server.
#[derive(Default)]
struct Build {
    /// The pipeline is on its way out: nothing may be added any more.
    closed: bool,
    streams: usize,
}

struct Sound {
    /// Linear.
    volume: f64,
    muted: bool,
    /// The sound branch's volume element, once there is one.
    element: Option<gst::Element>,
}

struct Builder {
    audio: AudioOutput,
    signals: Arc<Signals>,
    /// Where the picture branch ends.
    sink: gst::Element,
    pictures: Arc<PictureSink>,
    queue: gst::Element,
    build: Mutex<Build>,
    // Never held for longer than it takes to read or set a value.
    sound: Mutex<Sound>,
    facts: Mutex<ChainFacts>,
}

/// One pipeline and what hangs on it.
pub(super) struct Chain {
    pub pipeline: gst::Pipeline,
    pub pictures: Arc<PictureSink>,
    pub reader: Arc<dyn crate::cache::ByteReader>,
    /// It can loop by segments.
    pub segments: bool,
    builder: Arc<Builder>,
}

impl Chain {
    /// Puts a pipeline together; it is in NULL.
    pub fn build(opened: &Opened, audio: AudioOutput, pictures: Arc<PictureSink>, signals: &Arc<Signals>) -> Result<Self, Failure> {
        let container = Container::sniff(&opened.head)
            .ok_or_else(|| Failure::new(FailureKind::Unsupported, "This is not a video file of a kind that can be played."))?;
        let codec::Demuxer { element, segments } = codec::demuxer(container);
        let demuxer = make(element)?;
        let source: gst::Element = ByteSrc::new(Arc::clone(&opened.reader), Arc::clone(signals)).upcast();
        let queue = make(("multiqueue", "libgstreamer1.0-0"))?;
        queue.set_property("max-size-buffers", QUEUE_BUFFERS);
        queue.set_property("max-size-bytes", QUEUE_BYTES);
        queue.set_property("max-size-time", 0_u64);
        let sink: gst::Element = pictures.element().upcast();
        let pipeline = gst::Pipeline::new();
        let add = pipeline.add_many([&source, &demuxer, &queue, &sink]).and_then(|()| source.link(&demuxer));
        add.map_err(|err| fault::player(err.to_string()))?;

        let builder = Arc::new(Builder {
            audio,
            signals: Arc::clone(signals),
            sink,
            pictures: Arc::clone(&pictures),
            queue,
            build: Mutex::default(),
            sound: Mutex::new(Sound { volume: 1.0, muted: true, element: None }),
            facts: Mutex::default(),
        });
        let (weak, adder) = (pipeline.downgrade(), Arc::clone(&builder));
        demuxer.connect_pad_added(move |_, pad| {
            if let Some(pipeline) = weak.upgrade() {
                adder.pad_added(&pipeline, pad);
            }
        });
        let adder = Arc::clone(&builder);
        demuxer.connect_no_more_pads(move |_| adder.no_more_pads());
        Ok(Self { pipeline, pictures, reader: Arc::clone(&opened.reader), segments, builder })
    }

    /// Loudness from now on: linear volume, and whether anything is heard at all.
    pub fn set_loudness(&self, volume: f64, muted: bool) {
        let mut sound = lock(&self.builder.sound);
        sound.volume = volume;
        sound.muted = muted;
        sound.apply();
    }

    pub fn facts(&self) -> ChainFacts {
        lock(&self.builder.facts).clone()
    }

    /// From now on nothing is added and nothing is shown; waiting reads end.
    pub fn close(&self) {
        self.pictures.close();
        self.reader.set_interrupted(true);
    }

    /// Brings the pipeline to NULL; blocks until its threads are gone.
    pub fn tear_down(&self) {
        self.reader.set_interrupted(true);
        // Holding the lock for this moment means: no branch is half built when the state changes.
        lock(&self.builder.build).closed = true;
        // NULL cannot fail in a way that could be answered.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // Teardown has done this already, unless the control thread came to a sudden end.
        if self.pipeline.current_state() != gst::State::Null {
            self.tear_down();
        }
    }
}

impl Builder {
    fn pad_added(&self, pipeline: &gst::Pipeline, pad: &gst::Pad) {
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let mut build = lock(&self.build);
        build.streams += 1;
        if build.closed || build.streams > STREAMS_MAX {
            return;
        }
        let facts = lock(&self.facts).clone();
        let failure = match codec::stream_of(&caps) {
            Stream::Ignored => return,
            Stream::Known(codec) if codec.kind == Kind::Audio => {
                if !facts.has_audio {
                    let added = self.add_sound(pipeline, pad, codec);
                    lock(&self.facts).has_audio = added.is_ok();
                    if let Err(failure) = added {
                        // Silence is better than no picture.
                        tracing::warn!(codec = codec.name, reason = failure.sentence, "playing without sound");
                    }
                }
                return;
            }
            _ if facts.has_video => return,
            Stream::Known(codec) => self.add_picture(pipeline, pad, codec, &caps).err(),
            Stream::UnknownVideo(name) => {
                Some(Failure::new(FailureKind::Unsupported, format!("Video in the format {name} cannot be played.")))
            }
            Stream::Encrypted => Some(fault::encrypted()),
        };
        lock(&self.facts).has_video = true;
        if let Some(failure) = failure {
            self.signals.fault(Fault::Item(failure));
        }
    }

    fn no_more_pads(&self) {
        // The pads were added by this same thread.
        if !lock(&self.facts).has_video && !lock(&self.build).closed {
            self.signals.fault(Fault::Item(fault::no_picture()));
        }
    }

    fn add_picture(&self, pipeline: &gst::Pipeline, pad: &gst::Pad, codec: &Codec, caps: &gst::Caps) -> Result<(), Failure> {
        let side = |name: &str| caps.structure(0).and_then(|structure| structure.get::<i32>(name).ok()).unwrap_or(0);
        if i64::from(side("width")) * i64::from(side("height")) > PICTURE_PIXELS_MAX {
            return Err(Failure::new(FailureKind::Unsupported, "The picture is too large to be played."));
        }
        let mut elements = decoding(codec)?;
        if let Some(decoder) = elements.last() {
            lock(&self.facts).decoder = decoder.factory().map(|factory| factory.name().to_string()).unwrap_or_default();
            limit_threads(decoder);
            if codec.tells_colour {
                self.pictures.watch_coded(decoder);
            }
        }
        // Passes everything through that the sink takes as it is.
        let convert = make(("videoconvert", "gstreamer1.0-plugins-base"))?;
        convert.set_property("n-threads", 1_u32);
        elements.push(convert);
        self.join(pipeline, pad, &elements, Some(&self.sink))
    }

    fn add_sound(&self, pipeline: &gst::Pipeline, pad: &gst::Pad, codec: &Codec) -> Result<(), Failure> {
        let Some(sink) = self.audio.sink() else {
            return Ok(());
        };
        let mut elements = decoding(codec)?;
        for name in ["audioconvert", "audioresample", "volume"] {
            elements.push(make((name, "gstreamer1.0-plugins-base"))?);
        }
        let volume = elements.last().cloned();
        elements.push(sink);
        {
            let mut sound = lock(&self.sound);
            sound.element = volume;
            sound.apply();
        }
        self.join(pipeline, pad, &elements, None)
    }

    /// Puts a branch into the running pipeline behind the demuxer's pad: the end first, so that nothing flows
    /// into an element that is not up.
    fn join(&self, pipeline: &gst::Pipeline, pad: &gst::Pad, elements: &[gst::Element], end: Option<&gst::Element>) -> Result<(), Failure> {
        let broken = |err: gst::glib::BoolError| fault::player(err.to_string());
        pipeline.add_many(elements).map_err(broken)?;
        gst::Element::link_many(elements).map_err(broken)?;
        if let (Some(last), Some(end)) = (elements.last(), end) {
            last.link(end).map_err(broken)?;
        }
        for element in elements.iter().rev() {
            element.sync_state_with_parent().map_err(broken)?;
        }
        let queued = self.queue.request_pad_simple("sink_%u").ok_or_else(|| fault::player("the queue gave no pad"))?;
        let out = queued.name().replace("sink", "src");
        let first = elements.first().ok_or_else(|| fault::player("an empty branch"))?;
        self.queue.link_pads(Some(&out), first, None).map_err(broken)?;
        pad.link(&queued).map_err(|err| fault::player(err.to_string()))?;
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

fn make_for(codec: &Codec, choices: &[Element]) -> Result<gst::Element, Failure> {
    let made = choices.iter().find_map(|(name, _)| gst::ElementFactory::make(name).build().ok());
    made.ok_or_else(|| {
        let (element, package) = choices.first().copied().unwrap_or_default();
        Failure::new(FailureKind::Unsupported, format!("{} needs {element}, which the package {package} brings.", codec.name))
    })
}

fn make((element, package): Element) -> Result<gst::Element, Failure> {
    gst::ElementFactory::make(element)
        .build()
        .map_err(|_| Failure::new(FailureKind::Unsupported, format!("Playing this needs {element}, which the package {package} brings.")))
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

impl Sound {
    fn apply(&self) {
        if let Some(element) = &self.element {
            element.set_property("volume", self.volume);
            element.set_property("mute", self.muted);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
