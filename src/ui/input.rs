//! From egui's input to the client's events.

use eframe::egui::{self, MouseWheelSource, MouseWheelUnit, Pos2};

use super::keymap::meaning;
use crate::app::Event;
use crate::gesture::{Position, WheelDelta};

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
    fn the_content_going_up_is_forward() {
        let event = wheel(MouseWheelUnit::Line, egui::vec2(0.0, -1.0), MouseWheelSource::Unknown);
        assert!(matches!(event, Some(Event::Wheel(WheelDelta::Lines(lines))) if (lines - 1.0).abs() < f64::EPSILON));
        assert!(wheel(MouseWheelUnit::Point, egui::vec2(9.0, 2.0), MouseWheelSource::Trackpad).is_none(), "sideways means nothing");
    }
}
