//! The rail: small actions at the right, one above the other, the last of them as low as the words.

use eframe::egui::{self, Painter, Pos2, Rect, Sense, Vec2, WidgetInfo, accesskit};

use super::button::{self, Face};
use super::menu;
use crate::app::{Event, Intent, Key, Keymap, Model};
use crate::feed::Item;
use crate::ui::feed_view::FeedView;
use crate::ui::surface::Wash;
use crate::ui::{icons, theme, wheel};
use crate::words::controls as words;

/// Room the rail takes at the right.
pub(super) const WIDTH: f32 = 72.0;
/// From one icon to the next, while text has its usual size.
const STEP: f32 = 62.0;
/// Height of a word below an icon, as far as [`STEP`] has room for it.
const WORD: f32 = 14.0;
/// From the edges to the middle of the lowest icon.
const FROM_RIGHT: f32 = 31.0;
const FROM_BOTTOM: f32 = 65.0;
/// What the top line and the lowest word need beside the icons.
const BESIDE: f32 = 76.0;
/// How far the edges of its scrim fade, to the left and upward.
const FADE: Vec2 = Vec2::new(14.0, 48.0);
/// The most letters of a key that is told below its icon.
const SHORT_KEY: usize = 7;
/// One step of a screen reader.
const VOLUME_STEP: f64 = 0.05;
/// The slider beside the loudspeaker, and how far it is from the middle of the icon.
const SLIDER: Vec2 = Vec2::new(30.0, 124.0);
const SLIDER_BESIDE: f32 = 42.0;

/// One action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    Like,
    Sound,
    Captions,
    Speed,
    Copy,
    More,
}

/// From top to bottom.
const ALL: [Action; 6] = [Action::Like, Action::Sound, Action::Captions, Action::Speed, Action::Copy, Action::More];
/// What is left out first where the window is low: the menu and a key have the rest.
const FIRST_LEFT_OUT: [Action; 5] = [Action::Copy, Action::Speed, Action::Captions, Action::Like, Action::Sound];

/// From one icon to the next.
fn step() -> f32 {
    STEP + theme::scaled(WORD) - WORD
}

/// The actions that a tile of this height has room for.
fn actions(height: f32, has_captions: bool) -> Vec<Action> {
    let mut actions: Vec<_> = ALL.into_iter().filter(|action| has_captions || *action != Action::Captions).collect();
    for left_out in FIRST_LEFT_OUT {
        #[expect(clippy::cast_precision_loss, reason = "six at most")]
        let needed = actions.len() as f32 * step();
        if needed + BESIDE <= height {
            break;
        }
        actions.retain(|action| *action != left_out);
    }
    actions
}

/// The part of a tile in which the scrim under the rail is as dark as it gets.
#[cfg(test)]
pub(in crate::ui) fn dark(model: &Model, rect: Rect) -> Rect {
    dark_behind(&actions(rect.height(), model.has_captions()), rect)
}

fn dark_behind(actions: &[Action], rect: Rect) -> Rect {
    let count = u16::try_from(actions.len()).unwrap_or(0);
    let top = rect.bottom() - FROM_BOTTOM - f32::from(count) * step() + STEP - theme::ICON;
    Rect::from_min_max(Pos2::new(rect.right() - WIDTH + FADE.x, top), rect.max)
}

/// The scrim: a white picture would leave nothing to be read.
fn scrim(ui: &egui::Ui, actions: &[Action], rect: Rect, awake: f32) {
    let dark = dark_behind(actions, rect);
    let [clear, full] = [0.0, awake].map(|share| theme::faded(theme::SCRIM_RAIL, share));
    let rows = [(dark.top() - FADE.y, clear), (dark.top(), full), (dark.bottom(), full)];
    let vertices = rows.into_iter().flat_map(|(y, color)| {
        [(dark.left() - FADE.x, clear), (dark.left(), color), (dark.right(), color)].map(|(x, color)| (Pos2::new(x, y), color))
    });
    let quad = |at: u32| [at, at + 1, at + 3, at + 1, at + 4, at + 3];
    let wash = Wash { vertices: vertices.collect(), indices: [0, 1, 3, 4].into_iter().flat_map(quad).collect() };
    ui.painter_at(rect).add(wash.shape(ui.ctx().content_rect()));
}

/// Shows the rail of the current item in its tile.
pub(super) fn show(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, item: &Item, rect: Rect, awake: f32) {
    let actions = actions(rect.height(), model.has_captions());
    if awake > 0.0 {
        scrim(ui, &actions, rect, awake);
    }
    for (action, above) in actions.iter().rev().zip(0_u16..) {
        let center = Pos2::new(rect.right() - FROM_RIGHT, rect.bottom() - FROM_BOTTOM - (step() - STEP) - f32::from(above) * step());
        let intent = one(ui, view, model, item, (*action, center), awake);
        view.events.extend(intent.map(Event::Intent));
    }
    if model.menu() {
        let corner = Vec2::new(rect.right() - WIDTH + 4.0, rect.bottom() - 40.0);
        menu::show(ui, view, model, corner.to_pos2());
    }
}

/// The keys that do the same as an action, as they are bound now; empty where there is none.
fn keys(keymap: &Keymap, action: Action) -> String {
    let same: &[Key] = match action {
        Action::Like => &[Key::Like],
        Action::Sound => &[Key::Mute],
        Action::Captions => &[Key::Captions],
        Action::Speed => &[Key::Slower, Key::Faster],
        Action::Copy => &[Key::CopyLink],
        Action::More => &[],
    };
    same.iter().map(|key| keymap.told(*key)).filter(|key| !key.is_empty()).collect::<Vec<_>>().join(" ")
}

/// One action; what a click on it means.
fn one(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, item: &Item, (action, center): (Action, Pos2), awake: f32) -> Option<Intent> {
    let liked = model.is_liked(&item.id);
    let captions = model.preferences().captions;
    let muted = model.sound().muted;
    let counted = item.likes.map(words::count).unwrap_or_default();
    let (speed, speed_name) = (words::speed(model.speed()), words::speed_now(model.speed()));
    let key = keys(model.keymap(), action);
    // Below an icon there is room for a short one.
    let short = if key.chars().count() <= SHORT_KEY { key.as_str() } else { "" };
    let plain = Face { name: "", key: &key, word: "", icon: icons::more, color: theme::INK, on: None };
    let (face, intent) = match action {
        Action::Like if liked => {
            let icon = |painter: &Painter, at, size, color| icons::heart(painter, at, size, color, true);
            (Face { name: words::UNLIKE, word: &counted, icon, color: theme::ACCENT, on: Some(true), ..plain }, Intent::ToggleLike)
        }
        Action::Like => {
            let icon = |painter: &Painter, at, size, color| icons::heart(painter, at, size, color, false);
            (Face { name: words::LIKE, word: &counted, icon, on: Some(false), ..plain }, Intent::ToggleLike)
        }
        Action::Sound if muted => (Face { name: words::SOUND_ON, word: short, icon: icons::sound_off, ..plain }, Intent::Mute),
        Action::Sound => (Face { name: words::SOUND_OFF, word: short, icon: icons::sound_on, ..plain }, Intent::Mute),
        Action::Captions => {
            let (name, color) = if captions { (words::HIDE_CAPTIONS, theme::ACCENT) } else { (words::SHOW_CAPTIONS, theme::INK) };
            (Face { name, word: short, icon: icons::captions, color, on: Some(captions), ..plain }, Intent::Captions)
        }
        Action::Speed => (Face { name: &speed_name, word: &speed, icon: icons::speed, ..plain }, Intent::NextSpeed),
        Action::Copy => (Face { name: words::COPY_LINK, word: words::COPY, icon: icons::link, ..plain }, Intent::CopyLink),
        Action::More => (Face { name: words::MORE, word: words::MORE, on: Some(model.menu()), ..plain }, Intent::Menu),
    };
    let id = ui.scope_id().with(("rail", action));
    let response = button::show(ui, id, center, &face, awake);
    if action == Action::Sound {
        volume(ui, view, model, center, &response, awake);
    }
    response.clicked().then_some(intent)
}

/// The slider beside the loudspeaker, which a wheel turns, too.
fn volume(ui: &mut egui::Ui, view: &mut FeedView, model: &Model, center: Pos2, button: &egui::Response, awake: f32) {
    let id = ui.scope_id().with("volume");
    let open_id = id.with("open");
    let volume = if model.sound().muted { 0.0 } else { model.sound().volume };
    let place = Rect::from_center_size(center - Vec2::new(SLIDER_BESIDE, 0.0), SLIDER);
    let around = place.union(button::place(center));
    let was_open = ui.data(|data| data.get_temp::<bool>(open_id)).unwrap_or(false);
    let is_near = was_open && ui.ctx().pointer_hover_pos().is_some_and(|pointer| around.contains(pointer));
    let open = awake > 0.0 && (is_near || button.hovered() || button.has_focus());
    let slider = button::interact(ui, id, place, Sense::click_and_drag(), if open { awake } else { 0.0 });
    let open = open || slider.dragged() || slider.has_focus();
    if open != was_open {
        ui.data_mut(|data| data.insert_temp(open_id, open));
    }
    slider.widget_info(|| WidgetInfo::slider(true, (volume * 100.0).round(), words::VOLUME));
    let track = place.shrink2(Vec2::new(SLIDER.x / 2.0 - 2.0, 14.0));
    if awake > 0.0 {
        let over = if open { around } else { button::place(center) };
        wheel::take(ui.ctx(), over);
        view.events.extend(wheel::turned_over(ui.ctx(), over).into_iter().map(|delta| Event::Intent(Intent::TurnVolume(delta))));
    }
    let steps = ui.input(|input| {
        let asked = |action| f64::from(u16::try_from(input.num_accesskit_action_requests(id, action)).unwrap_or(0));
        asked(accesskit::Action::Increment) - asked(accesskit::Action::Decrement)
    });
    let set = slider.interact_pointer_pos().filter(|_| slider.clicked() || slider.dragged());
    let wanted = match set {
        Some(pointer) => f64::from(((track.bottom() - pointer.y) / track.height()).clamp(0.0, 1.0)),
        None => (volume + steps * VOLUME_STEP).clamp(0.0, 1.0),
    };
    if (steps != 0.0 || set.is_some()) && (wanted - volume).abs() > 0.004 {
        view.events.push(Event::Intent(Intent::Volume(wanted)));
    }
    if open {
        paint_volume(ui.painter(), place, track, volume, awake);
    }
}

fn paint_volume(painter: &Painter, place: Rect, track: Rect, volume: f64, awake: f32) {
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let top = track.bottom() - track.height() * volume as f32;
    painter.rect_filled(place, place.width() / 2.0, theme::faded(theme::PILL, awake));
    painter.rect_filled(track, 2.0, theme::faded(theme::TRACK, awake));
    painter.rect_filled(Rect::from_min_max(Pos2::new(track.left(), top), track.max), 2.0, theme::faded(theme::INK, awake));
    painter.circle_filled(Pos2::new(track.center().x, top), 6.0, theme::faded(theme::INK, awake));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{KeyPreset, KeyWords, Keymaps};

    #[test]
    fn a_control_names_its_key_as_it_is_bound_and_none_where_none_is() {
        let told = |keymap: &Keymap| ALL.map(|action| keys(keymap, action));
        let presets = Keymaps::default();
        assert_eq!(told(presets.of(KeyPreset::Feed)), ["L", "M", "C", "[ ]", "Ctrl+C", ""]);
        assert_eq!(told(presets.of(KeyPreset::Mpv)), ["H", "M", "V", "[ ]", "Ctrl+C", ""]);
        let words = [("like", vec!["Ctrl+PageDown"]), ("mute", vec![]), ("slower", vec![])];
        let words: KeyWords = words.map(|(name, keys)| (name.to_owned(), keys.into_iter().map(str::to_owned).collect())).into();
        assert_eq!(told(Keymaps::new(&words).0.of(KeyPreset::Feed)), ["Ctrl+PgDn", "", "C", "]", "Ctrl+C", ""]);
    }

    #[test]
    fn a_low_window_leaves_out_what_matters_least_and_keeps_the_menu() {
        assert_eq!(actions(800.0, true), ALL);
        assert_eq!(actions(480.0, true), ALL, "the smallest window that is meant to work has them all");
        assert_eq!(actions(800.0, false), [Action::Like, Action::Sound, Action::Speed, Action::Copy, Action::More]);
        assert_eq!(actions(330.0, true), [Action::Like, Action::Sound, Action::Captions, Action::More]);
        assert_eq!(actions(60.0, true), [Action::More]);
    }
}
