//! Items that their maker warns of: neither seen nor heard before the viewer says so.

use std::collections::HashSet;
use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use crate::feed::{Item, ItemId};

/// What the viewer wants to see whatever is warned of: of the feed that is open, as long as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Accepted {
    items: HashSet<ItemId>,
    all: bool,
}

impl Model {
    /// Whether an item is hidden behind its warning.
    #[must_use]
    pub fn is_warned(&self, item: &Item) -> bool {
        item.warning.is_some() && !self.accepted.all && !self.accepted.items.contains(&item.id)
    }

    /// Whether the current item is hidden behind its warning.
    #[must_use]
    pub fn hides_current(&self) -> bool {
        self.feed.current().is_some_and(|item| self.is_warned(item))
    }
}

/// The current item is to be shown, or with it all of this feed.
pub(super) fn accept(model: &mut Model, all: bool, now: Duration, effects: &mut Vec<Effect>) {
    let Some(item) = model.feed.current().cloned() else { return };
    if !model.is_warned(&item) {
        return;
    }
    model.accepted.all |= all;
    model.accepted.items.insert(item.id.clone());
    model.paused = false;
    // It is waited for from now on, not since it was the current one.
    model.current_since = now;
    effects.push(Effect::Target);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{generation_of, ms, page, preroll_all, press};
    use super::super::*;
    use super::*;
    use crate::feed::{Failure, FailureKind, FeedPage};
    use crate::player::PlayerEvent;

    /// A prerolled feed whose first two items are warned of.
    fn warned() -> Model {
        let mut model = Model::new(&Options::default());
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
        let mut page: FeedPage = page(4, None);
        page.items[0].warning = Some("Blood".into());
        page.items[1].warning = Some(String::new());
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
        preroll_all(&mut model, ms(50));
        model
    }

    fn plays(model: &Model) -> bool {
        model.player_target().slots.iter().any(|slot| slot.playing)
    }

    #[test]
    fn what_is_warned_of_stands_ready_and_neither_plays_nor_pauses_before_the_viewer_says_so() {
        let mut model = warned();
        assert_eq!(model.tile_state(0, ms(5000)), TileState::Warned { words: "Blood" });
        assert_eq!(model.tile_state(1, ms(5000)), TileState::Warned { words: "" });
        assert_eq!(model.player_target().slots.len(), 3, "it is readied like any other");
        assert!(!plays(&model));
        press(&mut model, Key::Pause, ms(5000));
        assert!(!plays(&model) && matches!(model.tile_state(0, ms(5000)), TileState::Warned { .. }));
        update(&mut model, Event::Intent(Intent::Seek(0.5)), ms(5100));
        assert_eq!(model.position_of(&model.feed().items()[0].clone(), ms(9000)), ms(0));
        let effects = update(&mut model, Event::Intent(Intent::ShowAnyway), ms(6000));
        assert!(effects.contains(&Effect::Target));
        assert!(plays(&model));
        assert_eq!(model.tile_state(0, ms(6000)), TileState::Playing);
    }

    #[test]
    fn one_that_was_accepted_stays_so_and_the_next_one_asks_again() {
        let mut model = warned();
        update(&mut model, Event::Intent(Intent::ShowAnyway), ms(1000));
        press(&mut model, Key::Next, ms(2000));
        assert!(!plays(&model));
        press(&mut model, Key::Next, ms(3000));
        assert!(plays(&model), "nothing is warned of here");
        press(&mut model, Key::First, ms(4000));
        assert!(plays(&model));
    }

    #[test]
    fn all_of_this_feed_is_not_all_of_the_next() {
        let mut model = warned();
        update(&mut model, Event::Intent(Intent::ShowAllWarned), ms(1000));
        press(&mut model, Key::Next, ms(2000));
        assert!(plays(&model));
        update(&mut model, Event::Opened { label: "Other".into(), hint: false }, ms(3000));
        let mut other = page(1, None);
        other.items[0].warning = Some("Blood".into());
        update(&mut model, Event::Page { epoch: 2, cursor: None, result: Ok(other) }, ms(3010));
        preroll_all(&mut model, ms(3050));
        assert!(model.hides_current() && !plays(&model));
    }

    #[test]
    fn one_that_failed_says_so_and_has_nothing_to_be_shown_anyway() {
        let mut model = warned();
        let generation = generation_of(&model, 0);
        let failure = Failure::new(FailureKind::Corrupt, "It is damaged.");
        update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure }), ms(1000));
        assert!(matches!(model.tile_state(0, ms(1000)), TileState::Failed { .. }));
    }

    #[test]
    fn keys_and_buttons_that_mean_another_tile_accept_nothing() {
        let mut model = warned();
        press(&mut model, Key::Newest, ms(1000));
        update(&mut model, Event::Intent(Intent::ShowAnyway), ms(1100));
        press(&mut model, Key::First, ms(2000));
        assert!(model.hides_current());
    }
}
