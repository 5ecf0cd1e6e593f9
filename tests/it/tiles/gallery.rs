//! Every state of a tile in the smallest window, in the one of the first launch and in a wide one; and in the smallest one
//! on a display of twice the density, where letters and lines are rounded otherwise and all else is the same.

use flickreel::app::{Event, Key, Options};
use flickreel::feed::{Failure, FailureKind, FeedPage, Live, LiveStatus};
use flickreel::player::PlayerEvent;

use super::rig::{Rig, items, ms};
use super::{marked, refused, stored};

/// Width and height in points, pixels a point, and what the pictures are called.
const ROOMS: [([f32; 2], f32, &str); 4] =
    [([320.0, 480.0], 1.0, "320"), ([450.0, 800.0], 1.0, "450"), ([1280.0, 720.0], 1.0, "1280"), ([320.0, 480.0], 2.0, "320_x2")];

/// A state's picture in each room; taken this many milliseconds after the start.
fn in_every_room(name: &str, at: u64, make: impl Fn([f32; 2]) -> Rig) {
    for (size, scale, suffix) in ROOMS {
        let mut rig = make(size);
        rig.scale = scale;
        rig.snapshot(&format!("{name}_{suffix}"), ms(at));
    }
}

/// A client to which one more thing happens.
fn after(mut rig: Rig, event: Event, at: u64) -> Rig {
    rig.send(event, ms(at));
    rig
}

fn key(key: Key) -> Event {
    Event::Key { key, repeat: false }
}

#[test]
fn loading() {
    in_every_room("loading", 1020, |size| Rig::without_player(size, items(2)));
}

#[test]
fn buffering() {
    in_every_room("buffering", 4720, |size| {
        let rig = Rig::with_items(size, 2);
        let generation = rig.model.current_generation().unwrap();
        after(rig, Event::Player(PlayerEvent::Buffering { generation }), 4000)
    });
}

#[test]
fn paused() {
    in_every_room("paused", 6000, |size| after(Rig::with_items(size, 3), key(Key::Pause), 1000));
}

#[test]
fn ended() {
    in_every_room("ended", 6000, |size| {
        let rig = after(Rig::with_items(size, 3), key(Key::AtEnd), 1000);
        let generation = rig.model.current_generation().unwrap();
        after(rig, Event::Player(PlayerEvent::Ended { generation }), 3000)
    });
}

#[test]
fn failed() {
    in_every_room("failed", 3000, |size| {
        let mut rig = Rig::with_items(size, 2);
        rig.fail_current(refused(), ms(2000));
        rig
    });
}

#[test]
fn gone() {
    in_every_room("gone", 3000, |size| {
        let mut rig = Rig::with_items(size, 3);
        let failure = Failure::new(FailureKind::Missing, "The server answered 410 (Gone).").because("GET http://media.example/v0.mp4: 410");
        rig.fail_current(failure, ms(2000));
        rig
    });
}

#[test]
fn warned() {
    in_every_room("warned", 4000, |size| {
        let mut rig = super::states::warned(size);
        rig.bring_poster("v0", (180, 320), (720, 1280));
        rig
    });
}

#[test]
fn live() {
    in_every_room("live", 3400, |size| {
        let mut page = items(2);
        page.items[0].live = Some(Live { status: LiveStatus::Live, viewers: Some(1284) });
        let mut rig = Rig::opened(size, &Options::default());
        rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
        after(rig, Event::PointerMoved(flickreel::gesture::Position { x: 100.0, y: 100.0 }), 3000)
    });
}

#[test]
fn offline() {
    in_every_room("offline", 3000, |size| {
        let mut rig = after(Rig::without_player(size, stored(3)), marked(flickreel::app::Mark::Absent), 20);
        rig.fail_current(Failure::new(FailureKind::Network, "The connection broke."), ms(2000));
        rig
    });
}

#[test]
fn end_of_feed() {
    in_every_room("end_of_feed", 3000, |size| {
        let mut rig = after(Rig::with_items(size, 1), key(Key::Next), 1000);
        rig.settle(ms(1000));
        rig
    });
}

#[test]
fn empty_feed() {
    in_every_room("empty_feed", 3000, |size| Rig::without_player(size, FeedPage { skipped: 4, ..FeedPage::default() }));
}

#[test]
fn page_failed() {
    in_every_room("page_failed", 3000, |size| {
        let failure = Failure::new(FailureKind::NotAFeed, "feeds.example answered with a web page, not with a feed.");
        after(Rig::opened(size, &Options::default()), Event::Page { epoch: 1, cursor: None, result: Err(failure) }, 100)
    });
}
