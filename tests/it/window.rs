//! The real window on a display of its own, driven by real key presses and looked at from outside.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::desktop::{Display, Program, alike, command, text, until};
use crate::support::origin::Service;

/// Channels of a colour on the screen may be off by this much: the encoder rounds, so does the shader.
const TOLERANCE: u8 = 14;

/// Waits until the screen shows `color`.
fn seen(display: &Display, color: [u8; 3]) -> bool {
    let seen = until(|| alike(display.middle(), color, TOLERANCE));
    if !seen {
        eprintln!("the screen shows {:?}, not {color:?}", display.middle());
    }
    seen
}

/// The test media: a folder with `good`, `damaged` and `hues`.
fn media() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("media");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/make-media.sh");
    assert!(Command::new(script).arg(&folder).status().unwrap().success(), "the test media could not be made");
    folder
}

/// Clips of one colour each, and their colours.
fn colours(folder: &TempDir) -> Vec<[u8; 3]> {
    let colours = [[200, 40, 40], [40, 180, 60], [50, 70, 210], [200, 180, 40]];
    for (index, [red, green, blue]) in colours.iter().enumerate() {
        let source = format!("color=c=0x{red:02x}{green:02x}{blue:02x}:size=360x640:rate=30:duration=2");
        let tone = format!("sine=frequency={}:duration=2", 300 + 100 * index);
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source, "-f", "lavfi", "-i", &tone])
            .args(["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"])
            .args(["-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "-movflags", "+faststart"])
            .arg(folder.path().join(format!("{index}.mp4")))
            .status()
            .expect("these tests need the ffmpeg command");
        assert!(status.success());
    }
    colours.to_vec()
}

#[test]
fn keys_swipe_through_a_folder_and_the_screen_shows_each_clip() {
    let folder = TempDir::new().unwrap();
    let colours = colours(&folder);
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", text(folder.path())]);
    assert!(seen(&display, colours[0]), "the first clip");
    display.focus();
    for color in &colours[1..] {
        display.key("Down");
        assert!(seen(&display, *color), "the next clip");
    }
    display.key("k");
    assert!(seen(&display, colours[2]), "back by one");
    display.key("Home");
    assert!(seen(&display, colours[0]), "the first again");
    assert!(program.is_alive());
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn the_wheel_moves_one_item_a_notch_and_the_last_source_is_remembered() {
    let folder = TempDir::new().unwrap();
    let colours = colours(&folder);
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", text(folder.path())]);
    assert!(seen(&display, colours[0]));
    display.focus();
    display.xdotool(&["mousemove", "225", "400", "click", "5"]);
    assert!(seen(&display, colours[1]));
    display.xdotool(&["click", "4"]);
    assert!(seen(&display, colours[0]));
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    let remembered = std::fs::read_to_string(program.home.path().join("state/flickreel/state.toml")).unwrap();
    assert!(remembered.contains(text(folder.path())), "{remembered}");
}

#[test]
fn without_a_network_the_last_feed_is_there_and_plays() {
    let folder = TempDir::new().unwrap();
    let colours = colours(&folder);
    let service = Service::start(folder.path());
    let display = Display::start();
    let program = Program::start(&display, &["--window", "450x800", &service.feed()]);
    assert!(seen(&display, colours[0]), "the first clip");
    display.focus();
    for color in &colours[1..] {
        display.key("Down");
        assert!(seen(&display, *color), "the next clip");
    }
    display.key("q");
    drop(service);
    // No word says what to show: the feed is remembered, and so is what was in it.
    let mut program = program.start_again(&display, &["--window", "450x800", "--from-start"]);
    assert!(seen(&display, colours[0]), "the first clip, from disk");
    display.focus();
    for color in &colours[1..] {
        display.key("Down");
        assert!(seen(&display, *color), "the next clip, from disk");
    }
    assert!(program.is_alive());
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn a_replay_over_a_real_server_shows_every_item_and_keeps_its_bounds() {
    let media = media();
    let work = TempDir::new().unwrap();
    let script = work.path().join("short.toml");
    std::fs::write(
        &script,
        "steps = [\"wait 1s\", { repeat = 6, steps = [\"swipe next\", \"wait 700ms\"] }, \"fling 2\", \"wait 700ms\", \
         { repeat = 3, steps = [\"swipe prev\", \"wait 200ms\"] }, \"wait 1s\", \"drag -300px over 120ms\", \"wait 1500ms\"]\n\
         [thresholds]\nblack_frames = 0\nstuck = 0\npipelines_over_budget = 0\nwaiting = 0\nfailures = 0\n\
         disk_over_cap_bytes = 0\nswipes_min = 12\n",
    )
    .unwrap();
    let service = Service::start(&media.join("hues"));
    let report = work.path().join("report.json");
    let display = Display::start();
    let mut program =
        Program::start(&display, &["replay", text(&script), &service.feed(), "--window", "450x800", "--report", text(&report)]);
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["display"]["black_frames"], 0);
    assert!(report["swipes"]["painted"].as_u64().unwrap() >= 11, "{report:#}");
    assert!(report["network"]["bytes"].as_u64().unwrap() > 0);
    assert!(report["cache"]["disk_peak_bytes"].as_u64().unwrap() <= report["cache"]["cap_bytes"].as_u64().unwrap());
    assert!(report["pipelines"]["peak"].as_u64().unwrap() <= report["pipelines"]["budget"].as_u64().unwrap());
}

#[test]
fn a_folder_full_of_damaged_files_costs_their_own_tiles_and_nothing_else() {
    let media = media();
    let work = TempDir::new().unwrap();
    let script = work.path().join("walk.toml");
    let items = std::fs::read_dir(media.join("damaged")).unwrap().count();
    std::fs::write(
        &script,
        format!(
            "steps = [\"wait 500ms\", {{ repeat = {items}, steps = [\"swipe next\", \"wait 400ms\"] }}, \"wait 2s\"]\n\
             [thresholds]\nblack_frames = 0\nstuck = 0\npipelines_over_budget = 0\n"
        ),
    )
    .unwrap();
    let good = media.join("hues/00.mp4");
    let good = if good.exists() { good } else { std::fs::read_dir(media.join("hues")).unwrap().next().unwrap().unwrap().path() };
    let folder = TempDir::new().unwrap();
    std::os::unix::fs::symlink(&good, folder.path().join("00-good.mp4")).unwrap();
    for entry in std::fs::read_dir(media.join("damaged")).unwrap() {
        let entry = entry.unwrap();
        std::os::unix::fs::symlink(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "not a video").unwrap();
    let display = Display::start();
    let report = work.path().join("report.json");
    let mut program = Program::start(&display, &["replay", text(&script), text(folder.path()), "--report", text(&report)]);
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn a_feed_that_is_not_there_leaves_a_window_that_answers() {
    let display = Display::start();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut program = Program::start(&display, &["--window", "450x800", &format!("http://{address}/feed/videos")]);
    assert!(until(|| display.has_window()), "a window");
    display.focus();
    display.key("Down");
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn a_program_that_runs_answers_for_its_cache_and_leaves_no_socket() {
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800"]);
    let sockets = program.home.path().join("run/flickreel");
    let listens = |to: &str| {
        let names = std::fs::read_dir(&sockets).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names.into_iter().any(|name| name.to_string_lossy().starts_with(to))
    };
    assert!(until(|| display.has_window() && listens("cache-") && listens("window-")), "a window that listens");
    let asked = command(program.home.path()).args(["cache", "stats", "--json"]).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let told: serde_json::Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!((&told["reply"], told["cap_bytes"].as_u64()), (&"stats".into(), Some(100 << 20)));
    assert!(program.is_alive());
    display.focus();
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    assert!(!listens(""));
}

#[test]
fn a_replay_of_nothing_playable_says_so_with_status_2() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a video").unwrap();
    let display = Display::start();
    let mut program = Program::start(&display, &["replay", "browse", text(folder.path())]);
    let (status, said) = program.wait();
    assert_eq!(status.code(), Some(2), "{said}");
}
