//! What is readied ahead under which conditions, told in events and times.

use std::time::Duration;

use super::tests::{ms, preroll_all, press, watching};
use super::*;
use crate::preload::plan::{Conditions, Limit, Link, LinkKind, Memory, Power, Profile, Reason, Stage, Window};

const MB: u64 = 1_000_000;

/// The places that are readied, by stage: prerolled, heads.
fn readied(model: &Model) -> (Vec<usize>, Vec<usize>) {
    let of = |wanted| model.places_planned().into_iter().filter(|(_, stage)| *stage == wanted).map(|(at, _)| at).collect();
    (of(Stage::Prerolled), of(Stage::Head))
}

fn told(model: &mut Model, conditions: Conditions, now: Duration) -> Vec<Effect> {
    update(model, Event::Conditions(conditions), now)
}

fn on_battery(percent: f64) -> Conditions {
    Conditions { power: Power { on_battery: Some(percent), saver: false }, ..Conditions::default() }
}

#[test]
fn at_thirty_one_percent_the_plan_is_whole_and_at_thirty_it_is_the_current_item_alone() {
    let mut model = watching(20);
    press(&mut model, Key::Next, ms(1000));
    told(&mut model, on_battery(31.0), ms(1100));
    assert_eq!(readied(&model), (vec![2, 0, 3], vec![4, 5]));
    assert_eq!(model.limit(), None);
    let effects = told(&mut model, on_battery(30.0), ms(1200));
    assert!(effects.contains(&Effect::Plan) && effects.contains(&Effect::Target));
    assert_eq!(readied(&model), (vec![], vec![]));
    assert_eq!(model.player_target().slots.len(), 1);
    assert_eq!(model.limit(), Some(Limit::Battery(30.0)));
    told(&mut model, Conditions::default(), ms(1300));
    assert_eq!(readied(&model).0, [2, 0, 3], "the charger is in");
}

#[test]
fn who_saves_power_is_asked_for_nothing_ahead_unless_they_want_it() {
    let mut model = watching(20);
    let saver = Conditions { power: Power { on_battery: None, saver: true }, ..Conditions::default() };
    told(&mut model, saver, ms(100));
    assert_eq!((readied(&model).0, model.limit()), (vec![], Some(Limit::PowerSaver)));
    let effects = update(&mut model, Event::Intent(Intent::ReadyAnyway), ms(200));
    assert!(effects.contains(&Effect::Plan));
    assert_eq!((readied(&model).0, model.limit(), model.readies_anyway()), (vec![1, 2], None, true));
    update(&mut model, Event::Intent(Intent::ReadyAnyway), ms(300));
    assert_eq!(readied(&model).0, Vec::<usize>::new());
}

#[test]
fn on_a_metered_network_one_item_is_readied_and_the_reason_told() {
    let mut model = watching(20);
    press(&mut model, Key::Next, ms(1000));
    let link = Link { metered: Some(true), ..Link::default() };
    told(&mut model, Conditions { link, ..Conditions::default() }, ms(1100));
    assert_eq!(readied(&model), (vec![2], vec![3]));
    assert_eq!(model.profile(), (Profile::Cellular, Reason::Metered));
    assert_eq!(model.player_target().load_timeout, Duration::from_secs(15));
    told(&mut model, Conditions::default(), ms(1200));
    assert_eq!(model.profile().0, Profile::Wifi);
}

#[test]
fn a_slow_line_narrows_the_plan_once_it_has_been_slow_for_a_while() {
    let mut model = watching(20);
    let line = |bits| Event::Line { bits_per_second: Some(bits), round_trip: Some(ms(80)) };
    update(&mut model, line(800_000), ms(1000));
    assert_eq!(model.profile().0, Profile::Wifi);
    let at = model.wakes_at(ms(1500)).unwrap();
    assert!(at <= ms(4000), "it wakes by itself: {at:?}");
    update(&mut model, Event::Frame, ms(4000));
    assert_eq!(model.profile(), (Profile::Slow, Reason::Measured(800_000)));
    assert_eq!(readied(&model), (vec![1], vec![]));
}

#[test]
fn what_was_asked_for_holds_for_the_best_network_and_for_the_profile_that_was_asked_for() {
    let window = |profile, metered| {
        let preloading = Preloading { profile, ahead: Some(3), behind: Some(2), ..Preloading::default() };
        let mut model = Model::new(&Options { preloading, ..Options::default() });
        let link = Link { metered: Some(metered), ..Link::default() };
        told(&mut model, Conditions { link, ..Conditions::default() }, ms(0));
        let Window { ahead, behind, .. } = model.window();
        (ahead, behind)
    };
    assert_eq!(window(None, false), (3, 2));
    assert_eq!(window(None, true), (1, 0));
    assert_eq!(window(Some(Profile::Cellular), false), (3, 2));
    assert_eq!(window(Some(Profile::Wifi), true), (3, 2), "who asks for it gets it");
    let most = Preloading { ahead: Some(40), behind: Some(40), ..Preloading::default() };
    assert_eq!(most.widest().prerolled(), 13, "two pipelines are left for those on their way out");
}

#[test]
fn short_memory_keeps_the_next_item_and_the_rest_comes_back_step_by_step() {
    let mut model = watching(20);
    press(&mut model, Key::Next, ms(1000));
    let memory = |own| Conditions { memory: Memory { own, ..Memory::default() }, ..Conditions::default() };
    told(&mut model, memory(470 * MB), ms(2000));
    assert_eq!((readied(&model), model.limit()), ((vec![2], vec![]), Some(Limit::Memory)));
    told(&mut model, memory(300 * MB), ms(3000));
    assert_eq!(readied(&model).0, [2]);
    update(&mut model, Event::Frame, ms(12_000));
    assert_eq!(readied(&model).0, [2, 0]);
    update(&mut model, Event::Frame, ms(22_000));
    assert_eq!(readied(&model).0, [2, 0, 3]);
    update(&mut model, Event::Frame, ms(32_000));
    assert_eq!((readied(&model), model.limit()), ((vec![2, 0, 3], vec![4, 5]), None));
}

/// Swipes on every `gap`, with items that take `ready` to be ready.
fn swipe_on(model: &mut Model, swipes: usize, gap: u64, ready: u64, start: u64) -> u64 {
    let mut now = start;
    for _ in 0..swipes {
        now += gap;
        press(model, Key::Next, ms(now));
        if ready < gap {
            preroll_all(model, ms(now + ready));
        }
    }
    now
}

#[test]
fn who_swipes_fast_past_items_that_take_long_has_those_readied_that_they_will_see() {
    let mut model = watching(60);
    // Items take 900 ms: nothing that is passed within that time is worth beginning.
    for swipe in 1..7 {
        press(&mut model, Key::Next, ms(20_000 * swipe));
        preroll_all(&mut model, ms(20_000 * swipe + 900));
    }
    assert_eq!(readied(&model).0, [7, 5, 8]);
    let now = swipe_on(&mut model, 3, 300, 900, 150_000);
    let index = model.feed().index();
    assert_eq!(model.passed_in_vain(), 1);
    assert!(!readied(&model).0.contains(&(index + 1)) && readied(&model).0.contains(&(index + 2)), "{:?}", readied(&model));
    let at = model.wakes_at(ms(now + 1)).unwrap();
    assert!(at <= ms(now + 600), "the pace ends by itself");
    update(&mut model, Event::Frame, ms(now + 600));
    assert_eq!((model.passed_in_vain(), readied(&model).0), (0, vec![index + 1, index - 1, index + 2]));
}

#[test]
fn who_swipes_fast_past_items_that_are_ready_at_once_has_the_next_ones_readied() {
    let mut model = watching(60);
    swipe_on(&mut model, 8, 250, 60, 1000);
    assert_eq!(model.passed_in_vain(), 0);
    let index = model.feed().index();
    assert_eq!(readied(&model).0, [index + 1, index - 1, index + 2]);
}

#[test]
fn who_swipes_back_has_the_items_before_readied() {
    let mut model = watching(60);
    press(&mut model, Key::Newest, ms(1000));
    press(&mut model, Key::Previous, ms(3000));
    press(&mut model, Key::Previous, ms(5000));
    let index = model.feed().index();
    assert_eq!(readied(&model).0, [index - 1, index + 1, index - 2]);
}

#[test]
fn more_than_the_plan_is_laid_in_only_where_nobody_minds() {
    let mut model = watching(20);
    assert!(model.may_stock(), "nobody tells anything");
    let metered = Link { metered: Some(true), ..Link::default() };
    let dial_up = Link { kind: LinkKind::Cellular, ..Link::default() };
    let saver = Conditions { power: Power { on_battery: None, saver: true }, ..Conditions::default() };
    let memory = Memory { own: 600 * MB, ..Memory::default() };
    let link = |link| Conditions { link, ..Conditions::default() };
    let minds = [link(metered), link(dial_up), on_battery(30.0), saver, Conditions { memory, ..Conditions::default() }];
    for (minutes, conditions) in (1..).zip(minds) {
        let effects = told(&mut model, conditions, Duration::from_mins(minutes));
        assert!(!model.may_stock() && effects.contains(&Effect::Plan), "{conditions:?}");
        told(&mut model, Conditions::default(), Duration::from_mins(minutes) + ms(10_000));
        update(&mut model, Event::Frame, Duration::from_mins(minutes) + ms(50_000));
        assert!(model.may_stock(), "{conditions:?}");
    }
    told(&mut model, saver, Duration::from_mins(30));
    update(&mut model, Event::Intent(Intent::ReadyAnyway), Duration::from_mins(30));
    assert!(model.limit().is_none() && !model.may_stock(), "what is near is wanted anyway, and nothing more");
}
