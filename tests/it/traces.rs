//! Traces and recordings of the real program: what they hold, and that a recording does again what was done.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use flickreel::replay::{KeyName, Script, Step};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::desktop::{Display, Program, text, until};
use crate::support::origin::Service;

/// Times in a trace have nanoseconds behind the point; a sum of two may be off by less than this many microseconds.
const ROUNDING: f64 = 0.01;

/// Short clips of one colour each.
fn hues() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("media");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/make-media.sh");
    assert!(Command::new(script).arg(&folder).status().unwrap().success(), "the test media could not be made");
    folder.join("hues")
}

fn write(folder: &TempDir, name: &str, script: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, script).unwrap();
    path
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The events of a trace, each with the fields that its kind has to have.
fn events(trace: &Value) -> Vec<&Value> {
    let events: Vec<_> = trace["traceEvents"].as_array().unwrap().iter().collect();
    for event in &events {
        let is_number = |name: &str| event[name].as_f64().is_some_and(|number| number >= 0.0);
        assert!(event["name"].is_string() && is_number("pid") && is_number("tid") && is_number("ts"), "{event}");
        match event["ph"].as_str().unwrap() {
            "X" => assert!(is_number("dur") && event["cat"].is_string(), "{event}"),
            "b" | "e" | "n" => assert!(event["id"].is_string() && event["cat"].is_string(), "{event}"),
            "C" => assert!(event["args"]["value"].is_u64(), "{event}"),
            "M" => assert!(event["args"]["name"].is_string(), "{event}"),
            other => panic!("{other}: {event}"),
        }
    }
    events
}

/// What keeps one thread busy lies in each other or one after the other, and each of these threads has a name.
fn check_threads(events: &[&Value]) {
    let mut threads: HashMap<u64, Vec<(f64, f64, &str)>> = HashMap::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let (begin, length) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
        threads.entry(event["tid"].as_u64().unwrap()).or_default().push((begin, begin + length, event["name"].as_str().unwrap()));
    }
    for (thread, mut work) in threads {
        assert!(events.iter().any(|event| event["name"] == "thread_name" && event["tid"] == thread), "thread {thread} has no name");
        work.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut around: Vec<(f64, f64, &str)> = Vec::new();
        for one in work {
            while around.last().is_some_and(|outer| outer.1 <= one.0 + ROUNDING) {
                around.pop();
            }
            if let Some(outer) = around.last() {
                assert!(one.1 <= outer.1 + ROUNDING, "{one:?} overlaps {outer:?} on thread {thread}");
            }
            around.push(one);
        }
    }
}

/// Each beginning has its end, in each other, under one category and number.
fn check_pairs(events: &[&Value]) {
    let mut pairs: Vec<_> = events.iter().filter(|event| matches!(event["ph"].as_str(), Some("b" | "n" | "e"))).collect();
    pairs.sort_by(|a, b| a["ts"].as_f64().unwrap().total_cmp(&b["ts"].as_f64().unwrap()));
    let mut open: HashMap<(&str, &str), Vec<&Value>> = HashMap::new();
    for event in pairs {
        let stack = open.entry((event["cat"].as_str().unwrap(), event["id"].as_str().unwrap())).or_default();
        match event["ph"].as_str().unwrap() {
            "b" => stack.push(&event["name"]),
            "e" => assert_eq!(stack.pop(), Some(&event["name"]), "{event}"),
            _ => assert!(!stack.is_empty(), "{event}"),
        }
    }
    for (whose, stack) in open {
        assert!(stack.is_empty(), "{whose:?}: {stack:?} never ends");
    }
}

/// Which way the swipes of a trace went, in order.
fn ways(trace: &Value) -> Vec<&'static str> {
    let swipes = events(trace).into_iter().filter(|event| event["cat"] == "swipe" && event["ph"] == "b");
    let mut swipes: Vec<_> = swipes.map(|event| (event["ts"].as_f64().unwrap(), event["name"].as_str().unwrap())).collect();
    swipes.sort_by(|a, b| a.0.total_cmp(&b.0));
    swipes.into_iter().map(|(_, name)| if name.contains("next") { "next" } else { "prev" }).collect()
}

#[test]
fn a_trace_of_a_replay_holds_frames_downloads_decoding_uploads_states_and_swipes() {
    let work = TempDir::new().unwrap();
    let script =
        write(&work, "short.toml", "steps = ['wait 1s', { repeat = 3, steps = ['swipe next', 'wait 1s'] }, 'swipe prev', 'wait 1s']");
    let service = Service::start(&hues());
    let file = work.path().join("trace.json");
    let display = Display::start();
    let mut program = Program::start(&display, &["replay", text(&script), &service.feed(), "--window", "450x800", "--trace", text(&file)]);
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    let trace = json(&file);
    let events = events(&trace);
    check_threads(&events);
    check_pairs(&events);
    for (ph, name) in [("X", "frame"), ("X", "upload"), ("X", "decode"), ("X", "make picture"), ("b", "media"), ("b", "page")] {
        assert!(events.iter().any(|event| event["ph"] == ph && event["name"] == name), "no {name}");
    }
    let ended = |event: &&&Value| event["name"] == "media" && event["ph"] == "e" && event["args"]["bytes"].as_u64() > Some(0);
    assert!(events.iter().find(ended).is_some(), "no download that brought anything");
    assert!(events.iter().any(|event| event["ph"] == "n" && event["name"] == "first byte"));
    for (category, state) in
        [("item", "loading"), ("item", "ready"), ("item", "playing"), ("pipeline", "prerolled"), ("pipeline", "playing")]
    {
        assert!(events.iter().any(|event| event["cat"] == category && event["name"] == state), "no {category} was {state}");
    }
    assert_eq!(ways(&trace), ["next", "next", "next", "prev"]);
    // A download and the item it is for have the same name. Some are for items further ahead, which have no track yet.
    let items = || events.iter().filter(|event| event["cat"] == "item").filter_map(|event| event["name"].as_str());
    let downloads = || events.iter().filter(|event| event["name"] == "media").filter_map(|event| event["args"]["item"].as_str());
    assert!(downloads().any(|item| items().any(|name| name.strip_prefix("item ") == Some(item))), "no download is for a known item");
    let whole = std::fs::read_to_string(&file).unwrap();
    assert!(!whole.contains("http") && !whole.contains(".mp4") && !whole.contains(service.address()), "an address is in the trace");
}

#[test]
fn a_recording_of_a_session_swipes_the_same_ways_again() {
    let work = TempDir::new().unwrap();
    let script = write(
        &work,
        "session.toml",
        "steps = ['wait 1s', 'swipe next', 'wait 1s', 'drag -400px over 120ms', 'wait 1s', 'wheel -1', 'wait 1s', 'fling 1', \
         'wait 1s', 'key-down ArrowUp', 'wait 40ms', 'key-up ArrowUp', 'wait 1s']",
    );
    let (recorded, first, second) = (work.path().join("recorded.toml"), work.path().join("first.json"), work.path().join("second.json"));
    let hues = hues();
    let display = Display::start();
    let words = ["replay", text(&script), text(&hues), "--window", "450x800", "--record", text(&recorded), "--trace", text(&first)];
    let (status, said) = Program::start(&display, &words).wait();
    assert!(status.success(), "{said}");
    assert_eq!(ways(&json(&first)), ["next", "next", "prev", "next", "prev"]);
    let script = Script::find(text(&recorded)).unwrap();
    assert_eq!((script.source, script.window), (vec![text(&hues).to_owned()], Some((450, 800))));
    // Neither the source nor the window is said again.
    let (status, said) = Program::start(&display, &["replay", text(&recorded), "--trace", text(&second)]).wait();
    assert!(status.success(), "{said}");
    assert_eq!(ways(&json(&second)), ways(&json(&first)));
}

#[test]
fn what_was_done_before_a_kill_is_in_the_recording() {
    let work = TempDir::new().unwrap();
    let recorded = work.path().join("recorded.toml");
    let hues = hues();
    let display = Display::start();
    let program = Program::start(&display, &["--window", "450x800", "--record", text(&recorded), text(&hues)]);
    let holds = |word: &str| until(|| std::fs::read_to_string(&recorded).is_ok_and(|text| text.contains(word)));
    assert!(holds("window = "), "the first picture begins the recording");
    display.focus();
    display.key("Down");
    assert!(holds("ArrowDown"));
    display.key("m");
    assert!(holds(" M\""));
    program.kill();
    let steps = Script::find(text(&recorded)).unwrap().steps;
    let keys: Vec<_> =
        steps.iter().filter_map(|step| if let Step::Key(key) | Step::KeyDown(key) = step { Some(key) } else { None }).collect();
    assert_eq!(keys, [&KeyName::plain("ArrowDown"), &KeyName::plain("M")]);
}
