//! The sheet of keys.

use eframe::egui;

use super::theme;

/// Every key and what it does.
pub(super) fn show(ui: &mut egui::Ui) {
    for line in
        ["↓ J PageDown   next", "↑ K PageUp   previous", "Space   pause", "M   sound", "F   full screen", "I F3   performance overlay"]
    {
        ui.label(egui::RichText::new(line).font(theme::small()).color(theme::INK));
    }
}
