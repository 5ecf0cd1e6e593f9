//! What is seen of the model: the state of a tile, where it stands in time, how awake the controls are.

use std::sync::Arc;
use std::time::Duration;

use super::model::{AWAKE_FOR, Model};
use super::offline::{hides_page, is_outage};
use super::tile::{Phase, SLOW_AFTER, TileState};
use crate::feed::{FailureKind, Item, Tail};

/// A cut to another item fades in for so long.
const CUT_FADE: Duration = Duration::from_millis(80);

impl Model {
    /// How awake the controls are: 1.0 after input, 0.0 once they have faded, and when that will next change.
    #[must_use]
    pub fn chrome(&self, now: Duration) -> (f32, Option<Duration>) {
        const FADE: Duration = Duration::from_millis(200);
        let since = now.saturating_sub(self.last_input);
        let failed = |item: &Arc<Item>| self.tiles.get(&item.id).is_some_and(|tile| matches!(tile.phase, Phase::Failed(_)));
        if self.paused
            || self.focused
            || self.controls.is_open()
            || self.hides_current()
            || self.has_ended()
            || self.feed.current().is_none_or(failed)
        {
            return (1.0, None);
        }
        if since < AWAKE_FOR {
            (1.0, Some(self.last_input + AWAKE_FOR))
        } else if since < AWAKE_FOR + FADE {
            (1.0 - since.saturating_sub(AWAKE_FOR).as_secs_f32() / FADE.as_secs_f32(), Some(now))
        } else {
            (0.0, None)
        }
    }

    /// Whether a control has the keyboard's focus.
    #[must_use]
    pub fn focused(&self) -> bool {
        self.focused
    }

    /// How much of the veil is left that stands for a slide where nothing slides: 1.0 right after the cut, then less.
    #[must_use]
    pub fn cut_veil(&self, now: Duration) -> f32 {
        let since = self.cut_at.map_or(CUT_FADE, |at| now.saturating_sub(at));
        1.0 - (since.as_secs_f32() / CUT_FADE.as_secs_f32()).min(1.0)
    }

    /// When that veil is next to be painted anew.
    pub(super) fn fades_at(&self, now: Duration) -> Option<Duration> {
        (self.cut_veil(now) > 0.0).then_some(now)
    }

    /// The one state the tile at `index` is in.
    #[must_use]
    pub fn tile_state(&self, index: usize, now: Duration) -> TileState<'_> {
        let Some(item) = self.feed.items().get(index) else {
            return match self.feed.tail() {
                Tail::Failed(_, failure) if self.is_offline() && hides_page(failure) => TileState::EndOfStored,
                Tail::Failed(_, failure) => TileState::PageFailed(failure),
                Tail::End if self.feed.items().is_empty() => {
                    TileState::EmptyFeed { skipped: self.feed.skipped(), filtered: self.feed.filtered() }
                }
                Tail::End => TileState::EndOfFeed,
                Tail::More(_) | Tail::Loading(_) => TileState::LoadingPage,
            };
        };
        let Some(tile) = self.tiles.get(&item.id) else { return TileState::Loading { slow: false } };
        let current = index == self.feed.index();
        let failed = |failure| {
            if self.is_offline() && is_outage(failure) {
                return TileState::Offline;
            }
            let skip_at = self.skip_at().filter(|_| current);
            if failure.kind == FailureKind::Missing {
                return TileState::Gone { failure, details: tile.details, skip_at };
            }
            TileState::Failed { failure, details: tile.details, again_at: tile.again_at, skip_at }
        };
        match &tile.phase {
            Phase::Failed(failure) => failed(failure),
            _ if self.is_warned(item) => TileState::Warned { words: item.warning.as_deref().unwrap_or_default() },
            Phase::Idle => TileState::Loading { slow: false },
            Phase::Loading { since } => match (now.saturating_sub(*since) >= SLOW_AFTER, &tile.before) {
                // A try that fails at once changes nothing that could be seen.
                (false, Some(failure)) => failed(failure),
                (slow, _) => TileState::Loading { slow },
            },
            Phase::Buffering { since } => TileState::Buffering { slow: now.saturating_sub(*since) >= SLOW_AFTER },
            Phase::Ready if !current => TileState::Ready,
            Phase::Ready if tile.ended => TileState::Ended,
            Phase::Ready if self.plays() && self.stuck_at(tile).is_some_and(|at| at <= now) => TileState::Buffering { slow: true },
            Phase::Ready if self.paused => TileState::Paused,
            Phase::Ready => TileState::Playing,
        }
    }

    /// The position of the current item, carried on from the last report while it plays.
    #[must_use]
    pub fn position_of(&self, item: &Item, now: Duration) -> Duration {
        let Some(tile) = self.tiles.get(&item.id) else { return Duration::ZERO };
        let is_current = self.feed.current().is_some_and(|current| current.id == item.id);
        let position = if is_current && self.plays() && tile.phase == Phase::Ready && !tile.ended {
            tile.position + now.saturating_sub(tile.position_at).min(Duration::from_secs(1)).mul_f64(self.rate())
        } else {
            tile.position
        };
        self.duration_of(item).map_or(position, |duration| position.min(duration))
    }

    /// How long an item is, as far as anyone knows.
    #[must_use]
    pub fn duration_of(&self, item: &Item) -> Option<Duration> {
        self.tiles.get(&item.id).and_then(|tile| tile.info.as_ref()?.duration).or(item.duration)
    }
}
