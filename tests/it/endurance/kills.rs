//! The real program, killed at any moment: what it leaves stays within the bound, the next start plays, and no
//! wrong byte comes out.

use std::path::Path;
use std::time::{Duration, Instant};

use super::bytes::{self, Served};
use super::corpus::{Corpus, Shape, TOLERANCE, items};
use super::disk::{Sampler, partial_files};
use super::{CAP, MIB, number, replay, report};
use crate::support::desktop::{Display, PATIENCE, Program, alike, text, until};
use crate::support::origin::Origin;

/// One in so many kills comes without a look at the screen before it, maybe before there is a window.
const UNSEEN_EVERY: usize = 4;
/// After one in so many kills all items are read as a whole, with the origin there.
const ONLINE_EVERY: usize = 10;
/// Between two looks whether the program is still there while its bytes are waited for.
const ALIVE_EVERY: Duration = Duration::from_millis(500);
/// Kills in a run of full size; the variable, which the tests of the cache know too, asks for another number.
const KILLS: usize = 100;
const KILLS_VARIABLE: &str = "FLICKREEL_TEST_KILLS";
/// The seed of the moments at which the program is killed.
const SEED: u64 = 0x5eed_0000_0000_0003;

/// What is killed how often.
struct Kills {
    shape: Shape,
    cap: u64,
    times: usize,
    /// The program is killed after it was sent up to this many media bytes,
    bytes_max: u64,
    /// which come no faster than this, so that it is mostly killed while it fetches and writes.
    bytes_per_second: u64,
    script: String,
}

/// Small numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Once the first item was seen, on through the feed and back, at paces that leave one item half fetched and another one whole, for longer
/// than any of these programs lives.
fn there_and_back(clips: usize) -> String {
    let way = clips - 1;
    format!(
        "steps = [\"wait 1s\", {{ repeat = 40, steps = [{{ repeat = {way}, steps = [\"swipe next\", \"wait 120ms\"] }}, \
         {{ repeat = {way}, steps = [\"swipe prev\", \"wait 400ms\"] }}] }}]\n"
    )
}

fn is_killed_again_and_again(plan: &Kills) {
    let corpus = Corpus::of(plan.shape);
    let origin = Origin::paced(&corpus.folder, plan.bytes_per_second);
    let feed_items = items(&origin);
    let first_colour = corpus.clip(&feed_items[0]).colour;
    let work = tempfile::tempdir().unwrap();
    let (cache, script) = (work.path().join("cache"), work.path().join("there-and-back.toml"));
    std::fs::create_dir(&cache).unwrap();
    std::fs::write(&script, &plan.script).unwrap();
    let display = Display::start();
    let (feed, size) = (origin.feed(), plan.cap.to_string());
    let arguments = replay(text(&script), &feed, &cache, &size);
    let sampler = Sampler::start(&cache);
    plays_to_the_end(&display, &origin, &cache, plan);

    let (mut dice, mut starts, mut all) = (Dice(SEED), Vec::new(), Vec::new());
    let mut with_a_partial_file = 0;
    for kill in 0..plan.times {
        let began = Instant::now();
        let mut sent = origin.media_bytes();
        let mut program = Program::start(&display, &arguments);
        sampler.watch(program.id());
        if kill % UNSEEN_EVERY > 0 {
            let plays = until(|| !program.is_alive() || alike(display.mean(), first_colour, TOLERANCE));
            assert!(plays && program.is_alive(), "start {kill}: the screen shows {:?}; {}", display.mean(), program.said());
            starts.push(began.elapsed());
            sent = origin.media_bytes();
        }
        wait_for_bytes(&origin, &mut program, sent, 1 + dice.below(plan.bytes_max));
        program.kill();

        let partial = partial_files(&cache);
        with_a_partial_file += usize::from(partial > 0);
        let served = bytes::offline(&cache, plan.cap, &feed_items, &corpus, &origin);
        eprintln!("kill {kill}: {} bytes sent, {partial} partial files, {served:?}", origin.media_bytes() - sent);
        all.push(served);
        if kill % ONLINE_EVERY == ONLINE_EVERY - 1 {
            bytes::online(&cache, plan.cap, &feed_items, &corpus);
        }
    }
    plays_to_the_end(&display, &origin, &cache, plan);
    let seen = sampler.finish();

    starts.sort_unstable();
    eprintln!(
        "{} kills, {with_a_partial_file} with a partial file; a picture {:.1?} after the start (median), {:.1?} at most; disk: {} bytes at \
         most in {} looks, of {}; {} bytes compared",
        plan.times,
        starts[starts.len() / 2],
        starts[starts.len() - 1],
        seen.peak,
        seen.looks,
        plan.cap,
        all.iter().map(|served| served.bytes).sum::<u64>(),
    );
    assert!(seen.peak <= plan.cap, "{} bytes on disk, of {}", seen.peak, plan.cap);

    // What follows says that something was tried.
    assert!(with_a_partial_file * 2 >= plan.times, "a partial file at {with_a_partial_file} kills of {}", plan.times);
    assert!(seen.peak > plan.cap / 2, "the disk was never full: {}", seen.peak);
    let had = |wanted: fn(&Served) -> bool| all.iter().filter(|served| wanted(served)).count();
    assert!(had(|served| served.bytes >= MIB) * 2 >= plan.times, "most kills left something to be served: {all:?}");
    assert!(had(|served| served.partial > 0) > 0 && had(|served| served.complete > 0) > 0, "{all:?}");
}

/// Waits until the origin has sent so much more than `before`.
fn wait_for_bytes(origin: &Origin, program: &mut Program, before: u64, bytes: u64) {
    let deadline = Instant::now() + PATIENCE;
    while !origin.sends(before + bytes, ALIVE_EVERY) {
        assert!(program.is_alive(), "it ended by itself: {}", program.said());
        assert!(Instant::now() < deadline, "{} bytes of {bytes} sent", origin.media_bytes() - before);
    }
}

/// A session that nobody kills: before the first kill, so that there is something to be spoiled, and after the
/// last one, with every item.
fn plays_to_the_end(display: &Display, origin: &Origin, cache: &Path, plan: &Kills) {
    let (script, written) = (cache.with_extension("toml"), cache.with_extension("json"));
    let others = plan.shape.clips - 1;
    let steps = format!(
        "steps = [\"wait 1s\", {{ repeat = {others}, steps = [\"swipe next\", \"wait 600ms\"] }}]\n\
         [thresholds]\nblack_frames = 0\nwaiting = 0\nstuck = 0\nfailures = 0\ndisk_over_cap_bytes = 0\nswipes_min = {others}\n"
    );
    std::fs::write(&script, steps).unwrap();
    let (feed, size) = (origin.feed(), plan.cap.to_string());
    let mut arguments = replay(text(&script), &feed, cache, &size);
    arguments.extend(["--report", text(&written)]);
    let (status, said) = Program::start(display, &arguments).wait();
    assert!(status.success(), "{said}");
    assert!(number(&report(&written), "cache", "hits") > 0);
}

#[test]
fn a_program_that_is_killed_leaves_nothing_wrong_behind() {
    let shape = Shape { clips: 6, seconds: 3, kilobits: 8000, size: "360x640" };
    let (bytes_max, bytes_per_second) = (8 * MIB, 8 * MIB);
    is_killed_again_and_again(&Kills { shape, cap: 8 * MIB, times: 3, bytes_max, bytes_per_second, script: there_and_back(6) });
}

#[test]
#[ignore = "ten minutes, 300 MB"]
fn a_hundred_kills_against_300_mb_of_clips() {
    let shape = Shape { clips: 24, seconds: 10, kilobits: 11_000, size: "720x1280" };
    let times = std::env::var(KILLS_VARIABLE).ok().and_then(|count| count.parse().ok()).unwrap_or(KILLS);
    let (bytes_max, bytes_per_second) = (48 * MIB, 20 * MIB);
    is_killed_again_and_again(&Kills { shape, cap: CAP, times, bytes_max, bytes_per_second, script: there_and_back(24) });
}
