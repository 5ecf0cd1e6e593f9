//! Looking into real clips, good ones and bad ones, with the real program.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flickreel::server::ServerConfig;
use serde_json::Value;
use tempfile::TempDir;

use super::super::rig::{Served, folder, until};
use super::{age, video};

const PROGRAM: &str = env!("CARGO_BIN_EXE_flickreel-server");

fn ffmpeg(words: &str, out: &Path) {
    let status = Command::new("ffmpeg").args(["-nostdin", "-v", "error", "-y"]).args(words.split_whitespace()).arg(out).status().unwrap();
    assert!(status.success(), "{words}");
}

/// A clip of a moving picture in the folder.
fn clip(folder: &TempDir, name: &str, words: &str) -> PathBuf {
    let out = folder.path().join(name);
    ffmpeg(&format!("-f lavfi -i testsrc=size=160x90:rate=25:duration=2 {words}"), &out);
    out
}

/// What the program says of a file, and the size of the poster it has made.
fn look(file: &Path) -> (Value, Option<(u32, u32)>) {
    let folder = tempfile::tempdir().unwrap();
    let poster = folder.path().join("poster.jpg");
    let output = Command::new(PROGRAM).arg("probe").arg(file).arg("--poster").arg(&poster).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = serde_json::from_str(&text).unwrap_or_else(|err| panic!("{err}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    (told, poster.is_file().then(|| image::image_dimensions(&poster).unwrap()))
}

/// The same film, which is to be turned clockwise (ISO 14496-12, 8.3.2). By hand: how ffmpeg is told changes with its version.
fn quarter_turn(mut film: Vec<u8>) -> Vec<u8> {
    let header = film.windows(4).position(|kind| kind == b"tkhd").unwrap() + 4;
    for (at, value) in [0, 0x1_0000, 0, 0xffff_0000_u32, 0].into_iter().enumerate() {
        film[header + 40 + 4 * at..][..4].copy_from_slice(&value.to_be_bytes());
    }
    film
}

fn size(told: &Value) -> (u64, u64) {
    (told["seen"]["width"].as_u64().unwrap(), told["seen"]["height"].as_u64().unwrap())
}

#[test]
fn a_clip_of_the_reel_is_seen_as_it_is() {
    let (told, poster) = look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/reel/koi.mp4"));
    let seen = &told["seen"];
    assert_eq!((&seen["container"], &seen["video"]), (&"mp4".into(), &"H.264".into()), "{told}");
    let (width, height) = size(&told);
    let (poster_width, poster_height) = poster.unwrap();
    assert!(poster_width <= 720 && u64::from(poster_width) * height == u64::from(poster_height) * width, "{poster:?} of {told}");
    let (at, duration) = (seen["posterMs"].as_u64().unwrap(), seen["durationMs"].as_u64().unwrap());
    assert!(at.abs_diff(duration / 10) <= 100, "{told}");
}

#[test]
fn sizes_are_those_that_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let x264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    let flat = clip(&folder, "flat.mp4", x264);
    let turned = folder.path().join("turned.mp4");
    fs::write(&turned, quarter_turn(fs::read(&flat).unwrap())).unwrap();
    let wide = clip(&folder, "wide.mp4", &format!("-vf setsar=4/3 {x264}"));
    for (file, expected) in [(&flat, (160, 90)), (&turned, (90, 160)), (&wide, (213, 90))] {
        let (told, poster) = look(file);
        assert_eq!(size(&told), expected, "{}", file.display());
        assert_eq!(poster.map(|(width, height)| (width.into(), height.into())), Some(expected), "{}", file.display());
        assert_eq!((&told["seen"]["fps"], &told["seen"]["durationMs"], told["seen"].get("audio")), (&25.0.into(), &2000.into(), None));
    }
}

#[test]
fn containers_and_codecs_are_told_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let sound = "-f lavfi -i sine=duration=2";
    for (name, words, expected) in [
        ("a.webm", "-c:v libvpx -deadline realtime -b:v 200k -c:a libopus", ["matroska", "VP8", "Opus"]),
        ("a.ts", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac", ["mpegts", "H.264", "AAC"]),
        ("a.avi", "-c:v mpeg4 -c:a pcm_s16le", ["avi", "MPEG-4", "PCM"]),
    ] {
        let (told, poster) = look(&clip(&folder, name, &format!("{sound} {words}")));
        let seen = ["container", "video", "audio"].map(|field| told["seen"][field].as_str().unwrap_or_default());
        assert_eq!((seen, poster), (expected, Some((160, 90))), "{told}");
    }
}

#[test]
fn a_poster_is_not_black_when_there_is_light_later() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("dawn.mp4");
    let words = "-f lavfi -i color=black:size=160x90:rate=25:duration=3 -f lavfi -i testsrc=size=160x90:rate=25:duration=3 \
        -filter_complex concat=n=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    ffmpeg(words, &out);
    let (told, _) = look(&out);
    assert!(told["seen"]["posterMs"].as_u64().unwrap() >= 2900, "{told}");
}

#[test]
fn what_is_damaged_is_seen_as_far_as_it_goes_or_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(clip(&folder, "a.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags +faststart")).unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let (told, poster) = look(&file("half.mp4", &whole[..whole.len() * 2 / 3]));
    assert!(size(&told) == (160, 90) && poster.is_some(), "{told}");
    let noise: Vec<u8> = (0..50_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &noise].concat();
    let headless = [&b"\0\0\0\x18ftypisom\0\0\0\0isommp42"[..], &noise].concat();
    for (name, bytes) in [
        ("noise.mp4", &noise[..]),
        ("picture.mp4", &png),
        ("headless.mp4", &headless),
        ("empty.mp4", b""),
        ("short.mkv", b"\x1a\x45\xdf\xa3"),
    ] {
        let (told, poster) = look(&file(name, bytes));
        assert!(told["failed"].as_str().is_some_and(|why| !why.is_empty()) && poster.is_none(), "{name}: {told}");
    }
    assert!(look(&folder.path().join("none.mp4")).0["failed"].is_string());
    assert!(look(folder.path()).0["failed"].is_string());
}

#[test]
fn a_list_of_addresses_in_the_guise_of_a_video_has_none_of_them_asked() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Bytes that mark packets of a transport stream, one packet apart, in a playlist.
    let mut playlist = format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://{address}/a.ts\n#").into_bytes();
    playlist.resize(4 * 188, b'.');
    for packet in 0..4 {
        playlist[187 + packet * 188] = b'G';
    }
    playlist.extend(b"\n#EXT-X-ENDLIST\n");
    let path = folder.path().join("a.ts");
    fs::write(&path, playlist).unwrap();
    assert!(flickreel::feed::Container::sniff(&fs::read(&path).unwrap()).is_some(), "it looks like a video");
    assert!(look(&path).0["failed"].is_string());
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "it was asked");
}

/// The server as a program, until it is killed.
struct Program(Child);

impl Program {
    fn start(clips: &TempDir, state: &Path) -> Self {
        let words = ["--listen", "127.0.0.1:0", "--state"];
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--rate-limit", "0"]).arg(clips.path()).args(words).arg(state).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_writes_goes_on_where_it_was() {
    let names: Vec<_> = (0..6).map(|at| format!("{at}.mp4")).collect();
    let clips = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    age(clips.path());
    let state = tempfile::tempdir().unwrap();
    let posters = || fs::read_dir(state.path().join("posters")).map_or(0, Iterator::count);
    for round in 1..=3 {
        let program = Program::start(&clips, state.path());
        until("there is another poster", async || posters() >= round).await;
        drop(program);
    }
    assert!(!state.path().join("catalogue.redb.aside").exists(), "a kill damages nothing");
    let served =
        Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_state(state.path()).with_probe(Path::new(PROGRAM)))
            .await;
    for at in 0..6 {
        until("all have posters", async || video(&served, &at.to_string()).await["thumbnailUrl"].is_string()).await;
        let poster = served.get(video(&served, &at.to_string()).await["thumbnailUrl"].as_str().unwrap()).await;
        assert!(poster.bytes().await.unwrap().starts_with(&[0xff, 0xd8, 0xff]));
    }
}
