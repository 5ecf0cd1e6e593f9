//! The pool under bursts of swipes: the budget holds, the last target wins, nothing is left over.

use std::time::{Duration, Instant};

use flickreel::player::gst::AudioChoice;
use flickreel::player::{Player, PlayerCommand, PlayerEvent};

use super::media;
use super::rig::{Clip, Gate, Manner, Rig};

const ITEMS: u64 = 12;
/// What `GLib`'s thread pools keep for a while, by their default.
const IDLE_THREADS_MAX: usize = 10;

fn feed(rig: &Rig) -> Vec<String> {
    let options = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";
    let bytes = media::pattern_with_tone("160x284", 2.0, 440, options, "mp4");
    let names: Vec<_> = (0..ITEMS).map(|index| format!("item {index}")).collect();
    for name in &names {
        rig.shelf.put(name, Clip::new(bytes.clone()));
    }
    names
}

/// The window −1 … +2 around `index`, with fresh generations for each round.
fn aim(rig: &Rig, names: &[String], index: u64, round: u64) {
    let at = |index: u64, playing| (names[usize::try_from(index % ITEMS).unwrap()].as_str(), 1 + round * 1000 + index, playing);
    rig.want(&[at(index, true), at(index + 1, false), at(index + 3, false), at(index + 2, false)]);
}

/// The names of this process's threads.
pub fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread may end between being listed and being asked.
    let mut names: Vec<_> = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok()).collect();
    names.sort();
    names
}

#[test]
fn rapid_swipes_end_on_the_last_item_and_never_break_the_budget() {
    let rig = Rig::new(6, AudioChoice::Silent);
    let names = feed(&rig);
    let (tick, begun) = (pause_of(Duration::from_millis(5)), Instant::now());
    let mut last = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        tick();
        last += 1;
        aim(&rig, &names, last, 0);
    }
    let current = 1 + last;
    rig.prerolled(current);
    rig.pictures(current, 5);
    let stats = rig.pool("the burst to settle", |stats| stats.playing == 1 && stats.prerolled == 3 && stats.tearing_down == 0);
    assert!(stats.peak <= 6, "{stats:?}");
    assert_eq!(stats.stuck, 0);
    rig.until("all figures within the budget", |events, _| {
        for event in events {
            if let PlayerEvent::Pool { stats, .. } = event {
                assert!(stats.live() <= 6, "{stats:?}");
            }
        }
        Some(())
    });
}

#[test]
fn three_hundred_pipelines_given_up_at_random_moments_leave_nothing() {
    // In a process of its own, because other tests have threads too.
    let tests = std::env::current_exe().unwrap();
    let mut alone = std::process::Command::new(tests);
    alone.args(["--exact", "player::pool::three_hundred_pipelines_in_a_process_of_their_own", "--ignored", "--nocapture"]);
    let output = alone.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by the test above"]
fn three_hundred_pipelines_in_a_process_of_their_own() {
    let rig = Rig::new(6, AudioChoice::Silent);
    let names = feed(&rig);
    aim(&rig, &names, 0, 0);
    rig.prerolled(1);
    rig.want(&[]);
    rig.pool("nothing", |stats| stats.live() == 0 && stats.opening == 0);
    let baseline = threads();
    let mut seed = 0x9e37_79b9_u64;
    for round in 1..=75 {
        aim(&rig, &names, round, round);
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        pause_of(Duration::from_micros((seed >> 33) % 40_000))();
        rig.want(&[]);
    }
    let stats = rig.pool("nothing", |stats| stats.live() == 0 && stats.opening == 0);
    assert_eq!(stats.stuck, 0);
    assert!(stats.peak <= 6, "{stats:?}");
    // Ends with the last pipeline.
    drop(rig);
    assert!(threads().len() <= baseline.len() + IDLE_THREADS_MAX, "{:?}; before: {baseline:?}", threads());
}

#[test]
fn a_pipeline_that_does_not_end_is_left_behind_and_the_others_go_on() {
    let rig = Rig::new(2, AudioChoice::Silent);
    let names = feed(&rig);
    let bytes = media::pattern("160x284", 2.0, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4");
    let gate = Gate::at(100);
    rig.shelf.put("stuck", Clip { gate: gate.clone(), manner: Manner::Deaf, ..Clip::new(bytes) });
    rig.want(&[("stuck", 1, true)]);
    rig.pool("the stuck one", |stats| stats.prerolling == 1);
    rig.want(&[(&names[0], 2, true), (&names[1], 3, false)]);
    // One place is left while the teardown is watched, and two when it is given up.
    rig.prerolled(2);
    rig.prerolled(3);
    rig.pool("one stuck", |stats| stats.stuck == 1 && stats.playing == 1 && stats.tearing_down == 0);
    rig.want(&[]);
    rig.pool("nothing", |stats| stats.live() == 0);
    gate.lift(u64::MAX);
}

#[test]
fn ending_the_player_releases_everything() {
    let rig = Rig::new(6, AudioChoice::Silent);
    let names = feed(&rig);
    aim(&rig, &names, 0, 0);
    rig.prerolled(1);
    rig.player.command(PlayerCommand::Shutdown).unwrap();
    rig.until("the last figures", |events, _| {
        let last = events.iter().rev().find_map(|event| if let PlayerEvent::Pool { stats, .. } = event { Some(*stats) } else { None });
        last.filter(|stats| stats.playing + stats.prerolled + stats.prerolling == 0)
    });
    drop(rig.player);
}

/// Waits for a span of time by waiting for news that never come.
pub fn pause_of(span: Duration) -> impl Fn() {
    let (sender, never) = std::sync::mpsc::sync_channel::<()>(1);
    move || {
        let _keep = &sender;
        let _ = never.recv_timeout(span);
    }
}
