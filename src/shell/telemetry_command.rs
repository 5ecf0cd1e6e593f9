//! `flickreel telemetry`: shows everything that is sent of the usage, before it is sent, and lets a viewer begin anew.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::Value;

use super::cache_command::plain;
use super::folders::Folders;
use crate::cli::TelemetryQuestion;
use crate::config::Settings;
use crate::export::options::ExportOptions;
use crate::export::segment::UsageStore;

/// Status of what could not be done.
const COULD_NOT_RUN: u8 = 2;
/// Waiting events that are shown; the rest is in the file that is named.
const SHOWN: usize = 10;

/// Does what is asked for; the status is 0 when it was done, else 2.
#[must_use]
pub fn run(settings: &Settings, folders: &Folders, question: TelemetryQuestion) -> ExitCode {
    let store = UsageStore::new(&folders.telemetry());
    let told = match question {
        TelemetryQuestion::Show => show(&settings.export, &store, SystemTime::now()),
        TelemetryQuestion::Reset => reset(&store),
    };
    let text = match told {
        Ok(text) => text,
        Err(err) => {
            eprintln!("flickreel: the folder {} cannot be used: {err}", folders.telemetry().display());
            return ExitCode::from(COULD_NOT_RUN);
        }
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has gone, such as `head`, has what it wanted.
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("flickreel: the answer could not be written: {err}");
            ExitCode::from(COULD_NOT_RUN)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Everything that is sent of the usage, as text: to whom, which events wait, one of each kind.
///
/// # Errors
/// What the system said.
pub(super) fn show(export: &ExportOptions, store: &UsageStore, now: SystemTime) -> io::Result<String> {
    let waiting = store.look()?;
    let to = export.segment.as_ref().map_or_else(
        || "off: nothing is counted and nothing is sent".to_owned(),
        |target| format!("on: sent to {}", target.endpoint.url()),
    );
    let id = waiting.id.map_or_else(|| "none yet".to_owned(), |id| id.to_string());
    let bytes: usize = waiting.events.iter().map(|event| event.len() + 1).sum();
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "usage events  {}", plain(&to));
    let _ = writeln!(text, "id            {id}");
    let _ = writeln!(text, "waiting       {} events, {bytes} bytes, in {}", waiting.events.len(), plain(&store.queue().to_string_lossy()));
    if !waiting.events.is_empty() {
        let _ = writeln!(text, "\nThe newest that wait:");
    }
    for event in waiting.events.iter().rev().take(SHOWN) {
        let _ = writeln!(text, "{}", plain(event));
    }
    let _ = writeln!(
        text,
        "\nOne of each kind, made up, as they are sent. Videos and pages are told apart by hashes that only this machine can make:"
    );
    for event in store.examples(now) {
        let pretty = serde_json::from_str::<Value>(&event).and_then(|event| serde_json::to_string_pretty(&event));
        let _ = writeln!(text, "{}", pretty.unwrap_or(event));
    }
    Ok(text)
}

fn reset(store: &UsageStore) -> io::Result<String> {
    let dropped = store.look()?.events.len();
    let id = store.reset()?;
    Ok(format!("The new id is {id}. {dropped} waiting events are dropped.\n"))
}
