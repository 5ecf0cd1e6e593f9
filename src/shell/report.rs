//! `flickreel report`: one archive with what testers need to know, and without what is nobody's business.

mod archive;
mod redact;
mod saved;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use self::archive::Archive;
use self::redact::Redactor;
pub(super) use self::saved::Reporter;
use super::state::save_private;
use super::{Folders, doctor, flags};
use crate::config::Settings;
use crate::player::gst;

/// Of a log this much of its end is taken, in bytes: it is put aside at a megabyte.
const LOG_BYTES_MAX: usize = 2_000_000;

const CONTENTS: &str = "\
A report of Flickreel for testers. Look it through before you hand it on.

  versions.txt      versions of Flickreel, GStreamer, the system and the desktop
  doctor.txt        what `flickreel doctor` says
  flags.txt         what `flickreel flags` says
  config.toml       your settings; what may be private is left out
  figures.json      the last figures of the last session
  flickreel.log     the log, and flickreel.log.1 the one before

Addresses have lost their queries, user names and passwords; what looks like a token is replaced by … and your home
folder by ~. Names of servers may be in it.
";

/// Settings that are shown as they are. Whatever else there is, now or later, is only named.
const SHOWN: [(&str, &[&str]); 5] = [
    ("cache", &["size", "dir", "enabled", "max_age_days"]),
    ("playback", &["muted", "volume", "skip_failed"]),
    ("preload", &["ahead", "behind", "profile"]),
    ("window", &["size"]),
    ("flags", &["auto_skip_failed", "wide_window_echo", "preload_plus_three"]),
];

/// Writes the archive and says where it is. The status is 0 when it was written.
///
/// # Errors
/// When it cannot be written.
pub fn run(settings: &Settings, folders: &Folders, file: Option<&Path>) -> Result<ExitCode> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let path = file.map_or_else(|| PathBuf::from(file_name(now)), Path::to_owned);
    let bytes = archive(settings.config_file.as_deref(), settings, folders, now).context("the report could not be made")?;
    save_private(&path, &bytes).with_context(|| format!("the report could not be written to {}", path.display()))?;
    println!("{}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// How the archive of a moment is called, in seconds since 1970.
fn file_name(now: u64) -> String {
    format!("flickreel-report-{now}.tar.gz")
}

/// All that is in it.
fn archive(config: Option<&Path>, settings: &Settings, folders: &Folders, now: u64) -> Result<Vec<u8>> {
    let redactor = Redactor::of_this_user();
    let mut archive = Archive::new(format!("flickreel-report-{now}"), now);
    archive.add("README.txt", CONTENTS.as_bytes())?;
    let clean = |text: &str| redactor.text(text).into_bytes();
    archive.add("versions.txt", &clean(&versions()))?;
    archive.add("doctor.txt", &clean(&doctor::checked(settings, folders).0))?;
    archive.add("flags.txt", &clean(&flags::text(settings, folders)))?;
    if let Some(text) = config.and_then(|path| fs::read_to_string(path).ok()) {
        archive.add("config.toml", &clean(&shown(&text)))?;
    }
    if let Ok(figures) = fs::read_to_string(folders.figures_file()) {
        archive.add("figures.json", &clean(&figures))?;
    }
    let log = folders.log_file();
    for (name, path) in [("flickreel.log", log.clone()), ("flickreel.log.1", log.with_extension("log.1"))] {
        if let Ok(bytes) = fs::read(&path) {
            archive.add(name, &clean(&String::from_utf8_lossy(end_of(&bytes))))?;
        }
    }
    Ok(archive.finish()?)
}

/// The end of a log, from the beginning of a line: half an address might not be known for one.
fn end_of(bytes: &[u8]) -> &[u8] {
    let Some(from) = bytes.len().checked_sub(LOG_BYTES_MAX) else { return bytes };
    let end = &bytes[from..];
    end.iter().position(|&byte| byte == b'\n').map_or(&[], |line| &end[line + 1..])
}

fn versions() -> String {
    let mut text = format!("Flickreel {}\n", env!("CARGO_PKG_VERSION"));
    let gstreamer = gst::version().map_or_else(|err| err, |(major, minor, micro)| format!("{major}.{minor}.{micro}"));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "GStreamer {gstreamer}");
    let _ = writeln!(text, "{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if let Some(name) = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")) {
        let _ = writeln!(text, "{}", name.trim_matches('"'));
    }
    if let Ok(kernel) = fs::read_to_string("/proc/sys/kernel/osrelease") {
        let _ = writeln!(text, "kernel {}", kernel.trim());
    }
    if let Ok(cores) = std::thread::available_parallelism() {
        let _ = writeln!(text, "cores {cores}");
    }
    for name in ["XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"] {
        if let Ok(value) = std::env::var(name) {
            let _ = writeln!(text, "{name} {value}");
        }
    }
    text
}

/// The settings that may be shown, as a config file; of the others that they are there.
fn shown(text: &str) -> String {
    let Ok(table) = toml::from_str::<toml::Table>(text) else {
        // A damaged file may have its secrets anywhere.
        return "# The config file cannot be read; `flickreel doctor` says where.\n".to_owned();
    };
    let mut shown = String::new();
    for (section, value) in &table {
        let known = SHOWN.iter().find(|(name, _)| name == section).map_or(&[][..], |(_, keys)| keys);
        // Writing to a String cannot fail.
        let _ = writeln!(shown, "[{section}]");
        for (key, value) in value.as_table().into_iter().flatten() {
            if known.contains(&key.as_str()) {
                let _ = writeln!(shown, "{key} = {value}");
            } else {
                let _ = writeln!(shown, "# {key} is set and left out");
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_may_be_private_are_named_and_not_shown() {
        let text = "loose = 'secret'\n[cache]\nsize = '64MiB'\nkey = 'secret'\n[export]\nwrite_key = 'secret'\n[export.more]\na = 'secret'\n\
                    [filter]\nwords = ['secret']\n[flags]\nwide_window_echo = 25\n";
        let shown = shown(text);
        assert!(!shown.contains("secret"), "{shown}");
        for line in ["size = \"64MiB\"", "# key is set and left out", "# write_key is set and left out", "wide_window_echo = 25"] {
            assert!(shown.contains(line), "{line} is not in\n{shown}");
        }
        toml::from_str::<toml::Table>(&shown).unwrap();
    }

    #[test]
    fn of_a_file_that_cannot_be_read_as_settings_nothing_is_shown() {
        assert!(!shown("write_key = 'secret\n").contains("secret"));
    }

    #[test]
    fn of_a_long_log_the_end_is_taken_from_the_beginning_of_a_line() {
        assert_eq!(end_of(b"one\ntwo\n"), b"one\ntwo\n");
        let long = [b"https://a.example/?token=secret".repeat(LOG_BYTES_MAX / 31 + 2), b"\nlast\n".to_vec()].concat();
        assert_eq!(end_of(&long), b"last\n");
    }
}
