//! What is handed to the window from outside: folders and files that are dropped on it, and text that is pasted.

use eframe::egui::{self, Align2, Vec2};

use super::theme;
use crate::app::{Event, Intent};
use crate::words::open as words;

/// Asks for what was dropped or pasted since the last frame to be opened. What is pasted while a text field has the focus
/// belongs to the field.
#[must_use]
pub fn handed_events(ctx: &egui::Context) -> Option<Event> {
    let typing = ctx.text_edit_focused();
    let handed: Vec<String> = ctx.input(|input| {
        let dropped = input.raw.dropped_files.iter().map(|file| file.path().display().to_string());
        let pasted = input.events.iter().filter_map(|event| match event {
            egui::Event::Paste(text) if !typing => Some(text),
            _ => None,
        });
        // File managers give a line to each file that was copied.
        dropped.chain(pasted.flat_map(|text| text.lines()).map(|line| line.trim().to_owned())).filter(|word| !word.is_empty()).collect()
    });
    (!handed.is_empty()).then_some(Event::Intent(Intent::Open(handed)))
}

/// While something is dragged over the window: what comes of letting it go.
pub fn drop_veil(ctx: &egui::Context) {
    if ctx.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let screen = ctx.content_rect();
    let painter = ctx.layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    painter.rect_filled(screen, 0.0, theme::VEIL);
    let frame = screen.shrink(theme::MARGIN);
    painter.rect_stroke(frame, theme::RADIUS[0], egui::Stroke::new(2.0, theme::ACCENT), egui::StrokeKind::Inside);
    let at = screen.center();
    painter.text(at - Vec2::new(0.0, 4.0), Align2::CENTER_BOTTOM, words::DROP, theme::headline(), theme::INK);
    painter.text(at + Vec2::new(0.0, 4.0), Align2::CENTER_TOP, words::DROP_WHAT, theme::body(), theme::INK_SECOND);
}
