//! What the window tells the trace, and the files that a trace is saved in.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;

use super::events::{Clock, EventSender};
use crate::app::{Class, Event, Model, Phase, SwipeShape};
use crate::cache::CacheKey;
use crate::feed::{Item, ItemId, MediaLocation};
use crate::metrics::Snapshot;
use crate::metrics::trace::{TRACE, Taken, What, chrome, hash_of, tables};
use crate::words::notices as words;

/// What the button saves, and what is kept for it.
const SAVED: Duration = Duration::from_mins(2);
/// Items on each side of the current one that are looked at: as many as may have a pipeline.
const NEAR: usize = 12;

/// The window's part of the trace.
pub(super) struct Tracer {
    clock: Clock,
    runtime: Handle,
    events: EventSender,
    /// Where the button saves.
    folder: PathBuf,
    /// What was told of which item.
    told: HashMap<ItemId, Told>,
}

#[derive(Clone, Copy, PartialEq)]
struct Told {
    hash: u64,
    state: &'static str,
    assignment: u64,
}

impl Tracer {
    pub fn new(clock: Clock, runtime: Handle, events: EventSender, folder: PathBuf) -> Self {
        Self { clock, runtime, events, folder, told: HashMap::new() }
    }

    /// A display frame that began at `began` is done. Who opens the overlay wants to know what happens from then on.
    pub fn frame(&mut self, model: &mut Model, began: Duration) {
        let swipes = model.figures_mut().take_finished();
        if model.overlay() && !TRACE.is_on() {
            TRACE.start(self.clock.began(), Some(SAVED));
        }
        if !TRACE.is_on() {
            return;
        }
        TRACE.frame(began, self.clock.now(), model.is_moving());
        for swipe in swipes {
            TRACE.swipe(swipe.committed_at, swipe.took.unwrap_or_default(), name(&swipe));
        }
        self.items(model);
    }

    fn items(&mut self, model: &Model) {
        let (items, index) = (model.feed().items(), model.feed().index());
        let near = index.saturating_sub(NEAR).min(items.len())..(index + NEAR + 1).min(items.len());
        let mut gone = std::mem::take(&mut self.told);
        for (at, item) in near.clone().zip(&items[near]) {
            let Some((state, assignment)) = state(model, item, at == index) else { continue };
            let before = gone.remove(&item.id);
            let hash = before.map_or_else(|| hash(item), |before| before.hash);
            let now = Told { hash, state, assignment };
            if before != Some(now) {
                TRACE.state(What::Item, hash, assignment, state);
            }
            self.told.insert(item.id.clone(), now);
        }
        for told in gone.into_values() {
            TRACE.gone(What::Item, told.hash);
        }
    }

    /// Saves what happened in the last two minutes, and the figures, in a folder of its own; a toast says where.
    pub fn save(&self, figures: &Snapshot) {
        let (events, folder, figures) = (self.events.clone(), self.folder.clone(), *figures);
        self.runtime.spawn_blocking(move || {
            let taken = TRACE.taken(TRACE.now().saturating_sub(SAVED));
            let saved = new_folder(&folder, SystemTime::now()).and_then(|folder| save_all(&folder, &taken, &figures).map(|()| folder));
            events.send(Event::Notice(match saved {
                Ok(folder) => words::trace_saved(folder.display()),
                Err(err) => words::trace_not_saved(err),
            }));
        });
    }
}

/// Writes all that was recorded since the start of the program.
///
/// # Errors
/// What the system said.
pub(super) fn write_all(path: &Path) -> io::Result<()> {
    write_file(path, |out| chrome::write(&TRACE.taken(Duration::ZERO), program(), out))
}

fn program() -> &'static str {
    concat!("Flickreel ", env!("CARGO_PKG_VERSION"))
}

fn save_all(folder: &Path, taken: &Taken, figures: &Snapshot) -> io::Result<()> {
    write_file(&folder.join("trace.json"), |out| chrome::write(taken, program(), out))?;
    write_file(&folder.join("frames.csv"), |out| tables::write_frames(taken, out))?;
    write_file(&folder.join("swipes.csv"), |out| tables::write_swipes(taken, out))?;
    write_file(&folder.join("figures.json"), |out| serde_json::to_writer_pretty(out, figures).map_err(io::Error::from))
}

fn write_file(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write(&mut out)?;
    out.flush()
}

/// A new folder in `folder`, named after the moment.
fn new_folder(folder: &Path, now: SystemTime) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let stamp = stamp(now);
    let mut number = 1;
    loop {
        let name = if number == 1 { stamp.clone() } else { format!("{stamp}-{number}") };
        match fs::create_dir(folder.join(&name)) {
            Ok(()) => return Ok(folder.join(name)),
            // Saved twice within a second.
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(err) => return Err(err),
        }
    }
}

/// Date and time (UTC) in a form that sorts and that every file system takes, such as `2026-11-21T18-30-05Z`.
fn stamp(now: SystemTime) -> String {
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut days, time) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year}-{:02}-{:02}T{hour:02}-{minute:02}-{second:02}Z", month + 1, days + 1)
}

/// The media's name in the trace of its downloads, where it has any.
fn hash(item: &Item) -> u64 {
    let key = if let MediaLocation::Url(url) = &item.media { CacheKey::of_url(url, "") } else { None };
    key.map_or_else(|| hash_of(item.id.as_str()), |key| key.short())
}

/// The state of an item and its assignment; `None` of one that nothing is kept of.
fn state(model: &Model, item: &Item, is_current: bool) -> Option<(&'static str, u64)> {
    let tile = model.tile(&item.id)?;
    let state = match tile.phase {
        Phase::Idle => return None,
        Phase::Loading { .. } => "loading",
        Phase::Ready if !is_current => "ready",
        Phase::Ready if model.plays() => "playing",
        Phase::Ready => "paused",
        Phase::Buffering { .. } => "buffering",
        Phase::Failed(_) => "failed",
    };
    Some((state, tile.generation.map_or(0, |generation| generation.0)))
}

fn name(swipe: &SwipeShape) -> &'static str {
    match (swipe.took, swipe.class, swipe.forward) {
        (None, _, true) => "next left early",
        (None, _, false) => "prev left early",
        (_, Class::Warm, true) => "warm next",
        (_, Class::Warm, false) => "warm prev",
        (_, Class::Cached, true) => "cached next",
        (_, Class::Cached, false) => "cached prev",
        (_, Class::Cold, true) => "cold next",
        (_, Class::Cold, false) => "cold prev",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_date_and_time_in_an_order_that_sorts() {
        let at = |seconds| stamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00-00-00Z");
        assert_eq!(at(951_782_400 + 3_661), "2000-02-29T01-01-01Z");
        assert_eq!(at(1_795_285_805), "2026-11-21T18-30-05Z");
        assert_eq!(at(4_102_444_799), "2099-12-31T23-59-59Z");
    }

    #[test]
    fn what_the_button_saves_is_told_by_a_toast_with_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let save = |folder: &Path| {
            let (events, queue) = super::super::events::queue(super::super::events::Waker::default());
            Tracer::new(Clock::start(), runtime.handle().clone(), events, folder.to_owned()).save(&Snapshot::default());
            match queue.recv_timeout(Duration::from_mins(1)).unwrap() {
                Event::Notice(text) => text,
                other => panic!("{other:?}"),
            }
        };
        let text = save(folder.path());
        let saved = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        assert_eq!(text, format!("The last two minutes are in {}.", saved.display()));
        assert!(saved.join("trace.json").is_file());
        // A file where the folder should be.
        let text = save(&saved.join("trace.json"));
        assert!(text.starts_with("The trace could not be saved: "), "{text}");
    }

    #[test]
    fn two_traces_of_one_second_lie_side_by_side_with_all_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let within = folder.path().join("state/traces");
        let first = new_folder(&within, SystemTime::UNIX_EPOCH).unwrap();
        let second = new_folder(&within, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(
            (first.file_name().unwrap(), second.file_name().unwrap()),
            ("1970-01-01T00-00-00Z".as_ref(), "1970-01-01T00-00-00Z-2".as_ref())
        );
        save_all(&second, &Taken::default(), &Snapshot::default()).unwrap();
        let mut names: Vec<_> = fs::read_dir(&second).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["figures.json", "frames.csv", "swipes.csv", "trace.json"]);
        let trace: serde_json::Value = serde_json::from_slice(&fs::read(second.join("trace.json")).unwrap()).unwrap();
        assert!(trace["traceEvents"].is_array());
    }
}
