//! The report for testers, from outside: what is in it, and what is not.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use tempfile::TempDir;

use crate::support::desktop::{command, text};

/// Everything that must not be in a report. Each stands in a file that one is made of.
const SECRETS: [&str; 9] =
    ["s3cr3t-query", "s3cr3t-user", "s3cr3t-bearer", "s3cr3t-write-key", "s3cr3t-word", "s3cr3t-state", "s3cr3t-sig", "s3cr3t-old", "anna"];

/// A home in which a feed with tokens was watched.
fn home(root: &Path) {
    let state = root.join("state/flickreel");
    let config = root.join("config/flickreel");
    for folder in [&state, &config] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(
        config.join("config.toml"),
        "[cache]\nsize = \"64MiB\"\n[filter]\nwords = [\"s3cr3t-word\"]\n[export]\nsegment_write_key = \"s3cr3t-write-key\"\n",
    )
    .unwrap();
    fs::write(state.join("state.toml"), "source = [\"https://feeds.example/f?token=s3cr3t-state\"]\n").unwrap();
    fs::write(state.join("figures.json"), "{\"health\": {\"status\": \"warning\"}}\n").unwrap();
    fs::write(
        state.join("flickreel.log"),
        format!(
            "2026-11-21T18:00:00Z  INFO flickreel: rendering with llvmpipe\n\
             asked https://s3cr3t-user:pw@feeds.example/v.mp4?x=s3cr3t-query#s3cr3t-query\n\
             Authorization: Bearer s3cr3t-bearer\nX-Amz-Signature=s3cr3t-sig\nfolder {}/anna/Videos\n",
            root.display()
        ),
    )
    .unwrap();
    fs::write(state.join("flickreel.log.1"), "GET /feed/videos?cursor=s3cr3t-old\n").unwrap();
}

/// Names and contents of the files in an archive, by `tar`, which did not make it.
fn unpacked(archive: &Path, to: &Path) -> BTreeMap<String, String> {
    let output = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(to).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = fs::read_dir(to).unwrap().next().unwrap().unwrap().path();
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap())).collect()
}

#[test]
fn a_report_has_what_testers_need_and_no_secret() {
    let root = TempDir::new().unwrap();
    home(root.path());
    let archive = root.path().join("report.tar.gz");
    // The name of the user's home is a secret, too.
    let output = command(root.path()).args(["report", text(&archive)]).env("HOME", root.path().join("anna")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), text(&archive));
    let mut whole = Vec::new();
    GzDecoder::new(fs::File::open(&archive).unwrap()).read_to_end(&mut whole).unwrap();
    let whole = String::from_utf8_lossy(&whole);
    for secret in SECRETS {
        assert!(!whole.contains(secret), "{secret} is in the report");
    }
    let folder = TempDir::new().unwrap();
    let files = unpacked(&archive, folder.path());
    let has = |file: &str, words: &[&str]| {
        let text = files.get(file).unwrap_or_else(|| panic!("no {file} in {:?}", files.keys()));
        for word in words {
            assert!(text.contains(word), "{word} is not in {file}:\n{text}");
        }
    };
    has("README.txt", &["Look it through"]);
    has("versions.txt", &[concat!("Flickreel ", env!("CARGO_PKG_VERSION")), "GStreamer 1.", "cores "]);
    has("doctor.txt", &["GStreamer", "renderer", "cache folder"]);
    has("flags.txt", &["wide_window_echo"]);
    has("config.toml", &["size = \"64MiB\"", "# words is set and left out", "# segment_write_key is set and left out"]);
    has("figures.json", &["\"warning\""]);
    has("flickreel.log", &["rendering with llvmpipe", "https://feeds.example/v.mp4?…", "folder ~/Videos"]);
    has("flickreel.log.1", &["GET /feed/videos?…"]);
    assert_eq!(files.len(), 8, "{:?}", files.keys());
}

#[cfg(unix)]
#[test]
fn a_report_is_for_its_owner_alone_and_one_that_cannot_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let root = TempDir::new().unwrap();
    let output = command(root.path()).arg("report").current_dir(root.path()).output().unwrap();
    let name = String::from_utf8(output.stdout).unwrap();
    assert!(name.starts_with("flickreel-report-") && name.ends_with(".tar.gz\n"), "{name}");
    assert_eq!(fs::metadata(root.path().join(name.trim())).unwrap().permissions().mode() & 0o777, 0o600);
    let folder = root.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let output = command(root.path()).args(["report", text(&folder)]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("could not be written to"), "{said}");
}
