//! The task that opens sources and fetches their pages.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::events::EventSender;
use crate::app::{Event, Served};
use crate::feed::Cursor;
use crate::source::{Source, SourceContext};

/// Requests that may wait.
const QUEUE: usize = 32;

/// A page that is wanted.
#[derive(Debug)]
pub(super) struct PageRequest {
    pub epoch: u64,
    pub cursor: Option<Cursor>,
}

/// What the UI thread holds of the task.
pub(super) struct Sources {
    requests: mpsc::Sender<PageRequest>,
    words: mpsc::Sender<Vec<String>>,
    current: Arc<Mutex<Arc<Source>>>,
}

impl Sources {
    /// Starts the task with a first source.
    pub fn start(runtime: &Handle, source: Source, context: SourceContext, events: EventSender) -> Self {
        let (requests, mut wanted) = mpsc::channel::<PageRequest>(QUEUE);
        let (words, mut to_open) = mpsc::channel::<Vec<String>>(4);
        context.note_opened(&source);
        let current = Arc::new(Mutex::new(Arc::new(source)));
        let context = Arc::new(context);
        let shared = Arc::clone(&current);
        let page_events = events.clone();
        let asked = Arc::clone(&context);
        runtime.spawn(async move {
            while let Some(PageRequest { epoch, cursor }) = wanted.recv().await {
                let source = Arc::clone(&shared.lock().unwrap_or_else(PoisonError::into_inner));
                let (context, events) = (Arc::clone(&asked), page_events.clone());
                tokio::spawn(async move {
                    let result = source.page(&context, cursor.as_ref()).await;
                    if let Err(failure) = &result {
                        tracing::warn!(kind = failure.kind.name(), causes = ?failure.causes, "a page could not be had: {}", failure.sentence);
                    }
                    // Asked once the feed is there: flags are for the next start, the first picture is for now.
                    let is_there = cursor.is_none() && result.as_ref().is_ok_and(|page| !page.stored);
                    events.send(Event::Page { epoch, cursor, result });
                    if is_there && let Some(shares) = source.flags(&context).await {
                        events.send(Event::ServedFlags(Served { by: source.label(), shares: shares.into_iter().collect() }));
                    }
                });
            }
        });
        let shared = Arc::clone(&current);
        runtime.spawn(async move {
            while let Some(words) = to_open.recv().await {
                // Looks at the disk: a folder on a sleeping drive may take its time.
                let parsed = tokio::task::spawn_blocking(move || Source::parse(&words)).await;
                match parsed {
                    Ok(Ok(source)) => {
                        let label = source.label();
                        context.note_opened(&source);
                        *shared.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(source);
                        events.send(Event::Opened { label, hint: false });
                    }
                    Ok(Err(err)) => events.send(Event::Notice(err.to_string())),
                    Err(err) => tracing::error!("opening a source: {err}"),
                }
            }
        });
        Self { requests, words, current }
    }

    /// Asks for a page; false when the queue is full and it has to be asked again.
    pub fn load(&self, epoch: u64, cursor: Option<Cursor>) -> bool {
        self.requests.try_send(PageRequest { epoch, cursor }).is_ok()
    }

    /// Opens what the words name; the answer is an event.
    pub fn open(&self, words: Vec<String>) {
        if self.words.try_send(words).is_err() {
            tracing::warn!("too many sources at once; this one is left out");
        }
    }

    /// The words that name the current source.
    pub fn to_words(&self) -> Vec<String> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).to_words()
    }
}
