//! Remembers what should outlive the session, on a thread that may wait for the disk.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::state::{State, StateFile};

/// Saves states; the newest wins.
pub(super) struct Keeper {
    queue: Option<SyncSender<State>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub fn start(file: StateFile) -> std::io::Result<Self> {
        let (queue, states) = sync_channel::<State>(8);
        let thread = std::thread::Builder::new().name("state-keeper".to_owned()).spawn(move || {
            while let Ok(mut state) = states.recv() {
                while let Ok(newer) = states.try_recv() {
                    state = newer;
                }
                if let Err(err) = file.save(&state) {
                    tracing::warn!("the state could not be saved: {err}");
                }
            }
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Saves `state` soon. While eight wait, this one is left out: a later one carries more.
    pub fn save(&self, state: State) {
        if let Some(queue) = &self.queue {
            let _ = queue.try_send(state);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that saves the state panicked");
        }
    }
}
