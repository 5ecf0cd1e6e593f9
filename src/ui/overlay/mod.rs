//! The performance overlay: five pages of figures that testers believe, over the picture, without taking a click from it
//! but with their tabs and buttons. Figures are laid out and painted four times a second, the graph as frames come; both are kept as one
//! picture that is laid over the video.

mod canvas;
mod charts;
mod controls;
mod header;
mod pages;
mod sheet;
mod words;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use eframe::egui::{self, Color32, Galley, Mesh, Painter, Pos2, Rect, Role, Sense, Vec2, WidgetInfo};

use self::canvas::Canvas;
use self::controls::{Control, Look};
use self::sheet::{COLUMNS, Sheet, columns};
use super::surface::{Layer, Patch};
use super::{chrome, theme};
use crate::app::{Event, Model, OverlayPage};
use crate::metrics::Snapshot;

/// Time between two layouts of the figures.
const PERIOD: Duration = Duration::from_millis(250);
/// How much later they may come: a video that plays brings a display frame by then, and one of their own is spared.
const SLACK: Duration = Duration::from_millis(60);
/// Changes that are kept one by one while nothing is painted.
const PATCHES_MAX: usize = 16;
const PADDING: f32 = 12.0;
/// Room between the parts of the panel.
const GAP: f32 = 6.0;
const CHART_HEIGHT: f32 = 36.0;
/// Room above the panel, for the top line, and around it. A window that is not high has less.
const ABOVE: f32 = 52.0;
const ABOVE_LOW: f32 = 42.0;
const LOW: f32 = 560.0;
const AROUND: f32 = 12.0;
const AROUND_NARROW: f32 = 8.0;
const NARROW: f32 = 380.0;

/// What the overlay shows beside what the model knows.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Name and version of the program and of GStreamer.
    pub program: String,
    /// The renderer and its adapter.
    pub renderer: String,
    /// All figures, taken when the overlay was last due.
    pub figures: Snapshot,
    /// The display period.
    pub period: Duration,
    /// The renderer runs on the CPU: what is painted twice costs twice, so nothing is seen through the panel.
    pub on_cpu: bool,
}

/// The overlay and what it laid out last.
#[derive(Default)]
pub struct Overlay {
    laid_out: Option<LaidOut>,
    canvas: Canvas,
    /// The looks of the controls on the canvas.
    looks: Vec<Look>,
    frames: Mesh,
    /// What of the canvas has changed since it was painted last.
    patches: Arc<Mutex<Vec<Patch>>>,
}

/// A page where it lies.
struct LaidOut {
    /// When its figures were taken.
    at: Duration,
    page: OverlayPage,
    screen: Rect,
    pixels_per_point: f32,
    panel: Rect,
    text_at: Pos2,
    galley: Arc<Galley>,
    bars: Mesh,
    /// Where the graph of the display frames goes.
    graph: Option<Rect>,
    /// What the lights say.
    spoken: String,
    controls: Vec<Control>,
}

impl Overlay {
    /// Whether new figures are wanted at `now`.
    #[must_use]
    pub fn is_due(&self, now: Duration) -> bool {
        self.laid_out.as_ref().is_none_or(|laid_out| now.saturating_sub(laid_out.at) >= PERIOD)
    }

    /// Paints the overlay over the feed; returns what was done to it.
    #[must_use]
    pub fn show(&mut self, ui: &egui::Ui, model: &Model, facts: &Facts, now: Duration) -> Vec<Event> {
        let (screen, page) = (ui.max_rect(), model.overlay_page());
        let painter = ui.painter_at(screen);
        let kept = self.laid_out.take().filter(|laid_out| now.saturating_sub(laid_out.at) < PERIOD);
        let at = kept.as_ref().map_or(now, |laid_out| laid_out.at);
        let fits = |laid_out: &LaidOut| {
            laid_out.page == page
                && laid_out.screen == screen
                && laid_out.pixels_per_point.to_bits() == painter.pixels_per_point().to_bits()
        };
        let kept = kept.filter(fits);
        let is_new = kept.is_none();
        let laid_out = kept.unwrap_or_else(|| LaidOut::new(&painter, model, facts, screen, at, now));

        let (looks, events): (Vec<_>, Vec<_>) = laid_out.controls.iter().map(|control| control.interact(ui, page)).unzip();
        let ground = if facts.on_cpu { theme::PANEL_SOLID } else { theme::seen(theme::PANEL) };
        let paints_all = is_new || looks != self.looks;
        if paints_all {
            laid_out.paint(&mut self.canvas, &painter, ground, &looks);
            self.looks = looks;
        }
        if let Some(place) = laid_out.graph {
            charts::frames(&mut self.frames, model, facts.period, place, painter.pixels_per_point());
            self.canvas.clear(charts::ground(place), ground);
            self.canvas.bars(&self.frames);
        }
        self.note_change(paints_all, laid_out.graph);
        let patches = Arc::clone(&self.patches);
        let solid = if facts.on_cpu { self.canvas.between_corners(theme::RADIUS[1]) } else { 0..0 };
        painter.add(Layer { origin: self.canvas.origin(), size: self.canvas.size(), solid, patches }.shape(screen));
        // Only the lights are told to those who do not see them: hovering takes no click.
        let lights = ui.interact(laid_out.panel, ui.scope_id().with("overlay lights"), Sense::hover());
        lights.widget_info(|| WidgetInfo::labeled(Role::Label, true, &laid_out.spoken));
        // Below the panel where there is room, else on its lower edge.
        let y = (laid_out.panel.bottom() + 34.0).min(screen.bottom() - 40.0);
        if model.sheet().is_none() {
            chrome::toast(&painter, model, Pos2::new(screen.center().x, y), now);
        }
        painter.ctx().request_repaint_after((laid_out.at + PERIOD + SLACK).saturating_sub(now));
        self.laid_out = Some(laid_out);
        events.into_iter().flatten().collect()
    }
}

impl Overlay {
    /// All of the canvas has changed, or the graph if there is one.
    fn note_change(&self, all: bool, graph: Option<Rect>) {
        let mut patches = self.patches.lock().unwrap_or_else(PoisonError::into_inner);
        if all || patches.len() >= PATCHES_MAX {
            *patches = vec![self.canvas.patch(None)];
        } else if let Some(place) = graph {
            patches.push(self.canvas.patch(Some(charts::ground(place))));
        }
    }
}

impl LaidOut {
    /// Paints all of it but the graph of the display frames.
    fn paint(&self, canvas: &mut Canvas, painter: &Painter, ground: Color32, looks: &[Look]) {
        let atlas = painter.fonts_mut(|fonts| fonts.image());
        canvas.begin(self.panel, self.pixels_per_point);
        canvas.fill(self.panel, theme::RADIUS[1], ground);
        canvas.text(self.text_at, &self.galley, None, &atlas);
        canvas.bars(&self.bars);
        for (control, look) in self.controls.iter().zip(looks) {
            control.paint(canvas, *look, &atlas);
        }
    }

    /// Lays a page out, as large as it may be in `screen`: its figures were taken at `at`.
    fn new(painter: &Painter, model: &Model, facts: &Facts, screen: Rect, at: Duration, now: Duration) -> Self {
        let page = model.overlay_page();
        let above = if screen.height() < LOW { ABOVE_LOW } else { ABOVE };
        let around = if screen.width() < NARROW { AROUND_NARROW } else { AROUND };
        let full = Sheet::full_width(painter);
        let inner = full.min(screen.width() - 2.0 * (around + PADDING));
        let narrowed = inner / full;
        // In a low window the table needs the room of its graph.
        let has_chart = page == OverlayPage::Feed || page == OverlayPage::Pipelines && screen.height() >= LOW;
        let chart = if has_chart { CHART_HEIGHT + 2.0 * GAP } else { 0.0 };
        let rest = 2.0 * PADDING + 2.0 * (controls::HEIGHT + GAP) + chart;
        let room = screen.height() - above - around - rest;
        let sheet = pages::write(model, facts, room / narrowed, has_chart, now);
        let scale = narrowed.min(room / sheet.height());

        let corner = screen.min + Vec2::new(around, above);
        let left = corner.x + PADDING;
        let text_at = Pos2::new(left, corner.y + PADDING + controls::HEIGHT + GAP);
        let below = text_at.y + sheet.height() * scale + GAP;
        let (galley, mut bars) = sheet.lay_out(painter, text_at, scale);
        let column = inner / columns(COLUMNS);
        let across = |from: usize, to: usize| {
            Rect::from_min_max(
                Pos2::new(left + columns(from) * column, below),
                Pos2::new(left + columns(to) * column, below + CHART_HEIGHT),
            )
        };
        let graph = match page {
            OverlayPage::Feed => {
                charts::swipes(&mut bars, model, facts.period, across(0, charts::SWIPES_END), painter.pixels_per_point());
                Some(across(charts::FRAMES_BEGIN, COLUMNS))
            }
            _ => has_chart.then(|| across(0, COLUMNS)),
        };
        let buttons_at = Pos2::new(left, below + chart);
        let mut controls = controls::tabs(painter, Pos2::new(left, corner.y + PADDING), inner);
        controls.extend(controls::buttons(painter, buttons_at, inner));
        let size = Vec2::new(inner + 2.0 * PADDING, buttons_at.y + controls::HEIGHT + PADDING - corner.y);
        Self {
            at,
            page,
            screen,
            pixels_per_point: painter.pixels_per_point(),
            panel: Rect::from_min_size(corner, size),
            text_at,
            galley,
            bars,
            graph,
            spoken: header::spoken(facts.figures.invariants),
            controls,
        }
    }
}
