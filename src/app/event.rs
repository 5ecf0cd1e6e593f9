//! What can happen to the client, and what it wants done.

use std::sync::Arc;
use std::time::Duration;

use super::around::{DesktopSettings, Presence};
use super::desk::{Answer, Question, Surroundings, Wish};
use super::flags::{Flag, Served};
use super::kept::{Keep, Remembered};
use super::mark::Mark;
use super::opening::SourceName;
use super::overlay::OverlayPage;
use super::settings::Setting;
use super::sheet::Sheet;
use crate::captions::Track;
use crate::feed::{Cursor, Failure, FeedPage, Generation, ItemId, MediaLocation};
use crate::gesture::{Position, WheelDelta};
use crate::metrics::health::Breach;
use crate::metrics::{RangeMap, Snapshot, UsageEvent};
use crate::player::{PicturePath, PlayerCommand, PlayerEvent, Still};
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
    /// The sheet of settings.
    Settings,
    /// The feed afresh.
    Refresh,
    /// A small window above all others, or the window as it was.
    OnTop,
    /// Where the current item lies onto the clipboard.
    CopyLink,
    /// The current picture into a file.
    Still,
    /// Ends the program.
    Quit,
    /// The current item is liked, or no longer.
    Like,
    /// The sheet on which another source is opened.
    Open,
    /// 5 s back in the current item.
    Back,
    /// 5 s forward in the current item.
    Forward,
    /// One frame back, when paused.
    FrameBack,
    /// One frame forward, when paused.
    FrameForward,
    /// To this tenth of the current item, 0 to 9.
    Tenth(u8),
    /// Slower.
    Slower,
    /// Faster.
    Faster,
    /// As fast as it was filmed.
    OwnSpeed,
    /// Another thing to do at the end of an item.
    AtEnd,
    /// Captions on or off.
    Captions,
    /// Other captions.
    CaptionLanguage,
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
    /// The current item is liked, whatever it was before.
    Like,
    /// The current item is liked, or no longer.
    ToggleLike,
    /// Sets one thing on the sheet of settings.
    Set(Setting),
    /// Something else on the sheet of settings.
    Desk(Wish),
    /// Open what these words name: a folder, files, an address.
    Open(Vec<String>),
    /// Play an item that has ended from its start.
    Replay,
    /// On to the next speed of a short round.
    NextSpeed,
    /// Captions on or off.
    Captions,
    /// On to the item's captions in the next language.
    CaptionLanguage,
    /// Show the current item whatever its maker warns of.
    ShowAnyway,
    /// The same of all items of this feed.
    ShowAllWarned,
    /// Say why one waits, or no longer.
    Why,
    /// The feed afresh.
    Refresh,
    /// An archive for testers.
    SaveReport,
    /// The menu of the rail, open or closed.
    Menu,
    /// All words of the current item, or the first lines of them.
    Unfold,
    /// The volume, 0.0 to 1.0.
    Volume(f64),
    /// The volume by a wheel or a touchpad; forward is softer.
    TurnVolume(WheelDelta),
    /// The whole picture, or one that fills the window.
    Fit,
    /// What happens at the end of an item: the next of repeat, stop, advance.
    AtEnd,
    /// Where the current item lies onto the clipboard.
    CopyLink,
    /// Near this share of the current item, 0.0 to 1.0, while the scrubber is held.
    Scrub(f64),
    /// The scrubber was let go where it stood.
    ScrubOver,
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
    /// The window can be seen, or cannot (minimised, covered).
    Visible(bool),
    /// Somebody may look at the screen, or nobody does.
    Presence(Presence),
    /// The settings of the desktop are others now.
    Desktop(DesktopSettings),
    /// The desktop lets no window be above all others.
    OnTopRefused,
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
    /// Somebody points at this place of the current item, of which no picture is known, or does so no longer.
    Look(Option<Duration>),
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
    /// What is remembered of the source that the next [`Event::Opened`] is about.
    Remembered(Box<Remembered>),
    /// What this run was started with.
    Surroundings(Box<Surroundings>),
    /// What the sheet of settings asked for.
    Desk(Answer),
    /// A control has the keyboard's focus, or none has any more.
    Focus(bool),
    /// Which source it is that is opened next.
    Source(SourceName),
    /// A source could not be opened, in a sentence; the one that is shown stays.
    NotOpened(String),
    /// A file of captions was read, or could not be.
    Captions {
        /// Where it lies.
        at: MediaLocation,
        /// What is in it.
        result: Result<Arc<Track>, Failure>,
    },
    /// The service of the feed says that it has changed.
    FeedChanged,
    /// The service says how many watch, by what it calls the streams.
    Viewers(Vec<(String, u64)>),
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
    /// A small window above all others, or the window as it was.
    OnTop(bool),
    /// Write an archive for testers, and say where it is.
    SaveReport,
    /// Put this onto the clipboard.
    CopyText(String),
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
    /// Something about the source is to be found again the next time.
    Keep(Keep),
    /// Something the sheet of settings wants to know, or wants done on a disk.
    Ask(Question),
    /// Write a picture into a file, and say where.
    SaveStill {
        /// The item's title; may be empty.
        title: String,
        /// The picture.
        still: Arc<Still>,
    },
    /// A small picture of a place in the current item, for who points there.
    Preview {
        /// The assignment.
        generation: Generation,
        /// The place that was asked for.
        wanted: Duration,
        /// The picture nearest to it.
        picture: Arc<Still>,
    },
    /// Drop the pages that are in memory: the feed is wanted afresh.
    ForgetPages,
    /// End the program.
    Quit,
    /// Open what these words name.
    Open(Vec<String>),
}
