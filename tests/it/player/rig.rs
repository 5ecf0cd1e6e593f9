//! A player over clips in memory, and what is needed to watch it: its events, its pictures, its pool.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flickreel::cache::{ByteReader, Demand, MediaOpener, OpenDone, OpenTicket, Opened, ReadError};
use flickreel::feed::{Failure, FailureKind, Generation, Item, ItemId, MediaLocation, SNIFF_BYTES};
use flickreel::player::gst::{AudioChoice, GstOptions, GstPlayer};
use flickreel::player::watch::Patience;
use flickreel::player::{
    Frame, FrameBoard, LOAD_TIMEOUT, MediaInfo, PicturePath, PipelineRow, Player, PlayerEvent, PlayerTarget, PoolStats, PreviewTarget,
    SlotTarget,
};

/// No event of these tests takes this long on any machine that can run them.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes in memory; those beyond a gate are not there until it is lifted.
pub struct Memory {
    bytes: Arc<[u8]>,
    gate: Arc<Gate>,
    interrupted: AtomicBool,
    manner: Manner,
    pub demand: Mutex<Demand>,
}

/// How many bytes of a clip are there.
pub struct Gate {
    limit: AtomicU64,
    changed: Condvar,
    lock: Mutex<()>,
}

impl Gate {
    pub fn at(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit: AtomicU64::new(limit), changed: Condvar::new(), lock: Mutex::new(()) })
    }

    pub fn lift(&self, limit: u64) {
        let guard = self.lock.lock().unwrap();
        self.limit.store(limit, Ordering::SeqCst);
        drop(guard);
        self.changed.notify_all();
    }
}

impl ByteReader for Memory {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        if offset >= self.len() {
            return Ok(0);
        }
        if matches!(self.manner, Manner::FailsFrom(limit) if offset >= limit) {
            return Err(ReadError::Failed(Failure::new(FailureKind::Network, "The server hung up.")));
        }
        let mut guard = self.gate.lock.lock().unwrap();
        while self.ready_from(offset) == 0 {
            if self.interrupted.load(Ordering::SeqCst) && self.manner != Manner::Deaf {
                return Err(ReadError::Interrupted);
            }
            guard = self.gate.changed.wait(guard).unwrap();
        }
        drop(guard);
        let start = usize::try_from(offset).unwrap();
        let count = buf.len().min(usize::try_from(self.ready_from(offset)).unwrap());
        buf[..count].copy_from_slice(&self.bytes[start..start + count]);
        Ok(count)
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.gate.limit.load(Ordering::SeqCst).min(self.len()).saturating_sub(offset)
    }

    fn set_interrupted(&self, interrupted: bool) {
        let guard = self.gate.lock.lock().unwrap();
        self.interrupted.store(interrupted, Ordering::SeqCst);
        drop(guard);
        self.gate.changed.notify_all();
    }

    fn set_demand(&self, demand: Demand) {
        *self.demand.lock().unwrap() = demand;
    }
}

/// How a reader behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    Good,
    /// It does not end its waiting when it is told to.
    Deaf,
    /// From this byte on there is nothing but a failure.
    FailsFrom(u64),
}

/// A clip, how much of it is there, and how it is read.
#[derive(Clone)]
pub struct Clip {
    pub bytes: Arc<[u8]>,
    pub gate: Arc<Gate>,
    pub manner: Manner,
}

impl Clip {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), gate: Gate::at(u64::MAX), manner: Manner::Good }
    }
}

#[derive(Default)]
pub struct Shelf {
    clips: Mutex<HashMap<ItemId, Clip>>,
    /// How long each opening was allowed to take.
    pub within: Mutex<Vec<Duration>>,
}

impl Shelf {
    pub fn put(&self, id: &str, clip: Clip) {
        self.clips.lock().unwrap().insert(ItemId::new(id), clip);
    }
}

impl MediaOpener for Shelf {
    fn open(&self, item: Arc<Item>, demand: Demand, within: Duration, done: OpenDone) -> OpenTicket {
        self.within.lock().unwrap().push(within);
        let (ticket, _) = OpenTicket::new();
        let Some(clip) = self.clips.lock().unwrap().get(&item.id).cloned() else {
            done(Err(Failure::new(FailureKind::Missing, "It is not on the shelf.")));
            return ticket;
        };
        let head = clip.bytes[..clip.bytes.len().min(SNIFF_BYTES)].to_vec();
        let reader = Memory {
            bytes: clip.bytes,
            gate: clip.gate,
            interrupted: AtomicBool::new(false),
            manner: clip.manner,
            demand: Mutex::new(demand),
        };
        done(Ok(Opened { reader: Arc::new(reader), head, from_cache: true }));
        ticket
    }
}

#[derive(Default)]
struct Heard {
    events: Vec<PlayerEvent>,
    pictures: Vec<(Generation, Frame)>,
    pool: PoolStats,
    /// Pictures that came for each item.
    counts: HashMap<Generation, usize>,
    /// Pictures are counted and thrown away, as one that paints them would.
    discard: bool,
    /// Pictures are left where they are.
    blind: bool,
}

/// A player and all that came out of it.
pub struct Rig {
    pub player: GstPlayer,
    pub shelf: Arc<Shelf>,
    heard: Arc<(Mutex<Heard>, Condvar)>,
    pub picture: PicturePath,
    pub muted: bool,
    pub load_timeout: Duration,
    pub detailed: bool,
    pub rate: f64,
    pub preview: Option<PreviewTarget>,
    pub loops: bool,
}

impl Rig {
    pub fn new(budget: usize, audio: AudioChoice) -> Self {
        Self::with_patience(budget, audio, Patience::default())
    }

    pub fn with_patience(budget: usize, audio: AudioChoice, patience: Patience) -> Self {
        let shelf = Arc::new(Shelf::default());
        Self::over(Arc::clone(&shelf) as Arc<dyn MediaOpener>, shelf, budget, audio, patience)
    }

    /// A player that opens its items by something else than a shelf.
    pub fn over(opener: Arc<dyn MediaOpener>, shelf: Arc<Shelf>, budget: usize, audio: AudioChoice, patience: Patience) -> Self {
        let (board, counters) = (Arc::new(FrameBoard::new()), Arc::default());
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let (taker, ear) = (Arc::clone(&heard), Arc::clone(&heard));
        let source = Arc::downgrade(&board);
        board.on_frame(Arc::new(move || {
            let Some(board) = source.upgrade() else { return };
            let mut heard = taker.0.lock().unwrap_or_else(PoisonError::into_inner);
            let pictures = if heard.blind { Vec::new() } else { board.take() };
            for (generation, _) in &pictures {
                *heard.counts.entry(*generation).or_default() += 1;
            }
            if !heard.discard {
                heard.pictures.extend(pictures);
            }
            drop(heard);
            taker.1.notify_all();
        }));
        let events = Arc::new(move |event| {
            let mut heard = ear.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let PlayerEvent::Pool { stats, .. } = &event {
                heard.pool = *stats;
            }
            heard.events.push(event);
            drop(heard);
            ear.1.notify_all();
        });
        let player = GstPlayer::start(GstOptions { opener, board, counters, events, budget, audio, patience }).unwrap();
        Self {
            player,
            shelf,
            heard,
            picture: PicturePath::Planes,
            muted: false,
            load_timeout: LOAD_TIMEOUT,
            detailed: false,
            rate: 1.0,
            preview: None,
            loops: true,
        }
    }

    /// Wants these items, by their name on the shelf, generation, and whether they play.
    pub fn want(&self, slots: &[(&str, u64, bool)]) {
        self.want_from(slots, Duration::ZERO);
    }

    pub fn want_from(&self, slots: &[(&str, u64, bool)], start_at: Duration) {
        let slot = |&(id, generation, playing): &(&str, u64, bool)| SlotTarget {
            item: Arc::new(Item::bare(ItemId::new(id), MediaLocation::Sample(0))),
            generation: Generation(generation),
            playing,
            start_at,
        };
        self.aim(slots.iter().map(slot).collect());
    }

    /// Wants these, whatever their items are.
    pub fn aim(&self, slots: Vec<SlotTarget>) {
        let (muted, picture, load_timeout, detailed) = (self.muted, self.picture, self.load_timeout, self.detailed);
        let (rate, preview, loops) = (self.rate, self.preview, self.loops);
        self.player.set_target(PlayerTarget { slots, muted, volume: 1.0, picture, load_timeout, detailed, rate, preview, loops });
    }

    /// Waits until what was heard so far answers.
    pub fn until<R>(&self, what: &str, mut answer: impl FnMut(&[PlayerEvent], &[(Generation, Frame)]) -> Option<R>) -> R {
        self.hear(what, |heard| answer(&heard.events, &heard.pictures))
    }

    fn hear<R>(&self, what: &str, mut answer: impl FnMut(&Heard) -> Option<R>) -> R {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(answer) = answer(&heard) {
                return answer;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {what}; heard {:#?}", heard.events);
            heard = self.heard.1.wait_timeout(heard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Forgets what was heard so far.
    pub fn forget(&self) {
        let mut heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.events.clear();
        heard.pictures.clear();
        heard.counts.clear();
    }

    /// Keeps no pictures from now on.
    pub fn discard_pictures(&self) {
        self.heard.0.lock().unwrap_or_else(PoisonError::into_inner).discard = true;
    }

    /// Picks up no pictures from now on.
    pub fn close_eyes(&self) {
        self.heard.0.lock().unwrap_or_else(PoisonError::into_inner).blind = true;
    }

    /// Lets whoever leaves a picture wait while `meanwhile` lasts, as one that paints too slowly would.
    pub fn hold_pictures(&self, meanwhile: impl FnOnce()) {
        let _held = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        meanwhile();
    }

    /// Waits for the end of an item's preroll, one way or the other.
    pub fn outcome(&self, generation: u64) -> Result<MediaInfo, Failure> {
        self.until("the end of a preroll", |events, _| {
            events.iter().find_map(|event| match event {
                PlayerEvent::Prerolled { generation: Generation(of), info } if *of == generation => Some(Ok(info.clone())),
                PlayerEvent::Failed { generation: Generation(of), failure } if *of == generation => Some(Err(failure.clone())),
                _ => None,
            })
        })
    }

    /// Waits until an item failed, went over its end, waits for bytes, showed `pictures`, or has told its position a few
    /// times, as one of a single picture does; its failure, if it has one.
    pub fn end_of(&self, generation: u64, pictures: usize) -> Option<Failure> {
        let of = Generation(generation);
        self.hear("the end of a clip", |heard| {
            let end = heard.events.iter().find_map(|event| match event {
                PlayerEvent::Failed { generation, failure } if *generation == of => Some(Some(failure.clone())),
                PlayerEvent::Looped { generation } | PlayerEvent::Buffering { generation } if *generation == of => Some(None),
                _ => None,
            });
            let is_position = |event: &&PlayerEvent| matches!(event, PlayerEvent::Position { generation, .. } if *generation == of);
            let played = heard.counts.get(&of) >= Some(&pictures) || heard.events.iter().filter(is_position).count() >= 4;
            end.or_else(|| played.then_some(None))
        })
    }

    pub fn prerolled(&self, generation: u64) -> MediaInfo {
        self.outcome(generation).unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    pub fn failed(&self, generation: u64) -> Failure {
        self.outcome(generation).map_or_else(|failure| failure, |info| panic!("it plays: {info:?}"))
    }

    /// Waits until `count` pictures of an item came, since the last time what was heard was forgotten.
    pub fn pictures(&self, generation: u64, count: usize) {
        self.hear("pictures", |heard| (heard.counts.get(&Generation(generation)) >= Some(&count)).then_some(()));
    }

    /// Waits for the pool to be so.
    pub fn pool(&self, what: &str, so: impl Fn(&PoolStats) -> bool) -> PoolStats {
        self.hear(what, |heard| Some(heard.pool).filter(|stats| stats.budget > 0 && so(stats)))
    }

    /// Waits for a row of the pipeline table that is so.
    pub fn row(&self, what: &str, so: impl Fn(&PipelineRow) -> bool) -> PipelineRow {
        let rows = |event: &PlayerEvent| if let PlayerEvent::Pool { rows, .. } = event { rows.clone() } else { Vec::new() };
        self.until(what, |events, _| events.iter().rev().flat_map(rows).find(&so))
    }

    /// Looks at the pictures of an item that came so far.
    pub fn with_pictures<R>(&self, generation: u64, look: impl FnOnce(Vec<&Frame>) -> R) -> R {
        let heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        look(heard.pictures.iter().filter(|(of, _)| of.0 == generation).map(|(_, frame)| frame).collect())
    }
}
