//! The program from outside: words on its command line, its config file and `doctor`. None of these opens a window.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program with a home of its own and no desktop.
fn flickreel(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flickreel"))
        .args(args)
        .env("HOME", home)
        .env_remove("FLICKREEL_LOG")
        .env_remove("RUST_BACKTRACE")
        .envs(["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"].map(|name| (name, home.join(name))))
        .env("XDG_RUNTIME_DIR", home)
        .envs(["DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"].map(|bus| (bus, format!("unix:path={}/no-bus", home.display()))))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("PULSE_SERVER")
        .output()
        .unwrap()
}

/// Status, standard output and standard error of a run in a fresh home.
fn run(args: &[&str]) -> (i32, String, String) {
    let home = tempfile::tempdir().unwrap();
    told(&flickreel(home.path(), args))
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Runs with words that are wrong; the program says so in a sentence and ends with status 2.
fn refusal(args: &[&str]) -> String {
    let (status, stdout, stderr) = run(args);
    assert_eq!(status, 2, "{args:?}: {stdout}{stderr}");
    assert_eq!(stdout, "", "{args:?}");
    assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
    stderr
}

#[test]
fn the_version_is_one_line() {
    assert_eq!(run(&["--version"]), (0, format!("flickreel {}\n", env!("CARGO_PKG_VERSION")), String::new()));
}

#[test]
fn help_names_every_command_and_option_and_gives_examples() {
    let (status, stdout, stderr) = run(&["--help"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let options = [
        "--window",
        "--cache-dir",
        "--cache-size",
        "--no-cache",
        "--profile",
        "--mute",
        "--config",
        "--verbose",
        "--dogstatsd",
        "--prometheus",
        "--from-start",
        "--new-window",
        "--print-config",
    ];
    for word in options.iter().chain(&["replay", "cache", "telemetry", "doctor", "Examples:", "flickreel ~/Videos"]) {
        assert!(stdout.contains(word), "{word} is not in\n{stdout}");
    }
    let (status, stdout, _) = run(&["replay", "--help"]);
    assert_eq!(status, 0);
    for word in ["SCRIPT", "SOURCE", "--report", "--trace", "--compare", "--bound", "--table", "--seed", "browse, rush, linger, soak"] {
        assert!(stdout.contains(word), "{word} is not in\n{stdout}");
    }
    let (status, stdout, _) = run(&["cache", "--help"]);
    assert_eq!(status, 0);
    for word in ["stats", "list", "verify", "clear", "pin", "unpin", "--json", "\"failed\"", "Status: 0"] {
        assert!(stdout.contains(word), "{word} is not in\n{stdout}");
    }
}

#[test]
fn a_wrong_word_is_told_in_a_sentence_with_status_2() {
    assert!(refusal(&["--widow", "450x800"]).contains("'--widow'"));
    assert!(refusal(&["--window", "450"]).contains("for example 450x800"));
    assert!(refusal(&["--window", "10x10"]).contains("from 200 to 16384 pixels"));
    assert!(refusal(&["--cache-size", "2GB"]).contains("config file"));
    assert!(refusal(&["--cache-size", "lots"]).contains("for example 64MiB"));
    assert!(refusal(&["--profile", "fast"]).contains("cellular"));
    assert!(refusal(&["--no-cache", "--cache-dir", "x"]).contains("cannot be used with"));
    assert!(refusal(&["cache", "pin", "ocean"]).contains("flickreel cache list"));
    assert!(refusal(&["cache", "stats", "--no-cache"]).contains("--no-cache"));
    assert!(refusal(&["--dogstatsd", "8125"]).contains("HOST:PORT"));
    assert!(refusal(&["replay", "browse", "--prometheus", "70000"]).contains("--prometheus"));
    assert!(refusal(&["replay"]).contains("SCRIPT"));
    assert!(refusal(&["replay", "browse", "--seed", "x"]).contains("--seed"));
}

#[test]
fn a_replay_of_an_unknown_script_cannot_run() {
    let stderr = refusal(&["replay", "no-such-script"]);
    assert!(stderr.contains("'no-such-script'") && stderr.contains("browse"), "{stderr}");
}

#[test]
fn a_replay_script_with_a_mistake_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("mine.toml");
    fs::write(&script, "steps = [\n  'swipe next',\n  'moonwalk',\n]\n").unwrap();
    let stderr = refusal(&["replay", script.to_str().unwrap()]);
    assert!(stderr.contains("line 3: 'moonwalk'"), "{stderr}");
}

#[test]
fn two_reports_are_compared_and_a_regression_ends_with_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let report = |name: &str, json: &str| {
        let path = folder.path().join(name);
        fs::write(&path, json).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let before = report("a.json", r#"{"version":1,"script":"browse","process":{"cpu_cores":0.5},"display":{"jank_pct":1.0}}"#);
    let after = report("b.json", r#"{"version":1,"script":"browse","process":{"cpu_cores":0.6},"display":{"jank_pct":0.2}}"#);
    let (status, stdout, stderr) = run(&["replay", "--compare", &before, &after]);
    assert_eq!((status, stderr.as_str()), (1, ""), "{stdout}");
    assert!(stdout.contains("1.20  WORSE") && stdout.contains("0.20  better"), "{stdout}");
    let (status, stdout, _) = run(&["replay", "--compare", &before, &after, "--bound", "25"]);
    assert_eq!(status, 0, "{stdout}");
    assert!(stdout.ends_with("Nothing is worse by more than 25 %.\n"), "{stdout}");
    assert!(refusal(&["replay", "--compare", &before, "/no/such.json"]).contains("/no/such.json"));
    let other = report("c.json", "{}");
    assert!(refusal(&["replay", "--compare", &before, &other]).contains("c.json is no report"));
    let (status, stdout, _) = run(&["replay", "--table", &before, &after]);
    assert_eq!(status, 0);
    let row = stdout.lines().find(|line| line.starts_with("cpu_cores")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["cpu_cores", "0.5", "0.6"]);
    assert!(refusal(&["replay", "--table", &before, &other]).contains("c.json is no report"));
}

#[test]
fn a_recording_that_cannot_be_written_is_told_before_a_window_opens() {
    assert!(refusal(&["--record", "/no/such/folder/mine.toml"]).contains("/no/such/folder/mine.toml"));
}

#[test]
fn a_config_file_that_is_named_has_to_exist_and_make_sense() {
    assert!(refusal(&["--config", "/no/such/config.toml", "doctor"]).contains("/no/such/config.toml"));
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    fs::write(&config, "[window]\nsize = 5\n").unwrap();
    let stderr = refusal(&["--config", config.to_str().unwrap(), "doctor"]);
    assert!(stderr.contains("config.toml, line 2: "), "{stderr}");
}

#[test]
fn an_unknown_key_in_the_usual_config_file_is_warned_about_and_the_rest_holds() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("elsewhere");
    let folder = home.path().join("XDG_CONFIG_HOME/flickreel");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), format!("[cache]\ndir = '{}'\ncolour = 'red'\n", cache.display())).unwrap();
    let (_, stdout, stderr) = told(&flickreel(home.path(), &["doctor"]));
    assert!(stderr.contains("'cache.colour'"), "{stderr}");
    assert!(stdout.contains(cache.to_str().unwrap()), "{stdout}");
    assert!(cache.is_dir(), "the cache folder that was configured is the one that was tried");
}

#[test]
fn doctor_without_a_desktop_says_what_is_missing_and_where_things_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = told(&flickreel(home.path(), &["doctor"]));
    assert_eq!(status, 1, "{stdout}{stderr}");
    let row = |name: &str| stdout.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in\n{stdout}"));
    assert!(row(" display ").starts_with("missing"), "{stdout}");
    for name in ["GStreamer", "MP4 (H.264, AAC)", "WebM", "renderer", "sound", "network"] {
        row(name);
    }
    assert!(row("cache folder").starts_with("ok"), "{stdout}");
    assert!(row(" power ").ends_with("nobody tells") && row(" connection ").ends_with("nobody tells"), "{stdout}");
    assert!(row(" memory ").contains("MB available"), "{stdout}");
    assert!(row("log ").contains("XDG_STATE_HOME/flickreel/flickreel.log"), "{stdout}");
}

#[test]
fn the_printed_config_is_one_that_means_the_same_and_a_slip_in_it_is_told() {
    let home = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) =
        told(&flickreel(home.path(), &["--print-config", "--mute", "--profile", "slow", "--cache-size", "64MiB"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    for line in ["[cache]", "size = 67108864", "muted = true", "profile = \"slow\"", "# ahead = 2", "# Default: as the profile says."] {
        assert!(stdout.lines().any(|found| found == line), "{line} is not in\n{stdout}");
    }
    let file = home.path().join("mine.toml");
    fs::write(&file, &stdout).unwrap();
    let read = told(&flickreel(home.path(), &["--print-config", "--config", file.to_str().unwrap()]));
    assert_eq!(read, (0, stdout.clone(), String::new()));
    fs::write(&file, stdout.replace("# ahead = 2", "ahed = 2")).unwrap();
    let (status, again, stderr) = told(&flickreel(home.path(), &["--print-config", "--config", file.to_str().unwrap()]));
    assert_eq!((status, again), (0, stdout));
    assert!(stderr.contains("'preload.ahed' means nothing here and is ignored; did you mean 'ahead'?"), "{stderr}");
}

#[test]
fn telemetry_that_nobody_asked_for_is_off_and_looking_at_it_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = told(&flickreel(home.path(), &["telemetry", "show"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(stdout.contains("off: nothing is counted and nothing is sent"), "{stdout}");
    assert!(stdout.contains("none yet") && stdout.contains("0 events"), "{stdout}");
    for event in [
        "feed_video_viewed",
        "feed_swipe",
        "feed_page_loaded",
        "feed_preload_complete",
        "feed_preferences_updated",
        "feed_pagination_retry",
        "feed_interaction",
    ] {
        assert!(stdout.contains(&format!("\"event\": \"{event}\"")), "{event} is not in\n{stdout}");
    }
    assert!(!home.path().join("XDG_STATE_HOME/flickreel/telemetry").exists());
}

#[test]
fn telemetry_shows_who_gets_what_but_not_the_key_and_a_reset_draws_another_id() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("XDG_CONFIG_HOME/flickreel");
    fs::create_dir_all(&folder).unwrap();
    let export = "[export]\nsegment_endpoint = 'https://events.example'\nsegment_write_key = 's3cr3t'\n";
    fs::write(folder.join("config.toml"), export).unwrap();
    let ask = |word| {
        let (status, stdout, stderr) = told(&flickreel(home.path(), &["telemetry", word]));
        assert_eq!((status, stderr.as_str()), (0, ""), "{stdout}");
        assert!(!stdout.contains("s3cr3t"), "{stdout}");
        stdout
    };
    let reset = |stdout: String| stdout.strip_prefix("The new id is ").and_then(|rest| rest.split('.').next()).unwrap().to_owned();
    let first = reset(ask("reset"));
    let shown = ask("show");
    assert!(shown.contains("on: sent to https://events.example/v1/batch") && shown.contains(&first), "{shown}");
    let second = reset(ask("reset"));
    assert_ne!(first, second);
    assert!(ask("show").contains(&second));
}
