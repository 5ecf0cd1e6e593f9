//! What is hidden: makers, words and tags.

use eframe::egui;

use super::Desk;
use crate::app::{FilterList, Setting};
use crate::ui::{theme, widgets};
use crate::words::settings as words;

pub(super) fn show(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    widgets::note(ui, &words::hidden(desk.model.feed().filtered()));
    widgets::note(ui, words::FILTER_NOTE);
    for list in FilterList::ALL {
        widgets::rule(ui);
        let name = match list {
            FilterList::Makers => words::MAKERS,
            FilterList::Words => words::WORDS,
            FilterList::Tags => words::TAGS,
        };
        widgets::below(ui, name, |ui| entries(ui, desk, list, name));
    }
}

fn entries(ui: &mut egui::Ui, desk: &mut Desk<'_>, list: FilterList, name: &str) {
    let own = desk.model.preferences().filter.of(list);
    if let Some(entry) = widgets::chips(ui, "own", own, Some(&words::show_again)).and_then(|at| own.get(at)) {
        desk.set(Some(Setting::ShowAgain(list, entry.clone())));
    }
    if !own.is_empty() {
        ui.add_space(8.0);
    }
    let fixed = desk.model.desk().surroundings.filter.of(list);
    if !fixed.is_empty() {
        widgets::chips(ui, "fixed", fixed, None);
        ui.add_space(3.0);
        ui.label(egui::RichText::new(words::IN_CONFIG).font(theme::small()).color(theme::seen(theme::INK_SECOND)));
        ui.add_space(8.0);
    }
    let typed = widgets::field(ui, &words::new_entry(name), &words::new_entry(name), words::ADD);
    desk.set(typed.map(|typed| Setting::Hide(list, typed)));
}
