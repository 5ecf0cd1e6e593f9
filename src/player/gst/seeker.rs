//! Looks for a sound device while there is none, on a thread of its own: asking a sound server may take its time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::audio::{AudioChoice, AudioOutput};
use super::mailbox::Mailbox;

/// The pauses between two looks, at first and at most: a device that was pulled out for another one is back soon, and a
/// machine that has none is not to be woken for ever.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// A search that is under way. It ends with this, or when something is found.
pub(super) struct Seeker {
    _ends_it: SyncSender<()>,
}

impl Seeker {
    /// Starts to look; what is found is told to the mailbox, once.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn start(choice: AudioChoice, mailbox: Arc<Mailbox>) -> std::io::Result<Self> {
        let (ends_it, ended) = sync_channel(0);
        std::thread::Builder::new().name("sound-seeker".to_owned()).spawn(move || {
            if let Some(output) = seek(&ended, || AudioOutput::find(choice)) {
                mailbox.found_sound(output);
            }
        })?;
        Ok(Self { _ends_it: ends_it })
    }
}

/// Looks again and again, more and more seldom. `None` when nobody wants to know any more.
fn seek(ended: &Receiver<()>, look: impl Fn() -> AudioOutput) -> Option<AudioOutput> {
    let mut pause = PAUSE.0;
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let output = look();
        if output != AudioOutput::None {
            return Some(output);
        }
        pause = (pause * 2).min(PAUSE.1);
    }
    None
}
