//! A feed that has changed: that is said, and the viewer decides when it is opened afresh. Nothing moves under them.

use std::time::Duration;

use super::event::{Effect, Event};
use super::model::Model;
use super::update::{begin, update};
use crate::feed::{Failure, FeedPage};
use crate::words::news as words;

/// What is known of newer items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum News {
    /// Nothing.
    #[default]
    None,
    /// The feed has changed.
    Waiting,
    /// It was asked for afresh, and is awaited.
    Asked {
        /// The opening that it will be.
        epoch: u64,
    },
}

impl Model {
    /// What is known of newer items.
    #[must_use]
    pub fn news(&self) -> News {
        self.news
    }
}

/// The service says that the feed has changed.
pub(super) fn changed(model: &mut Model) {
    if model.news == News::None {
        model.news = News::Waiting;
    }
}

/// The service says how many watch, by what it calls the streams.
pub(super) fn counted(model: &mut Model, counts: &[(String, u64)]) {
    for (stream, count) in counts {
        model.feed.count_viewers(stream, *count);
    }
}

/// The viewer wants the feed afresh. What is there stays until the new one has come.
pub(super) fn refresh(model: &mut Model, effects: &mut Vec<Effect>) {
    if matches!(model.news, News::Asked { .. }) {
        return;
    }
    let epoch = model.epoch + 1;
    model.news = News::Asked { epoch };
    effects.extend([Effect::ForgetPages, Effect::LoadPage { epoch, cursor: None }]);
}

/// The opening that was asked for, if any.
pub(super) fn asked(model: &Model) -> Option<u64> {
    if let News::Asked { epoch } = model.news { Some(epoch) } else { None }
}

/// The first page of the feed has come afresh, or has not.
pub(super) fn came(model: &mut Model, epoch: u64, result: Result<FeedPage, Failure>, now: Duration, effects: &mut Vec<Effect>) {
    model.news = News::None;
    match result {
        Ok(page) if !page.stored => {
            let label = model.label.clone();
            begin(model, epoch, label, false, now, effects);
            // The page is here already.
            let _ = model.feed.next_page_due();
            effects.extend(update(model, Event::Page { epoch, cursor: None, result: Ok(page) }, now));
        }
        Ok(_) => model.say(words::OUT_OF_REACH, now),
        Err(failure) => {
            tracing::info!(kind = failure.kind.name(), "the feed could not be had afresh: {}", failure.sentence);
            model.say(words::NOT_HAD, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ms, page, press, watching};
    use super::super::*;
    use super::*;
    use crate::feed::{FailureKind, Item, ItemId, Live, LiveStatus, MediaLocation};

    fn fresh() -> FeedPage {
        let mut page = page(2, None);
        page.items.insert(0, Item::bare(ItemId::new("new"), MediaLocation::Sample(0)));
        page
    }

    fn ids(model: &Model) -> Vec<String> {
        model.feed().items().iter().map(|item| item.id.to_string()).collect()
    }

    fn asks(effects: &[Effect]) -> bool {
        effects.contains(&Effect::LoadPage { epoch: 2, cursor: None })
    }

    #[test]
    fn a_changed_feed_is_said_and_nothing_moves_until_the_viewer_asks() {
        let mut model = watching(6);
        press(&mut model, Key::Next, ms(1000));
        let before = ids(&model);
        assert_eq!(update(&mut model, Event::FeedChanged, ms(2000)), []);
        assert_eq!((model.news(), ids(&model), model.feed().index()), (News::Waiting, before.clone(), 1));
        press(&mut model, Key::First, ms(3000));
        assert_eq!(model.news(), News::Waiting, "swiping back keeps it");
        let effects = press(&mut model, Key::Refresh, ms(4000));
        assert!(asks(&effects) && effects.contains(&Effect::ForgetPages), "{effects:?}");
        assert_eq!(ids(&model), before, "what is there stays until the new feed has come");
        assert!(!asks(&press(&mut model, Key::Refresh, ms(4100))), "once is enough");
        update(&mut model, Event::FeedChanged, ms(4200));
        let effects = update(&mut model, Event::Page { epoch: 2, cursor: None, result: Ok(fresh()) }, ms(4300));
        assert!(effects.contains(&Effect::Target) && !asks(&effects), "{effects:?}");
        assert_eq!((ids(&model), model.feed().index()), (vec!["new".into(), "v0".into(), "v1".into()], 0));
        assert_eq!((model.news(), model.label(), model.position()), (News::None, "Test", 0.0));
    }

    #[test]
    fn a_feed_that_cannot_be_had_afresh_stays_as_it_is() {
        let stored = FeedPage { stored: true, ..fresh() };
        for result in [Err(Failure::new(FailureKind::Network, "The server can’t be reached.")), Ok(stored)] {
            let mut model = watching(6);
            press(&mut model, Key::Next, ms(1000));
            update(&mut model, Event::Intent(Intent::Refresh), ms(2000));
            update(&mut model, Event::Page { epoch: 2, cursor: None, result }, ms(3000));
            assert_eq!((model.feed().items().len(), model.feed().index(), model.news()), (6, 1, News::None));
            assert!(model.toast(ms(3000)).is_some_and(|toast| toast.text.ends_with('.')));
            assert!(!model.is_offline(), "of the feed that is open nothing was learned");
        }
    }

    #[test]
    fn another_source_that_is_opened_meanwhile_is_not_taken_for_the_one_that_was_asked_for() {
        let mut model = watching(6);
        press(&mut model, Key::Refresh, ms(1000));
        let effects = update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(1100));
        assert!(effects.contains(&Effect::LoadPage { epoch: 3, cursor: None }), "{effects:?}");
        update(&mut model, Event::Page { epoch: 2, cursor: None, result: Ok(fresh()) }, ms(1200));
        assert!(model.feed().items().is_empty());
        update(&mut model, Event::Page { epoch: 3, cursor: None, result: Ok(page(1, None)) }, ms(1300));
        assert_eq!(ids(&model), ["v0"]);
    }

    #[test]
    fn a_warning_that_was_accepted_is_not_asked_again_by_the_same_feed() {
        let mut model = watching(1);
        let warned = || {
            let mut page = page(1, None);
            page.items[0].warning = Some("Blood".into());
            page
        };
        for epoch in 2..=3 {
            press(&mut model, Key::Refresh, ms(epoch * 1000));
            update(&mut model, Event::Page { epoch, cursor: None, result: Ok(warned()) }, ms(epoch * 1000 + 100));
            assert_eq!(model.hides_current(), epoch == 2);
            update(&mut model, Event::Intent(Intent::ShowAnyway), ms(epoch * 1000 + 200));
        }
    }

    #[test]
    fn those_who_watch_are_counted_where_an_item_is_live() {
        let mut model = Model::new(&Options::default());
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
        let mut page = page(3, None);
        let live = Live { status: LiveStatus::Live, viewers: None };
        page.items[0].live = Some(live);
        (page.items[1].live, page.items[1].stream) = (Some(live), Some("s1".into()));
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
        let counts = [("v0", 5), ("s1", 1284), ("v1", 9), ("v2", 3), ("nobody", 1)].map(|(stream, count)| (stream.to_owned(), count));
        update(&mut model, Event::Viewers(counts.to_vec()), ms(1000));
        let viewers: Vec<_> = model.feed().items().iter().map(|item| item.live.map(|live| live.viewers)).collect();
        assert_eq!(viewers, [Some(Some(5)), Some(Some(1284)), None]);
    }
}
