//! The task that opens sources and fetches their pages.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::ears::Ears;
use super::events::EventSender;
use super::kept::Kept;
use crate::app::{Event, Remembered, Served, SourceName};
use crate::feed::Cursor;
use crate::preload::stock::Stock;
use crate::source::{Source, SourceContext, hydrated};

/// Requests that may wait.
const QUEUE: usize = 32;

/// A page that is wanted.
#[derive(Debug)]
pub(super) struct PageRequest {
    pub epoch: u64,
    pub cursor: Option<Cursor>,
}

/// A source that is to be opened.
#[derive(Debug)]
struct Opening {
    words: Vec<String>,
    /// Not where its viewer left.
    from_start: bool,
}

/// What is remembered of sources, and whether they are opened where their viewers left.
#[derive(Clone)]
pub(super) struct Memory {
    pub kept: Arc<Kept>,
    pub resume: bool,
}

impl Memory {
    /// Notes that a source is opened; returns what is remembered of it.
    pub fn opens(&self, source: &Source, from_start: bool) -> Remembered {
        self.kept.note_opened(&source.to_words(), &source.label(), SystemTime::now());
        self.kept.of(&source.key(), self.resume && !from_start)
    }
}

/// Lets sources be opened from other threads.
#[derive(Clone)]
pub(super) struct Opener(mpsc::Sender<Opening>);

impl Opener {
    /// Opens what the words name, at its start or where its viewer left; the answer is an event.
    pub fn open(&self, words: Vec<String>, from_start: bool) {
        if self.0.try_send(Opening { words, from_start }).is_err() {
            tracing::warn!("too many sources at once; this one is left out");
        }
    }
}

/// What the UI thread holds of the task.
pub(super) struct Sources {
    requests: mpsc::Sender<PageRequest>,
    opener: Opener,
    current: Arc<Mutex<Arc<Source>>>,
    context: Arc<SourceContext>,
    ears: Arc<Ears>,
}

impl Sources {
    /// Starts the task with a first source, which has been opened. A measuring run remembers nothing.
    pub fn start(
        runtime: &Handle,
        source: Source,
        context: SourceContext,
        memory: Option<Memory>,
        stock: watch::Sender<Stock>,
        events: EventSender,
    ) -> Self {
        let (requests, mut wanted) = mpsc::channel::<PageRequest>(QUEUE);
        let (words, mut to_open) = mpsc::channel::<Opening>(4);
        context.note_opened(&source);
        let current = Arc::new(Mutex::new(Arc::new(source)));
        let context = Arc::new(context);
        let ears = Arc::new(Ears::start(runtime, Arc::clone(&context), events.clone()));
        let shared = Arc::clone(&current);
        let page_events = events.clone();
        let stocked = stock.clone();
        let (asked, hearing) = (Arc::clone(&context), Arc::clone(&ears));
        runtime.spawn(async move {
            while let Some(PageRequest { epoch, cursor }) = wanted.recv().await {
                let source = Arc::clone(&shared.lock().unwrap_or_else(PoisonError::into_inner));
                let (context, events) = (Arc::clone(&asked), page_events.clone());
                let (hearing, open, stock) = (Arc::clone(&hearing), Arc::clone(&shared), stocked.clone());
                tokio::spawn(async move {
                    let result = source.page(&context, cursor.as_ref()).await;
                    if let Err(failure) = &result {
                        tracing::warn!(kind = failure.kind.name(), causes = ?failure.causes, "a page could not be had: {}", failure.sentence);
                    }
                    // Asked once the feed is there: flags are for the next start, the first picture is for now.
                    let warm_at = result.as_ref().ok().filter(|page| !page.stored).and_then(|page| page.hydrate.clone());
                    let is_there = cursor.is_none() && result.as_ref().is_ok_and(|page| !page.stored);
                    if is_there && let Ok(page) = &result {
                        // A page that is late says nothing of the source that is open by now.
                        let open = open.lock().unwrap_or_else(PoisonError::into_inner);
                        if Arc::ptr_eq(&source, &open) {
                            hearing.listen_where(epoch, page);
                        }
                    }
                    events.send(Event::Page { epoch, cursor, result });
                    if is_there && let Some(shares) = source.flags(&context).await {
                        events.send(Event::ServedFlags(Served { by: source.label(), shares: shares.into_iter().collect() }));
                    }
                    if is_there && let Some(at) = warm_at {
                        let items = hydrated(&context, &at).await.into();
                        let open = open.lock().unwrap_or_else(PoisonError::into_inner);
                        if Arc::ptr_eq(&source, &open) {
                            stock.send_modify(|stock| stock.items = items);
                        }
                    }
                });
            }
        });
        let (shared, opened, hearing) = (Arc::clone(&current), Arc::clone(&context), Arc::clone(&ears));
        runtime.spawn(async move {
            while let Some(Opening { words, from_start }) = to_open.recv().await {
                // Looks at the disk: a folder on a sleeping drive may take its time.
                let parsed = tokio::task::spawn_blocking(move || Source::parse(&words)).await;
                match parsed {
                    Ok(Ok(source)) => {
                        let label = source.label();
                        opened.note_opened(&source);
                        let remembered = memory.as_ref().map(|memory| memory.opens(&source, from_start));
                        let name = SourceName { words: source.to_words(), label: label.clone() };
                        {
                            let mut open = shared.lock().unwrap_or_else(PoisonError::into_inner);
                            *open = Arc::new(source);
                            hearing.stop();
                            stock.send_modify(|stock| stock.items = Arc::default());
                        }
                        if let Some(remembered) = remembered {
                            events.send(Event::Remembered(Box::new(remembered)));
                        }
                        events.send(Event::Source(name));
                        events.send(Event::Opened { label, hint: false });
                    }
                    Ok(Err(err)) => events.send(Event::NotOpened(err.to_string())),
                    Err(err) => tracing::error!("opening a source: {err}"),
                }
            }
        });
        Self { requests, opener: Opener(words), current, context, ears }
    }

    /// Drops the pages that are in memory, so that the next ones come from the source itself.
    pub fn forget(&self) {
        self.context.forget();
    }

    /// Asks for a page; false when the queue is full and it has to be asked again.
    pub fn load(&self, epoch: u64, cursor: Option<Cursor>) -> bool {
        self.requests.try_send(PageRequest { epoch, cursor }).is_ok()
    }

    /// Says what the viewer watches: a stream, and the epoch of its feed.
    pub fn watches(&self, stream: Option<(u64, &str)>) {
        self.ears.watches(stream);
    }

    /// Opens what the words name, where its viewer left; the answer is an event.
    pub fn open(&self, words: Vec<String>) {
        self.opener.open(words, false);
    }

    /// For others who open sources.
    pub fn opener(&self) -> Opener {
        self.opener.clone()
    }

    /// The words that name the current source.
    pub fn to_words(&self) -> Vec<String> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).to_words()
    }
}
