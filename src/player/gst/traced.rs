//! Tells the trace which pipelines there are and what they do, and how long a decoder takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use gstreamer as gst;

use crate::feed::Generation;
use crate::metrics::trace::{TRACE, What};
use crate::player::pool::{Attempt, Pool};

/// What was told of each attempt.
#[derive(Default)]
pub(super) struct Traced(HashMap<Attempt, &'static str>);

impl Traced {
    /// Looks for what has changed since the last time.
    pub fn look(&mut self, pool: &Pool) {
        if !TRACE.is_on() {
            return;
        }
        let rows = pool.rows();
        for (attempt, row) in &rows {
            if self.0.insert(*attempt, row.stage) != Some(row.stage) {
                TRACE.state(What::Pipeline, attempt.0, row.generation.0, row.stage);
            }
        }
        self.0.retain(|attempt, _| {
            let is_there = rows.iter().any(|(there, _)| there == attempt);
            if !is_there {
                TRACE.gone(What::Pipeline, attempt.0);
            }
            is_there
        });
    }
}

/// Measures a decoder: from a coded picture going in to the picture that comes out in the same call. Where one comes out
/// on another thread (hardware, frame threads) nothing is told, since it is not that thread's work.
pub(super) fn watch(decoder: &gst::Element, generation: Generation) {
    let (Some(sink), Some(src)) = (decoder.static_pad("sink"), decoder.static_pad("src")) else { return };
    let entered = Arc::new(Mutex::new(None));
    let entering = Arc::clone(&entered);
    sink.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        if TRACE.is_on() {
            // What an event brings out (the pictures held back at the end) belongs to no coded picture.
            let is_picture = matches!(info.data, Some(gst::PadProbeData::Buffer(_)));
            let now = is_picture.then(|| (std::thread::current().id(), TRACE.now()));
            *entering.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
        gst::PadProbeReturn::Ok
    });
    src.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        // Taken, so that of two pictures out of one call only the first is told: between them the sink had its turn.
        if TRACE.is_on()
            && let Some((thread, began)) = entered.lock().unwrap_or_else(PoisonError::into_inner).take()
            && thread == std::thread::current().id()
        {
            TRACE.worked(What::Decode, generation.0, began);
        }
        gst::PadProbeReturn::Ok
    });
}
