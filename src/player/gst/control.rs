//! The control thread: it alone owns the pool and decides every state change, seek and teardown.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;

use super::audio::{AudioOutput, SharedOutput};
use super::chain::Chain;
use super::ending::End;
use super::fault::{self, Fault};
use super::mailbox::{Mail, Mailbox};
use super::picture::{PictureSink, SharedPath};
use super::preview::Previewer;
use super::rows::Told;
use super::seeker::Seeker;
use super::signals::Signals;
use super::slot::Live;
use super::teardown::Teardown;
use super::traced::Traced;
use super::{GstOptions, bus, warmup};
use crate::cache::{Demand, OpenTicket, Opened};
use crate::feed::{Failure, Generation};
use crate::player::pool::{Action, Attempt, Pool, Want};
use crate::player::watch::Restarts;
use crate::player::{LOAD_TIMEOUT, PicturePath, PlayerEvent, PlayerTarget, SlotTarget};

/// How long the last pipelines may take to go when the player ends.
const FAREWELL: Duration = Duration::from_secs(3);

/// After a swipe to an item that stands ready, pipelines are made and ended only this much later: on two cores the
/// work would take the time in which the swipe's first frames are painted.
const HOLD_AFTER_SWITCH: Duration = Duration::from_millis(80);

/// What the control thread owns.
pub(super) struct Control {
    pub(super) options: GstOptions,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) pool: Pool,
    teardown: Teardown,
    pub(super) output: SharedOutput,
    /// While there is none.
    pub(super) seeker: Option<Seeker>,
    path: SharedPath,
    pub(super) slots: Vec<SlotTarget>,
    /// Linear, and whether nothing is to be heard.
    loudness: (f64, bool),
    /// Speed, and whether what plays begins again at its end.
    pub(super) manner: (f64, bool),
    openings: HashMap<Attempt, OpenTicket>,
    opened: HashMap<Attempt, Opened>,
    pub(super) lives: HashMap<Attempt, Live>,
    /// Small pictures of the item that plays.
    pub(super) previewer: Previewer,
    /// Where pipelines that have to be made again go on.
    pub(super) resume_at: HashMap<Generation, Duration>,
    /// Which lost their decoder and were made again.
    pub(super) restarts: Restarts,
    /// How long loading may take.
    pub(super) load_timeout: Duration,
    /// Why nothing can play at all.
    broken: Option<Failure>,
    /// Until when nothing is made or ended.
    hold_until: Option<Instant>,
    pub(super) position_due: Instant,
    pub(super) told: Told,
    traced: Traced,
}

impl Control {
    pub fn new(options: GstOptions, mailbox: Arc<Mailbox>, teardown: Teardown) -> Self {
        let now = Instant::now();
        Self {
            pool: Pool::new(options.budget),
            options,
            mailbox,
            teardown,
            output: Arc::new(Mutex::new(AudioOutput::None)),
            seeker: None,
            path: Arc::new(Mutex::new(PicturePath::Planes)),
            slots: Vec::new(),
            loudness: (1.0, false),
            manner: (1.0, true),
            openings: HashMap::new(),
            opened: HashMap::new(),
            lives: HashMap::new(),
            previewer: Previewer::default(),
            resume_at: HashMap::new(),
            restarts: Restarts::default(),
            load_timeout: LOAD_TIMEOUT,
            broken: None,
            hold_until: None,
            position_due: now,
            told: Told::new(now),
            traced: Traced::default(),
        }
    }

    /// Runs until it is told to end.
    pub fn run(mut self) {
        match gst::init() {
            Ok(()) => self.set_output(AudioOutput::decide(self.options.audio)),
            Err(err) => {
                tracing::error!(%err, "GStreamer does not start");
                self.broken = Some(fault::player(err.to_string()));
            }
        }
        let output = self.output();
        self.say(PlayerEvent::AudioOutput(output.name()));
        if self.broken.is_none() {
            self.warm_up(output);
            self.seek_output();
        }
        loop {
            let mail = self.mailbox.take(self.deadline());
            let ending = mail.ending;
            self.hear(mail);
            let now = Instant::now();
            if let Some(attempt) = self.teardown.stuck(now) {
                tracing::error!(attempt = attempt.0, "a pipeline does not end; it is left behind");
                self.pool.abandoned(attempt);
            }
            self.tend(now);
            self.tend_preview(now);
            if ending {
                self.hold_until = None;
                self.pool.set_target(&[]);
            }
            self.act();
            self.tell_pool(now, ending);
            self.traced.look(&self.pool);
            if ending {
                break;
            }
        }
        if !self.teardown.finish(FAREWELL) {
            tracing::warn!("a pipeline was still being torn down when the player ended");
        }
    }

    fn warm_up(&mut self, output: AudioOutput) {
        // It is in the budget like any other until it is gone.
        let guest = self.pool.guest();
        let mailbox = Arc::clone(&self.mailbox);
        if let Err(err) = warmup::start(output, move || mailbox.torn_down(guest)) {
            tracing::warn!(%err, "no thread for warming up");
            self.pool.torn_down(guest);
        }
    }

    fn hear(&mut self, mail: Mail) {
        for attempt in mail.torn_down {
            self.pool.torn_down(attempt);
        }
        for (attempt, answer) in mail.opened {
            if self.previewer.is_going(attempt) {
                self.opened_preview(attempt, answer);
                continue;
            }
            self.openings.remove(&attempt);
            match answer {
                Ok(opened) if self.pool.opened(attempt) => {
                    self.opened.insert(attempt, opened);
                }
                // Nobody waits for it any more.
                Ok(_) => {}
                Err(failure) => self.fail(attempt, failure),
            }
        }
        if let Some(target) = mail.target {
            self.aim(target);
            // A swipe goes before everything else that may have arrived with it.
            self.act();
        }
        for attempt in mail.signalled {
            self.hear_pipeline(attempt);
        }
        if let Some(output) = mail.sound {
            self.found_output(output);
        }
        for command in mail.commands {
            self.wish(&command);
        }
    }

    fn aim(&mut self, target: PlayerTarget) {
        let picture = std::mem::replace(&mut *self.path.lock().unwrap_or_else(PoisonError::into_inner), target.picture);
        if picture != target.picture {
            // Those that play bring the next picture by themselves.
            for live in self.lives.values().filter(|live| !live.playing) {
                live.chain.pictures.again();
            }
        }
        let volume = target.volume.clamp(0.0, 1.0);
        // Cubic, which is how loudness is heard, to linear, which is what samples are multiplied with.
        let loudness = (volume * volume * volume, target.muted);
        if loudness != self.loudness {
            self.loudness = loudness;
            for live in self.lives.values().filter(|live| live.playing) {
                live.chain.set_loudness(loudness.0, loudness.1);
            }
        }
        self.set_manner(&target);
        let wants: Vec<_> = target.slots.iter().map(|slot| Want { generation: slot.generation, playing: slot.playing }).collect();
        let playing = |slots: &[SlotTarget]| slots.iter().find(|slot| slot.playing).map(|slot| slot.generation);
        if let Some(winner) = playing(&target.slots).filter(|winner| playing(&self.slots) != Some(*winner)) {
            let is_ready = self.pool.attempt(winner).and_then(|attempt| self.lives.get(&attempt)).is_some_and(|live| live.reported);
            self.hold_until = is_ready.then(|| Instant::now() + HOLD_AFTER_SWITCH);
        }
        self.slots = target.slots;
        self.aim_preview(target.preview);
        self.load_timeout = target.load_timeout;
        self.told.detailed = target.detailed;
        let is_wanted = |generation| self.slots.iter().any(|slot| slot.generation == generation);
        self.resume_at.retain(|generation, _| is_wanted(*generation));
        self.restarts.keep(is_wanted);
        self.pool.set_target(&wants);
    }

    fn hear_pipeline(&mut self, attempt: Attempt) {
        let Some(live) = self.lives.get_mut(&attempt) else {
            return self.hear_preview(attempt);
        };
        let mut news = live.signals.take();
        live.pictured |= news.picture;
        if !news.cues.is_empty() {
            (self.options.events)(PlayerEvent::Captions { generation: live.generation, cues: std::mem::take(&mut news.cues) });
        }
        match news.fault.take() {
            Some(Fault::Item(failure)) => return self.fail(attempt, failure),
            // Before its first picture it is the stream that it cannot decode.
            Some(Fault::Decoder(failure)) if !live.reported => return self.fail(attempt, failure),
            Some(Fault::Decoder(failure)) => return self.lose_decoder(attempt, failure),
            Some(Fault::SoundLost(reason)) => return self.lose_sound(attempt, &reason),
            None => {}
        }
        if news.nothing_there && live.turn_back() {
            return;
        }
        if news.async_done {
            if live.signals.pictures() == 0 {
                return self.fail(attempt, fault::corrupt("It ended before its first picture."));
            }
            live.async_done();
        }
        // A position that was asked for is told when it is reached, of an item that stands too.
        let reached = live.take_arrival().then(|| live.signals.position());
        // Also while a seek is under way: a short clip is read to its end before its first picture stands.
        let end = live.hear_end(&news);
        if end == End::Broken || (news.seek_refused && !live.seek_refused()) {
            return self.fail(attempt, fault::corrupt("No picture of it can be decoded."));
        }
        if news.clock_lost && live.playing {
            // A new clock is chosen on the way back to playing.
            let _ = live.chain.run(false) && live.chain.run(true);
        }
        // Where it begins again by a flush no picture tells of it.
        let looped = news.looped || end == End::Flushed;
        let (generation, looped) = (live.generation, looped && live.playing);
        if live.ready() && !live.reported {
            live.reported = true;
            let info = live.info();
            if self.pool.prerolled(attempt) {
                self.say(PlayerEvent::Prerolled { generation, info });
            }
        }
        if looped {
            self.say(PlayerEvent::Looped { generation });
        }
        if end == End::Stays {
            self.say(PlayerEvent::Ended { generation });
        }
        if news.still.is_some() {
            self.say(PlayerEvent::Still { generation, still: news.still });
        }
        if let Some(position) = reached {
            self.say(PlayerEvent::Position { generation, position });
        }
    }

    pub(super) fn fail(&mut self, attempt: Attempt, failure: Failure) {
        if let Some(generation) = self.pool.failed(attempt) {
            self.say(PlayerEvent::Failed { generation, failure });
        }
    }

    /// Carries out what the pool wants until it wants no more.
    fn act(&mut self) {
        self.hold_until = self.hold_until.filter(|until| Instant::now() < *until);
        self.pool.hold(self.hold_until.is_some());
        loop {
            let actions = self.pool.actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.carry_out(action);
            }
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Silence(attempt) => {
                if let Some(live) = self.lives.get(&attempt) {
                    live.chain.set_loudness(self.loudness.0, true);
                }
            }
            Action::Play(attempt) => self.play(attempt),
            Action::Pause(attempt) => {
                if let Some(live) = self.lives.get_mut(&attempt) {
                    stop(live);
                    live.chain.reader.set_demand(Demand::Preroll);
                }
            }
            Action::Cancel(attempt) => {
                self.openings.remove(&attempt);
                self.opened.remove(&attempt);
            }
            Action::Release(attempt) => {
                if let Some(mut live) = self.lives.remove(&attempt) {
                    if live.playing {
                        // Teardown may have to wait for its turn; sound may not.
                        stop(&mut live);
                    }
                    live.chain.close();
                    self.teardown.take(attempt, live.chain);
                } else if let Some(chain) = self.previewer.release(attempt) {
                    chain.close();
                    self.teardown.take(attempt, chain);
                } else {
                    self.pool.torn_down(attempt);
                }
            }
            Action::Build(attempt) => self.build(attempt),
            Action::Open { attempt, generation } => self.open(attempt, generation),
        }
    }

    fn play(&mut self, attempt: Attempt) {
        let Some(live) = self.lives.get_mut(&attempt) else {
            return;
        };
        live.playing = true;
        live.chain.set_loudness(self.loudness.0, self.loudness.1);
        live.chain.reader.set_demand(Demand::Playing);
        let started = live.chain.run(true) && live.started();
        // The loser of a swipe must be silent by now.
        self.told.listen();
        if !started {
            self.fail(attempt, fault::player("The pipeline does not start."));
        }
    }

    fn open(&mut self, attempt: Attempt, generation: Generation) {
        if let Some(failure) = self.broken.clone() {
            return self.fail(attempt, failure);
        }
        let Some(slot) = self.slots.iter().find(|slot| slot.generation == generation) else {
            return;
        };
        let demand = if slot.playing { Demand::Playing } else { Demand::Preroll };
        let mailbox = Arc::clone(&self.mailbox);
        let done = Box::new(move |answer| mailbox.opened(attempt, answer));
        let ticket = self.options.opener.open(Arc::clone(&slot.item), demand, self.load_timeout, done);
        self.openings.insert(attempt, ticket);
    }

    fn build(&mut self, attempt: Attempt) {
        let (Some(generation), Some(opened)) = (self.pool.generation(attempt), self.opened.remove(&attempt)) else {
            return;
        };
        self.say(PlayerEvent::Opened { generation, from_cache: opened.from_cache });
        let signals = Arc::new(Signals::new(attempt, Arc::clone(&self.mailbox)));
        let pictures = PictureSink::new(generation, Arc::clone(&self.options.board), Arc::clone(&self.path), Arc::clone(&signals));
        let chain = match Chain::build(&opened, Arc::clone(&self.output), pictures, &signals) {
            Ok(chain) => chain,
            Err(failure) => return self.fail(attempt, failure),
        };
        bus::listen(&chain.pipeline, Arc::clone(&signals), Arc::clone(&self.options.counters));
        let target = self.slots.iter().find(|slot| slot.generation == generation);
        let start_at = self.resume_at.remove(&generation).or(target.map(|slot| slot.start_at)).unwrap_or_default();
        let mut live = Live::new(generation, chain, signals, start_at, Instant::now());
        live.set_manner(self.manner.0, self.manner.1);
        self.told.built(attempt, &live);
        let started = live.chain.run(false);
        let signals = Arc::clone(&live.signals);
        self.lives.insert(attempt, live);
        if !started {
            let failure = match signals.take().fault {
                Some(Fault::Item(failure)) => failure,
                _ => fault::player("The pipeline does not start."),
            };
            self.fail(attempt, failure);
        }
    }

    /// When there is something to do without any news.
    fn deadline(&self) -> Option<Instant> {
        [self.teardown.deadline(), self.tending_due(), self.hold_until, self.previewer.due()].into_iter().flatten().min()
    }

    pub(super) fn say(&self, event: PlayerEvent) {
        (self.options.events)(event);
    }
}

/// Pauses, unheard.
fn stop(live: &mut Live) {
    live.playing = false;
    live.rebuffer.given_up();
    live.chain.set_loudness(0.0, true);
    if !live.chain.run(false) {
        tracing::warn!(state = ?live.chain.pipeline.current_state(), "a pipeline does not pause");
    }
}
