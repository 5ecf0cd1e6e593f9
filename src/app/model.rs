//! The whole state of the client, and what can be read from it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::ahead::Ahead;
use super::around::{DesktopSettings, Presence};
use super::captions::{self, Captions};
use super::controls::Controls;
use super::desk::{self, Desk};
use super::figures::Figures;
use super::flags::{Flag, Flags};
use super::heart::Taps;
use super::kept::Kept;
use super::keys::Keymaps;
use super::mark::Mark;
use super::news::News;
use super::offline::{Offline, ask_at};
use super::opening::{Opening, SourceName};
use super::overlay::OverlayPage;
use super::playing::Playing;
use super::preferences::{AtEnd, Preferences, Sound};
use super::readying::{self, Preloading, Readying};
use super::retry::Retries;
use super::sheet::Sheet;
use super::tile::{Phase, SLOW_AFTER, Tile};
use super::usage::Usage;
use super::warned::Accepted;
use super::watched;
use crate::feed::{FeedList, Filter, Generation, Item, ItemId};
use crate::gesture::{KeyRepeat, Motion, Pointer, Wheel};
use crate::metrics::{Health, RangeMap};
use crate::player::{PicturePath, PipelineRow, PlayerTarget, PoolStats, SlotTarget};
use crate::preload::plan::Stage;

/// What the client is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How far to ready items ahead.
    pub preloading: Preloading,
    /// What the viewer set, here or in the config file.
    pub preferences: Preferences,
    /// Languages of the desktop as tags, the most wanted first.
    pub languages: Vec<String>,
    /// Which behaviours are switched on.
    pub flags: Flags,
    /// Decides every pause that is drawn.
    pub seed: u64,
    /// Which keys mean what in each preset.
    pub keymaps: Arc<Keymaps>,
    /// Sources that were opened in earlier runs, the newest first.
    pub recent: Vec<SourceName>,
}

/// A line that is shown for a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// When it goes.
    pub until: Duration,
}

/// How long a toast stays.
const TOAST_FOR: Duration = Duration::from_millis(2200);
/// After this long a failed item makes room for the next one, for a viewer who wants that.
const SKIP_AFTER: Duration = Duration::from_secs(8);
/// Controls fade this long after the last input.
pub(super) const AWAKE_FOR: Duration = Duration::from_secs(2);

/// The state of the client. Only [`super::update()`] changes it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches a person flips one by one: each combination is a state")]
pub struct Model {
    pub(super) feed: FeedList,
    pub(super) tiles: HashMap<ItemId, Tile>,
    pub(super) motion: Motion,
    pub(super) pointer: Pointer,
    pub(super) wheel: Wheel,
    pub(super) repeat: KeyRepeat,
    /// A press caught a motion: its release is no click.
    pub(super) press_caught_motion: bool,
    pub(super) size: (f64, f64),
    pub(super) picture: PicturePath,
    pub(super) visible: bool,
    pub(super) presence: Presence,
    pub(super) desktop: DesktopSettings,
    pub(super) on_top: bool,
    pub(super) paused: bool,
    pub(super) preferences: Preferences,
    pub(super) sheet: Option<Sheet>,
    pub(super) controls: Controls,
    pub(super) fullscreen: bool,
    pub(super) overlay: bool,
    pub(super) overlay_page: OverlayPage,
    pub(super) range_maps: Vec<(ItemId, RangeMap)>,
    /// When the page was asked for that is awaited.
    pub(super) page_asked_at: Option<Duration>,
    /// Of each page that brought items, the position of its first one and how long it took.
    pub(super) pages: Vec<(usize, Duration)>,
    pub(super) readying: Readying,
    pub(super) retries: Retries,
    pub(super) flags: Flags,
    pub(super) health: Health,
    /// Since when the current item is the current one.
    pub(super) current_since: Duration,
    /// Since when the current item is seen to have failed.
    pub(super) failed_since: Option<(ItemId, Duration)>,
    pub(super) next_generation: u64,
    pub(super) epoch: u64,
    pub(super) label: String,
    pub(super) hint: bool,
    pub(super) last_input: Duration,
    pub(super) pointer_at: Option<(f64, f64)>,
    pub(super) toast: Option<Toast>,
    pub(super) pool: PoolStats,
    /// It was told since the last display frame began.
    pub(super) pool_is_new: bool,
    pub(super) rows: Vec<PipelineRow>,
    pub(super) audio: Option<String>,
    pub(super) figures: Figures,
    pub(super) played_until: Option<Duration>,
    pub(super) failures: Vec<(ItemId, &'static str)>,
    /// While the server cannot be reached.
    pub(super) offline: Option<Offline>,
    pub(super) marks: HashMap<ItemId, Mark>,
    pub(super) usage: Usage,
    pub(super) kept: Kept,
    pub(super) taps: Taps,
    pub(super) desk: Desk,
    /// What the viewer wants hidden, ready to be applied.
    pub(super) filter: Filter,
    /// A control has the keyboard's focus.
    pub(super) focused: bool,
    /// When the feed was cut to another item instead of sliding there.
    pub(super) cut_at: Option<Duration>,
    pub(super) keymaps: Arc<Keymaps>,
    pub(super) opening: Opening,
    pub(super) playing: Playing,
    pub(super) ahead: Ahead,
    pub(super) captions: Captions,
    /// What the viewer wants to see whatever is warned of.
    pub(super) accepted: Accepted,
    pub(super) news: News,
    /// Why one waits is unfolded.
    pub(super) why: bool,
}

impl Model {
    /// A client that shows nothing yet: it waits for [`super::Event::Opened`].
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self {
            feed: FeedList::new(),
            tiles: HashMap::new(),
            motion: Motion::default(),
            pointer: Pointer::default(),
            wheel: Wheel::default(),
            repeat: KeyRepeat::default(),
            press_caught_motion: false,
            size: (450.0, 800.0),
            picture: PicturePath::Planes,
            visible: true,
            presence: Presence::default(),
            desktop: DesktopSettings::default(),
            on_top: false,
            paused: false,
            preferences: options.preferences.clone(),
            sheet: None,
            controls: Controls::default(),
            fullscreen: false,
            overlay: false,
            overlay_page: OverlayPage::default(),
            range_maps: Vec::new(),
            page_asked_at: None,
            pages: Vec::new(),
            readying: Readying::new(options.preloading, options.preferences.ready_on_battery),
            retries: Retries::new(options.seed),
            flags: options.flags.clone(),
            health: Health::default(),
            current_since: Duration::ZERO,
            failed_since: None,
            next_generation: 1,
            epoch: 0,
            label: String::new(),
            hint: false,
            last_input: Duration::ZERO,
            pointer_at: None,
            toast: None,
            pool: PoolStats::default(),
            pool_is_new: false,
            rows: Vec::new(),
            audio: None,
            figures: Figures::default(),
            played_until: None,
            failures: Vec::new(),
            offline: None,
            marks: HashMap::new(),
            usage: Usage::default(),
            kept: Kept::default(),
            taps: Taps::default(),
            desk: Desk::default(),
            filter: options.preferences.filter.filter(),
            focused: false,
            cut_at: None,
            keymaps: Arc::clone(&options.keymaps),
            opening: Opening::new(options.recent.clone()),
            playing: Playing::default(),
            ahead: Ahead::default(),
            captions: Captions::new(&options.languages),
            accepted: Accepted::default(),
            news: News::default(),
            why: false,
        }
    }

    /// The loaded items and where we are in them.
    #[must_use]
    pub fn feed(&self) -> &FeedList {
        &self.feed
    }

    /// Where the feed stands, in items.
    #[must_use]
    pub fn position(&self) -> f64 {
        self.motion.position()
    }

    /// Whether the feed moves.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.motion.is_moving()
    }

    /// Whether a finger or the mouse button drags the feed.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.motion.is_held()
    }

    /// What is known of an item.
    #[must_use]
    pub fn tile(&self, id: &ItemId) -> Option<&Tile> {
        self.tiles.get(id)
    }

    /// The name of the source for the top line.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether the first-launch hint is shown.
    #[must_use]
    pub fn hint(&self) -> bool {
        self.hint
    }

    /// The sound as set.
    #[must_use]
    pub fn sound(&self) -> Sound {
        self.preferences.sound
    }

    /// Whether the window should fill the screen.
    #[must_use]
    pub fn fullscreen(&self) -> bool {
        self.fullscreen
    }

    /// Whether the performance overlay is open.
    #[must_use]
    pub fn overlay(&self) -> bool {
        self.overlay
    }

    /// Whether somebody looks at the pipelines one by one.
    #[must_use]
    pub fn shows_pipelines(&self) -> bool {
        self.visible && self.overlay && self.overlay_page == OverlayPage::Pipelines
    }

    /// Whether somebody looks at which parts of the items are on this machine.
    #[must_use]
    pub fn shows_range_maps(&self) -> bool {
        // Who asks why it is slow is told how fast the clip is: that takes its length in bytes.
        self.visible && (self.why || self.overlay && matches!(self.overlay_page, OverlayPage::Cache | OverlayPage::Item))
    }

    /// The line shown for a moment, while it is.
    #[must_use]
    pub fn toast(&self, now: Duration) -> Option<&Toast> {
        self.toast.as_ref().filter(|toast| now < toast.until)
    }

    /// Pipelines by state.
    #[must_use]
    pub fn pool(&self) -> PoolStats {
        self.pool
    }

    /// One row a pipeline.
    #[must_use]
    pub fn rows(&self) -> &[PipelineRow] {
        &self.rows
    }

    /// The sound device in use, in words.
    #[must_use]
    pub fn audio(&self) -> Option<&str> {
        self.audio.as_deref()
    }

    /// What has been measured.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// What has been measured; the window adds its frames.
    pub fn figures_mut(&mut self) -> &mut Figures {
        &mut self.figures
    }

    /// Items that failed in this session, with the kind of failure.
    #[must_use]
    pub fn failures(&self) -> &[(ItemId, &'static str)] {
        &self.failures
    }

    /// Whether the server cannot be reached and its feed is shown as it was.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.offline.is_some()
    }

    /// How much of an item is on this machine; `None` for one that comes over no network.
    #[must_use]
    pub fn mark(&self, id: &ItemId) -> Option<Mark> {
        self.marks.get(id).copied()
    }

    /// The item of a generation.
    #[must_use]
    pub fn item_of(&self, generation: Generation) -> Option<&ItemId> {
        self.tiles.iter().find(|(_, tile)| tile.generation == Some(generation)).map(|(id, _)| id)
    }

    /// The generation of the current item.
    #[must_use]
    pub fn current_generation(&self) -> Option<Generation> {
        self.tiles.get(&self.feed.current()?.id)?.generation
    }

    /// Whether the current item should be heard and seen moving.
    #[must_use]
    pub fn plays(&self) -> bool {
        self.is_seen() && !self.paused && !self.hides_current() && !self.is_scrubbing()
    }

    /// What should be ready for what, the most urgent first.
    #[must_use]
    pub fn preload_plan(&self) -> Vec<(Arc<Item>, Stage)> {
        self.places_planned().into_iter().map(|(index, stage)| (Arc::clone(&self.feed.items()[index]), stage)).collect()
    }

    /// The items near us that have a poster and no picture yet, the most urgent first.
    pub fn posters_wanted(&self) -> impl Iterator<Item = &Arc<Item>> {
        let planned = self.places_planned().into_iter().filter(|(_, stage)| *stage > Stage::Metadata);
        let items = planned.map(|(index, _)| &self.feed.items()[index]).filter(|item| item.poster.is_some());
        items.filter(|item| self.tiles.get(&item.id).is_none_or(|tile| tile.picture.is_none()))
    }

    /// What the player should be doing.
    #[must_use]
    pub fn player_target(&self) -> PlayerTarget {
        let slots = self
            .preload_plan()
            .into_iter()
            .filter(|(_, stage)| *stage > Stage::Head)
            .filter_map(|(item, stage)| {
                let tile = self.tiles.get(&item.id)?;
                Some(SlotTarget {
                    generation: tile.generation?,
                    playing: stage == Stage::Current && self.plays() && !tile.ended,
                    start_at: tile.position,
                    item,
                })
            })
            .collect();
        let load_timeout = self.profile().0.load_timeout();
        let detailed = self.shows_pipelines();
        PlayerTarget {
            slots,
            muted: self.preferences.sound.muted,
            volume: self.preferences.sound.volume,
            picture: self.picture,
            load_timeout,
            detailed,
            rate: self.rate(),
            preview: self.preview_target(),
            loops: self.preferences.at_end == AtEnd::Repeat,
        }
    }

    /// Items that the player has been given and that have no picture yet.
    #[must_use]
    pub fn waiting_for_preroll(&self) -> usize {
        self.tiles.values().filter(|tile| matches!(tile.phase, Phase::Loading { .. })).count()
    }

    /// When the state changes by itself, so that a frame is due: a press grows long, a toast goes, a wait
    /// becomes worth telling.
    #[must_use]
    pub fn wakes_at(&self, now: Duration) -> Option<Duration> {
        let waits = self.tiles.values().filter_map(|tile| match tile.phase {
            Phase::Loading { since } | Phase::Buffering { since } => Some(since + SLOW_AFTER),
            _ => None,
        });
        // One that stays while a press is held ends with it.
        let toast = self.toast.as_ref().map(|toast| toast.until).filter(|until| *until < Duration::MAX);
        let toast = toast.into_iter().chain(self.wait_told_at(now));
        let stuck = self.feed.current().and_then(|item| self.stuck_at(self.tiles.get(&item.id)?));
        let again = self.tiles.values().filter_map(|tile| tile.again_at);
        let timed = waits.chain(again).chain(stuck).chain(readying::due_at(self)).chain(self.skip_at()).chain(self.countdown(now));
        timed
            .chain(self.pointer.wakes_at())
            .chain(toast)
            .chain(self.chrome(now).1)
            .chain(ask_at(self))
            .chain(captions::changes_at(self, now))
            .chain(self.hint_ends())
            .chain(self.heart_due(now))
            .chain(desk::due_at(self))
            .chain(self.fades_at(now))
            .chain(self.look_due())
            .chain(watched::due_at(self))
            .filter(|&at| at >= now)
            .min()
    }

    /// When the current item, of which there is a picture and which does not move yet, is said to wait.
    pub(super) fn stuck_at(&self, tile: &Tile) -> Option<Duration> {
        (tile.phase == Phase::Ready && !tile.stands).then(|| tile.times.pictured.unwrap_or_default().max(self.current_since) + SLOW_AFTER)
    }

    /// When a failed current item makes room for the next one.
    #[must_use]
    pub fn skip_at(&self) -> Option<Duration> {
        let skips = self.preferences.skip_failed.unwrap_or_else(|| self.flags.is_on(Flag::AutoSkipFailed));
        let (id, since) = self.failed_since.as_ref().filter(|_| skips)?;
        (self.feed.current()?.id == *id).then_some(*since + SKIP_AFTER)
    }

    /// When the seconds that a failed current item counts down change next.
    fn countdown(&self, now: Duration) -> Option<Duration> {
        let current = self.tiles.get(&self.feed.current()?.id)?;
        let left = [current.again_at, self.skip_at()].into_iter().flatten().filter_map(|end| end.checked_sub(now));
        left.map(|left| now + Duration::from_nanos(u64::from(left.subsec_nanos())) + Duration::from_millis(1)).min()
    }

    /// Servers that are left alone, items that wait to be tried again, and how often a breaker opened.
    #[must_use]
    pub fn retries(&self, now: Duration) -> (usize, usize, u64) {
        (self.retries.hosts_resting(now), self.retries.waiting(now), self.retries.trips)
    }

    pub(super) fn say(&mut self, text: impl Into<String>, now: Duration) {
        self.toast = Some(Toast { text: text.into(), until: now + TOAST_FOR });
    }
}
