//! Text on pictures: cut to a width, with a soft shadow.

use std::sync::Arc;

use eframe::egui::{Align, Color32, FontId, Galley, Painter, Pos2, Vec2, text::LayoutJob, text::TextWrapping};

use super::{bidi, theme};

/// Lays text out in at most `rows` rows of `width`, cut with an ellipsis.
pub(super) fn lay_out(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32, rows: usize, align: Align) -> Arc<Galley> {
    let color = theme::seen(color);
    if bidi::is_needed(text) {
        return bidi::lay_out(painter, text, &font, color, width, rows, align);
    }
    let mut job = LayoutJob::simple(text.to_owned(), font, color, width);
    job.wrap = TextWrapping { max_width: width, max_rows: rows, break_anywhere: false, overflow_character: Some('…') };
    job.halign = align;
    painter.layout_job(job)
}

/// Paints a galley with a soft shadow under it.
pub(super) fn shadowed(painter: &Painter, at: Pos2, galley: &Arc<Galley>, strength: f32) {
    let shadow = theme::faded(theme::SHADOW, strength);
    for offset in [Vec2::new(0.0, 1.0), Vec2::new(0.0, 2.0)] {
        painter.galley_with_override_text_color(at + offset, Arc::clone(galley), shadow);
    }
    painter.add(eframe::egui::epaint::TextShape {
        opacity_factor: strength,
        ..eframe::egui::epaint::TextShape::new(at, Arc::clone(galley), theme::INK)
    });
}
