//! Remembers what should outlive the session, on a thread that may wait for the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::client::Parts;
use super::flags::FlagFile;
use super::kept::Kept;
use super::last_figures::LastFigures;
use super::state::{State, StateFile, save_private};
use crate::app::{Flag, Keep, Served};
use crate::metrics::health::Breach;

/// Something to be remembered.
pub(super) enum Note {
    /// In place of the state before.
    State(State),
    /// In place of the figures before.
    Figures(Box<LastFigures>),
    /// A flag was switched off.
    RolledBack(Flag, Breach),
    /// What a feed service said of flags.
    Served(Served),
    /// Something waits in what is kept for good.
    Kept,
}

/// Where it is remembered.
pub(super) struct Files {
    pub state: StateFile,
    pub figures: PathBuf,
    pub flags: FlagFile,
    pub kept: Arc<Kept>,
}

impl Files {
    fn keep(&self, note: &Note) {
        match note {
            Note::State(state) => {
                if let Err(err) = self.state.save(state) {
                    tracing::warn!("the state could not be saved: {err}");
                }
            }
            Note::Figures(figures) => {
                if let Err(err) = figures.to_json().and_then(|json| save_private(&self.figures, &json)) {
                    tracing::warn!("the last figures could not be saved: {err}");
                }
            }
            Note::RolledBack(flag, breach) => self.flags.note_rolled_back(*flag, *breach),
            Note::Served(served) => self.flags.note_served(served),
            Note::Kept => {
                if let Err(err) = self.kept.write() {
                    tracing::warn!("likes and places could not be saved: {err}");
                }
            }
        }
    }
}

/// Keeps notes; of those that stand for each other the newest.
pub(super) struct Keeper {
    queue: Option<SyncSender<Note>>,
    thread: Option<JoinHandle<()>>,
    kept: Arc<Kept>,
}

impl Keeper {
    pub fn start(files: Files) -> std::io::Result<Self> {
        let (queue, notes) = sync_channel::<Note>(8);
        let kept = Arc::clone(&files.kept);
        let thread = std::thread::Builder::new().name("state-keeper".to_owned()).spawn(move || {
            while let Ok(first) = notes.recv() {
                let waiting: Vec<_> = std::iter::once(first).chain(notes.try_iter()).collect();
                for (at, note) in waiting.iter().enumerate() {
                    let replaces = |newer: &Note| {
                        matches!(
                            (note, newer),
                            (Note::State(_), Note::State(_)) | (Note::Figures(_), Note::Figures(_)) | (Note::Kept, Note::Kept)
                        )
                    };
                    if !waiting[at + 1..].iter().any(replaces) {
                        files.keep(note);
                    }
                }
            }
            // What was told when the queue was full.
            files.keep(&Note::Kept);
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), kept })
    }

    /// Remembers something of a source. Unlike a note it is never left out: it waits in memory, not in the queue.
    pub fn keep(&self, keep: &Keep) {
        self.kept.note(keep);
        self.note(Note::Kept);
    }

    /// What is kept for good, for who asks for it.
    pub fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.kept)
    }

    /// Keeps a note soon. While eight wait, on a disk that does not answer, this one is left out: a later state or
    /// later figures carry more, and a bound that broke will break again.
    pub fn note(&self, note: Note) {
        if let Some(queue) = &self.queue {
            let _ = queue.try_send(note);
        }
    }
}

impl Parts {
    /// Remembers something of a source. A measuring run remembers nothing.
    pub fn keep(&self, keep: &Keep) {
        if let Some(keeper) = &self.keeper {
            keeper.keep(keep);
        }
    }

    /// Remembers where the viewer is.
    pub fn keep_place(&self) {
        if let Some(place) = self.model.place(self.clock.now()) {
            self.keep(&place);
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
