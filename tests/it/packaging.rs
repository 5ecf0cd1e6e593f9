//! What is installed on a Linux desktop: the files, where they go, and that they speak of the same program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const ID: &str = "org.flickreel.Flickreel";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn installer(staged: &Path, words: &[&str]) {
    let run = Command::new(repository("packaging/linux/install.sh")).args(words).env("DESTDIR", staged).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn files_below(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[test]
fn installing_puts_every_file_in_its_place_and_removing_leaves_none() {
    let (built, staged) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for program in ["flickreel", "flickreel-server"] {
        fs::write(built.path().join(program), "#!/bin/sh\n").unwrap();
    }
    installer(staged.path(), &["/usr", built.path().to_str().unwrap()]);
    let files = files_below(staged.path());
    for file in [
        "usr/bin/flickreel".to_owned(),
        "usr/bin/flickreel-server".to_owned(),
        format!("usr/share/applications/{ID}.desktop"),
        format!("usr/share/metainfo/{ID}.metainfo.xml"),
        format!("usr/share/icons/hicolor/scalable/apps/{ID}.svg"),
        format!("usr/share/icons/hicolor/256x256/apps/{ID}.png"),
    ] {
        assert!(files.contains(&file), "{file} is missing from {files:#?}");
    }
    installer(staged.path(), &["--remove", "/usr"]);
    assert_eq!(files_below(staged.path()), BTreeSet::new());
}

#[test]
fn the_desktop_entry_names_the_program_and_the_icon_that_are_installed() {
    let entry = fs::read_to_string(repository(&format!("packaging/linux/{ID}.desktop"))).unwrap();
    let value = |key: &str| entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default().to_owned();
    assert_eq!(value("Exec"), "flickreel %F");
    assert_eq!(value("Icon"), ID);
    assert_eq!(value("StartupWMClass"), ID);
}

#[test]
fn the_newest_release_that_is_announced_is_the_one_that_is_built() {
    let metainfo = fs::read_to_string(repository(&format!("packaging/linux/{ID}.metainfo.xml"))).unwrap();
    let first = metainfo.split("<release version=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(first, Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_packages_can_be_listed_without_installing_any() {
    let listed = |mode: &str| {
        let run = Command::new(repository("packaging/linux/install-deps.sh")).args([mode, "--print"]).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap().lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let (run, build, test) = (listed("run"), listed("build"), listed("test"));
    assert!(!run.is_empty() && run.is_subset(&build) && build.is_subset(&test));
    assert!(run.len() < build.len() && build.len() < test.len());
}
