//! The monitor of black frames sees what it is there for, and nothing else: pictures are taken away behind the model's back.

use std::cell::Cell;
use std::time::Duration;

use egui_kittest::Harness;

use super::{FeedView, Pictures, theme};
use crate::app::{Event, Model, Options, Painted, update};
use crate::feed::{Failure, FailureKind, FeedPage, Generation, Item, ItemId, MediaLocation};
use crate::player::{Frame, Picture, PlayerEvent, Rotation};

const NOW: Duration = Duration::from_secs(5);

fn frame() -> Frame {
    let side = (2, 2);
    Frame {
        picture: Picture::Rgba(vec![99; 16]),
        coded: side,
        display: side,
        rotation: Rotation::default(),
        pts: Duration::ZERO,
        serial: 0,
    }
}

/// A feed whose current item has been given to a player.
struct Feed {
    model: Model,
    pictures: Pictures,
    current: Generation,
}

impl Feed {
    fn new() -> Self {
        let mut model = Model::new(&Options::default());
        let item = |id: &str| Item::bare(ItemId::new(id), MediaLocation::Sample(0));
        let page = FeedPage { items: vec![item("v0"), item("v1")], ..FeedPage::default() };
        update(&mut model, Event::Opened { label: String::new(), hint: false }, Duration::ZERO);
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, Duration::ZERO);
        let current = model.current_generation().unwrap();
        Self { model, pictures: Pictures::default(), current }
    }

    fn send(&mut self, event: Event) {
        update(&mut self.model, event, NOW);
    }

    /// Its first picture comes.
    fn pictured(mut self) -> Self {
        self.pictures.uploaded(self.current, &frame(), NOW);
        self.send(Event::Picture { generation: self.current, serial: 0 });
        self
    }

    /// Its first picture is on the screen.
    fn painted(mut self) -> Self {
        self.send(Event::Painted(Painted { at: NOW, pictures: vec![(self.current, 0)] }));
        self
    }

    fn with_poster(mut self) -> Self {
        self.pictures.poster_uploaded(ItemId::new("v0"), &frame(), NOW);
        self
    }

    /// What must never happen: the pictures are gone, and nobody told the model.
    fn robbed(mut self) -> Self {
        self.pictures.keep(|_| false);
        self
    }

    fn is_black(&self) -> bool {
        let black = Cell::new(false);
        let mut harness = Harness::builder().with_size([360.0, 640.0]).with_context_setup(theme::install).build_ui(|ui| {
            black.set(FeedView::show(ui, &self.model, &self.pictures, NOW).black);
        });
        harness.step();
        drop(harness);
        black.get()
    }
}

#[test]
fn a_tile_that_shows_its_video_its_poster_or_that_it_loads_is_not_black() {
    assert!(!Feed::new().is_black(), "it loads");
    assert!(!Feed::new().with_poster().is_black());
    assert!(!Feed::new().pictured().is_black());
    assert!(!Feed::new().pictured().painted().is_black());
}

#[test]
fn a_tile_that_plays_and_shows_nothing_is_black() {
    let feed = Feed::new().pictured().robbed();
    assert!(feed.is_black());
    assert!(!feed.with_poster().is_black(), "a poster is its own");
    let mut paused = Feed::new().pictured().robbed();
    paused.send(Event::Key { key: crate::app::Key::Pause, repeat: false });
    assert!(paused.is_black());
    let mut buffering = Feed::new().pictured().robbed();
    buffering.send(Event::Player(PlayerEvent::Buffering { generation: buffering.current }));
    assert!(buffering.is_black());
}

#[test]
fn a_tile_that_has_shown_its_video_and_goes_back_to_a_poster_or_to_loading_is_black() {
    assert!(Feed::new().pictured().painted().robbed().with_poster().is_black());
    assert!(Feed::new().painted().is_black());
}

#[test]
fn a_tile_that_says_what_is_the_matter_is_not_black() {
    let mut feed = Feed::new().pictured().painted().robbed();
    let failure = Failure::new(FailureKind::Corrupt, "The video is damaged or cut short.");
    feed.send(Event::Player(PlayerEvent::Failed { generation: feed.current, failure }));
    assert!(!feed.is_black());
    let mut empty = Feed::new();
    empty.send(Event::Opened { label: String::new(), hint: false });
    assert!(!empty.is_black());
}
