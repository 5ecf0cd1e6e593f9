//! What reading through the disk cache costs, beside GStreamer's own `filesrc` on the same clips.
//!
//! The same chain is run to its end as fast as it goes, once over either source; what counts is the processor
//! time of the whole process. `cargo test --release … reading_cost -- --ignored --nocapture`, on an idle machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use flickreel::cache::{Demand, Opener, Timeouts};
use flickreel::feed::Item;
use flickreel::player::gst::source_element;
use gst::prelude::*;
use gstreamer as gst;

use crate::cache::rig::{MIB, new_opener, open, read, runtime};
use crate::endurance::corpus::{Corpus, Shape, items};
use crate::support::desktop::until;
use crate::support::origin::Origin;

/// The most that the cache may cost of what `filesrc` costs.
const ALLOWED: f64 = 1.05;
const PAIRS: usize = 10;
/// Clips as a feed has them; together more than the cache keeps in memory.
const CLIPS: Shape = Shape { clips: 6, seconds: 5, kilobits: 4000, size: "720x1280" };
/// Ticks a second in `/proc/self/stat`: `USER_HZ`, 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Processor time of a run in seconds: long beside one tick.
const RUN_SECONDS: f64 = 4.0;
/// Rounds from which it is told how many make a run.
const TRIAL_ROUNDS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    /// Demuxed, parsed, decoded, thrown away.
    Decoding,
    /// Demuxed and thrown away.
    Demuxing,
}

/// Processor time of this process so far, in seconds: user and system, of threads that are gone, too.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // utime and stime, fields 14 and 15 of proc(5), counted from behind the name.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_PER_SECOND
}

fn element(name: &str) -> gst::Element {
    gst::ElementFactory::make(name).build().unwrap()
}

/// What follows a stream of a clip.
fn branch(pad: &gst::Pad, work: Work) -> Vec<gst::Element> {
    let is_video = pad.current_caps().unwrap().structure(0).unwrap().name().starts_with("video");
    let sink = gst::ElementFactory::make("fakesink").property("sync", false).property("async", false).build().unwrap();
    let mut elements = match (work, is_video) {
        (Work::Demuxing, _) => Vec::new(),
        (Work::Decoding, true) => {
            let decoder = element("avdec_h264");
            decoder.set_property("max-threads", 1);
            vec![element("h264parse"), decoder]
        }
        (Work::Decoding, false) => vec![element("aacparse"), element("avdec_aac")],
    };
    elements.push(sink);
    elements
}

/// Runs `source` to its end; returns how many buffers of video came out.
fn run(source: &gst::Element, work: Work) -> u64 {
    let pipeline = gst::Pipeline::new();
    let demuxer = element("qtdemux");
    pipeline.add_many([source, &demuxer]).unwrap();
    source.link(&demuxer).unwrap();
    let (weak, pictures) = (pipeline.downgrade(), Arc::new(std::sync::atomic::AtomicU64::new(0)));
    let counter = Arc::clone(&pictures);
    demuxer.connect_pad_added(move |_, pad| {
        let Some(pipeline) = weak.upgrade() else { return };
        let elements = branch(pad, work);
        pipeline.add_many(&elements).unwrap();
        gst::Element::link_many(&elements).unwrap();
        if pad.name().starts_with("video") {
            let counter = Arc::clone(&counter);
            let last = elements.last().unwrap().static_pad("sink").unwrap();
            last.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
                counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                gst::PadProbeReturn::Ok
            });
        }
        for element in &elements {
            element.sync_state_with_parent().unwrap();
        }
        pad.link(&elements[0].static_pad("sink").unwrap()).unwrap();
    });
    pipeline.set_state(gst::State::Playing).unwrap();
    let bus = pipeline.bus().unwrap();
    let message = bus.timed_pop_filtered(gst::ClockTime::from_seconds(60), &[gst::MessageType::Eos, gst::MessageType::Error]);
    let message = message.expect("the clip comes to its end");
    assert!(message.type_() == gst::MessageType::Eos, "{message:?}");
    pipeline.set_state(gst::State::Null).unwrap();
    pictures.load(std::sync::atomic::Ordering::Relaxed)
}

/// One run over all clips, `rounds` times; returns its processor time in seconds.
fn measured(rounds: usize, expected: u64, work: Work, sources: impl Fn() -> Vec<gst::Element>) -> f64 {
    let before = processor_seconds();
    for _ in 0..rounds {
        let pictures: u64 = sources().iter().map(|source| run(source, work)).sum();
        assert_eq!(pictures, expected, "either side does the same work");
    }
    processor_seconds() - before
}

fn from_files(paths: &[PathBuf]) -> Vec<gst::Element> {
    paths.iter().map(|path| gst::ElementFactory::make("filesrc").property("location", path.to_str().unwrap()).build().unwrap()).collect()
}

/// An opening and its first bytes are part of what reading through the cache costs.
fn from_cache(disk_cache: &Opener, items: &[Arc<Item>]) -> Vec<gst::Element> {
    let source = |item: &Arc<Item>| {
        let opened = open(disk_cache, Item::clone(item), Demand::Playing).unwrap();
        assert!(opened.from_cache);
        source_element(opened.reader)
    };
    items.iter().map(source).collect()
}

/// Fetches all items into the folder.
fn fill(folder: &Path, items: &[Arc<Item>]) {
    let runtime = runtime();
    let (disk_cache, counters) = new_opener(&runtime, Some(folder), 100 * MIB, Timeouts::default());
    for item in items {
        disk_cache.note_shown(&item.id);
        let opened = open(&disk_cache, Item::clone(item), Demand::Playing).unwrap();
        read(&opened, 0, opened.reader.len()).unwrap();
        assert!(until(|| counters.snapshot().network_active == 0));
    }
    disk_cache.flush();
    drop(disk_cache);
    runtime.shutdown_timeout(Duration::from_mins(1));
}

#[test]
#[ignore = "figures"]
fn reading_through_the_cache_costs_at_most_a_twentieth_more_than_filesrc() {
    gst::init().unwrap();
    let corpus = Corpus::of(CLIPS);
    let origin = Origin::serve(&corpus.folder);
    let items = items(&origin);
    let paths: Vec<_> = items.iter().map(|item| corpus.clip(item).path.clone()).collect();
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), &items);
    // Opened again, so that all comes from disk.
    let runtime = runtime();
    let (disk_cache, _) = new_opener(&runtime, Some(folder.path()), 100 * MIB, Timeouts::default());
    assert!(runtime.block_on(disk_cache.disk()).is_some());
    assert!(items.iter().all(|item| disk_cache.is_complete(item)));
    let sent = origin.media_bytes();
    let pictures = (CLIPS.clips * CLIPS.seconds as usize * 30) as u64;

    let mut medians = Vec::new();
    for work in [Work::Demuxing, Work::Decoding] {
        let cache = |rounds| measured(rounds, pictures, work, || from_cache(&disk_cache, &items));
        let files = |rounds| measured(rounds, pictures, work, || from_files(&paths));
        // The first of each loads what it needs.
        let _ = (cache(1), files(1));
        let trial = files(TRIAL_ROUNDS).max(1.0 / TICKS_PER_SECOND);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a small count")]
        let rounds = (RUN_SECONDS / trial * TRIAL_ROUNDS as f64).ceil().min(2000.0) as usize;
        let mut ratios: Vec<_> = (0..PAIRS)
            .map(|pair| {
                // Neither is always the one that finds the machine warm.
                let (ours, theirs) = if pair % 2 == 0 {
                    let ours = cache(rounds);
                    (ours, files(rounds))
                } else {
                    let theirs = files(rounds);
                    (cache(rounds), theirs)
                };
                assert!(theirs >= RUN_SECONDS / 4.0, "{theirs:.2} s are too few to be compared");
                eprintln!("{work:?}, pair {pair}: cache {ours:.2} s, filesrc {theirs:.2} s, ratio {:.4}", ours / theirs);
                ours / theirs
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let median = f64::midpoint(ratios[PAIRS / 2 - 1], ratios[PAIRS / 2]);
        #[expect(clippy::cast_precision_loss, reason = "a few gigabytes")]
        let megabytes = corpus.bytes() as f64 * rounds as f64 / 1e6;
        eprintln!("{work:?}, {megabytes:.0} MB a run: median ratio {median:.4}, from {:.4} to {:.4}", ratios[0], ratios[PAIRS - 1]);
        medians.push(median);
    }
    assert_eq!(origin.media_bytes(), sent, "all came from disk");
    drop(disk_cache);
    runtime.shutdown_timeout(Duration::from_mins(1));
    assert!(medians[1] <= ALLOWED, "median of {PAIRS} pairs: {:.4}, at most {ALLOWED} is asked for", medians[1]);
}
