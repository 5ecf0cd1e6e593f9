//! Which stream the viewer watches: its service counts those who do.

use std::time::Duration;

use super::model::Model;
use crate::feed::LiveStatus;

/// Whoever goes on sooner has not watched.
const WATCHED_AFTER: Duration = Duration::from_secs(1);

impl Model {
    /// What is watched at `now`: the stream of a live item that has been the current one for a second, by what its service
    /// calls it, and the epoch of the feed that it is an item of. Whoever pauses it, or covers the window, still watches;
    /// what is hidden behind a warning is not watched.
    #[must_use]
    pub fn watched_stream(&self, now: Duration) -> Option<(u64, &str)> {
        let (stream, at) = watched_from(self)?;
        (at <= now).then_some((self.epoch, stream))
    }
}

/// When the current item counts as watched, if it is one that does.
pub(super) fn due_at(model: &Model) -> Option<Duration> {
    watched_from(model).map(|(_, at)| at)
}

fn watched_from(model: &Model) -> Option<(&str, Duration)> {
    let item = model.feed.current().filter(|_| !model.hides_current())?;
    let is_live = item.live.is_some_and(|live| live.status == LiveStatus::Live);
    // The first item of a feed is the current one since it came: nobody went there.
    let came = model.tiles.get(&item.id)?.times.assigned?;
    is_live.then(|| (item.stream(), model.current_since.max(came) + WATCHED_AFTER))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ms, page, press};
    use super::super::*;
    use crate::feed::{FeedPage, Live, LiveStatus};

    /// A feed of a live item, two that are none any more or not yet, and another live one; its page came at 5 s.
    fn live(adjust: impl FnOnce(&mut FeedPage)) -> Model {
        let mut model = Model::new(&Options::default());
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
        let mut page = page(4, None);
        for (item, status) in page.items.iter_mut().zip([LiveStatus::Live, LiveStatus::Ended, LiveStatus::Scheduled, LiveStatus::Live]) {
            item.live = Some(Live { status, viewers: None });
        }
        page.items[3].stream = Some("s3".into());
        adjust(&mut page);
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(5000));
        model
    }

    #[test]
    fn a_live_item_is_watched_when_it_has_been_the_current_one_for_a_second_and_no_longer_than_that() {
        let mut model = live(|_| ());
        assert_eq!(model.watched_stream(ms(5900)), None);
        assert!(model.wakes_at(ms(5900)).is_some_and(|at| at <= ms(6000)), "a window at rest looks again");
        assert_eq!(model.watched_stream(ms(6000)), Some((1, "v0")));
        update(&mut model, Event::Visible(false), ms(6100));
        assert_eq!(model.watched_stream(ms(6200)), Some((1, "v0")), "also by somebody who has covered the window");
        for now in [ms(7000), ms(9000)] {
            press(&mut model, Key::Next, now);
            assert_eq!((model.watched_stream(now), model.watched_stream(now + ms(1500))), (None, None), "it is not live");
        }
        press(&mut model, Key::Next, ms(11_000));
        assert_eq!((model.watched_stream(ms(11_900)), model.watched_stream(ms(12_000))), (None, Some((1, "s3"))));
        update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(20_000));
        assert_eq!(model.watched_stream(ms(30_000)), None);
    }

    #[test]
    fn what_is_hidden_behind_a_warning_is_watched_a_second_after_the_viewer_wants_to_see_it() {
        let mut model = live(|page| page.items[0].warning = Some("Blood".into()));
        assert_eq!(model.watched_stream(ms(9000)), None);
        update(&mut model, Event::Intent(Intent::ShowAnyway), ms(10_000));
        assert_eq!((model.watched_stream(ms(10_900)), model.watched_stream(ms(11_000))), (None, Some((1, "v0"))));
    }
}
