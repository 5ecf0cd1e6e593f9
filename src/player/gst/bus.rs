//! What a pipeline's bus says, sorted on the spot by whichever thread posts it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gst::prelude::*;
use gstreamer as gst;

use super::audio;
use super::fault::{self, Fault};
use super::mailbox::Signals;
use crate::metrics::Counters;

/// Leaves what matters of a pipeline's messages in its signals. There is no main loop, so nothing is queued.
pub(super) fn listen(pipeline: &gst::Pipeline, signals: Arc<Signals>, counters: Arc<Counters>) {
    let Some(bus) = pipeline.bus() else {
        return;
    };
    bus.set_sync_handler(move |_, message| {
        match message.view() {
            gst::MessageView::Error(err) => {
                let from_sound = err.src().is_some_and(|src| is_sound(src));
                let err = err.error();
                signals.fault(if from_sound {
                    Fault::SoundLost(err.message().to_owned())
                } else {
                    Fault::Item(fault::failure_of(&err))
                });
            }
            gst::MessageView::AsyncDone(_) => signals.tell(|news| news.async_done = true),
            gst::MessageView::SegmentDone(_) => signals.tell(|news| news.segment_done = true),
            gst::MessageView::Eos(_) => signals.tell(|news| news.eos = true),
            gst::MessageView::ClockLost(_) => signals.tell(|news| news.clock_lost = true),
            gst::MessageView::Qos(qos) => {
                // Elements tell a running total; the sink's is the last word on what was not shown.
                if qos.src().is_some_and(|src| src.is::<gstreamer_app::AppSink>()) {
                    counters.video_dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
            _ => {}
        }
        gst::BusSyncReply::Drop
    });
}

fn is_sound(src: &gst::Object) -> bool {
    src.name() == audio::SINK_NAME || src.parent().is_some_and(|parent| is_sound(&parent))
}
