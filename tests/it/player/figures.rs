//! Figures of the player, for a person to read: `cargo test --release … figures -- --ignored --nocapture`.
//! They are never checked here; times on shared machines move.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use flickreel::player::convert::{Converter, Planes};
use flickreel::player::gst::AudioChoice;
use flickreel::player::{ColorSpec, Matrix, PicturePath, PlaneFormat};

use super::media;
use super::rig::{Clip, Rig};

/// Times are taken after this many, since the first pipelines of a process load what they need.
const WARM_AFTER: usize = 5;
const SAMPLES: usize = 60;

fn clip() -> Clip {
    let options = "-c:v libx264 -preset medium -crf 23 -pix_fmt yuv420p -c:a aac -ar 48000 -ac 2 -movflags +faststart";
    Clip::new(media::pattern_with_tone("720x1280", 5.0, 440, options, "mp4"))
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!("p50 {:.1?}, p95 {:.1?}, n {}", times[times.len() / 2], times[times.len() * 95 / 100], times.len())
}

/// Resident memory in kibibytes, and threads, of this process.
fn process() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (field("VmRSS:"), field("Threads:"))
}

/// Processor time of this process so far, by thread name.
fn processor_time() -> BTreeMap<String, f64> {
    let mut times = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let Ok(stat) = std::fs::read_to_string(task.path().join("stat")) else { continue };
        let (name, fields) = (&stat[stat.find('(').unwrap() + 1..stat.rfind(')').unwrap()], &stat[stat.rfind(')').unwrap() + 2..]);
        let ticks: f64 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<f64>().unwrap()).sum();
        *times.entry(name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()).or_insert(0.0) += ticks / 100.0;
    }
    times
}

#[test]
#[ignore = "figures"]
fn time_to_the_first_picture() {
    for picture in [PicturePath::Planes, PicturePath::Rgba { fit: (450, 800) }] {
        let mut rig = Rig::new(6, AudioChoice::Silent);
        rig.picture = picture;
        rig.discard_pictures();
        rig.shelf.put("clip", clip());
        let mut times = Vec::new();
        for generation in 1..=(WARM_AFTER + SAMPLES) as u64 {
            let begun = Instant::now();
            rig.want(&[("clip", generation, false)]);
            rig.pictures(generation, 1);
            times.push(begun.elapsed());
            rig.prerolled(generation);
            rig.want(&[]);
            // The next one is to have the machine to itself.
            rig.pool("nothing", |stats| stats.live() == 0 && stats.opening == 0);
            rig.forget();
        }
        let warm = times.split_off(WARM_AFTER);
        eprintln!("first {:.1?}; {picture:?}: {}", times[0], quantiles(warm));
    }
}

/// In a fresh process each, since that is what it is about.
#[test]
#[ignore = "figures"]
fn first_picture_of_a_process() {
    for wait in ["0", "60", "200"] {
        for _ in 0..5 {
            let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
            alone.args(["--exact", "player::figures::one_first_picture", "--ignored", "--nocapture"]).env("WAIT_MS", wait);
            let said = alone.output().unwrap().stderr;
            eprint!("target after {wait} ms: {}", String::from_utf8_lossy(&said));
        }
    }
}

#[test]
#[ignore = "run by the one above"]
fn one_first_picture() {
    let Ok(wait) = std::env::var("WAIT_MS") else { return };
    let clip = clip();
    let begun = Instant::now();
    let rig = Rig::new(6, AudioChoice::Silent);
    let started = begun.elapsed();
    rig.shelf.put("clip", clip);
    let (_sender, never) = std::sync::mpsc::sync_channel::<()>(1);
    let _ = never.recv_timeout(Duration::from_millis(wait.parse().unwrap()));
    let wanted = Instant::now();
    rig.want(&[("clip", 1, true), ("clip", 2, false), ("clip", 3, false)]);
    rig.pictures(1, 1);
    eprintln!("start took {started:.1?}, first picture {:.1?} after its target, {:.1?} after the start", wanted.elapsed(), begun.elapsed());
}

#[test]
#[ignore = "figures"]
fn threads_and_memory_of_a_prerolled_pipeline() {
    let rig = Rig::new(15, AudioChoice::Silent);
    rig.discard_pictures();
    rig.shelf.put("clip", clip());
    rig.want(&[("clip", 1, false)]);
    rig.prerolled(1);
    let slots: Vec<_> = (1..=12).map(|generation| ("clip", generation, false)).collect();
    let mut before = process();
    for count in 2..=12 {
        rig.want(&slots[..count]);
        rig.prerolled(count as u64);
        let now = process();
        eprintln!("{count} pipelines: {} MiB, {} threads ({:+} KiB)", now.0 >> 10, now.1, now.0.cast_signed() - before.0.cast_signed());
        before = now;
    }
}

#[test]
#[ignore = "figures"]
fn processor_time_of_one_playing_clip() {
    for picture in [PicturePath::Planes, PicturePath::Rgba { fit: (450, 800) }] {
        let mut rig = Rig::new(6, AudioChoice::Auto);
        rig.picture = picture;
        rig.discard_pictures();
        rig.shelf.put("clip", clip());
        rig.want(&[("clip", 1, true), ("clip", 2, false), ("clip", 3, false)]);
        rig.pictures(1, 30);
        rig.forget();
        let (before, begun) = (processor_time(), Instant::now());
        rig.pictures(1, 300);
        let wall = begun.elapsed().as_secs_f64();
        let shares: Vec<_> = processor_time()
            .into_iter()
            .map(|(name, time)| (time - before.get(&name).unwrap_or(&0.0), name))
            .filter(|(time, _)| *time > 0.01)
            .map(|(time, name)| format!("{name} {:.3}", time / wall))
            .collect();
        eprintln!("{picture:?}, 300 pictures in {wall:.1} s; cores: {}", shares.join(", "));
    }
}

#[test]
#[ignore = "figures"]
fn time_to_scale_and_colour_a_picture() {
    for (size, out) in [((720_u32, 1280_u32), (450, 800)), ((720, 1280), (720, 1280)), ((1080, 1920), (450, 800)), ((360, 640), (360, 640))]
    {
        let (luma, chroma) = (vec![120; (size.0 * size.1) as usize], vec![90; (size.0 * size.1 / 4) as usize]);
        let (width, half) = (size.0 as usize, size.0 as usize / 2);
        let planes = [(luma.as_slice(), width), (chroma.as_slice(), half), (chroma.as_slice(), half)];
        let color = ColorSpec { matrix: Matrix::Bt709, full_range: false };
        let picture = Planes { format: PlaneFormat::I420, color, size, planes };
        let mut converter = Converter::default();
        let time = |_| {
            let begun = Instant::now();
            std::hint::black_box(converter.rgba(&picture, out));
            begun.elapsed()
        };
        eprintln!("{size:?} to {out:?}: {}", quantiles((0..200).map(time).collect()));
    }
}
