//! The pages of the performance overlay over a bright picture, where it takes a click, and where it does not.

use std::time::{Duration, Instant};

use eframe::egui;
use egui_kittest::kittest::Queryable;
use flickreel::app::{Event, Intent, Key, Mark, Options, OverlayPage, Painted};
use flickreel::feed::{Failure, FailureKind, FeedPage, Item, ItemId, MediaLocation};
use flickreel::gesture::Position;
use flickreel::metrics::snapshot::{
    Cache, Class, Display, Invariants, LatencyClasses, Network, Pipelines, Preload, Process, Retries, Startup, Swipes, Video,
};
use flickreel::metrics::{Quantiles, RangeMap, Snapshot};
use flickreel::player::{MediaInfo, PipelineRow, PlayerEvent, PoolStats};
use flickreel::preload::plan::{Conditions, Connectivity, Link, LinkKind, Power};
use flickreel::ui::{Facts, Overlay, theme};

use super::rig::{PORTRAIT, Rig, items, ms};

/// A phone held upright, the smallest window there is.
const SMALLEST: [f32; 2] = [320.0, 480.0];
const PERIOD: Duration = Duration::from_micros(16_667);

fn class(n: u64, p50: f64) -> Class {
    Class((n > 0).then_some(Quantiles { n, p50, p95: p50 * 2.2, p99: p50 * 3.1, max: p50 * 3.4 }))
}

/// What an evening leaves.
fn figures() -> Snapshot {
    let mega = |tenths: u64| Some(tenths * (1 << 20) / 10);
    Snapshot {
        startup_ms: Startup { process_to_window: Some(312.0), process_to_first_frame: Some(421.0) },
        latency_ms: LatencyClasses {
            warm: class(164, 5.2),
            cached: class(12, 31.0),
            cold: class(8, 121.0),
            warm_moving: class(162, 33.4),
            ..LatencyClasses::default()
        },
        swipes: Swipes { committed: 187, painted: 184, abandoned: 3, waiting: 0 },
        display: Display {
            frames: Some(21_200),
            fps_now: Some(60),
            fps: Some(59.7),
            jank_pct: Some(0.4),
            frame_ms_p95: Some(17.1),
            frame_ms_max: Some(41.8),
            black_frames: Some(0),
        },
        video: Video {
            painted: Some(12_418),
            late: Some(31),
            dropped: Some(2),
            rebuffer_ratio: Some(0.004),
            rebuffers: Some(3),
            standing_ms_max: Some(71.0),
        },
        pipelines: Pipelines {
            budget: 6,
            peak: 6,
            stuck: 0,
            live: 5,
            opening: 1,
            prerolling: 0,
            prerolled: 3,
            playing: 1,
            tearing_down: 1,
        },
        cache: Cache {
            hits: mega(1_412),
            misses: mega(61),
            hit_rate: Some(0.958),
            evictions: Some(37),
            bad_blocks: Some(0),
            disk_bytes: mega(724),
            disk_peak_bytes: mega(991),
            cap_bytes: mega(1_000),
            pinned_bytes: mega(123),
            reserved_bytes: mega(20),
        },
        preload: Preload {
            queue: Some(2),
            queue_peak: Some(7),
            completed: Some(412),
            failed: Some(1),
            success_ratio: Some(0.997),
            wasted_bytes: mega(31),
            waste_ratio: Some(0.042),
        },
        network: Network {
            bytes: mega(738),
            requests: Some(918),
            active: Some(2),
            waiting: Some(1),
            bits_per_second: Some(21_400_000),
            round_trip_ms: Some(24.0),
        },
        retries: Retries { waiting: 1, resting_hosts: 0, trips: 2 },
        process: Process { cpu_cores: Some(0.42), rss_mb: Some(214.0), threads: Some(37), ..Process::default() },
        ..Snapshot::default()
    }
}

/// Items that come over a network, the current one fetched, shown and failed once, with a table of pipelines.
fn evening(size: [f32; 2]) -> Rig {
    let page = FeedPage {
        items: items(12)
            .items
            .into_iter()
            .enumerate()
            .map(|(at, item)| {
                let address = format!("https://media.example/films/2026/brook/{at:02}/v720.mp4?token=secret");
                Item { id: ItemId::new(format!("brook-{}", 40 + at)), media: MediaLocation::Url(address), ..item }
            })
            .collect(),
        ..FeedPage::default()
    };
    let mut rig = Rig::opened(size, &Options::default());
    rig.figures = figures();
    rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(140));
    let mut now = 1000;
    for step in 0_u64..36 {
        let key = match step % 10 {
            0..4 => Key::Next,
            7 => Key::Newest,
            9 => Key::First,
            _ => Key::Previous,
        };
        rig.send(Event::Key { key, repeat: false }, ms(now));
        let generation = rig.model.current_generation().unwrap();
        if key == Key::First {
            rig.send(Event::Player(PlayerEvent::Opened { generation, from_cache: true }), ms(now));
        }
        let took = match key {
            Key::Newest => 140 + 30 * step / 10,
            Key::First => 35,
            _ => 4 + step * 7 % 11,
        };
        for serial in [0, 1] {
            let painted = Painted { at: ms(now + took + 33 * serial), pictures: vec![(generation, serial)] };
            rig.send(Event::Painted(painted), ms(now + took));
        }
        now += 1500;
    }
    // One more comes near, is opened from disk, stands ready, and is swiped to.
    rig.has_player = false;
    rig.send(Event::Key { key: Key::Next, repeat: false }, ms(now));
    let coming = rig.model.player_target().slots.iter().map(|slot| slot.generation).max().unwrap();
    rig.send(Event::Player(PlayerEvent::Opened { generation: coming, from_cache: true }), ms(now + 38));
    rig.has_player = true;
    rig.send(Event::Visible(false), ms(now + 101));
    rig.send(Event::Visible(true), ms(now + 101));
    while rig.model.current_generation() != Some(coming) {
        now += 1500;
        rig.send(Event::Key { key: Key::Next, repeat: false }, ms(now));
    }
    rig.send(Event::Painted(Painted { at: ms(now + 7), pictures: vec![(coming, 0)] }), ms(now + 7));
    rig.settle(ms(now));
    for step in 0_u64..140 {
        now += if step % 41 == 40 { 34 } else { 17 };
        rig.model.figures_mut().frame(ms(now), true, ms(2 + step % 5), PERIOD);
    }
    let current = rig.model.feed().current().unwrap().id.clone();
    let info = MediaInfo {
        size: (720, 1280),
        fps: 30.0,
        duration: Some(ms(15_000)),
        decoder: "avdec_h264".into(),
        has_audio: true,
        captions: Vec::new(),
    };
    rig.send(Event::Player(PlayerEvent::Prerolled { generation: coming, info }), ms(now));
    rig.send(Event::Player(PlayerEvent::AudioOutput(Some("Built-in Audio Analog Stereo".into()))), ms(now));
    let link = Link { connectivity: Connectivity::Full, metered: Some(false), kind: LinkKind::Wifi };
    let power = Power { on_battery: Some(64.0), saver: false };
    rig.send(Event::Conditions(Conditions { power, link, ..Conditions::default() }), ms(now));
    rig.send(Event::Line { bits_per_second: Some(21_400_000), round_trip: Some(ms(24)) }, ms(now));
    rig.send(Event::Marks(vec![(current.clone(), Mark::Partial(62))]), ms(now));
    rig.send(Event::RangeMaps(maps(&rig, &current)), ms(now));
    rig.send(Event::Player(pool(&rig)), ms(now));
    rig
}

/// The time at which an evening is over.
fn late() -> Duration {
    ms(70_000)
}

/// Of the items near us: all, the head, head and tail, holes, nothing.
fn maps(rig: &Rig, current: &ItemId) -> Vec<(ItemId, RangeMap)> {
    let parts = |here: &dyn Fn(usize) -> u8| (0..48).map(here).collect::<Vec<_>>();
    let shapes = [
        parts(&|at| if at < 30 { 255 } else { 0 }),
        parts(&|_| 255),
        parts(&|at| if (12..=45).contains(&at) { 0 } else { 255 }),
        parts(&|at| if at < 9 { 255 } else { 0 }),
        parts(&|at| match at {
            0..6 => 255,
            6 => 110,
            _ => 0,
        }),
        parts(&|at| if at % 9 < 4 { 200 } else { 0 }),
        parts(&|at| u8::from(at < 1) * 90),
        parts(&|_| 0),
    ];
    let others = rig.model.feed().items().iter().map(|item| item.id.clone()).filter(|id| id != current);
    let ids = std::iter::once(current.clone()).chain(others);
    ids.zip(shapes).zip(1_u64..).map(|((id, cells), at)| (id, RangeMap { total: (at * 17 % 23 + 3) << 19, cells })).collect()
}

/// Five pipelines of six, one of them on its way out.
fn pool(rig: &Rig) -> PlayerEvent {
    let slots = rig.model.player_target().slots;
    let known = |stage, state, generation, age| PipelineRow {
        generation,
        stage,
        state,
        decoder: "avdec_h264".into(),
        size: (720, 1280),
        fps: 30.0,
        queued: Some(ms(66)),
        position: Some(ms(0)),
        age: ms(age),
        ..PipelineRow::default()
    };
    let mut rows: Vec<_> = slots
        .iter()
        .enumerate()
        .map(|(at, slot)| match at {
            0 => PipelineRow { position: Some(ms(3200)), late: 3, dropped: 1, ..known("playing", "playing", slot.generation, 12_000) },
            1 => PipelineRow {
                decoder: "vp9dec".into(),
                size: (1080, 1920),
                fps: 59.94,
                ..known("prerolled", "paused", slot.generation, 9_000)
            },
            _ => known("prerolled", "paused", slot.generation, 5_000),
        })
        .collect();
    rows.push(known("teardown", "changing", flickreel::feed::Generation(4), 310_000));
    let stats = PoolStats { prerolled: 3, playing: 1, tearing_down: 1, peak: 6, budget: 6, audible: 1, ..PoolStats::default() };
    PlayerEvent::Pool { stats, rows }
}

fn open(rig: &mut Rig, page: OverlayPage) {
    rig.send(Event::Key { key: Key::Page(page), repeat: false }, late());
}

#[test]
fn the_feed_page_tells_how_swipes_and_frames_fare() {
    let mut rig = evening(PORTRAIT);
    open(&mut rig, OverlayPage::Feed);
    rig.snapshot("overlay_feed", late());
}

#[test]
fn the_pipelines_page_has_a_place_for_each_pipeline_of_the_budget() {
    let mut rig = evening(PORTRAIT);
    open(&mut rig, OverlayPage::Pipelines);
    rig.snapshot("overlay_pipelines", late());
}

#[test]
fn the_cache_page_shows_which_parts_are_here() {
    let mut rig = evening(PORTRAIT);
    open(&mut rig, OverlayPage::Cache);
    rig.snapshot("overlay_cache", late());
}

#[test]
fn the_network_page_tells_what_the_line_carries_and_what_follows() {
    let mut rig = evening(PORTRAIT);
    let failure = Failure::new(FailureKind::Timeout, "The server media.example did not answer within 10 seconds.");
    let generation = rig.model.player_target().slots.last().unwrap().generation;
    rig.send(Event::Player(PlayerEvent::Failed { generation, failure }), late());
    open(&mut rig, OverlayPage::Network);
    rig.snapshot("overlay_network", late());
}

#[test]
fn the_item_page_tells_each_step_to_the_screen() {
    let mut rig = evening(PORTRAIT);
    open(&mut rig, OverlayPage::Item);
    rig.snapshot("overlay_item", late());
}

#[test]
fn a_light_that_broke_stays_red_with_its_moment() {
    let mut rig = evening(PORTRAIT);
    rig.figures.invariants = Invariants { audible: Some(65.2), black: Some(1312.0), ..Invariants::default() };
    rig.figures.display.black_frames = Some(4);
    open(&mut rig, OverlayPage::Feed);
    rig.snapshot("overlay_broken", late());
}

#[test]
fn an_overlay_with_nothing_measured_says_so_and_why_nothing_is_readied() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    let link = Link { metered: Some(true), ..Link::default() };
    let power = Power { on_battery: Some(30.0), saver: false };
    rig.send(Event::Conditions(Conditions { power, link, ..Conditions::default() }), ms(2000));
    rig.send(Event::Key { key: Key::Page(OverlayPage::Network), repeat: false }, ms(4040));
    rig.snapshot("overlay_limited", ms(4050));
}

#[test]
fn the_smallest_window_has_smaller_figures_and_cuts_none() {
    let mut rig = evening(SMALLEST);
    open(&mut rig, OverlayPage::Feed);
    rig.snapshot("overlay_smallest_feed", late());
}

#[test]
fn the_smallest_window_has_a_shorter_table_of_pipelines() {
    let mut rig = evening(SMALLEST);
    open(&mut rig, OverlayPage::Pipelines);
    rig.snapshot("overlay_smallest_pipelines", late());
}

#[test]
fn at_twice_the_scale_the_page_is_the_same_and_sharper() {
    let mut rig = evening(PORTRAIT);
    open(&mut rig, OverlayPage::Item);
    rig.scale = 2.0;
    rig.snapshot("overlay_scale_2", late());
}

#[test]
fn a_tab_opens_its_page_and_a_button_does_what_it_says() {
    for (label, intent) in [
        ("3 Cache", Intent::Page(OverlayPage::Cache)),
        ("5 Item", Intent::Page(OverlayPage::Item)),
        ("Copy JSON", Intent::CopyFigures),
        ("Save trace", Intent::SaveTrace),
        ("Report", Intent::SaveReport),
        ("Reset", Intent::ResetFigures),
    ] {
        let mut rig = Rig::with_items(PORTRAIT, 3);
        rig.send(Event::Key { key: Key::Overlay, repeat: false }, ms(4000));
        let events = rig.click_at(ms(4100), |harness| harness.get_by_label(label).rect().center());
        assert!(events.iter().any(|event| matches!(event, Event::Intent(said) if *said == intent)), "{label}: {events:?}");
        assert!(!events.iter().any(|event| matches!(event, Event::PointerDown(_))), "{label}: the feed was pressed, too: {events:?}");
    }
}

#[test]
fn a_press_on_the_figures_reaches_the_feed_under_them() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(Event::Key { key: Key::Overlay, repeat: false }, ms(4000));
    let mut harness = rig.harness(ms(4100));
    harness.step();
    let lights = harness.get_by_label("All lights are green").rect();
    for at in [lights.center(), lights.left_center() + egui::vec2(30.0, 40.0), lights.right_bottom() - egui::vec2(30.0, 70.0)] {
        harness.drag_at(at);
        harness.step();
        harness.drop_at(at);
        harness.step();
    }
    drop(harness);
    let pressed: Vec<_> = rig.take_events().into_iter().filter(|event| matches!(event, Event::PointerDown(Position { .. }))).collect();
    assert_eq!(pressed.len(), 3, "{pressed:?}");
}

#[test]
fn what_went_wrong_with_an_item_is_told_with_its_causes() {
    let mut rig = evening(PORTRAIT);
    let failure = Failure::new(FailureKind::Timeout, "The server media.example did not answer within 10 seconds.")
        .because("connection to 203.0.113.7 port 443 timed out");
    rig.fail_current(failure, late());
    open(&mut rig, OverlayPage::Item);
    rig.snapshot("overlay_item_failed", late() + ms(10));
}

#[test]
fn where_the_renderer_runs_on_the_cpu_nothing_is_painted_under_the_panel() {
    let mut rig = evening(PORTRAIT);
    rig.on_cpu = true;
    open(&mut rig, OverlayPage::Feed);
    rig.snapshot("overlay_on_cpu", late());
}

/// What the overlay costs the UI thread: `cargo test --release --locked --test it overlay_costs -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
fn overlay_costs() {
    let mut rig = evening([450.0, 800.0]);
    open(&mut rig, OverlayPage::Feed);
    let context = egui::Context::default();
    theme::install(&context);
    let facts = Facts { figures: rig.figures, period: ms(17), on_cpu: true, ..Facts::default() };
    let mut overlay = Overlay::default();
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(450.0, 800.0));
    let (mut laying_out, mut kept) = (Vec::new(), Vec::new());
    for frame in 0..1200_u64 {
        let now = late() + Duration::from_micros(16_667 * frame);
        let input = egui::RawInput { screen_rect: Some(screen), ..egui::RawInput::default() };
        let _ = context.run_ui(input, |ui| {
            let is_due = overlay.is_due(now);
            let began = Instant::now();
            let _ = overlay.show(ui, &rig.model, &facts, now);
            if is_due { &mut laying_out } else { &mut kept }.push(began.elapsed());
        });
    }
    for (what, mut times) in [("laid out", laying_out), ("kept", kept)] {
        times.sort();
        println!("{what}: {} frames, median {:?}, p95 {:?}", times.len(), times[times.len() / 2], times[times.len() * 95 / 100]);
    }
}
