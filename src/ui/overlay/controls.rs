//! What of the overlay takes a click: its tabs and its buttons. All else lets it through to the feed.

use std::sync::Arc;

use eframe::egui::{self, Color32, ColorImage, Galley, Painter, Pos2, Rect, Role, Sense, Vec2, WidgetInfo};

use super::canvas::Canvas;
use crate::app::{Event, Intent, OverlayPage};
use crate::ui::theme;
use crate::words::overlay::buttons;

/// Height of a row of controls.
pub(super) const HEIGHT: f32 = 26.0;
/// Room around the words of a control, at each side, and between two of them.
const PADDING: f32 = 9.0;
const GAP: f32 = 3.0;
/// The largest words of a control.
const HIGHEST: f32 = 17.0;

/// The buttons, and what they mean.
const BUTTONS: [(&str, Intent); 4] = [
    (buttons::COPY, Intent::CopyFigures),
    (buttons::SAVE_TRACE, Intent::SaveTrace),
    (buttons::REPORT, Intent::SaveReport),
    (buttons::RESET, Intent::ResetFigures),
];

/// One tab or button where it lies.
pub(super) struct Control {
    what: What,
    place: Rect,
    galley: Arc<Galley>,
}

/// The colours of a control as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    ground: Color32,
    ink: Color32,
}

#[derive(Clone, Copy)]
enum What {
    Tab(OverlayPage),
    Button(usize),
}

/// The tabs, in a row that begins at `at`.
pub(super) fn tabs(painter: &Painter, at: Pos2, width: f32) -> Vec<Control> {
    let named = OverlayPage::ALL.into_iter().zip(1..).map(|(page, number)| (What::Tab(page), format!("{number} {}", page.name())));
    row(painter, at, width, named.collect())
}

/// The buttons, in a row that begins at `at`.
pub(super) fn buttons(painter: &Painter, at: Pos2, width: f32) -> Vec<Control> {
    row(painter, at, width, BUTTONS.iter().enumerate().map(|(at, (name, _))| (What::Button(at), (*name).to_owned())).collect())
}

/// A row of controls in `width`: smaller rather than cut.
fn row(painter: &Painter, at: Pos2, width: f32, named: Vec<(What, String)>) -> Vec<Control> {
    let lay_out = |name: &String, scale: f32| {
        let mut font = theme::label();
        font.size *= scale;
        painter.layout_no_wrap(name.clone(), font, theme::INK)
    };
    let room = |galley: &Galley, scale: f32| galley.size().x + 2.0 * PADDING * scale + GAP;
    let wanted: f32 = named.iter().map(|(_, name)| room(&lay_out(name, 1.0), 1.0)).sum::<f32>() - GAP;
    // Larger text still stands within its row.
    let scale = (width / wanted).min(1.0).min(HIGHEST / theme::label().size);
    let mut left = at.x;
    let place = |(what, name): (What, String)| {
        let galley = lay_out(&name, scale);
        let all = room(&galley, scale);
        let place = Rect::from_min_size(Pos2::new(left, at.y), Vec2::new(all - GAP, HEIGHT));
        left += all;
        Control { what, place, galley }
    };
    named.into_iter().map(place).collect()
}

impl Control {
    /// Offers it to pointer and keyboard; says how it is to look, and what a click on it means.
    pub fn interact(&self, ui: &egui::Ui, open: OverlayPage) -> (Look, Option<Event>) {
        let (id, selected) = match self.what {
            What::Tab(page) => (ui.scope_id().with(("overlay tab", page)), page == open),
            What::Button(at) => (ui.scope_id().with(("overlay button", at)), false),
        };
        let response = ui.interact(self.place, id, Sense::click()).on_hover_cursor(egui::CursorIcon::PointingHand);
        let name = self.galley.text();
        response.widget_info(|| match self.what {
            What::Tab(_) => WidgetInfo::selected(Role::Tab, true, selected, name),
            What::Button(_) => WidgetInfo::labeled(Role::Button, true, name),
        });
        let touched = response.hovered() || response.has_focus();
        let look = match self.what {
            What::Tab(_) if selected => Look { ground: theme::BUTTON_HOVER, ink: theme::INK },
            What::Tab(_) => {
                Look { ground: if touched { theme::BUTTON } else { Color32::TRANSPARENT }, ink: theme::seen(theme::INK_SECOND) }
            }
            What::Button(_) => Look { ground: if touched { theme::BUTTON_HOVER } else { theme::BUTTON }, ink: theme::INK },
        };
        let event = response.clicked().then(|| {
            Event::Intent(match self.what {
                What::Tab(page) => Intent::Page(page),
                What::Button(at) => BUTTONS[at].1.clone(),
            })
        });
        (look, event)
    }

    /// Paints it.
    pub fn paint(&self, canvas: &mut Canvas, look: Look, atlas: &ColorImage) {
        canvas.fill(self.place, theme::RADIUS[2], look.ground);
        canvas.text(self.place.center() - self.galley.size() / 2.0, &self.galley, Some(look.ink), atlas);
    }
}
