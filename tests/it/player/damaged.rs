//! Five hundred damaged clips through the whole player: each ends in a tile state, and nothing is left behind.
//!
//! They run in processes of their own, which are asked for their threads and open files. There, warnings of
//! GStreamer's are no failures, as they are elsewhere: its demuxers may well complain of such files.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flickreel::cache::{MediaOpener, Opener, Timeouts};
use flickreel::feed::{FailureKind, Generation, Item, ItemId, MediaLocation};
use flickreel::player::SlotTarget;
use flickreel::player::gst::AudioChoice;
use flickreel::player::watch::Patience;
use gst::prelude::*;
use gstreamer as gst;

use super::pool::threads;
use super::rig::{Rig, Shelf};
use super::variants;
use crate::cache::rig::{MIB, new_opener, runtime};

/// Players at work at the same time; what they play takes its time whoever waits for it.
const PLAYERS: usize = 4;
/// A clip that shows so many pictures plays: half of what is in it.
const ENOUGH_PICTURES: usize = 8;
/// A clip that took so long is named, for a person to read.
const WORTH_TELLING: Duration = Duration::from_secs(3);
/// Threads that come and go: `GLib`'s pools, and those that fetch and write.
const IDLE_THREADS_MAX: usize = 10;
/// What GStreamer's own player has not shown by then, it does not show.
const REFERENCE_SECONDS: u64 = 10;

/// What became of a clip.
#[derive(Clone, Debug)]
struct Outcome {
    name: String,
    path: PathBuf,
    /// It came to its first picture.
    shown: bool,
    failure: Option<(FailureKind, String)>,
}

/// Runs an ignored test of this file in a process of its own; what it said.
fn apart(test: &str) -> String {
    let (status, said) = run_apart(test);
    assert!(status.success() && said.contains("1 passed"), "{status}\n{said}");
    said
}

fn run_apart(test: &str) -> (ExitStatus, String) {
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args(["--exact", &format!("player::damaged::{test}"), "--ignored", "--nocapture"]);
    alone.env("G_DEBUG", "");
    let output = alone.output().unwrap();
    (output.status, format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// Writes the damaged clips into a folder; their names and files.
fn written(folder: &Path) -> Vec<(String, PathBuf)> {
    let name = |(index, variant): (usize, variants::Variant)| {
        let path = folder.join(format!("{index:03}"));
        std::fs::write(&path, &variant.bytes).unwrap();
        (variant.name, path)
    };
    variants::all().into_iter().enumerate().map(name).collect()
}

/// What a process holds: names of threads, number of open files, resident memory in mebibytes.
fn holdings() -> (Vec<String>, usize, u64) {
    let files = std::fs::read_dir("/proc/self/fd").unwrap().count();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    (threads(), files, resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10)
}

/// Plays one clip after the other, with its two followers prerolled, as someone who swipes would.
fn play(opener: &Opener, clips: &[(String, PathBuf)]) -> Vec<Outcome> {
    let (opener, shelf) = (Arc::new(opener.clone()) as Arc<dyn MediaOpener>, Arc::new(Shelf::default()));
    let rig = Rig::over(opener, shelf, 5, AudioChoice::Silent, Patience::default());
    rig.discard_pictures();
    let slot = |index: usize, playing| {
        let (name, path) = clips.get(index)?;
        let item = Arc::new(Item::bare(ItemId::new(name.as_str()), MediaLocation::File(path.clone())));
        Some(SlotTarget { item, generation: Generation(index as u64 + 1), playing, start_at: Duration::ZERO })
    };
    let outcome = |index: usize| {
        rig.aim([slot(index, true), slot(index + 1, false), slot(index + 2, false)].into_iter().flatten().collect());
        let (name, path) = clips[index].clone();
        let begun = Instant::now();
        let shown = rig.outcome(index as u64 + 1).is_ok();
        let failure = rig.end_of(index as u64 + 1, ENOUGH_PICTURES).map(|failure| (failure.kind, failure.sentence));
        if begun.elapsed() > WORTH_TELLING {
            eprintln!("{:.1?} for {name}: {failure:?}", begun.elapsed());
        }
        Outcome { name, path, shown, failure }
    };
    let outcomes = (0..clips.len()).map(outcome).collect();
    rig.want(&[]);
    let stats = rig.pool("nothing left", |stats| stats.live() == 0 && stats.opening == 0);
    assert_eq!(stats.stuck, 0);
    assert!(stats.peak <= 5, "{stats:?}");
    outcomes
}

/// Plays all clips on several players at once.
fn play_all(clips: &[(String, PathBuf)]) -> Vec<Outcome> {
    let runtime = runtime();
    let (opener, _) = new_opener(&runtime, None, MIB, Timeouts::default());
    let share = clips.len().div_ceil(PLAYERS);
    let outcomes = std::thread::scope(|scope| {
        let players: Vec<_> = clips.chunks(share).map(|clips| scope.spawn(|| play(&opener, clips))).collect();
        players.into_iter().flat_map(|player| player.join().unwrap()).collect()
    });
    drop(opener);
    runtime.shutdown_timeout(Duration::from_mins(1));
    outcomes
}

fn told(outcomes: &[Outcome]) {
    let mut kinds: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.failure.as_ref()).map(|(kind, _)| kind.name()).collect();
    kinds.sort_unstable();
    let counts: Vec<_> = kinds.chunk_by(|a, b| a == b).map(|chunk| format!("{} {}", chunk.len(), chunk[0])).collect();
    let shown = outcomes.iter().filter(|outcome| outcome.shown).count();
    eprintln!("{} clips, {shown} show a picture; failures: {}", outcomes.len(), counts.join(", "));
}

/// What demuxers of 1.22 are known to say of such files; it does no harm.
const KNOWN_COMPLAINTS: [&str; 2] =
    ["_gst_util_uint64_scale: assertion 'denom != 0'", "gst_flow_combiner_update_pad_flow: assertion 'pad != NULL'"];

/// Lines in which `GLib` complains on behalf of a library, of something that is not known.
fn complaints(said: &str) -> Vec<&str> {
    let is_complaint = |line: &&str| line.contains("-CRITICAL **") || line.contains("-WARNING **");
    said.lines().filter(is_complaint).filter(|line| !KNOWN_COMPLAINTS.iter().any(|known| line.contains(known))).collect()
}

#[test]
fn five_hundred_damaged_clips_each_end_in_a_tile_state_and_leave_nothing() {
    let said = apart("damaged_clips");
    assert_eq!(complaints(&said), Vec::<&str>::new());
}

#[test]
#[ignore = "run by the test above"]
fn damaged_clips() {
    let folder = tempfile::tempdir().unwrap();
    let clips = written(folder.path());
    assert!(clips.len() >= 500, "{}", clips.len());
    // What is loaded once is loaded now.
    let whole: Vec<_> = variants::clips()
        .into_iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            (name.to_owned(), path)
        })
        .collect();
    let failed: Vec<_> = play_all(&whole).into_iter().filter(|outcome| outcome.failure.is_some() || !outcome.shown).collect();
    assert!(failed.is_empty(), "whole clips: {failed:?}");
    let before = holdings();
    let outcomes = play_all(&clips);
    let after = holdings();
    told(&outcomes);
    eprintln!("threads {} and {}, files {} and {}, MiB {} and {}", before.0.len(), after.0.len(), before.1, after.1, before.2, after.2);
    for outcome in &outcomes {
        let sentence = outcome.failure.as_ref().map_or("", |(_, sentence)| sentence);
        assert!(sentence.is_empty() || sentence.ends_with('.'), "{outcome:?}");
        // A file of this machine times out nowhere, and nothing of this may be the player's own fault.
        let is_ours = |kind| matches!(kind, FailureKind::Player | FailureKind::Timeout | FailureKind::Network);
        assert!(!outcome.failure.as_ref().is_some_and(|(kind, _)| is_ours(*kind)), "{outcome:?}");
    }
    assert!(after.0.len() <= before.0.len() + IDLE_THREADS_MAX, "{:?}; before: {:?}", after.0, before.0);
    assert_eq!(after.1, before.1, "open files");
}

/// Whether GStreamer's own player, as `gst-play-1.0` runs it, comes to a first picture.
fn plays_elsewhere(path: &Path) -> bool {
    let sink = || gst::ElementFactory::make("fakesink").build().unwrap();
    let video = sink();
    let playbin = gst::ElementFactory::make("playbin").property("uri", format!("file://{}", path.display())).build().unwrap();
    playbin.set_property("video-sink", &video);
    playbin.set_property("audio-sink", sink());
    let _ = playbin.set_state(gst::State::Paused);
    let news = [gst::MessageType::AsyncDone, gst::MessageType::Error, gst::MessageType::Eos];
    let message = playbin.bus().unwrap().timed_pop_filtered(gst::ClockTime::from_seconds(REFERENCE_SECONDS), &news);
    let prerolled = message.is_some_and(|message| message.type_() == gst::MessageType::AsyncDone);
    let shown = prerolled && video.property::<Option<gst::Sample>>("last-sample").is_some_and(|sample| sample.buffer().is_some());
    playbin.set_state(gst::State::Null).unwrap();
    shown
}

#[test]
#[ignore = "a minute or two"]
fn what_gst_play_shows_of_damaged_clips_is_shown_here() {
    eprintln!("{}", apart("compared_with_gst_play"));
}

#[test]
#[ignore = "run by the test above"]
fn compared_with_gst_play() {
    let folder = tempfile::tempdir().unwrap();
    compare(&written(folder.path()));
}

fn compare(clips: &[(String, PathBuf)]) {
    let outcomes = play_all(clips);
    told(&outcomes);
    for outcome in outcomes.iter().filter(|outcome| outcome.failure.is_some()) {
        eprintln!("{}: {:?}", outcome.name, outcome.failure);
    }
    // What is not in the table of formats is left to others, and named.
    let is_foreign = |outcome: &Outcome| outcome.failure.as_ref().is_some_and(|(_, sentence)| sentence.starts_with("Video in the format"));
    let unseen: Vec<_> = outcomes.iter().filter(|outcome| !outcome.shown && !is_foreign(outcome)).collect();
    let missed: Vec<_> = std::thread::scope(|scope| {
        let seen = |share: &[&Outcome]| share.iter().filter(|outcome| plays_elsewhere(&outcome.path)).map(|&seen| seen.clone()).collect();
        let shares = unseen.chunks(unseen.len().div_ceil(PLAYERS).max(1));
        let lookers: Vec<_> = shares.map(|share| scope.spawn(move || -> Vec<Outcome> { seen(share) })).collect();
        lookers.into_iter().flat_map(|looker| looker.join().unwrap()).collect()
    });
    for outcome in &missed {
        eprintln!("gst-play shows {}, and we: {:?}", outcome.name, outcome.failure);
    }
    // It may show a picture in the moment before the demuxer complains; that is chance.
    assert!(missed.len() * 100 <= clips.len(), "{} clips", missed.len());
}

/// The folder that `tests/media/fetch-media.sh` filled.
const OTHERS: &str = "FLICKREEL_TEST_MEDIA";

#[test]
#[ignore = "wants the folder of tests/media/fetch-media.sh in FLICKREEL_TEST_MEDIA"]
fn media_of_other_projects_ends_in_tile_states_and_what_gst_play_shows_is_shown() {
    let said = apart("media_of_others");
    eprintln!("{said}");
    assert_eq!(complaints(&said), Vec::<&str>::new());
}

#[test]
#[ignore = "run by the test above"]
fn media_of_others() {
    let folder = std::env::var(OTHERS).unwrap_or_else(|_| panic!("{OTHERS} names the folder"));
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| !hidden(path));
    let mut clips: Vec<_> = files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect();
    clips.sort();
    assert!(!clips.is_empty(), "there are files");
    compare(&clips);
}

fn hidden(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with('.')
}
