//! Clips that are told apart by their hue, and in which one sees by two shades of it whether they play.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::desktop::{Display, Program, alike, text, until};

/// Channels of a colour on the screen may be off by this much: the encoder rounds, so does the shader.
const TOLERANCE: u8 = 14;
/// The hues, in their light shade.
const HUES: [[u8; 3]; 4] = [[200, 40, 40], [40, 180, 60], [50, 70, 210], [200, 180, 40]];
/// Of the light shade the dark one has so many hundredths.
const DARK_PERCENT: u16 = 62;
/// A place beside all words and controls, in a window of 450 × 800: of the item that fills most of it …
const UPPER: (u32, u32) = (446, 200);
/// … and of the one that comes in from below.
const LOWER: (u32, u32) = (446, 770);
/// A place within the overlay where it has no words.
const IN_OVERLAY: (u32, u32) = (17, 300);

fn shades(item: usize) -> [[u8; 3]; 2] {
    let dark = HUES[item].map(|channel| u8::try_from(u16::from(channel) * DARK_PERCENT / 100).unwrap());
    [HUES[item], dark]
}

/// Four clips, each of one hue whose shade changes twice a second.
fn make(folder: &Path) {
    for item in 0..HUES.len() {
        let parts = [0, 1, 0, 1].map(|shade| {
            let [red, green, blue] = shades(item)[shade];
            format!("color=c=0x{red:02x}{green:02x}{blue:02x}:size=360x640:rate=30:duration=0.5")
        });
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-nostdin"]);
        for part in &parts {
            command.args(["-f", "lavfi", "-i", part]);
        }
        let status = command
            .args([
                "-filter_complex",
                "[0][1][2][3]concat=n=4,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
                "-colorspace",
                "bt709",
            ])
            .args(["-c:v", "libx264", "-preset", "veryfast", "-movflags", "+faststart"])
            .arg(folder.join(format!("{item}.mp4")))
            .status()
            .expect("these tests need the ffmpeg command");
        assert!(status.success());
    }
}

/// A program that shows the clips, and its display.
pub struct Watching {
    pub display: Display,
    pub program: Program,
    pub clips: TempDir,
}

impl Watching {
    /// Starts it on a display as large as its window; the first clip plays and the window has the keyboard.
    pub fn start() -> Self {
        Self::start_on(Display::start(), &["--window", "450x800"])
    }

    /// Starts it with these words before the folder.
    pub fn start_on(display: Display, words: &[&str]) -> Self {
        let clips = TempDir::new().unwrap();
        make(clips.path());
        let mut arguments = words.to_vec();
        arguments.push(text(clips.path()));
        let program = Program::start(&display, &arguments);
        let this = Self { display, program, clips };
        this.plays(0);
        this.display.focus();
        this
    }

    /// The item is seen in the window at rest.
    pub fn shows(&self, item: usize) {
        self.await_that(&format!("item {item} at rest"), || is_of(self.look(UPPER), item) && of_hue(self.look(LOWER), item));
    }

    /// The item is seen, in one shade and then in the other: it plays.
    pub fn plays(&self, item: usize) {
        for shade in shades(item) {
            self.await_that(&format!("item {item} playing"), || alike(self.look(UPPER), shade, TOLERANCE));
        }
    }

    /// One item is seen, and the next one below it: the feed is held between them.
    pub fn shows_both(&self, upper: usize, lower: usize) {
        self.await_that(&format!("item {upper} above item {lower}"), || is_of(self.look(UPPER), upper) && of_hue(self.look(LOWER), lower));
    }

    /// The overlay is open over an item.
    pub fn shows_overlay(&self, item: usize) {
        self.await_that("the overlay", || self.overlay_is_open() && is_of(self.look(UPPER), item));
    }

    /// It is closed. What was done before it was opened has been done by now.
    pub fn shows_no_overlay(&self, item: usize) {
        self.await_that("no overlay", || !self.overlay_is_open() && is_of(self.look(UPPER), item));
    }

    /// A sheet is open: what is beside it is veiled.
    pub fn shows_sheet(&self) {
        self.await_that("a sheet", || (0..HUES.len()).all(|item| !is_of(self.look(UPPER), item)) && is_dark(self.look(UPPER)));
    }

    /// Everything that was done so far has been heard: keys come after it in the same queue.
    pub fn heard(&self, item: usize) {
        self.display.key("F3");
        self.shows_overlay(item);
        self.display.key("F3");
        self.shows_no_overlay(item);
    }

    /// Ends it by a key; it ends well.
    pub fn quit(mut self) -> Program {
        assert!(self.program.is_alive(), "{}", self.program.said());
        self.display.focus();
        self.display.key("q");
        let (status, said) = self.program.wait();
        assert!(status.success(), "{said}");
        self.program
    }

    fn overlay_is_open(&self) -> bool {
        is_dark(self.look(IN_OVERLAY))
    }

    fn look(&self, (x, y): (u32, u32)) -> [u8; 3] {
        self.display.at(x, y)
    }

    fn await_that(&self, what: &str, condition: impl FnMut() -> bool) {
        let places = || [UPPER, LOWER, IN_OVERLAY].map(|place| self.look(place));
        assert!(until(condition), "never {what}: {:?}\n{}", places(), self.program.said());
    }
}

fn is_dark(color: [u8; 3]) -> bool {
    color.into_iter().all(|channel| channel < 90)
}

fn is_of(color: [u8; 3], item: usize) -> bool {
    shades(item).into_iter().any(|shade| alike(color, shade, TOLERANCE))
}

/// Whether a colour is one of an item, however dark a scrim makes it.
fn of_hue(color: [u8; 3], item: usize) -> bool {
    let strongest = color.into_iter().max().unwrap_or(0);
    let full = |color: [u8; 3], strongest: u8| color.map(|channel| u16::from(channel) * 100 / u16::from(strongest.max(1)));
    let (seen, own) = (full(color, strongest), full(HUES[item], HUES[item].into_iter().max().unwrap_or(1)));
    strongest > 30 && seen.iter().zip(own).all(|(seen, own)| seen.abs_diff(own) <= 12)
}
