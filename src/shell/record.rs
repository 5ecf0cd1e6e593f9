//! `--record`: what is done in the window, written to a file as a script while it is done.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use eframe::egui;

use crate::app::Model;
use crate::replay::{Act, KeyName, Recording};

/// Steps are gathered this long before they are written: what is lost at most when the program is killed.
const GATHERED_FOR: Duration = Duration::from_millis(500);
/// Blocks that may wait for the disk. More are kept by the window until there is room.
const QUEUE: usize = 64;

/// Listens to the window's input and hands it to the thread that writes.
pub(super) struct GestureRecorder {
    source: Vec<String>,
    recording: Recording,
    waiting: Option<String>,
    pressed: bool,
    /// Parts of a notch that a fine wheel turned.
    notches: f32,
    last: Duration,
    blocks: Option<SyncSender<String>>,
    thread: Option<JoinHandle<()>>,
}

impl GestureRecorder {
    /// Makes the file anew and starts the thread that writes it. `source` are the words of what is shown.
    ///
    /// # Errors
    /// What the system said.
    pub fn start(path: &Path, source: Vec<String>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let (blocks, queue) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("gesture-writer".to_owned()).spawn(move || write(file, &queue))?;
        Ok(Self {
            source,
            recording: Recording::default(),
            waiting: None,
            pressed: false,
            notches: 0.0,
            last: Duration::ZERO,
            blocks: Some(blocks),
            thread: Some(thread),
        })
    }

    /// Takes in the input of a display frame that begins at `now`.
    pub fn hear(&mut self, events: &[egui::Event], now: Duration) {
        self.last = now;
        let mut moved = None;
        for event in events {
            // Of several places in one frame the last one counts, before what happens there.
            if let (egui::Event::PointerMoved(at), true) = (event, self.pressed) {
                moved = Some(*at);
                continue;
            }
            if let Some(at) = moved.take() {
                self.recording.add(&Act::PointerMove(at.x, at.y), now);
            }
            if let Some(act) = self.act(event) {
                self.recording.add(&act, now);
            }
        }
        if let Some(at) = moved {
            self.recording.add(&Act::PointerMove(at.x, at.y), now);
        }
        self.send();
    }

    /// Looks at the state after a display frame: with the first picture the clock of the script begins.
    pub fn look(&mut self, model: &Model, window: (f32, f32), now: Duration) {
        if self.recording.started() || model.figures().first_frame_at.is_none() {
            return;
        }
        self.recording.start(now);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window's size in points")]
        let window = (window.0.round() as u32, window.1.round() as u32);
        self.waiting = Some(Recording::header(concat!("Flickreel ", env!("CARGO_PKG_VERSION")), &self.source, window));
        self.send();
    }

    /// What an event of egui's is in a script.
    fn act(&mut self, event: &egui::Event) -> Option<Act> {
        match event {
            // A replay ends with its script, and not because somebody quit here.
            egui::Event::Key { key: egui::Key::Q, .. } => None,
            egui::Event::Key { key, pressed, modifiers, .. } => {
                let name = KeyName { shift: modifiers.shift, ctrl: modifiers.ctrl || modifiers.command, ..KeyName::plain(name(*key)) };
                Some(if *pressed { Act::KeyDown(name) } else { Act::KeyUp(name) })
            }
            egui::Event::PointerButton { pos, button: egui::PointerButton::Primary, pressed, .. } => {
                self.pressed = *pressed;
                Some(if *pressed { Act::PointerDown(pos.x, pos.y) } else { Act::PointerUp(pos.x, pos.y) })
            }
            egui::Event::MouseWheel { unit: egui::MouseWheelUnit::Point, delta, source, modifiers, .. } => {
                let counts = *source != egui::MouseWheelSource::Momentum && !modifiers.ctrl && delta.y != 0.0;
                (counts && delta.x.abs() <= delta.y.abs()).then_some(Act::Scroll(-delta.y))
            }
            egui::Event::MouseWheel { delta, modifiers, .. } if !modifiers.ctrl => {
                self.notches -= delta.y;
                let whole = self.notches.trunc().clamp(-100.0, 100.0);
                self.notches -= whole;
                #[expect(clippy::cast_possible_truncation, reason = "at most a hundred")]
                (whole != 0.0).then_some(Act::Wheel(whole as i32))
            }
            _ => None,
        }
    }

    /// Hands over what has gathered. While the disk does not keep up, it stays here.
    fn send(&mut self) {
        if self.waiting.is_none() {
            self.waiting = self.recording.take_block();
        }
        if let (Some(blocks), Some(block)) = (&self.blocks, self.waiting.take()) {
            match blocks.try_send(block) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                Err(TrySendError::Full(block)) => self.waiting = Some(block),
            }
        }
    }
}

impl Drop for GestureRecorder {
    fn drop(&mut self) {
        self.recording.finish(self.last);
        if let Some(blocks) = self.blocks.take() {
            // The window is gone: nobody is held up by a disk any more.
            for block in self.waiting.take().into_iter().chain(self.recording.take_block()) {
                let _ = blocks.send(block);
            }
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes gestures panicked");
        }
    }
}

/// A key as scripts call it: egui calls the arrows by their directions alone.
fn name(key: egui::Key) -> String {
    let variant = format!("{key:?}");
    if variant.starts_with("Arrow") { variant } else { key.name().to_owned() }
}

/// Appends whole blocks, each with one call, until nobody sends any more.
fn write(mut file: File, blocks: &Receiver<String>) {
    while let Ok(mut text) = blocks.recv() {
        let until = Instant::now() + GATHERED_FOR;
        let ending = loop {
            match blocks.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(more) => text.push_str(&more),
                Err(end) => break end == RecvTimeoutError::Disconnected,
            }
        };
        if let Err(err) = file.write_all(text.as_bytes()) {
            tracing::error!("what was done is not recorded any more: {err}");
            return;
        }
        if ending {
            return;
        }
    }
}
