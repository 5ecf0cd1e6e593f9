//! The discover feed: what is live, and what has a category.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::Entry;
use super::query;
use super::rank;
use crate::server::refusal::Refusal;
use crate::server::service::Service;
use crate::server::status::StreamStatus;

/// The query of the discover feed.
#[derive(Debug, Default, Deserialize)]
pub struct DiscoverQuery {
    page: Option<String>,
    per_page: Option<String>,
    category: Option<String>,
    sort: Option<String>,
}

impl DiscoverQuery {
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    pub fn per_page(&self) -> Option<&str> {
        self.per_page.as_deref()
    }
}

/// An order of the discover feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What is live, what will be, what has no stream, what has ended; each the newest first.
    #[default]
    LiveFirst,
    /// The newest first.
    Recent,
    /// The most liked and watched first: a like weighs as four views.
    Popular,
}

const SORTS: [(&str, Sort); 3] = [("live_first", Sort::LiveFirst), ("recent", Sort::Recent), ("popular", Sort::Popular)];

/// What of the discover feed is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    category: Option<String>,
    sort: Sort,
}

impl Wanted {
    /// # Errors
    /// A field that cannot be followed.
    pub fn read(asked: &DiscoverQuery) -> Result<Self, Refusal> {
        Ok(Self {
            category: query::word("category", "bad_category", asked.category.as_deref())?,
            sort: query::one_of("sort", "bad_sort", asked.sort.as_deref(), &SORTS)?.unwrap_or_default(),
        })
    }

    /// The filters, as a key of a page is made of them.
    pub fn filters(&self) -> Value {
        json!({ "category": self.category, "sort": query::name_of(&SORTS, self.sort) })
    }
}

/// All that the feed holds, in order.
///
/// # Errors
/// When the catalogue cannot be read.
pub async fn found(service: &Service, wanted: &Wanted) -> Result<Vec<(Entry, Option<f64>)>, Refusal> {
    let listing = service.feeds.listing(service).await?;
    let entries = rank::newest(listing.entries.iter().filter(|entry| is_wanted(entry, wanted)).cloned().collect());
    let entries = match wanted.sort {
        Sort::Recent => entries,
        Sort::LiveFirst => live_first(entries, &service.facts.streams().await),
        Sort::Popular => {
            let ids: Vec<&str> = entries.iter().map(Entry::id).collect();
            let tallies = service.facts.tallies(&ids).await;
            let counts = tallies.into_iter().map(|tally| (tally.likes, tally.views)).collect();
            popular(entries, counts)
        }
    };
    Ok(entries.into_iter().map(|entry| (entry, None)).collect())
}

fn is_wanted(entry: &Entry, wanted: &Wanted) -> bool {
    let details = entry.video.details();
    match &wanted.category {
        Some(category) => details.category.as_ref().is_some_and(|own| own.to_lowercase() == *category),
        None => details.live.is_some() || details.category.is_some(),
    }
}

fn live_first(mut entries: Vec<Entry>, streams: &HashMap<String, StreamStatus>) -> Vec<Entry> {
    entries.sort_by_cached_key(|entry| match entry.status(streams) {
        Some(StreamStatus::Live) => 0,
        Some(StreamStatus::Scheduled) => 1,
        None => 2,
        Some(StreamStatus::Ended) => 3,
    });
    entries
}

/// `counts`: the likes and views that were counted here for each.
fn popular(entries: Vec<Entry>, counts: Vec<(u64, u64)>) -> Vec<Entry> {
    let mut counted: Vec<_> = entries.into_iter().zip(counts.into_iter().chain(std::iter::repeat((0, 0)))).collect();
    counted.sort_by_cached_key(|(entry, (likes, views))| {
        let details = entry.video.details();
        let (likes, views) = (likes.saturating_add(details.likes), views.saturating_add(details.views));
        Reverse(likes.saturating_mul(4).saturating_add(views))
    });
    counted.into_iter().map(|(entry, _)| entry).collect()
}
