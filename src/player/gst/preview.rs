//! Small pictures of places in the item that plays: one pipeline of its own, made when somebody points at the line of
//! progress and ended soon after.
//!
//! It stands paused, without sound, and is sent from keyframe to keyframe; of the places that are asked for while it is on
//! its way the last one counts. Its streaming threads have the nice value of all others: `GLib` lends them to the next
//! pipeline, and an unprivileged process cannot take a higher value back.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gstreamer as gst;

use super::audio::AudioOutput;
use super::bus;
use super::chain::Chain;
use super::control::Control;
use super::picture::PictureSink;
use super::signals::Signals;
use super::sparing::Sparing;
use crate::cache::{Demand, OpenTicket, Opened};
use crate::feed::{Failure, Generation};
use crate::metrics::Counters;
use crate::player::pool::Attempt;
use crate::player::{FrameBoard, PREVIEW_BOX, Picture, PicturePath, PipelineRow, PlayerEvent, PreviewTarget, Still};

/// It stays so long after nobody points any more: who looks for a place comes back.
const LINGER: Duration = Duration::from_secs(1);
/// An opening or a picture that takes this long does not come.
const PATIENCE: Duration = Duration::from_secs(10);
/// A picture further than this from the place that was asked for is followed by one that is exact, unless somebody asks
/// for another place first.
const NEAR: Duration = Duration::from_millis(1500);
/// But not where more than this would have to be decoded for it.
const EXACT_WITHIN: Duration = Duration::from_secs(10);

/// What is wanted of small pictures, and what is there for them.
#[derive(Default)]
pub(super) struct Previewer {
    wanted: Option<PreviewTarget>,
    /// When it ends, while nobody points.
    ends_at: Option<Instant>,
    going: Option<Going>,
    /// The last assignment of which there can be none.
    given_up: Option<Generation>,
}

/// The pipeline, from the opening of its bytes on.
struct Going {
    attempt: Attempt,
    generation: Generation,
    /// Kept while its bytes are opened: dropping it gives that up.
    _ticket: OpenTicket,
    /// When that began, or its last seek.
    since: Instant,
    /// It was given up and waits to be released.
    over: bool,
    made: Option<Made>,
}

struct Made {
    chain: Chain,
    signals: Arc<Signals>,
    reader: Arc<Sparing>,
    board: Arc<FrameBoard>,
    /// The place it was sent to last, and whether exactly there.
    sought: Option<(Duration, bool)>,
    /// It is on its way.
    busy: bool,
    last: Option<Arc<Still>>,
}

impl Made {
    fn seek(&mut self, to: Duration, exact: bool) {
        // What was dry before says nothing of the new place.
        self.reader.take_dry();
        (self.sought, self.busy) = (Some((to, exact)), true);
        let how = if exact { gst::SeekFlags::ACCURATE } else { gst::SeekFlags::KEY_UNIT | gst::SeekFlags::SNAP_NEAREST };
        self.chain.seek_aside(1.0, gst::SeekFlags::FLUSH | how, gst::ClockTime::try_from(to).unwrap_or(gst::ClockTime::ZERO));
    }

    /// The picture at which it stands; the last one, when that is the same.
    fn picture(&mut self) -> Option<Arc<Still>> {
        for (_, frame) in self.board.take() {
            if let Picture::Rgba(rgba) = frame.picture {
                self.last = Still::upright(rgba, frame.coded, frame.rotation, frame.pts).map(Arc::new);
            }
        }
        self.last.clone()
    }
}

impl Previewer {
    /// Whether an attempt is one of these.
    pub fn is_going(&self, attempt: Attempt) -> bool {
        self.going.as_ref().is_some_and(|going| going.attempt == attempt)
    }

    /// Gives the pipeline of an attempt away, to be torn down.
    pub fn release(&mut self, attempt: Attempt) -> Option<Chain> {
        self.going.take_if(|going| going.attempt == attempt)?.made.map(|made| made.chain)
    }

    /// When [`Control::tend_preview`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        let patience = self.going.as_ref().filter(|going| going.is_busy()).map(|going| going.since + PATIENCE);
        [self.ends_at, patience].into_iter().flatten().min()
    }

    /// Fills in what can be seen of the pipeline of an attempt. `false`: it is none of these.
    pub fn describe(&self, attempt: Attempt, row: &mut PipelineRow) -> bool {
        let made = self.going.as_ref().filter(|going| going.attempt == attempt).and_then(|going| going.made.as_ref());
        if let Some(made) = made {
            let pictures = made.chain.pictures.facts();
            (row.state, row.decoder) = (made.chain.state(), made.chain.facts().decoder);
            (row.size, row.fps) = (pictures.size, pictures.fps);
            row.position = made.last.as_ref().map(|still| still.at);
        }
        made.is_some()
    }
}

impl Going {
    fn is_busy(&self) -> bool {
        !self.over && self.made.as_ref().is_none_or(|made| made.busy)
    }
}

impl Control {
    /// Takes over at which place somebody points.
    pub(super) fn aim_preview(&mut self, wanted: Option<PreviewTarget>) {
        let previewer = &mut self.previewer;
        previewer.wanted = wanted;
        previewer.ends_at = match wanted {
            None if previewer.going.is_some() => previewer.ends_at.or_else(|| Some(Instant::now() + LINGER)),
            _ => None,
        };
    }

    /// Begins, goes on and ends; to be called at every turn.
    pub(super) fn tend_preview(&mut self, now: Instant) {
        if self.previewer.ends_at.is_some_and(|at| at <= now) {
            self.previewer.ends_at = None;
            self.pool.end_preview();
        }
        if self.previewer.going.as_ref().is_some_and(|going| going.is_busy() && now >= going.since + PATIENCE) {
            self.give_preview_up("no picture came");
        }
        match self.previewer.wanted {
            Some(wanted) if self.previewer.going.is_none() => self.begin_preview(wanted, now),
            Some(wanted) => self.send_preview(wanted, now),
            None => {}
        }
    }

    fn begin_preview(&mut self, wanted: PreviewTarget, now: Instant) {
        if self.previewer.given_up == Some(wanted.generation) {
            return;
        }
        let Some(slot) = self.slots.first().filter(|slot| slot.generation == wanted.generation) else { return };
        // Without a place it waits for one.
        let Some(attempt) = self.pool.preview(wanted.generation) else { return };
        let mailbox = Arc::clone(&self.mailbox);
        let done = Box::new(move |answer| mailbox.opened(attempt, answer));
        let ticket = self.options.opener.open(Arc::clone(&slot.item), Demand::Peek, PATIENCE, done);
        self.previewer.going = Some(Going { attempt, generation: wanted.generation, _ticket: ticket, since: now, over: false, made: None });
    }

    /// On to the place that is wanted now, once it stands.
    fn send_preview(&mut self, wanted: PreviewTarget, now: Instant) {
        let is_meant = |going: &&mut Going| going.generation == wanted.generation && !going.over;
        let Some(going) = self.previewer.going.as_mut().filter(is_meant) else { return };
        let Some(made) = &mut going.made else { return };
        made.reader.set_fetches(wanted.fetches);
        // One on its way to an exact place has shown something already: it need not arrive.
        let is_free = !made.busy || made.sought.is_some_and(|(_, exact)| exact);
        if is_free && made.sought.is_none_or(|(to, _)| to != wanted.at) {
            going.since = now;
            made.seek(wanted.at, false);
        }
    }

    /// The bytes of its attempt are there, or cannot be had.
    pub(super) fn opened_preview(&mut self, attempt: Attempt, answer: Result<Opened, Failure>) {
        if let Err(failure) = answer.and_then(|opened| self.make_preview(attempt, opened)) {
            self.give_preview_up(&failure.sentence);
        }
    }

    fn make_preview(&mut self, attempt: Attempt, opened: Opened) -> Result<(), Failure> {
        let size = |generation| self.lives.values().find(|live| live.generation == generation).map(|live| live.chain.pictures.facts().size);
        let Some(going) = &mut self.previewer.going else { return Ok(()) };
        let lies = size(going.generation).is_some_and(|(width, height)| width > height);
        let fit = if lies { PREVIEW_BOX } else { (PREVIEW_BOX.1, PREVIEW_BOX.0) };
        let signals = Arc::new(Signals::new(attempt, Arc::clone(&self.mailbox)));
        let reader = Sparing::new(opened.reader, Arc::clone(&signals));
        reader.set_fetches(self.previewer.wanted.is_some_and(|wanted| wanted.fetches));
        let (board, path) = (Arc::new(FrameBoard::new()), Arc::new(Mutex::new(PicturePath::Rgba { fit })));
        let pictures = PictureSink::new(going.generation, Arc::clone(&board), path, Arc::clone(&signals));
        // The first picture of the clip is only on the way.
        pictures.veil(true);
        let silent = Arc::new(Mutex::new(AudioOutput::None));
        let chain = Chain::build(&Opened { reader: Arc::clone(&reader) as _, ..opened }, silent, pictures, &signals)?;
        // What the sink throws away here was not missed by anybody.
        bus::listen(&chain.pipeline, Arc::clone(&signals), Arc::new(Counters::default()));
        let started = chain.run(false);
        going.made = Some(Made { chain, signals, reader, board, sought: None, busy: true, last: None });
        if started { Ok(()) } else { Err(super::fault::player("The pipeline does not start.")) }
    }

    /// News of an attempt that is no item's.
    pub(super) fn hear_preview(&mut self, attempt: Attempt) {
        let wanted = self.previewer.wanted;
        let Some(going) = self.previewer.going.as_mut().filter(|going| going.attempt == attempt) else { return };
        let Some(made) = &mut going.made else { return };
        let news = made.signals.take();
        let dry = made.reader.take_dry();
        if news.fault.is_some() || news.seek_refused {
            return self.give_preview_up("its pipeline came to a fault");
        }
        if !news.async_done {
            // Nothing comes from a place whose bytes are not there.
            made.busy &= !dry;
            return;
        }
        made.busy = false;
        let Some((wanted_at, exact)) = made.sought else {
            // It stands for the first time; where it goes from here is seen in the same turn.
            made.chain.pictures.veil(false);
            return;
        };
        let Some(picture) = made.picture() else { return };
        let (generation, off) = (going.generation, picture.at.abs_diff(wanted_at));
        let is_awaited = wanted.is_some_and(|wanted| wanted.at == wanted_at);
        if !exact && is_awaited && (NEAR..EXACT_WITHIN).contains(&off) {
            going.since = Instant::now();
            made.seek(wanted_at, true);
        }
        self.say(PlayerEvent::Preview { generation, wanted: wanted_at, picture });
    }

    /// There are none of this assignment; it plays on.
    fn give_preview_up(&mut self, why: &str) {
        if let Some(going) = &mut self.previewer.going {
            going.over = true;
            tracing::debug!(generation = going.generation.0, why, "no small pictures");
            self.previewer.given_up = Some(going.generation);
        }
        self.pool.end_preview();
    }
}
