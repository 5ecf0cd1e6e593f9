//! What passes through a pipeline on its way to the sink of pictures, so that a decoder that stands still is told
//! from a still picture.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;

use crate::player::steps::Beginnings;

/// Figures of one pipeline. Its streaming threads write them, the control thread reads them.
pub(super) struct Arrivals {
    born: Instant,
    /// Running time in microseconds up to which the sink has something to show.
    due: AtomicU64,
    /// Microseconds since `born` at which something reached the sink last.
    touched: AtomicU64,
    /// The stream of pictures is over.
    ended: AtomicBool,
    /// Coded buffers that went into the decoder, and how many of them had when something reached the sink last.
    coded: AtomicU64,
    coded_then: AtomicU64,
    /// Microseconds since `born` at which a buffer left the demuxer last.
    demuxed: AtomicU64,
    segment: Mutex<Option<gst::FormattedSegment<gst::ClockTime>>>,
    /// When the coded pictures begin, in the time of their segment.
    beginnings: Mutex<Beginnings>,
}

/// What the figures come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// How far the clock is past all that reached the sink.
    pub late: Duration,
    /// The shorter of that and of the time in which nothing reached the sink.
    pub idle: Duration,
    pub ended: bool,
    /// Something coded went in, and nothing came out since.
    pub decoding: bool,
    pub demuxer_silent: Duration,
}

impl Arrivals {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            born: Instant::now(),
            due: AtomicU64::new(0),
            touched: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            coded: AtomicU64::new(0),
            coded_then: AtomicU64::new(0),
            demuxed: AtomicU64::new(0),
            segment: Mutex::new(None),
            beginnings: Mutex::default(),
        })
    }

    /// The state of things when the pipeline's clock shows `running`.
    pub fn flow(&self, running: Duration) -> Flow {
        let since = |at: &AtomicU64| Duration::from_micros(self.now().saturating_sub(at.load(Ordering::Relaxed)));
        let late = running.saturating_sub(Duration::from_micros(self.due.load(Ordering::Relaxed)));
        Flow {
            late,
            idle: late.min(since(&self.touched)),
            ended: self.ended.load(Ordering::Relaxed),
            decoding: self.coded.load(Ordering::Relaxed) > self.coded_then.load(Ordering::Relaxed),
            demuxer_silent: since(&self.demuxed),
        }
    }

    /// A coded buffer goes into the decoder, whose picture begins at this time.
    pub fn coded(&self, begins: Option<gst::ClockTime>) {
        self.coded.fetch_add(1, Ordering::Relaxed);
        if let Some(begins) = begins {
            self.beginnings().push(begins.into());
        }
    }

    /// A stream time within the picture before the one that is shown at `shown`, of pictures that last about `length`;
    /// `None` when there is none.
    pub fn picture_before(&self, shown: Duration, length: Duration) -> Option<Duration> {
        let (start, time) = {
            let segment = self.segment.lock().unwrap_or_else(PoisonError::into_inner);
            let segment = segment.as_ref()?;
            (Duration::from(segment.start().unwrap_or_default()), Duration::from(segment.time().unwrap_or_default()))
        };
        // What was decoded before the segment begins counts too: GStreamer would not convert that.
        let before = self.beginnings().before((shown + start).saturating_sub(time), length)?;
        Some((before + time).saturating_sub(start))
    }

    fn beginnings(&self) -> MutexGuard<'_, Beginnings> {
        self.beginnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what leaves the demuxer by `pad`.
    pub fn watch_demuxer(self: &Arc<Self>, pad: &gst::Pad) {
        let weak = Arc::downgrade(self);
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            if let Some(this) = weak.upgrade() {
                this.demuxed.store(this.now(), Ordering::Relaxed);
            }
            gst::PadProbeReturn::Ok
        });
    }

    /// Looks at what reaches the sink of pictures by `pad`.
    pub fn watch_sink(self: &Arc<Self>, pad: &gst::Pad) {
        let kinds = gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM | gst::PadProbeType::EVENT_FLUSH;
        let weak = Arc::downgrade(self);
        pad.add_probe(kinds, move |pad, info| {
            let Some(this) = weak.upgrade() else {
                return gst::PadProbeReturn::Ok;
            };
            match &info.data {
                Some(gst::PadProbeData::Buffer(buffer)) => this.arrived(pad, buffer.pts(), buffer.duration()),
                Some(gst::PadProbeData::Event(event)) => this.heard(pad, event),
                _ => {}
            }
            gst::PadProbeReturn::Ok
        });
    }

    fn heard(&self, pad: &gst::Pad, event: &gst::Event) {
        match event.view() {
            gst::EventView::Segment(segment) => {
                let segment = segment.segment().downcast_ref::<gst::ClockTime>().cloned();
                *self.segment.lock().unwrap_or_else(PoisonError::into_inner) = segment;
            }
            gst::EventView::Gap(gap) => {
                let (start, duration) = gap.get();
                self.arrived(pad, Some(start), duration);
            }
            gst::EventView::Eos(_) => self.ended.store(true, Ordering::Relaxed),
            // The clock begins again at zero.
            gst::EventView::FlushStop(_) => {
                self.due.store(0, Ordering::Relaxed);
                self.beginnings().clear();
                self.begun();
            }
            gst::EventView::StreamStart(_) => self.begun(),
            _ => {}
        }
    }

    fn begun(&self) {
        self.ended.store(false, Ordering::Relaxed);
        self.touch();
    }

    /// Something arrived that is good from `start` for `duration`, in the time of the stream's segment.
    fn arrived(&self, pad: &gst::Pad, start: Option<gst::ClockTime>, duration: Option<gst::ClockTime>) {
        let (running, rate) = {
            let segment = self.segment.lock().unwrap_or_else(PoisonError::into_inner);
            let rate = segment.as_ref().map_or(1.0, |segment| segment.rate().abs());
            (segment.as_ref().and_then(|segment| segment.to_running_time(start)), rate)
        };
        // What says no time of its own is shown at once.
        let running = running.or_else(|| pad.parent_element()?.current_running_time());
        let lasts = Duration::from(duration.unwrap_or_default()).div_f64(rate);
        let due = Duration::from(running.unwrap_or_default()).saturating_add(lasts);
        self.due.fetch_max(u64::try_from(due.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.touch();
    }

    fn touch(&self) {
        self.coded_then.store(self.coded.load(Ordering::Relaxed), Ordering::Relaxed);
        self.touched.store(self.now(), Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
