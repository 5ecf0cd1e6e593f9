//! `flickreel cache` from outside: what it prints, and its status, with and without a Flickreel that has the cache.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flickreel::cache::control::{Serving, serve};
use flickreel::cache::{DEFAULT_MAX_AGE, Demand, Timeouts};
use flickreel::cli::CommonOptions;
use flickreel::config::{Config, Settings};
use serde_json::Value;
use tempfile::TempDir;

use super::rig::{KIB, MIB, Rig, du, noise, read};

/// A home of its own for the program; the cache lies in `cache`.
struct Home {
    dir: PathBuf,
    /// Removes it in the end, unless somebody else does.
    _dir: Option<TempDir>,
}

/// How the program ended.
struct Ended {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Home {
    fn new() -> Self {
        Self::in_dir(tempfile::tempdir().unwrap())
    }

    fn in_dir(dir: TempDir) -> Self {
        let home = Self::at(dir.path());
        Self { _dir: Some(dir), ..home }
    }

    /// In a folder that somebody else removes.
    fn at(dir: &Path) -> Self {
        let home = Self { dir: dir.to_owned(), _dir: None };
        fs::create_dir_all(home.runtime()).unwrap();
        home
    }

    fn runtime(&self) -> PathBuf {
        self.dir.join("run")
    }

    fn cache(&self) -> PathBuf {
        self.dir.join("cache")
    }

    /// What `list` shows.
    fn rows(&self) -> Vec<Value> {
        let (status, list) = self.json(&["list"]);
        assert_eq!((status, &list["reply"]), (0, &"list".into()), "{list}");
        list["entries"].as_array().unwrap().clone()
    }

    fn verify(&self, words: &[&str]) -> (i32, u64, Value) {
        let (status, found) = self.json(&[&["verify"], words].concat());
        assert_eq!(found["reply"], "verified", "{found}");
        (status, found["bad_blocks"].as_u64().unwrap(), found)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flickreel"));
        command
            .arg("cache")
            .args(words)
            .args([Path::new("--cache-dir"), &self.cache()])
            .envs(["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"].map(|name| (name, self.dir.join(name))))
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
    assert_eq!(home.verify(&["--repair"]).0, 0);
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
    let config = home.dir.join("config.toml");
    fs::write(&config, "[cache]\nmax_age_days = 0\n").unwrap();
    let (status, failed) = home.json(&["stats", "--config", config.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(failed["sentence"].as_str().unwrap().contains("line 2: "), "{failed}");
}

#[test]
fn a_bound_above_100_mib_in_the_config_file_is_warned_about_at_the_start() {
    let home = Home::new();
    let config = home.dir.join("config.toml");
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

const BODY: u64 = 200 * KIB + 7;

/// A cache with three whole videos and the beginning of a fourth.
fn filled() -> Rig {
    let rig = Rig::with(noise(BODY), 20 * MIB, Timeouts::default());
    for path in ["/a.mp4", "/b.mp4", "/c.mp4"] {
        rig.read_all(path).unwrap();
    }
    rig.runtime.block_on(rig.opener.fetch_head(&rig.item("/d.mp4"))).unwrap();
    rig
}

/// The same, and whoever asks is answered.
fn owned(rig: &Rig) -> (Home, Serving) {
    let home = Home::at(rig.dir.path());
    let serving = serve(rig.runtime.handle(), &rig.opener, vec![home.runtime().join("flickreel")], home.cache());
    (home, serving)
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap()
}

/// Changes one byte of every block in one entry's file.
fn damage(home: &Home) -> PathBuf {
    let file = fs::read_dir(home.cache().join("data")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    for block in bytes.chunks_mut(usize::try_from(64 * KIB).unwrap()).take(3) {
        block[1] ^= 1;
    }
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn what_is_in_a_cache_that_nobody_uses_is_shown_and_can_be_kept_and_removed() {
    let home = Home::in_dir(filled().end());
    let (status, full) = home.json(&["stats"]);
    assert_eq!((status, full["entries"].as_u64(), full["in_use"].as_u64()), (0, Some(4), Some(0)), "{full}");
    assert_eq!(full["videos_ready"].as_u64().unwrap() + full["videos_partial"].as_u64().unwrap(), 4);
    assert!(home.run(&["stats"]).stdout.contains(" of 100.0 MiB, "));

    let rows = home.rows();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| text(row, "id").len() == 12 && row["pinned"] == false && row["in_use"] == false), "{rows:?}");
    let listed = home.run(&["list"]);
    assert_eq!((listed.status, listed.stdout.lines().count()), (0, 5), "{}", listed.stdout);
    assert!(listed.stdout.starts_with("ID ") && listed.stdout.contains(" ready "), "{}", listed.stdout);

    let id = text(&rows[2], "id");
    assert!(home.run(&["pin", &id[..8]]).stdout.starts_with(&format!("Pinned: {id} ")));
    let (status, pinned) = home.json(&["pin", id]);
    assert_eq!((status, &pinned["reply"], text(&pinned, "id"), &pinned["pinned"]), (0, &"entry".into(), id, &true.into()));
    assert_eq!(home.rows().iter().filter(|row| row["pinned"] == true).map(|row| text(row, "id").to_owned()).collect::<Vec<_>>(), [id]);
    assert!(home.run(&["list"]).stdout.contains(" pinned "));
    assert_eq!(home.json(&["unpin", id]).1["pinned"], false);
    let absent = if id.starts_with('0') { "f".repeat(13) } else { "0".repeat(13) };
    let (status, failed) = home.json(&["pin", &absent]);
    assert_eq!((status, &failed["reply"]), (1, &"failed".into()), "{failed}");

    let before = du(&home.cache());
    let (status, cleared) = home.json(&["clear"]);
    assert_eq!((status, cleared["entries"].as_u64(), cleared["in_use"].as_u64()), (0, Some(4), Some(0)), "{cleared}");
    assert!(cleared["bytes"].as_u64().unwrap() > 3 * BODY, "{cleared}");
    assert!(du(&home.cache()) < before - 3 * BODY);
    assert_eq!(home.rows().len(), 0);
}

#[test]
fn an_id_that_fits_two_entries_is_no_id() {
    let rig = Rig::with(noise(KIB), 20 * MIB, Timeouts::default());
    // More entries than there are digits: two of them begin with the same.
    for number in 0..17 {
        rig.read_all(&format!("/{number}.mp4")).unwrap();
    }
    let home = Home::in_dir(rig.end());
    let rows = home.rows();
    let mut digits: Vec<_> = rows.iter().map(|row| text(row, "id")[..1].to_owned()).collect();
    digits.sort();
    let twice = digits.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0].clone();
    assert_eq!(home.run(&["pin", &twice]).status, 1);
    assert!(home.rows().iter().all(|row| row["pinned"] == false));
}

#[test]
fn a_check_finds_damage_and_removes_it_when_it_is_told_to() {
    let home = Home::in_dir(filled().end());
    let (status, bad, found) = home.verify(&[]);
    assert_eq!((status, bad), (0, 0), "{found}");
    assert!(found["bytes"].as_u64().unwrap() > 3 * BODY && found["blocks"].as_u64().unwrap() >= 12, "{found}");
    assert!(home.run(&["verify"]).stdout.contains("everything is as it was written"));
    damage(&home);
    for _ in 0..2 {
        let (status, bad, found) = home.verify(&[]);
        assert_eq!((status, bad, &found["repaired"]), (1, 3, &false.into()), "{found}");
    }
    let told = home.run(&["verify"]);
    assert!(told.status == 1 && told.stdout.contains("3 damaged blocks") && told.stdout.contains("--repair"), "{}", told.stdout);
    let (status, bad, found) = home.verify(&["--repair"]);
    assert_eq!((status, bad, &found["repaired"]), (1, 3, &true.into()), "{found}");
    assert_eq!(home.verify(&[]).0, 0);
}

#[test]
fn an_owner_answers_for_its_cache_and_goes_on_playing() {
    let rig = filled();
    let (home, serving) = owned(&rig);
    let opened = rig.open("/a.mp4", Demand::Playing).unwrap();
    let (status, full) = home.json(&["stats"]);
    assert_eq!((status, full["entries"].as_u64(), full["in_use"].as_u64()), (0, Some(4), Some(1)), "{full}");
    let rows = home.rows();
    assert_eq!(rows.iter().filter(|row| row["in_use"] == true).count(), 1, "{rows:?}");
    let id = text(rows.iter().find(|row| row["in_use"] == false).unwrap(), "id");
    assert_eq!(home.json(&["pin", id]).1["pinned"], true);
    assert_eq!(home.verify(&[]).0, 0);
    let (status, cleared) = home.json(&["clear"]);
    assert_eq!((status, cleared["entries"].as_u64(), cleared["in_use"].as_u64()), (0, Some(4), Some(1)), "{cleared}");
    assert_eq!(read(&opened, 0, opened.reader.len()).unwrap(), noise(BODY));
    drop(serving);
    assert_eq!(home.run(&["stats"]).status, 2, "nobody answers for a cache that is in use");
}

#[test]
fn the_usual_age_is_the_same_wherever_it_stands() {
    assert_eq!(Settings::merge(&CommonOptions::default(), Config::default()).cache_max_age, DEFAULT_MAX_AGE);
}
