//! Clips for a feed of a certain size, made once by `ffmpeg` and kept beside what was built. Each has a colour
//! of its own; noise fills it up to its size, so that no two stretches of bytes are alike.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use flickreel::feed::{Item, MediaLocation};
use flickreel::metrics::Counters;
use flickreel::source::{Source, SourceContext};
use sha2::{Digest, Sha256};

use crate::support::desktop::text;
use crate::support::origin::Origin;

/// Far enough from black and white that noise is not cut off, which would change the mean.
const COLOURS: [[u8; 3]; 5] = [[200, 80, 80], [70, 150, 70], [90, 100, 190], [170, 140, 60], [140, 80, 160]];
/// How much the mean of a picture on the screen may be off in each channel.
pub const TOLERANCE: u8 = 24;

/// How many clips of which length and rate.
#[derive(Clone, Copy)]
pub struct Shape {
    pub clips: usize,
    pub seconds: u32,
    pub kilobits: u32,
    pub size: &'static str,
}

/// One clip.
pub struct Clip {
    pub path: PathBuf,
    pub colour: [u8; 3],
    pub length: u64,
    pub sha256: [u8; 32],
}

/// All clips, by the name of their file.
pub struct Corpus {
    pub folder: PathBuf,
    pub clips: HashMap<String, Clip>,
}

impl Corpus {
    pub fn of(shape: Shape) -> Self {
        static MAKING: Mutex<()> = Mutex::new(());
        let Shape { clips, seconds, kilobits, size } = shape;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("corpus-{clips}-{seconds}s-{kilobits}k-{size}"));
        let making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        if !folder.exists() {
            let unfinished = folder.with_extension("unfinished");
            let _ = std::fs::remove_dir_all(&unfinished);
            std::fs::create_dir_all(&unfinished).unwrap();
            (0..clips).for_each(|number| make(shape, number, &unfinished.join(name(number))));
            std::fs::rename(&unfinished, &folder).unwrap();
        }
        drop(making);
        let clip = |number: usize| {
            let path = folder.join(name(number));
            let bytes = std::fs::read(&path).unwrap();
            let (length, sha256) = (bytes.len() as u64, Sha256::digest(&bytes).into());
            (name(number), Clip { path, colour: COLOURS[number % COLOURS.len()], length, sha256 })
        };
        Self { clips: (0..clips).map(clip).collect(), folder }
    }

    /// All bytes of all clips.
    pub fn bytes(&self) -> u64 {
        self.clips.values().map(|clip| clip.length).sum()
    }

    /// The clip that an item of the feed is.
    pub fn clip(&self, item: &Item) -> &Clip {
        let MediaLocation::Url(url) = &item.media else { panic!("{item:?}") };
        &self.clips[url.rsplit('/').next().unwrap()]
    }
}

/// The items of a feed as the program sees them, in their order.
pub fn items(origin: &Origin) -> Vec<Arc<Item>> {
    let source = Source::parse(&[origin.feed()]).unwrap();
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    origin.runtime().block_on(async {
        let mut page = source.page(&context, None).await.unwrap();
        let mut items = std::mem::take(&mut page.items);
        while let Some(cursor) = page.next.take() {
            page = source.page(&context, Some(&cursor)).await.unwrap();
            items.append(&mut page.items);
        }
        items.into_iter().map(Arc::from).collect()
    })
}

fn name(number: usize) -> String {
    format!("{number:02}.mp4")
}

fn make(Shape { seconds, kilobits, size, .. }: Shape, number: usize, path: &Path) {
    let [red, green, blue] = COLOURS[number % COLOURS.len()];
    let picture = format!("color=c=0x{red:02x}{green:02x}{blue:02x}:size={size}:rate=30:duration={seconds}");
    let tone = format!("sine=frequency={}:duration={seconds}", 300 + 20 * number);
    let noise = format!("scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,noise=c0s=22:c0f=t+u:all_seed={number}");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &tone])
        .args(["-vf", &noise, "-colorspace", "bt709", "-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-b:v", &format!("{kilobits}k"), "-maxrate", &format!("{kilobits}k"), "-bufsize", &format!("{}k", kilobits / 2)])
        .args(["-c:a", "aac", "-movflags", "+faststart", text(path)])
        .output()
        .expect("these tests need the ffmpeg command");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
