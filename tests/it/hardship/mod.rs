//! The real program over poor lines and through feeds with faults: what it keeps up, measured by its own report and
//! by a look at its process.
//!
//! The short tests always run. The long ones are for a person to start, with an optimised build, on a machine that
//! does nothing else; they print all figures, kept or not.

mod feeds;
mod lines;
mod watch;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::endurance::corpus::{Corpus, Shape};
use crate::support::desktop::{Display, Program, text};
use crate::support::origin::Service;
use crate::support::relay::{Line, Relay};
use watch::{Sample, Watch};

/// Clips of about 1.2 MB.
const CLIPS: Shape = Shape { clips: 6, seconds: 8, kilobits: 1100, size: "720x1280" };
/// Clips that are made and played quickly, for tests that always run.
const SMALL_CLIPS: Shape = Shape { clips: 4, seconds: 2, kilobits: 4000, size: "360x640" };
/// No run takes this long but one that hangs.
const HANGS_AFTER: Duration = Duration::from_mins(15);

/// A feed with faults, and maybe a slow line to it.
struct Feed {
    service: Service,
    relay: Option<Relay>,
}

impl Feed {
    /// A feed of these clips; the words are those of `flickreel-server faults`.
    fn of(shape: Shape, words: &[&str]) -> Self {
        let corpus = Corpus::of(shape);
        eprintln!("{} clips, {} bytes each in the mean; {}", shape.clips, corpus.bytes() / shape.clips as u64, words.join(" "));
        Self { service: Service::faults(&corpus.folder, words), relay: None }
    }

    /// The same at the other end of a line.
    fn over(self, line: Line) -> Self {
        Self { relay: Some(Relay::start(self.socket(), line)), ..self }
    }

    /// All items with their faults and how often each was asked for.
    fn items(&self) -> Vec<Value> {
        let mut stream = TcpStream::connect(self.socket()).unwrap();
        stream.write_all(b"GET /faults HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn socket(&self) -> SocketAddr {
        self.service.address().trim_start_matches("http://").parse().unwrap()
    }

    fn address(&self) -> String {
        self.relay.as_ref().map_or_else(|| self.service.feed(), |relay| format!("http://{}/feed/videos", relay.address()))
    }
}

/// A script that was played to its end.
struct Played {
    status: ExitStatus,
    report: Value,
    samples: Vec<Sample>,
}

/// Plays a script; `more` are words for the program, and `meanwhile` is called again and again with the time since
/// the start.
///
/// # Panics
/// When there is no report at the end, or no end.
fn play(script: &str, feed: &Feed, more: &[&str], mut meanwhile: impl FnMut(Duration)) -> Played {
    let work = tempfile::tempdir().unwrap();
    let (cache, written) = (work.path().join("cache"), work.path().join("report.json"));
    let address = feed.address();
    let display = Display::start();
    let words = ["replay", script, &address, "--window", "450x800", "--mute", "--cache-dir", text(&cache), "--report", text(&written)];
    let began = Instant::now();
    let mut program = Program::start(&display, &[&words, more].concat());
    let mut watch = Watch::new(program.id(), began);
    while program.is_alive() {
        assert!(began.elapsed() < HANGS_AFTER, "it hangs: {}", program.said());
        watch.wait_and_look();
        meanwhile(began.elapsed());
    }
    let (status, said) = program.wait();
    // A service that has gone fails everything, and says nothing of the program.
    assert!(!feed.items().is_empty());
    let carried = feed.relay.as_ref().map(Relay::carried);
    eprintln!("{said}{status}; carried by the line: {carried:?} bytes");
    let report = std::fs::read(&written).unwrap_or_else(|err| panic!("{err}: {status}: {said}"));
    let report: Value = serde_json::from_slice(&report).unwrap();
    eprintln!("swipes {}, preload {}, video {}", report["swipes"], report["preload"], report["video"]);
    Played { status, report, samples: watch.samples }
}

/// The same with a script of one's own.
fn play_steps(name: &str, steps: &str, feed: &Feed, more: &[&str], meanwhile: impl FnMut(Duration)) -> Played {
    let work = tempfile::tempdir().unwrap();
    let script: &Path = &work.path().join(name);
    std::fs::write(script, steps).unwrap();
    play(text(script), feed, more, meanwhile)
}

impl Played {
    /// A figure by its path in the report.
    fn figure(&self, path: &str) -> f64 {
        let found = self.report.pointer(path).and_then(Value::as_f64);
        found.unwrap_or_else(|| panic!("{path} in {:#}", self.report))
    }

    /// Items that failed, as the report names them.
    fn failures(&self) -> Vec<&str> {
        self.report["failures"].as_array().unwrap().iter().map(|failure| failure.as_str().unwrap()).collect()
    }

    /// Thresholds of the script that did not hold.
    fn violations(&self) -> Vec<&str> {
        self.report["violations"].as_array().unwrap().iter().map(|sentence| sentence.as_str().unwrap()).collect()
    }
}
