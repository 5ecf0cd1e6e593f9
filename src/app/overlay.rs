//! What the performance overlay shows beside the figures: which of its pages is open, and what is told for it alone.

use std::time::Duration;

use super::model::Model;
use crate::feed::ItemId;
use crate::metrics::RangeMap;
use crate::words::overlay::tabs;

/// A page of the performance overlay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OverlayPage {
    /// Latencies of swipes, display frames, video frames.
    #[default]
    Feed,
    /// One row a pipeline.
    Pipelines,
    /// What is on disk, and of which item which parts.
    Cache,
    /// The line, what is asked of it, and what failed.
    Network,
    /// How the current item came to the screen, and what it is.
    Item,
}

impl OverlayPage {
    /// All pages, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Feed, Self::Pipelines, Self::Cache, Self::Network, Self::Item];

    /// Its name on the tab.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => tabs::FEED,
            Self::Pipelines => tabs::PIPELINES,
            Self::Cache => tabs::CACHE,
            Self::Network => tabs::NETWORK,
            Self::Item => tabs::ITEM,
        }
    }
}

impl Model {
    /// The page of the overlay that is open, or was when it was closed.
    #[must_use]
    pub fn overlay_page(&self) -> OverlayPage {
        self.overlay_page
    }

    /// Of the items near us that come over a network, which parts were on this machine when somebody last looked, the most
    /// urgent first.
    #[must_use]
    pub fn range_maps(&self) -> &[(ItemId, RangeMap)] {
        &self.range_maps
    }

    /// How long the page took that brought the item at `index`; `None` where nobody waited for it.
    #[must_use]
    pub fn page_took(&self, index: usize) -> Option<Duration> {
        self.pages.iter().rev().find(|(first, _)| *first <= index).map(|(_, took)| *took)
    }

    /// A page came at `now`; before it there were `before` items.
    pub(super) fn note_page(&mut self, before: usize, now: Duration) {
        if self.feed.items().len() > before
            && let Some(asked_at) = self.page_asked_at.take()
        {
            self.pages.push((before, now.saturating_sub(asked_at)));
        }
    }
}
