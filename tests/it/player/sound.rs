//! What is heard, on a real sound server with a sink that goes nowhere.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flickreel::player::PlayerEvent;
use flickreel::player::gst::AudioChoice;
use flickreel::player::watch::Patience;
use tempfile::TempDir;

use super::ear::{Ear, HIGH, HIGH_HZ, LOW, LOW_HZ, RATE, Running, SILENCE, overlap_ms};
use super::media;
use super::rig::{Clip, Rig};

const SERVER_VARIABLE: &str = "PULSE_SERVER";
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a test of this file in a process of its own that finds a sound server of its own.
fn with_a_sound_server(test: &str) {
    with_a_sound_server_for(&format!("player::sound::{test}"));
}

/// The same for a test of any file.
pub fn with_a_sound_server_for(test: &str) {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("native");
    let mut server = Command::new("pulseaudio");
    server.args(["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-target=stderr", "--log-level=error"]);
    server.args(["-L", &format!("module-null-sink sink_name=nowhere rate={RATE} norewinds=1")]);
    server.args(["-L", &format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket.display())]);
    server.env("HOME", folder.path()).env("XDG_RUNTIME_DIR", folder.path()).env("PULSE_RUNTIME_PATH", folder.path());
    let server = Running(server.stderr(Stdio::null()).spawn().expect("these tests need the pulseaudio command"));
    let deadline = Instant::now() + PATIENCE;
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        assert!(Instant::now() < deadline, "the sound server does not answer");
        std::thread::yield_now();
    }
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args(["--exact", test, "--ignored", "--nocapture"]);
    alone.env(SERVER_VARIABLE, format!("unix:{}", socket.display())).env("SOUND_SERVER_PID", server.0.id().to_string());
    let output = alone.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    eprint!("{said}");
}

pub fn tone(hertz: u32) -> Clip {
    let options = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -ar 48000 -ac 2";
    Clip::new(media::pattern_with_tone("160x284", 2.0, hertz, options, "mp4"))
}

/// How many pipelines the player says could be heard at once.
pub fn audible(event: &PlayerEvent) -> Option<usize> {
    if let PlayerEvent::Pool { stats, .. } = event { Some(stats.audible) } else { None }
}

fn output(rig: &Rig) -> Option<String> {
    rig.until("the sound device", |events, _| {
        events.iter().find_map(|event| if let PlayerEvent::AudioOutput(name) = event { Some(name.clone()) } else { None })
    })
}

#[test]
fn after_a_swipe_only_the_new_item_is_heard_and_never_both() {
    with_a_sound_server("swipes");
}

#[test]
#[ignore = "run by the test above"]
fn swipes() {
    let ear = Ear::open();
    let rig = Rig::new(6, AudioChoice::Auto);
    assert_eq!(output(&rig).as_deref(), Some("PulseAudio"));
    rig.shelf.put("low", tone(LOW_HZ));
    rig.shelf.put("high", tone(HIGH_HZ));
    rig.want(&[("low", 1, true), ("high", 2, false)]);
    assert!(rig.prerolled(2).has_audio);
    let mut turns = vec![ear.until("the low tone", 30, |window| *window == LOW)];
    for _ in 0..4 {
        rig.want(&[("high", 2, true), ("low", 1, false)]);
        turns.push(ear.until("the high tone", 30, |window| *window == HIGH));
        rig.want(&[("low", 1, true), ("high", 2, false)]);
        turns.push(ear.until("the low tone", 30, |window| *window == LOW));
    }
    let windows = ear.windows();
    assert_eq!(overlap_ms(&windows), 0, "heard at once");
    // What the player says of itself agrees.
    let most = rig.until("figures", |events, _| events.iter().filter_map(audible).max());
    assert_eq!(most, 1);
    let silent = |pair: &[usize]| windows[pair[0]..pair[1]].iter().filter(|window| **window == SILENCE).count() * 10;
    eprintln!("silence at each swipe in ms: {:?}", turns.windows(2).map(silent).collect::<Vec<_>>());
}

#[test]
fn a_loop_is_heard_without_a_gap() {
    with_a_sound_server("loops");
}

#[test]
#[ignore = "run by the test above"]
fn loops() {
    let ear = Ear::open();
    let rig = Rig::new(6, AudioChoice::Auto);
    rig.shelf.put("low", tone(LOW_HZ));
    rig.want(&[("low", 1, true)]);
    let begun = ear.until("the low tone", 20, |window| *window == LOW);
    rig.until("two loops", |events, _| {
        (events.iter().filter(|event| matches!(event, PlayerEvent::Looped { .. })).count() >= 2).then_some(())
    });
    let windows = ear.windows();
    let gaps: Vec<_> = windows[begun..].split(|window| *window == LOW).map(<[_]>::len).filter(|length| *length > 0).collect();
    eprintln!("gaps in ms: {:?}", gaps.iter().map(|length| length * 10).collect::<Vec<_>>());
    // The coder's padding at both ends of the clip is silence, and is in the file.
    assert!(gaps.iter().all(|length| *length <= 8), "{gaps:?}");
}

#[test]
fn muting_and_pausing_are_heard_as_silence() {
    with_a_sound_server("silence");
}

#[test]
#[ignore = "run by the test above"]
fn silence() {
    let ear = Ear::open();
    let mut rig = Rig::new(6, AudioChoice::Auto);
    rig.shelf.put("low", tone(LOW_HZ));
    rig.want(&[("low", 1, true)]);
    ear.until("the low tone", 30, |window| *window == LOW);
    rig.muted = true;
    rig.want(&[("low", 1, true)]);
    ear.until("silence", 30, |window| *window == SILENCE);
    rig.pool("nothing to be heard", |stats| stats.playing == 1 && stats.audible == 0);
    rig.muted = false;
    rig.want(&[("low", 1, true)]);
    ear.until("the low tone again", 30, |window| *window == LOW);
    rig.pool("one to be heard", |stats| stats.audible == 1);
    rig.want(&[("low", 1, false)]);
    ear.until("silence", 30, |window| *window == SILENCE);
    rig.pool("nothing to be heard", |stats| stats.prerolled == 1 && stats.audible == 0);
    rig.want(&[("low", 1, true)]);
    ear.until("the low tone again", 30, |window| *window == LOW);
    rig.want(&[]);
    ear.until("silence", 30, |window| *window == SILENCE);
}

#[test]
fn sound_that_goes_on_behind_the_last_picture_is_not_taken_for_frozen() {
    with_a_sound_server("longer_than_the_picture");
}

#[test]
#[ignore = "run by the test above"]
fn longer_than_the_picture() {
    for ending in ["mp4", "mkv", "ts"] {
        let ear = Ear::open();
        let patience = Patience { frozen: Duration::from_secs(1), ..Patience::default() };
        let rig = Rig::with_patience(6, AudioChoice::Auto, patience);
        let inputs = format!("-f lavfi -i testsrc2=size=160x284:rate=30:duration=1 -f lavfi -i sine=frequency={LOW_HZ}:duration=4");
        let coding = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -ar 48000 -ac 2";
        rig.shelf.put("low", Clip::new(media::made(&format!("{inputs} {coding}"), ending)));
        rig.want(&[("low", 1, true)]);
        ear.until("three seconds of the tone", 300, |window| *window == LOW);
        rig.until("a loop", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Looped { .. })).then_some(()));
        rig.until("one pipeline for all that", |events, _| {
            let prerolls = events.iter().filter(|event| matches!(event, PlayerEvent::Prerolled { .. })).count();
            assert_eq!(prerolls, 1, "{ending}: {events:#?}");
            Some(())
        });
    }
}

#[test]
fn a_sound_server_that_dies_does_not_stop_the_picture() {
    with_a_sound_server("the_server_dies");
}

#[test]
#[ignore = "run by the test above"]
fn the_server_dies() {
    let rig = Rig::new(6, AudioChoice::Auto);
    rig.shelf.put("low", tone(LOW_HZ));
    rig.shelf.put("high", tone(HIGH_HZ));
    rig.want(&[("low", 1, true), ("high", 2, false)]);
    rig.prerolled(2);
    rig.pictures(1, 20);
    rig.forget();
    let server = std::env::var("SOUND_SERVER_PID").unwrap();
    assert!(Command::new("kill").args(["-KILL", &server]).status().unwrap().success());
    assert_eq!(output(&rig), None);
    rig.until("no failure", |events, _| {
        let failed = events.iter().find(|event| matches!(event, PlayerEvent::Failed { .. }));
        assert_eq!(failed, None);
        Some(())
    });
    rig.forget();
    rig.pictures(1, 40);
    rig.want(&[("high", 2, true), ("low", 1, false)]);
    rig.pictures(2, 40);
}

#[test]
fn a_device_that_is_pulled_out_leaves_the_picture_and_one_that_is_put_in_brings_the_sound_back() {
    with_a_sound_server("the_device_goes_and_comes");
}

#[test]
#[ignore = "run by the test above"]
fn the_device_goes_and_comes() {
    let pactl = |words: &[&str]| {
        let server = std::env::var(SERVER_VARIABLE).unwrap();
        assert!(Command::new("pactl").args(["-s", &server]).args(words).stdout(Stdio::null()).status().unwrap().success());
    };
    let ear = Ear::open();
    let rig = Rig::new(6, AudioChoice::Auto);
    rig.shelf.put("low", tone(LOW_HZ));
    rig.shelf.put("high", tone(HIGH_HZ));
    rig.want(&[("low", 1, true), ("high", 2, false)]);
    ear.until("the low tone", 30, |window| *window == LOW);
    drop(ear);
    for _ in 0..2 {
        rig.forget();
        pactl(&["unload-module", "module-null-sink"]);
        assert_eq!(output(&rig), None);
        rig.forget();
        rig.pictures(1, 40);
        pactl(&["load-module", "module-null-sink", "sink_name=nowhere", &format!("rate={RATE}"), "norewinds=1"]);
        assert_eq!(output(&rig).as_deref(), Some("PulseAudio"));
        let ear = Ear::open();
        ear.until("the low tone again", 30, |window| *window == LOW);
    }
    let ear = Ear::open();
    rig.want(&[("high", 2, true), ("low", 1, false)]);
    ear.until("the high tone of the item that was ready meanwhile", 30, |window| *window == HIGH);
    rig.until("no failure", |events, _| {
        assert!(!events.iter().any(|event| matches!(event, PlayerEvent::Failed { .. })), "{events:#?}");
        Some(())
    });
}
