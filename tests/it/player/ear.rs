//! What is heard: the recorded monitor of a sink that goes nowhere, told apart by two tones.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

pub const RATE: usize = 48_000;
/// 10 ms: both tones have whole periods in it, so neither is seen in the other's place.
const WINDOW: usize = RATE / 100;
const WINDOW_MS: usize = 10;
pub const LOW_HZ: u32 = 500;
pub const HIGH_HZ: u32 = 1500;
const PATIENCE: Duration = Duration::from_secs(30);

/// Ends a program when the test ends.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is heard, as samples.
pub struct Ear {
    samples: Arc<(Mutex<Vec<i16>>, Condvar)>,
    _recorder: Running,
}

impl Ear {
    pub fn open() -> Self {
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
    pub fn until(&self, what: &str, windows: usize, wanted: impl Fn(&Window) -> bool) -> usize {
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

    pub fn windows(&self) -> Vec<Window> {
        heard(&self.samples.0.lock().unwrap())
    }
}

/// 10 ms of sound: which of the two tones is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub low: bool,
    pub high: bool,
}

pub const SILENCE: Window = Window { low: false, high: false };
pub const LOW: Window = Window { low: true, high: false };
pub const HIGH: Window = Window { low: false, high: true };

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

/// For how long both tones were heard, in milliseconds. The end of one and the beginning of the other may fall into one
/// window, two can not: a single one counts for nothing.
pub fn overlap_ms(windows: &[Window]) -> usize {
    let both = windows.split(|window| !(window.low && window.high)).map(<[_]>::len);
    both.filter(|length| *length > 1).sum::<usize>() * WINDOW_MS
}

#[test]
fn an_overlap_is_as_long_as_both_are_heard_and_a_turn_is_none() {
    const BOTH: Window = Window { low: true, high: true };
    assert_eq!(overlap_ms(&[LOW, LOW, HIGH, SILENCE, LOW]), 0);
    assert_eq!(overlap_ms(&[LOW, BOTH, HIGH, BOTH, LOW]), 0);
    assert_eq!(overlap_ms(&[BOTH, BOTH, HIGH, BOTH, LOW, BOTH, BOTH, BOTH]), 50);
}
