//! Small pictures of places at which somebody points: which are asked of the player, and when.

use std::sync::Arc;
use std::time::Duration;

use super::tests::{generation_of, ms, press, watching};
use super::*;
use crate::feed::Generation;
use crate::player::{PlayerEvent, PreviewTarget, Still};
use crate::preload::plan::{Conditions, Power, Profile};

fn look(model: &mut Model, at: Option<Duration>, now: Duration) -> Vec<Effect> {
    update(model, Event::Look(at), now)
}

/// A client whose viewer has pointed at three seconds for a while.
fn looking(options: impl FnOnce(&mut Model)) -> Model {
    let mut model = watching(3);
    options(&mut model);
    look(&mut model, Some(ms(3000)), ms(2000));
    update(&mut model, Event::Frame, ms(2200));
    model
}

fn wanted(model: &Model) -> Option<PreviewTarget> {
    model.player_target().preview
}

#[test]
fn a_pointer_that_only_crosses_the_line_asks_for_nothing_and_one_that_stays_does() {
    let mut model = watching(3);
    assert_eq!(look(&mut model, Some(ms(3000)), ms(2000)), []);
    assert_eq!(wanted(&model), None);
    let due = model.wakes_at(ms(2001)).unwrap();
    assert!(due <= ms(2200), "a frame comes when it has stayed: {due:?}");
    assert_eq!(look(&mut model, None, ms(2050)), []);
    update(&mut model, Event::Frame, ms(2300));
    assert_eq!(wanted(&model), None);

    look(&mut model, Some(ms(3000)), ms(3000));
    assert!(update(&mut model, Event::Frame, ms(3200)).contains(&Effect::Target));
    let generation = generation_of(&model, 0);
    assert_eq!(wanted(&model), Some(PreviewTarget { generation, at: ms(3000), fetches: true }));
    // From now on every move is followed at once.
    assert_eq!(look(&mut model, Some(ms(1000)), ms(3210)), [Effect::Target]);
    assert_eq!(wanted(&model).unwrap().at, ms(1000));
    assert_eq!(look(&mut model, None, ms(3300)), [Effect::Target]);
    assert_eq!(wanted(&model), None);
}

#[test]
fn a_swipe_ends_it_and_the_next_item_is_pointed_at_anew() {
    let mut model = looking(|_| {});
    assert!(wanted(&model).is_some());
    assert!(press(&mut model, Key::Next, ms(2300)).contains(&Effect::Target));
    assert_eq!((wanted(&model), model.looks_at()), (None, None));
    look(&mut model, Some(ms(3000)), ms(4000));
    assert_eq!(wanted(&model), None, "it has to stay there again");
    for frame in 0..60 {
        update(&mut model, Event::Frame, ms(4000 + 16 * frame));
    }
    assert_eq!(wanted(&model).map(|wanted| wanted.generation), Some(generation_of(&model, 1)));
}

#[test]
fn while_power_is_short_none_is_made() {
    let power = Power { on_battery: Some(12.0), saver: true };
    let mut model = looking(|model| {
        update(model, Event::Conditions(Conditions { power, ..Conditions::default() }), ms(1000));
    });
    assert_eq!(wanted(&model), None);
    assert!(update(&mut model, Event::Conditions(Conditions::default()), ms(3000)).contains(&Effect::Target));
    assert!(wanted(&model).is_some());
}

#[test]
fn over_a_slow_line_and_without_one_nothing_is_fetched_for_it() {
    let mut model = looking(|_| {});
    assert!(wanted(&model).unwrap().fetches);
    update(&mut model, Event::Intent(Intent::Set(Setting::Profile(Some(Profile::Slow)))), ms(3000));
    assert!(!wanted(&model).unwrap().fetches);
    update(&mut model, Event::Intent(Intent::Set(Setting::Profile(Some(Profile::Wifi)))), ms(3000));
    assert!(wanted(&model).unwrap().fetches);
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Player(PlayerEvent::Buffering { generation }), ms(3100));
    assert!(!wanted(&model).unwrap().fetches, "what plays has the line to itself");
}

#[test]
fn a_picture_of_another_item_comes_too_late() {
    let mut model = looking(|_| {});
    let generation = generation_of(&model, 0);
    let picture = Arc::new(Still { size: (1, 1), rgba: vec![0; 4], at: ms(2900) });
    let came = |generation, picture: &Arc<Still>| {
        Event::Player(PlayerEvent::Preview { generation, wanted: ms(3000), picture: Arc::clone(picture) })
    };
    let effects = update(&mut model, came(generation, &picture), ms(2300));
    assert_eq!(effects, [Effect::Preview { generation, wanted: ms(3000), picture: Arc::clone(&picture) }]);
    assert_eq!(update(&mut model, came(Generation(99), &picture), ms(2300)), []);
}
