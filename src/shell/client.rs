//! The eframe app: drains events, uploads pictures, paints, and paces its frames.

mod figures;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use eframe::egui_wgpu::{self, wgpu};
use eframe::{CreationContext, egui};
use tokio::sync::watch;

use super::around::{Around, forget_input};
use super::captions;
use super::desk::Desk;
use super::events::{Clock, EventSender, SOON, Waker};
use super::flags;
use super::gpu::GpuWatch;
use super::keeper::{Keeper, Note};
use super::last_figures::Pulse;
use super::measure::Replay;
use super::posters::PosterBoard;
use super::record::GestureRecorder;
use super::report::Reporter;
use super::sources::Sources;
use super::state::State;
use super::stills::Stills;
use super::trace::Tracer;
use crate::app::{Effect, Event, Fit, Model, Monitor, Painted, Surroundings, update};
use crate::cache::Opener;
use crate::export::Exporters;
use crate::feed::Item;
use crate::metrics::trace::{TRACE, What};
use crate::metrics::{Counters, CpuOver, ProcessSampler, UsageEvent};
use crate::player::{FrameBoard, PicturePath, Player, PlayerCommand};
use crate::preload::plan::Stage;
use crate::preload::posters::Wanted;
use crate::preload::stock::Stock;
use crate::ui::{
    Facts, FeedView, Overlay, Pictures, Surfaces, drop_veil, frame_done_shape, handed_events, key_and_wheel_events, show_focus, show_sheet,
    theme,
};

/// The display period where nobody tells another: 60 Hz.
const PERIOD: Duration = Duration::from_nanos(16_666_667);
/// The plan as the preload worker hears it.
pub(super) type SharedPlan = Arc<[(Arc<Item>, Stage)]>;

/// Everything the window works with.
pub(super) struct Parts {
    pub clock: Clock,
    pub model: Model,
    pub events: EventSender,
    pub queue: Receiver<Event>,
    pub waker: Waker,
    pub board: Arc<FrameBoard>,
    pub player: Box<dyn Player>,
    pub opener: Arc<Opener>,
    pub counters: Arc<Counters>,
    pub sources: Sources,
    pub plan: watch::Sender<SharedPlan>,
    pub stock: watch::Sender<Stock>,
    /// Whether somebody looks at the range maps.
    pub range_maps: watch::Sender<bool>,
    pub posters: watch::Sender<Wanted>,
    pub poster_board: Arc<PosterBoard>,
    pub captions: watch::Sender<crate::preload::captions::Wanted>,
    pub keeper: Option<Keeper>,
    /// What the sheet of settings tells of this run.
    pub surroundings: Surroundings,
    pub desk: Desk,
    pub replay: Option<Replay>,
    pub tracer: Tracer,
    pub stills: Stills,
    pub recorder: Option<GestureRecorder>,
    pub exporters: Exporters,
    pub around: Around,
    pub reporter: Reporter,
}

/// The app.
#[expect(clippy::struct_excessive_bools, reason = "what is still to be done at the end of a frame, and what the renderer is")]
pub(super) struct Client {
    parts: Parts,
    render: egui_wgpu::RenderState,
    on_cpu: bool,
    gpu: Option<GpuWatch>,
    facts: Facts,
    pictures: Pictures,
    overlay: Overlay,
    monitor: Monitor,
    sampler: ProcessSampler,
    pulse: Pulse,
    /// What did not fit into a queue, to be tried again.
    commands: VecDeque<PlayerCommand>,
    pages: VecDeque<(u64, Option<crate::feed::Cursor>)>,
    target_changed: bool,
    plan_changed: bool,
    quit: bool,
    /// The disk cache has said why it cannot be used.
    noticed: bool,
    window: (f32, f32, f32),
    frame_began: Duration,
    work: Duration,
}

impl Parts {
    /// Takes in an event before there is a window; the effects that need none are carried out.
    pub fn prepare(&mut self, event: Event) {
        for effect in update(&mut self.model, event, self.clock.now()) {
            match effect {
                Effect::Target => self.player.set_target(self.model.player_target()),
                Effect::Plan => self.tell_plan(),
                Effect::LoadPage { epoch, cursor } => {
                    self.sources.load(epoch, cursor);
                }
                Effect::Usage(event) => self.count(event),
                Effect::Keep(keep) => self.keep(&keep),
                other => tracing::debug!("{other:?} before there is a window"),
            }
        }
    }

    /// Tells what should be fetched ahead, and whether more may be.
    fn tell_plan(&self) {
        self.plan.send_replace(self.model.preload_plan().into());
        let allowed = self.model.may_stock();
        self.stock.send_if_modified(|stock| std::mem::replace(&mut stock.allowed, allowed) != allowed);
    }

    /// Counts something that a viewer may want counted.
    fn count(&self, event: UsageEvent) {
        self.exporters.usage(event, || self.model.preload_queue(&self.counters.snapshot()));
    }
}

impl Client {
    /// Sets the window up.
    ///
    /// # Errors
    /// When eframe came up without wgpu.
    pub fn new(creation: &CreationContext<'_>, mut parts: Parts) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let render = creation.wgpu_render_state.clone().ok_or("the window came up without wgpu")?;
        theme::install(&creation.egui_ctx);
        Surfaces::install(&render);
        parts.waker.attach(&creation.egui_ctx);
        parts.around.place.attach(creation);
        let waker = parts.waker.clone();
        parts.board.on_frame(Arc::new(move || waker.wake()));
        let adapter = render.adapter.get_info();
        let on_cpu = adapter.device_type == wgpu::DeviceType::Cpu;
        let renderer = format!("{} ({}{})", adapter.name, adapter.backend, if on_cpu { ", CPU" } else { "" });
        tracing::info!("rendering with {renderer}");
        let gpu = GpuWatch::start(render.device.clone()).inspect_err(|err| tracing::warn!("no GPU times: {err}")).ok();
        let surroundings = Surroundings { renderer: renderer.clone(), ..std::mem::take(&mut parts.surroundings) };
        let facts = Facts { program: surroundings.program.clone(), renderer, period: PERIOD, on_cpu, ..Facts::default() };
        parts.prepare(Event::Surroundings(Box::new(surroundings)));
        Ok(Self {
            parts,
            render,
            on_cpu,
            gpu,
            facts,
            pictures: Pictures::default(),
            overlay: Overlay::default(),
            monitor: Monitor::default(),
            sampler: ProcessSampler::start(CpuOver::LastMoment),
            pulse: Pulse::default(),
            commands: VecDeque::new(),
            pages: VecDeque::new(),
            target_changed: true,
            plan_changed: true,
            quit: false,
            noticed: false,
            window: (0.0, 0.0, 0.0),
            frame_began: Duration::ZERO,
            work: Duration::ZERO,
        })
    }

    fn take_in(&mut self, event: Event, at: Duration, ctx: &egui::Context) {
        for effect in update(&mut self.parts.model, event, at) {
            match effect {
                Effect::Target => self.target_changed = true,
                Effect::Plan => self.plan_changed = true,
                Effect::Command(command) => self.commands.push_back(command),
                Effect::LoadPage { epoch, cursor } => self.pages.push_back((epoch, cursor)),
                Effect::Ask(question) => {
                    if let Some(refused) = self.parts.desk.ask(question) {
                        self.take_in(Event::Desk(refused), at, ctx);
                    }
                }
                Effect::Shown(id) => self.parts.opener.note_shown(&id),
                Effect::Fullscreen(on) => ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(on)),
                Effect::OnTop(on) => {
                    if !self.parts.around.place.put_on_top(on, ctx) {
                        self.take_in(Event::OnTopRefused, at, ctx);
                    }
                }
                Effect::SaveReport => self.parts.reporter.save(self.last_figures()),
                Effect::CopyText(text) => ctx.copy_text(text),
                Effect::CopyFigures => self.copy_figures(at, ctx),
                Effect::ForgetPages => self.parts.sources.forget(),
                Effect::ResetFigures => self.monitor.reset(&self.parts.model),
                Effect::Usage(event) => self.parts.count(event),
                Effect::Remember => self.remember(),
                Effect::SaveTrace => self.parts.tracer.save(&self.figures()),
                Effect::RolledBack(flag, breach) => {
                    tracing::warn!("{}", flags::sentence(flag, breach));
                    self.note(Note::RolledBack(flag, breach));
                }
                Effect::Preview { generation, wanted, picture } => self.pictures.preview_came(generation, wanted, &picture),
                Effect::SaveStill { title, still } => self.parts.stills.save(title, still),
                Effect::RememberFlags(served) => self.note(Note::Served(served)),
                Effect::Keep(keep) => self.parts.keep(&keep),
                Effect::Open(words) => self.parts.sources.open(words),
                Effect::Quit => {
                    self.quit = true;
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                }
            }
        }
    }

    /// Carries out what has gathered: what should be playing and fetched, and what waits for a queue.
    fn carry_out(&mut self) {
        if std::mem::take(&mut self.target_changed) {
            let model = &self.parts.model;
            self.parts.player.set_target(model.player_target());
            let alive: Vec<_> = model.player_target().slots.iter().map(|slot| slot.generation).collect();
            Surfaces::keep(&self.render, |generation| alive.contains(&generation));
            self.pictures.keep(|generation| alive.contains(&generation));
        }
        if std::mem::take(&mut self.plan_changed) {
            self.parts.tell_plan();
        }
        self.want_posters();
        captions::want(&self.parts.captions, &self.parts.model);
        self.parts.sources.watches(self.parts.model.watched_stream(self.parts.clock.now()));
        let shows_maps = self.parts.model.shows_range_maps();
        self.parts.range_maps.send_if_modified(|wanted| std::mem::replace(wanted, shows_maps) != shows_maps);
        while let Some(command) = self.commands.pop_front() {
            if let Err(command) = self.parts.player.command(command) {
                self.commands.push_front(command);
                break;
            }
        }
        while let Some((epoch, cursor)) = self.pages.pop_front() {
            if !self.parts.sources.load(epoch, cursor.clone()) {
                self.pages.push_front((epoch, cursor));
                break;
            }
        }
    }

    /// Tells which posters are wanted, when that has changed, and lets go of the others.
    fn want_posters(&mut self) {
        let model = &self.parts.model;
        let changed = |wanted: &Wanted| !model.posters_wanted().map(|item| &item.id).eq(wanted.iter().map(|item| &item.id));
        if !changed(&self.parts.posters.borrow()) {
            return;
        }
        let wanted: Wanted = model.posters_wanted().cloned().collect();
        Surfaces::keep_posters(&self.render, |id| wanted.iter().any(|item| item.id == *id));
        self.pictures.keep_posters(|id| wanted.iter().any(|item| item.id == *id));
        self.parts.posters.send_replace(wanted);
    }

    fn remember(&self) {
        let sound = self.parts.model.sound();
        let place = self.parts.around.place.remembered();
        self.note(Note::State(State {
            source: self.parts.sources.to_words(),
            volume: Some(sound.volume),
            muted: Some(sound.muted),
            window: place.map(|place| place.size),
            position: place.and_then(|place| place.position),
            preferences: self.parts.model.preferences().clone(),
        }));
    }

    /// A measuring run leaves no traces in what a person finds next time.
    fn note(&self, note: Note) {
        if let Some(keeper) = self.parts.keeper.as_ref().filter(|_| self.parts.replay.is_none()) {
            keeper.note(note);
        }
    }

    /// The window's size and how pictures are to be made for it.
    fn resized(&mut self, ctx: &egui::Context, now: Duration) {
        let (size, scale) = (ctx.content_rect().size(), ctx.pixels_per_point());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window's size in pixels")]
        let room = ((size.x * scale).round() as u32, (size.y * scale).round() as u32);
        let picture = match self.parts.model.preferences().fit {
            _ if !self.on_cpu => PicturePath::Planes,
            Fit::Contain => PicturePath::Rgba { fit: room },
            Fit::Cover => PicturePath::Covering { cover: room },
        };
        let unchanged = self.window == (size.x, size.y, scale) && self.parts.model.picture() == picture;
        if unchanged || size.x < 1.0 || size.y < 1.0 {
            return;
        }
        self.window = (size.x, size.y, scale);
        self.take_in(Event::Resized { size: (f64::from(size.x), f64::from(size.y)), picture }, now, ctx);
    }

    /// Pictures from the board onto the GPU, also of tiles that are not on screen yet.
    fn upload(&mut self, ctx: &egui::Context, now: Duration) {
        let mut posters = self.parts.poster_board.take();
        posters.retain(|(id, _)| self.parts.model.posters_wanted().any(|item| item.id == *id));
        if !posters.is_empty() {
            Surfaces::upload_posters(&self.render, &posters);
            for (id, frame) in posters {
                self.pictures.poster_uploaded(id, &frame, now);
            }
        }
        let mut frames = self.parts.board.take();
        frames.retain(|(generation, _)| self.parts.model.item_of(*generation).is_some());
        if frames.is_empty() {
            return;
        }
        let uploading = TRACE.work(What::Upload, 0, frames.len() as u64);
        Surfaces::upload(&self.render, &frames);
        drop(uploading);
        for (generation, frame) in frames {
            self.pictures.uploaded(generation, &frame, now);
            self.take_in(Event::Picture { generation, serial: frame.serial }, now, ctx);
        }
        self.parts.model.figures_mut().late_told(self.parts.board.counts().1);
    }

    /// Says how the frame just painted is to be counted, and when the next one is due.
    fn finish_frame(&mut self, ctx: &egui::Context, view: FeedView) {
        let now = self.parts.clock.now();
        if view.black {
            self.parts.model.figures_mut().black_frames += 1;
        }
        if self.parts.model.figures().is_measuring()
            && let Some(gpu) = &self.gpu
        {
            let (clock, events, pictures, rest) = (self.parts.clock, self.parts.events.clone(), view.pictures, gpu.done());
            let done = Box::new(move || {
                events.send(Event::Painted(Painted { at: clock.now(), pictures }));
                rest();
            });
            ctx.layer_painter(egui::LayerId::background()).add(frame_done_shape(ctx.content_rect(), done));
            gpu.poll();
        } else {
            self.take_in(Event::Painted(Painted { at: now, pictures: view.pictures }), now, ctx);
        }
        self.schedule(ctx);
    }

    fn schedule(&mut self, ctx: &egui::Context) {
        let now = self.parts.clock.now();
        let moving = self.parts.model.is_moving();
        let was_moving = self.parts.waker.set_paced(moving);
        if moving {
            // A display that blocks until its next refresh sets the pace; a renderer on the CPU does not.
            let due = if self.on_cpu { self.frame_began + PERIOD } else { now };
            ctx.request_repaint_after(due.saturating_sub(now).max(SOON));
        } else if was_moving {
            // A picture that came during the motion asked for no frame of its own.
            ctx.request_repaint_after(SOON);
        }
        let replay = self.parts.replay.as_ref().and_then(|replay| replay.next_at(now));
        let wakes = [self.parts.model.wakes_at(now), replay, self.parts.exporters.figures_due()];
        if let Some(at) = wakes.into_iter().flatten().min() {
            ctx.request_repaint_after(at.saturating_sub(now).max(SOON));
        }
    }
}

impl eframe::App for Client {
    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw: &mut egui::RawInput) {
        let now = self.parts.clock.now();
        self.frame_began = now;
        forget_input(raw);
        if let Some(replay) = &mut self.parts.replay {
            raw.events.extend(replay.inputs(now));
        }
    }

    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let began = Instant::now();
        let now = self.frame_began;
        let hidden = self.parts.around.is_hidden(ctx);
        self.take_in(Event::Visible(!hidden), now, ctx);
        self.resized(ctx, now);
        while let Ok(event) = self.parts.queue.try_recv() {
            let source_changed = matches!(event, Event::Opened { .. });
            self.take_in(event, now, ctx);
            if source_changed {
                self.parts.opener.note_feed_opened();
                self.remember();
            }
        }
        if !self.noticed
            && let Some(notice) = self.parts.opener.notice()
        {
            self.noticed = true;
            self.take_in(Event::Notice(notice), now, ctx);
        }
        self.upload(ctx, now);
        self.parts.around.look(ctx, &self.parts.model, now);
        if hidden {
            self.go_on_unseen(ctx);
        }
        self.work = began.elapsed();
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let began = Instant::now();
        let ctx = ui.ctx().clone();
        let now = self.frame_began;
        self.parts.around.painted();
        self.take_in(Event::Visible(true), now, &ctx);
        // Not in `logic`: a pass that paints nothing would see the same input as the next one.
        if let Some(recorder) = &mut self.parts.recorder {
            ctx.input(|input| recorder.hear(&input.events, now));
        }
        for event in key_and_wheel_events(&ctx, self.parts.model.keymap()).into_iter().chain(handed_events(&ctx)) {
            self.take_in(event, now, &ctx);
        }
        self.take_in(Event::Frame, now, &ctx);
        // What should play goes out before anything is painted: the winner starts with the decision.
        self.carry_out();
        let moving = self.parts.model.is_moving();
        let work = self.work;
        self.parts.model.figures_mut().frame(now, moving, work, PERIOD);
        let mut view = FeedView::show(ui, &self.parts.model, &self.pictures, now);
        if self.parts.model.overlay() {
            if self.overlay.is_due(now) {
                self.facts.figures = self.figures();
            }
            view.events.extend(self.overlay.show(ui, &self.parts.model, &self.facts, now));
        }
        view.events.extend(show_sheet(ui, &self.parts.model, now));
        view.events.extend(show_focus(&ctx, &self.parts.model));
        drop_veil(&ctx);
        for event in std::mem::take(&mut view.events) {
            self.take_in(event, now, &ctx);
        }
        self.carry_out();
        self.finish_frame(&ctx, view);
        self.monitor.look(&self.parts.model, &self.parts.counters.snapshot(), now);
        if let Some(recorder) = &mut self.parts.recorder {
            recorder.look(&self.parts.model, (self.window.0, self.window.1), self.parts.clock.now());
        }
        self.look_after_health(&ctx);
        self.publish_when_due();
        if let Some(replay) = &mut self.parts.replay {
            let window = (self.window.0, self.window.1);
            let over = replay.watch(&self.parts.model, window, self.parts.clock.now());
            if over && !self.quit {
                self.quit = true;
                let figures = self.figures();
                if let Some(replay) = &mut self.parts.replay {
                    replay.finish(&self.parts.model, figures, &self.facts.renderer, self.window);
                }
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
        self.work += began.elapsed();
        self.parts.tracer.frame(&mut self.parts.model, self.frame_began);
    }

    fn on_exit(&mut self) {
        self.remember();
        self.parts.keep_place();
        self.note_figures();
        if self.parts.exporters.figures_due().is_some() {
            self.publish_figures();
        }
        // The sound ends before the window is gone; the rest ends with the player's threads.
        if self.parts.player.command(PlayerCommand::Shutdown).is_err() {
            tracing::debug!("the player is too busy to be told; it ends when it is dropped");
        }
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        theme::BACKGROUND.to_normalized_gamma_f32()
    }
}
