//! A trace as Chrome's trace event JSON, which ui.perfetto.dev and `chrome://tracing` open.
//!
//! What keeps a thread busy is a complete event (`X`) on that thread. What lasts beside it (a request, the state of an
//! item, a swipe) is an asynchronous pair (`b`, `e`) with a number: it may begin on one thread, end on another, and
//! overlap with anything. The crate `tracing-chrome` writes spans of `tracing` in one of these two ways, not in both,
//! through a channel without a bound and from its start on; this is written from what was kept, when it is asked for.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::{How, Record, Taken, What};

/// Writes `taken` as one JSON object; `program` names it and its version.
///
/// # Errors
/// What the writer said.
pub fn write(taken: &Taken, program: &str, out: &mut impl Write) -> io::Result<()> {
    let mut trace = Trace { out, written: 0, pid: std::process::id(), until: taken.until, open: BTreeMap::new() };
    write!(trace.out, "{{\"displayTimeUnit\":\"ms\",\"otherData\":")?;
    serde_json::to_writer(&mut *trace.out, &json!({ "program": program, "dropped": taken.dropped }))?;
    write!(trace.out, ",\"traceEvents\":[")?;
    trace.metadata(taken, program)?;
    for record in &taken.records {
        trace.record(record)?;
    }
    trace.close()?;
    writeln!(trace.out, "\n]}}")
}

/// What is under way and has not ended yet.
struct Open {
    thread: u32,
    name: String,
    /// The state it is in, of what has states.
    state: Option<&'static str>,
}

struct Trace<'a, W> {
    out: &'a mut W,
    written: u64,
    pid: u32,
    until: Duration,
    open: BTreeMap<(What, u64), Open>,
}

impl<W: Write> Trace<'_, W> {
    fn event(&mut self, event: &Value) -> io::Result<()> {
        self.out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
        self.written += 1;
        serde_json::to_writer(&mut *self.out, event).map_err(io::Error::from)
    }

    fn metadata(&mut self, taken: &Taken, program: &str) -> io::Result<()> {
        let pid = self.pid;
        self.event(&json!({ "ph": "M", "name": "process_name", "pid": pid, "tid": 0, "ts": 0, "args": { "name": program } }))?;
        for (thread, name) in &taken.threads {
            // The window's thread has no name of its own.
            let name = if name == "main" { "UI (main)" } else { name };
            self.event(&json!({ "ph": "M", "name": "thread_name", "pid": pid, "tid": thread, "ts": 0, "args": { "name": name } }))?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        let Record { at, thread, what, id, how } = *record;
        match how {
            How::Work { took, amount } => {
                let args = match what {
                    What::Frame => json!({ "moving": amount > 0 }),
                    What::Upload => json!({ "pictures": amount }),
                    _ => json!({ "assignment": id }),
                };
                self.event(&json!({
                    "ph": "X", "name": name(what), "cat": category(what), "pid": self.pid, "tid": thread,
                    "ts": us(at), "dur": us(took), "args": args,
                }))
            }
            How::Lasted { took, name } => {
                self.pair("b", record, at, name, &json!({ "ms": took.as_secs_f64() * 1000.0 }))?;
                self.pair("e", record, at + took, name, &json!({}))
            }
            How::Begun { item } => {
                self.pair("b", record, at, name(what), &json!({ "item": hex(item) }))?;
                self.open.insert((what, id), Open { thread, name: name(what).to_owned(), state: None });
                self.count(what, at)
            }
            // Of what lost its beginning to newer records nothing is told.
            How::Step(step) if self.open.contains_key(&(what, id)) => self.pair("n", record, at, step, &json!({})),
            How::Ended { bytes, outcome } if self.open.remove(&(what, id)).is_some() => {
                self.pair("e", record, at, name(what), &json!({ "bytes": bytes, "outcome": outcome }))?;
                self.count(what, at)
            }
            How::State { state, of } => self.state(record, state, of),
            How::Gone => match self.open.remove(&(what, id)) {
                Some(open) => self.end(record, &open),
                None => Ok(()),
            },
            How::Step(_) | How::Ended { .. } => Ok(()),
        }
    }

    /// The first state opens a track; each is a slice in it.
    fn state(&mut self, record: &Record, state: &'static str, of: u64) -> io::Result<()> {
        let whose = (record.what, record.id);
        let before = self.open.get_mut(&whose).map(|open| open.state.replace(state));
        if before.is_none() {
            let name = match record.what {
                What::Pipeline => format!("pipeline {}", record.id),
                _ => format!("item {}", hex(record.id)),
            };
            self.pair("b", record, record.at, &name, &json!({}))?;
            self.open.insert(whose, Open { thread: record.thread, name, state: Some(state) });
        }
        if let Some(before) = before.flatten() {
            self.pair("e", record, record.at, before, &json!({}))?;
        }
        self.pair("b", record, record.at, state, &json!({ "assignment": of }))?;
        self.count(record.what, record.at)
    }

    fn end(&mut self, record: &Record, open: &Open) -> io::Result<()> {
        if let Some(state) = open.state {
            self.pair("e", record, record.at, state, &json!({}))?;
        }
        self.pair("e", record, record.at, &open.name, &json!({}))?;
        self.count(record.what, record.at)
    }

    /// What is still under way ends with the trace.
    fn close(&mut self) -> io::Result<()> {
        for ((what, id), open) in std::mem::take(&mut self.open) {
            let record = Record { at: self.until, thread: open.thread, what, id, how: How::Gone };
            self.end(&record, &open)?;
        }
        Ok(())
    }

    /// How many requests are under way, or pipelines there are, as a curve.
    fn count(&mut self, what: What, at: Duration) -> io::Result<()> {
        let (name, value) = match category(what) {
            "download" => ("requests under way", self.open.keys().filter(|(what, _)| category(*what) == "download").count()),
            "pipeline" => {
                // One whose bytes are still waited for has no pipeline yet.
                let built = |((what, _), open): &(&(What, u64), &Open)| *what == What::Pipeline && open.state != Some("opening");
                ("pipelines", self.open.iter().filter(built).count())
            }
            _ => return Ok(()),
        };
        self.event(&json!({ "ph": "C", "name": name, "pid": self.pid, "tid": 0, "ts": us(at), "args": { "value": value } }))
    }

    fn pair(&mut self, ph: &str, record: &Record, at: Duration, name: &str, args: &Value) -> io::Result<()> {
        self.event(&json!({
            "ph": ph, "name": name, "cat": category(record.what), "id": format!("{:#x}", record.id), "pid": self.pid,
            "tid": record.thread, "ts": us(at), "args": args,
        }))
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::Frame => "frame",
        What::Upload => "upload",
        What::Decode => "decode",
        What::Picture => "make picture",
        What::Media => "media",
        What::Page => "page",
        What::Poster => "poster",
        What::Captions => "captions",
        What::Item => "item",
        What::Pipeline => "pipeline",
        What::Swipe => "swipe",
    }
}

fn category(what: What) -> &'static str {
    match what {
        What::Frame | What::Upload => "ui",
        What::Decode | What::Picture => "video",
        What::Media | What::Page | What::Poster | What::Captions => "download",
        What::Item => "item",
        What::Pipeline => "pipeline",
        What::Swipe => "swipe",
    }
}

/// Microseconds, which is what the format counts in; with nanoseconds behind the point, so that what lies in each other
/// still does.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a hundred days")]
fn us(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1000.0
}

/// A hash as text: numbers of 64 bits are too large for JavaScript.
fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn record(at: u64, what: What, id: u64, how: How) -> Record {
        Record { at: ms(at), thread: 3, what, id, how }
    }

    /// Phase, name and time in milliseconds of each event but the metadata, and the whole of it.
    fn written(records: Vec<Record>) -> (Vec<(String, String, f64)>, Value) {
        let taken = Taken { records, threads: vec![(3, "main".into())], dropped: 2, until: ms(1000) };
        let mut out = Vec::new();
        write(&taken, "Flickreel 1", &mut out).unwrap();
        let trace: Value = serde_json::from_slice(&out).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let events = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] != "M" && event["ph"] != "C");
        let events = events.map(|event| (text(&event["ph"]), text(&event["name"]), event["ts"].as_f64().unwrap() / 1000.0)).collect();
        (events, trace)
    }

    fn seen(events: &[(String, String, f64)]) -> Vec<(&str, &str, f64)> {
        events.iter().map(|(ph, name, at)| (ph.as_str(), name.as_str(), *at)).collect()
    }

    #[test]
    fn work_is_a_complete_event_on_its_thread_in_microseconds() {
        let (_, trace) = written(vec![record(2, What::Frame, 0, How::Work { took: Duration::from_nanos(1_500_250), amount: 1 })]);
        let pid = std::process::id();
        let expected = json!({
            "ph": "X", "name": "frame", "cat": "ui", "pid": pid, "tid": 3, "ts": 2000.0, "dur": 1500.25, "args": { "moving": true },
        });
        let events = trace["traceEvents"].as_array().unwrap();
        assert_eq!(events.last(), Some(&expected));
        let names: Vec<_> = events.iter().filter(|event| event["ph"] == "M").map(|event| &event["args"]["name"]).collect();
        assert_eq!(names, ["Flickreel 1", "UI (main)"]);
        assert_eq!(trace["otherData"]["dropped"], 2);
    }

    #[test]
    fn a_request_is_a_pair_with_its_first_byte_in_between() {
        let (events, trace) = written(vec![
            record(10, What::Media, 7, How::Begun { item: 0xab }),
            record(15, What::Media, 7, How::Step("first byte")),
            record(20, What::Media, 7, How::Ended { bytes: 99, outcome: "done" }),
        ]);
        assert_eq!(seen(&events), [("b", "media", 10.0), ("n", "first byte", 15.0), ("e", "media", 20.0)]);
        let events = trace["traceEvents"].as_array().unwrap();
        let of = |ph: &str| events.iter().find(|event| event["ph"] == ph).unwrap();
        assert_eq!((&of("b")["id"], &of("b")["args"]["item"]), (&json!("0x7"), &json!("00000000000000ab")));
        assert_eq!(of("e")["args"], json!({ "bytes": 99, "outcome": "done" }));
        let curve: Vec<_> = events.iter().filter(|event| event["ph"] == "C").map(|event| &event["args"]["value"]).collect();
        assert_eq!(curve, [1, 0]);
    }

    #[test]
    fn states_are_slices_within_the_life_of_what_has_them() {
        let state = |at, state| record(at, What::Item, 1, How::State { state, of: 4 });
        let (events, _) = written(vec![state(10, "loading"), state(30, "ready"), record(50, What::Item, 1, How::Gone)]);
        let whole = "item 0000000000000001";
        let expected = [
            ("b", whole, 10.0),
            ("b", "loading", 10.0),
            ("e", "loading", 30.0),
            ("b", "ready", 30.0),
            ("e", "ready", 50.0),
            ("e", whole, 50.0),
        ];
        assert_eq!(seen(&events), expected);
    }

    #[test]
    fn what_is_still_under_way_ends_with_the_trace_and_an_end_without_a_beginning_is_left_out() {
        let (events, _) = written(vec![
            record(5, What::Media, 6, How::Ended { bytes: 1, outcome: "done" }),
            record(6, What::Item, 1, How::Gone),
            record(10, What::Media, 7, How::Begun { item: 1 }),
            record(10, What::Pipeline, 2, How::State { state: "playing", of: 4 }),
        ]);
        let ends: Vec<_> = seen(&events).into_iter().filter(|(ph, ..)| *ph == "e").collect();
        assert_eq!(ends, [("e", "media", 1000.0), ("e", "playing", 1000.0), ("e", "pipeline 2", 1000.0)]);
    }

    #[test]
    fn a_swipe_lasts_from_its_commitment_to_its_first_frame() {
        let (events, _) = written(vec![record(10, What::Swipe, 1, How::Lasted { took: ms(9), name: "warm next" })]);
        assert_eq!(seen(&events), [("b", "warm next", 10.0), ("e", "warm next", 19.0)]);
    }
}
