//! Refuses pictures that are too large before a decoder makes room for them: by the caps that a parser or a
//! container tells, by the first bytes of coded pictures where there is no parser, and by the caps that a decoder
//! comes up with, before its output is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gst::prelude::*;
use gstreamer as gst;

use super::arrivals::Arrivals;
use super::codec::Codec;
use super::fault::Fault;
use super::signals::Signals;
use crate::feed::{Failure, FailureKind};
use crate::player::bounds;
use crate::player::peek::{Coding, coded_size};
use crate::words::failures as words;

/// Whether caps that tell a size tell one that may be decoded.
pub(super) fn check(caps: &gst::CapsRef) -> Result<(), Failure> {
    let Some(structure) = caps.structure(0) else {
        return Ok(());
    };
    // A side below zero is no size either.
    let side = |name: &str| structure.get::<i32>(name).map_or(0, |side| u32::try_from(side).unwrap_or(u32::MAX));
    check_size(side("width"), side("height"))
}

fn check_size(width: u32, height: u32) -> Result<(), Failure> {
    if bounds::fits(width, height) {
        return Ok(());
    }
    let cause = format!("It measures {width} × {height} pixels.");
    Err(Failure::new(FailureKind::Unsupported, words::PICTURE_TOO_LARGE).because(cause))
}

/// Stands before and behind one decoder.
#[derive(Clone)]
struct Guard {
    signals: Arc<Signals>,
    arrivals: Arc<Arrivals>,
    /// Something was refused: nothing passes any more.
    refused: Arc<AtomicBool>,
}

/// Watches a decoder of pictures, and counts what goes into it.
pub(super) fn watch(decoder: &gst::Element, codec: &Codec, signals: &Arc<Signals>, arrivals: &Arc<Arrivals>) {
    let guard = Guard { signals: Arc::clone(signals), arrivals: Arc::clone(arrivals), refused: Arc::default() };
    let kinds = gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM;
    if let Some(pad) = decoder.static_pad("sink") {
        let (guard, coding) = (guard.clone(), codec.coding());
        pad.add_probe(kinds, move |_, info| {
            if let Some(gst::PadProbeData::Buffer(buffer)) = &info.data {
                guard.arrivals.coded(buffer.pts());
            }
            guard.pass(info, coding)
        });
    }
    if let Some(pad) = decoder.static_pad("src") {
        pad.add_probe(kinds, move |_, info| guard.pass(info, None));
    }
}

impl Guard {
    fn pass(&self, info: &gst::PadProbeInfo, coding: Option<Coding>) -> gst::PadProbeReturn {
        let checked = match &info.data {
            Some(gst::PadProbeData::Buffer(_)) if self.refused.load(Ordering::Relaxed) => return gst::PadProbeReturn::Handled,
            Some(gst::PadProbeData::Buffer(buffer)) => coding.map_or(Ok(()), |coding| check_coded(coding, buffer)),
            Some(gst::PadProbeData::Event(event)) => match event.view() {
                gst::EventView::Caps(caps) => check(caps.caps()),
                _ => Ok(()),
            },
            _ => Ok(()),
        };
        let Err(failure) = checked else {
            return gst::PadProbeReturn::Ok;
        };
        self.refused.store(true, Ordering::Relaxed);
        self.signals.fault(Fault::Item(failure));
        // Not `Drop`, which unreferences what the bindings have taken already.
        gst::PadProbeReturn::Handled
    }
}

fn check_coded(coding: Coding, buffer: &gst::Buffer) -> Result<(), Failure> {
    if buffer.flags().contains(gst::BufferFlags::DELTA_UNIT) {
        return Ok(());
    }
    let size = buffer.map_readable().ok().and_then(|map| coded_size(coding, &map));
    size.map_or(Ok(()), |(width, height)| check_size(width, height))
}
