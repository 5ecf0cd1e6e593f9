//! What states are painted with: a message in the middle, buttons under it, the sweep of a wait.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, Align, Painter, Pos2, Rect, Response, Sense, Vec2};

use crate::app::{Event, Intent, Model};
use crate::ui::feed_view::FeedView;
use crate::ui::text::lay_out;
use crate::ui::theme;

/// Time the sweep takes from one side to the other.
const SWEEP: Duration = Duration::from_millis(1400);
/// Height of a button, and the room between two.
const BUTTON: f32 = 38.0;
const GAP: f32 = 10.0;
/// Room in a button at both sides of its words, together.
const BESIDE: f32 = 36.0;
/// A message of a tile that is lower than this moves up, so that it stays clear of the words at the bottom.
const ROOMY: f32 = 600.0;

/// From this scale on text takes so much room that what stands beside it moves.
pub(in crate::ui) const LARGE: f32 = 1.4;

pub(super) type Icon = fn(&Painter, Pos2, f32, egui::Color32);

/// The tile that is being painted, and where what is done to it goes.
pub(super) struct Frame<'a> {
    pub ui: &'a mut egui::Ui,
    pub view: &'a mut FeedView,
    pub model: &'a Model,
    pub index: usize,
    pub rect: Rect,
    /// What of `rect` is on screen.
    pub visible: Rect,
    pub now: Duration,
}

impl Frame<'_> {
    pub fn painter(&self) -> Painter {
        self.ui.painter_at(self.visible)
    }

    /// The middle of the room that the words at the bottom leave.
    pub fn middle(&self) -> f32 {
        self.rect.center().y - (ROOMY - self.rect.height()).max(0.0) / 2.0
    }

    /// A headline and a sentence in the middle of the tile; returns where what follows may begin.
    pub fn message(&self, icon: Option<Icon>, headline: &str, sentence: &str) -> f32 {
        let (painter, rect) = (self.painter(), self.rect);
        let large = theme::look().text_scale > LARGE;
        let told = |factor: f32| {
            let told = [(headline, theme::headline(), theme::INK, 2), (sentence, theme::body(), theme::INK_SECOND, 4)];
            let galleys = told.into_iter().filter(|(text, ..)| !text.is_empty()).map(|(text, mut font, color, rows)| {
                font.size *= factor;
                (lay_out(&painter, text, font, color, self.width(), more_rows(rows), Align::Center), color)
            });
            galleys.collect::<Vec<_>>()
        };
        // Below it there are buttons, in two rows where they are wide; above it the top line.
        let all = |galleys: &[(Arc<egui::Galley>, egui::Color32)]| {
            let words: f32 = galleys.iter().map(|(galley, _)| galley.size().y + 6.0).sum();
            34.0 + words + if large { 2.0 * (theme::scaled(18.0) + 34.0) } else { 52.0 }
        };
        let above = theme::scaled(52.0);
        // Rather smaller than cut, in a window that is too small for text of this size.
        let fitting = [1.0, 0.85, 0.75, 0.65].into_iter().map(told).find(|galleys| above + all(galleys) <= rect.height());
        let galleys = fitting.unwrap_or_else(|| told(0.5));
        let mut y = (self.middle() - 70.0).min(rect.bottom() - all(&galleys)).max(rect.top() + above);
        if let Some(icon) = icon {
            icon(&painter, Pos2::new(rect.center().x, y), 34.0, theme::INK);
        }
        y += 34.0;
        for (galley, color) in galleys {
            let height = galley.size().y;
            painter.galley(Pos2::new(rect.center().x, y), galley, color);
            y += height + 6.0;
        }
        y
    }

    /// Width of words in the middle.
    fn width(&self) -> f32 {
        let large = theme::look().text_scale > LARGE;
        if large { self.rect.width() - 2.0 * theme::MARGIN } else { (self.rect.width() - 4.0 * theme::MARGIN).min(420.0) }
    }

    /// Words across the tile below `y`; returns where what follows may begin.
    pub fn words(&self, y: f32, text: &str, font: egui::FontId, color: egui::Color32, rows: usize) -> f32 {
        if text.is_empty() {
            return y;
        }
        let painter = self.painter();
        let galley = lay_out(&painter, text, font, color, self.width(), more_rows(rows), Align::Center);
        let height = galley.size().y;
        painter.galley(Pos2::new(self.rect.center().x, y), galley, color);
        y + height + 6.0
    }

    /// A slim light that runs along the bottom while one waits.
    pub fn sweep(&self) {
        let (painter, rect) = (self.painter(), self.rect);
        // A light that stands still says the same to who wants nothing to move.
        let still = theme::look().reduced_motion;
        let share = if still { 0.5 } else { (self.now.as_secs_f32() / SWEEP.as_secs_f32()).fract() };
        let width = rect.width() * 0.35;
        let left = rect.left() - width + (rect.width() + width) * share;
        let line = Rect::from_min_size(Pos2::new(left, rect.bottom() - theme::HAIRLINE), Vec2::new(width, theme::HAIRLINE));
        painter.rect_filled(Rect::from_min_max(Pos2::new(rect.left(), line.top()), rect.max), 0.0, theme::seen(theme::TRACK));
        painter.rect_filled(line, 0.0, theme::ACCENT);
        // The sweep is the only thing here that moves by itself.
        if !still {
            painter.ctx().request_repaint_after(Duration::from_millis(33));
        }
    }

    /// Buttons beside one another, in as many rows as it takes; what was clicked becomes an intent. `true` stands for the
    /// one that is expected. Returns where what follows may begin.
    pub fn buttons(&mut self, y: f32, offered: &[(&str, Intent, bool)]) -> f32 {
        let painter = self.painter();
        let room = self.rect.width() - 2.0 * theme::MARGIN;
        let mut rows: Vec<(f32, Vec<_>)> = Vec::new();
        for (label, intent, primary) in offered {
            let color = if *primary { theme::ON_PRIMARY } else { theme::INK };
            let galley = painter.layout_no_wrap((*label).to_owned(), theme::button(), color);
            let width = galley.size().x + BESIDE;
            let button = (*label, intent, *primary, galley);
            match rows.last_mut().filter(|(taken, _)| taken + GAP + width <= room) {
                Some((taken, row)) => {
                    *taken += GAP + width;
                    row.push(button);
                }
                None => rows.push((width, vec![button])),
            }
        }
        let height = theme::scaled(18.0) + BUTTON - 18.0;
        let mut top = y + 14.0;
        for (width, row) in rows {
            let mut left = self.rect.center().x - width / 2.0;
            for (label, intent, primary, galley) in row {
                let place = Rect::from_min_size(Pos2::new(left, top), Vec2::new(galley.size().x + BESIDE, height));
                left = place.right() + GAP;
                let response = self.button(place, label);
                let ground = match (primary, response.hovered() || response.has_focus()) {
                    (true, false) => theme::INK,
                    (true, true) => theme::PRIMARY_HOVER,
                    (false, false) => theme::BUTTON,
                    (false, true) => theme::BUTTON_HOVER,
                };
                painter.rect_filled(place, height / 2.0, theme::seen(ground));
                let color = if primary { theme::ON_PRIMARY } else { theme::INK };
                painter.galley(place.center() - galley.size() / 2.0, galley, color);
                if response.clicked() {
                    self.view.events.push(Event::Intent(intent.clone()));
                }
            }
            top += height + GAP;
        }
        top - GAP
    }

    /// A place that can be pressed, with its name.
    pub fn button(&self, place: Rect, name: &str) -> Response {
        let response = self.ui.interact(place, self.ui.scope_id().with(("button", name)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
        response
    }
}

/// Larger text needs more rows for the same words.
fn more_rows(rows: usize) -> usize {
    if theme::look().text_scale > LARGE { 2 * rows } else { rows }
}
