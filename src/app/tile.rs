//! One tile: what is known of an item near us, and the one state it is in.

use std::time::Duration;

use super::times::Times;
use crate::feed::{Failure, Generation};
use crate::player::{InHand, MediaInfo};

/// How far an item has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Out of the window: nothing is kept for it but its position.
    Idle,
    /// It has been given to the player and has no picture yet.
    Loading {
        /// Since when.
        since: Duration,
    },
    /// Its first picture is there.
    Ready,
    /// It ran out of bytes.
    Buffering {
        /// Since when.
        since: Duration,
    },
    /// It cannot play.
    Failed(Failure),
}

/// What is known of an item near us.
#[derive(Clone, Debug)]
pub struct Tile {
    /// How far it has come.
    pub phase: Phase,
    /// The assignment to a player slot, while it has one.
    pub generation: Option<Generation>,
    /// The number of the newest picture on the GPU; `None` while there is none.
    pub picture: Option<u64>,
    /// What the player found in it.
    pub info: Option<MediaInfo>,
    /// Where it is, or was when it was left.
    pub position: Duration,
    /// When `position` was reported.
    pub position_at: Duration,
    /// How it came to the screen since it was assigned.
    pub times: Times,
    /// Whether its pipeline stands, so that it moves once it is told to: sound may take longer to come than the picture.
    pub stands: bool,
    /// Whether it was played to its end and stays there.
    pub ended: bool,
    /// Whether the chain of causes is unfolded.
    pub details: bool,
    /// When it is tried again by itself, after it failed.
    pub again_at: Option<Duration>,
    /// What it failed with before the try that is under way.
    pub before: Option<Failure>,
    /// What it failed with last since it came near, also when it works again.
    pub last_failure: Option<Failure>,
    /// What it has in hand while playback waits for bytes, as told last.
    pub in_hand: Option<InHand>,
}

impl Default for Tile {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            generation: None,
            picture: None,
            info: None,
            position: Duration::ZERO,
            position_at: Duration::ZERO,
            times: Times::default(),
            stands: false,
            ended: false,
            details: false,
            again_at: None,
            before: None,
            last_failure: None,
            in_hand: None,
        }
    }
}

/// After waiting this long, a tile says that it waits (300 ms: less would flicker).
pub const SLOW_AFTER: Duration = Duration::from_millis(300);

/// The one state a tile is in, as it is painted.
#[derive(Clone, Debug, PartialEq)]
pub enum TileState<'m> {
    /// No picture yet. `slow` after 300 ms: the sweep shows.
    Loading {
        /// It has taken long enough to say so.
        slow: bool,
    },
    /// A picture stands, and it is not the current item's turn.
    Ready,
    /// It plays.
    Playing,
    /// It is paused.
    Paused,
    /// It was played to its end and stays at its last picture.
    Ended,
    /// It waits for bytes. `slow` after 300 ms.
    Buffering {
        /// It has taken long enough to say so.
        slow: bool,
    },
    /// It cannot play.
    Failed {
        /// Why.
        failure: &'m Failure,
        /// Whether the causes are unfolded.
        details: bool,
        /// When it is tried again by itself.
        again_at: Option<Duration>,
        /// When the next item takes its place, for a viewer who wants that.
        skip_at: Option<Duration>,
    },
    /// It is not there any more.
    Gone {
        /// How that was learned.
        failure: &'m Failure,
        /// Whether the causes are unfolded.
        details: bool,
        /// When the next item takes its place, for a viewer who wants that.
        skip_at: Option<Duration>,
    },
    /// Its maker warns of something, and the viewer has not said yet that they want to see it.
    Warned {
        /// Of what; may be empty.
        words: &'m str,
    },
    /// There is no connection, and too little of it is on this machine.
    Offline,
    /// The tile after the last item: more is on its way.
    LoadingPage,
    /// The tile after the last item: more could not be had.
    PageFailed(&'m Failure),
    /// The tile after the last item: there is no more.
    EndOfFeed,
    /// The tile after the last item: there is no connection, and no more of the feed is on this machine.
    EndOfStored,
    /// The only tile of a feed without items.
    EmptyFeed {
        /// Entries that were left out because they are no videos.
        skipped: usize,
        /// Items that the viewer's filter has taken out.
        filtered: usize,
    },
}
