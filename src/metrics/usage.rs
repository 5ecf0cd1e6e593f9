//! What a viewer does that is worth counting, as facts without a form: exporters give it one, and nobody is told
//! of anything unless the viewer has asked for it.

use std::time::Duration;

use crate::feed::{Cursor, ItemId};

/// A setting that a viewer changes while watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// Sound off or on.
    Sound,
    /// Readying items ahead although electric power is short, or no longer.
    ReadyAnyway,
    /// What happens at the end of an item.
    AtEnd,
    /// How fast items play.
    Speed,
    /// Captions off or on.
    Captions,
}

/// What a viewer makes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// It is liked.
    Like,
    /// It is no longer liked.
    Unlike,
    /// It was watched to its end, or nearly.
    Complete,
}

/// Something that a viewer did, or that was done for a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageEvent {
    /// An item has been seen: for two seconds, or until it was left before that. Once for each stay.
    VideoViewed {
        /// Which.
        item: ItemId,
        /// Its place in the list, from 0.
        position: usize,
        /// Whether its first picture was there when the swipe to it was committed.
        preloaded: bool,
    },
    /// A swipe is over: the feed rests, or another swipe took its place.
    Swipe {
        /// Toward newer items.
        forward: bool,
        /// From the key press, or from when the finger came down.
        took: Duration,
        /// Whether it ended on another item.
        completed: bool,
    },
    /// A page came.
    PageLoaded {
        /// Which; `None`: the first.
        cursor: Option<Cursor>,
        /// Since it was asked for.
        took: Duration,
        /// It came from this machine, as it was when the server could last be reached.
        stored: bool,
    },
    /// An item that is not the current one has its first picture.
    PreloadComplete {
        /// Since it was given to the player.
        took: Duration,
        /// The name of the preload profile that holds.
        profile: &'static str,
    },
    /// A setting was changed.
    PreferencesUpdated(Preference),
    /// A page that could not be had is asked for again.
    PaginationRetry {
        /// Which; `None`: the first.
        cursor: Option<Cursor>,
        /// How often by now, from 1.
        attempt: u32,
    },
    /// A viewer made something of an item.
    Interaction {
        /// Which.
        item: ItemId,
        /// What.
        interaction: Interaction,
    },
}
