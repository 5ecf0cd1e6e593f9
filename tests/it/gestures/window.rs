//! A window without a screen: the model, the view and egui, fed with raw input at sixty passes a second.

use std::time::Duration;

use eframe::egui::{self, Pos2, Rect, Vec2};
use flickreel::app::{Event, KeyPreset, Keymaps, Model, Options, update};
use flickreel::feed::{FeedPage, Item, ItemId, MediaLocation};
use flickreel::ui::{FeedView, Pictures, key_and_wheel_events, theme};

/// The size of the window, in points.
const SIZE: Vec2 = Vec2::new(450.0, 800.0);
/// Between two passes.
const PASS_MS: u64 = 16;
/// No trace, with all that comes of it, takes as long.
const LONGEST_MS: u64 = 60_000;
/// The time of the first event: the window has been there for a while.
const BEGIN_MS: u64 = 1000;

/// Raw input that comes at a time, in milliseconds from the beginning of its trace.
pub struct Timed {
    pub at_ms: u64,
    pub events: Vec<egui::Event>,
}

/// The lines of a trace, each in its columns; the first one says what it is.
pub fn rows(trace: &str) -> impl Iterator<Item = Vec<&str>> {
    trace.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_whitespace().collect())
}

pub struct Window {
    ctx: egui::Context,
    pub model: Model,
    pictures: Pictures,
    now_ms: u64,
    /// Milliseconds from one pass to the next.
    pub pass_ms: u64,
}

impl Window {
    /// One that shows the item at `index` of twenty.
    pub fn at(index: usize) -> Self {
        let mut model = Model::new(&Options::default());
        let items = (0..20).map(|i| Item::bare(ItemId::new(format!("v{i}")), MediaLocation::Sample(i))).collect();
        let zero = Duration::ZERO;
        update(&mut model, Event::Opened { label: "Test".into(), hint: false }, zero);
        update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..FeedPage::default() }) }, zero);
        for _ in 0..index {
            update(&mut model, Event::Key { key: flickreel::app::Key::Next, repeat: false }, zero);
        }
        let ctx = egui::Context::default();
        theme::install(&ctx);
        let mut window = Self { ctx, model, pictures: Pictures::default(), now_ms: 0, pass_ms: PASS_MS };
        while window.now_ms < BEGIN_MS {
            window.pass(Vec::new());
        }
        assert!(!window.model.is_moving() && window.index() == index);
        window
    }

    pub fn index(&self) -> usize {
        self.model.feed().index()
    }

    /// Plays a trace, and goes on until nothing moves. Returns where the feed was furthest from where it began.
    pub fn play(&mut self, trace: Vec<Timed>) -> f64 {
        let (from, begin) = (self.model.position(), self.now_ms);
        let mut furthest = 0.0_f64;
        let mut trace = trace.into_iter().peekable();
        while trace.peek().is_some() || self.model.is_moving() {
            assert!(self.now_ms < begin + LONGEST_MS, "the feed never comes to rest: {:?}", self.model.position());
            let end = self.now_ms + self.pass_ms;
            let mut events = Vec::new();
            while let Some(timed) = trace.next_if(|timed| begin + timed.at_ms < end) {
                events.extend(timed.events);
            }
            self.pass(events);
            let way = self.model.position() - from;
            furthest = if way.abs() > furthest.abs() { way } else { furthest };
        }
        furthest
    }

    /// One pass, as the real window does it.
    fn pass(&mut self, events: Vec<egui::Event>) {
        self.now_ms += self.pass_ms;
        let now = Duration::from_millis(self.now_ms);
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(now.as_secs_f64()),
            events,
            ..Default::default()
        };
        let (ctx, model, pictures) = (self.ctx.clone(), &mut self.model, &self.pictures);
        let mut output = self.ctx.run_ui(input, |ui| {
            let mut happened = key_and_wheel_events(&ctx, Keymaps::default().of(KeyPreset::Feed));
            happened.push(Event::Frame);
            for event in happened {
                update(model, event, now);
            }
            let view = ui.scope_builder(egui::UiBuilder::new().max_rect(ctx.content_rect()), |ui| FeedView::show(ui, model, pictures, now));
            for event in view.inner.events {
                update(model, event, now);
            }
        });
        // Nobody paints them.
        output.textures_delta.clear();
    }
}
