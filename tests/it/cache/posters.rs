//! The worker that fetches posters.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use flickreel::cache::{BlobKind, Demand};
use flickreel::feed::Item;
use flickreel::preload::posters::{PosterOptions, Wanted, spawn};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use tokio::sync::watch;

use super::rig::{KIB, MIB, Rig, noise};
use super::turns::PATIENT;
use crate::support::faulty::Fault;

/// So long is waited for what comes, and nothing here takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(90, 160, Rgb([200, 40, 40]))).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn list(rig: &Rig, posters: &[&str]) -> Wanted {
    posters.iter().map(|path| Arc::new(Item { poster: Some(rig.server.url(path)), ..rig.item(path) })).collect()
}

/// The worker, and the paths of what it has shown.
struct Posters {
    wanted: watch::Sender<Wanted>,
    shown: Receiver<String>,
}

impl Posters {
    fn start(rig: &Rig) -> Self {
        let (wanted, receiver) = watch::channel::<Wanted>(Arc::from([]));
        let (show, shown) = sync_channel(32);
        let options = PosterOptions {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            blobs: rig.opener.blobs(),
            counters: Arc::clone(&rig.counters),
            show: Arc::new(move |item, poster| {
                assert_eq!((poster.width, poster.height, &poster.rgba[..4]), (90, 160, &[200, 40, 40, 255][..]));
                show.send(item.id.to_string()).unwrap();
            }),
        };
        spawn(rig.runtime.handle(), options, receiver);
        Self { wanted, shown }
    }

    fn want(&self, rig: &Rig, posters: &[&str]) {
        self.wanted.send_replace(list(rig, posters));
    }

    fn next(&self) -> String {
        self.shown.recv_timeout(PATIENCE).unwrap()
    }
}

#[test]
fn posters_are_fetched_two_at_once_and_shown() {
    let rig = Rig::new(picture());
    let posters = Posters::start(&rig);
    rig.server.open_gate(false);
    posters.want(&rig, &["/a", "/b", "/c"]);
    rig.until_requests(2);
    rig.until(|| rig.counters.snapshot().network_active == 2);
    assert_eq!(rig.server.requests(), 2);
    rig.server.open_gate(true);
    let mut shown = [posters.next(), posters.next(), posters.next()];
    shown.sort();
    assert_eq!(shown, ["/a", "/b", "/c"]);
    rig.until_quiet();
}

#[test]
fn a_poster_that_was_fetched_is_shown_again_without_its_server_whatever_its_signature() {
    let rig = Rig::new(picture());
    let posters = Posters::start(&rig);
    posters.want(&rig, &["/a?v=1&sig=one"]);
    assert_eq!(posters.next(), "/a?v=1&sig=one");
    posters.want(&rig, &["/a?v=1&sig=two"]);
    assert_eq!(posters.next(), "/a?v=1&sig=two");
    posters.want(&rig, &["/a?v=2"]);
    assert_eq!(posters.next(), "/a?v=2");
    assert_eq!(rig.server.requests(), 2);
}

#[test]
fn what_is_no_poster_is_none_and_keeps_no_other_waiting() {
    let mut padded = picture();
    padded.resize(usize::try_from(2 * MIB).unwrap() + 1, 0);
    for (body, fault) in [(noise(5000), Fault::None), (padded, Fault::None), (picture(), Fault::Status(404))] {
        let rig = Rig::new(body);
        rig.server.fault(fault);
        let posters = Posters::start(&rig);
        posters.want(&rig, &["/bad"]);
        rig.until_requests(1);
        rig.until_quiet();
        rig.server.set(|behaviour| behaviour.body = Arc::new(picture()));
        rig.server.fault(Fault::None);
        posters.want(&rig, &["/bad", "/good"]);
        assert_eq!(posters.next(), "/good");
        assert_eq!(rig.server.requests(), 2, "the bad one is still in the list, and is not asked for again");
    }
}

#[test]
fn a_poster_that_could_not_be_had_is_asked_for_again_the_next_time_it_is_wanted() {
    let rig = Rig::new(picture());
    rig.server.fault(Fault::Status(503));
    let posters = Posters::start(&rig);
    posters.want(&rig, &["/a"]);
    rig.until_requests(1);
    rig.until_quiet();
    rig.server.fault(Fault::None);
    posters.want(&rig, &["/b"]);
    assert_eq!(posters.next(), "/b");
    posters.want(&rig, &["/a"]);
    assert_eq!(posters.next(), "/a");
}

#[test]
fn posters_that_are_not_wanted_any_more_are_given_up() {
    let rig = Rig::new(picture());
    let posters = Posters::start(&rig);
    rig.server.open_gate(false);
    posters.want(&rig, &["/a", "/b"]);
    rig.until_requests(2);
    posters.want(&rig, &["/c"]);
    rig.until_requests(3);
    rig.server.open_gate(true);
    assert_eq!(posters.next(), "/c");
    rig.until_quiet();
    assert!(posters.shown.try_recv().is_err(), "nobody wanted the others any more");
}

#[test]
fn a_poster_that_was_kept_is_shown_after_a_restart_without_its_server() {
    let rig = Rig::new(picture());
    let posters = Posters::start(&rig);
    posters.want(&rig, &["/a?sig=one"]);
    assert_eq!(posters.next(), "/a?sig=one");
    rig.runtime.block_on(async {
        let (blobs, name) = (rig.opener.blobs(), rig.server.url("/a"));
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        let kept = async {
            while blobs.get(BlobKind::Poster, &name).await.is_none() {
                tick.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, kept).await.unwrap();
    });
    let rig = rig.restart();
    rig.server.fault(Fault::Status(503));
    let posters = Posters::start(&rig);
    posters.want(&rig, &["/a?sig=two"]);
    assert_eq!(posters.next(), "/a?sig=two");
    assert_eq!(rig.server.requests(), 1);
}

#[test]
fn posters_wait_while_what_plays_is_short_of_bytes_on_a_slow_line() {
    let rig = Rig::with(noise(512 * KIB), 100 * MIB, PATIENT);
    for poster in ["/a", "/b", "/c"] {
        rig.server.set_for(poster, |behaviour| behaviour.body = Arc::new(picture()));
    }
    let posters = Posters::start(&rig);
    for poster in ["/a", "/c"] {
        posters.want(&rig, &[poster]);
        assert_eq!(posters.next(), poster);
    }
    rig.server.fault(Fault::Trickles(800));
    let learnt = rig.open("/learn", Demand::Playing).unwrap();
    rig.until(|| rig.opener.network().bits_per_second.is_some());
    drop(learnt);
    rig.until_quiet();
    let known = rig.server.requests();
    rig.server.let_through(10 * KIB);
    let playing = rig.open("/now", Demand::Playing).unwrap();
    // The second one is in memory: it is shown, and the first one might have been asked for by then.
    posters.want(&rig, &["/b", "/a"]);
    assert_eq!(posters.next(), "/a");
    rig.server.open_gate(true);
    assert_eq!(posters.next(), "/b");
    let seen = rig.server.seen();
    let at = seen.iter().position(|seen| seen.path == "/b").unwrap();
    assert!(at > known + 1, "its turn comes after several requests of what plays: {seen:?}");
    drop(playing);
}
