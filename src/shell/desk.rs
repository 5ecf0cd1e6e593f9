//! The task that looks on the disk for the sheet of settings: how full the cache is, what is sent of the usage.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::events::EventSender;
use super::telemetry_command;
use crate::app::{Answer, CacheFacts, Event, Question};
use crate::cache::{DiskCache, Opener, Reply, Request};
use crate::export::options::ExportOptions;
use crate::export::segment::UsageStore;
use crate::words::settings as words;

/// Questions that may wait. The sheet has one of each kind under way at most.
const QUEUE: usize = 8;
/// The least time between two answers that say how far it is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// What the UI thread holds of the task.
pub(super) struct Desk(mpsc::Sender<Question>);

impl Desk {
    /// Starts the task; it ends when this is gone.
    pub fn start(runtime: &Handle, opener: Arc<Opener>, export: ExportOptions, store: UsageStore, events: EventSender) -> Self {
        let (questions, mut asked) = mpsc::channel(QUEUE);
        runtime.spawn(async move {
            while let Some(question) = asked.recv().await {
                let disk = match question {
                    Question::Cache | Question::ClearCache => opener.disk().await,
                    Question::Usage | Question::ResetUsage => None,
                };
                let (export, store, told) = (export.clone(), store.clone(), events.clone());
                let tell = move |answer| told.send(Event::Desk(answer));
                let work = move || tell(answer(question, disk.as_ref(), &export, &store, &tell));
                if let Err(err) = tokio::task::spawn_blocking(work).await {
                    let sentence = "The answer could not be worked out.".to_owned();
                    tracing::error!("{question:?}: {err}");
                    events.send(Event::Desk(Answer::Failed(question, sentence)));
                }
            }
        });
        Self(questions)
    }

    /// Asks; the answer is an event, and comes at once only when too many questions wait.
    pub fn ask(&self, question: Question) -> Option<Answer> {
        let refused = || Answer::Failed(question, words::ASKED_TOO_OFTEN.to_owned());
        self.0.try_send(question).is_err().then(refused)
    }
}

/// Works one answer out; touches the disk. `tell` hears how far it is.
fn answer(question: Question, disk: Option<&DiskCache>, export: &ExportOptions, store: &UsageStore, tell: &impl Fn(Answer)) -> Answer {
    match question {
        Question::Cache => Answer::Cache(disk.and_then(facts)),
        Question::ClearCache => disk.map_or(Answer::Cleared(0, 0), |disk| clear(disk, tell)),
        Question::Usage => match telemetry_command::show(export, store, SystemTime::now()) {
            Ok(text) => Answer::Usage(text),
            Err(err) => Answer::Failed(question, format!("What is sent cannot be read: {err}.")),
        },
        Question::ResetUsage => match store.reset() {
            Ok(_) => Answer::UsageReset,
            Err(err) => Answer::Failed(question, format!("The id cannot be changed: {err}.")),
        },
    }
}

fn facts(disk: &DiskCache) -> Option<CacheFacts> {
    let Reply::Stats(stats) = disk.answer(&Request::Stats, &mut |_, _| ()) else { return None };
    Some(CacheFacts {
        disk_bytes: stats.disk_bytes,
        cap_bytes: stats.cap_bytes,
        entries: stats.entries,
        videos: (stats.videos_ready, stats.videos_partial),
        pinned: (stats.pinned, stats.pinned_bytes),
        max_age_days: stats.max_age_days,
    })
}

fn clear(disk: &DiskCache, tell: &impl Fn(Answer)) -> Answer {
    let mut told: Option<Instant> = None;
    let cleared = disk.clear_unpinned(&mut |done, total| {
        if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            told = Some(Instant::now());
            tell(Answer::Clearing(done, total));
        }
    });
    Answer::Cleared(cleared.entries, cleared.bytes)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::cache::DiskOptions;

    fn asked(question: Question, disk: Option<&DiskCache>, store: &UsageStore) -> (Answer, Vec<Answer>) {
        let heard = RefCell::new(Vec::new());
        let last = answer(question, disk, &ExportOptions::default(), store, &|answer| heard.borrow_mut().push(answer));
        (last, heard.into_inner())
    }

    #[test]
    fn a_cache_is_told_as_it_is_and_none_as_none() {
        let home = tempfile::tempdir().unwrap();
        let store = UsageStore::new(&home.path().join("telemetry"));
        let options = DiskOptions { cap_bytes: 8 << 20, max_age: Duration::from_hours(48), now: SystemTime::now() };
        let disk = DiskCache::open(&home.path().join("cache"), options).unwrap();
        let (Answer::Cache(Some(facts)), _) = asked(Question::Cache, Some(&disk), &store) else { panic!() };
        assert_eq!((facts.cap_bytes, facts.entries, facts.max_age_days), (8 << 20, 0, 2));
        assert_eq!(asked(Question::ClearCache, Some(&disk), &store), (Answer::Cleared(0, 0), Vec::new()));
        assert_eq!(asked(Question::Cache, None, &store).0, Answer::Cache(None));
        assert_eq!(asked(Question::ClearCache, None, &store).0, Answer::Cleared(0, 0));
    }

    #[test]
    fn what_is_sent_is_the_text_of_the_command_and_another_id_is_another_one() {
        let home = tempfile::tempdir().unwrap();
        let store = UsageStore::new(&home.path().join("telemetry"));
        let text = || match asked(Question::Usage, None, &store).0 {
            Answer::Usage(text) => text,
            other => panic!("{other:?}"),
        };
        assert!(text().contains("nothing is sent") && text().contains("none yet"), "{}", text());
        assert_eq!(asked(Question::ResetUsage, None, &store).0, Answer::UsageReset);
        assert!(!text().contains("none yet"));
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_a_sentence() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        let (answer, _) = asked(Question::ResetUsage, None, &UsageStore::new(&file.join("telemetry")));
        assert!(matches!(&answer, Answer::Failed(Question::ResetUsage, sentence) if sentence.ends_with('.')), "{answer:?}");
    }
}
