//! From the sink of a pipeline to the board: what each picture is, when it counts, and how it is delivered.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use gst_video::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::fault::{self, Fault};
use super::signals::Signals;
use crate::feed::Generation;
use crate::metrics::trace::{TRACE, What};
use crate::player::bounds;
use crate::player::convert::{Converter, Planes, covering, fitted};
use crate::player::{ColorSpec, Frame, FrameBoard, Matrix, Picture, PicturePath, PlaneData, PlaneFormat, Rotation, Still};

/// A picture later than this is not worth showing: the next one is due.
const MAX_LATENESS_NS: i64 = 20_000_000;
/// Faster than its own speed, a clip shows no more pictures than this apart: no display shows more, and each costs a repaint.
const FAST_SPACING: Duration = Duration::from_millis(15);
/// Below this height (of a picture lying on its side, width) unlabelled colour is BT.601, above it BT.709.
const STANDARD_DEFINITION_LINES: u32 = 576;

/// How pictures are to be delivered, shared by all pipelines.
pub(super) type SharedPath = Arc<Mutex<PicturePath>>;

/// What is known of the pictures of one pipeline.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PictureFacts {
    /// Upright display size.
    pub size: (u32, u32),
    /// Frames a second; 0 when unknown.
    pub fps: f64,
}

struct State {
    converter: Converter,
    /// The last picture, to be scaled again when the box it is fitted into changes. One buffer at most, and
    /// none where planes are delivered: a decoder has only so many.
    last: Option<Shown>,
    info: Option<(gst::Caps, gst_video::VideoInfo)>,
    last_put: Option<Duration>,
    last_seen: Option<Duration>,
    serial: u64,
}

struct Shown {
    buffer: gst::Buffer,
    info: gst_video::VideoInfo,
    pts: Duration,
}

/// The end of one pipeline's picture branch.
pub(super) struct PictureSink {
    generation: Generation,
    board: Arc<FrameBoard>,
    path: SharedPath,
    signals: Arc<Signals>,
    state: Mutex<State>,
    /// Apart from the state, which is held while a picture is scaled: whoever asks does not wait for that.
    facts: Mutex<PictureFacts>,
    /// Quarter turns in the low bits, mirroring in bit 2.
    rotation: AtomicU8,
    /// While set, pictures are thrown away: they come from before the position that was asked for.
    veiled: AtomicBool,
    /// The stream says nothing of its colour: what the decoder says is a guess.
    colour_guessed: AtomicBool,
    /// Set once the pipeline is given up: nothing more reaches the board.
    closed: AtomicBool,
    /// Somebody wants to keep the next picture.
    still_wanted: AtomicBool,
    /// The pipeline was flushed, and no picture came since.
    flushed: AtomicBool,
}

impl PictureSink {
    pub fn new(generation: Generation, board: Arc<FrameBoard>, path: SharedPath, signals: Arc<Signals>) -> Arc<Self> {
        let state = State { converter: Converter::default(), last: None, info: None, last_put: None, last_seen: None, serial: 0 };
        Arc::new(Self {
            generation,
            board,
            path,
            signals,
            state: Mutex::new(state),
            facts: Mutex::default(),
            rotation: AtomicU8::new(0),
            veiled: AtomicBool::new(false),
            colour_guessed: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            still_wanted: AtomicBool::new(false),
            flushed: AtomicBool::new(false),
        })
    }

    /// The sink element that ends here.
    pub fn element(self: &Arc<Self>) -> gst_app::AppSink {
        let (preroll, sample) = (Arc::downgrade(self), Arc::downgrade(self));
        let callbacks = gst_app::AppSinkCallbacks::builder()
            // The preroll picture has to be taken: the sink answers DRAIN only then.
            .new_preroll(move |sink| take(&preroll, sink.pull_preroll(), true))
            .new_sample(move |sink| take(&sample, sink.pull_sample(), false))
            .build();
        let sink = gst_app::AppSink::builder()
            .caps(&accepted_caps())
            .sync(true)
            .max_buffers(1)
            .drop(true)
            .enable_last_sample(false)
            .wait_on_eos(false)
            .qos(true)
            .max_lateness(MAX_LATENESS_NS)
            .callbacks(callbacks)
            .build();
        if let Some(pad) = sink.static_pad("sink") {
            self.watch(&pad);
        }
        sink
    }

    /// Offers strides of the decoder's choosing, so that it need not copy; looks for the rotation, and for an end without
    /// a picture.
    fn watch(self: &Arc<Self>, pad: &gst::Pad) {
        pad.add_probe(gst::PadProbeType::QUERY_DOWNSTREAM, |_, info| {
            if let Some(query) = info.query_mut()
                && let gst::QueryViewMut::Allocation(allocation) = query.view_mut()
            {
                allocation.add_allocation_meta::<gst_video::VideoMeta>(None);
                return gst::PadProbeReturn::Handled;
            }
            gst::PadProbeReturn::Ok
        });
        let weak = Arc::downgrade(self);
        pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM | gst::PadProbeType::EVENT_FLUSH, move |_, info| {
            if let Some(event) = info.event()
                && let Some(this) = weak.upgrade()
            {
                this.heard(event);
            }
            gst::PadProbeReturn::Ok
        });
    }

    fn heard(&self, event: &gst::Event) {
        match event.view() {
            gst::EventView::Tag(tag) => {
                if let Some(orientation) = tag.tag().get::<gst::tags::ImageOrientation>() {
                    self.rotation.store(rotation_bits(orientation.get()), Ordering::Relaxed);
                }
            }
            gst::EventView::FlushStop(_) => self.flushed.store(true, Ordering::Relaxed),
            gst::EventView::SegmentDone(_) | gst::EventView::Eos(_) if self.flushed.swap(false, Ordering::Relaxed) => {
                self.signals.tell(|news| news.nothing_there = true);
            }
            _ => {}
        }
    }

    /// Looks at what goes into a decoder whose parser tells the colour when the stream does.
    pub fn watch_coded(self: &Arc<Self>, decoder: &gst::Element) {
        let weak = Arc::downgrade(self);
        let Some(pad) = decoder.static_pad("sink") else {
            return;
        };
        pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
            if let Some(event) = info.event()
                && let gst::EventView::Caps(caps) = event.view()
                && let Some(this) = weak.upgrade()
            {
                let told = caps.caps().structure(0).is_some_and(|structure| structure.has_field("colorimetry"));
                this.colour_guessed.store(!told, Ordering::Relaxed);
            }
            gst::PadProbeReturn::Ok
        });
    }

    /// Throws pictures away (`true`) or shows them again.
    pub fn veil(&self, veiled: bool) {
        self.veiled.store(veiled, Ordering::Release);
    }

    /// Lets nothing more reach the board.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.lock().last = None;
        // A picture that is on its way to the board is told by its generation.
        self.board.forget(self.generation);
    }

    /// The next picture is given away, too.
    pub fn want_still(&self) {
        self.still_wanted.store(true, Ordering::Release);
    }

    /// Whose pictures they are.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    pub fn facts(&self) -> PictureFacts {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, sample: &gst::Sample, stands: bool) -> Result<(), &'static str> {
        self.flushed.store(false, Ordering::Relaxed);
        let (Some(buffer), Some(caps)) = (sample.buffer_owned(), sample.caps()) else {
            return Err("a picture without a buffer or caps");
        };
        let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
        let pts = segment.and_then(|segment| segment.to_stream_time(buffer.pts())).or(buffer.pts());
        let pts = pts.map_or(Duration::ZERO, Into::into);
        let mut state = self.lock();
        let info = match &state.info {
            Some((known, info)) if known.as_ref() == caps => info.clone(),
            _ => {
                let info = gst_video::VideoInfo::from_caps(caps).map_err(|_| "caps that are no picture's")?;
                state.info = Some((caps.to_owned(), info.clone()));
                info
            }
        };
        let looped =
            segment.is_some_and(|segment| segment.base() > Some(gst::ClockTime::ZERO)) && state.last_seen.is_some_and(|last| pts < last);
        state.last_seen = Some(pts);
        self.signals.picture_left();
        if self.veiled.load(Ordering::Acquire) || self.closed.load(Ordering::Acquire) {
            return Ok(());
        }
        self.signals.picture_shown(pts, buffer.duration().map_or(Duration::ZERO, Into::into));
        let shown = Shown { buffer, info, pts };
        let still = if self.still_wanted.swap(false, Ordering::AcqRel) { self.still(&shown)? } else { None };
        if still.is_some() {
            self.signals.tell(|news| news.still = still);
        }
        // The preroll picture comes again as the first sample.
        if state.last_put == Some(pts) && !looped {
            return Ok(());
        }
        let rate = segment.map_or(1.0, gst::FormattedSegment::rate);
        let too_soon =
            |last: Duration| rate > 1.0 && !stands && !looped && pts.saturating_sub(last) < FAST_SPACING.mul_f64(rate) && last < pts;
        if state.last_put.is_some_and(too_soon) {
            return Ok(());
        }
        let frame = self.frame(&mut state, shown)?;
        drop(state);
        let serial = frame.serial;
        if self.board.put(self.generation, frame) {
            self.signals.picture_late();
        }
        if serial == 0 || looped {
            self.signals.tell(|news| {
                news.picture |= serial == 0;
                news.looped |= looped;
            });
        }
        Ok(())
    }
}

impl PictureSink {
    /// A picture for the board, the way pictures are wanted now. Putting it there asks for a repaint, which
    /// must not be done with a lock held.
    fn frame(&self, state: &mut State, shown: Shown) -> Result<Frame, &'static str> {
        let _work = TRACE.work(What::Picture, self.generation.0, 1);
        let Shown { buffer, info, pts } = &shown;
        let rotation = rotation_of(self.rotation.load(Ordering::Relaxed));
        let display = display_size(info, rotation);
        let path = *self.path.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = gst_video::VideoFrame::from_buffer_readable(buffer.clone(), info).map_err(|_| "a picture that cannot be read")?;
        let color = color_of(info, self.colour_guessed.load(Ordering::Relaxed));
        let (picture, coded) = deliver(&mut state.converter, frame, path, color, display, rotation)?;
        let (pts, serial) = (*pts, state.serial);
        state.serial += 1;
        state.last_put = Some(pts);
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = PictureFacts { size: display, fps: fps(info) };
        state.last = (path != PicturePath::Planes).then_some(shown);
        Ok(Frame { picture, coded, display, rotation, pts, serial })
    }

    /// The picture upright and in full size.
    fn still(&self, shown: &Shown) -> Result<Option<Arc<Still>>, &'static str> {
        const FULL: PicturePath = PicturePath::Rgba { fit: (u32::MAX, u32::MAX) };
        let rotation = rotation_of(self.rotation.load(Ordering::Relaxed));
        let display = display_size(&shown.info, rotation);
        let frame =
            gst_video::VideoFrame::from_buffer_readable(shown.buffer.clone(), &shown.info).map_err(|_| "a picture that cannot be read")?;
        let color = color_of(&shown.info, self.colour_guessed.load(Ordering::Relaxed));
        let (picture, size) = deliver(&mut Converter::default(), frame, FULL, color, display, rotation)?;
        let Picture::Rgba(rgba) = picture else { return Ok(None) };
        Ok(Still::upright(rgba, size, rotation, shown.pts).map(Arc::new))
    }

    /// Puts the last picture on the board once more, since they are wanted in another way now.
    pub fn again(&self) {
        let mut state = self.lock();
        let Some(shown) = state.last.take().filter(|_| !self.closed.load(Ordering::Acquire)) else {
            return;
        };
        let frame = self.frame(&mut state, shown);
        drop(state);
        match frame {
            Ok(frame) => {
                self.board.put(self.generation, frame);
            }
            Err(cause) => tracing::debug!(cause, "a picture stays as it is"),
        }
    }
}

fn take(
    sink: &std::sync::Weak<PictureSink>,
    sample: Result<gst::Sample, gst::glib::BoolError>,
    stands: bool,
) -> Result<gst::FlowSuccess, gst::FlowError> {
    let Some(sink) = sink.upgrade() else {
        return Err(gst::FlowError::Flushing);
    };
    // No sample: the pipeline is flushing.
    let sample = sample.map_err(|_| gst::FlowError::Flushing)?;
    match sink.show(&sample, stands) {
        Ok(()) => Ok(gst::FlowSuccess::Ok),
        Err(cause) => {
            sink.signals.fault(Fault::Item(fault::corrupt(cause)));
            Err(gst::FlowError::Error)
        }
    }
}

fn deliver(
    converter: &mut Converter,
    frame: gst_video::VideoFrame<gst_video::video_frame::Readable>,
    path: PicturePath,
    color: ColorSpec,
    display: (u32, u32),
    rotation: Rotation,
) -> Result<(Picture, (u32, u32)), &'static str> {
    let info = frame.info();
    let coded = (info.width(), info.height());
    let format = plane_format(info.format()).ok_or("a layout of samples that was not asked for")?;
    let out = match path {
        PicturePath::Planes => return Ok((Picture::Planes { format, color, data: Box::new(Mapped(frame)) }, coded)),
        PicturePath::Rgba { fit } => fitted(display, rotation, fit),
        PicturePath::Covering { cover } => covering(display, rotation, cover),
    };
    let data = Mapped(frame);
    let plane = |index: usize| (data.plane(index), data.stride(index));
    let third = if matches!(format, PlaneFormat::I420 | PlaneFormat::I42010) { plane(2) } else { (&[][..], 0) };
    let planes = Planes { format, color, size: coded, planes: [plane(0), plane(1), third] };
    let rgba = converter.rgba(&planes, out).ok_or("planes that are shorter than their size")?;
    Ok((Picture::Rgba(rgba), out))
}

/// A mapped buffer of the decoder's.
struct Mapped(gst_video::VideoFrame<gst_video::video_frame::Readable>);

impl PlaneData for Mapped {
    fn plane(&self, index: usize) -> &[u8] {
        u32::try_from(index).ok().and_then(|index| self.0.plane_data(index).ok()).unwrap_or_default()
    }

    fn stride(&self, index: usize) -> usize {
        self.0.plane_stride().get(index).and_then(|&stride| usize::try_from(stride).ok()).unwrap_or_default()
    }
}

fn accepted_caps() -> gst::Caps {
    use gst_video::VideoFormat::{I420, I42010le, Nv12, P01010le};
    gst_video::VideoCapsBuilder::new().format_list([I420, Nv12, I42010le, P01010le]).build()
}

fn plane_format(format: gst_video::VideoFormat) -> Option<PlaneFormat> {
    match format {
        gst_video::VideoFormat::I420 => Some(PlaneFormat::I420),
        gst_video::VideoFormat::Nv12 => Some(PlaneFormat::Nv12),
        gst_video::VideoFormat::I42010le => Some(PlaneFormat::I42010),
        gst_video::VideoFormat::P01010le => Some(PlaneFormat::P01010),
        _ => None,
    }
}

/// A decoder that knows nothing says BT.601 up to a height of 576, which is wrong for pictures on end.
fn color_of(info: &gst_video::VideoInfo, guessed: bool) -> ColorSpec {
    let colorimetry = info.colorimetry();
    let matrix = if guessed { gst_video::VideoColorMatrix::Unknown } else { colorimetry.matrix() };
    let matrix = match matrix {
        gst_video::VideoColorMatrix::Bt601 | gst_video::VideoColorMatrix::Fcc => Matrix::Bt601,
        gst_video::VideoColorMatrix::Bt709 | gst_video::VideoColorMatrix::Smpte240m => Matrix::Bt709,
        gst_video::VideoColorMatrix::Bt2020 => Matrix::Bt2020,
        _ if info.width().min(info.height()) <= STANDARD_DEFINITION_LINES => Matrix::Bt601,
        _ => Matrix::Bt709,
    };
    ColorSpec { matrix, full_range: colorimetry.range() == gst_video::VideoColorRange::Range0_255 }
}

/// Upright display size: pixel aspect, then rotation.
fn display_size(info: &gst_video::VideoInfo, rotation: Rotation) -> (u32, u32) {
    let (width, height) = (u64::from(info.width()), u64::from(info.height()));
    let par = info.par();
    let (numerator, denominator) = bounds::pixel_aspect(par.numer(), par.denom());
    let size = if numerator >= denominator { (width * numerator / denominator, height) } else { (width, height * denominator / numerator) };
    let narrow = |side: u64| u32::try_from(side.max(1)).unwrap_or(u32::MAX);
    let size = (narrow(size.0), narrow(size.1));
    if rotation.quarters % 2 == 1 { (size.1, size.0) } else { size }
}

fn fps(info: &gst_video::VideoInfo) -> f64 {
    let fps = info.fps();
    if fps.denom() > 0 { f64::from(fps.numer()) / f64::from(fps.denom()) } else { 0.0 }
}

/// The values of the `image-orientation` tag, as GStreamer defines them.
fn rotation_bits(orientation: &str) -> u8 {
    const MIRRORED: u8 = 4;
    let (turn, mirrored) = match orientation.strip_prefix("flip-") {
        Some(turn) => (turn, MIRRORED),
        None => (orientation, 0),
    };
    mirrored
        | match turn {
            "rotate-90" => 1,
            "rotate-180" => 2,
            "rotate-270" => 3,
            _ => 0,
        }
}

fn rotation_of(bits: u8) -> Rotation {
    Rotation { quarters: bits & 3, mirrored: bits & 4 != 0 }
}
