//! A tiny clip is prerolled when the player starts, so that the first item of a viewer finds the plugins
//! loaded: the first pipeline of a process takes many times as long as the others.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::audio::AudioOutput;
use super::chain::Chain;
use super::mailbox::Mailbox;
use super::picture::PictureSink;
use super::signals::Signals;
use super::{branch, bus, codec};
use crate::cache::{ByteReader, Demand, Opened, ReadError};
use crate::feed::Generation;
use crate::metrics::Counters;
use crate::player::pool::Attempt;
use crate::player::{FrameBoard, PicturePath};

/// A tenth of a second of grey with a tone: H.264 and AAC, 64 × 64.
static CLIP: &[u8] = include_bytes!("warmup.mp4");
/// Longer than it takes anywhere; whoever waits for nothing is not kept by it.
const PATIENCE: Duration = Duration::from_secs(5);

struct Embedded;

impl ByteReader for Embedded {
    fn len(&self) -> u64 {
        CLIP.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        let rest = usize::try_from(offset).ok().and_then(|offset| CLIP.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.len().saturating_sub(offset)
    }

    fn set_interrupted(&self, _interrupted: bool) {}

    fn set_demand(&self, _demand: Demand) {}
}

/// Prerolls the clip on a thread of its own; tells `done` when its pipeline is gone.
pub(super) fn start(output: AudioOutput, done: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name("player-warmup".to_owned()).spawn(move || {
        preroll();
        load_sound(output);
        done();
    })?;
    Ok(())
}

fn preroll() {
    let mailbox = Arc::new(Mailbox::default());
    let signals = Arc::new(Signals::new(Attempt(0), Arc::clone(&mailbox)));
    // Scaled to almost nothing: the converter is ours and needs no loading.
    let path = Arc::new(Mutex::new(PicturePath::Rgba { fit: (2, 2) }));
    let pictures = PictureSink::new(Generation(0), Arc::new(FrameBoard::new()), path, Arc::clone(&signals));
    let opened = Opened { reader: Arc::new(Embedded), head: CLIP[..CLIP.len().min(64)].to_vec(), from_cache: true };
    let silent = Arc::new(Mutex::new(AudioOutput::None));
    let Ok(chain) = Chain::build(&opened, silent, pictures, &signals) else {
        // What is missing is told to the viewer by the first item that needs it.
        return;
    };
    bus::listen(&chain.pipeline, Arc::clone(&signals), Arc::new(Counters::default()));
    let deadline = Instant::now() + PATIENCE;
    if chain.run(false) {
        loop {
            let _ = mailbox.take(Some(deadline));
            let news = signals.take();
            if news.picture || news.fault.is_some() || Instant::now() >= deadline {
                break;
            }
        }
    }
    chain.tear_down();
}

/// Sound joins a pipeline when it plays for the first time; its plugins are loaded before.
fn load_sound(output: AudioOutput) {
    if let Some(sink) = output.sink() {
        drop(sink);
        let aac = codec::CODECS.iter().find(|codec| codec.name == "AAC");
        drop(aac.map(branch::sound_elements));
    }
}
