//! What a pipeline's bus says, sorted on the spot by whichever thread posts it.

use std::sync::Arc;

use gst::prelude::*;
use gstreamer as gst;

use super::audio;
use super::fault::{self, Fault};
use super::signals::Signals;
use crate::metrics::Counters;

/// Leaves what matters of a pipeline's messages in its signals. There is no main loop, so nothing is queued.
pub(super) fn listen(pipeline: &gst::Pipeline, signals: Arc<Signals>, counters: Arc<Counters>) {
    let Some(bus) = pipeline.bus() else {
        return;
    };
    bus.set_sync_handler(move |_, message| {
        match message.view() {
            gst::MessageView::Error(err) => {
                let (src, err) = (err.src(), err.error());
                signals.fault(if src.is_some_and(is_sound) {
                    Fault::SoundLost(err.message().to_owned())
                } else if src.is_some_and(is_video_decoder) {
                    Fault::Decoder(fault::failure_of_decoder(&err))
                } else {
                    Fault::Item(fault::failure_of(&err))
                });
            }
            gst::MessageView::AsyncDone(_) => signals.tell(|news| news.async_done = true),
            gst::MessageView::SegmentDone(_) => signals.tell(|news| news.segment_done = true),
            gst::MessageView::Eos(_) => signals.tell(|news| news.eos = true),
            gst::MessageView::ClockLost(_) => signals.tell(|news| news.clock_lost = true),
            // The sink's word counts: what a decoder skips because of it would be counted twice.
            gst::MessageView::Qos(qos) if qos.src().is_some_and(gst::Object::is::<gstreamer_app::AppSink>) => {
                Counters::add(&counters.video_dropped, 1);
                signals.picture_dropped();
            }
            // Posted by the new thread itself.
            gst::MessageView::StreamStatus(status) if status.get().0 == gst::StreamStatusType::Enter => yield_to_painting(),
            _ => {}
        }
        gst::BusSyncReply::Drop
    });
}

/// How much a streaming thread gives way: with 5 it gets a third of the share of a thread that paints, when
/// both want the same core. Decoding has the whole queue for slack, painting has one display period.
const STREAMING_NICE: i32 = 5;

/// Lets the calling thread yield to those that paint.
fn yield_to_painting() {
    #[cfg(target_os = "linux")]
    if let Err(err) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), STREAMING_NICE) {
        tracing::debug!("a streaming thread keeps its priority: {err}");
    }
}

fn is_sound(src: &gst::Object) -> bool {
    src.name() == audio::SINK_NAME || src.parent().as_ref().is_some_and(is_sound)
}

fn is_video_decoder(src: &gst::Object) -> bool {
    let factory = src.downcast_ref::<gst::Element>().and_then(gst::Element::factory);
    factory.is_some_and(|factory| factory.has_type(gst::ElementFactoryType::DECODER | gst::ElementFactoryType::MEDIA_VIDEO))
}
