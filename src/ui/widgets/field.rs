//! A field of one line that is typed into, with its button.

use eframe::egui::{self, Key, Margin, TextEdit};

use super::follow_focus;
use crate::ui::theme;

/// Shows a field with its button below or beside it; returns what was typed, when Enter or the button was pressed, and is
/// empty again then. What is being typed is remembered under `name`, which is told to screen readers.
pub(in crate::ui) fn field(ui: &mut egui::Ui, name: &str, hint: &str, button: &str) -> Option<String> {
    let id = ui.scope_id().with(("draft", name));
    let mut draft = ui.data_mut(|data| data.get_temp::<String>(id)).unwrap_or_default();
    let mut done = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(8.0);
        let beside = theme::scaled(80.0);
        let width = if ui.available_width() > 2.5 * beside { ui.available_width() - beside - 24.0 } else { ui.available_width() - 20.0 };
        // Of its own: entries that come and go above it must not take the focus from it.
        let edit = TextEdit::singleline(&mut draft)
            .id(id)
            .hint_text(egui::RichText::new(hint).color(theme::seen(theme::INK_SECOND)))
            .font(theme::body())
            .text_color(theme::INK)
            .background_color(theme::seen(theme::FIELD))
            .margin(Margin::symmetric(10, 7))
            .char_limit(100)
            .desired_width(width);
        let response = ui.add(edit).accessible_name(name);
        follow_focus(&response);
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered {
            // The next entry follows where the last one was typed.
            response.request_focus();
        }
        done = super::button(ui, super::Kind::Secondary, button) || entered;
    });
    let typed = done.then(|| std::mem::take(&mut draft)).filter(|typed| !typed.trim().is_empty());
    ui.data_mut(|data| data.insert_temp(id, draft));
    typed
}
