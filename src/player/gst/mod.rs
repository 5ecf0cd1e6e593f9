//! The player on GStreamer: one control thread over a bounded pool of pipelines built by hand.

mod arrivals;
mod audio;
mod branch;
mod bus;
mod captions;
mod chain;
mod codec;
mod control;
mod ending;
mod fault;
mod guard;
mod mailbox;
mod picture;
mod preview;
mod probe;
mod restart;
mod rows;
mod seeker;
mod seeks;
mod segment_end;
mod signals;
mod slot;
mod source;
mod sparing;
mod teardown;
mod tend;
mod traced;
mod warmup;
mod wishes;

use std::sync::Arc;
use std::thread::JoinHandle;

pub use audio::AudioChoice;
pub use probe::{probe_elements, version};
pub use source::source_element;

use self::control::Control;
use self::mailbox::Mailbox;
use self::teardown::Teardown;
use super::watch::Patience;
use super::{FrameBoard, Player, PlayerCommand, PlayerEvent, PlayerTarget};
use crate::cache::MediaOpener;
use crate::metrics::Counters;

/// What a player needs.
#[derive(Clone)]
pub struct GstOptions {
    /// Where bytes come from.
    pub opener: Arc<dyn MediaOpener>,
    /// Where pictures go.
    pub board: Arc<FrameBoard>,
    /// Figures.
    pub counters: Arc<Counters>,
    /// Hears what happens, on the control thread. Must not block.
    pub events: Arc<dyn Fn(PlayerEvent) + Send + Sync>,
    /// The most pipelines that may exist at once.
    pub budget: usize,
    /// How sound is to be put out.
    pub audio: AudioChoice,
    /// How patient the watchdogs are.
    pub patience: Patience,
}

/// Why a player could not be started.
#[derive(Debug, thiserror::Error)]
pub enum GstError {
    /// The system gave no thread.
    #[error("no thread for the player")]
    Thread(#[source] std::io::Error),
}

impl GstError {
    /// Whether starting again may succeed.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Thread(_) => true,
        }
    }
}

/// The player. Dropping it releases everything and ends its threads.
pub struct GstPlayer {
    mailbox: Arc<Mailbox>,
    control: Option<JoinHandle<()>>,
}

impl GstPlayer {
    /// Starts the player's threads; returns before GStreamer is initialised. When that fails every item
    /// fails with the reason.
    ///
    /// # Errors
    /// [`GstError::Thread`] when the system gives no thread.
    pub fn start(options: GstOptions) -> Result<Self, GstError> {
        let mailbox = Arc::new(Mailbox::default());
        let teardown = Teardown::start(Arc::clone(&mailbox), options.patience.teardown).map_err(GstError::Thread)?;
        let control = Control::new(options, Arc::clone(&mailbox), teardown);
        let builder = std::thread::Builder::new().name("player-control".to_owned());
        let control = builder.spawn(move || control.run()).map_err(GstError::Thread)?;
        Ok(Self { mailbox, control: Some(control) })
    }
}

impl Player for GstPlayer {
    fn set_target(&self, target: PlayerTarget) {
        self.mailbox.set_target(target);
    }

    fn command(&self, command: PlayerCommand) -> Result<(), PlayerCommand> {
        self.mailbox.command(command)
    }
}

impl Drop for GstPlayer {
    fn drop(&mut self) {
        let _ = self.mailbox.command(PlayerCommand::Shutdown);
        if let Some(control) = self.control.take() {
            // The control thread waits for the last teardown for a bounded time.
            let _ = control.join();
        }
    }
}
