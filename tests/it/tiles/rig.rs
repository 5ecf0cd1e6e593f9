//! The model, a player without GStreamer and the real painting, without a window.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eframe::egui::{self, FontData, FontFamily, FontInsert, FontPriority, InsertFontFamily};
use eframe::egui_wgpu::RenderState;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup};
use egui_kittest::{Harness, SnapshotOptions};
use flickreel::app::{Effect, Event, Model, Options, update};
use flickreel::feed::{Failure, FeedPage, Generation, Item, ItemId, MediaLocation};
use flickreel::metrics::Snapshot;
use flickreel::player::fake::FakePlayer;
use flickreel::player::{Frame, FrameBoard, Picture, Player, Rotation};
use flickreel::ui::{
    Facts, FeedView, Overlay, Pictures, Surfaces, drop_veil, handed_events, key_and_wheel_events, show_focus, show_sheet, theme,
};

/// A window of 9 : 16, small enough for pictures that are kept.
pub(super) const PORTRAIT: [f32; 2] = [360.0, 640.0];

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A page of items with all their words.
pub(super) fn items(count: usize) -> FeedPage {
    let items = (0..count).map(|i| Item {
        maker: "Peach Open Movie".to_owned(),
        title: format!("Clip {}: a flower by the water, before anyone is awake", i + 1),
        description: "Filmed in one morning, with nobody about.".to_owned(),
        tags: vec!["morning".to_owned(), "brook".to_owned()],
        ..Item::bare(ItemId::new(format!("v{i}")), MediaLocation::Sample(i))
    });
    FeedPage { name: Some("Trending".to_owned()), items: items.collect(), ..FeedPage::default() }
}

/// A renderer on the CPU, the same on every machine that has Mesa.
pub(super) fn render_state() -> RenderState {
    let state = create_render_state(default_wgpu_setup(), eframe::egui_wgpu::RendererOptions::PREDICTABLE);
    Surfaces::install(&state);
    state
}

pub(super) struct Rig {
    pub model: Model,
    /// What the overlay shows.
    pub figures: Snapshot,
    /// Pixels a point.
    pub scale: f32,
    /// Whether the overlay is told that the renderer runs on the CPU.
    pub on_cpu: bool,
    render: RenderState,
    pictures: Pictures,
    board: Arc<FrameBoard>,
    player: FakePlayer,
    said: Arc<Mutex<Vec<Event>>>,
    happened: Arc<Mutex<Vec<Event>>>,
    painted: Arc<Mutex<Vec<(Generation, u64)>>>,
    /// Whether the player answers.
    pub has_player: bool,
    /// A font beside the program's own, as the desktop has them for other scripts.
    pub font: Option<Vec<u8>>,
    size: [f32; 2],
}

impl Rig {
    /// A client whose source has been opened and whose first page is awaited.
    pub fn opened(size: [f32; 2], options: &Options) -> Self {
        let board = Arc::new(FrameBoard::new());
        let said = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&said);
        let player = FakePlayer::new(Arc::clone(&board), Arc::new(move |event| hear.lock().unwrap().push(Event::Player(event))));
        let mut rig = Self {
            model: Model::new(options),
            figures: Snapshot::default(),
            scale: 1.0,
            on_cpu: false,
            render: render_state(),
            pictures: Pictures::default(),
            board,
            player,
            said,
            happened: Arc::default(),
            painted: Arc::default(),
            has_player: true,
            font: None,
            size,
        };
        let picture = flickreel::player::PicturePath::Planes;
        rig.send(Event::Resized { size: (f64::from(size[0]), f64::from(size[1])), picture }, ms(0));
        rig.send(Event::Opened { label: "Meadow".to_owned(), hint: false }, ms(0));
        rig
    }

    /// A client with prerolled items.
    pub fn with_items(size: [f32; 2], count: usize) -> Self {
        let mut rig = Self::opened(size, &Options::default());
        rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(items(count)) }, ms(10));
        rig
    }

    /// A client whose player never answers.
    pub fn without_player(size: [f32; 2], page: FeedPage) -> Self {
        let mut rig = Self::opened(size, &Options::default());
        rig.has_player = false;
        rig.send(Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
        rig
    }

    /// Makes the view paint anew on a renderer of its own: a harness wants one that nobody has used. The pictures of the
    /// videos are not there any more.
    pub fn renew(&mut self) {
        self.render = render_state();
        self.pictures = Pictures::default();
    }

    /// Takes in an event, and what the player answers to it.
    pub fn send(&mut self, event: Event, now: Duration) {
        let mut todo = vec![event];
        while let Some(event) = todo.pop() {
            for effect in update(&mut self.model, event, now) {
                if effect == Effect::Target && self.has_player {
                    self.player.set_target(self.model.player_target());
                }
            }
            todo.append(&mut self.said.lock().unwrap());
            let frames = self.board.take();
            Surfaces::upload(&self.render, &frames);
            for (generation, frame) in frames {
                self.pictures.uploaded(generation, &frame, now);
                todo.push(Event::Picture { generation, serial: frame.serial });
            }
        }
    }

    /// The current item shows its picture of that time in the clip.
    pub fn play_to(&mut self, pts: Duration) {
        let generation: Generation = self.model.current_generation().unwrap();
        self.player.play_to(generation, pts);
        self.send(Event::Frame, ms(3000));
    }

    pub fn fail_current(&mut self, failure: Failure, now: Duration) {
        let generation: Generation = self.model.current_generation().unwrap();
        self.send(Event::Player(flickreel::player::PlayerEvent::Failed { generation, failure }), now);
    }

    /// Brings the poster of an item: a meadow under a sky, of these sizes.
    pub fn bring_poster(&mut self, item: &str, coded: (u32, u32), display: (u32, u32)) {
        let rows = (0..coded.1).flat_map(|row| {
            let [red, green, blue] = if row < coded.1 / 2 { [120, 170, 220] } else { [80, 150, 70] };
            [red, green, blue, 255].repeat(coded.0 as usize)
        });
        let picture = Picture::Rgba(rows.collect());
        let frame = Frame { picture, coded, display, rotation: Rotation::default(), pts: Duration::ZERO, serial: 0 };
        let frames = [(ItemId::new(item), frame)];
        Surfaces::upload_posters(&self.render, &frames);
        self.pictures.poster_uploaded(frames[0].0.clone(), &frames[0].1, ms(20));
    }

    /// Lets the motion come to rest.
    pub fn settle(&mut self, from: Duration) {
        for step in 0..80 {
            self.send(Event::Frame, from + ms(16 * step));
        }
    }

    /// What was done to the view since it was painted first.
    pub fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.happened.lock().unwrap())
    }

    /// The view at `now`.
    pub fn harness(&mut self, now: Duration) -> Harness<'_> {
        let (model, pictures) = (&self.model, &self.pictures);
        let (happened, painted) = (Arc::clone(&self.happened), Arc::clone(&self.painted));
        let facts = Facts {
            program: "Flickreel 0.1.0 · GStreamer 1.22.0".to_owned(),
            renderer: "llvmpipe (Vulkan, CPU)".to_owned(),
            figures: self.figures,
            period: Duration::from_micros(16_667),
            on_cpu: self.on_cpu,
        };
        let font = self.font.clone();
        let mut overlay = Overlay::default();
        Harness::builder()
            .with_size(self.size)
            .with_pixels_per_point(self.scale)
            .with_context_setup(move |ctx| {
                theme::install(ctx);
                if let Some(font) = &font {
                    let families = [FontFamily::Proportional, FontFamily::Name("semibold".into())];
                    let families = families.map(|family| InsertFontFamily { family, priority: FontPriority::Lowest });
                    ctx.add_font(FontInsert::new("other scripts", FontData::from_owned(font.clone()), families.to_vec()));
                }
            })
            .renderer(WgpuTestRenderer::from_render_state(self.render.clone()))
            .build_ui(move |ui: &mut egui::Ui| {
                // The harness leaves a margin around its view; the window has none.
                let screen = ui.ctx().content_rect();
                let view = ui.scope_builder(egui::UiBuilder::new().max_rect(screen), |ui| {
                    ui.set_clip_rect(screen);
                    let ctx = ui.ctx().clone();
                    let heard = key_and_wheel_events(&ctx, model.keymap()).into_iter().chain(handed_events(&ctx));
                    let mut view = FeedView::show(ui, model, pictures, now);
                    view.events.extend(heard);
                    if model.overlay() {
                        view.events.extend(overlay.show(ui, model, &facts, now));
                    }
                    view.events.extend(show_sheet(ui, model, now));
                    view.events.extend(show_focus(ui.ctx(), model));
                    drop_veil(&ctx);
                    view
                });
                let view = view.inner;
                happened.lock().unwrap().extend(view.events);
                *painted.lock().unwrap() = view.pictures;
            })
    }

    /// Clicks on a place of the view at `now` and tells what came of it.
    pub fn click_at(&mut self, now: Duration, at: impl Fn(&Harness<'_>) -> egui::Pos2) -> Vec<Event> {
        let mut harness = self.harness(now);
        harness.step();
        let at = at(&harness);
        harness.hover_at(at);
        harness.step();
        // A hand takes longer than a frame.
        harness.drag_at(at);
        harness.step();
        harness.drop_at(at);
        harness.step();
        drop(harness);
        self.take_events()
    }

    /// Compares the view at `now` with the picture of that name; returns the video pictures that were painted.
    pub fn snapshot(&mut self, name: &str, now: Duration) -> Vec<(Generation, u64)> {
        let mut harness = self.harness(now);
        harness.step();
        // Renderers round the last bit of a blend differently; a missing word is thousands of pixels.
        let options = SnapshotOptions::new().threshold(2.0).max_failed_pixels(200);
        harness.snapshot_options(name, &options);
        // Some tests make more than one picture.
        let errors = harness.take_snapshot_results().into_inner();
        assert!(errors.is_empty(), "{}", errors.iter().map(ToString::to_string).collect::<String>());
        drop(harness);
        std::mem::take(&mut self.painted.lock().unwrap())
    }
}
