//! The end of a segment where it leaves the queue: a clip that does not begin again ends there.
//!
//! Behind the queue, because a `multiqueue` takes nothing more in after the end of a segment, not even an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gst::prelude::*;
use gstreamer as gst;

/// What becomes of the end of a segment, for all streams of one pipeline.
#[derive(Default)]
pub(super) struct SegmentEnd {
    /// It is the end of the clip.
    ends: AtomicBool,
    /// It passed as what it is.
    passed: AtomicBool,
}

impl SegmentEnd {
    /// From now on it is the end of the clip, or no longer.
    pub fn set_ends(&self, ends: bool) {
        self.ends.store(ends, Ordering::Release);
    }

    /// Whether it passed as what it is, and nothing came since.
    pub fn has_passed(&self) -> bool {
        self.passed.load(Ordering::Acquire)
    }

    /// Watches what leaves the queue by `pad`.
    pub fn watch(self: &Arc<Self>, pad: &gst::Pad) {
        let weak = Arc::downgrade(self);
        pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
            let Some(this) = weak.upgrade() else { return gst::PadProbeReturn::Ok };
            let Some(event) = info.event() else { return gst::PadProbeReturn::Ok };
            match event.view() {
                gst::EventView::Segment(_) => this.passed.store(false, Ordering::Release),
                gst::EventView::SegmentDone(_) if this.ends.load(Ordering::Acquire) => {
                    info.data = Some(gst::PadProbeData::Event(gst::event::Eos::new()));
                }
                gst::EventView::SegmentDone(_) => this.passed.store(true, Ordering::Release),
                _ => {}
            }
            gst::PadProbeReturn::Ok
        });
    }
}
