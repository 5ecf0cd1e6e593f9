//! The player's port: what the rest of the program asks of a player and what it hears from one.
//!
//! What should be playing travels as state ([`PlayerTarget`], the latest wins), so a player that is busy
//! never builds a backlog. One-shot wishes are [`PlayerCommand`]s. Pictures come through the [`FrameBoard`].

pub mod bounds;
pub mod convert;
mod frame;
pub mod peek;
pub mod pool;
pub mod rebuffer;
pub mod steps;
mod still;
pub mod watch;

#[cfg(any(test, feature = "ui"))]
pub mod fake;
#[cfg(feature = "player")]
pub mod gst;

pub use rebuffer::InHand;

pub use frame::{ColorSpec, Frame, FrameBoard, Matrix, Picture, PlaneData, PlaneFormat, Rotation};
pub use still::Still;

use std::sync::Arc;
use std::time::Duration;

use crate::captions::Cue;
use crate::feed::{Failure, Generation, Item};

/// Pipelines that may exist beyond the preroll window: the ones on their way out.
pub const BUDGET_BEYOND_WINDOW: usize = 2;
/// The most pipelines that may ever exist at once, those being torn down included (requirement D2).
pub const BUDGET_MAX: usize = 15;
/// The longer and the shorter side of the box that a preview fits into, in pixels.
pub const PREVIEW_BOX: (u32, u32) = (160, 90);
/// How long loading may take where nobody says otherwise.
pub const LOAD_TIMEOUT: Duration = Duration::from_secs(10);

/// What one item should be ready for.
#[derive(Clone, Debug)]
pub struct SlotTarget {
    /// The item.
    pub item: Arc<Item>,
    /// The assignment this belongs to. A new generation for the same item means: start afresh.
    pub generation: Generation,
    /// Play (and be heard, unless muted), or stand prerolled or paused.
    pub playing: bool,
    /// Where to start when the pipeline is built; a pipeline that stands keeps its position.
    pub start_at: Duration,
}

/// How pictures are to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicturePath {
    /// The decoder's planes, to be converted by the shader. For GPUs.
    Planes,
    /// RGBA, scaled down off the UI thread to fit the box in pixels. For renderers that run on the CPU,
    /// where every texel that is read twice costs.
    Rgba {
        /// Width and height of the box that a picture is fitted into, in pixels.
        fit: (u32, u32),
    },
    /// The same, scaled so that the picture covers a box; what lies beyond it is there, too.
    Covering {
        /// Width and height of the box, in pixels.
        cover: (u32, u32),
    },
}

/// The whole of what a player should be doing.
#[derive(Clone, Debug)]
pub struct PlayerTarget {
    /// One entry per item in the window, the most urgent first. At most one of them plays.
    pub slots: Vec<SlotTarget>,
    /// Nothing is heard.
    pub muted: bool,
    /// 0.0 to 1.0, as a person hears it (cubic scale).
    pub volume: f64,
    /// How pictures are to be delivered.
    pub picture: PicturePath,
    /// How long opening an item may take, and then, how long not a byte may come before its first picture.
    pub load_timeout: Duration,
    /// Somebody looks at the pipelines one by one: every row is told a few times a second, with all that is known of it.
    pub detailed: bool,
    /// Speed of what plays; 1.0 is its own. Sound keeps its pitch.
    pub rate: f64,
    /// A place in the first of these items of which a small picture is wanted.
    pub preview: Option<PreviewTarget>,
    /// What plays begins again at its end. Otherwise it stays at its last picture, and [`PlayerEvent::Ended`] is said.
    pub loops: bool,
}

/// A place in an item at which somebody points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewTarget {
    /// The assignment.
    pub generation: Generation,
    /// Where in the clip.
    pub at: Duration,
    /// Bytes that are not on this machine may be fetched for it.
    pub fetches: bool,
}

/// A one-shot wish.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayerCommand {
    /// Go to a position; exact to the frame when `exact`, else to the nearest keyframe.
    Seek {
        /// The assignment it is meant for.
        generation: Generation,
        /// Where to.
        to: Duration,
        /// Exact to the frame.
        exact: bool,
    },
    /// Show the picture before or after the one that is shown, of an item that stands.
    Step {
        /// The assignment it is meant for.
        generation: Generation,
        /// The one after it.
        forward: bool,
    },
    /// Give away the picture that is shown, or the next one of an item that plays; [`PlayerEvent::Still`] brings it.
    Still {
        /// The assignment it is meant for.
        generation: Generation,
    },
    /// Release everything and end the player's threads.
    Shutdown,
}

/// What is known of a prerolled item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaInfo {
    /// Upright display size in pixels, after pixel aspect and rotation.
    pub size: (u32, u32),
    /// Frames a second; 0 when variable or unknown.
    pub fps: f64,
    /// Length; `None` when unknown.
    pub duration: Option<Duration>,
    /// Name of the video decoder element.
    pub decoder: String,
    /// Whether there is sound.
    pub has_audio: bool,
    /// The streams of text that are read along, in the order of the file.
    pub captions: Vec<TextStream>,
}

/// A stream of text in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextStream {
    /// Its language as a tag of two or three letters; may be empty.
    pub language: String,
    /// What a viewer knows it by; may be empty.
    pub label: String,
}

/// Pipelines by what they are doing. Their sum is what counts against the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Waiting for the head of the file.
    pub opening: usize,
    /// Built, first picture not there yet.
    pub prerolling: usize,
    /// Standing on a picture.
    pub prerolled: usize,
    /// Playing.
    pub playing: usize,
    /// Making small pictures of the item that plays.
    pub previews: usize,
    /// On their way to NULL.
    pub tearing_down: usize,
    /// Gave no sign of life in teardown; abandoned.
    pub stuck: usize,
    /// The most pipelines that existed at once.
    pub peak: usize,
    /// The most that may exist at once.
    pub budget: usize,
    /// The most that could be heard at once since this was told last: counted from what their sound branches are really set
    /// to, not from what they were told. More than one is never right.
    pub audible: usize,
}

impl PoolStats {
    /// Pipelines that exist: everything built and not yet gone.
    #[must_use]
    pub fn live(&self) -> usize {
        self.prerolling + self.prerolled + self.playing + self.previews + self.tearing_down
    }
}

/// One row of the pipeline table: what one pipeline is and does. What follows the decoder is only known while the target
/// asks for details.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PipelineRow {
    /// The assignment.
    pub generation: Generation,
    /// `opening`, `prerolling`, `prerolled`, `playing`, `paused`, `preview`, `teardown`.
    pub stage: &'static str,
    /// The decoder, once known.
    pub decoder: String,
    /// GStreamer's own state: `null`, `ready`, `paused`, `playing`, or `changing` while it is on its way to another one.
    pub state: &'static str,
    /// Upright display size of its pictures in pixels; zeros before the first.
    pub size: (u32, u32),
    /// Frames a second; 0 when variable or unknown.
    pub fps: f64,
    /// How much coded video lies between demuxer and decoder; `None` before there is any.
    pub queued: Option<Duration>,
    /// Time in the clip of its last picture; `None` before the first.
    pub position: Option<Duration>,
    /// Pictures that nobody had picked up when the next one came.
    pub late: u64,
    /// Pictures that the sink threw away because they came too late.
    pub dropped: u64,
    /// Since it was built; zero before.
    pub age: Duration,
}

/// What a player says.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayerEvent {
    /// Length and first bytes are there; a pipeline is being made.
    Opened {
        /// The assignment.
        generation: Generation,
        /// Whether all that a start needs was on this machine already.
        from_cache: bool,
    },
    /// The first picture is on the board and the pipeline stands.
    Prerolled {
        /// The assignment.
        generation: Generation,
        /// What was found.
        info: MediaInfo,
    },
    /// Where the playing item is; about four times a second.
    Position {
        /// The assignment.
        generation: Generation,
        /// Position in the clip.
        position: Duration,
    },
    /// Playback waits for bytes.
    Buffering {
        /// The assignment.
        generation: Generation,
    },
    /// What the item has in hand while playback waits; about four times a second.
    Waiting {
        /// The assignment.
        generation: Generation,
        /// What it has.
        in_hand: InHand,
    },
    /// Playback goes on after waiting.
    Resumed {
        /// The assignment.
        generation: Generation,
        /// How long it waited.
        waited: Duration,
    },
    /// It went over its end and began again.
    Looped {
        /// The assignment.
        generation: Generation,
    },
    /// It came to its end and stays at its last picture, until it is told to go somewhere else.
    Ended {
        /// The assignment.
        generation: Generation,
    },
    /// The answer to [`PlayerCommand::Still`].
    Still {
        /// The assignment.
        generation: Generation,
        /// The picture; `None` when there is none yet.
        still: Option<Arc<Still>>,
    },
    /// A small picture of the place that [`PlayerTarget::preview`] names.
    Preview {
        /// The assignment.
        generation: Generation,
        /// The place that was wanted.
        wanted: Duration,
        /// The picture nearest to it that was found, at most [`PREVIEW_BOX`] large.
        picture: Arc<Still>,
    },
    /// This item cannot play; its pipeline is being released.
    Failed {
        /// The assignment.
        generation: Generation,
        /// Why.
        failure: Failure,
    },
    /// The pool changed.
    Pool {
        /// Counts by state.
        stats: PoolStats,
        /// One row a pipeline.
        rows: Vec<PipelineRow>,
    },
    /// The sound device that is used, in words; `None`: silent, in time.
    AudioOutput(Option<String>),
    /// Text came out of the container: a little ahead of when it is to be read, and again after a seek.
    Captions {
        /// The assignment.
        generation: Generation,
        /// Which of [`MediaInfo::captions`], and what is to be read when.
        cues: Vec<(usize, Cue)>,
    },
}

/// A player. The calls return at once: they never wait for disk, network or a pipeline.
pub trait Player: Send {
    /// Says what should be playing from now on. The latest target wins.
    fn set_target(&self, target: PlayerTarget);
    /// Asks for something once; gives it back when the player's queue is full, to be tried again.
    ///
    /// # Errors
    /// The command itself, when it could not be queued.
    fn command(&self, command: PlayerCommand) -> Result<(), PlayerCommand>;
}

/// The pipeline budget for a preroll window of `window` items.
#[must_use]
pub fn budget_for(window: usize) -> usize {
    (window + BUDGET_BEYOND_WINDOW).min(BUDGET_MAX)
}
