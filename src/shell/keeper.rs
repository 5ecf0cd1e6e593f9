//! Remembers what should outlive the session, on a thread that may wait for the disk.

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::flags::FlagFile;
use super::last_figures::LastFigures;
use super::state::{State, StateFile, save_private};
use crate::app::{Flag, Served};
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
}

/// Where it is remembered.
pub(super) struct Files {
    pub state: StateFile,
    pub figures: PathBuf,
    pub flags: FlagFile,
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
        }
    }
}

/// Keeps notes; of those that stand for each other the newest.
pub(super) struct Keeper {
    queue: Option<SyncSender<Note>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub fn start(files: Files) -> std::io::Result<Self> {
        let (queue, notes) = sync_channel::<Note>(8);
        let thread = std::thread::Builder::new().name("state-keeper".to_owned()).spawn(move || {
            while let Ok(first) = notes.recv() {
                let waiting: Vec<_> = std::iter::once(first).chain(notes.try_iter()).collect();
                for (at, note) in waiting.iter().enumerate() {
                    let replaces =
                        |newer: &Note| matches!((note, newer), (Note::State(_), Note::State(_)) | (Note::Figures(_), Note::Figures(_)));
                    if !waiting[at + 1..].iter().any(replaces) {
                        files.keep(note);
                    }
                }
            }
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Keeps a note soon. While eight wait, on a disk that does not answer, this one is left out: a later state or
    /// later figures carry more, and a bound that broke will break again.
    pub fn note(&self, note: Note) {
        if let Some(queue) = &self.queue {
            let _ = queue.try_send(note);
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
