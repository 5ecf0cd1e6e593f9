//! Why something makes one wait: the cause as far as it is known, with its figures. Pure.

use std::time::Duration;

use super::mark::Mark;
use super::model::Model;
use super::tile::{Phase, Tile};
use crate::feed::{Item, MediaLocation, Tail};
use crate::player::InHand;
use crate::preload::plan::Limit;

/// Who waits for an item to load, or for a page, may ask why after this long…
const LOADING_PATIENCE: Duration = Duration::from_secs(2);
/// … and who waits in the middle of a clip after this long.
const BUFFERING_PATIENCE: Duration = Duration::from_secs(1);

/// A cause of a wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// The server has not answered yet.
    Server {
        /// How long it has been asked.
        asked_for: Duration,
        /// How long a way there and back takes else, as measured.
        round_trip: Option<Duration>,
    },
    /// The server has failed so often that it was left alone; this is the try that decides.
    Rested {
        /// Failures in a row.
        failures: u32,
    },
    /// There is no connection.
    Offline,
    /// The bytes come too slowly.
    Line {
        /// What the line carries in bits a second, as measured.
        carries: Option<u64>,
        /// What the clip needs in bits a second, as far as known.
        needs: Option<u64>,
    },
    /// The first bytes are here, and there is no picture yet.
    Decoding {
        /// Since they were.
        since: Duration,
    },
    /// A picture stands, and the decoder is not ready to go on: sound, for example, takes longer.
    Starting {
        /// Since the picture was there.
        since: Duration,
    },
    /// The disk has not given the file yet.
    Disk {
        /// How long it has been asked.
        asked_for: Duration,
    },
    /// Others come first.
    Queue {
        /// How many.
        before: usize,
    },
    /// It was not readied ahead, because electric power or memory is short.
    NotReadied(Limit),
    /// The next page of the feed has not come yet.
    Page {
        /// How long its server has been asked.
        asked_for: Duration,
    },
}

impl Model {
    /// Since when the viewer has been kept waiting by the tile at `index`, and after which time they may ask why; `None` where
    /// nothing is waited for.
    fn waits_since(&self, index: usize, now: Duration) -> Option<(Duration, Duration)> {
        let (since, patience) = match self.feed.items().get(index) {
            None => {
                let since = if matches!(self.feed.tail(), Tail::Loading(_)) { self.page_asked_at? } else { return None };
                (since, LOADING_PATIENCE)
            }
            Some(item) if self.is_warned(item) => return None,
            Some(item) => {
                let tile = self.tiles.get(&item.id)?;
                match tile.phase {
                    Phase::Loading { since } => (since, LOADING_PATIENCE),
                    Phase::Buffering { since } => (since, BUFFERING_PATIENCE),
                    Phase::Ready if self.plays() && index == self.feed.index() && self.stuck_at(tile).is_some_and(|at| at <= now) => {
                        (tile.times.pictured?, BUFFERING_PATIENCE)
                    }
                    Phase::Idle | Phase::Ready | Phase::Failed(_) => return None,
                }
            }
        };
        // What was not looked at kept nobody waiting.
        Some((since.max(self.current_since), patience))
    }

    /// Whether the current tile has made one wait so long that it should say why when asked.
    #[must_use]
    pub fn may_ask_why(&self, now: Duration) -> bool {
        self.waits_since(self.feed.index(), now).is_some_and(|(since, patience)| now >= since + patience)
    }

    /// Whether the viewer wants to know why.
    #[must_use]
    pub fn asks_why(&self) -> bool {
        self.why
    }

    /// When what is said of the wait changes next: it may be asked about, or another second is over.
    pub(super) fn wait_told_at(&self, now: Duration) -> Option<Duration> {
        let (since, patience) = self.waits_since(self.feed.index(), now)?;
        if now < since + patience {
            return Some(since + patience);
        }
        let over = now.saturating_sub(since).as_secs();
        self.why.then(|| since + Duration::from_secs(over + 1))
    }
}

/// Why the tile at `index` makes one wait, the nearest cause first; empty where it does not.
#[must_use]
pub fn why_slow(model: &Model, index: usize, now: Duration) -> Vec<Cause> {
    if model.waits_since(index, now).is_none() {
        return Vec::new();
    }
    let Some(item) = model.feed.items().get(index) else {
        return vec![Cause::Page { asked_for: now.saturating_sub(model.page_asked_at.unwrap_or(now)) }];
    };
    let Some(tile) = model.tiles.get(&item.id) else { return Vec::new() };
    let mut causes = vec![match tile.phase {
        Phase::Loading { since } => loading(model, index, item, tile, since, now),
        Phase::Buffering { since } => buffering(model, item, tile, since, now),
        _ => Cause::Starting { since: now.saturating_sub(tile.times.pictured.unwrap_or(now)) },
    }];
    let readied_ahead = tile.times.assigned.is_some_and(|assigned| assigned < model.current_since);
    if let Some(limit) = model.limit().filter(|_| matches!(tile.phase, Phase::Loading { .. }) && index > 0 && !readied_ahead) {
        causes.push(Cause::NotReadied(limit));
    }
    causes
}

fn loading(model: &Model, index: usize, item: &Item, tile: &Tile, since: Duration, now: Duration) -> Cause {
    let before = before(model, index);
    let asked_for = now.saturating_sub(tile.times.assigned.unwrap_or(since));
    let Some(opened) = tile.times.opened else {
        return match &item.media {
            MediaLocation::File(_) | MediaLocation::Sample(_) => Cause::Disk { asked_for },
            MediaLocation::Url(_) if model.is_offline() => Cause::Offline,
            MediaLocation::Url(_) if before > 0 => Cause::Queue { before },
            MediaLocation::Url(_) => match model.retries.rested(item) {
                Some(failures) => Cause::Rested { failures },
                None => Cause::Server { asked_for, round_trip: model.measured().1 },
            },
        };
    };
    let pool = model.pool();
    if pool.budget > 0 && pool.live() >= pool.budget && pool.prerolling == 0 {
        return Cause::Queue { before: pool.tearing_down + pool.stuck };
    }
    // A picture needs the beginning of the file and little more.
    let map = model.range_maps().iter().find(|(id, _)| *id == item.id).map(|(_, map)| map);
    let has_head = tile.times.from_cache
        || !matches!(item.media, MediaLocation::Url(_))
        || model.mark(&item.id) == Some(Mark::Ready)
        || map.is_some_and(|map| map.cells.first() == Some(&u8::MAX));
    if has_head {
        return Cause::Decoding { since: now.saturating_sub(opened) };
    }
    let needs = map.zip(model.duration_of(item)).filter(|(_, length)| !length.is_zero());
    let needs = needs.map(|(map, length)| bits_a_second(map.total, length));
    Cause::Line { carries: model.measured().0, needs }
}

fn buffering(model: &Model, item: &Item, tile: &Tile, since: Duration, now: Duration) -> Cause {
    let asked_for = now.saturating_sub(since);
    let (carries, needs) = (model.measured().0, tile.in_hand.and_then(|in_hand| in_hand.rate).map(|rate| rate.saturating_mul(8)));
    match &item.media {
        MediaLocation::File(_) | MediaLocation::Sample(_) => Cause::Disk { asked_for },
        MediaLocation::Url(_) if model.mark(&item.id) == Some(Mark::Ready) => Cause::Disk { asked_for },
        MediaLocation::Url(_) if model.is_offline() => Cause::Offline,
        // A line that is fast enough brings nothing: its server does not send.
        MediaLocation::Url(_) if carries.zip(needs).is_some_and(|(carries, needs)| carries > needs) => {
            Cause::Server { asked_for, round_trip: model.measured().1 }
        }
        MediaLocation::Url(_) => Cause::Line { carries, needs },
    }
}

/// Items that are readied before the one at `index` and are not ready yet.
fn before(model: &Model, index: usize) -> usize {
    let is_loading = |at: &usize| {
        let tile = model.feed.items().get(*at).and_then(|item| model.tiles.get(&item.id));
        tile.is_some_and(|tile| matches!(tile.phase, Phase::Loading { .. }))
    };
    model.places_planned().into_iter().map(|(at, _)| at).take_while(|at| *at != index).filter(is_loading).count()
}

impl InHand {
    /// How much of what lets playback go on is here, in percent, 0 to 99: playback waits, so it is never all.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let share = u128::from(self.ahead) * 100 / u128::from(self.enough.max(1));
        u8::try_from(share.min(99)).unwrap_or(99)
    }

    /// How much of the clip is missing until playback goes on; `None` where its rate is unknown.
    #[must_use]
    pub fn missing(&self) -> Option<Duration> {
        let rate = self.rate.filter(|rate| *rate > 0)?;
        let ms = u128::from(self.enough.saturating_sub(self.ahead)) * 1000 / u128::from(rate);
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }
}

fn bits_a_second(bytes: u64, length: Duration) -> u64 {
    let bits = u128::from(bytes) * 8 * 1000 / length.as_millis().max(1);
    u64::try_from(bits).unwrap_or(u64::MAX)
}
