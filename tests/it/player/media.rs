//! Clips, made by `ffmpeg` when a test needs them and kept for the run of the test binary.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use tempfile::TempDir;

static KEPT: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);

/// A test pattern of `size` at 30 pictures a second, `seconds` long, coded by `options`, as `ending`.
pub fn pattern(size: &str, seconds: f64, options: &str, ending: &str) -> Vec<u8> {
    made(&format!("-f lavfi -i testsrc2=size={size}:rate=30:duration={seconds} {options}"), ending)
}

/// The pattern with a tone of `hertz`.
pub fn pattern_with_tone(size: &str, seconds: f64, hertz: u32, options: &str, ending: &str) -> Vec<u8> {
    let inputs =
        format!("-f lavfi -i testsrc2=size={size}:rate=30:duration={seconds} -f lavfi -i sine=frequency={hertz}:duration={seconds}");
    made(&format!("{inputs} -shortest {options}"), ending)
}

/// One colour (`0xrrggbb`), as `options` code it.
pub fn plain(color: &str, size: &str, options: &str, ending: &str) -> Vec<u8> {
    made(&format!("-f lavfi -i color=c={color}:size={size}:rate=30:duration=1 {options}"), ending)
}

/// What `ffmpeg` makes of `arguments`.
pub fn made(arguments: &str, ending: &str) -> Vec<u8> {
    let key = format!("{arguments} {ending}");
    let mut kept = KEPT.lock().unwrap();
    if let Some(bytes) = kept.get(&key) {
        return bytes.clone();
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(format!("clip.{ending}"));
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"]).args(arguments.split_whitespace()).arg(&file);
    let output = command.output().expect("these tests need the ffmpeg command");
    assert!(output.status.success(), "ffmpeg {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(&file).unwrap();
    kept.insert(key, bytes.clone());
    bytes
}

/// An mp4 whose video track has a matrix for a quarter turn clockwise (ISO 14496-12, 8.3.2: the track header).
pub fn turned(mut mp4: Vec<u8>) -> Vec<u8> {
    const MATRIX_IN_TKHD: usize = 44;
    let one = 0x0001_0000_i32;
    let matrix = [0, one, 0, -one, 0, 0, 0, 0, 0x4000_0000];
    let header = mp4.windows(4).position(|window| window == b"tkhd").unwrap();
    let bytes: Vec<u8> = matrix.iter().flat_map(|value| value.to_be_bytes()).collect();
    mp4[header + MATRIX_IN_TKHD..][..36].copy_from_slice(&bytes);
    mp4
}
