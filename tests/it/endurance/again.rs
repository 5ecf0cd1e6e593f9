//! A second session over a feed that was watched to its end: the disk serves all of it, the network nothing.

use std::path::Path;

use super::corpus::{Corpus, Shape, items};
use super::{CAP, MIB, bytes, number, replay, report};
use crate::support::desktop::{Display, Program, text};
use crate::support::origin::Origin;

/// What is left after the end of a clip before it is swiped away: the start of the next one and the swipe.
const AFTER_ITS_END_MS: u32 = 700;

/// Every clip from its start to its end, one after the other.
fn script(shape: Shape) -> String {
    let (others, wait) = (shape.clips - 1, shape.seconds * 1000 + AFTER_ITS_END_MS);
    format!(
        "steps = [\"wait {wait}ms\", {{ repeat = {others}, steps = [\"swipe next\", \"wait {wait}ms\"] }}]\n\
         [thresholds]\nblack_frames = 0\nwaiting = 0\nabandoned = 0\nfailures = 0\nswipes_min = {others}\n"
    )
}

fn watch(display: &Display, origin: &Origin, script: &Path, cache: &Path) -> serde_json::Value {
    let written = cache.with_extension("json");
    let (feed, size) = (origin.feed(), CAP.to_string());
    let mut arguments = replay(text(script), &feed, cache, &size);
    arguments.extend(["--report", text(&written)]);
    let (status, said) = Program::start(display, &arguments).wait();
    assert!(status.success(), "{said}");
    report(&written)
}

fn is_served_from_disk_the_second_time(shape: Shape) {
    let corpus = Corpus::of(shape);
    assert!(corpus.bytes() <= 60 * MIB, "it all has to fit");
    let origin = Origin::serve(&corpus.folder);
    let work = tempfile::tempdir().unwrap();
    let (cache, steps) = (work.path().join("cache"), work.path().join("to-the-end.toml"));
    std::fs::write(&steps, script(shape)).unwrap();
    let display = Display::start();

    let first = watch(&display, &origin, &steps, &cache);
    assert!(origin.media_bytes() >= corpus.bytes(), "{} of {} bytes", origin.media_bytes(), corpus.bytes());
    assert!(bytes::all_complete(&cache, CAP, &items(&origin)), "all was played to its end");

    let (sent, asked, pages) = (origin.media_bytes(), origin.media_requests(), origin.other_requests());
    let second = watch(&display, &origin, &steps, &cache);
    let start = |report: &serde_json::Value| report["startup_ms"]["process_to_first_frame"].as_f64().unwrap();
    eprintln!(
        "{} clips, {} bytes. First time: {sent} media bytes sent, hit rate {}, first frame after {:.0} ms. Second time: {} media bytes \
         in {} requests, hit rate {}, first frame after {:.0} ms",
        shape.clips,
        corpus.bytes(),
        first["cache"]["hit_rate"],
        start(&first),
        origin.media_bytes() - sent,
        origin.media_requests() - asked,
        second["cache"]["hit_rate"],
        start(&second),
    );
    assert_eq!(origin.media_bytes(), sent, "the second time nothing is fetched");
    assert_eq!(second["cache"]["hit_rate"].as_f64(), Some(1.0), "{second:#}");
    assert_eq!(number(&second, "cache", "misses"), 0);
    // It did ask for the feed, and it did read every clip.
    assert!(origin.other_requests() > pages);
    assert!(number(&second, "cache", "hits") >= corpus.bytes(), "{second:#}");
}

#[test]
fn a_feed_that_was_watched_to_its_end_is_not_fetched_again() {
    is_served_from_disk_the_second_time(Shape { clips: 4, seconds: 2, kilobits: 4000, size: "360x640" });
}

#[test]
#[ignore = "two minutes, 50 MB"]
fn fifty_mb_that_were_watched_to_their_end_are_not_fetched_again() {
    is_served_from_disk_the_second_time(Shape { clips: 12, seconds: 3, kilobits: 12_000, size: "720x1280" });
}
