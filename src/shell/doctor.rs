//! `flickreel doctor`: checks what the program needs on this machine and says what to do about what is missing.

mod machine;
mod parts;
mod told;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use self::parts::{CORE, GROUPS, Group, Manager, Package};
use super::folders::Folders;
use crate::config::{Config, Settings};
use crate::player::gst;

/// The oldest GStreamer that is supported.
const GST_LEAST: (u32, u32) = (1, 22);

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// Something will be less than it could be.
    Warn,
    /// The program is of no use.
    Missing,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    name: String,
    verdict: Verdict,
    /// What was found, in words.
    found: String,
    /// What to do about it, where no package helps.
    advice: Option<String>,
    /// What to install.
    packages: Vec<Package>,
}

impl Check {
    fn new(name: impl Into<String>, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { name: name.into(), verdict, found: found.into(), advice: None, packages: Vec::new() }
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn install(mut self, packages: impl IntoIterator<Item = Package>) -> Self {
        self.packages.extend(packages);
        self
    }
}

/// Checks everything and prints a table. The status is 0 when nothing that is needed is missing, else 1.
#[must_use]
pub fn run(settings: &Settings, folders: &Folders) -> ExitCode {
    let (text, is_usable) = checked(settings, folders);
    // A reader that has gone, such as `head`, is no failure of a check.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    if is_usable { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The table as text, and whether nothing that is needed is missing.
#[must_use]
pub fn checked(settings: &Settings, folders: &Folders) -> (String, bool) {
    let mut checks = gstreamer();
    checks.extend([machine::renderer(), machine::display(), machine::sound(), machine::cache(settings), machine::network()]);
    checks.extend(told::checks());
    let mut text = format!("Flickreel {} on {} {}\n\n", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    text.push_str(&table(&checks, Manager::find()));
    // Writing to a String cannot fail.
    let _ = write!(text, "\nsettings  {}\n", Config::default_path().unwrap_or_else(|| folders.config.join("config.toml")).display());
    let _ = writeln!(text, "cache     {}", settings.cache_dir.display());
    let _ = writeln!(text, "state     {}", folders.state_file().display());
    let _ = writeln!(text, "log       {}", folders.log_file().display());
    if let Some(sockets) = folders.sockets.first() {
        let _ = writeln!(text, "sockets   {}", sockets.display());
    }
    (text, !checks.iter().any(|check| check.verdict == Verdict::Missing))
}

fn gstreamer() -> Vec<Check> {
    let version = match gst::version() {
        Ok((major, minor, micro)) => {
            let found = format!("{major}.{minor}.{micro}");
            if (major, minor) >= GST_LEAST {
                Check::new("GStreamer", Verdict::Ok, found)
            } else {
                let (major, minor) = GST_LEAST;
                Check::new("GStreamer", Verdict::Missing, found)
                    .advise(format!("{major}.{minor} or newer is needed: upgrade to a newer release of the system"))
            }
        }
        Err(err) => return vec![Check::new("GStreamer", Verdict::Missing, err).install([CORE])],
    };
    let names: Vec<&str> = GROUPS.iter().flat_map(|group| group.parts).flat_map(|(names, _)| names.iter().copied()).collect();
    let mut checks = vec![version];
    match gst::probe_elements(&names) {
        Ok(there) => {
            let is_there = |name: &str| names.iter().zip(&there).any(|(known, there)| *known == name && *there);
            checks.extend(GROUPS.iter().map(|group| check_group(group, is_there)));
        }
        Err(err) => checks.push(Check::new("GStreamer elements", Verdict::Missing, err).install([CORE])),
    }
    checks
}

fn check_group(group: &Group, is_there: impl Fn(&str) -> bool) -> Check {
    let found: Vec<&str> = group.parts.iter().filter_map(|(names, _)| names.iter().copied().find(|name| is_there(name))).collect();
    let missing: Vec<_> = group.parts.iter().filter(|(names, _)| !names.iter().any(|name| is_there(name))).collect();
    if missing.is_empty() {
        return Check::new(group.name, Verdict::Ok, found.join(", "));
    }
    let verdict = if group.needed { Verdict::Missing } else { Verdict::Warn };
    let names: Vec<_> = missing.iter().map(|(names, _)| names.join(" or ")).collect();
    Check::new(group.name, verdict, format!("without {}", names.join(", "))).install(missing.iter().map(|(_, package)| *package))
}

/// The rows, and under them what to type for all that can be installed.
fn table(checks: &[Check], manager: Option<Manager>) -> String {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Check { name, verdict, found, advice, .. } in checks {
        let word = match verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Missing => "missing",
        };
        let row = format!("{word:<8} {name:<width$}  {found}");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", row.trim_end());
        if let Some(advice) = advice {
            let _ = writeln!(text, "{:8} {:width$}  → {advice}", "", "");
        }
    }
    let packages: Vec<_> = checks.iter().flat_map(|check| check.packages.iter().copied()).collect();
    if !packages.is_empty() {
        text.push_str("\nTo install what is missing:\n");
        for command in parts::install(&packages, manager) {
            let _ = writeln!(text, "  {command}");
        }
    } else if checks.iter().all(|check| check.verdict == Verdict::Ok) {
        text.push_str("\nEverything is there.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_fine_when_each_part_or_its_stand_in_is_there() {
        let av1 = &GROUPS[4];
        assert_eq!(check_group(av1, |name| name != "dav1ddec").verdict, Verdict::Ok);
        let check = check_group(av1, |name| !name.contains("av1d"));
        assert_eq!((check.verdict, check.found.as_str()), (Verdict::Warn, "without dav1ddec or av1dec"));
    }

    #[test]
    fn what_is_needed_and_absent_is_missing_and_its_packages_are_named_in_one_command() {
        let checks: Vec<_> = GROUPS.iter().map(|group| check_group(group, |name| !name.ends_with("parse"))).collect();
        assert_eq!(checks[1].verdict, Verdict::Missing);
        let text = table(&checks, Some(Manager::Apt));
        assert!(text.contains("missing  MP4 (H.264, AAC)       without h264parse, aacparse\n"), "{text}");
        assert!(text.ends_with("\n  sudo apt install gstreamer1.0-plugins-bad gstreamer1.0-plugins-good\n"), "{text}");
    }

    #[test]
    fn advice_stands_under_its_row() {
        let checks = [Check::new("display", Verdict::Missing, "none").advise("start it in a desktop session")];
        assert_eq!(table(&checks, None), "missing  display  none\n                  → start it in a desktop session\n");
    }

    #[test]
    fn a_machine_with_everything_is_told_so() {
        assert!(table(&[Check::new("display", Verdict::Ok, ":0")], None).ends_with("\nEverything is there.\n"));
    }
}
