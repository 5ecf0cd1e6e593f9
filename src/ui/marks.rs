//! How much of an item is on this machine, in a glyph and a word or two; and that there is no connection.

use std::sync::Arc;

use eframe::egui::{self, Align, Galley, Painter, Pos2, Rect, Sense, Vec2};

use super::text::{lay_out, shadowed};
use super::{icons, theme};
use crate::app::Mark;
use crate::metrics::health::{Reason, Status};
use crate::preload::plan::Limit;
use crate::words::marks as words;

/// Size of the glyphs, at the usual size of text.
const GLYPH: f32 = 15.0;
/// Room between a glyph and its words.
const GAP: f32 = 5.0;
/// Room around both on a dark ground, across and down.
const PADDING: Vec2 = Vec2::new(9.0, 4.0);

/// Glyphs grow with the words beside them.
fn side() -> f32 {
    theme::scaled(GLYPH)
}

/// A glyph with words, laid out.
pub(super) struct Badge {
    what: What,
    galley: Arc<Galley>,
    name: String,
}

enum What {
    Mark(Mark),
    Offline,
    /// Nothing is readied ahead, or is although power is short.
    Power {
        ready_anyway: bool,
    },
    /// The program is not well.
    Health(Status),
}

impl Badge {
    /// The badge of a mark.
    pub fn of(painter: &Painter, mark: Mark) -> Self {
        let owned = |(short, name): (&str, &str)| (short.to_owned(), name.to_owned());
        let (words, name) = match mark {
            Mark::Ready => owned(words::READY),
            Mark::Partial(percent) => words::partial(percent),
            Mark::Absent => owned(words::ABSENT),
        };
        Self::new(painter, What::Mark(mark), &words, name)
    }

    /// The badge that says that there is no connection.
    pub fn offline(painter: &Painter) -> Self {
        Self::new(painter, What::Offline, words::OFFLINE.0, words::OFFLINE.1.to_owned())
    }

    /// The badge that says why nothing is readied ahead, or that it is all the same.
    pub fn power(painter: &Painter, limit: Option<Limit>) -> Self {
        let owned = |(short, name): (&str, &str)| (short.to_owned(), name.to_owned());
        let (words, name) = match limit {
            Some(Limit::Battery(percent)) => words::battery(percent),
            Some(_) => owned(words::SAVING),
            None => owned(words::ANYWAY),
        };
        Self::new(painter, What::Power { ready_anyway: limit.is_none() }, &words, name)
    }

    /// The badge that says that the program is not well, and why.
    pub fn health(painter: &Painter, reason: &Reason) -> Self {
        Self::new(painter, What::Health(reason.status), reason.words, reason.sentence.clone())
    }

    fn new(painter: &Painter, what: What, words: &str, name: String) -> Self {
        let color = if matches!(what, What::Offline | What::Power { .. } | What::Health(_)) { theme::INK } else { theme::INK_SECOND };
        let galley = lay_out(painter, words, theme::label(), color, theme::scaled(200.0), 1, Align::LEFT);
        Self { what, galley, name }
    }

    /// Width and height of glyph and words.
    pub fn size(&self) -> Vec2 {
        Vec2::new(side() + GAP + self.galley.size().x, self.galley.size().y.max(side()))
    }

    /// Width and height with a ground of its own.
    pub fn pill_size(&self) -> Vec2 {
        self.size() + 2.0 * PADDING
    }

    /// Paints it with its top left corner at `at`, with a soft shadow.
    pub fn show(&self, painter: &Painter, at: Pos2, strength: f32) {
        let (glyph, words) = self.places(at);
        self.glyph(painter, glyph + Vec2::new(0.0, 1.5), strength, true);
        self.glyph(painter, glyph, strength, false);
        shadowed(painter, words, &self.galley, strength);
    }

    /// Paints it on a dark ground of its own, whose top left corner is at `at`.
    pub fn show_pill(&self, painter: &Painter, at: Pos2, strength: f32) {
        let ground = Rect::from_min_size(at, self.pill_size());
        painter.rect_filled(ground, ground.height() / 2.0, theme::faded(theme::PILL, strength));
        let (glyph, words) = self.places(at + PADDING);
        self.glyph(painter, glyph, strength, false);
        painter.galley_with_override_text_color(words, Arc::clone(&self.galley), theme::faded(theme::INK, strength));
    }

    /// Tells it to screen readers at its place.
    pub fn tell(&self, ui: &egui::Ui, place: Rect, id: egui::Id) {
        let response = ui.interact(place, id, Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &self.name));
    }

    /// Tells it to screen readers, and to who points at its place.
    pub fn explain(&self, ui: &egui::Ui, place: Rect, id: egui::Id) {
        let response = ui.interact(place, id, Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &self.name));
        response.on_hover_text(&self.name);
    }

    /// Whether it was pressed at its place.
    pub fn pressed(&self, ui: &egui::Ui, place: Rect, id: egui::Id) -> bool {
        let response = ui.interact(place, id, Sense::click()).on_hover_cursor(egui::CursorIcon::PointingHand);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &self.name));
        response.on_hover_text(&self.name).clicked()
    }

    /// The middle of the glyph and the top left corner of the words.
    fn places(&self, at: Pos2) -> (Pos2, Pos2) {
        let size = self.size();
        let glyph = Pos2::new(at.x + side() / 2.0, at.y + size.y / 2.0);
        (glyph, Pos2::new(at.x + side() + GAP, at.y + (size.y - self.galley.size().y) / 2.0))
    }

    fn glyph(&self, painter: &Painter, center: Pos2, strength: f32, shadow: bool) {
        let ink = |color| theme::faded(if shadow { theme::SHADOW } else { color }, strength);
        match self.what {
            What::Mark(Mark::Ready) => icons::ready(painter, center, side(), ink(theme::ACCENT)),
            What::Mark(Mark::Partial(percent)) => {
                icons::partial(painter, center, side(), ink(theme::INK_FAINT), ink(theme::INK), f32::from(percent) / 100.0);
            }
            What::Mark(Mark::Absent) => icons::cloud(painter, center, side(), ink(theme::INK)),
            What::Health(status) => {
                icons::alert(painter, center, side(), ink(if status == Status::Critical { theme::ERROR } else { theme::WARNING }));
            }
            What::Offline => icons::offline(painter, center, side(), ink(theme::INK)),
            What::Power { ready_anyway } => {
                icons::battery(painter, center, side(), ink(if ready_anyway { theme::INK } else { theme::WARNING }));
            }
        }
    }
}
