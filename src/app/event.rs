//! What can happen to the client, and what it wants done.

use std::time::Duration;

use super::flags::{Flag, Served};
use super::mark::Mark;
use super::overlay::OverlayPage;
use super::sheet::Sheet;
use crate::feed::{Cursor, Failure, FeedPage, Generation, ItemId};
use crate::gesture::{Position, WheelDelta};
use crate::metrics::health::Breach;
use crate::metrics::{RangeMap, Snapshot, UsageEvent};
use crate::player::{PicturePath, PlayerCommand, PlayerEvent};
use crate::preload::plan::Conditions;

/// A key by what it means. Which physical key that is, the interface decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// On to the next item.
    Next,
    /// Back to the previous item.
    Previous,
    /// To the first item.
    First,
    /// To the newest loaded item.
    Newest,
    /// Pause or play.
    Pause,
    /// Sound off or on.
    Mute,
    /// Louder.
    VolumeUp,
    /// Softer.
    VolumeDown,
    /// Full screen on or off.
    Fullscreen,
    /// The performance overlay on or off.
    Overlay,
    /// The performance overlay, at this page.
    Page(OverlayPage),
    /// Closes what is open, then leaves full screen, else nothing.
    Escape,
    /// The sheet of all keys.
    Help,
    /// Ends the program.
    Quit,
}

/// What a person asked for by a control on the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Opens a sheet, or closes it.
    Sheet(Sheet),
    /// Try the failed current item again.
    Retry,
    /// On to the next item.
    Skip,
    /// Show or hide the chain of causes of the failed item.
    Details,
    /// Ask for the failed page again.
    RetryPage,
    /// Back to the first item.
    ToStart,
    /// Sound off or on.
    Mute,
    /// Go to this share of the current item, 0.0 to 1.0.
    Seek(f64),
    /// The performance overlay on or off.
    Overlay,
    /// Another page of it.
    Page(OverlayPage),
    /// All figures onto the clipboard.
    CopyFigures,
    /// What happened lately into files.
    SaveTrace,
    /// Figures begin anew.
    ResetFigures,
    /// Ready items ahead although electric power is short, or no longer.
    ReadyAnyway,
}

/// One display frame that has reached the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Painted {
    /// When the renderer had finished it.
    pub at: Duration,
    /// The pictures it showed: assignment and serial number, for each tile that was on screen.
    pub pictures: Vec<(Generation, u64)>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A display frame begins: the motion goes on, presses grow long.
    Frame,
    /// The window's size in points, and how pictures are to be delivered for it.
    Resized {
        /// Width and height in points.
        size: (f64, f64),
        /// For the player.
        picture: PicturePath,
    },
    /// The window can be seen, or cannot (minimised).
    Visible(bool),
    /// A pointer went down on the picture.
    PointerDown(Position),
    /// It moved (pressed or not).
    PointerMoved(Position),
    /// It went up.
    PointerUp(Position),
    /// It left the window.
    PointerGone,
    /// A wheel or touchpad turned; forward is positive.
    Wheel(WheelDelta),
    /// A key was pressed, or repeats.
    Key {
        /// What it means.
        key: Key,
        /// Whether it is a repeat of a held key.
        repeat: bool,
    },
    /// A control was used.
    Intent(Intent),
    /// A page came, or did not.
    Page {
        /// The opening of a source it belongs to.
        epoch: u64,
        /// What was asked for.
        cursor: Option<Cursor>,
        /// What came.
        result: Result<FeedPage, Failure>,
    },
    /// Another source is to be shown.
    Opened {
        /// Its name for the top line.
        label: String,
        /// Whether it is the sample reel on a first launch, so that a hint is shown.
        hint: bool,
    },
    /// The player says something.
    Player(PlayerEvent),
    /// A picture is on the GPU, ready to be painted.
    Picture {
        /// The assignment.
        generation: Generation,
        /// Its number within the assignment.
        serial: u64,
    },
    /// A display frame has reached the screen.
    Painted(Painted),
    /// Something a person should read once.
    Notice(String),
    /// How much of the items near us is on this machine, as far as they come over a network.
    Marks(Vec<(ItemId, Mark)>),
    /// Which parts of the items near us are on this machine, as far as they come over a network, the most urgent first.
    RangeMaps(Vec<(ItemId, RangeMap)>),
    /// What the machine and its network allow has changed.
    Conditions(Conditions),
    /// What the line was measured to carry.
    Line {
        /// In bits a second; `None` before enough has come over it.
        bits_per_second: Option<u64>,
        /// The way there and back; `None` before a server has answered.
        round_trip: Option<Duration>,
    },
    /// All figures, about once a second: health is judged by them.
    Figures(Box<Snapshot>),
    /// A feed service said which behaviours are to be tried out.
    ServedFlags(Served),
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// What the player should be doing has changed: read [`super::Model::player_target`].
    Target,
    /// What should be fetched ahead has changed: read [`super::Model::preload_plan`].
    Plan,
    /// A one-shot wish to the player.
    Command(PlayerCommand),
    /// Fetch a page.
    LoadPage {
        /// The opening of the source it belongs to.
        epoch: u64,
        /// Which.
        cursor: Option<Cursor>,
    },
    /// An item has been shown: what was fetched for it was not in vain.
    Shown(ItemId),
    /// Full screen on or off.
    Fullscreen(bool),
    /// Put all figures onto the clipboard.
    CopyFigures,
    /// Write what happened lately into files, and say where.
    SaveTrace,
    /// What is measured outside the model begins anew, too.
    ResetFigures,
    /// Something that is counted where the viewer wants it.
    Usage(UsageEvent),
    /// Sound settings changed: remember them.
    Remember,
    /// A flag was switched off because a bound was broken: remember and report it.
    RolledBack(Flag, Breach),
    /// Remember for the next start what a feed service said of flags.
    RememberFlags(Served),
    /// End the program.
    Quit,
}
