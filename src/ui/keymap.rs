//! Which physical key means what.

use eframe::egui::{self, Key as Button};

use crate::app::{Key, OverlayPage};

/// What a key means. Shift and Alt do not matter; Ctrl only where it is named.
pub(super) fn meaning(key: Button, modifiers: egui::Modifiers) -> Option<Key> {
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
        Button::Questionmark => Key::Help,
        Button::Q => Key::Quit,
        _ => return None,
    })
}

/// Which page of the overlay a number means, with Ctrl: alone it means a tenth of the video.
fn page(key: Button) -> Option<OverlayPage> {
    let numbers = [Button::Num1, Button::Num2, Button::Num3, Button::Num4, Button::Num5];
    numbers.into_iter().position(|number| number == key).and_then(|at| OverlayPage::ALL.get(at).copied())
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
}
