//! Small pictures of places in the item that plays, made by a pipeline of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flickreel::cache::{ByteReader, Demand, MediaOpener, OpenDone, OpenTicket, Opened, ReadError};
use flickreel::feed::{Generation, Item};
use flickreel::player::gst::AudioChoice;
use flickreel::player::watch::Patience;
use flickreel::player::{PlayerEvent, PreviewTarget, Still};

use super::media;
use super::rig::{Clip, Gate, Manner, Rig, Shelf};

const H264: &str = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac";

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// A clip of twelve seconds with a keyframe every `every` pictures, 30 a second.
fn clip(every: u32, ending: &str) -> Vec<u8> {
    media::pattern_with_tone("160x284", 12.0, 330, &format!("{H264} -g {every} -keyint_min {every} -sc_threshold 0"), ending)
}

/// A player whose first item stands, and has its neighbours.
fn standing(budget: usize, bytes: Vec<u8>) -> Rig {
    let rig = Rig::new(budget, AudioChoice::Silent);
    let clip = Clip::new(bytes);
    for name in ["a", "b", "c"] {
        rig.shelf.put(name, clip.clone());
    }
    rig.discard_pictures();
    aim(&rig);
    for generation in 1..=3 {
        rig.prerolled(generation);
    }
    rig
}

fn aim(rig: &Rig) {
    rig.want(&[("a", 1, false), ("b", 2, false), ("c", 3, false)]);
}

fn point(rig: &mut Rig, at: Option<Duration>) {
    rig.preview = at.map(|at| PreviewTarget { generation: Generation(1), at, fetches: true });
    aim(rig);
}

/// The small picture that answers this place; the last one, when a nearer one followed.
fn answer(rig: &Rig, place: Duration, is_it: impl Fn(&Still) -> bool) -> Arc<Still> {
    rig.until("a small picture", |events, _| {
        events.iter().rev().find_map(|event| match event {
            PlayerEvent::Preview { generation: Generation(1), wanted, picture } if *wanted == place && is_it(picture) => {
                Some(Arc::clone(picture))
            }
            _ => None,
        })
    })
}

/// The places that were answered, in order.
fn answered(rig: &Rig) -> Vec<Duration> {
    rig.until("nothing", |events, _| {
        let places = events.iter().filter_map(|event| if let PlayerEvent::Preview { wanted, .. } = event { Some(*wanted) } else { None });
        Some(places.collect())
    })
}

#[test]
fn a_place_that_was_not_played_is_shown_by_the_keyframe_next_to_it_in_any_container() {
    let webm = "-c:v libvpx -deadline realtime -cpu-used 8 -g 15 -keyint_min 15 -c:a libvorbis";
    let files = [
        (clip(15, "mp4"), "mp4"),
        (clip(15, "mkv"), "mkv"),
        (media::pattern_with_tone("160x284", 12.0, 330, webm, "webm"), "webm"),
        (clip(15, "ts"), "ts"),
    ];
    for (bytes, ending) in files {
        let mut rig = standing(6, bytes);
        point(&mut rig, Some(seconds(9.2)));
        let near = |still: &Still| still.at.abs_diff(seconds(9.2)) <= Duration::from_millis(1500);
        let still = answer(&rig, seconds(9.2), near);
        assert_eq!((still.size, still.rgba.len()), ((90, 160), 90 * 160 * 4), "{ending}");
        assert!(still.rgba.chunks_exact(4).any(|pixel| pixel[..3] != still.rgba[..3]), "{ending}: it is empty");
        // Back again, without another pipeline.
        point(&mut rig, Some(seconds(2.0)));
        answer(&rig, seconds(2.0), |still| still.at.abs_diff(seconds(2.0)) <= Duration::from_millis(1500));
        rig.pool("one pipeline for both", |stats| stats.previews == 1 && stats.live() == 4);
    }
}

#[test]
fn where_the_next_keyframe_is_far_an_exact_picture_follows() {
    let mut rig = standing(6, clip(300, "mp4"));
    point(&mut rig, Some(seconds(4.0)));
    let keyframe = answer(&rig, seconds(4.0), |still| still.at < seconds(0.1));
    assert_eq!(keyframe.size, (90, 160));
    answer(&rig, seconds(4.0), |still| still.at.abs_diff(seconds(4.0)) < Duration::from_millis(50));
}

#[test]
fn of_many_places_the_last_one_is_shown() {
    let mut rig = standing(6, clip(15, "mp4"));
    for place in 1..=100 {
        point(&mut rig, Some(seconds(f64::from(place) / 10.0)));
    }
    answer(&rig, seconds(10.0), |still| still.at.abs_diff(seconds(10.0)) < Duration::from_millis(600));
    let places = answered(&rig);
    assert!(places.len() < 100 && places.last() == Some(&seconds(10.0)), "{places:?}");
}

#[test]
fn it_goes_when_nobody_points_any_more_and_a_swipe_ends_it() {
    let mut rig = standing(6, clip(15, "mp4"));
    point(&mut rig, Some(seconds(9.0)));
    answer(&rig, seconds(9.0), |_| true);
    rig.pool("the pipeline", |stats| stats.previews == 1);
    point(&mut rig, None);
    rig.pool("its end", |stats| stats.previews == 0 && stats.live() == 3);

    point(&mut rig, Some(seconds(5.0)));
    answer(&rig, seconds(5.0), |_| true);
    rig.pool("the pipeline", |stats| stats.previews == 1);
    // Who points on does not keep it.
    rig.want(&[("b", 2, true), ("c", 3, false), ("a", 1, false)]);
    rig.pool("its end", |stats| stats.previews == 0 && stats.playing == 1 && stats.live() == 3);
}

#[test]
fn the_budget_holds_and_items_have_the_first_claim() {
    let mut rig = standing(4, clip(15, "mp4"));
    point(&mut rig, Some(seconds(9.0)));
    answer(&rig, seconds(9.0), |_| true);
    rig.pool("a full house", |stats| stats.previews == 1 && stats.live() == 4);
    rig.shelf.put("d", Clip::new(clip(15, "mp4")));
    rig.want(&[("a", 1, false), ("b", 2, false), ("c", 3, false), ("d", 4, false)]);
    rig.prerolled(4);
    let stats = rig.pool("the item in its place", |stats| stats.prerolled == 4);
    assert_eq!((stats.previews, stats.peak, stats.stuck), (0, 4, 0));
    rig.until("all figures within the budget", |events, _| {
        for event in events {
            if let PlayerEvent::Pool { stats, .. } = event {
                assert!(stats.live() <= 4, "{stats:?}");
            }
        }
        Some(())
    });
}

#[test]
fn a_clip_that_is_damaged_further_on_costs_the_preview_alone() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    // Long enough for what plays not to come to the damage.
    let bytes = media::pattern("160x284", 60.0, "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 15 -movflags +faststart", "mp4");
    let broken = bytes.len() as u64 * 3 / 4;
    rig.shelf.put("a", Clip { manner: Manner::FailsFrom(broken), ..Clip::new(bytes) });
    rig.discard_pictures();
    rig.want(&[("a", 1, true)]);
    rig.prerolled(1);
    let openings = |rig: &Rig| rig.shelf.within.lock().unwrap().len();
    let plays_on = |rig: &Rig| {
        rig.forget();
        rig.pictures(1, 20);
        rig.pool("the item alone", |stats| stats.playing == 1 && stats.live() == 1);
    };
    let point = |rig: &mut Rig, at| {
        rig.preview = Some(PreviewTarget { generation: Generation(1), at: seconds(at), fetches: true });
        rig.want(&[("a", 1, true)]);
    };
    point(&mut rig, 58.0);
    rig.until("its opening", |_, _| (openings(&rig) == 2).then_some(()));
    plays_on(&rig);
    // It is not tried again and again.
    point(&mut rig, 59.0);
    plays_on(&rig);
    assert_eq!(openings(&rig), 2);
    let failed = rig.until("nothing", |events, _| Some(events.iter().any(|event| matches!(event, PlayerEvent::Failed { .. }))));
    assert!(!failed);
}

#[test]
fn where_nothing_may_be_fetched_only_what_is_here_is_shown() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    let bytes = media::pattern("160x284", 12.0, "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 15 -movflags +faststart", "mp4");
    let gate = Gate::at(bytes.len() as u64 / 2);
    rig.shelf.put("a", Clip { gate: Arc::clone(&gate), ..Clip::new(bytes) });
    rig.discard_pictures();
    let point = |rig: &mut Rig, at, fetches| {
        rig.preview = Some(PreviewTarget { generation: Generation(1), at: seconds(at), fetches });
        rig.want(&[("a", 1, false)]);
    };
    rig.want(&[("a", 1, false)]);
    rig.prerolled(1);
    point(&mut rig, 11.0, false);
    rig.row("the pipeline", |row| row.stage == "preview");
    // The place that is not here is passed over, and nobody waits for it.
    point(&mut rig, 2.0, false);
    answer(&rig, seconds(2.0), |still| still.at.abs_diff(seconds(2.0)) < Duration::from_millis(600));
    assert_eq!(answered(&rig), [seconds(2.0)]);
    // Where it may, it waits for the bytes.
    point(&mut rig, 11.0, true);
    gate.lift(u64::MAX);
    answer(&rig, seconds(11.0), |still| still.at.abs_diff(seconds(11.0)) < Duration::from_millis(600));
}

/// Counts the readers that are alive.
struct Counting(Arc<Shelf>, Arc<AtomicUsize>);

struct Counted(Arc<dyn ByteReader>, Arc<AtomicUsize>);

impl MediaOpener for Counting {
    fn open(&self, item: Arc<Item>, demand: Demand, within: Duration, done: OpenDone) -> OpenTicket {
        let alive = Arc::clone(&self.1);
        let counted = move |answer: Result<Opened, _>| {
            done(answer.map(|opened| {
                alive.fetch_add(1, Ordering::SeqCst);
                Opened { reader: Arc::new(Counted(opened.reader, alive)), ..opened }
            }));
        };
        self.0.open(item, demand, within, Box::new(counted))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ByteReader for Counted {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        self.0.read_at(offset, buf)
    }

    fn ready_from(&self, offset: u64) -> u64 {
        self.0.ready_from(offset)
    }

    fn set_interrupted(&self, interrupted: bool) {
        self.0.set_interrupted(interrupted);
    }

    fn set_demand(&self, demand: Demand) {
        self.0.set_demand(demand);
    }
}

#[test]
fn what_it_held_is_given_back_however_often_somebody_points_and_leaves() {
    let (shelf, alive) = (Arc::new(Shelf::default()), Arc::new(AtomicUsize::new(0)));
    let opener = Arc::new(Counting(Arc::clone(&shelf), Arc::clone(&alive)));
    let mut rig = Rig::over(opener, shelf, 6, AudioChoice::Silent, Patience::default());
    rig.shelf.put("a", Clip::new(clip(15, "mp4")));
    rig.discard_pictures();
    rig.want(&[("a", 0, false)]);
    rig.prerolled(0);
    for generation in 1..=12 {
        rig.want(&[("a", generation, false)]);
        rig.prerolled(generation);
        rig.preview = Some(PreviewTarget { generation: Generation(generation), at: seconds(7.0), fetches: true });
        rig.forget();
        rig.want(&[("a", generation, false)]);
        if generation % 3 > 0 {
            // Of the others some are ended while they are opened or on their way.
            rig.until("a small picture", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Preview { .. })).then_some(()));
        }
    }
    rig.preview = None;
    rig.want(&[]);
    let stats = rig.pool("nothing", |stats| stats.live() == 0 && stats.opening == 0);
    assert_eq!(stats.stuck, 0);
    // An attempt that is told to be gone has let go of its reader.
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}
