//! A long session over far more than the cache may hold: the disk never holds more than the bound.

use std::time::Instant;

use super::corpus::{Corpus, Shape};
use super::disk::Sampler;
use super::{CAP, MIB, number, replay, report};
use crate::support::desktop::{Display, Program, text};
use crate::support::origin::Origin;

/// A session: what is watched, how, and within which bound.
struct Session<'a> {
    shape: Shape,
    script: &'a str,
    cap: u64,
}

/// Plays it; the bound has to be reached, or nothing was tried.
fn keeps_its_bound(Session { shape, script, cap }: &Session<'_>) {
    let corpus = Corpus::of(*shape);
    let origin = Origin::serve(&corpus.folder);
    let work = tempfile::tempdir().unwrap();
    let (cache, written) = (work.path().join("cache"), work.path().join("report.json"));
    std::fs::create_dir(&cache).unwrap();
    let display = Display::start();
    let (feed, size) = (origin.feed(), cap.to_string());
    let mut arguments = replay(script, &feed, &cache, &size);
    arguments.extend(["--report", text(&written)]);

    let (sampler, began) = (Sampler::start(&cache), Instant::now());
    let mut program = Program::start(&display, &arguments);
    sampler.watch(program.id());
    let (status, said) = program.wait();
    let (seen, took) = (sampler.finish(), began.elapsed());

    // The script's own thresholds are about times; whether they hold on this machine is told, not asked.
    assert!(matches!(status.code(), Some(0 | 1)), "{said}");
    let report = report(&written);
    let (peak, evictions) = (number(&report, "cache", "disk_peak_bytes"), number(&report, "cache", "evictions"));
    eprintln!(
        "{} clips, {} bytes; {} media bytes sent; disk: {} bytes at most in {} looks ({:.1?} apart at most), {peak} in the books, of \
         {cap}; {evictions} evictions\n{said}",
        shape.clips,
        corpus.bytes(),
        origin.media_bytes(),
        seen.peak,
        seen.looks,
        seen.longest_gap,
    );
    assert!(seen.peak <= *cap, "{} bytes on disk, of {cap}", seen.peak);
    assert!(seen.peak <= peak && peak <= *cap, "{} bytes on disk, {peak} in the books", seen.peak);
    assert_eq!(number(&report, "cache", "cap_bytes"), *cap);
    assert_eq!(report["failures"].as_array().map(Vec::len), Some(0), "{report:#}");

    // What follows says that the bound was tried.
    assert!(seen.peak > cap / 4 * 3, "the disk was never full: {} of {cap}", seen.peak);
    assert!(evictions > 0 && origin.media_bytes() > cap + cap / 2, "nothing had to go");
    assert!(seen.looks as u128 > took.as_millis() / 200, "looked {} times in {took:?}", seen.looks);
}

#[test]
fn a_session_over_more_than_the_bound_never_takes_more_than_the_bound() {
    let work = tempfile::tempdir().unwrap();
    let script = work.path().join("there-and-back.toml");
    std::fs::write(
        &script,
        "steps = [\"wait 500ms\", { repeat = 2, steps = [{ repeat = 5, steps = [\"swipe next\", \"wait 500ms\"] }, \
         { repeat = 5, steps = [\"swipe prev\", \"wait 500ms\"] }] }]\n[thresholds]\nswipes_min = 20\nfailures = 0\n",
    )
    .unwrap();
    let shape = Shape { clips: 6, seconds: 3, kilobits: 8000, size: "360x640" };
    keeps_its_bound(&Session { shape, script: text(&script), cap: 8 * MIB });
}

#[test]
#[ignore = "four minutes, 300 MB"]
fn soak_against_300_mb_of_clips() {
    let shape = Shape { clips: 24, seconds: 10, kilobits: 11_000, size: "720x1280" };
    assert!(Corpus::of(shape).bytes() >= 300 * MIB);
    keeps_its_bound(&Session { shape, script: "soak", cap: CAP });
}
