//! The list of loaded items and where we are in it: the only place that remembers either.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Cursor, Failure, FeedPage, Item, ItemId, Live};

/// What comes after the last loaded item.
#[derive(Clone, Debug, PartialEq)]
pub enum Tail {
    /// Another page, not asked for yet. `None` is the first page.
    More(Option<Cursor>),
    /// A page that has been asked for.
    Loading(Option<Cursor>),
    /// A page that could not be had; what is loaded stays, and it can be asked for again.
    Failed(Option<Cursor>, Failure),
    /// Nothing: the feed ends here.
    End,
}

/// The loaded part of a feed and the current position.
///
/// The position runs over the items and, at `items().len()`, one tile more: the one that shows the tail
/// (loading, failed, end of feed, empty feed).
#[derive(Clone, Debug)]
pub struct FeedList {
    items: Vec<Arc<Item>>,
    known: HashSet<ItemId>,
    index: usize,
    tail: Tail,
    name: Option<String>,
    skipped: usize,
    filtered: usize,
    pages: usize,
    /// Pages since the last new item that brought nothing.
    barren: usize,
    /// Items that came again since the last new one. A feed that is started afresh brings all that is known before
    /// it goes on, each item once.
    again: HashSet<ItemId>,
    /// The cursor of its first page, when it does not begin at the start of the feed.
    begins_at: Option<Cursor>,
    /// Of each page that brought items the position of its first one, and its cursor.
    cursors: Vec<(usize, Option<Cursor>)>,
}

impl Default for FeedList {
    fn default() -> Self {
        Self::new()
    }
}

/// A page is asked for when this share of the loaded items has been passed (requirement A13)…
const PREFETCH_SHARE: f64 = 0.8;
/// … or when fewer than this many items are left, so that short pages come early enough.
const PREFETCH_ITEMS_LEFT: usize = 4;
/// So many pages that bring nothing, since the last new item, are the end of a feed: a server that invents ever new
/// cursors would be asked for ever.
const BARREN_PAGES_MAX: usize = 3;
/// The same when the last of them brought what the viewer's filter hides, which says less about the server.
const HIDDEN_PAGES_MAX: usize = 20;

impl FeedList {
    /// An empty list whose first page has not been asked for.
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(None)
    }

    /// An empty list that begins with the page of `cursor`, which has not been asked for.
    #[must_use]
    pub fn starting_at(cursor: Option<Cursor>) -> Self {
        Self {
            items: Vec::new(),
            known: HashSet::new(),
            index: 0,
            tail: Tail::More(cursor.clone()),
            name: None,
            skipped: 0,
            filtered: 0,
            pages: 0,
            barren: 0,
            again: HashSet::new(),
            begins_at: cursor,
            cursors: Vec::new(),
        }
    }

    /// The loaded items, in order.
    #[must_use]
    pub fn items(&self) -> &[Arc<Item>] {
        &self.items
    }

    /// The current position: an item, or `items().len()` for the tail.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The item at the current position; `None` on the tail.
    #[must_use]
    pub fn current(&self) -> Option<&Arc<Item>> {
        self.items.get(self.index)
    }

    /// What comes after the last item.
    #[must_use]
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The feed's name, when a page brought one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The cursor of the first page; `None`: the list begins at the start of the feed.
    #[must_use]
    pub fn begins_at(&self) -> Option<&Cursor> {
        self.begins_at.as_ref()
    }

    /// The cursor of the page that brought the item at `index`; `None`: the first page of the feed, or a page of a folder.
    #[must_use]
    pub fn cursor_of(&self, index: usize) -> Option<&Cursor> {
        self.cursors.iter().rev().find(|(first, _)| *first <= index)?.1.as_ref()
    }

    /// Entries left out so far: bad ones, and ones that were here already.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Items that the viewer's filter has taken out so far.
    #[must_use]
    pub fn filtered(&self) -> usize {
        self.filtered
    }

    /// The last position one can be at.
    ///
    /// The tail is a tile of its own, except that a feed of items which has ended shows it only once one
    /// moves past the last item.
    #[must_use]
    pub fn last_index(&self) -> usize {
        self.items.len()
    }

    /// Moves to `index`, or as near to it as the list goes; true if the position changed.
    pub fn go_to(&mut self, index: usize) -> bool {
        let index = index.min(self.last_index());
        let moved = index != self.index;
        self.index = index;
        moved
    }

    /// The cursor of the page that should be asked for now, if any: marks it as being loaded.
    pub fn next_page_due(&mut self) -> Option<Option<Cursor>> {
        let Tail::More(cursor) = &self.tail else {
            return None;
        };
        #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a share of a short list")]
        let threshold = (self.items.len() as f64 * PREFETCH_SHARE) as usize;
        let left = self.items.len().saturating_sub(self.index + 1);
        if self.index < threshold && left >= PREFETCH_ITEMS_LEFT {
            return None;
        }
        let cursor = cursor.clone();
        self.tail = Tail::Loading(cursor.clone());
        Some(cursor)
    }

    /// Asks again for a page that failed: after this, [`Self::next_page_due`] returns its cursor.
    pub fn retry_tail(&mut self) {
        if let Tail::Failed(cursor, _) = &self.tail {
            self.tail = Tail::More(cursor.clone());
        }
    }

    /// Takes a page that was asked for with `cursor`. A page nobody waits for any more is dropped.
    pub fn page_loaded(&mut self, cursor: Option<&Cursor>, page: FeedPage) {
        if !matches!(&self.tail, Tail::Loading(awaited) if awaited.as_ref() == cursor) {
            return;
        }
        self.pages += 1;
        self.skipped += page.skipped;
        self.filtered += page.filtered;
        let (before, again) = (self.items.len(), self.again.len());
        if page.name.is_some() {
            self.name = page.name;
        }
        for item in page.items {
            if self.known.insert(item.id.clone()) {
                self.items.push(Arc::new(item));
            } else {
                self.again.insert(item.id);
                self.skipped += 1;
            }
        }
        if self.items.len() > before {
            // What has an end that it knows is walked through: its cursors are counts, good for nothing else.
            self.cursors.push((before, cursor.filter(|_| !page.finite).cloned()));
            self.barren = 0;
            self.again.clear();
        } else if self.again.len() == again {
            self.barren += 1;
        }
        let allowed = if page.filtered > 0 { HIDDEN_PAGES_MAX } else { BARREN_PAGES_MAX };
        let goes_on = page.finite || self.barren < allowed;
        // A feed that names the page just read as its next would be asked for it for ever.
        self.tail = match page.next {
            Some(next) if Some(&next) != cursor && goes_on => Tail::More(Some(next)),
            _ => Tail::End,
        };
    }

    /// Takes what is newer of items that are here already: their order and the position stay.
    pub fn renew(&mut self, items: &[Item]) {
        for item in items.iter().filter(|item| self.known.contains(&item.id)) {
            if let Some(old) = self.items.iter_mut().find(|old| old.id == item.id) {
                *old = Arc::new(item.clone());
            }
        }
    }

    /// Takes how many watch the live items that their service calls `stream`.
    pub fn count_viewers(&mut self, stream: &str, viewers: u64) {
        for item in self.items.iter_mut().filter(|item| item.stream() == stream) {
            if let Some(live) = item.live.filter(|live| live.viewers != Some(viewers)) {
                Arc::make_mut(item).live = Some(Live { viewers: Some(viewers), ..live });
            }
        }
    }

    /// Notes that the page asked for with `cursor` could not be had.
    pub fn page_failed(&mut self, cursor: Option<&Cursor>, failure: Failure) {
        if matches!(&self.tail, Tail::Loading(awaited) if awaited.as_ref() == cursor) {
            self.tail = Tail::Failed(cursor.cloned(), failure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{FailureKind, MediaLocation};

    fn page(ids: std::ops::Range<usize>, next: Option<&str>) -> FeedPage {
        FeedPage {
            items: ids.map(|i| Item::bare(ItemId::new(format!("v{i}")), MediaLocation::Sample(i))).collect(),
            next: next.map(|token| Cursor(token.to_owned())),
            ..FeedPage::default()
        }
    }

    fn list_of(count: usize, next: Option<&str>) -> FeedList {
        let mut list = FeedList::new();
        assert_eq!(list.next_page_due(), Some(None));
        list.page_loaded(None, page(0..count, next));
        list
    }

    #[test]
    fn the_first_page_is_asked_for_once() {
        let mut list = FeedList::new();
        assert_eq!(list.next_page_due(), Some(None));
        assert_eq!(list.next_page_due(), None);
    }

    #[test]
    fn the_next_page_is_due_at_eighty_percent() {
        let mut list = list_of(20, Some("20"));
        assert!(list.go_to(15));
        assert_eq!(list.next_page_due(), None);
        assert!(list.go_to(16));
        assert_eq!(list.next_page_due(), Some(Some(Cursor("20".into()))));
    }

    #[test]
    fn an_item_that_comes_twice_is_kept_once_and_counted() {
        let mut list = list_of(3, Some("x"));
        assert!(list.next_page_due().is_some());
        list.page_loaded(Some(&Cursor("x".into())), page(2..5, None));
        assert_eq!(list.items().len(), 5);
        assert_eq!(list.skipped(), 1);
        assert_eq!(list.tail(), &Tail::End);
    }

    #[test]
    fn a_page_that_names_itself_as_next_ends_the_feed() {
        let mut list = list_of(1, Some("x"));
        assert!(list.next_page_due().is_some());
        list.page_loaded(Some(&Cursor("x".into())), page(1..2, Some("x")));
        assert_eq!(list.tail(), &Tail::End);
    }

    /// Takes pages without a new item, each with a cursor of its own, until the feed ends or `most` were taken.
    fn barren_pages(list: &mut FeedList, most: usize, like: &FeedPage) -> usize {
        let mut taken = 0;
        while taken < most
            && let Some(cursor) = list.next_page_due()
        {
            taken += 1;
            let next = Some(Cursor(format!("new {taken}")));
            list.page_loaded(cursor.as_ref(), FeedPage { next, ..like.clone() });
        }
        taken
    }

    #[test]
    fn a_server_that_invents_cursors_and_brings_nothing_new_is_asked_a_few_times_more() {
        let mut list = list_of(2, Some("x"));
        // The first of them is as a feed would be that begins afresh.
        assert_eq!(barren_pages(&mut list, 100, &page(0..2, None)), 1 + BARREN_PAGES_MAX);
        assert_eq!((list.tail(), list.items().len()), (&Tail::End, 2));
    }

    #[test]
    fn a_new_item_now_and_then_keeps_a_feed_going() {
        let mut list = list_of(1, Some("x"));
        assert_eq!(barren_pages(&mut list, BARREN_PAGES_MAX - 1, &FeedPage::default()), BARREN_PAGES_MAX - 1);
        let cursor = list.next_page_due().unwrap();
        list.page_loaded(cursor.as_ref(), page(1..2, Some("y")));
        list.go_to(1);
        assert_eq!(barren_pages(&mut list, 100, &FeedPage::default()), BARREN_PAGES_MAX);
    }

    #[test]
    fn a_feed_that_begins_afresh_is_walked_through_what_is_known_to_what_is_new() {
        let mut list = list_of(1, Some("x"));
        let mut add = |ids| {
            list.go_to(list.last_index());
            let cursor = list.next_page_due().unwrap();
            let next = format!("after {cursor:?}");
            list.page_loaded(cursor.as_ref(), page(ids, Some(&next)));
            list.items().len()
        };
        for at in 1..9 {
            assert_eq!(add(at..at + 1), at + 1);
        }
        for at in 0..9 {
            assert_eq!(add(at..at + 1), 9);
        }
        assert_eq!(add(9..10), 10);
    }

    #[test]
    fn a_folder_of_other_things_is_searched_to_its_end() {
        let mut list = list_of(0, Some("x"));
        assert_eq!(barren_pages(&mut list, 100, &FeedPage { skipped: 1000, finite: true, ..FeedPage::default() }), 100);
    }

    #[test]
    fn what_the_filter_hides_is_counted_and_ends_a_feed_late() {
        let mut list = list_of(0, Some("x"));
        // The first page was barren too.
        assert_eq!(barren_pages(&mut list, 100, &FeedPage { filtered: 5, ..FeedPage::default() }), HIDDEN_PAGES_MAX - 1);
        assert_eq!((list.filtered(), list.skipped()), (5 * (HIDDEN_PAGES_MAX - 1), 0));
    }

    #[test]
    fn a_failed_page_keeps_what_is_loaded_and_can_be_asked_for_again() {
        let mut list = list_of(2, Some("x"));
        assert!(list.next_page_due().is_some());
        let cursor = Cursor("x".into());
        list.page_failed(Some(&cursor), Failure::new(FailureKind::Server, "The server answered 500."));
        assert_eq!(list.items().len(), 2);
        assert_eq!(list.next_page_due(), None);
        list.retry_tail();
        assert_eq!(list.next_page_due(), Some(Some(cursor)));
    }

    #[test]
    fn what_is_newer_of_an_item_takes_its_place_and_nothing_moves() {
        let mut list = list_of(3, None);
        list.go_to(1);
        let newer = |id: &str| Item { title: "Newer".into(), ..Item::bare(ItemId::new(id), MediaLocation::Sample(0)) };
        list.renew(&[newer("unknown"), newer("v2")]);
        let titles: Vec<_> = list.items().iter().map(|item| item.title.as_str()).collect();
        assert_eq!((titles, list.index()), (vec!["", "", "Newer"], 1));
    }

    #[test]
    fn the_page_that_brought_an_item_can_be_asked_for_again() {
        let mut list = FeedList::starting_at(Some(Cursor("b".into())));
        assert_eq!(list.next_page_due(), Some(Some(Cursor("b".into()))));
        list.page_loaded(Some(&Cursor("b".into())), page(0..2, Some("c")));
        assert_eq!(list.next_page_due(), Some(Some(Cursor("c".into()))));
        list.page_loaded(Some(&Cursor("c".into())), page(2..4, None));
        let cursors: Vec<_> = (0..4).map(|at| list.cursor_of(at).map(|cursor| cursor.0.as_str())).collect();
        assert_eq!(cursors, [Some("b"), Some("b"), Some("c"), Some("c")]);
        assert_eq!(list.begins_at(), Some(&Cursor("b".into())));
        assert_eq!((list_of(3, None).cursor_of(2), list_of(3, None).begins_at()), (None, None));
    }

    #[test]
    fn a_page_nobody_waits_for_is_dropped() {
        let mut list = list_of(2, None);
        list.page_loaded(Some(&Cursor("late".into())), page(7..9, None));
        assert_eq!(list.items().len(), 2);
    }
}
