//! Text of a container on its way past: what a demuxer's pad of text brings is read by a probe and goes no further. No
//! element is needed for it, and nothing waits for it.

use std::sync::Arc;
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;

use super::codec::TextForm;
use super::signals::Signals;
use crate::captions::{Align, Cue, Place, plain, spans, webm_cue};
use crate::player::TextStream;

/// Streams of text that are read along.
pub(super) const STREAMS_MAX: usize = 16;
/// The largest text of one moment that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 8 << 10;
/// How long a text stands that does not say so itself.
const STANDS: Duration = Duration::from_secs(5);
/// The longest that one is believed to stand.
const STANDS_MAX: Duration = Duration::from_mins(10);

/// Reads what leaves the demuxer by `pad` as the stream of this number.
pub(super) fn watch(pad: &gst::Pad, stream: usize, form: TextForm, signals: &Arc<Signals>) {
    let signals = Arc::downgrade(signals);
    pad.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        if let (Some(signals), Some(gst::PadProbeData::Buffer(buffer))) = (signals.upgrade(), &info.data)
            && let Some(cue) = cue(pad, buffer, form)
        {
            signals.cue(stream, cue);
        }
        // Nobody stands behind the pad. Dropped here, it is as if somebody did, and the demuxer goes on.
        gst::PadProbeReturn::Drop
    });
}

/// What a stream of text is called, as far as its tags have come by now.
pub(super) fn about(pad: &gst::Pad) -> TextStream {
    let mut about = TextStream::default();
    pad.sticky_events_foreach(|event| {
        if let gst::EventView::Tag(tag) = event.view() {
            let tags = tag.tag();
            if let Some(language) = tags.get::<gst::tags::LanguageCode>() {
                language.get().clone_into(&mut about.language);
            }
            if let Some(title) = tags.get::<gst::tags::Title>() {
                about.label = plain(title.get()).into_iter().map(|span| span.text).collect();
            }
        }
        std::ops::ControlFlow::Continue(gst::EventForeachAction::Keep)
    });
    // What says that it says nothing.
    if about.language == "und" {
        about.language.clear();
    }
    about
}

fn cue(pad: &gst::Pad, buffer: &gst::BufferRef, form: TextForm) -> Option<Cue> {
    let start = {
        let event = pad.sticky_event::<gst::event::Segment>(0)?;
        event.segment().downcast_ref::<gst::ClockTime>()?.to_stream_time(buffer.pts())?
    };
    let start = Duration::from(start);
    let end = start + buffer.duration().map_or(STANDS, Duration::from).min(STANDS_MAX);
    let map = buffer.map_readable().ok()?;
    let bytes = map.get(..map.len().min(TEXT_BYTES_MAX))?;
    let spans = match form {
        TextForm::Plain => plain(&String::from_utf8_lossy(bytes)),
        TextForm::Marked => spans(&String::from_utf8_lossy(bytes)),
        TextForm::WebVtt => return webm_cue(bytes, start, end),
    };
    // Between two texts of an mp4 stands an empty one.
    (start < end && !spans.is_empty()).then(|| Cue { start, end, place: Place::default(), align: Align::default(), spans })
}
