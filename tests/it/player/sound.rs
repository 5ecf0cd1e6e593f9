//! What is heard, on a real sound server with a sink that goes nowhere.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use flickreel::player::PlayerEvent;
use flickreel::player::gst::AudioChoice;
use flickreel::player::watch::Patience;
use tempfile::TempDir;

use super::media;
use super::rig::{Clip, Rig};

const SERVER_VARIABLE: &str = "PULSE_SERVER";
const RATE: usize = 48_000;
/// 10 ms: both tones have whole periods in it, so neither is seen in the other's place.
const WINDOW: usize = RATE / 100;
const LOW_HZ: u32 = 500;
const HIGH_HZ: u32 = 1500;
const PATIENCE: Duration = Duration::from_secs(30);

/// Ends a program when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

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

/// What is heard, as samples.
struct Ear {
    samples: Arc<(Mutex<Vec<i16>>, Condvar)>,
    _recorder: Running,
}

impl Ear {
    fn open() -> Self {
        let mut recorder = Command::new("parecord");
        recorder.args(["--device=nowhere.monitor", "--raw", "--format=s16le", "--channels=1", "--latency-msec=10"]);
        recorder.arg(format!("--rate={RATE} norewinds=1")).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut recorder = Running(recorder.spawn().expect("these tests need the parecord command"));
        let mut pipe = recorder.0.stdout.take().unwrap();
        let samples = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let heard = Arc::clone(&samples);
        let listen = move || {
            let mut bytes = [0; 2 * WINDOW];
            while pipe.read_exact(&mut bytes).is_ok() {
                let samples = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                heard.0.lock().unwrap().extend(samples);
                heard.1.notify_all();
            }
        };
        std::thread::Builder::new().name("ear".to_owned()).spawn(listen).unwrap();
        Self { samples, _recorder: recorder }
    }

    /// Waits until the last windows are all as wanted; how many windows there are then.
    fn until(&self, what: &str, windows: usize, wanted: impl Fn(&Window) -> bool) -> usize {
        let deadline = Instant::now() + PATIENCE;
        let mut samples = self.samples.0.lock().unwrap();
        loop {
            let heard = heard(&samples);
            if heard.len() >= windows && heard[heard.len() - windows..].iter().all(&wanted) {
                return heard.len();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what} was not heard");
            samples = self.samples.1.wait_timeout(samples, left).unwrap().0;
        }
    }

    fn windows(&self) -> Vec<Window> {
        heard(&self.samples.0.lock().unwrap())
    }
}

/// 10 ms of sound: which of the two tones is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    low: bool,
    high: bool,
}

const SILENCE: Window = Window { low: false, high: false };
const LOW: Window = Window { low: true, high: false };
const HIGH: Window = Window { low: false, high: true };

fn heard(samples: &[i16]) -> Vec<Window> {
    // A tenth of the loudness of ffmpeg's tone, which is an eighth of full scale.
    let loud = |samples: &[i16], hertz| strength(samples, hertz) > 400.0;
    samples.chunks_exact(WINDOW).map(|samples| Window { low: loud(samples, LOW_HZ), high: loud(samples, HIGH_HZ) }).collect()
}

/// The amplitude of one tone (Goertzel's algorithm).
fn strength(samples: &[i16], hertz: u32) -> f64 {
    let (count, rate) = (f64::from(u32::try_from(samples.len()).unwrap()), f64::from(u32::try_from(RATE).unwrap()));
    let turn = std::f64::consts::TAU * f64::from(hertz) / rate;
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        let next = f64::from(*sample) + 2.0 * turn.cos() * last - before;
        (before, last) = (last, next);
    }
    (last * last + before * before - 2.0 * turn.cos() * last * before).max(0.0).sqrt() * 2.0 / count
}

fn tone(hertz: u32) -> Clip {
    let options = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -ar 48000 -ac 2";
    Clip::new(media::pattern_with_tone("160x284", 2.0, hertz, options, "mp4"))
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
    // The end of one and the beginning of the other may fall into one window, two can not.
    let both = windows.windows(2).filter(|pair| pair.iter().all(|window| window.low && window.high)).count();
    assert_eq!(both, 0, "heard at once");
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
    rig.muted = false;
    rig.want(&[("low", 1, true)]);
    ear.until("the low tone again", 30, |window| *window == LOW);
    rig.want(&[("low", 1, false)]);
    ear.until("silence", 30, |window| *window == SILENCE);
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
