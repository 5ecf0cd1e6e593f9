//! From egui's input to the client's events.

use eframe::egui::{self, MouseWheelSource, MouseWheelUnit, Pos2, TouchPhase};

use super::focus;
use super::keymap::meaning;
use crate::app::{Event, Keymap};
use crate::gesture::{Position, WheelDelta};

/// What keys and the wheel did since the last frame. Keys rest while a text field has the focus.
#[must_use]
pub fn key_and_wheel_events(ctx: &egui::Context, keymap: &Keymap) -> Vec<Event> {
    let typing = ctx.text_edit_focused();
    // Space on a control that has the focus presses it, and does not pause the video, too.
    let on_control = focus::is_on_control(ctx);
    let is_its_own = |key: &egui::Key| on_control && matches!(key, egui::Key::Space | egui::Key::Enter);
    let swipes = !super::wheel::is_taken(ctx);
    ctx.input(|input| {
        let events = input.events.iter().filter_map(|event| match event {
            egui::Event::MouseWheel { unit, delta, source, modifiers, .. } if swipes && !modifiers.ctrl => {
                wheel_delta(*unit, *delta, *source).map(Event::Wheel)
            }
            // egui takes the focus from a field on Escape before anybody hears of it.
            egui::Event::Key { key, .. } if is_its_own(key) => None,
            event if !typing => meaning(keymap, event).map(|(key, repeat)| Event::Key { key, repeat }),
            _ => None,
        });
        events.collect()
    })
}

/// egui's delta says where the content goes; forward in the feed is the content going up.
pub(super) fn wheel_delta(unit: MouseWheelUnit, delta: egui::Vec2, source: MouseWheelSource) -> Option<WheelDelta> {
    // The desktop's own momentum comes after the fingers have left: the gesture is over.
    if source == MouseWheelSource::Momentum || delta.y == 0.0 || delta.x.abs() > delta.y.abs() {
        return None;
    }
    let forward = f64::from(-delta.y);
    Some(match unit {
        MouseWheelUnit::Point => WheelDelta::Points(forward),
        MouseWheelUnit::Line => WheelDelta::Lines(forward),
        MouseWheelUnit::Page => WheelDelta::Lines(forward.signum()),
    })
}

/// What the pointer did since the last frame. A press counts only where `on_picture` says that nothing lies
/// over the picture.
#[must_use]
pub fn pointer_events(ctx: &egui::Context, on_picture: bool) -> Vec<Event> {
    let position = |at: Pos2| Position { x: f64::from(at.x), y: f64::from(at.y) };
    let mut fingers = Fingers::of(ctx);
    let events = ctx.input(|input| {
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
            egui::Event::Touch { phase, .. } => fingers.end_the_press(*phase).then_some(Event::PointerGone),
            _ => None,
        });
        events.collect()
    });
    fingers.keep(ctx);
    events
}

/// How many fingers touch the screen. egui tells of several only once a whole pass has seen them.
struct Fingers(usize);

impl Fingers {
    fn id() -> egui::Id {
        egui::Id::unique("fingers")
    }

    fn of(ctx: &egui::Context) -> Self {
        Self(ctx.data(|data| data.get_temp(Self::id())).unwrap_or(0))
    }

    fn keep(&self, ctx: &egui::Context) {
        ctx.data_mut(|data| data.insert_temp(Self::id(), self.0));
    }

    /// Takes in a touch. Whether the press that the first finger began means nothing any more.
    fn end_the_press(&mut self, phase: TouchPhase) -> bool {
        match phase {
            TouchPhase::Start => self.0 += 1,
            TouchPhase::Move => return false,
            TouchPhase::End | TouchPhase::Cancel => self.0 = self.0.saturating_sub(1),
        }
        // Two fingers mean neither a click nor a swipe. After a palm, or a gesture that the desktop takes for itself,
        // nobody says that the button went up.
        phase == TouchPhase::Cancel || phase == TouchPhase::Start && self.0 > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_going_up_is_forward() {
        let event = wheel_delta(MouseWheelUnit::Line, egui::vec2(0.0, -1.0), MouseWheelSource::Unknown);
        assert!(matches!(event, Some(WheelDelta::Lines(lines)) if (lines - 1.0).abs() < f64::EPSILON));
        assert!(wheel_delta(MouseWheelUnit::Point, egui::vec2(9.0, 2.0), MouseWheelSource::Trackpad).is_none(), "sideways means nothing");
    }
}
