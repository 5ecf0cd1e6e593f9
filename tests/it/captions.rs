//! Captions as a viewer gets them: the real program, real files and a real server.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::support::desktop::{Display, Program, alike, text, until};
use crate::support::faulty::{Fault, Faulty};

/// Of a clip in this colour.
const COLOUR: [u8; 3] = [40, 180, 60];
const TOLERANCE: u8 = 14;
/// Little ink: between the letters the ground is seen.
const SRT: &str = "\u{feff}1\r\n00:00:00,000 --> 00:10:00,000\r\n<i>. . . . . . . . .</i>\r\n";

/// A clip of one colour.
fn clip(path: &Path) {
    let [red, green, blue] = COLOUR;
    let source = format!("color=c=0x{red:02x}{green:02x}{blue:02x}:size=360x640:rate=30:duration=2");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source])
        .args(["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"])
        .args(["-c:v", "libx264", "-preset", "veryfast", "-movflags", "+faststart"])
        .arg(path)
        .status()
        .expect("these tests need the ffmpeg command");
    assert!(status.success());
}

/// Whether the clip is seen where captions stand while nothing else is there.
fn shows_clip(display: &Display) -> bool {
    alike(display.captions(), COLOUR, TOLERANCE)
}

/// Whether their ground is seen there: the clip shines through, where an empty screen is black.
fn shows_ground(display: &Display) -> bool {
    let [red, green, blue] = display.captions();
    red < 60 && (40..110).contains(&green) && blue < 60
}

#[test]
fn captions_beside_a_video_are_shown_and_hidden_by_a_key_and_remembered() {
    let folder = TempDir::new().unwrap();
    clip(&folder.path().join("clip.mp4"));
    std::fs::write(folder.path().join("clip.en.srt"), SRT).unwrap();
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", text(folder.path())]);
    assert!(until(|| shows_clip(&display)), "the clip alone");
    display.focus();
    display.key("c");
    assert!(until(|| shows_ground(&display)), "its captions");
    display.key("c");
    assert!(until(|| shows_clip(&display)), "the clip alone again");
    display.key("shift+c");
    assert!(until(|| shows_ground(&display)), "its captions again");
    assert!(program.is_alive());
    display.key("q");
    let mut program = program.start_again(&display, &["--window", "450x800"]);
    assert!(until(|| shows_ground(&display)), "captions are on at the next start");
    display.focus();
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn captions_of_a_feed_are_fetched_when_they_are_wanted_and_those_that_are_missing_cost_no_tile() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("clip.mp4");
    clip(&path);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = Faulty::start(runtime.handle(), std::fs::read(&path).unwrap());
    let feed = json!({ "videos": [
        { "id": "a", "videoUrl": "/a.mp4", "captions": [{ "url": "/a.srt?sig=1", "language": "en", "format": "srt" }] },
        { "id": "b", "videoUrl": "/b.mp4", "captions": [{ "url": "/b.vtt", "language": "en" }] }
    ], "hasMore": false });
    server.set_for("/feed", |behaviour| behaviour.body = Arc::new(feed.to_string().into_bytes()));
    server.set_for("/a.srt", |behaviour| behaviour.body = Arc::new(SRT.as_bytes().to_vec()));
    server.fault_for("/b.vtt", Fault::Status(404));
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", &server.url("/feed")]);
    assert!(until(|| shows_clip(&display)), "the first clip");
    assert!(server.seen_of("/a.srt").is_empty(), "nobody wants captions yet");
    display.focus();
    display.key("c");
    assert!(until(|| shows_ground(&display)), "its captions");
    assert!(until(|| !server.seen_of("/b.vtt").is_empty()), "those of the next one are asked for, too");
    display.key("Down");
    assert!(until(|| shows_clip(&display)), "the second clip plays without");
    display.key("Up");
    assert!(until(|| shows_ground(&display)), "the first one has them still");
    assert_eq!((server.seen_of("/a.srt").len(), server.seen_of("/b.vtt").len()), (1, 1));
    assert!(program.is_alive());
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}
