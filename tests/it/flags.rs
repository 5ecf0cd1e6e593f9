//! Feature flags from a feed service to a session, and a session that ended abruptly or as it should.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use flickreel::metrics::Counters;
use flickreel::server::{self, ServerConfig, ServerError};
use flickreel::source::{Source, SourceContext};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::desktop::{Display, Program, command, text, until};
use crate::support::origin::Service;

/// A feed service that tells of these flags; the file is in the folder.
async fn service(flags: Option<&str>) -> (TempDir, Source) {
    let folder = TempDir::new().unwrap();
    let mut config = ServerConfig::new(folder.path()).unwrap();
    if let Some(flags) = flags {
        let path = folder.path().join("flags.json");
        fs::write(&path, flags).unwrap();
        config = config.with_flags(&path).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let feed = format!("http://{}/feed/videos?token=secret", listener.local_addr().unwrap());
    tokio::spawn(server::serve(config, listener, std::future::pending()));
    (folder, Source::parse(&[feed]).unwrap())
}

async fn asked(source: &Source) -> Option<Vec<(String, u8)>> {
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    context.note_opened(source);
    source.flags(&context).await
}

#[tokio::test]
async fn a_feed_service_tells_of_its_flags_and_takes_one_back_while_it_runs() {
    let (folder, source) = service(Some(r#"{"flags": {"wide_window_echo": {"percent": 50}}}"#)).await;
    assert_eq!(asked(&source).await, Some(vec![("wide_window_echo".to_owned(), 50)]));
    fs::write(folder.path().join("flags.json"), r#"{"flags": {"wide_window_echo": {"percent": 0}}}"#).unwrap();
    assert_eq!(asked(&source).await, Some(vec![("wide_window_echo".to_owned(), 0)]));
    fs::write(folder.path().join("flags.json"), "{").unwrap();
    assert_eq!(asked(&source).await, None, "half a file is no answer");
}

#[tokio::test]
async fn a_feed_service_without_flags_and_a_folder_say_nothing() {
    let (folder, source) = service(None).await;
    assert_eq!(asked(&source).await, None);
    assert_eq!(asked(&Source::Folder(folder.path().to_owned())).await, None);
}

#[tokio::test]
async fn answers_that_are_too_large_or_lead_elsewhere_or_are_no_flags_are_ignored() {
    let large = format!(r#"{{"flags": {{"a": {{"percent": 5, "note": "{}"}}}}}}"#, "x".repeat(64 << 10));
    let answers = [
        Router::new().route("/feed/flags", get(async || large)),
        Router::new().route("/feed/flags", get(async || Html("<p>Hello</p>"))),
        Router::new().route("/feed/flags", get(async || r#"{"flags": 5}"#)),
        Router::new().route("/feed/flags", get(async || Redirect::temporary("http://10.0.0.1/feed/flags"))),
    ];
    for router in answers {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let source = Source::parse(&[format!("http://{}/feed", listener.local_addr().unwrap())]).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        assert_eq!(asked(&source).await, None);
    }
}

#[tokio::test]
async fn a_server_refuses_a_file_of_flags_that_clients_would_not_understand() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("flags.json");
    fs::write(&path, r#"{"flags": {"a": {"percent": 300}}}"#).unwrap();
    let refused = ServerConfig::new(folder.path()).unwrap().with_flags(&path).err().unwrap();
    assert!(matches!(refused, ServerError::Flags { .. }) && !refused.retryable());
    let output = Command::new(env!("CARGO_BIN_EXE_flickreel-server"))
        .args(["serve", text(folder.path()), "--listen", "127.0.0.1:0", "--flags", text(&path)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("a has no percent from 0 to 100"), "{said}");
}

/// What `flickreel flags` prints.
fn flags(home: &Path) -> String {
    let output = command(home).arg("flags").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The line of a flag.
fn row<'t>(told: &'t str, name: &str) -> &'t str {
    told.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in\n{told}"))
}

#[test]
fn the_command_says_of_every_flag_whether_it_is_on_and_why() {
    let home = TempDir::new().unwrap();
    let told = flags(home.path());
    assert!(row(&told, "auto_skip_failed").starts_with("off") && row(&told, "auto_skip_failed").ends_with("by default"), "{told}");
    assert!(row(&told, "wide_window_echo").starts_with("on "), "{told}");
    let config = home.path().join("config/flickreel");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "[flags]\nwide_window_echo = false\nno_such_flag = 5\n").unwrap();
    fs::write(config.join("flags.toml"), "preload_plus_three = 100\nauto_skip_failed = 0\n").unwrap();
    let output = command(home.path()).arg("flags").output().unwrap();
    let (told, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(row(&told, "wide_window_echo").starts_with("off") && told.contains("chosen in config.toml"), "{told}");
    assert!(row(&told, "preload_plus_three").starts_with("on "), "{told}");
    assert!(row(&told, "preload_plus_three").contains("for 100 % by flags.toml; this installation is among them"), "{told}");
    assert!(row(&told, "auto_skip_failed").starts_with("off"), "{told}");
    assert!(said.contains("'no_such_flag' in [flags] is no flag"), "{said}");
}

/// Waits for the mark of a session that is under way.
fn runs(display: &Display, home: &Path) -> bool {
    let is_mark = |entry: fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".running");
    let marked = || fs::read_dir(home.join("state/flickreel")).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(is_mark)));
    until(|| display.has_window() && marked())
}

#[test]
fn what_a_feed_service_switches_on_begins_at_the_next_start_and_ends_after_two_sessions_that_were_killed() {
    let media = TempDir::new().unwrap();
    let file = media.path().join("flags.json");
    fs::write(&file, r#"{"flags": {"auto_skip_failed": {"percent": 100}}}"#).unwrap();
    let service = Service::serve(media.path(), &["--flags", text(&file)]);
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", &service.feed()]);
    let home = program.home.path().to_owned();
    assert!(until(|| flags(&home).contains("this installation is among them")), "{}\n{}", flags(&home), program.said());
    assert!(row(&flags(&home), "auto_skip_failed").contains("for 100 % by the feed service 127.0.0.1"));
    assert!(runs(&display, &home));
    // As the system does when somebody logs out.
    assert!(Command::new("kill").arg(program.id().to_string()).status().unwrap().success());
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    assert!(flags(&home).contains("The last sessions ended: well."), "{}", flags(&home));
    let figures: serde_json::Value = serde_json::from_slice(&fs::read(home.join("state/flickreel/figures.json")).unwrap()).unwrap();
    assert!(figures["health"]["timestamp"].as_u64().is_some_and(|seconds| seconds > 1_700_000_000), "{figures}");
    for _ in 0..2 {
        program = program.start_again(&display, &["--window", "450x800"]);
        assert!(runs(&display, &home));
        assert!(row(&flags(&home), "auto_skip_failed").starts_with("on "));
        program.stop_abruptly();
    }
    program = program.start_again(&display, &["--window", "450x800"]);
    assert!(runs(&display, &home));
    let told = flags(&home);
    assert!(row(&told, "auto_skip_failed").starts_with("off") && told.contains("two sessions in a row ended abruptly"), "{told}");
    assert!(until(|| program.said().contains("The flag auto_skip_failed was switched off")), "{}", program.said());
}

#[test]
fn what_is_tried_out_while_videos_fail_to_load_is_switched_off_in_that_session_and_stays_off() {
    let broken = TempDir::new().unwrap();
    for at in 0..60 {
        fs::write(broken.path().join(format!("{at:02}.mp4")), crate::server::STUB_VIDEO).unwrap();
    }
    let display = Display::start();
    // A first session makes the home; it has no time to try anything out.
    let mut program = Program::start(&display, &["--window", "450x800"]);
    let home = program.home.path().to_owned();
    assert!(runs(&display, &home));
    program.stop_abruptly();
    fs::create_dir_all(home.join("config/flickreel")).unwrap();
    fs::write(home.join("config/flickreel/flags.toml"), "preload_plus_three = 100\n").unwrap();
    program = program.start_again(&display, &["--window", "450x800", text(broken.path())]);
    assert!(runs(&display, &home));
    assert!(row(&flags(&home), "preload_plus_three").starts_with("on "));
    display.focus();
    let gone_on = until(|| {
        display.key("Down");
        program.said().contains("The flag preload_plus_three was switched off: more than 20 % of the loads failed.")
    });
    assert!(gone_on, "{}", program.said());
    let told = || flags(&home);
    assert!(until(|| row(&told(), "preload_plus_three").contains("more than 20 % of the loads failed")), "{}", told());
    assert!(row(&told(), "preload_plus_three").starts_with("off"), "{}", told());
}
