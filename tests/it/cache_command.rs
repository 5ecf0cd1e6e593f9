//! `flickreel cache` from outside: what it prints, and its status, with and without a Flickreel that has the cache.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A home of its own for the program.
struct Home(TempDir);

/// How the program ended.
struct Ended {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.runtime()).unwrap();
        home
    }

    fn runtime(&self) -> PathBuf {
        self.0.path().join("run")
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flickreel"));
        command
            .arg("cache")
            .args(words)
            .args([Path::new("--cache-dir"), &self.cache()])
            .envs(["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"].map(|name| (name, self.0.path().join(name))))
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env_remove("FLICKREEL_LOG")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        let output = self.command(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ended = Ended { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ended.stderr.contains("panicked"), "{words:?}: {}", ended.stderr);
        ended
    }

    /// The status, and what `--json` says: one document on one line.
    fn json(&self, words: &[&str]) -> (i32, Value) {
        let ended = self.run(&[words, &["--json"]].concat());
        assert!(ended.stdout.ends_with('\n') && ended.stdout.lines().count() == 1, "{words:?}: {}{}", ended.stdout, ended.stderr);
        (ended.status, serde_json::from_str(&ended.stdout).unwrap())
    }
}

#[test]
fn a_cache_that_is_not_there_is_empty_and_is_not_made_by_asking() {
    let home = Home::new();
    let stats = home.run(&["stats"]);
    assert_eq!((stats.status, stats.stderr.as_str()), (0, ""));
    assert!(stats.stdout.contains("0.0 MiB of 100.0 MiB, 0.0 %"), "{}", stats.stdout);
    assert!(home.run(&["list"]).stdout.starts_with("Nothing is kept in "));
    for words in [&["verify"][..], &["verify", "--repair"], &["clear"]] {
        assert_eq!(home.run(words).status, 0, "{words:?}");
    }
    let pin = home.run(&["pin", "0af3"]);
    assert_eq!((pin.status, pin.stdout.as_str()), (1, ""));
    assert!(pin.stderr.contains("0af3"), "{}", pin.stderr);
    assert!(!home.cache().exists());
}

#[test]
fn a_cache_that_is_not_there_is_told_as_json_too() {
    let home = Home::new();
    let (status, full) = home.json(&["stats", "--cache-size", "64MiB"]);
    assert_eq!((status, &full["reply"], &full["cap_bytes"], &full["entries"]), (0, &"stats".into(), &(64 << 20).into(), &0.into()));
    assert_eq!(full["max_age_days"], 7);
    assert_eq!(home.json(&["list"]), (0, serde_json::json!({ "reply": "list", "entries": [] })));
    assert_eq!(home.json(&["verify", "--repair"]).1["repaired"], true);
    assert_eq!(home.json(&["clear"]), (0, serde_json::json!({ "reply": "cleared", "entries": 0, "bytes": 0, "in_use": 0 })));
    let (status, failed) = home.json(&["unpin", "0af3"]);
    assert_eq!((status, &failed["reply"]), (1, &"failed".into()));
    assert!(failed["sentence"].as_str().unwrap().contains("0af3"), "{failed}");
    assert!(!home.cache().exists());
}

#[test]
fn a_folder_that_is_no_cache_is_left_as_it_is() {
    let home = Home::new();
    fs::create_dir_all(home.cache().join("data")).unwrap();
    fs::write(home.cache().join("data/holiday.mp4"), "a film").unwrap();
    for words in [&["stats"][..], &["list"], &["verify", "--repair"], &["clear"]] {
        assert_eq!(home.run(words).status, 0, "{words:?}");
    }
    assert_eq!(fs::read(home.cache().join("data/holiday.mp4")).unwrap(), b"a film");
    assert_eq!(fs::read_dir(home.cache()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_used_is_told_with_status_2() {
    let home = Home::new();
    fs::write(home.cache(), "a file").unwrap();
    let told = home.run(&["stats"]);
    assert_eq!((told.status, told.stdout.as_str()), (2, ""));
    assert!(told.stderr.contains("the cache in "), "{}", told.stderr);
    let (status, failed) = home.json(&["stats"]);
    assert_eq!((status, &failed["reply"]), (2, &"failed".into()));
    fs::remove_file(home.cache()).unwrap();
    symlink(home.cache(), home.cache()).unwrap();
    assert_eq!(home.run(&["list"]).status, 2, "a link to itself");
}

#[test]
fn a_config_file_with_a_mistake_is_told_as_json_too() {
    let home = Home::new();
    let config = home.0.path().join("config.toml");
    fs::write(&config, "[cache]\nmax_age_days = 0\n").unwrap();
    let (status, failed) = home.json(&["stats", "--config", config.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(failed["sentence"].as_str().unwrap().contains("line 2: "), "{failed}");
}

#[test]
fn a_bound_above_100_mib_in_the_config_file_is_warned_about_at_the_start() {
    let home = Home::new();
    let config = home.0.path().join("config.toml");
    fs::write(&config, "[cache]\nsize = \"300MiB\"\nmax_age_days = 30\n").unwrap();
    let stats = home.run(&["stats", "--config", config.to_str().unwrap()]);
    assert!(stats.stderr.contains("100 MiB"), "{}", stats.stderr);
    assert!(stats.stdout.contains("of 300.0 MiB") && stats.stdout.contains("30 days"), "{}", stats.stdout);
}

#[test]
fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
    let home = Home::new();
    for words in [&["stats"][..], &["list", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(words).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{words:?}");
    }
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
    let output = home.command(&["stats"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_cache_whose_owner_cannot_be_asked_is_told_with_status_2() {
    let home = Home::new();
    fs::create_dir(home.cache()).unwrap();
    let lock = fs::File::create(home.cache().join("lock")).unwrap();
    lock.try_lock().unwrap();
    let stats = home.run(&["stats", "--json"]);
    assert_eq!(stats.status, 2);
    let failed: Value = serde_json::from_str(&stats.stdout).unwrap();
    assert_eq!(failed["reply"], "failed");
    assert!(failed["sentence"].as_str().unwrap().ends_with("is in use by another process, which cannot be asked"), "{failed}");
    assert!(stats.stderr.starts_with("flickreel: the cache in "), "{}", stats.stderr);
    drop(lock);
    assert!(!home.run(&["stats"]).stderr.contains("in use"));
}
