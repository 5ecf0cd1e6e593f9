//! How full the cache is, and its emptying.

use eframe::egui;

use super::Desk;
use crate::app::{Clearing, Wish};
use crate::ui::widgets::{self, Kind, button};
use crate::words::settings as words;

#[expect(clippy::cast_precision_loss, reason = "shares of a bar")]
pub(super) fn show(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let facts = match desk.model.desk().cache {
        None => return widgets::note(ui, words::CACHE_UNKNOWN),
        Some(None) => return widgets::note(ui, words::CACHE_OFF),
        Some(Some(facts)) => facts,
    };
    let used = words::used(facts.disk_bytes, facts.cap_bytes);
    widgets::fact(ui, words::CACHE_USED, &used);
    ui.add_space(8.0);
    widgets::measure(ui, words::CACHE_USED, facts.disk_bytes as f32 / facts.cap_bytes.max(1) as f32, &used);
    ui.add_space(6.0);
    widgets::note(ui, &words::entries(facts.entries, facts.videos.0, facts.videos.1));
    widgets::note(ui, &words::kept(facts.pinned.0, facts.pinned.1, facts.max_age_days));
    widgets::rule(ui);
    match desk.model.desk().clearing {
        Clearing::No => {
            if button(ui, Kind::Secondary, words::CLEAR) {
                desk.wish(Wish::Clear);
            }
        }
        Clearing::Asked => {
            widgets::note(ui, words::CLEAR_ASK);
            ui.add_space(10.0);
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::Vec2::splat(8.0);
                if button(ui, Kind::Danger, words::CLEAR_SURELY) {
                    desk.wish(Wish::ClearSurely);
                }
                if button(ui, Kind::Primary, words::KEEP) {
                    desk.wish(Wish::Keep);
                }
            });
        }
        Clearing::Underway(done, total) => {
            let words = words::clearing(done, total);
            widgets::measure(ui, words::CLEARING, done as f32 / total.max(1) as f32, &words);
            widgets::note(ui, &words);
        }
    }
}
