//! How far videos are readied ahead.

use eframe::egui;

use super::Desk;
use crate::app::{Knob, Setting};
use crate::preload::plan::{Profile, Reason};
use crate::ui::widgets;
use crate::words::settings as words;

pub(super) fn show(ui: &mut egui::Ui, desk: &mut Desk<'_>) {
    let (holds, reason) = desk.model.profile();
    let asked = (reason == Reason::Asked).then_some(holds);
    let options = [
        (words::AUTO, None),
        (words::WIFI, Some(Profile::Wifi)),
        (words::CELLULAR, Some(Profile::Cellular)),
        (words::SLOW, Some(Profile::Slow)),
    ];
    desk.choice(ui, words::PROFILE, Knob::Profile, &options, asked, Setting::Profile);
    let window = holds.window();
    let note = words::profile(window.ahead, window.behind, holds.load_timeout().as_secs());
    widgets::note(ui, &if asked.is_some() { note } else { words::profile_now(name(holds), &note) });
    widgets::rule(ui);
    let on_battery = desk.model.preferences().ready_on_battery;
    desk.switch(ui, words::ON_BATTERY, Knob::ReadyOnBattery, on_battery, Setting::ReadyOnBattery);
    widgets::note(ui, words::ON_BATTERY_NOTE);
}

fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Wifi => words::WIFI,
        Profile::Cellular => words::CELLULAR,
        Profile::Slow => words::SLOW,
        Profile::Testing => words::TESTING,
    }
}
