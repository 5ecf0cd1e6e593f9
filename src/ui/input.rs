//! From egui's input to the client's events.

use eframe::egui::{self, Key as Button, MouseWheelSource, MouseWheelUnit, Pos2};

use crate::app::{Event, Key, OverlayPage};
use crate::gesture::{Position, WheelDelta};

/// Which key means what. Shift and Alt do not matter; Ctrl only where it is named.
fn meaning(key: Button, modifiers: egui::Modifiers) -> Option<Key> {
    if modifiers.ctrl || modifiers.command {
        return match key {
            Button::Q => Some(Key::Quit),
            _ => page(key).map(Key::Page),
        };
    }
    Some(match key {
        Button::ArrowDown | Button::J | Button::PageDown => Key::Next,
        Button::ArrowUp | Button::K | Button::PageUp => Key::Previous,
        Button::Home => Key::First,
        Button::End => Key::Newest,
        Button::Space => Key::Pause,
        Button::M => Key::Mute,
        Button::Plus | Button::Equals => Key::VolumeUp,
        Button::Minus => Key::VolumeDown,
        Button::F | Button::F11 => Key::Fullscreen,
        Button::I | Button::F3 => Key::Overlay,
        Button::Escape => Key::Escape,
        Button::Q => Key::Quit,
        _ => return None,
    })
}

/// Which page of the overlay a number means, with Ctrl: alone it means a tenth of the video.
fn page(key: Button) -> Option<OverlayPage> {
    let numbers = [Button::Num1, Button::Num2, Button::Num3, Button::Num4, Button::Num5];
    numbers.into_iter().position(|number| number == key).and_then(|at| OverlayPage::ALL.get(at).copied())
}

/// What keys and the wheel did since the last frame. Keys rest while a text field has the focus.
#[must_use]
pub fn key_and_wheel_events(ctx: &egui::Context) -> Vec<Event> {
    let typing = ctx.text_edit_focused();
    ctx.input(|input| {
        let events = input.events.iter().filter_map(|event| match event {
            egui::Event::Key { key, pressed: true, repeat, modifiers, .. } if !typing => {
                meaning(*key, *modifiers).map(|key| Event::Key { key, repeat: *repeat })
            }
            egui::Event::MouseWheel { unit, delta, source, modifiers, .. } if !modifiers.ctrl => wheel(*unit, *delta, *source),
            _ => None,
        });
        events.collect()
    })
}

/// egui's delta says where the content goes; forward in the feed is the content going up.
fn wheel(unit: MouseWheelUnit, delta: egui::Vec2, source: MouseWheelSource) -> Option<Event> {
    // The desktop's own momentum comes after the fingers have left: the gesture is over.
    if source == MouseWheelSource::Momentum || delta.y == 0.0 || delta.x.abs() > delta.y.abs() {
        return None;
    }
    let forward = f64::from(-delta.y);
    Some(Event::Wheel(match unit {
        MouseWheelUnit::Point => WheelDelta::Points(forward),
        MouseWheelUnit::Line => WheelDelta::Lines(forward),
        MouseWheelUnit::Page => WheelDelta::Lines(forward.signum()),
    }))
}

/// What the pointer did since the last frame. A press counts only where `on_picture` says that nothing lies
/// over the picture.
#[must_use]
pub fn pointer_events(ctx: &egui::Context, on_picture: bool) -> Vec<Event> {
    let position = |at: Pos2| Position { x: f64::from(at.x), y: f64::from(at.y) };
    ctx.input(|input| {
        let events = input.events.iter().filter_map(|event| match event {
            egui::Event::PointerButton { pos, button: egui::PointerButton::Primary, pressed, .. } => match pressed {
                true if on_picture => Some(Event::PointerDown(position(*pos))),
                true => None,
                false => Some(Event::PointerUp(position(*pos))),
            },
            egui::Event::PointerMoved(at) => Some(Event::PointerMoved(position(*at))),
            // A mouse that leaves with its button down goes on dragging; a finger that is lifted is gone.
            egui::Event::PointerGone if !input.pointer.any_down() => Some(Event::PointerGone),
            egui::Event::WindowFocused(false) => Some(Event::PointerGone),
            _ => None,
        });
        events.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quitting_needs_q_alone_or_with_ctrl_and_ctrl_takes_the_meaning_from_the_others() {
        let ctrl = egui::Modifiers { ctrl: true, ..Default::default() };
        assert_eq!(meaning(Button::Q, egui::Modifiers::NONE), Some(Key::Quit));
        assert_eq!(meaning(Button::Q, ctrl), Some(Key::Quit));
        assert_eq!(meaning(Button::M, ctrl), None);
    }

    #[test]
    fn a_number_means_a_page_of_the_overlay_with_ctrl_and_nothing_without() {
        let ctrl = egui::Modifiers { ctrl: true, ..Default::default() };
        assert_eq!(meaning(Button::Num1, ctrl), Some(Key::Page(OverlayPage::Feed)));
        assert_eq!(meaning(Button::Num5, ctrl), Some(Key::Page(OverlayPage::Item)));
        assert_eq!(meaning(Button::Num6, ctrl), None);
        assert_eq!(meaning(Button::Num2, egui::Modifiers::NONE), None);
    }

    #[test]
    fn the_content_going_up_is_forward() {
        let event = wheel(MouseWheelUnit::Line, egui::vec2(0.0, -1.0), MouseWheelSource::Unknown);
        assert!(matches!(event, Some(Event::Wheel(WheelDelta::Lines(lines))) if (lines - 1.0).abs() < f64::EPSILON));
        assert!(wheel(MouseWheelUnit::Point, egui::vec2(9.0, 2.0), MouseWheelSource::Trackpad).is_none(), "sideways means nothing");
    }
}
