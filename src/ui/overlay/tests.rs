//! What the pages write: the figures of the snapshot, in columns that stay.

use std::time::Duration;

use eframe::egui::{Color32, Rgba};

use super::sheet::COLUMNS;
use super::{Facts, pages};
use crate::app::{Event, Intent, Model, Options, OverlayPage, Painted, update};
use crate::feed::{Failure, FailureKind, FeedPage, Generation, Item, ItemId, MediaLocation};
use crate::metrics::snapshot::{
    Cache, Class, Display, Invariants, LatencyClasses, Network, Pipelines, Preload, Process, Retries, Snapshot, Startup, Swipes, Video,
};
use crate::metrics::{Quantiles, RangeMap};
use crate::player::{MediaInfo, PipelineRow, PlayerEvent, PoolStats};
use crate::ui::theme;

const HIGH: f32 = 2000.0;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn class(n: u64) -> Class {
    Class(Some(Quantiles { n, p50: 31.5, p95: 62.5, p99: 93.5, max: 124.5 }))
}

/// Figures no two of which are alike.
fn figures() -> Snapshot {
    let mega = |count: u64| Some(count << 20);
    Snapshot {
        startup_ms: Startup { process_to_window: Some(301.0), process_to_first_frame: Some(402.0) },
        latency_ms: LatencyClasses {
            warm: class(103),
            cached: class(104),
            cold: class(105),
            warm_moving: class(106),
            ..LatencyClasses::default()
        },
        swipes: Swipes { committed: 207, painted: 208, abandoned: 209, waiting: 0 },
        display: Display {
            frames: Some(9000),
            fps_now: Some(58),
            fps: Some(59.4),
            jank_pct: Some(0.7),
            frame_ms_p95: Some(17.3),
            frame_ms_max: Some(44.6),
            black_frames: Some(0),
        },
        video: Video {
            painted: Some(811),
            late: Some(12),
            dropped: Some(13),
            rebuffer_ratio: Some(0.021),
            rebuffers: Some(14),
            standing_ms_max: Some(615.0),
        },
        pipelines: Pipelines {
            budget: 6,
            peak: 5,
            stuck: 0,
            live: 4,
            opening: 21,
            prerolling: 22,
            prerolled: 23,
            playing: 24,
            tearing_down: 25,
        },
        cache: Cache {
            hits: mega(41),
            misses: mega(42),
            hit_rate: Some(0.932),
            evictions: Some(716),
            bad_blocks: Some(0),
            disk_bytes: mega(72),
            disk_peak_bytes: mega(99),
            cap_bytes: mega(100),
            pinned_bytes: mega(33),
            reserved_bytes: mega(34),
        },
        preload: Preload {
            queue: Some(817),
            queue_peak: Some(818),
            completed: Some(819),
            failed: Some(0),
            success_ratio: Some(0.984),
            wasted_bytes: mega(35),
            waste_ratio: Some(0.041),
        },
        network: Network {
            bytes: mega(84),
            requests: Some(920),
            active: Some(921),
            waiting: Some(922),
            bits_per_second: Some(5_430_000),
            round_trip_ms: Some(48.0),
        },
        retries: Retries { waiting: 923, resting_hosts: 924, trips: 925 },
        process: Process { cpu_cores: Some(0.42), rss_mb: Some(187.0), threads: Some(34), ..Process::default() },
        ..Snapshot::default()
    }
}

/// A client with one item from a server, and what it failed with before it worked.
fn model() -> Model {
    let mut model = Model::new(&Options::default());
    let url = "https://me:pass@media.example/videos/brook.mp4?v=3&token=abc".to_owned();
    let items = vec![Item::bare(ItemId::new("brook-41"), MediaLocation::Url(url))];
    let mut send = |event, at| update(&mut model, event, ms(at));
    send(Event::Opened { label: "Meadow".into(), hint: false }, 0);
    send(Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..FeedPage::default() }) }, 41);
    let generation = Generation(1);
    let failure = Failure::new(FailureKind::Timeout, "The server did not answer.").because("no head within 10 s");
    send(Event::Player(PlayerEvent::Failed { generation, failure }), 50);
    send(Event::Intent(Intent::Retry), 100);
    let generation = Generation(2);
    send(Event::Player(PlayerEvent::Opened { generation, from_cache: true }), 137);
    send(Event::Picture { generation, serial: 0 }, 200);
    let info = MediaInfo {
        size: (720, 1280),
        fps: 29.97,
        duration: Some(ms(8000)),
        decoder: "avdec_h264".into(),
        has_audio: true,
        captions: Vec::new(),
    };
    send(Event::Player(PlayerEvent::Prerolled { generation, info }), 201);
    send(Event::Painted(Painted { at: ms(211), pictures: vec![(generation, 0)] }), 212);
    let cells = [vec![255; 24], vec![0; 24]].concat();
    send(Event::RangeMaps(vec![(ItemId::new("brook-41"), RangeMap { total: 3 << 20, cells })]), 300);
    let row = PipelineRow {
        generation,
        stage: "playing",
        decoder: "avdec_h264".into(),
        state: "playing",
        size: (720, 1280),
        fps: 29.97,
        queued: Some(ms(66)),
        position: Some(ms(65_000)),
        late: 3,
        dropped: 1,
        age: ms(12_900),
    };
    let stats = PoolStats { budget: 6, audible: 1, ..PoolStats::default() };
    send(Event::Player(PlayerEvent::Pool { stats, rows: vec![row] }), 300);
    model
}

fn text(page: OverlayPage, figures: &Snapshot) -> String {
    let facts = Facts {
        program: "Flickreel 9.8.7 · GStreamer 1.22.0".into(),
        renderer: "llvmpipe".into(),
        figures: *figures,
        period: ms(16),
        on_cpu: false,
    };
    let mut model = model();
    update(&mut model, Event::Intent(Intent::Page(page)), ms(900));
    pages::write(&model, &facts, HIGH, true, ms(1000)).text().to_owned()
}

fn assert_says(page: OverlayPage, expected: &[&str]) {
    let text = text(page, &figures());
    // What a line says, whatever room is between its words.
    let lines: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for expected in expected {
        assert!(lines.iter().any(|line| line == expected), "{expected:?} is not in\n{text}");
    }
}

#[test]
fn the_feed_page_has_the_figures_of_the_snapshot() {
    assert_says(
        OverlayPage::Feed,
        &[
            "Flickreel 9.8.7 · GStreamer 1.22.0 58 fps",
            "warm 103 31.5 62.5 93.5 124.5",
            "cached 104 31.5 62.5 93.5 124.5",
            "cold 105 31.5 62.5 93.5 124.5",
            "moving 106 31.5 62.5 93.5 124.5",
            "swipes made 207 shown 208 left 209",
            "launch ms window 301 clip 402",
            "display fps 58 moving 59.4 black 0",
            "frames ms p95 17.3 max 44.6 jank 0.7 %",
            "video shown 811 late 12 drop 13",
            "waiting times 14 share 2.1 % stood 615",
            "process cores 0.42 MB 187 threads 34",
        ],
    );
}

#[test]
fn the_pipelines_page_has_a_row_for_each_pipeline() {
    assert_says(
        OverlayPage::Pipelines,
        &[
            "pipelines live 4/6 peak 5 stuck 0",
            "opening 21 preroll 22 ready 23",
            "playing 24 leaving 25 heard 1",
            "brook-41 playing playing avdec_h264",
            "720×1280 30.0 fps 66 ms 1:05 3/1 12s",
        ],
    );
}

#[test]
fn the_cache_page_has_the_figures_of_the_snapshot_and_which_parts_are_here() {
    assert_says(
        OverlayPage::Cache,
        &[
            "disk MB used 72.0 cap 100.0 peak 99.0",
            "kept MB pinned 33.0 reserve 34.0",
            "hits rate 93.2 % MB 41.0 miss 42.0",
            "lost evicted 716 damaged 0",
            "preload queue 817 peak 818 done 819",
            "failed 0 good 98.4 %",
            "wasted MB 35.0 share 4.1 %",
            "brook-41 3.0 50",
        ],
    );
}

#[test]
fn the_network_page_has_the_figures_of_the_snapshot_and_what_follows_from_them() {
    assert_says(
        OverlayPage::Network,
        &[
            "line 5.4 Mbit/s 48 ms there and back",
            "profile wifi: nothing measured yet",
            "metered nobody tells",
            "power no battery in use",
            "requests open 921 waiting 922 sent 920",
            "received MB 84.0",
            "retries waiting 923",
            "breakers open 924 opened 925",
            "timeout brook-41",
        ],
    );
}

#[test]
fn the_item_page_tells_each_step_to_the_screen_and_no_secret_of_its_address() {
    assert_says(
        OverlayPage::Item,
        &[
            "item 1 of 1 · brook-41",
            "picture 720×1280 · 30.0 fps",
            "decoder avdec_h264 · with sound",
            "bitrate 3.1 Mbit/s 3.0 MB",
            "source https://media.example/videos/brook.mp4",
            "page 41.0",
            "from disk 37.0",
            "preroll 63.0",
            "painted 11.0",
            "failed The server did not answer. ← no head",
            "within 10 s",
        ],
    );
    let text = text(OverlayPage::Item, &figures());
    assert!(!text.contains("token") && !text.contains("pass@") && !text.contains('?'), "{text}");
}

#[test]
fn a_light_that_broke_says_when_on_every_page() {
    let broken = Snapshot { invariants: Invariants { black: Some(65.4), ..Invariants::default() }, ..figures() };
    for page in OverlayPage::ALL {
        assert!(text(page, &figures()).contains("held since the start"));
        assert!(text(page, &broken).contains("held          at 1:05"), "{}", text(page, &broken));
    }
}

#[test]
fn no_line_is_wider_than_the_sheet_and_none_comes_or_goes() {
    let huge = {
        let mut figures = figures();
        figures.swipes = Swipes { committed: 123_456, painted: 98_765_432, abandoned: 4_000_000_000, waiting: 1 };
        figures.network.bytes = Some(1 << 40);
        figures.video.painted = Some(123_456_789);
        figures
    };
    for page in OverlayPage::ALL {
        let lines =
            [figures(), huge, Snapshot { pipelines: figures().pipelines, cache: figures().cache, ..Snapshot::default() }].map(|figures| {
                let text = text(page, &figures);
                for line in text.lines() {
                    assert!(line.chars().count() <= COLUMNS, "{page:?}: {line:?}");
                }
                text.lines().count()
            });
        assert!(lines.iter().all(|count| *count == lines[0]), "{page:?}: {lines:?}");
    }
}

#[test]
fn pipelines_that_do_not_fit_are_counted() {
    let mut model = model();
    update(&mut model, Event::Intent(Intent::Page(OverlayPage::Pipelines)), ms(900));
    let rows = (0..9).map(|_| PipelineRow { stage: "prerolled", ..PipelineRow::default() }).collect();
    let stats = PoolStats { budget: 9, ..PoolStats::default() };
    update(&mut model, Event::Player(PlayerEvent::Pool { stats, rows }), ms(900));
    let facts = Facts { figures: Snapshot { pipelines: Pipelines { budget: 9, ..Pipelines::default() }, ..figures() }, ..Facts::default() };
    let write = |height| pages::write(&model, &facts, height, true, ms(1000)).text().to_owned();
    assert!(!write(HIGH).contains("more"));
    let low = write(330.0);
    let rows = low.matches("prerolled").count();
    assert!(rows >= 2 && low.contains(&format!("… and {} more", 9 - rows)), "{low}");
}

#[test]
fn every_colour_of_the_figures_can_be_read_over_a_white_picture() {
    let luminance = |color: Color32| {
        let [red, green, blue, _] = Rgba::from(color).to_array();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let ground = Color32::WHITE.blend(theme::PANEL);
    for ink in [theme::INK, theme::INK_SECOND, theme::ACCENT, theme::WARNING, theme::ERROR] {
        // As WCAG 2 defines it.
        let contrast = (luminance(ground.blend(ink)) + 0.05) / (luminance(ground) + 0.05);
        assert!(contrast >= 4.5, "{ink:?}: {contrast}");
    }
}
