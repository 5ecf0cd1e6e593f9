//! `flickreel-server prefetch` as a program: what it prints, how it ends, what it refuses.

use std::process::{Command, Output, Stdio};

use super::super::rig::until;
use super::rig::{Scripted, media, page, service, video};

fn program(api: &str, cdn: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flickreel-server"));
    let ours = ["FEED_API_URL", "FEED_CDN_BASE_URL", "FEED_REDIS_ENDPOINT", "SERVICE_TOKEN", "FEED_PREFETCH_CRON_EXPRESSION"];
    for name in ours.into_iter().chain(["FEED_S3_BUCKET", "AWS_REGION", "FLICKREEL_LOG"]) {
        program.env_remove(name);
    }
    program.arg("prefetch").env("FEED_API_URL", api).env("FEED_CDN_BASE_URL", cdn).stdin(Stdio::null());
    program
}

async fn ends(mut program: Command) -> Output {
    tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn one_run_prints_a_table_or_json_and_ends_well() {
    let (api, edge) = (service(vec![video("v1")]).await, Scripted::start(async |_| media("HIT")).await);
    let mut once = program(&api.url(), &edge.url());
    once.arg("--once").env("SERVICE_TOKEN", "t0ken");
    let said = ends(once).await;
    let table = text(&said.stdout);
    assert!(
        said.status.success() && table.starts_with("item  what   before  after  bytes  ms  failure\nv1    media  HIT     HIT "),
        "{table}"
    );
    assert!(table.contains("\n2 pages, 1 items: 1 files warm before, 0 warmed"), "{table}");
    assert!(!text(&said.stderr).contains("t0ken"));
    assert_eq!(api.asked()[0].headers["authorization"], "Bearer t0ken");
    let mut once = program(&api.url(), &edge.url());
    once.args(["--once", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&ends(once).await.stdout).unwrap();
    assert_eq!((&json["rows"][0]["id"], &json["rows"][0]["after"]), (&"v1".into(), &"HIT".into()));
}

#[tokio::test]
async fn a_run_that_could_read_nothing_fails() {
    let mut once = program("http://127.0.0.1:1/", "http://127.0.0.1:1/");
    once.arg("--once");
    let said = ends(once).await;
    assert_eq!(said.status.code(), Some(1));
    assert!(text(&said.stdout).contains("not read: /feed/videos, page 1: no connection"), "{}", text(&said.stdout));
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_with_a_reason() {
    for (words, reason) in [
        (&["--schedule", "rate(5 minute)"][..], "write rate(5 minutes)"),
        (&["--schedule", "0 0 30 2 *"], "never comes"),
        (&["--cdn", "ftp://cdn.example/?X-Amz-Signature=s3cret"], "is no address to ask"),
        (&["--redis", "http://127.0.0.1"], "Redis can’t be used"),
        (&["--bucket", "clips"], "--region"),
    ] {
        let mut wrong = program("http://127.0.0.1:1/", "http://127.0.0.1:1/");
        let said = ends({
            wrong.arg("--dry-run").args(words);
            wrong
        })
        .await;
        let why = text(&said.stderr);
        assert_eq!(said.status.code(), Some(2), "{words:?}: {why}");
        assert!(why.contains(reason) && !why.contains("s3cret"), "{words:?}: {why}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_worker_that_waits_for_its_tick_and_one_at_work_end_well_when_they_are_asked_to() {
    use std::sync::Arc;

    let goes_on = Arc::new(tokio::sync::Semaphore::new(0));
    let opened = Arc::clone(&goes_on);
    let api = Scripted::start(move |_| {
        let opened = Arc::clone(&opened);
        async move {
            let _ = opened.acquire().await.unwrap();
            page(&[], Some("more"))
        }
    })
    .await;
    let asked_to_end = |child: &std::process::Child| {
        assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
    };
    // At work: asked while its first pages are under way, it asks for no more of them.
    let mut once = program(&api.url(), "http://127.0.0.1:1/");
    let mut child = once.args(["--once", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    until("both feeds are asked for", async || api.asked().len() == 2).await;
    asked_to_end(&child);
    // The program tells nobody that it has heard the signal but by its end: it is given pages until then.
    until("it ends", async || {
        goes_on.add_permits(1);
        child.try_wait().unwrap().is_some()
    })
    .await;
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", text(&said.stdout));
    // Waiting for a tick that is far away.
    let mut waits = program(&api.url(), "http://127.0.0.1:1/");
    let mut child = waits.args(["--schedule", "0 0 29 2 *"]).env("FLICKREEL_LOG", "info").stderr(Stdio::piped()).spawn().unwrap();
    let mut hears = std::io::BufReader::new(child.stderr.take().unwrap());
    let first = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut hears, &mut line).unwrap();
        line
    });
    assert!(first.await.unwrap().contains("the next tick"), "it says when it will work");
    asked_to_end(&child);
    until("it ends", async || child.try_wait().unwrap().is_some()).await;
    assert!(child.wait().unwrap().success());
}
