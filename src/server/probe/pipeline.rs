//! A pipeline that takes a file apart and decodes its pictures, one at a time, where it is told to.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer_app::AppSink;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use image::RgbImage;

use super::orientation::Orientation;
use super::poster::Frame;
use super::table::{self, Codec};
use crate::feed::Container;
use crate::server::catalogue::Facts;

/// How long the first picture may take. What is left of the process's time is for the poster.
const FIRST_MAX: Duration = Duration::from_secs(10);
/// Threads of a decoder.
const DECODER_THREADS: i32 = 1;
/// Largest picture that is looked at, in pixels: 8K.
const PIXELS_MAX: u64 = 8192 * 8192;
/// The message that says that all streams are known and none has pictures.
const NO_PICTURES: &str = "no-pictures";

/// A pipeline that stands at a picture, or has none.
pub(super) struct Pipeline {
    whole: gst::Pipeline,
    sink: AppSink,
    streams: Arc<Mutex<Streams>>,
    /// The picture that it stands at. The sink hands it out once.
    sample: Option<gst::Sample>,
}

/// What is known of the streams.
#[derive(Default)]
struct Streams {
    video: Option<String>,
    audio: Option<String>,
    /// Its pad at the demuxer, when pictures are decoded.
    pictures: Option<gst::Pad>,
    /// What the container says of the pictures.
    told: Option<gst::Caps>,
}

impl Pipeline {
    /// Opens `file` and stands at its first picture, if one can be decoded.
    ///
    /// # Errors
    /// Why nothing can be told of it, in words.
    pub fn open(file: &Path, container: Container) -> Result<Self, String> {
        let pipeline = gst::Pipeline::new();
        let source = element("filesrc")?;
        source.set_property("location", file.to_str().ok_or("its path is not Unicode")?);
        let demuxer = element(table::demuxer(container))?;
        let caps = gst_video::VideoCapsBuilder::new().format(gst_video::VideoFormat::Rgb).build();
        let sink = AppSink::builder().caps(&caps).sync(false).max_buffers(1).build();
        pipeline.add_many([&source, &demuxer]).map_err(|err| err.to_string())?;
        source.link(&demuxer).map_err(|err| err.to_string())?;
        let streams = Arc::new(Mutex::new(Streams::default()));
        let this = Self { whole: pipeline, sink, streams, sample: None };
        this.take_streams_of(&demuxer);
        this.begin()
    }

    /// Links what the demuxer finds. The handlers hold no more than weak references: the pipeline has to go.
    fn take_streams_of(&self, demuxer: &gst::Element) {
        let (streams, pipeline, sink) = (Arc::clone(&self.streams), self.whole.downgrade(), self.sink.downgrade());
        demuxer.connect_pad_added(move |_, pad| {
            let (Some(pipeline), Some(sink)) = (pipeline.upgrade(), sink.upgrade()) else { return };
            if !take_stream(&mut lock(&streams), &pipeline, &sink, pad) {
                // Nothing is linked here, and what comes is dropped: a demuxer that cannot push ends with an error.
                pad.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::BUFFER_LIST, |_, _| gst::PadProbeReturn::Drop);
            }
        });
        let (streams, pipeline) = (Arc::clone(&self.streams), self.whole.downgrade());
        demuxer.connect_no_more_pads(move |_| {
            if let Some(pipeline) = pipeline.upgrade().filter(|_| lock(&streams).pictures.is_none()) {
                // Posting fails when the pipeline is on its way out; then nobody waits for it.
                let _ = pipeline.post_message(gst::message::Application::new(gst::Structure::new_empty(NO_PICTURES)));
            }
        });
    }

    fn begin(mut self) -> Result<Self, String> {
        // Why it failed is told by the message that is waited for.
        let _ = self.whole.set_state(gst::State::Paused);
        let waited = self.wait(FIRST_MAX);
        self.sample = waited.is_ok().then(|| self.preroll()).flatten();
        let streams = lock(&self.streams);
        if streams.video.is_none() {
            return Err(waited.err().unwrap_or_else(|| "there are no pictures in it".to_owned()));
        }
        if self.sample.is_none() && streams.pictures.is_some() && size(streams.told.as_ref()).is_none() {
            return Err(waited.err().unwrap_or_else(|| "no picture of it can be decoded".to_owned()));
        }
        drop(streams);
        Ok(self)
    }

    /// Waits until the pipeline stands at a picture or has found that there are none.
    fn wait(&self, most: Duration) -> Result<(), String> {
        let bus = self.whole.bus().ok_or("there is no bus")?;
        let latest = Instant::now() + most;
        let kinds = [gst::MessageType::AsyncDone, gst::MessageType::Error, gst::MessageType::Eos, gst::MessageType::Application];
        let left = || gst::ClockTime::try_from(latest.saturating_duration_since(Instant::now())).ok();
        let message = bus.timed_pop_filtered(left(), &kinds).ok_or("it takes too long")?;
        match message.view() {
            gst::MessageView::Error(error) => Err(error.error().to_string()),
            gst::MessageView::Eos(_) => Err("it ends before the first picture".to_owned()),
            _ => Ok(()),
        }
    }

    /// What is known so far.
    pub fn facts(&self) -> Facts {
        let streams = lock(&self.streams);
        let caps = self.sample.as_ref().and_then(|sample| sample.caps_owned());
        let fps = caps.iter().chain(&streams.told).find_map(|caps| {
            let fps = caps.structure(0)?.get::<gst::Fraction>("framerate").ok()?;
            (fps.numer() > 0).then(|| (f64::from(fps.numer()) / f64::from(fps.denom()) * 1000.0).round() / 1000.0)
        });
        let size = size(caps.as_ref().or(streams.told.as_ref())).map(|size| self.orientation(&streams).turned(size));
        let duration = self.whole.query_duration::<gst::ClockTime>().filter(|duration| !duration.is_zero());
        Facts {
            duration_ms: duration.map(gst::ClockTime::mseconds),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            fps,
            video: streams.video.clone(),
            audio: streams.audio.clone(),
            ..Facts::default()
        }
    }

    /// The picture at `at` into the video; `None` when there is none within `most`.
    pub fn frame_at(&mut self, at: Duration, most: Duration) -> Option<Frame> {
        let place = gst::ClockTime::try_from(at).ok().filter(|_| self.sample.is_some())?;
        let is_sought = self.whole.seek_simple(gst::SeekFlags::FLUSH | gst::SeekFlags::ACCURATE, place).is_ok();
        self.sample = (is_sought && self.wait(most).is_ok()).then(|| self.preroll()).flatten();
        self.frame()
    }

    /// The picture that it stands at.
    pub fn frame(&self) -> Option<Frame> {
        let sample = self.sample.as_ref()?;
        let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
        let size = size(sample.caps_owned().as_ref())?;
        let buffer = sample.buffer()?;
        let at = sample.segment()?.downcast_ref::<gst::ClockTime>()?.to_stream_time(buffer.pts()?)?;
        let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(buffer, &info).ok()?;
        let row = usize::try_from(info.width()).ok()? * 3;
        let stride = usize::try_from(frame.plane_stride().first().copied()?).ok()?;
        let rows = frame.plane_data(0).ok()?.chunks(stride).take(usize::try_from(info.height()).ok()?);
        let pixels = rows.flat_map(|bytes| bytes.iter().take(row)).copied().collect();
        let pixels = RgbImage::from_raw(info.width(), info.height(), pixels)?;
        Some(Frame { pixels, size, orientation: self.orientation(&lock(&self.streams)), at: at.into() })
    }

    fn preroll(&self) -> Option<gst::Sample> {
        // It stands there: nothing is waited for.
        self.sink.try_pull_preroll(gst::ClockTime::ZERO)
    }

    /// Some formats tell it in the container, some in the stream.
    fn orientation(&self, streams: &Streams) -> Orientation {
        let at_sink = self.sink.static_pad("sink").as_ref().and_then(Orientation::of);
        at_sink.or_else(|| streams.pictures.as_ref().and_then(Orientation::of)).unwrap_or_default()
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // An error means that it is down already.
        let _ = self.whole.set_state(gst::State::Null);
    }
}

fn lock(streams: &Mutex<Streams>) -> MutexGuard<'_, Streams> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

fn element(name: &str) -> Result<gst::Element, String> {
    gst::ElementFactory::make(name).build().map_err(|_| format!("{name} is not installed"))
}

/// Notes what a stream is, and links it when it is the first one with pictures. Says whether it is linked.
fn take_stream(streams: &mut Streams, pipeline: &gst::Pipeline, sink: &AppSink, pad: &gst::Pad) -> bool {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    let Some(structure) = caps.structure(0) else { return false };
    let name = structure.name().as_str();
    let codec = table::codec(structure);
    let called = codec.map_or(name, |codec| codec.name).to_owned();
    if name.starts_with("audio/") {
        streams.audio.get_or_insert(called);
        return false;
    }
    if !(name.starts_with("video/") || name.starts_with("image/")) || streams.video.is_some() {
        return false;
    }
    streams.video = Some(called);
    let is_small = size(Some(&caps)).is_none_or(|(width, height)| u64::from(width) * u64::from(height) <= PIXELS_MAX);
    let is_linked = codec.filter(|_| is_small).is_some_and(|codec| link(pipeline, sink, pad, codec).is_some());
    streams.pictures = Some(pad.clone()).filter(|_| is_linked);
    streams.told = Some(caps);
    is_linked
}

/// Puts parser, decoder and sink behind a pad. `None` when something is not installed, or does not fit.
fn link(pipeline: &gst::Pipeline, sink: &AppSink, pad: &gst::Pad, codec: &Codec) -> Option<()> {
    let decoder = codec.decoders.iter().find_map(|name| element(name).ok())?;
    if decoder.has_property_with_type("max-threads", i32::static_type()) {
        decoder.set_property("max-threads", DECODER_THREADS);
    }
    let parser = codec.parser.map(element).transpose().ok()?;
    let convert = element("videoconvert").ok()?;
    let branch: Vec<_> = parser.into_iter().chain([decoder, convert, sink.clone().upcast()]).collect();
    pipeline.add_many(&branch).ok()?;
    gst::Element::link_many(&branch).ok()?;
    pad.link(&branch.first()?.static_pad("sink")?).ok()?;
    // The last one first, so that nothing comes to where nobody is ready.
    branch.iter().rev().try_for_each(gst::Element::sync_state_with_parent).ok()
}

/// Width and height with square pixels.
fn size(caps: Option<&gst::Caps>) -> Option<(u32, u32)> {
    let structure = caps?.structure(0)?;
    let side = |name| structure.get::<i32>(name).ok().and_then(|side| u64::try_from(side).ok()).filter(|side| *side > 0);
    let (width, height) = (side("width")?, side("height")?);
    let (wide, high) = structure.get::<gst::Fraction>("pixel-aspect-ratio").map_or((1, 1), |ratio| (ratio.numer(), ratio.denom()));
    let (wide, high) = (u64::try_from(wide).ok()?.max(1), u64::try_from(high).ok()?.max(1));
    Some((u32::try_from((width * wide + high / 2) / high).ok()?.max(1), u32::try_from(height).ok()?))
}
