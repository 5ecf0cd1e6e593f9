//! Keys while somebody types.

use eframe::egui::{self, Event, Key, Modifiers, RawInput};
use flickreel::app;
use flickreel::ui::key_and_wheel_events;

fn press(key: Key) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
}

/// What `keys` mean in a window with a text field that has the focus or not, and what stands in the field then.
fn typed(focused: bool, events: Vec<Event>) -> (Vec<app::Key>, String) {
    let (ctx, mut text, mut meant) = (egui::Context::default(), String::new(), Vec::new());
    for events in [Vec::new(), Vec::new(), events] {
        let mut output = ctx.clone().run_ui(RawInput { events, focused: true, ..RawInput::default() }, |ui| {
            meant.extend(
                key_and_wheel_events(&ctx, app::Keymaps::default().of(app::KeyPreset::Feed))
                    .into_iter()
                    .filter_map(|event| if let app::Event::Key { key, .. } = event { Some(key) } else { None }),
            );
            let field = ui.text_edit_singleline(&mut text);
            if focused {
                field.request_focus();
            }
        });
        output.textures_delta.clear();
    }
    (meant, text)
}

#[test]
fn letters_go_into_a_text_field_that_has_the_focus_and_move_nothing() {
    let events = || vec![press(Key::J), Event::Text("j".into()), press(Key::Space), Event::Text(" ".into()), press(Key::ArrowDown)];
    assert_eq!(typed(true, events()), (vec![], "j ".to_owned()));
    assert_eq!(typed(false, events()), (vec![app::Key::Next, app::Key::Pause, app::Key::Next], String::new()));
}
