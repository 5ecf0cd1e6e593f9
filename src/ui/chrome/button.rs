//! A button of the rail: an icon with a word below it, and how it looks when it is pointed at, pressed or focused.

use eframe::egui::{self, Color32, Id, Painter, Pos2, Rect, Response, Role, Sense, Vec2, WidgetInfo};

use crate::ui::text::shadowed;
use crate::ui::theme;
use crate::words::controls as words;

/// How an icon is drawn: its centre, size and colour.
pub(super) type Icon = fn(&Painter, Pos2, f32, Color32);

/// From the middle of an icon to the top of its word.
const WORD_BELOW: f32 = 16.0;
/// What takes a click, around the icon and its word.
const PLACE: Vec2 = Vec2::new(54.0, 56.0);
/// The ground of a button that is pointed at.
const GROUND: f32 = 21.0;

/// What a button says and shows.
pub(super) struct Face<'a> {
    /// For screen readers, and for who points at it.
    pub name: &'a str,
    /// The key that does the same, as it is bound now; empty where there is none.
    pub key: &'a str,
    /// Below the icon; may be empty.
    pub word: &'a str,
    pub icon: Icon,
    pub color: Color32,
    /// Whether it is switched on, for one that can be.
    pub on: Option<bool>,
}

/// What takes the clicks of a button whose icon is at `center`.
pub(super) fn place(center: Pos2) -> Rect {
    Rect::from_center_size(center + Vec2::new(0.0, 8.0), PLACE)
}

/// Something to be clicked or dragged at `place`. While it cannot be seen no pointer meets it, but the keyboard and a
/// screen reader still do.
pub(super) fn interact(ui: &mut egui::Ui, id: Id, place: Rect, sense: Sense, awake: f32) -> Response {
    if awake > 0.0 {
        return ui.interact(place, id, sense).on_hover_cursor(egui::CursorIcon::PointingHand);
    }
    let clip = ui.clip_rect();
    ui.set_clip_rect(Rect::NOTHING);
    let response = ui.interact(place, id, sense);
    ui.set_clip_rect(clip);
    response
}

/// Shows a button and tells what was done to it.
pub(super) fn show(ui: &mut egui::Ui, id: Id, center: Pos2, face: &Face<'_>, awake: f32) -> Response {
    let response = interact(ui, id, place(center), Sense::click(), awake);
    response.widget_info(|| match face.on {
        Some(on) => WidgetInfo::selected(Role::Button, true, on, face.name),
        None => WidgetInfo::labeled(Role::Button, true, face.name),
    });
    if awake <= 0.0 {
        return response;
    }
    let painter = ui.painter();
    let word = painter.layout_no_wrap(face.word.to_owned(), theme::label(), theme::INK);
    let word_at = Pos2::new(center.x - word.size().x / 2.0, center.y + WORD_BELOW);
    let pressed = response.is_pointer_button_down_on();
    if pressed || response.hovered() {
        let ground = if pressed { theme::BUTTON_HOVER } else { theme::BUTTON };
        painter.circle_filled(center, GROUND, theme::faded(ground, awake));
    }
    let size = if pressed { theme::ICON * 0.9 } else { theme::ICON };
    (face.icon)(painter, center + Vec2::new(0.0, 1.5), size, theme::faded(theme::SHADOW, awake));
    (face.icon)(painter, center, size, theme::faded(face.color, awake));
    shadowed(painter, word_at, &word, awake);
    response.on_hover_text(words::with_key(face.name, face.key))
}
