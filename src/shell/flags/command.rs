//! `flickreel flags`: every flag, whether it is on, and why.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use super::memory::Memory;
use super::{Files, FlagFile};
use crate::app::{Decision, Flag, Teller, Why};
use crate::config::Settings;
use crate::shell::Folders;

/// Prints them. A session that ended abruptly is counted by the next one, not here.
#[must_use]
pub fn run(settings: &Settings, folders: &Folders) -> ExitCode {
    // A reader that has gone, such as `head`, is no failure.
    let _ = io::stdout().lock().write_all(text(settings, folders).as_bytes());
    ExitCode::SUCCESS
}

/// What is printed.
#[must_use]
pub fn text(settings: &Settings, folders: &Folders) -> String {
    let path = folders.flags_file();
    // An id is drawn where there is none, so that what is told here is what the next session does.
    let remembered = FlagFile::new(path.clone()).change(|_| {}).inspect_err(|err| tracing::warn!("{}: {err}", path.display())).ok();
    let nothing = Memory::default();
    let memory = remembered.as_ref().unwrap_or(&nothing);
    let flags = Files::read(settings, folders).decide(remembered.as_ref());
    let width = Flag::ALL.map(|flag| flag.name().len()).into_iter().max().unwrap_or(0);
    let mut text = String::new();
    // Writing to a String cannot fail.
    for flag in Flag::ALL {
        let decision = flags.decision(flag);
        let _ = writeln!(text, "{:<3}  {:<width$}  {}", if decision.on { "on" } else { "off" }, flag.name(), why(decision, memory));
        let _ = writeln!(text, "     {:<width$}  {}", "", flag.about());
    }
    if flags.rolled_back().next().is_some() {
        text.push_str("\nWhat was switched off stays off; NAME = true under [flags] in config.toml has it all the same.\n");
    }
    let ends: Vec<_> = memory.sessions().iter().map(|session| if session.clean { "well" } else { "abruptly" }).collect();
    if !ends.is_empty() {
        let _ = writeln!(text, "\nThe last sessions ended: {}.", ends.join(", "));
    }
    let _ = writeln!(text, "\nremembered in {}", path.display());
    text
}

fn why(decision: Decision, memory: &Memory) -> String {
    match decision.why {
        Why::Default => "by default".to_owned(),
        Why::Chosen(teller) => format!("chosen in {teller}"),
        Why::Share(percent, teller) => {
            let by = if teller == Teller::Feed { format!("{teller} {}", memory.served_by()) } else { teller.to_string() };
            let among = if decision.on { "is among them" } else { "is not among them" };
            format!("for {percent} % by {by}; this installation {among}")
        }
        Why::RolledBack(breach) => format!("switched off: {}", breach.words()),
    }
}
