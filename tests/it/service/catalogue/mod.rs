//! The catalogue: a folder that changes, what lies beside its videos, and what is seen in them.

#[cfg(feature = "probe")]
mod probe;

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flickreel::server::ServerConfig;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::rig::{Served, folder, until};

/// A lifetime of listings in which no test gets old: what changes is heard of, or is not seen.
const LONG: Duration = Duration::from_hours(1);

async fn titles(served: &Served) -> Vec<String> {
    let page = served.json("/feed/videos").await;
    page["videos"].as_array().into_iter().flatten().map(|video| video["title"].as_str().unwrap().to_owned()).collect()
}

async fn video(served: &Served, title: &str) -> Value {
    let page = served.json("/feed/videos").await;
    page["videos"].as_array().unwrap().iter().find(|video| video["title"] == title).cloned().unwrap_or_default()
}

/// Puts the time at which files were written back to a certain one, so that they are not taken for ones that grow.
fn age(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = fs::File::options().append(true).open(entry.unwrap().path()).unwrap();
        file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))).unwrap();
    }
}

/// A program that sees something in every video, makes a poster, and writes down whom it was asked about.
fn fake_probe(folder: &Path) -> PathBuf {
    let (program, log) = (folder.join("probe"), folder.join("log"));
    let script = format!(
        "#!/bin/sh\nbasename \"$2\" >> '{}'\nprintf '\\377\\330\\377\\340picture' > \"$4\"\necho '{{\"seen\": {{\"width\": 9, \"height\": 16, \"durationMs\": 1500, \"posterMs\": 250}}}}'\n",
        log.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o700)).unwrap();
    program
}

fn asked(folder: &Path) -> Vec<String> {
    let mut asked: Vec<_> = fs::read_to_string(folder.join("log")).unwrap_or_default().lines().map(str::to_owned).collect();
    asked.sort();
    asked
}

fn config(clips: &TempDir) -> ServerConfig {
    ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_listing_lifetime(LONG)
}

#[tokio::test]
async fn captions_that_lie_beside_a_video_are_told_and_served_and_nothing_else_is() {
    let clips = folder(&["day 1/a.mp4", "b.mp4"]);
    let write = |name: &str, text: &[u8]| fs::write(clips.path().join(name), text).unwrap();
    write("day 1/a.en.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n");
    write("day 1/a.srt", b"1\n00:00:00,000 --> 00:00:01,000\nHallo\n");
    write("b.json", br#"{"secret": true}"#);
    write("b.srt", b"root:x:0:0:root:/root:/bin/sh\n");
    write("b.txt", b"1\n00:00:00,000 --> 00:00:01,000\nHallo\n");
    let served = Served::start(config(&clips)).await;
    let told = video(&served, "a").await;
    let expected = json!([
        {"url": "/media/day%201/a.srt", "language": "", "label": ""}, {"url": "/media/day%201/a.en.vtt", "language": "en", "label": ""}
    ]);
    assert_eq!((&told["captions"], &told["metadata"]["hasCaptions"]), (&expected, &json!(true)));
    for (path, kind) in [("/media/day%201/a.srt", "application/x-subrip"), ("/media/day%201/a.en.vtt", "text/vtt")] {
        let answer = served.get(path).await;
        assert_eq!((answer.status(), answer.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, kind));
        assert!(answer.text().await.unwrap().contains("-->"), "{path}");
    }
    for path in ["/media/b.json", "/media/b.srt", "/media/b.txt", "/media/posters/0000000000000000.jpg", "/media/posters/../b.json"] {
        assert_eq!(served.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_changes_in_the_folder_is_seen_although_no_listing_has_aged() {
    let clips = folder(&["a.mp4"]);
    let served = Served::start(config(&clips)).await;
    assert_eq!(titles(&served).await, ["a"]);
    let clip = fs::read(clips.path().join("a.mp4")).unwrap();
    fs::create_dir(clips.path().join("new")).unwrap();
    fs::write(clips.path().join("new/b.mp4"), &clip).unwrap();
    until("the new clip is listed", async || titles(&served).await == ["a", "b"]).await;
    fs::write(clips.path().join("a.vtt"), "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n").unwrap();
    until("its captions are told", async || video(&served, "a").await["metadata"]["hasCaptions"] == true).await;
    fs::write(clips.path().join("a.json"), r#"{"isActive": false}"#).unwrap();
    until("its side file hides it", async || titles(&served).await == ["b"]).await;
    fs::remove_file(clips.path().join("a.json")).unwrap();
    fs::remove_file(clips.path().join("new/b.mp4")).unwrap();
    until("what was deleted is gone", async || titles(&served).await == ["a"]).await;
}

#[tokio::test]
async fn a_folder_that_vanishes_is_told_in_words_and_its_videos_are_back_when_it_is() {
    let parent = tempfile::tempdir().unwrap();
    let (root, away) = (parent.path().join("videos"), parent.path().join("away"));
    fs::create_dir(&root).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/reel/koi.mp4"), root.join("koi.mp4")).unwrap();
    let served = Served::start(ServerConfig::new(&root).unwrap().with_rate_limit(0)).await;
    assert_eq!(titles(&served).await, ["koi"]);
    fs::rename(&root, &away).unwrap();
    until("it says so", async || {
        let answer = served.get("/feed/videos").await;
        answer.status() == StatusCode::INTERNAL_SERVER_ERROR && answer.text().await.unwrap().contains("can’t be read at the moment")
    })
    .await;
    fs::rename(&away, &root).unwrap();
    until("it is back", async || titles(&served).await == ["koi"]).await;
    fs::copy(root.join("koi.mp4"), root.join("other.mp4")).unwrap();
    until("it is watched again", async || titles(&served).await.len() == 2).await;
}

#[tokio::test]
async fn what_was_seen_outlives_the_server_and_no_video_is_looked_into_twice() {
    let (clips, state) = (folder(&["a.mp4", "b.mp4"]), tempfile::tempdir().unwrap());
    age(clips.path());
    let program = fake_probe(state.path());
    let start = || Served::start(config(&clips).with_state(&state.path().join("state")).with_probe(&program));
    let is_seen = async |served: &Served, title: &str| {
        let video = video(served, title).await;
        video["thumbnailUrl"].is_string() && video["metadata"]["width"] == 9
    };
    {
        let served = start().await;
        until("both are seen", async || is_seen(&served, "a").await && is_seen(&served, "b").await).await;
        let told = video(&served, "a").await;
        assert_eq!((&told["durationSeconds"], &told["metadata"]["thumbnailTime"]), (&json!(1.5), &json!(0.25)));
        let poster = served.get(told["thumbnailUrl"].as_str().unwrap()).await;
        let header = |name: &str| poster.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("content-type"), header("cache-control")), ("image/jpeg".to_owned(), "public, max-age=300".to_owned()));
        let again = served.client.get(poster.url().clone()).header("if-none-match", header("etag")).send().await.unwrap();
        assert_eq!((again.status(), poster.bytes().await.unwrap().ends_with(b"picture")), (StatusCode::NOT_MODIFIED, true));
        assert_eq!(asked(state.path()), ["a.mp4", "b.mp4"]);
    }
    let clip = fs::read(clips.path().join("a.mp4")).unwrap();
    fs::write(clips.path().join("c.mp4"), &clip).unwrap();
    fs::write(clips.path().join("b.mp4"), [&clip[..], b"\0\0\0\x08free"].concat()).unwrap();
    age(clips.path());
    // The one before may hold the database for a moment longer; who comes meanwhile would go on without.
    let database = state.path().join("state/catalogue.redb");
    until("it is let go", async || redb::Database::open(&database).is_ok()).await;
    let served = start().await;
    until("all are seen", async || is_seen(&served, "a").await && is_seen(&served, "b").await && is_seen(&served, "c").await).await;
    assert_eq!(asked(state.path()), ["a.mp4", "b.mp4", "b.mp4", "c.mp4"]);
}

#[tokio::test]
async fn a_second_server_on_the_same_state_serves_without_it() {
    let (clips, state) = (folder(&["a.mp4"]), tempfile::tempdir().unwrap());
    age(clips.path());
    let program = fake_probe(state.path());
    let config = || config(&clips).with_state(state.path()).with_probe(&program);
    let first = Served::start(config()).await;
    until("it is seen", async || video(&first, "a").await["thumbnailUrl"].is_string()).await;
    let second = Served::start(config()).await;
    until("it is seen there", async || video(&second, "a").await["metadata"]["width"] == 9).await;
    assert!(video(&second, "a").await["thumbnailUrl"].is_null(), "there is no place for its posters");
}
