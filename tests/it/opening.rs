//! Opening another source in the real window, what comes of a wrong one, and keys that are bound otherwise.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::desktop::{Display, Program, alike, text, until};

/// Channels of a colour on the screen may be off by this much: the encoder rounds, so does the shader.
const TOLERANCE: u8 = 14;
const RED: [u8; 3] = [200, 40, 40];
const GREEN: [u8; 3] = [40, 180, 60];

/// A folder with one clip of one colour.
fn folder_of([red, green, blue]: [u8; 3]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let source = format!("color=c=0x{red:02x}{green:02x}{blue:02x}:size=360x640:rate=30:duration=2");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source])
        .args(["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart"])
        .arg(folder.path().join("clip.mp4"))
        .status()
        .expect("these tests need the ffmpeg command");
    assert!(status.success());
    folder
}

fn seen(display: &Display, color: [u8; 3]) -> bool {
    until(|| alike(display.middle(), color, TOLERANCE))
}

/// Types a path into the field of the sheet.
fn typed(display: &Display, path: &Path) {
    display.key("o");
    assert!(until(|| !alike(display.middle(), RED, TOLERANCE) && !alike(display.middle(), GREEN, TOLERANCE)), "the sheet is open");
    display.xdotool(&["type", text(path)]);
}

#[test]
fn what_is_typed_is_opened_and_what_is_wrong_loses_nothing() {
    let (red, green) = (folder_of(RED), folder_of(GREEN));
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", text(red.path())]);
    assert!(seen(&display, RED), "the folder of the command line");
    display.focus();
    typed(&display, Path::new("/no/such/folder"));
    display.key("Return");
    display.key("Escape");
    assert!(seen(&display, RED), "the old folder is still there");
    typed(&display, green.path());
    display.key("Return");
    assert!(seen(&display, GREEN), "the folder that was typed");
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn a_key_that_was_bound_otherwise_does_what_it_was_bound_to() {
    let red = folder_of(RED);
    let display = Display::start();
    let config = red.path().join("config.toml");
    std::fs::write(&config, "[keys]\nquit = \"Ctrl+Shift+X\"\nhelp = \"H\"\nnxt = \"N\"\n").unwrap();
    let mut program = Program::start(&display, &["--config", text(&config), "--window", "450x800", text(red.path())]);
    assert!(seen(&display, RED));
    display.focus();
    display.key("q");
    display.key("h");
    assert!(until(|| !alike(display.middle(), RED, TOLERANCE)), "the sheet of keys");
    assert!(program.is_alive(), "Q ends nothing any more");
    display.key("ctrl+shift+x");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    assert!(said.contains("'keys.nxt' means nothing here and is ignored; did you mean 'next'?"), "{said}");
}
