//! The overlay's page, what it is told of an item's way to the screen, figures that begin anew, and lights that stay red.

use super::tests::{generation_of, ms, page, press, watching};
use super::*;
use crate::feed::{Cursor, Failure, FailureKind, FeedPage, Item, ItemId, MediaLocation};
use crate::metrics::snapshot::Invariants;
use crate::metrics::{CountersSnapshot, RangeMap};
use crate::player::{PlayerEvent, PoolStats};

fn pool(model: &mut Model, stats: PoolStats) {
    update(model, Event::Player(PlayerEvent::Pool { stats, rows: Vec::new() }), ms(1000));
}

fn painted(model: &mut Model, index: usize, serial: u64, at: u64) {
    let pictures = vec![(generation_of(model, index), serial)];
    update(model, Event::Painted(Painted { at: ms(at), pictures }), ms(at));
}

#[test]
fn a_key_opens_the_overlay_at_its_page_and_closing_it_keeps_the_page() {
    let mut model = watching(3);
    press(&mut model, Key::Page(OverlayPage::Cache), ms(1000));
    assert_eq!((model.overlay(), model.overlay_page()), (true, OverlayPage::Cache));
    press(&mut model, Key::Overlay, ms(1100));
    press(&mut model, Key::Overlay, ms(1200));
    assert_eq!((model.overlay(), model.overlay_page()), (true, OverlayPage::Cache));
    update(&mut model, Event::Intent(Intent::Page(OverlayPage::Item)), ms(1300));
    assert_eq!(model.overlay_page(), OverlayPage::Item);
}

#[test]
fn each_step_of_an_item_to_the_screen_is_noted_when_it_was_done() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(100));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(5, None)) }, ms(140));
    assert_eq!(model.page_took(0), Some(ms(40)));
    let generation = generation_of(&model, 1);
    update(&mut model, Event::Player(PlayerEvent::Opened { generation, from_cache: true }), ms(180));
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(230));
    update(&mut model, Event::Picture { generation, serial: 1 }, ms(260));
    press(&mut model, Key::Next, ms(5000));
    painted(&mut model, 1, 1, 5008);
    painted(&mut model, 1, 2, 5041);
    let times = model.tile(&ItemId::new("v1")).unwrap().times;
    assert_eq!((times.opening(), times.from_cache), (Some(ms(40)), true));
    assert_eq!((times.prerolling(), times.stood_ready(), times.painting()), (Some(ms(50)), Some(ms(4770)), Some(ms(8))));
}

#[test]
fn an_item_that_comes_back_is_on_its_way_anew() {
    let mut model = watching(10);
    painted(&mut model, 0, 0, 60);
    for at in 1..=3 {
        press(&mut model, Key::Next, ms(1000 * at));
    }
    for at in 4..=6 {
        press(&mut model, Key::Previous, ms(1000 * at));
    }
    let times = model.tile(&ItemId::new("v0")).unwrap().times;
    assert_eq!((times.pictured, times.painted, times.wanted), (None, None, Some(ms(6000))));
    assert_eq!(times.assigned, Some(ms(5000)), "it was given to the player when the swipe before brought it near");
}

#[test]
fn every_page_has_a_time_of_its_own() {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page(2, Some("2"))) }, ms(30));
    let items = vec![Item::bare(ItemId::new("w0"), MediaLocation::Sample(0))];
    let next = FeedPage { items, ..FeedPage::default() };
    update(&mut model, Event::Page { epoch: 1, cursor: Some(Cursor("2".into())), result: Ok(next) }, ms(110));
    assert_eq!([0, 1, 2].map(|index| model.page_took(index)), [Some(ms(30)), Some(ms(30)), Some(ms(80))]);
    update(&mut model, Event::Opened { label: "Another".into(), hint: false }, ms(500));
    assert_eq!(model.page_took(0), None);
}

#[test]
fn what_an_item_failed_with_is_known_when_it_works_again() {
    let mut model = watching(3);
    let generation = generation_of(&model, 0);
    let failure = Failure::new(FailureKind::Timeout, "Too late.");
    update(&mut model, Event::Player(PlayerEvent::Failed { generation, failure: failure.clone() }), ms(1000));
    update(&mut model, Event::Intent(Intent::Retry), ms(1100));
    let generation = generation_of(&model, 0);
    update(&mut model, Event::Picture { generation, serial: 0 }, ms(1200));
    let tile = model.tile(&ItemId::new("v0")).unwrap();
    assert_eq!((&tile.phase, &tile.last_failure), (&Phase::Ready, &Some(failure)));
}

#[test]
fn range_maps_are_those_told_last_and_go_with_their_feed() {
    let mut model = watching(3);
    let map = |total| (ItemId::new("v0"), RangeMap { total, cells: vec![255; 48] });
    update(&mut model, Event::RangeMaps(vec![map(1)]), ms(1000));
    update(&mut model, Event::RangeMaps(vec![map(2)]), ms(2000));
    assert_eq!(model.range_maps(), [map(2)]);
    update(&mut model, Event::Opened { label: "Another".into(), hint: false }, ms(3000));
    assert!(model.range_maps().is_empty());
}

#[test]
fn a_light_is_red_for_ever_with_the_first_moment_it_broke() {
    let mut model = watching(3);
    let mut monitor = Monitor::default();
    let whole = CountersSnapshot { cache_cap_bytes: 100, cache_disk_bytes: 100, cache_disk_peak_bytes: 100, ..CountersSnapshot::default() };
    let sound = PoolStats { prerolled: 3, playing: 1, peak: 4, budget: 4, audible: 1, ..PoolStats::default() };
    pool(&mut model, sound);
    monitor.look(&model, &whole, ms(1000));
    assert_eq!(monitor.invariants, Invariants::default());

    update(&mut model, Event::Frame, ms(1990));
    pool(&mut model, PoolStats { audible: 2, ..sound });
    // What is told after it, in the same display frame, does not hide it.
    pool(&mut model, sound);
    monitor.look(&model, &whole, ms(2000));
    update(&mut model, Event::Frame, ms(2010));
    pool(&mut model, sound);
    assert_eq!(model.pool().audible, 1);
    pool(&mut model, PoolStats { peak: 5, ..sound });
    monitor.look(&model, &whole, ms(3000));
    pool(&mut model, sound);
    // It was too much between two looks: the peak remembers.
    monitor.look(&model, &CountersSnapshot { cache_disk_peak_bytes: 101, ..whole }, ms(4000));
    model.figures_mut().black_frames = 1;
    monitor.look(&model, &whole, ms(5000));
    let broken = Invariants { audible: Some(2.0), pipelines: Some(3.0), disk: Some(4.0), black: Some(5.0) };
    assert_eq!(monitor.invariants, broken);

    pool(&mut model, PoolStats { audible: 3, peak: 9, ..sound });
    monitor.look(&model, &whole, ms(6000));
    assert_eq!(monitor.invariants, broken, "the first moment counts");
    let snapshot = model.snapshot(&monitor, &Outside::default(), ms(7000));
    assert_eq!(snapshot.invariants, broken);
}

#[test]
fn figures_begin_anew_at_the_press_of_a_button_and_lights_stay_red() {
    let mut model = watching(5);
    let mut monitor = Monitor::default();
    press(&mut model, Key::Next, ms(1000));
    painted(&mut model, 1, 0, 1008);
    model.figures_mut().black_frames = 1;
    let stats = PoolStats { prerolled: 3, playing: 1, peak: 6, budget: 6, ..PoolStats::default() };
    pool(&mut model, stats);
    let busy = CountersSnapshot { preload_queue: 7, ..CountersSnapshot::default() };
    monitor.look(&model, &busy, ms(1100));

    let effects = update(&mut model, Event::Intent(Intent::ResetFigures), ms(2000));
    assert!(effects.contains(&Effect::ResetFigures), "{effects:?}");
    monitor.reset(&model);
    monitor.look(&model, &CountersSnapshot::default(), ms(2100));
    let snapshot = model.snapshot(&monitor, &Outside::default(), ms(2100));
    assert_eq!((snapshot.swipes.committed, snapshot.latency_ms.all.n(), snapshot.display.black_frames), (0, 0, Some(0)));
    assert_eq!((snapshot.preload.queue_peak, snapshot.pipelines.peak), (Some(1), 4), "the peaks are those since");
    assert_eq!(snapshot.startup_ms.process_to_first_frame, Some(1008.0));
    assert_eq!(snapshot.invariants.black, Some(1.1));

    pool(&mut model, PoolStats { peak: 7, budget: 7, ..stats });
    monitor.look(&model, &CountersSnapshot::default(), ms(2200));
    assert_eq!(model.snapshot(&monitor, &Outside::default(), ms(2200)).pipelines.peak, 7, "and no moment of them is missed");
}
