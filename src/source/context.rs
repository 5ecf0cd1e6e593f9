//! What sources share: the HTTP client, the page cache and the listings of folders.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use super::tree::Listing;
use super::{Gate, Shelf, Source, SourceError, TrustedHosts};
use crate::feed::{FeedPage, Filter, Item, MediaLocation};
use crate::metrics::Counters;

/// A page of a feed must be there as a whole within this time.
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that has not sent a page within this time is waited for no longer when the page is on the shelf.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a page is shown again without asking. Half of what a server lets a cursor live, so that the cursor
/// in a cached page is still good for as long again.
const PAGE_LIFETIME: Duration = Duration::from_mins(5);
/// Memory for cached pages, in bytes.
const PAGE_CACHE_BYTES: u64 = 8 << 20;
/// Folders whose listing is kept for their next page.
const LISTINGS_MAX: u64 = 4;
/// A feed is started afresh at most once in this time when its cursor has expired, lest a server whose every
/// cursor is expired be asked without end.
const RESTART_PAUSE: Duration = Duration::from_mins(1);

/// What sources share. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct SourceContext {
    pub(super) client: reqwest::Client,
    pub(super) counters: Arc<Counters>,
    pub(super) gate: Gate,
    pub(super) filter: Arc<Filter>,
    pub(super) page_timeout: Duration,
    pub(super) patience: Duration,
    /// Where pages are kept for when their server cannot be reached.
    pub(super) shelf: Option<Arc<dyn Shelf>>,
    /// Pages by the address they were asked for with.
    pub(super) pages: Cache<String, Arc<FeedPage>>,
    pub(super) listings: Cache<PathBuf, Arc<Listing>>,
    /// Feeds that were started afresh a short while ago, by address.
    pub(super) restarted: Cache<String, ()>,
}

impl SourceContext {
    /// A context with a client of its own; `counters` counts the requests.
    ///
    /// # Errors
    /// [`SourceError::Client`] when the client cannot be set up.
    pub fn new(counters: Arc<Counters>) -> Result<Self, SourceError> {
        let gate = Gate::default();
        Ok(Self::with_client(super::client(&gate)?, gate, counters))
    }

    /// A context that uses a client built by [`super::client()`] with this gate.
    #[must_use]
    pub fn with_client(client: reqwest::Client, gate: Gate, counters: Arc<Counters>) -> Self {
        let pages = Cache::builder()
            .max_capacity(PAGE_CACHE_BYTES)
            .weigher(|address: &String, page: &Arc<FeedPage>| weight(address, page))
            .time_to_live(PAGE_LIFETIME)
            .build();
        Self {
            client,
            counters,
            gate,
            filter: Arc::default(),
            page_timeout: PAGE_TIMEOUT,
            patience: PATIENCE,
            shelf: None,
            pages,
            listings: Cache::new(LISTINGS_MAX),
            restarted: Cache::builder().max_capacity(64).time_to_live(RESTART_PAUSE).build(),
        }
    }

    /// The same context with another limit for how long a page may take.
    #[must_use]
    pub fn with_page_timeout(mut self, timeout: Duration) -> Self {
        self.page_timeout = timeout;
        self
    }

    /// The same context with a place where pages are kept. A page that cannot be had because its server cannot be
    /// reached, is broken or takes its time is taken from there, with [`FeedPage::stored`] set.
    #[must_use]
    pub fn with_shelf(self, kept: Arc<dyn Shelf>) -> Self {
        Self { shelf: Some(kept), ..self }
    }

    /// The same context with another time after which a page on the shelf is shown rather than waited for.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The same context with a list of hosts that media may come from, beside the host of the feed itself. It holds
    /// for all that share the gate.
    #[must_use]
    pub fn with_trusted_hosts(self, hosts: TrustedHosts) -> Self {
        self.gate.trust(hosts);
        self
    }

    /// The same context with a filter of what its feeds and folders bring.
    #[must_use]
    pub fn with_filter(self, filter: Filter) -> Self {
        Self { filter: Arc::new(filter), ..self }
    }

    /// Notes that the viewer has opened a source. Its own host may be asked from now on even where it is in a private
    /// network, and that of the source before no more.
    pub fn note_opened(&self, source: &Source) {
        self.gate.open(if let Source::Http(feed) = source { Some(feed) } else { None });
    }

    /// Forgets cached pages and listings, so that the next page comes from the source itself.
    pub fn forget(&self) {
        self.pages.invalidate_all();
        self.listings.invalidate_all();
    }

    /// The client that all requests go through but the one that becomes a WebSocket.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }
}

/// Bytes that a cached page takes, about.
fn weight(address: &str, page: &FeedPage) -> u32 {
    let item = |item: &Item| {
        let media = match &item.media {
            MediaLocation::Url(url) => url.len(),
            MediaLocation::File(_) | MediaLocation::Sample(_) => 0,
        };
        let texts = item.id.as_str().len() + item.title.len() + item.maker.len() + item.description.len() + item.alt.len();
        let poster = item.poster.as_ref().map_or(0, String::len);
        let captions = item.captions.iter().map(|file| size_of_val(file) + file.at.to_string().len() + file.label.len()).sum::<usize>();
        size_of::<Item>() + media + poster + captions + texts + item.tags.iter().map(|tag| tag.len() + size_of::<String>()).sum::<usize>()
    };
    let bytes = address.len() + size_of::<FeedPage>() + page.items.iter().map(item).sum::<usize>();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
