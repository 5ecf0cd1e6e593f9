//! The performance overlay: figures that testers believe, over the picture, without taking a click from it.
//! Figures are laid out four times a second; the graph is painted as frames come.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2, text::LayoutJob, text::TextFormat};

use super::theme;
use crate::app::Model;
use crate::metrics::{CountersSnapshot, Latency, Quantiles};
use crate::preload::plan::{Limit, Reason};

/// Time between two layouts of the figures.
const PERIOD: Duration = Duration::from_millis(250);
/// Columns the figures are laid out in.
const COLUMNS: usize = 50;
/// Width of a figure as a share of its height, in the font of figures.
const FIGURE_WIDTH: f32 = 0.6;
/// The frame time at the top of the graph.
const GRAPH_TOP_MS: f32 = 50.0;
const GRAPH_HEIGHT: f32 = 48.0;
const PADDING: f32 = 12.0;

/// What the overlay shows beside the model's own figures.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Name and version of the program and of GStreamer.
    pub program: String,
    /// The renderer and its adapter.
    pub renderer: String,
    /// Counters that other threads keep.
    pub counters: CountersSnapshot,
    /// The display period.
    pub period: Duration,
}

/// The overlay and what it laid out last.
#[derive(Default)]
pub struct Overlay {
    laid_out: Option<(Duration, f32, Arc<Galley>)>,
}

#[derive(Clone, Copy)]
enum Tone {
    Plain,
    Dim,
    Good,
    Warning,
}

/// Rows of figures in a monospaced grid.
struct Rows {
    job: LayoutJob,
    font: FontId,
}

impl Rows {
    fn put(&mut self, text: &str, tone: Tone) {
        let color = match tone {
            Tone::Plain => theme::INK,
            Tone::Dim => theme::INK_SECOND,
            Tone::Good => theme::ACCENT,
            Tone::Warning => theme::WARNING,
        };
        let line_height = Some(self.font.size * 1.5);
        self.job.append(text, 0.0, TextFormat { font_id: self.font.clone(), color, line_height, ..TextFormat::default() });
    }

    fn gap(&mut self) {
        self.put("\n", Tone::Plain);
    }

    fn row(&mut self, name: &str, value: &str, tone: Tone) {
        self.put(&format!("{name:<11}"), Tone::Dim);
        self.put(&format!("{value}\n"), tone);
    }
}

impl Overlay {
    /// Paints the overlay into the upper part of `screen`.
    pub fn show(&mut self, painter: &Painter, model: &Model, facts: &Facts, screen: Rect, now: Duration) {
        let width = (screen.width() - 24.0).min(406.0);
        let galley = self.galley(painter, model, facts, width, now);
        let size = Vec2::new(width, galley.size().y + GRAPH_HEIGHT + 3.0 * PADDING);
        let panel = Rect::from_min_size(screen.min + Vec2::new(12.0, 52.0), size);
        painter.rect_filled(panel, theme::RADIUS[1], theme::PANEL);
        let top = panel.min + Vec2::splat(PADDING);
        let below = top.y + galley.size().y + PADDING;
        painter.galley(top, galley, theme::INK);
        let place = Rect::from_min_size(Pos2::new(top.x, below), Vec2::new(width - 2.0 * PADDING, GRAPH_HEIGHT));
        graph(&painter.with_clip_rect(place), model, facts.period, place);
        painter.ctx().request_repaint_after(PERIOD);
    }

    fn galley(&mut self, painter: &Painter, model: &Model, facts: &Facts, width: f32, now: Duration) -> Arc<Galley> {
        if let Some((at, for_width, galley)) = &self.laid_out
            && now.saturating_sub(*at) < PERIOD
            && (for_width - width).abs() < 0.5
        {
            return Arc::clone(galley);
        }
        let mut font = theme::figures();
        // A narrow window gets smaller figures rather than cut ones.
        #[expect(clippy::cast_precision_loss, reason = "fifty columns")]
        let fitting = (width - 2.0 * PADDING) / (COLUMNS as f32 * FIGURE_WIDTH);
        font.size = font.size.min(fitting);
        let galley = painter.layout_job(figures(model, facts, font, now));
        self.laid_out = Some((now, width, Arc::clone(&galley)));
        galley
    }
}

fn figures(model: &Model, facts: &Facts, font: FontId, now: Duration) -> LayoutJob {
    let figures = model.figures();
    let mut rows = Rows { job: LayoutJob::default(), font };
    let fps = format!("{} fps", figures.fps(now));
    rows.put(&cut(&facts.program, COLUMNS - 1 - fps.len()), Tone::Plain);
    rows.put(&format!("{fps:>width$}\n", width = COLUMNS - facts.program.chars().count().min(COLUMNS - 1 - fps.len())), Tone::Good);
    rows.put(&format!("{}\n", cut(&facts.renderer, COLUMNS)), Tone::Dim);

    rows.gap();
    rows.put(&format!("{:<11}{:>6}{:>9}{:>9}{:>9}\n", "startup ms", "n", "p50", "p95", "max"), Tone::Dim);
    for (name, latency) in [("warm", &figures.warm), ("cached", &figures.cached), ("cold", &figures.cold)] {
        rows.put(&format!("{name:<11}"), Tone::Dim);
        latency_row(&mut rows, latency);
    }
    let frames = figures.frame_times.quantiles().map_or_else(|| "–".to_owned(), |frames| format!("p95 {:.1} ms", frames.p95));
    let calm = figures.black_frames == 0 && figures.jank_pct() < 1.0;
    let value = format!("{frames} · jank {:.1} % · black {}", figures.jank_pct(), figures.black_frames);
    rows.row("frames", &value, if calm { Tone::Plain } else { Tone::Warning });
    let value = format!("painted {} · late {} · dropped {}", figures.painted, figures.late, facts.counters.video_dropped);
    rows.row("video", &value, Tone::Plain);

    let pool = model.pool();
    let value = format!("{} of {} live · peak {} · stuck {}", pool.live(), pool.budget, pool.peak, pool.stuck);
    rows.gap();
    rows.row("pipelines", &value, if pool.stuck == 0 && pool.live() <= pool.budget { Tone::Good } else { Tone::Warning });
    let value = format!("opening {} · prerolling {} · prerolled {}", pool.opening, pool.prerolling, pool.prerolled);
    rows.row("", &value, Tone::Plain);
    rows.row("", &format!("playing {} · teardown {}", pool.playing, pool.tearing_down), Tone::Plain);

    let counters = &facts.counters;
    let disk = if counters.cache_cap_bytes == 0 {
        "no disk cache".to_owned()
    } else {
        format!("{:.1} of {:.1} MB", mega(counters.cache_disk_bytes), mega(counters.cache_cap_bytes))
    };
    let hit_rate = counters.hit_rate().map_or_else(|| "–".to_owned(), |rate| format!("{:.0} %", rate * 100.0));
    let within = counters.cache_disk_bytes <= counters.cache_cap_bytes;
    rows.gap();
    rows.row("cache", &format!("{disk} · hits {hit_rate}"), if within { Tone::Plain } else { Tone::Warning });
    rows.row("", &format!("evictions {} · bad blocks {}", counters.cache_evictions, counters.cache_bad_blocks), Tone::Plain);
    let queue = counters.preload_queue + model.waiting_for_preroll() as u64;
    let value = format!("queue {queue} · done {} · failed {}", counters.preload_completed, counters.preload_failed);
    rows.row("preload", &value, Tone::Plain);
    let value =
        format!("{:.1} MB in {} requests · {} open", mega(counters.network_bytes), counters.network_requests, counters.network_active);
    rows.row("network", &value, Tone::Plain);
    plan_rows(&mut rows, model, now);
    let sound = model.audio().unwrap_or("no device, silent and in time");
    rows.put(&format!("{:<11}", "sound"), Tone::Dim);
    rows.put(&cut(sound, COLUMNS - 11), Tone::Plain);
    rows.job
}

/// What is readied ahead, and why not more.
fn plan_rows(rows: &mut Rows, model: &Model, now: Duration) {
    let (profile, reason) = model.profile();
    let why = match reason {
        Reason::Asked => "asked for".to_owned(),
        Reason::Unmeasured => "nothing measured yet".to_owned(),
        Reason::Metered => "metered network".to_owned(),
        Reason::Mobile => "mobile network".to_owned(),
        Reason::Measured(bits) => format!("{} measured", rate(bits)),
        Reason::FarAway(round_trip) => format!("{} ms round trip", round_trip.as_millis()),
    };
    let window = model.window();
    rows.row("plan", &format!("{} · {why}", profile.name()), Tone::Plain);
    let passed = model.passed_in_vain();
    let passed = if passed > 0 { format!(" · {passed} passed") } else { String::new() };
    rows.row(
        "",
        &format!("−{} … +{} · heads {} · looks {}{passed}", window.behind, window.ahead, window.heads, window.metadata),
        Tone::Plain,
    );
    let limit = match model.limit() {
        Some(Limit::Battery(percent)) => Some(format!("battery {percent:.0} %: nothing ahead")),
        Some(Limit::PowerSaver) => Some("power saver: nothing ahead".to_owned()),
        Some(Limit::Memory) => Some("memory is short".to_owned()),
        None if model.readies_anyway() => Some("power is short, readied anyway".to_owned()),
        None => None,
    };
    if let Some(limit) = limit {
        rows.row("", &limit, Tone::Warning);
    }
    let (bits, round_trip) = model.measured();
    let line = bits.map_or_else(|| "–".to_owned(), rate);
    let round_trip = round_trip.map_or_else(|| "–".to_owned(), |round_trip| format!("{:.0} ms", round_trip.as_secs_f64() * 1000.0));
    let metered = match model.conditions().link.metered {
        Some(true) => " · metered",
        Some(false) | None => "",
    };
    rows.row("line", &format!("{line} · {round_trip}{metered}"), Tone::Plain);
    let (hosts, waiting, trips) = model.retries(now);
    if waiting > 0 || trips > 0 {
        let tone = if hosts > 0 { Tone::Warning } else { Tone::Plain };
        rows.row("retries", &format!("{waiting} waiting · {hosts} servers resting · trips {trips}"), tone);
    }
}

/// Bits a second with the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "megabits with one digit")]
fn rate(bits: u64) -> String {
    if bits < 1_000_000 { format!("{} kbit/s", bits / 1000) } else { format!("{:.1} Mbit/s", bits as f64 / 1e6) }
}

fn latency_row(rows: &mut Rows, latency: &Latency) {
    match latency.quantiles() {
        Some(Quantiles { n, p50, p95, max, .. }) => rows.put(&format!("{n:>6}{p50:>9.1}{p95:>9.1}{max:>9.1}\n"), Tone::Plain),
        None => rows.put(&format!("{:>6}{:>9}{:>9}{:>9}\n", 0, "–", "–", "–"), Tone::Dim),
    }
}

/// Time from one display frame to the next, newest at the right; the line is one display period.
fn graph(painter: &Painter, model: &Model, period: Duration, place: Rect) {
    let y = |time: Duration| place.bottom() - (time.as_secs_f32() * 1000.0 / GRAPH_TOP_MS).min(1.0) * place.height();
    let line = Stroke::new(1.0, theme::INK_FAINT);
    painter.line_segment([Pos2::new(place.left(), y(period)), Pos2::new(place.right(), y(period))], line);
    let mut x = place.right();
    let mut points = Vec::new();
    for shape in model.figures().shapes.iter().rev() {
        points.push(Pos2::new(x, y(shape.interval)));
        x -= 2.0;
        if x < place.left() {
            break;
        }
    }
    painter.add(Shape::line(points, Stroke::new(1.4, theme::ACCENT)));
    let text = FontId::new(10.0, egui::FontFamily::Monospace);
    painter.text(place.left_top(), egui::Align2::LEFT_TOP, "frame time, 0–50 ms", text, theme::INK_SECOND);
}

#[expect(clippy::cast_precision_loss, reason = "megabytes with one digit")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

/// The first `columns` characters.
fn cut(text: &str, columns: usize) -> String {
    text.chars().take(columns).collect()
}
